"""The ledger: an append-only, chained record of what was filed, reviewed, verified, recorded and published."""
