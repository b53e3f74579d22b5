"""``python -m benchmarks``: every figure of docs/benchmarks.md, for the machine it runs on, as Markdown tables."""

import argparse
from collections.abc import Iterable
from datetime import date

from . import exactness, speed
from .clock import machine


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the large tables (default: 1000000)")
    parser.add_argument("--large", action="store_true", help="Parquet to Parquet with ten times as many rows too")
    parser.add_argument("--spark", action="store_true", help="exactness on Spark too (local mode; takes minutes)")
    args = parser.parse_args()
    print(f"{date.today()}, {machine()}; medians of interleaved rounds\n")
    show(exactness.table(args.rows, max(args.rows // 10, 1), spark=args.spark))
    show(speed.one_record())
    show(speed.in_columns(args.rows))
    show(speed.parquet(args.rows, 5))
    if args.large:
        show(speed.parquet(args.rows * 10, 3))
    show(speed.first_score())
    show(speed.growth(max(args.rows // 100, 1)))


def show(rows: Iterable[tuple[str, ...]]) -> None:
    """A Markdown table, each row as soon as it is known; the first is the head."""
    for index, row in enumerate(rows):
        print(f"| {' | '.join(row)} |", flush=True)
        if index == 0:
            print("|" + "---|" * len(row))
    print()


if __name__ == "__main__":
    main()
