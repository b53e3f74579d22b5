"""`minsheng plan`: the integer operations that a rule is lowered to, with the interval of each step."""

import argparse

from ..errors import MinshengError
from ..formula.build import only
from ..formula.plan import Plan
from ..formula.show import plan_json, plan_text
from ..scheme.load import load_scheme
from ..scoring.prepare import Prepared, prepare
from . import print_json
from .work import installed_plugins

HELP = "the integer operations that an indicator's marks, or a whole sheet, are lowered to"
EXAMPLE = "minsheng plan resident_pension"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("indicator", help="an indicator's id, an item SHEET/ITEM, or a sheet's id")
    parser.add_argument("--scheme", default="2023", help="an installed scheme, or a folder of rules (default: 2023)")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")


def run(args: argparse.Namespace) -> int:
    prepared = prepare(load_scheme(args.scheme), installed_plugins())
    plans = _plans(prepared, args.indicator)
    if not plans:
        items = [f"{sheet.id}/{item.id}" for sheet in prepared.scheme.sheets for item in sheet.items]
        raise MinshengError(
            f"nothing is scored for {args.indicator!r}; there are the items {', '.join(items)}, and the sheets before each /"
        )
    if args.json:
        print_json({"format": "minsheng.plan/1", "plans": [plan_json(plan) for plan in plans]})
    else:
        print("\n\n".join(plan_text(plan) for plan in plans))
    return 0


def _plans(prepared: Prepared, wanted: str) -> list[Plan]:
    """The whole plan of a sheet, or of each sheet that scores the indicator the part that gives its marks."""
    plans = []
    for sheet in prepared.scheme.sheets:
        whole = prepared.sheets[sheet.id].plan
        if sheet.id == wanted:
            plans.append(only(whole))
        plans += [
            _part(whole, item.id) for item in sheet.items if wanted in (item.indicator, f"{sheet.id}/{item.id}") and sheet.id != wanted
        ]
    return plans


def _part(whole: Plan, item: str) -> Plan:
    from attrs import evolve

    part = only(evolve(whole, reasons=(), title=f"{whole.title}/{item}"), [f"exact.{item}", f"item.{item}"])
    used = {op.name for op in part.ops}
    return evolve(part, columns=tuple(column for column in part.columns if column.name in used))
