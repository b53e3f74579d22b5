"""``python -m benchmarks``: every figure of docs/benchmarks.md, for the machine it runs on, as Markdown tables."""

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import date

from . import audit, exactness, speed
from .clock import machine, show

SECTIONS: dict[str, Callable[[int], Iterable[tuple[str, ...]]]] = {
    "exactness": lambda rows: exactness.table(rows, max(rows // 10, 1), spark=False),
    "spark": lambda rows: exactness.table(rows, max(rows // 10, 1), spark=True),
    "record": lambda rows: speed.one_record(),
    "columns": speed.in_columns,
    "parquet": lambda rows: speed.parquet(rows, 5),
    "large": lambda rows: speed.parquet(rows * 10, 3),
    "first": lambda rows: speed.first_score(),
    "growth": lambda rows: speed.growth(max(rows // 100, 1)),
    "planted": lambda rows: audit.planted(),
    "shares": lambda rows: audit.shares(),
    "audited": lambda rows: audit.audited(),
    "audits": lambda rows: audit.growth(),
}
USUAL = ("exactness", "record", "columns", "parquet", "large", "first", "growth")


def main() -> None:
    """The command: each section in a process of its own, so that none runs in what another left behind."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "sections", nargs="*", metavar="SECTION", help=f"{', '.join(SECTIONS)} (default: all but spark, which takes minutes)"
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the large tables (default: 1000000)")
    args = parser.parse_args()
    unknown = [name for name in args.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    if len(args.sections) == 1:
        show(SECTIONS[args.sections[0]](args.rows))
        return
    print(f"{date.today()}, {machine()}; medians of interleaved rounds\n", flush=True)
    for name in args.sections or USUAL:
        subprocess.run([sys.executable, "-m", "benchmarks", name, "--rows", str(args.rows)], check=True)


if __name__ == "__main__":
    main()
