"""`minsheng due`: who owes which report by when, who is late, and what waits for whom."""

import argparse
from datetime import datetime

from ..errors import LedgerError
from ..ledger.calendar import Due, due
from ..ledger.entry import BEIJING
from ..publish.publication_json import due_json
from ..publish.text import table
from ..scheme import model
from . import print_json
from .office import add_office_arguments, book_of, day, opened, prepared_of, span

HELP = "who owes which report by when, who is late by how many days, and what waits for whom"
EXAMPLE = "minsheng due --period 2023-10"
STATES = {"missing": "未报", "returned": "已退回", "filed": "待审核", "reviewed": "待核验", "verified": "已核验"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_office_arguments(parser, signed=False)
    parser.add_argument(
        "--period", type=span, required=True, metavar="PERIOD", help="a month (2023-10), a quarter (2023-Q4) or the year (2023)"
    )
    parser.add_argument("--today", type=day, metavar="DATE", help="days late are reckoned up to that day (default: today, in Beijing)")
    parser.add_argument("--every", action="store_true", help="list also what is in order")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")


def run(args: argparse.Namespace) -> int:
    prepared = prepared_of(args)
    scheme = prepared.scheme
    if args.period.end.year != scheme.year:
        raise LedgerError(f"方案是{scheme.year}年的，{args.period}没有应报的")
    today = args.today or datetime.now(BEIJING).date()
    with opened(args, prepared) as ledger:
        found = due(scheme, book_of(ledger), args.period, today)
    shown = [one for one in found if args.every or one.waits or one.late]
    if args.json:
        print_json(
            {
                "format": "minsheng.due/1",
                "scheme": scheme.id,
                "period": str(args.period),
                "today": today.isoformat(),
                "due": [due_json(one) for one in shown],
            }
        )
        return 0
    print(f"{scheme.title}\n{args.period.title}报送情况 · 截至{today}\n")
    print(
        table(["单位", "应报", "期限", "状态", "报送日期", "迟报", "等待"], [_row(scheme, one) for one in shown], right=(5,))
        if shown
        else "全部按时办结。"
    )
    counts = {word: sum(one.state == state for one in found) for state, word in STATES.items()}
    print(
        f"\n应报{len(found)}项："
        + "，".join(f"{word}{count}" for word, count in counts.items() if count)
        + f"；迟报{sum(one.late > 0 for one in found)}项"
    )
    return 0


def _row(scheme: model.Scheme, one: Due) -> list[str]:
    waits = scheme.body(one.waits).name if one.waits else "—"
    reason = f"（{one.reason}）" if one.reason else ""
    return [
        scheme.body(one.body).name, f"{one.span} {one.title}", str(one.deadline or "未定"), STATES[one.state] + reason,
        str(one.filed or "—"), f"{one.late}天" if one.late else "—", waits,
    ]  # fmt: skip
