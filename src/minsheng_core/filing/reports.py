"""Clerks' files in: what their rows file, what was found in them, and each file as it came."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from attrs import evolve, field, frozen

from ..errors import ReportError
from ..finding import Finding, Place, Severity
from ..period import Period
from ..protocols import Report
from ..scheme import model
from ..scheme.names import Names
from ..scoring.measure import Filed, Refused
from ..scoring.prepare import Prepared
from .events import read_events
from .file_name import named
from .grid import Book, Sheet
from .labels import EVENT_FIELDS, FILED, SUMMARY
from .open import SUFFIXES, open_book
from .owner import Owner, owner_of
from .rows import SheetRows
from .stamp import EVENTS, HELP
from .text import MAX_BYTES, read_bytes
from .totals import check_totals

__all__ = ["FileIn", "latest_period", "read_book", "read_content", "read_file", "read_reports", "together"]

HELPS = frozenset({"填报说明", "说明", "填表说明", "选项", SUMMARY})
EVENT_TITLES = frozenset({"事项", "事件", EVENTS})


@frozen(kw_only=True)
class FileIn:
    """A clerk's file as it was read, once: its *content*, what it files with everything found in it, its sheets (*book*, None
    where it can't be read), and the row of each sheet's header."""

    path: Path
    content: bytes = field(repr=False)
    filed: Filed
    book: Book | None = field(default=None, repr=False)
    headers: Mapping[str, int] = field(factory=dict, repr=False)

    @property
    def sha256(self) -> str:
        """The content's hash, in 64 hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


def read_reports(folders: Iterable[Path], prepared: Prepared) -> Filed:
    """Everything filed in those folders (and below) or files: CSV files and workbooks; see `read_file`.

    Raises ReportError where a folder doesn't exist or holds no such file; all else that is wrong is in ``findings``.
    """
    return together(read_file(path, prepared).filed for path in _files(folders))


def together(several: Iterable[Filed]) -> Filed:
    """What several files hold, as one."""
    filed = list(several)
    return Filed(
        reports=tuple(report for one in filed for report in one.reports),
        refused=tuple(refused for one in filed for refused in one.refused),
        events=tuple(event for one in filed for event in one.events),
        findings=tuple(finding for one in filed for finding in one.findings),
    )


def read_file(path: Path, prepared: Prepared) -> FileIn:
    """One clerk's file. Whatever is wrong with it, or in it, is among ``filed.findings``; it raises nothing.

    What a sheet holds is told by our template in it, else by the sheet's title (an indicator's title or id), else by the file's
    name up to its first dot (``resident_pension.csv``).
    """
    where, path = path, named(path)
    try:
        content = read_bytes(where)
    except ReportError as error:
        return FileIn(path=path, content=b"", filed=Filed(findings=(_unreadable(path, error),)))
    return read_content(path, content, prepared)


def read_content(path: Path, content: bytes, prepared: Prepared) -> FileIn:
    """The same of a file that is already in memory; *path* is what it is called."""
    if len(content) > MAX_BYTES:
        return FileIn(path=path, content=content, filed=Filed(findings=(_unreadable(path, ReportError(f"超过{MAX_BYTES:,}字节的不读")),)))
    try:
        book = open_book(path.name, content)
    except ReportError as error:
        return FileIn(path=path, content=content, filed=Filed(findings=(_unreadable(path, error),)))
    return read_book(path, book, prepared, content)


def read_book(path: Path, book: Book, prepared: Prepared, content: bytes = b"") -> FileIn:
    """The same of sheets that are already taken apart: a clerk's, or made of what another system sends."""
    reader = _Reader(path, book, prepared)
    filed = reader.read()
    return FileIn(path=path, content=content, filed=filed, book=book, headers=reader.headers)


def latest_period(filed: Filed) -> Period:
    """The last period anybody reported for. Raises ReportError, with all that was found in the files, where there is none."""
    periods = [report.period for report in filed.reports] + [refused.period for refused in filed.refused]
    if not periods:
        found = "".join(f"\n  {finding}" for finding in filed.findings)
        raise ReportError(f"no report could be read, so there is no period to assess{found}")
    return max(periods)


def _files(folders: Iterable[Path]) -> list[Path]:
    paths: list[Path] = []
    for folder in folders:
        inside = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES and path.is_file())
        found = [folder] if folder.is_file() else [path for path in inside if not path.name.startswith(("~$", ".~"))]  # locks of open files
        if not found:
            raise ReportError(f"{folder}: {'no .csv file or workbook in this folder' if folder.is_dir() else 'no such file or folder'}")
        paths += found
    return list(dict.fromkeys(paths))


def _unreadable(path: Path, error: ReportError) -> Finding:
    return Finding(code="report.unreadable", message=f"文件无法读取：{error}", place=Place(str(path)))


