"""The rows of one sheet, cells by field: who and when a row is about, what it says, what is beside the table. Nothing is dropped in silence."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from attrs import define, evolve, field, frozen

from ..errors import QuantityError
from ..field import Cell, Field
from ..finding import Finding, Place, Severity
from ..period import Period
from ..scheme import model
from ..scheme.names import Names
from .grid import EMPTY, Book, GridCell, GridRow, Merged, Sheet
from .habits import is_blank, read_cell, read_period
from .header import Said, Table, find_table, said_in
from .labels import BODY, FILED, FOOTERS, OURS, PERIOD, TOTALS, plain

__all__ = ["Row", "SheetRows"]

KEYS = (BODY.name, PERIOD.name)


@frozen
class Row:
    """A data row: its place, and its cells by field name. *torn* are fields whose cell is merged with the rows around it."""

    place: Place
    cells: Mapping[str, GridCell]
    torn: frozenset[str] = frozenset()


@define(kw_only=True)
class SheetRows:
    """A sheet being read. *fields* are those of its form, *subject* the one a row is about; findings gather in *findings*."""

    book: Book
    sheet: Sheet
    file: str
    names: Names
    fields: Sequence[Field]
    subject: str = ""
    findings: list[Finding] = field(factory=list)
    totals: list[Row] = field(factory=list)
    table: Table | None = None
    said: dict[str, Said] = field(factory=dict)

    def find(self, code: str, message: str, place: Place, severity: Severity = Severity.ERROR, **more: str) -> None:
        """Something was found."""
        self.findings.append(Finding(code=code, message=message, place=place, severity=severity, **more))

    def rows(self) -> list[Row]:
        """The data rows; rows of totals go to *totals*."""
        self.table = table = find_table(self.sheet, self.fields, self.file, self.find)
        if table is None:
            where = Place(self.file, sheet=self.sheet.name)
            self.find("report.no_header", f"没有找到表头：应有一行含“{BODY.title}”“{PERIOD.title}”等栏", where)
            return []
        whole = Place(self.file, sheet=self.sheet.name)
        stamped = {name: text for name in KEYS if (text := self.book.template.get(name, ""))}
        self.said = {name: Said(name=name, cell=GridCell(text, "text"), place=whole) for name, text in stamped.items()}
        self.said |= {one.name: one for row in table.rows if self._is_footer(row) for one in said_in(row, self.file, self.sheet.name)}
        self.said |= table.said
        for one in (BODY, PERIOD, FILED, *self.fields):
            if one.name not in table.columns and not one.missing and one.name not in self.said:
                self.find("report.no_column", f"缺少“{one.title}”一栏", Place(self.file, table.header, 0, self.sheet.name))
        for _name, column in table.columns.items():
            if column in self.sheet.hidden_columns:
                words = f"“{table.headings[column].strip()}”一栏被隐藏，仍按填报读入；请取消隐藏后核对"
                self.find("report.hidden", words, Place(self.file, table.header, column, self.sheet.name), Severity.WARNING)
        return list(self._data(table))

    # -- rows ------------------------------------------------------------------------------------------------

    def _data(self, table: Table) -> Iterator[Row]:
        merged = _Merges(self.sheet.merged, table)
        read = set(table.columns.values())
        ours = {column for column, text in table.headings.items() if column not in read and plain(text).startswith(OURS)}
        for row in table.rows:
            place = Place(self.file, row.number, 0, self.sheet.name)
            cells = {name: row.cell(column) for name, column in table.columns.items()}
            torn = set()
            for name, column in table.columns.items():
                top = merged.top(row.number, column)
                if top is not None:
                    one = next((one for one in self.fields if one.name == name), None)
                    if one is not None and one.kind in ("quantity", "detected"):
                        torn.add(name)
                    elif row.number != top.number:
                        cells[name] = top.cell(column)
            found = Row(place, cells, frozenset(torn))
            if not set(row.cells) - ours:
                continue
            if self._is_total(row, found):
                self.totals.append(found)
                self._extra(row, table)
            elif self._is_footer(row):
                continue
            elif self._is_header(row):
                self.find("report.header_again", "重复的表头，已跳过", place, Severity.NOTE)
            elif not torn and not any(cell.kind != "blank" for name, cell in cells.items() if name not in KEYS):
                self._beside(row, found)
            else:
                self._extra(row, table)
                if row.hidden:
                    self.find("report.hidden", "这一行被隐藏，仍按填报读入；请取消隐藏后核对，不报的行请删除", place, Severity.WARNING)
                if self.book.template and all(is_blank(cell) for name, cell in cells.items() if name not in (*KEYS, self.subject)):
                    who = f"“{cells[self.subject].text}”" if self.subject in cells else "这一行"
                    self.find("report.unfilled", f"{who}没有填，按未填报处理", place, Severity.NOTE)
                else:
                    yield found

    def _is_total(self, row: GridRow, found: Row) -> bool:
        first = row.cell(min(row.cells, default=1))
        return any(plain(cell.text) in TOTALS for cell in (found.cells.get(BODY.name, first), first))

    def _is_footer(self, row: GridRow) -> bool:
        first = row.cell(min(row.cells, default=1))
        column = self.table.columns.get(BODY.name, 0) if self.table else 0
        return first.kind == "text" and bool(FOOTERS.match(plain(first.text))) and not self.names.resolve(row.cell(column).text)

    def _is_header(self, row: GridRow) -> bool:
        table = self.table
        assert table is not None
        return all(plain(row.cell(column).text) == plain(table.headings[column]) for column in table.columns.values())

    def _beside(self, row: GridRow, found: Row) -> None:
        """A row without any figure: a body that was listed and left empty, or words that aren't of the table."""
        stands = found.cells.get(BODY.name, EMPTY)
        if stands.kind != "blank" and self.names.resolve(stands.text):
            words = f"{stands.text.strip()}只有单位，没有填任何内容，按未填报处理"
            self.find("report.unfilled", words, Place(self.file, row.number, 0, self.sheet.name), Severity.WARNING)
            return
        column = min(row.cells)
        place = Place(self.file, row.number, column, self.sheet.name)
        self.find("report.beside", f"“{row.cells[column].text.strip()[:40]}”不是表中的内容，未被使用", place, Severity.WARNING)

    def _extra(self, row: GridRow, table: Table) -> None:
        for column in sorted(set(row.cells) - set(table.headings)):
            place = Place(self.file, row.number, column, self.sheet.name)
            self.find("report.extra_cells", f"“{row.cells[column].text.strip()[:40]}”上方没有表头，未被使用", place, Severity.WARNING)

    # -- cells -----------------------------------------------------------------------------------------------

    def at(self, row: Row, name: str) -> Place:
        """Where that field of the row stands; where it is said for all rows, there."""
        column = self.table.columns.get(name, 0) if self.table else 0
        if not column and name in self.said:
            return self.said[name].place
        return evolve(row.place, column=column)

    def cell(self, row: Row, name: str) -> GridCell:
        """The row's cell of that field, or what is said for all rows where the field has no column, or (a day) is blank in it."""
        own = row.cells.get(name)
        if name in self.said and (own is None or (name == FILED.name and own.kind == "blank")):
            return self.said[name].cell
        return own or EMPTY

    def body(self, row: Row) -> model.Body | None:
        """The body that a row is of; a name that isn't known is a finding."""
        text = self.cell(row, BODY.name).text
        body = self.names.resolve(text)
        if body is None:
            close = "、".join(self.names.suggest(text))
            hint = f"；是不是{close}？" if close else ""
            self.find("report.unknown_body", f"名单中没有“{text.strip()}”{hint}请核对后改正，系统不代为猜测", self.at(row, BODY.name))
        return body

    def period(self, row: Row) -> Period | None:
        """The month that a row is of; what is none is a finding."""
        cell = self.cell(row, PERIOD.name)
        try:
            return read_period(cell)
        except ValueError:
            self.find("report.period", f"“期间”应为 2023-10 这样的月份，填的是“{cell.text}”", self.at(row, PERIOD.name))
            return None

    def read(self, one: Field, cell: GridCell) -> tuple[Cell, str]:
        """A cell of this sheet: its value and a remark. Raises QuantityError."""
        return read_cell(one, cell, self.table.units.get(one.name) if self.table else None, self.book.since_1904)

    def values(self, row: Row, body: str, indicator: str) -> dict[str, Cell] | None:
        """The row's values with the filing day, or None where a cell can't be read (each such cell is a finding)."""
        values: dict[str, Cell] = {}
        sound = True
        for one in (*self.fields, FILED):
            cell = self.cell(row, one.name)
            try:
                if one.name in row.torn:
                    raise QuantityError(f"“{one.title}”与上下行合并成了一格，一个数不能算作几行的；请取消合并，每行分别填写")
                values[one.name], remark = self.read(one, cell)
                if remark:
                    self.find("report.read_as", remark, self.at(row, one.name), Severity.NOTE, body=body, indicator=indicator)
            except QuantityError as error:
                self.find("report.cell", str(error), self.at(row, one.name), body=body, indicator=indicator)
                sound = False
        return values if sound else None


class _Merges:
    """Which cells of a table's columns are merged over several rows, and with which row."""

    def __init__(self, merged: Sequence[Merged], table: Table) -> None:
        self.by_column: dict[int, list[Merged]] = {column: [] for column in table.columns.values()}
        self.rows = {row.number: row for row in table.rows}
        for one in sorted(merged, key=lambda one: one.top):
            if one.bottom > one.top > table.header:
                for column in self.by_column:
                    if one.left <= column <= one.right:
                        self.by_column[column].append(one)

    def top(self, number: int, column: int) -> GridRow | None:
        """The row that holds the content of that cell, where it is merged over rows."""
        several = self.by_column[column]
        at = bisect_right(several, number, key=lambda one: one.top) - 1
        if at < 0 or several[at].bottom < number:
            return None
        return self.rows.get(several[at].top, GridRow(several[at].top, {}))
