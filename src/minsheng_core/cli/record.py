"""`minsheng record`: what is entered beside the figures: funds, supervision and its closing, visits, cases, incidents, summaries."""

import argparse
from pathlib import Path

from ..errors import LedgerError, QuantityError
from ..quantity import Quantity, read_quantity, unit
from ..scheme import model
from .office import add_office_arguments, body_of, day, now, opened, prepared_of, read_files, signer, span
from .work import period_argument

HELP = "enter funds, supervision findings and their closing, visits, typical cases, incidents, quarterly summaries"
EXAMPLE = "minsheng record 县级典型案例 --body 灰汤镇 --document 宁民生〔2023〕19号 --date 2023-11-21 --by 张三@灰汤镇"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", help="an event of the scheme, by id or title; 销号 (with --of) or 季总结 (with --period)")
    parser.add_argument("--body", help="whom it is about")
    parser.add_argument("--count", default="1", help="how many, or how much money (default: 1)")
    parser.add_argument("--document", default="", help="the number of the document that it rests on")
    parser.add_argument("--date", type=day, metavar="DATE", help="the day of that document")
    parser.add_argument("--deadline", type=day, metavar="DATE", help="by when a supervision finding is to be put right")
    parser.add_argument("--month", type=period_argument, metavar="YYYY-MM", help="the month in which it counts (default: that of its day)")
    parser.add_argument("--period", type=span, metavar="QUARTER", help="of a summary: 2023-Q4")
    parser.add_argument("--of", type=int, metavar="N", help="of a closing: the number of the finding that is put right")
    parser.add_argument("--note", default="", help="remarks; of a summary, its text")
    parser.add_argument(
        "--attach", type=Path, action="append", default=[], metavar="FILE", help="evidence, kept by content; may be given several times"
    )
    add_office_arguments(parser)


def run(args: argparse.Namespace) -> int:
    from ..ledger.round import close, record, summarise

    prepared = prepared_of(args)
    scheme = prepared.scheme
    by, at, files = signer(args, scheme), now(args), read_files(args.attach)
    with opened(args, prepared, create=True) as ledger:
        if args.what == "销号":
            if args.of is None or args.date is None:
                raise LedgerError("销号须用 --of 指明是哪一条，用 --date 写明日期")
            entry = close(ledger, prepared, args.of, by, at, document=args.document, day=args.date, note=args.note, files=files)
            print(f"已销号  第{args.of}条（台账第{entry.seq}条）")
        elif args.what == "季总结":
            if args.period is None or not args.body:
                raise LedgerError("季总结须用 --body 和 --period 2023-Q4 指明单位和季度")
            entry = summarise(ledger, prepared, body_of(scheme, args.body).id, args.period, args.note, by, at, files)
            print(f"已记入  {args.period.title}总结（台账第{entry.seq}条）")
        else:
            event = _event(scheme, args.what)
            if not args.body or args.date is None:
                raise LedgerError(f"“{event.title}”须用 --body 指明单位，用 --date 写明日期")
            entry = record(
                ledger, prepared, event.id, body_of(scheme, args.body).id, _count(event, args.count), by, at, document=args.document,
                day=args.date, period=args.month, deadline=args.deadline, note=args.note, files=files,
            )  # fmt: skip
            print(f"已记入  {event.title}（台账第{entry.seq}条）；经另一人用 minsheng verify --record {entry.seq} 认定后计入最终得分")
    return 0


def _event(scheme: model.Scheme, text: str) -> model.Event:
    found = next((one for one in scheme.events if text in (one.id, one.title)), None)
    if found is None:
        known = "、".join(f"{one.title}（{one.id}）" for one in scheme.events if one.record)
        raise LedgerError(f"不认识的事项“{text}”；方案中有：{known}，另有销号、季总结")
    return found


def _count(event: model.Event, text: str) -> Quantity:
    try:
        read = read_quantity(text, event.unit).to(event.unit)
    except QuantityError:
        raise LedgerError(f"“{event.title}”的数量应为以{event.unit}为单位的数，写的是“{text}”") from None
    return Quantity(read.value, unit(event.unit), read.tolerance, text)
