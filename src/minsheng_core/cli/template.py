"""`minsheng template`: the Excel file that a body fills in for a month, or those of all bodies."""

import argparse
import os
from pathlib import Path

from ..errors import MinshengError, ReportError
from ..filing.template import filing_bodies, template_name, template_workbook, write_templates
from ..filing.whole_file import write_whole
from ..ledger.standing import filed_at
from ..scheme.load import load_scheme
from ..scheme.names import Names
from ..scoring.measure import Filed
from ..scoring.prepare import Prepared, prepare
from .office import LEDGER, book_of, opened
from .work import installed_plugins, period_argument

HELP = "make the Excel file that a body fills in for a month, or a folder of them for all"
EXAMPLE = "minsheng template 2023 --body 沩山乡 --period 2023-10"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scheme", help="an installed scheme (2023), or a folder of rules")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--body", metavar="BODY", help="the body that fills it in")
    who.add_argument("--all", action="store_true", help="one for every body that files an indicator")
    parser.add_argument("--period", type=period_argument, required=True, metavar="YYYY-MM", help="the month it is for")
    parser.add_argument(
        "--ledger", metavar="FILE",
        help="the ledger whose verified figures of last month stand beside the new ones (default: $MINSHENG_LEDGER, or ledger.db where it is there)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="PATH", help="the file (default: 沩山乡-2023-10.xlsx), or with --all the folder (default: 模板-2023-10)"
    )


def run(args: argparse.Namespace) -> int:
    prepared = prepare(load_scheme(args.scheme), installed_plugins())
    if args.all:
        folder = args.out or Path(f"模板-{args.period}")
        if folder.is_file():
            raise ReportError(f"{folder} 是文件，不是文件夹；--all 要一个文件夹")
        made = write_templates(prepared, args.period, folder, _before(args, prepared))
        print(f"{folder}：{len(made)} 个模板（{made[0].name} 等）" if made else "方案没有要求任何单位填报")
        return 0
    names = Names(prepared.scheme.bodies)
    body = names.resolve(args.body)
    if body is None:
        close = "、".join(names.suggest(args.body)) or "、".join(one.name for one in filing_bodies(prepared)[:5]) + "等"
        raise MinshengError(f"方案中没有“{args.body}”；有：{close}")
    path = args.out or Path(template_name(body, args.period))
    path = path / template_name(body, args.period) if path.is_dir() else path
    if path.suffix.lower() != ".xlsx":
        raise ReportError(f"{path}：模板是 .xlsx 文件，请用 .xlsx 结尾的文件名")
    write_whole(path, template_workbook(prepared, body, args.period, _before(args, prepared)))
    print(path)
    return 0


def _before(args: argparse.Namespace, prepared: Prepared) -> Filed | None:
    """Last month's verified figures, where there is a ledger."""
    args.ledger = args.ledger or os.environ.get("MINSHENG_LEDGER") or (LEDGER if Path(LEDGER).exists() else None)
    if args.ledger is None:
        return None
    with opened(args, prepared) as ledger:
        return filed_at(book_of(ledger), prepared.scheme, "verified", args.period.following(-1))
