"""Made-up monthly reports that the 2023 rules can score: ``python -m benchmarks.reports --bodies 40000 --out reports.parquet``.

The same arguments give the same rows. Figures crowd where scoring is hard: 11 % of the bodies stand exactly on their target,
many on round shares of it; 1 % filed nothing, a few late, 0.1 % wrote a figure that no township can have.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

GENERATED = "invented: made by benchmarks.reports, no township's real figures"
KINDS = ("镇", "乡", "街道")


def frames(bodies: int, months: int, year: int = 2023) -> Iterator[Any]:
    """One polars frame a month, in the columns of the sheet ``township`` (see `minsheng plan township`)."""
    import polars as pl

    number = pl.int_range(bodies, dtype=pl.UInt64, eager=True).alias("n")

    def drawn(salt: int, below: int) -> Any:
        """Integers of [0, below) that look random: splitmix64 of the row's number."""
        x = (pl.col("n") + salt * 1_000_003) * 0x9E3779B97F4A7C15
        x = (x ^ (x // 2**30)) * 0xBF58476D1CE4E5B9
        x = (x ^ (x // 2**27)) * 0x94D049BB133111EB
        return ((x ^ (x // 2**31)) // 2**11 % below).cast(pl.Int64)

    target = pl.when(drawn(1, 10) < 6).then((drawn(2, 60) + 1) * 500).otherwise(drawn(3, 60_000) + 1)
    for month in range(1, months + 1):
        salt = month * 100
        share = pl.when(drawn(salt, 100) < 11).then(1000).otherwise(850 + drawn(salt + 1, 200))
        insured = pl.col("target") * share // 1000
        nothing, slip = drawn(salt + 2, 100) == 0, drawn(salt + 3, 1000) == 0
        filed = pl.when(nothing).then(None).when(slip).then(insured * 10**9).otherwise(insured)
        late = pl.when(drawn(salt + 4, 20) == 0).then(drawn(salt + 5, 9)).otherwise(0)
        yield (
            number.to_frame()
            .with_columns(target=target)
            .select(
                body=(pl.col("n") + 100_000_000).cast(pl.String),
                period=pl.lit(f"{year}-{month:02d}"),
                group=pl.lit(pl.Series(KINDS)).gather(drawn(4, 3).cast(pl.UInt32)),
                insured=filed,
                target=pl.col("target"),
                late_days=late,
                typical_county=pl.when(drawn(5, 50) == 0).then(1).otherwise(0),
                supervision_open=pl.when(drawn(salt + 6, 40) == 0).then(1 + drawn(salt + 7, 6)).otherwise(0),
                safety_major=pl.when(drawn(6, 500) == 0).then(1).otherwise(0),
                note=pl.lit(GENERATED),
            )
        )


def write(path: Path, bodies: int, months: int) -> None:
    """The reports as one Parquet file, a month after the other."""
    import polars as pl

    pl.concat([frame.lazy() for frame in frames(bodies, months)]).sink_parquet(path, compression="zstd", metadata={"generated": GENERATED})


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reports", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bodies", type=int, default=40_000, help="how many townships (default: 40000)")
    parser.add_argument(
        "--months", type=int, default=12, choices=range(1, 13), metavar="1-12", help="how many months of 2023 (default: 12)"
    )
    parser.add_argument("--out", type=Path, default=Path("reports.parquet"), help="the file to write (default: reports.parquet)")
    args = parser.parse_args(argv)
    if args.bodies < 1:
        parser.error("--bodies is at least 1")
    write(args.out, args.bodies, args.months)
    print(f"{args.out}: {args.bodies} bodies, {args.months} months, {args.bodies * args.months} rows; {GENERATED}")


if __name__ == "__main__":
    main()
