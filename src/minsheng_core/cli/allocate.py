"""`minsheng allocate`: split a target exactly over the bodies of a CSV of weights."""

import argparse
import csv
import io
from pathlib import Path

from attrs import evolve

from ..allocation.methods import METHODS, Method, allocate
from ..errors import QuantityError, ReportError
from ..filing.text import read_text
from ..protocols import Allocation, Claim
from ..publish.json import fraction, quantity
from ..publish.text import table
from ..quantity import decimal_text, read_number, read_quantity, unit
from . import print_json
from .work import installed_plugins

HELP = "split a target exactly: largest remainder, highest averages, equal; with floors, caps and a step"
TOTALS = ("合计", "小计", "总计")
HEADERS = ("单位", "责任单位", "乡镇（街道）", "乡镇(街道)", "body", "name")
EXAMPLE = "minsheng allocate 75.743万人 --weights last-year.csv --step 1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("total", nargs="?", help="what is to be split, with its unit: 75.743万人, 4所")
    parser.add_argument(
        "--weights", type=Path, metavar="CSV", help="columns 单位,权重[,下限,上限]; last year's figures as weights share by last year"
    )
    parser.add_argument("--method", default=METHODS[0].name, help="one of --list (default: %(default)s)")
    parser.add_argument("--step", type=int, default=1, help="give out whole multiples of this many (default: 1)")
    parser.add_argument(
        "--tie",
        choices=["order", "weight", "error"],
        default="order",
        help="who gets the last unit in a tie: the earlier, the heavier, or nobody (default: order)",
    )
    parser.add_argument("--list", action="store_true", help="list the methods and what each guarantees")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")


def run(args: argparse.Namespace) -> int:
    if args.list:
        known = installed_plugins().allocations.values()
        rows = [[one.name, one.title, one.guarantees if isinstance(one, Method) else "from a plugin"] for one in known]
        print(table(["method", "名称", "guarantees"], rows))
        return 0
    if not args.total or not args.weights:
        raise ReportError(f"give a total and --weights, as in: {EXAMPLE}")
    total = read_quantity(args.total)
    one = total.unit.symbol.lstrip("万亿千百")
    if one != total.unit.symbol and unit(one or total.unit.symbol).dimension == total.unit.dimension:
        total = total.to(one)  # 75.743万人, and 76万人 too, is split in whole people
    method = _method(args)
    split = allocate(total, _claims(args.weights), method, args.step)
    if args.json:
        shares = [{"body": body, **(quantity(share) or {})} for body, share in split.shares]
        print_json(
            {
                "format": "minsheng.allocation/1",
                "total": quantity(split.total),
                "method": split.method,
                "step": split.step,
                "shares": shares,
                "ties": list(split.ties),
                "rest": quantity(split.rest),
            }
        )
        return 0
    rows = [[body, decimal_text(share.value)] for body, share in split.shares]
    given = sum((share.value for _, share in split.shares), split.rest.value * 0)
    print(table(["单位", f"分解数（{total.unit}）"], rows, right=(1,)))
    print(
        f"{len(rows)}个单位，合计{fraction(given)}{total.unit}，未分解{split.rest}，总数{split.total}；方法{split.method}，每份{split.step}{total.unit}，并列时按{args.tie}"
    )
    return 0


def _method(args: argparse.Namespace) -> Allocation:
    """The core's method or a plugin's; the tie rule is the core's to apply."""
    known = {one.name: one for one in METHODS}
    method = known.get(args.method) or installed_plugins().allocations.get(args.method)
    if method is None:
        raise ReportError(f"no method {args.method!r}; known are {', '.join(installed_plugins().allocations)}")
    return evolve(method, tie=args.tie) if isinstance(method, Method) else method


def _claims(path: Path) -> list[Claim]:
    """A claim for each row; every cell that can't be read is said. Raises ReportError."""
    claims, wrong = [], []
    rows = csv.reader(io.StringIO(read_text(path), newline=""))
    header = False
    try:
        for cells in rows:
            if not any(cell.strip() for cell in cells) or cells[0].startswith("#") or "".join(cells[0].split()) in TOTALS:
                continue
            if not header:
                if cells[0].strip() not in HEADERS:
                    raise ReportError(f"{path}:{rows.line_num}: expected a header 单位,权重[,下限,上限], got {','.join(cells)[:60]!r}")
                header = True
                continue
            cells = [*(cell.strip() for cell in cells), "", "", ""]
            try:
                floor, cap = _whole(cells[2], 0), _whole(cells[3], None)
                claims.append(Claim(body=cells[0], weight=read_number(cells[1]), floor=floor or 0, cap=cap))
            except QuantityError as error:
                wrong.append(f"{path}:{rows.line_num}: {error}")
    except csv.Error as error:
        raise ReportError(f"{path}:{rows.line_num}: {error}") from None
    if wrong:
        raise ReportError("\n  ".join(wrong))
    if not claims:
        raise ReportError(f"{path}: no row; expected a header 单位,权重[,下限,上限] and a row for each body")
    return claims


def _whole(text: str, default: int | None) -> int | None:
    if not text:
        return default
    value = read_number(text)
    if value.denominator != 1:
        raise QuantityError(f"a floor or cap is a whole number, got {text!r}")
    return int(value)