class _Reader:
    """One file, sheet by sheet."""

    def __init__(self, path: Path, book: Book, prepared: Prepared) -> None:
        self.path, self.book, self.prepared = path, book, prepared
        self.names = Names(prepared.scheme.bodies)
        self.indicators = {indicator.id: indicator for indicator in prepared.scheme.indicators}
        self.findings: list[Finding] = []
        self.headers: dict[str, int] = {}
        self.owner = owner_of(str(path), self.names, book.template.get("body", ""), book.template.get("period", ""))

    def find(self, code: str, message: str, sheet: str = "", severity: Severity = Severity.ERROR) -> None:
        self.findings.append(Finding(code=code, message=message, place=Place(str(self.path), sheet=sheet), severity=severity))

    def read(self) -> Filed:
        whole = Filed()
        scheme = self.book.template.get("scheme", "")
        if scheme and scheme != self.prepared.scheme.id:
            self.find("report.other_scheme", f"这份模板是方案“{scheme}”的，不是“{self.prepared.scheme.id}”的，没有读入；请用本方案的模板")
            return Filed(findings=tuple(self.findings))
        for sheet, holds in self._sheets():
            one = self._sheet(sheet, holds)
            whole = evolve(
                whole, reports=whole.reports + one.reports, refused=whole.refused + one.refused, events=whole.events + one.events
            )
        if not any(sheet.rows and sheet.indicator != HELP for sheet in self.book.sheets):
            self.find("report.empty", "文件里没有任何内容；请核对是否报错了文件")
        return evolve(whole, findings=tuple(dict.fromkeys(self.findings)))  # what is said once for all rows is wrong once

    def _sheets(self) -> Iterator[tuple[Sheet, str]]:
        """The sheets that hold something we know, and what: an indicator's id, or events."""
        prefix = self.path.name.split(".")[0]
        titles = {name: one.id for one in self.indicators.values() for name in (one.title, one.id)} | dict.fromkeys(EVENT_TITLES, EVENTS)
        for sheet in self.book.sheets:
            holds = sheet.indicator or titles.get(sheet.name.strip(), "") or titles.get(prefix, "")
            if holds == HELP or not sheet.rows or (not sheet.indicator and sheet.name.strip() in HELPS):
                continue
            if holds == EVENTS or holds in self.indicators:
                if sheet.hidden:
                    self.find("report.hidden", "这个工作表被隐藏，仍按填报读入；请取消隐藏后核对", sheet.name, Severity.WARNING)
                yield sheet, holds
                continue
            known = "、".join([*self.indicators, EVENTS])
            if not sheet.name:
                self.find("report.unknown_file", f"文件名应以指标代号开头（{known}），“{self.path.name}”未被使用")
            else:
                titles_known = "、".join([*(one.title for one in self.indicators.values()), "事项"])
                words = f"不知道工作表“{sheet.name}”报的是什么，未被使用；工作表名应为指标名称（{titles_known}），或文件名以指标代号开头（{known}）"
                self.find("report.unknown_sheet", words, sheet.name)

    def _sheet(self, sheet: Sheet, holds: str) -> Filed:
        before = len(self.findings)
        form = EVENT_FIELDS if holds == EVENTS else self.prepared.plugins.indicator(self.indicators[holds].kind).form
        rows = SheetRows(
            book=self.book,
            sheet=sheet,
            file=str(self.path),
            names=self.names,
            fields=form.fields,
            subject=form.subject,
            findings=self.findings,
        )
        if holds == EVENTS:
            filed = Filed(events=read_events(rows, self.prepared.scheme.events, self.owner))
        else:
            filed = _reports(rows, self.indicators[holds], self.owner)
        self.findings[before:] = sorted(self.findings[before:], key=lambda one: one.place.line if one.place else 0)
        if rows.table:
            self.headers[sheet.name] = rows.table.header
        return filed


def _reports(sheet: SheetRows, indicator: model.Indicator, owner: Owner) -> Filed:
    """The reports of an indicator's sheet, and the rows that can't be read whole."""
    reports: list[Report] = []
    refused: list[Refused] = []
    asked = {share.body for share in indicator.shares} or {indicator.lead}
    for row in sheet.rows():
        body, period = sheet.body(row), sheet.period(row)
        if body is None or period is None:
            continue
        if body.id not in asked:
            words = f"{body.name}不在“{indicator.title}”的填报名单中，这一行未计入"
            sheet.find("report.not_asked", words, sheet.at(row, "body"), body=body.id, indicator=indicator.id)
            continue
        if not owner.agrees(sheet, row, body, period, indicator.lead):
            continue
        values = sheet.values(row, body.id, indicator.id)
        if values is None:
            refused.append(Refused(indicator=indicator.id, body=body.id, period=period, place=row.place))
            continue
        filed = values.pop("filed")
        if filed is None:
            words = f"{body.name}没有填“{FILED.title}”，无法核对是否迟报"
            sheet.find("report.no_filing_day", words, sheet.at(row, "filed"), Severity.NOTE, body=body.id, indicator=indicator.id)
        elif isinstance(filed, date) and filed < period.day(1):
            words = f"{body.name}的“{FILED.title}”{filed}早于{period}，不可能；请核对"
            sheet.find("report.early", words, sheet.at(row, "filed"), Severity.WARNING, body=body.id, indicator=indicator.id)
        subject = str(values.get(sheet.subject, "")) if sheet.subject else ""
        reports.append(
            Report(
                indicator=indicator.id, body=body.id, period=period, values=values, place=row.place, subject=subject,
                filed=filed if isinstance(filed, date) else None,
                columns=sheet.table.columns if sheet.table else {},
            )
        )  # fmt: skip
    check_totals(sheet, indicator.id, reports)
    return Filed(reports=tuple(reports), refused=tuple(refused))
