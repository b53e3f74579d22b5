"""`minsheng demo`: a quarter of 2023 played from templates to the bulletin, with invented data, by the very commands of an office."""

import argparse
import contextlib
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LedgerError, MinshengError
from ..filing.template import asked_of, filing_bodies, template_name
from ..ledger.calendar import due
from ..period import Period, Span
from ..scheme import model
from ..scheme.load import load_scheme
from ..scheme.names import Names
from ..scoring.prepare import Prepared, prepare
from .office import LEDGER, book_of
from .work import installed_plugins

if TYPE_CHECKING:
    from ..ledger.store import Ledger

HELP = "play the fourth quarter of 2023 in an empty folder, from templates to the bulletin, with invented data"
EXAMPLE = "minsheng demo"

CLERK, REVIEWERS, VERIFIER = "张三@市人社局", ("李四@市人社局", "陈一@市教育局", "陈二@长沙市生态环境局宁乡分局"), "王五@市人社局"
MONTHS = (("2023-10", "2023-11"), ("2023-11", "2023-12"), ("2023-12", "2024-01"))  # each with the month in which it is reported
Row = Mapping[str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder", type=Path, default=Path(), metavar="FOLDER", help="where to play (default: this folder, which must be empty)"
    )


def run(args: argparse.Namespace) -> int:
    if absent := [name for name in ("sqlalchemy", "openpyxl", "xlsxwriter", "docxtpl") if find_spec(name) is None]:
        raise MinshengError(f'演示需要另装：pip install "minsheng-core[office]"（缺{"、".join(absent)}）')
    folder: Path = args.folder
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise MinshengError(f"{folder.resolve()} 不是空文件夹；演示会在里面生成台账和文件，请换一个空的")
    prepared = prepare(load_scheme("2023"), installed_plugins())
    print("演示：宁乡市2023年第四季度。人名、数据和文号都是虚构的，只用来看流程。\n")
    with contextlib.chdir(folder):
        for month, reported in MONTHS:
            _month(prepared, month, reported)
        print("\n== 第四季度 ==")
        _summaries(prepared)
        _say("publish", "--period", "2023-Q4", "--by", VERIFIER, "--at", "2024-01-15T09:00+08:00")
        _say("ledger", "verify")
    quarter = (folder / "发布/2023-Q4").resolve()
    print(f"\n演示完成。请打开：\n  排名页  {quarter / '排名.html'}\n  通报    {quarter / '通报.docx'}\n  附表    {quarter / '附表.xlsx'}")
    print(
        f"  退回的文件（错误已标在格子里）  {(folder / '退回').resolve()}\n  台账    {(folder / LEDGER).resolve()}（minsheng ledger log 可查）"
    )
    return 0


def _month(prepared: Prepared, month: str, reported: str) -> None:
    print(f"== {month} ==")
    _say("template", "2023", "--all", "--period", month, "--out", f"模板/{month}")
    files = _filled(prepared, month, month, f"填报/{month}")
    print(f"（各单位填好{files}份，另有督查、安全生产等事项一份）")
    _say("intake", f"填报/{month}", "--by", CLERK, "--at", f"{reported}-06T09:00+08:00", only="未记入|有错误的")
    if month == "2023-10":
        files = _filled(prepared, month, f"{month}-corrected", f"补报/{month}")
        print(f"（退回的改正后重报，迟报的补报，共{files}份）")
        _say("intake", f"补报/{month}", "--by", CLERK, "--at", f"{reported}-09T09:00+08:00")
    for number, reviewer in enumerate(REVIEWERS):
        _say("review", "--by", reviewer, "--period", month, "--all", "--at", f"{reported}-09T1{number}:00+08:00", only="^$")
    _say("verify", "--by", VERIFIER, "--period", month, "--all", "--at", f"{reported}-10T09:00+08:00", only="^$")
    records = [word for number in _unconfirmed(prepared) for word in ("--record", str(number))]
    _say("verify", "--by", VERIFIER, *records, "--at", f"{reported}-10T10:00+08:00")
    _say("due", "--period", month, "--today", f"{reported}-10", only=r"\d天|应报")
    _say("publish", "--period", month, "--by", VERIFIER, "--at", f"{reported}-12T09:00+08:00")


