"""The two commands by which figures are signed, `review` and `verify`: what waits, and what is done with it."""

import argparse
from collections.abc import Iterator, Mapping

from ..errors import LedgerError
from ..ledger.book import Book, History
from ..ledger.entry import Unit
from ..ledger.figures import report_of
from ..protocols import STAGES, Report, Stage
from ..publish.text import table
from ..scheme import model
from .office import add_office_arguments, body_of, book_of, in_order, indicator_of, now, opened, prepared_of, signer, unit_words
from .work import period_argument

WAITING: Mapping[Stage, str] = {"reviewed": "filed", "verified": "reviewed"}
DONE: Mapping[Stage, str] = {"reviewed": "已审核", "verified": "已核验"}


def add_signing_arguments(parser: argparse.ArgumentParser) -> None:
    """Which filings are meant, and what is done with them."""
    add_office_arguments(parser)
    parser.add_argument("--period", type=period_argument, metavar="YYYY-MM", help="of which month (default: of all)")
    parser.add_argument("--body", help="of which body (default: of all)")
    parser.add_argument("--indicator", help="for which indicator (default: for all)")
    act = parser.add_mutually_exclusive_group()
    act.add_argument(
        "--all",
        action="store_true",
        help="sign everything that waits and is meant; without it, and without --body and --period, it is only listed",
    )
    act.add_argument("--return", dest="give_back", metavar="REASON", help="send it back to its body instead, with this reason")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="put a figure right while signing; needs --because"
    )
    parser.add_argument("--because", default="", metavar="REASON", help="why a figure was put right")


def run_signing(args: argparse.Namespace, stage: Stage) -> int:
    """Sign, return or list what waits for that stage."""
    from ..ledger.round import give_back, sign

    prepared = prepared_of(args)
    scheme = prepared.scheme
    by = signer(args, scheme)
    given = dict(_setting(text) for text in args.set)
    back = args.give_back is not None
    if given and back:
        raise LedgerError("--set 和 --return 不能同用：或者改正后签字，或者退回")
    with opened(args, prepared) as ledger:
        book = book_of(ledger)
        units = in_order(scheme, _waiting(args, scheme, book, stage, mine=by.body))
        if not units:
            print(f"没有待{DONE[stage][1:]}的填报{_meant(args)}")
            return 0
        if len(units) > 1 and (given or back or not args.all):
            print(_list(scheme, book, units, stage))
            print(f"\n共{len(units)}项。用 --body、--indicator、--period 指明一项" + ("。" if given or back else "，或用 --all 全部签字。"))
            return 2 if given or back else 0
        if not (args.all or given or back or (args.body and args.period)):
            print(_list(scheme, book, units, stage))
            print("\n共1项。要签字的，用 --all，或用 --body 和 --period 指明。")
            return 0
        left = 0
        for unit in units:
            version = book.histories[unit].current.seq  # what was looked at: a newer filing is not signed unseen
            try:
                if back:
                    entry = give_back(ledger, prepared, unit, by, now(args), args.give_back, of=version)
                    print(f"已退回  {unit_words(scheme, unit)}：{args.give_back}（台账第{entry.seq}条）")
                else:
                    entry = sign(ledger, prepared, stage, unit, by, now(args), set=given, reason=args.because, of=version)
                    print(f"{DONE[stage]}  {unit_words(scheme, unit)}（台账第{entry.seq}条）", flush=True)
            except LedgerError as error:
                if len(units) == 1:
                    raise
                left += 1  # one that somebody else has to sign doesn't keep the others waiting
                print(f"未{DONE[stage][1:]}  {unit_words(scheme, unit)}：{error}")
        if left:
            print(f"\n共{len(units)}项，{DONE[stage]}{len(units) - left}项，未{DONE[stage][1:]}{left}项。")
    return 1 if left else 0


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise LedgerError(f"--set 应写作 栏目=数，如 参保人数=32000；写的是“{text}”")
    return name.strip(), value.strip()


def _meant(args: argparse.Namespace) -> str:
    parts = [str(part) for part in (args.period, args.body, args.indicator) if part]
    return f"（{'，'.join(parts)}）" if parts else ""


def _waiting(args: argparse.Namespace, scheme: model.Scheme, book: Book, stage: Stage, mine: str) -> Iterator[Unit]:
    """Units that wait for this stage, of those that are meant; a lead body sees its own indicators."""
    body = body_of(scheme, args.body).id if args.body else ""
    indicator = indicator_of(scheme, args.indicator).id if args.indicator else ""
    states = {WAITING[stage], "filed"} if stage == "verified" and args.give_back else {WAITING[stage]}
    for unit, history in book.histories.items():
        own = stage == "verified" or scheme.indicator(unit.indicator).lead == mine or bool(indicator)
        meant = (not args.period or unit.period == args.period) and body in ("", unit.body) and indicator in ("", unit.indicator)
        if history.current.state in states and meant and own:
            yield unit


def _list(scheme: model.Scheme, book: Book, units: list[Unit], stage: Stage) -> str:
    before = STAGES[STAGES.index(stage) - 1]
    rows = [[*unit_words(scheme, unit).split(" ", 2), _figures(book.histories[unit], before)] for unit in units]
    return table(["单位", "期间", "指标", {"filed": "填报数", "reviewed": "审核数"}[before]], rows)


def _figures(history: History, stage: Stage) -> str:
    rows = history.current.rows.get(stage, history.current.rows["filed"])
    reports = [report_of(history.unit, row) for row in rows]
    return _words(reports[0]) if len(reports) == 1 else f"{len(reports)}行"


def _words(report: Report) -> str:
    return "，".join(str(value) for value in report.values.values() if value is not None)
