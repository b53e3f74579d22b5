"""What the engine costs on this machine, beside other ways to do the same: ``python -m benchmarks``."""