def _summaries(prepared: Prepared) -> None:
    """Every body that owes one hands in its quarterly summary; one is shown, for they are all alike."""
    from . import main

    names = {one.id: one.name for one in prepared.scheme.bodies}
    with _ledger(prepared) as ledger:
        owed = [one.body for one in due(prepared.scheme, book_of(ledger), Span.read("2023-Q4"), date(2024, 1, 8)) if not one.indicator]
    for number, body in enumerate(owed):
        words = ["record", "季总结", "--body", names[body], "--period", "2023-Q4", "--note", "第四季度总结（虚构）"]
        words += ["--by", f"{names[body]}经手人@{names[body]}", "--at", "2024-01-08T09:00+08:00"]
        if number == 0:
            _say(*words)
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            main(words)
    print(f"（其余{len(owed) - 1}个单位的季总结从略）")


def _say(*words: str, only: str = "") -> None:
    """The command as one would type it, and what it says: all of it, or the lines that hold *only*, and how many more there were.

    Raises LedgerError where it can't run; what it finds in the clerks' files is part of the play.
    """
    from . import main

    print(f"$ minsheng {' '.join(f'“{word}”' if ' ' in word else word for word in words)}", flush=True)
    out, wrong = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(wrong):
        code = main(words)
    if code == 2:
        raise LedgerError(wrong.getvalue().strip())
    lines = out.getvalue().splitlines()
    shown = [line for line in lines if not only or re.search(only, line)]
    more = [f"  （另{len(lines) - len(shown)}行从略）"] if len(lines) > len(shown) else []
    print("\n".join([*shown, *more]), flush=True)


def _ledger(prepared: Prepared) -> "Ledger":
    """The ledger of the play."""
    from ..ledger.store import open_ledger

    return open_ledger(LEDGER, prepared.scheme.id, create=False)


def _unconfirmed(prepared: Prepared) -> list[int]:
    with _ledger(prepared) as ledger:
        book = book_of(ledger)
    return [seq for seq, one in book.records.items() if one.confirmed is None and one.rejected is None]


# -- the clerks' part: the templates filled in with the invented figures -------------------------------------------------


def _examples() -> Path:
    """The invented reports: shipped in the wheel, beside the sources in a checkout."""
    here = Path(__file__).parents[1]
    shipped = here / "_examples"
    return shipped if shipped.is_dir() else here.parents[1] / "examples"


def _rows(path: Path) -> Iterator[Row]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    yield from csv.DictReader(lines)


def _filled(prepared: Prepared, month: str, source: str, folder: str) -> int:
    """The templates of a month filled in, one file a body that has something to report; the events go in as the table they are."""
    scheme, out = prepared.scheme, Path(folder)
    out.mkdir(parents=True)
    names = Names(scheme.bodies)
    reports: dict[tuple[str, str], list[Row]] = {}
    for path in sorted((_examples() / source).glob("*.csv")):
        id = path.name.split(".")[0]
        if id == "events":
            (out / path.name).write_bytes(path.read_bytes())
            continue
        for row in _rows(path):
            body = names.resolve(row["单位"])
            if body is not None:
                reports.setdefault((body.id, id), []).append(row)
    count = 0
    for body in filing_bodies(prepared):
        mine = {one.id: reports[body.id, one.id] for one in asked_of(prepared, body) if (body.id, one.id) in reports}
        if mine:
            _fill(prepared, Path(f"模板/{month}") / template_name(body, Period.read(month)), out, body, mine)
            count += 1
    return count


def _fill(prepared: Prepared, template: Path, out: Path, body: model.Body, mine: Mapping[str, Sequence[Row]]) -> None:
    from openpyxl import load_workbook

    book = load_workbook(template)
    for id, rows in mine.items():
        indicator = prepared.scheme.indicator(id)
        form = prepared.plugins.indicator(indicator.kind).form
        sheet = next(one for one in book if str(one["A1"].value).startswith(indicator.title))
        header = next(number for number in range(1, 12) if str(sheet.cell(number, 1).value or "").startswith(form.fields[0].title))
        columns = {_title(cell.value): cell.column for cell in sheet[header] if cell.value}
        sheet["F2"] = rows[0]["填报日期"]
        for index, row in enumerate(rows, header + 1):
            for title, text in row.items():
                column = columns.get(_title(title))
                if column and text and title not in ("单位", "期间", "填报日期"):
                    sheet.cell(index, column).value = _typed(text)
    book.save(out / template.name.replace(".xlsx", "（虚构）.xlsx"))


def _title(text: object) -> str:
    return str(text).partition("（")[0].strip()


def _typed(text: str) -> str | Decimal:
    """As a clerk types it: a plain number is one, anything else stays words."""
    return Decimal(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else text
