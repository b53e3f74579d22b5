"""`minsheng score`: a table of measured figures in, marks, reasons and ranks out, on one machine or a Spark cluster."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MinshengError
from ..scheme.load import load_scheme
from ..scoring.prepare import Prepared, prepare
from . import print_json
from .work import installed_plugins

if TYPE_CHECKING:
    from ..columns.parquet import Summary
    from ..columns.spark import Counts

HELP = "score a table: Parquet with a row a body and month in, marks, reasons and ranks out"
EXAMPLE = "minsheng score 2023 --in reports.parquet --out marks.parquet"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scheme", help="an installed scheme (2023), or a folder of rules")
    parser.add_argument(
        "--in", dest="source", required=True, metavar="FILE", help="Parquet with body, period, group and the plan's columns"
    )
    parser.add_argument(
        "--out",
        dest="target",
        required=True,
        metavar="FILE",
        help="the Parquet file to write, in the place of one that is there (with Spark a folder; a bare name is a table)",
    )
    parser.add_argument("--sheet", help="the sheet to score (default: the scheme's first); `minsheng plan SHEET` names its columns")
    parser.add_argument("--reasons", action="store_true", help="also a column for each item and adjustment, called by its id")
    parser.add_argument(
        "--engine", choices=("polars", "spark"), default="polars", help="polars on this machine, or an Apache Spark cluster"
    )
    parser.add_argument("--master", help="the Spark master's address (default: what spark-submit says, else this machine)")
    parser.add_argument(
        "--rows-at-once",
        type=int,
        default=4_000_000,
        metavar="N",
        help="polars: a larger file is read a month at a time (default: 4000000)",
    )
    parser.add_argument("--summary", type=Path, metavar="FILE", help="write what became of the rows as JSON")
    parser.add_argument("--json", action="store_true", help="print JSON for programs (it always does)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(args: argparse.Namespace) -> int:
    prepared = prepare(load_scheme(args.scheme), installed_plugins())
    sheet = _sheet(prepared, args.sheet)
    plan = prepared.sheets[sheet].plan
    outputs = [one.name for one in plan.outputs if _wanted(one.name, args.reasons)]
    if args.engine == "spark":
        from ..columns.spark import score_spark

        told: Counts | Summary = score_spark(plan, args.source, args.target, master=args.master, outputs=outputs)
    else:
        from ..columns.parquet import score_parquet

        progress = None if args.quiet or not sys.stderr.isatty() else _bar
        told = score_parquet(plan, Path(args.source), Path(args.target), outputs=outputs, rows_at_once=args.rows_at_once, progress=progress)
    summary = {
        "format": "minsheng.score/1", "scheme": prepared.scheme.id, "sheet": sheet, "engine": args.engine, "rows": told.rows,
        "scored": told.scored, "not_scored": {state: dict(words) for state, words in told.by_reason.items()},
        "absent": list(told.absent), "fingerprint": told.fingerprint, "clauses": _clauses(prepared, sheet),
    }  # fmt: skip
    if args.summary:
        args.summary.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if told.absent:
        print(f"not in the table, so taken as empty: {', '.join(told.absent)}", file=sys.stderr)
    print_json(summary)
    return 0


def _wanted(name: str, reasons: bool) -> bool:
    return "." not in name or (reasons and name.startswith(("item.", "adjustment.")))


def _sheet(prepared: Prepared, wanted: str | None) -> str:
    known = [sheet.id for sheet in prepared.scheme.sheets]
    if not known or (wanted is not None and wanted not in known):
        raise MinshengError(f"no sheet {wanted!r} in {prepared.scheme.id}; there are {', '.join(known) or 'none'}")
    return wanted or known[0]


def _clauses(prepared: Prepared, sheet: str) -> dict[str, str]:
    """What each item and adjustment rests on: a clause, or that it is an assumption."""
    found = next(one for one in prepared.scheme.sheets if one.id == sheet)
    items = {f"item.{one.id}": one.source for one in found.items}
    return items | {f"adjustment.{one.id}": one.source for one in found.adjustments}


def _bar(done: int, rows: int, label: str) -> None:
    """One line that is written over."""
    share = done * 30 // max(rows, 1)
    end = "\n" if done >= rows else ""
    print(f"\r{'█' * share}{'·' * (30 - share)} {done:,}/{rows:,} {label}", end=end, file=sys.stderr, flush=True)
