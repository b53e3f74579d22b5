"""Reading a folder of report files: one CSV an indicator, its columns those of the plugin's form."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path

from attrs import frozen

from ..errors import QuantityError, ReportError
from ..field import BLANKS, Cell, Field, Form
from ..finding import Finding, Place, Severity
from ..period import Period
from ..protocols import Report
from ..quantity import Quantity, decimal_text, read_quantity
from ..scheme import model
from ..scheme.names import Names
from ..scoring.measure import Event, Filed, Refused
from ..scoring.prepare import Prepared
from .text import read_text

__all__ = ["EVENT_FIELDS", "latest_period", "read_reports"]

TOTALS = frozenset({"合计", "小计", "总计", "全市", "全市合计", "累计"})
BODY = Field(name="body", title="单位", kind="text", aliases=("责任单位", "乡镇（街道）", "乡镇(街道)", "填报单位", "乡镇街道"))
PERIOD = Field(name="period", title="期间", kind="text", aliases=("月份", "填报月份", "所属期"))
FILED = Field(name="filed", title="填报日期", kind="date", missing=True, aliases=("上报日期",))
EVENT_FIELDS = Form(
    fields=(
        Field(name="event", title="事件", kind="text"),
        Field(name="count", title="数量", kind="text", aliases=("金额",)),
        Field(name="document", title="文号", kind="text", missing=True),
        Field(name="date", title="日期", kind="date", missing=True),
        Field(name="deadline", title="整改期限", kind="date", missing=True),
        Field(name="note", title="说明", kind="text", missing=True),
    )
)


def read_reports(folders: Iterable[Path], prepared: Prepared) -> Filed:
    """Everything filed in those folders (and below) or files. A file ``<indicator>.….csv`` holds that indicator's rows.

    Raises ReportError where a folder doesn't exist or holds no CSV file; all else that is wrong is in ``findings``.
    """
    filed: list[Filed] = []
    for path in _files(folders):
        reader = _Reader(path, prepared)
        filed.append(reader.read())
    return Filed(
        reports=tuple(report for one in filed for report in one.reports),
        refused=tuple(refused for one in filed for refused in one.refused),
        events=tuple(event for one in filed for event in one.events),
        findings=tuple(finding for one in filed for finding in one.findings),
    )


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
        found = [folder] if folder.is_file() else sorted(folder.rglob("*.csv"))
        if not found:
            raise ReportError(f"{folder}: {'no .csv file in this folder' if folder.is_dir() else 'no such file or folder'}")
        paths += found
    return list(dict.fromkeys(paths))


@frozen
class _Row:
    place: Place
    cells: Mapping[str, str]  # by field name
    columns: Mapping[str, int]


class _Reader:
    """One CSV file. What it can't use it says, with line and column; nothing is dropped in silence."""

    def __init__(self, path: Path, prepared: Prepared) -> None:
        self.path, self.prepared = path, prepared
        self.names = Names(prepared.scheme.bodies)
        self.findings: list[Finding] = []

    def find(self, code: str, message: str, place: Place, severity: Severity = Severity.ERROR, **more: str) -> None:
        self.findings.append(Finding(code=code, message=message, place=place, severity=severity, **more))

    def read(self) -> Filed:
        id = self.path.name.split(".")[0]
        here = Place(str(self.path))
        scheme = self.prepared.scheme
        indicators = {indicator.id: indicator for indicator in scheme.indicators}
        try:
            if id == "events":
                return self._events(list(self._rows(EVENT_FIELDS)))
            if id not in indicators:
                known = "、".join([*indicators, "events"])
                self.find("report.unknown_file", f"文件名应以指标代号开头（{known}），“{self.path.name}”未被使用", here)
                return Filed(findings=tuple(self.findings))
            form = self.prepared.plugins.indicator(indicators[id].kind).form
            return self._reports(indicators[id], form, list(self._rows(form)))
        except (ReportError, csv.Error) as error:
            self.find("report.unreadable", f"文件无法读取：{error}", here)
            return Filed(findings=tuple(self.findings))

    # -- rows ------------------------------------------------------------------------------------------------

    def _rows(self, form: Form) -> Iterator[_Row]:
        """The data rows, cells by field name; the header is the first row that names the body's column."""
        header: dict[int, str] | None = None
        rows = csv.reader(io.StringIO(read_text(self.path), newline=""))
        for cells in rows:
            line = rows.line_num
            if not any(cell.strip() for cell in cells) or cells[0].lstrip("\ufeff").startswith("#"):
                continue
            if header is None:
                if any(_is(BODY, cell) for cell in cells):
                    header = self._header(cells, form, line)
                continue
            named = {name: cells[index] for index, name in header.items() if index < len(cells)}
            extra = [cell for cell in cells[max(header, default=0) + 1 :] if cell.strip()]
            if extra:
                self.find(
                    "report.extra_cells", f"这一行比表头多出内容“{extra[0]}”，未被使用", Place(str(self.path), line), Severity.WARNING
                )
            yield _Row(Place(str(self.path), line), named, {name: index + 1 for index, name in header.items()})
        if header is None:
            self.find("report.no_header", f"没有找到表头：应有一行含“{BODY.title}”“{PERIOD.title}”等栏", Place(str(self.path)))

    def _header(self, cells: Sequence[str], form: Form, line: int) -> dict[int, str]:
        fields = (BODY, PERIOD, FILED, *form.fields)
        columns: dict[int, str] = {}
        for index, cell in enumerate(cells):
            place = Place(str(self.path), line, index + 1)
            match = next((one.name for one in fields if _is(one, cell)), None)
            if match in columns.values():
                self.find("report.column_twice", f"“{cell.strip()}”一栏出现两次，只用第一次的", place)
            elif match:
                columns[index] = match
            elif cell.strip():
                self.find("report.unknown_column", f"不认识的栏“{cell.strip()}”，未被使用", place, Severity.WARNING)
        for one in fields:
            if one.name not in columns.values() and not one.missing:
                self.find("report.no_column", f"缺少“{one.title}”一栏", Place(str(self.path), line))
        return columns

    def _who(self, row: _Row, known: Iterable[str] | None = None) -> tuple[model.Body | None, Period | None]:
        """The body and the period of a row; what can't be told is a finding."""
        text = row.cells.get("body", "")
        body = self.names.resolve(text)
        if body is None:
            close = "、".join(self.names.suggest(text))
            hint = f"；是不是{close}？" if close else ""
            self.find("report.unknown_body", f"名单中没有“{text.strip()}”{hint}请核对后改正，系统不代为猜测", _at(row, "body"))
        try:
            return body, Period.read(row.cells.get("period", ""))
        except ValueError:
            self.find("report.period", f"“期间”应为 2023-10 这样的月份，填的是“{row.cells.get('period', '')}”", _at(row, "period"))
            return body, None

    def _values(self, form: Form, row: _Row, body: str, indicator: str) -> dict[str, Cell] | None:
        """The row's values, or None where a cell can't be read (each such cell is a finding)."""
        values: dict[str, Cell] = {}
        sound = True
        for one in (*form.fields, FILED):
            try:
                values[one.name] = one.read(row.cells.get(one.name, ""))
            except QuantityError as error:
                self.find("report.cell", str(error), _at(row, one.name), body=body, indicator=indicator)
                sound = False
        return values if sound else None

    # -- reports ---------------------------------------------------------------------------------------------

    def _reports(self, indicator: model.Indicator, form: Form, rows: Sequence[_Row]) -> Filed:
        reports: list[Report] = []
        refused: list[Refused] = []
        checksums: list[_Row] = []
        asked = {share.body for share in indicator.shares} or {indicator.lead}
        for row in rows:
            if "".join(row.cells.get("body", "").split()) in TOTALS:
                checksums.append(row)
                continue
            body, period = self._who(row)
            if body is None or period is None:
                continue
            if body.id not in asked:
                self.find(
                    "report.not_asked", f"{body.name}不在“{indicator.title}”的填报名单中，这一行未计入", _at(row, "body"),
                    body=body.id, indicator=indicator.id,
                )  # fmt: skip
                continue
            values = self._values(form, row, body.id, indicator.id)
            if values is None:
                refused.append(Refused(indicator=indicator.id, body=body.id, period=period, place=row.place))
                continue
            filed = values.pop("filed")
            if filed is None:
                words = f"{body.name}没有填“{FILED.title}”，无法核对是否迟报"
                self.find("report.no_filing_day", words, _at(row, "filed"), Severity.NOTE, body=body.id, indicator=indicator.id)
            subject = str(values.get(form.subject, "")) if form.subject else ""
            reports.append(
                Report(
                    indicator=indicator.id, body=body.id, period=period, values=values, place=row.place, subject=subject,
                    filed=filed if not isinstance(filed, Quantity | str) else None, columns=row.columns,  # type: ignore[arg-type]
                )
            )  # fmt: skip
        self._checksums(indicator, form, checksums, reports)
        return Filed(reports=tuple(reports), refused=tuple(refused), findings=tuple(self.findings))

    def _checksums(self, indicator: model.Indicator, form: Form, rows: Sequence[_Row], reports: Sequence[Report]) -> None:
        """A 合计 row is no body: it is held against the sum of the rows, for each column that it fills."""
        sums: dict[tuple[Period, str], Fraction] = defaultdict(Fraction)
        for report in reports:
            for name, value in report.values.items():
                if isinstance(value, Quantity):
                    sums[report.period, name] += value.value
        for row in rows:
            try:
                period = Period.read(row.cells.get("period", ""))
            except ValueError:
                self.find("report.period", "合计行没有期间，无法核对", _at(row, "period"), Severity.WARNING)
                continue
            for one in form.fields:
                text = row.cells.get(one.name, "").strip()
                if one.kind != "quantity" or text in BLANKS:
                    continue
                try:
                    printed = read_quantity(text, one.unit).to(one.unit).value
                except QuantityError:
                    self.find("report.cell", f"合计行的“{one.title}”不是数：“{text}”", _at(row, one.name), Severity.WARNING)
                    continue
                total = sums[period, one.name]
                if printed != total:
                    words = f"合计行的“{one.title}”为{decimal_text(printed)}，各行相加为{decimal_text(total)}，相差{decimal_text(printed - total)}{one.unit}"
                    self.find(
                        "report.checksum", f"{words}；请核对有无漏行、错行", _at(row, one.name), Severity.WARNING, indicator=indicator.id
                    )

    # -- events ----------------------------------------------------------------------------------------------

    def _events(self, rows: Sequence[_Row]) -> Filed:
        kinds = {name: event for event in self.prepared.scheme.events for name in (event.id, event.title)}
        events = []
        for row in rows:
            body, period = self._who(row)
            values = self._values(EVENT_FIELDS, row, body.id if body else "", "")
            if body is None or period is None or values is None:
                continue
            kind = kinds.get(str(values["event"]))
            if kind is None:
                known = "、".join(event.title for event in self.prepared.scheme.events)
                self.find("report.unknown_event", f"不认识的事件“{values['event']}”；方案中有：{known}", _at(row, "event"))
                continue
            if not values["document"] or not values["date"]:
                self.find("report.no_evidence", f"{body.name}的“{kind.title}”没有文号或日期，未计入", _at(row, "document"), body=body.id)
                continue
            one = Field(
                name="count", title="数量", unit=kind.unit, minimum=Fraction(0), maximum=Fraction(kind.most), decimals=kind.decimals
            )
            try:
                count = one.read(str(values["count"]))
            except QuantityError as error:
                self.find("report.cell", f"“{kind.title}”的{error}", _at(row, "count"), body=body.id)
                continue
            assert isinstance(count, Quantity)
            events.append(
                Event(
                    kind=kind.id, body=body.id, period=period, count=count, place=row.place, document=str(values["document"]),
                    day=_day(values["date"]), deadline=_day(values["deadline"]), note=str(values["note"] or ""),
                )
            )  # fmt: skip
        return Filed(events=tuple(events), findings=tuple(self.findings))


def _is(field: Field, cell: str) -> bool:
    """Whether a header cell names that field; a unit in brackets and spaces are passed over."""
    plain = "".join(cell.lstrip("\ufeff").split())
    bare = plain.replace("（", "(").partition("(")[0]
    return any(name in (plain, bare) for name in (field.title, field.name, *field.aliases))


def _day(value: Cell) -> date | None:
    return value if isinstance(value, date) else None


def _at(row: _Row, name: str) -> Place:
    return Place(row.place.file, row.place.line, row.columns.get(name, 0))
