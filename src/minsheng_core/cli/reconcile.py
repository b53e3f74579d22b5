"""`minsheng reconcile`: every split printed in a text, its sum against its printed total."""

import argparse
from pathlib import Path
from typing import Any

from ..allocation.reconcile import Reconciliation, reconcile
from ..allocation.text import PrintedSplit, read_splits
from ..filing.text import read_text
from ..finding import Severity, worst
from ..publish.json import finding_json, fraction, quantity
from ..publish.text import findings_text
from ..quantity import decimal_text
from ..scheme.load import installed_schemes, load_scheme
from ..scheme.names import Names
from . import print_json

HELP = "reconcile every split printed in a paper: how many bodies, their sum, the printed total, the verdict"
EXAMPLE = "minsheng reconcile scheme.txt"
VERDICTS = {
    "consistent": "一致（consistent）",
    "inconsistent": "不一致（inconsistent）",
    "no printed total": "没有印总数（no printed total）",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the paper as plain text (UTF-8 or GB18030)")
    parser.add_argument(
        "--scheme",
        default="auto",
        help="the scheme whose list of bodies names are held against: 2023, a folder, 'none', or 'auto' (default): an installed one that knows at least half of the names",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for programs")


def run(args: argparse.Namespace) -> int:
    splits = read_splits(read_text(args.file), str(args.file))
    known = (
        [] if args.scheme == "none" else [load_scheme(name) for name in (installed_schemes() if args.scheme == "auto" else [args.scheme])]
    )
    lists = {scheme.id: Names(scheme.bodies) for scheme in known}
    results = [_one(split, lists, args.scheme == "auto") for split in splits]
    findings = [finding for _, result in results for finding in result.findings]
    if args.json:
        print_json({"format": "minsheng.reconcile/1", "splits": [reconciliation_json(list_id, result) for list_id, result in results]})
    elif results:
        print("\n\n".join(reconciliation_text(list_id and f"方案 {list_id} ", result) for list_id, result in results))
    else:
        print(f"{args.file}：没有找到任务分解。应有三个以上相连的“名称＋数”，如“道林镇32929人、大屯营镇26351人、…”")
    return 1 if not results or worst(findings) is Severity.ERROR else 0


def _one(split: PrintedSplit, lists: dict[str, Names], auto: bool) -> tuple[str, Reconciliation]:
    for id, names in lists.items():
        hits = sum(names.resolve(entry.name) is not None for entry in split.entries)
        if not auto or 2 * hits >= len(split.entries):

            def resolve(name: str, names: Names = names) -> str | None:
                body = names.resolve(name)
                return body.name if body else None

            return id, reconcile(split, resolve, names.suggest)
    return "", reconcile(split)


def reconciliation_text(listed: str, result: Reconciliation) -> str:
    """A split against its total, for people. *listed* is whose list its names are of, or empty."""
    split = result.split
    lines = [f"{split.place}  {split.label or '任务分解'}"]
    lines.append(f"  单位数：{len(split.entries)}（名称{f'按{listed}的名单核对' if listed else '照印，未与名单核对'}）")
    lines.append(f"  各项之和：{result.sum}")
    if result.printed is not None:
        tolerance = f" ± {decimal_text(result.printed.tolerance)}" if result.printed.tolerance else ""
        lines.append(
            f"  印刷总数：{decimal_text(result.printed.value)}{tolerance} {result.printed.unit}（印作“{split.total.printed if split.total else ''}”）"
        )
    if result.difference is not None:
        lines.append(f"  相差：{result.difference}")
    lines.append(f"  判定：{VERDICTS[result.verdict]}")
    lines += [f"  名称：{printed} → {name}" for printed, name in result.renamed]
    return "\n".join(lines + ([findings_text(result.findings)] if result.findings else []))


def reconciliation_json(list_id: str, result: Reconciliation) -> dict[str, Any]:
    """The same for programs."""
    return {
        "label": result.split.label,
        "line": result.split.place.line,
        "bodies": len(result.split.entries),
        "list": list_id or None,
        "unit": result.sum.unit.symbol,
        "sum": fraction(result.sum.value),
        "printed": None if result.printed is None else fraction(result.printed.value),
        "tolerance": None if result.printed is None or result.printed.tolerance is None else fraction(result.printed.tolerance),
        "difference": None if result.difference is None else fraction(result.difference.value),
        "verdict": result.verdict,
        "renamed": [{"printed": printed, "name": name} for printed, name in result.renamed],
        "entries": [{"name": entry.name, **(quantity(entry.quantity) or {})} for entry in result.split.entries],
        "findings": [finding_json(one) for one in result.findings],
    }
