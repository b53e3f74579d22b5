"""`minsheng intake`: clerks' files taken into the ledger; what has errors goes back, marked in the clerk's own file."""

import argparse
from pathlib import Path

from attrs import evolve

from ..errors import ReportError
from ..filing.reports import read_file
from ..finding import Severity
from ..ledger.book import fold
from ..ledger.calendar import taken_in_late
from ..ledger.intake import Taken, examine, take_in
from ..publish.text import findings_text
from ..scheme import model
from ..scoring.measure import Filed
from .office import add_office_arguments, book_of, now, opened, prepared_of, signer, unit_words

HELP = "take clerks' files into the ledger; what has errors is marked in a copy that goes back to the clerk"
EXAMPLE = "minsheng intake 沩山乡-2023-10.xlsx --by 张三@市人社局"
SUFFIXES = (".csv", ".xlsx", ".xlsm", ".xls")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="workbooks or CSV files, or folders of them")
    parser.add_argument("--correct", default="", metavar="REASON", help="the figures correct what was filed before, and why")
    parser.add_argument("--returned", type=Path, default=Path("退回"), metavar="FOLDER", help="where marked copies go (default: 退回)")
    add_office_arguments(parser)


def run(args: argparse.Namespace) -> int:
    from ..filing.marked import mark_file

    prepared = prepared_of(args)
    by = signer(args, prepared.scheme)
    failed = behind = 0
    with opened(args, prepared, create=True) as ledger:
        book = book_of(ledger)
        paths = [one for given in args.files for one in _files(given)]
        for number, path in enumerate(paths, 1):
            file = read_file(path, prepared)
            filed = evolve(file.filed, findings=(*file.filed.findings, *examine(prepared, book, file.filed)))
            taken = take_in(ledger, prepared, filed, file.path.name, file.content, by, now(args), correct=args.correct)
            book = fold(taken.entries, book)
            behind += len(taken_in_late(prepared.scheme, taken.entries))
            print(f"[{number}/{len(paths)}] {file.path.name}：{_told(prepared.scheme, filed, taken)}", flush=True)
            if filed.findings:
                print(findings_text(filed.findings))
            errors = any(one.severity is Severity.ERROR for one in filed.findings)
            if errors:
                args.returned.mkdir(parents=True, exist_ok=True)
                print(f"  有错误的已标在 {mark_file(file, filed.findings, args.returned)}，请改正后重报")
            failed += errors or not (filed.reports or filed.events) or bool(taken.refused or taken.not_recorded)
    if behind:
        print(f"注意  {behind}项写的填报日期在期限内，收文已过期限；迟报按填报日期算，不实的请退回")
    return 1 if failed else 0


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(one for one in path.rglob("*") if one.suffix.lower() in SUFFIXES and not one.name.startswith(("~$", ".")))
    if not path.exists():
        raise ReportError(f"没有这个文件或文件夹：{path}")
    return [path]


def _told(scheme: model.Scheme, filed: Filed, taken: Taken) -> str:
    made = [one.draft.kind for one in taken.entries]
    parts = [f"记入填报{made.count('filed')}项"] if "filed" in made else []
    parts += [f"记事{made.count('record')}件"] if "record" in made else []
    parts += [f"与已报相同{len(taken.unchanged)}项"] if taken.unchanged else []
    parts += [f"退回{len(taken.refused)}项"] if taken.refused else []
    words = "，".join(parts) or ("没有新内容" if filed.reports or filed.events else "没有读到一行填报")
    lines = [f"  未记入  {unit_words(scheme, unit)}：{why}" for unit, why in taken.refused.items()]
    lines += [f"  未记入  {event.place}：{why}" for event, why in taken.not_recorded.items()]
    return "\n".join([words, *lines])
