"""A marked workbook for a file that is none, or an old one: its rows as they stand, each in its own line."""

import io
from decimal import Decimal
from typing import Any

from ..errors import ReportError
from .extra import excel_package
from .grid import Book, GridCell, Sheet
from .labels import PROBLEM, SUMMARY, sheet_name
from .marks import AUTHOR, COLOURS, LINE, LISTED, Marks, safe_length, words, worst
from .stamp import HIDDEN, NAME, stamp_rows

__all__ = ["new_workbook"]

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
WHOLE = "填报"  # the sheet of a file that has no sheets; the file's name says what it holds


def new_workbook(book: Book, marks: Marks) -> bytes:
    """The book's rows with the marks. Raises ReportError where they don't fit into a workbook."""
    if any(row.number > LAST_ROW or max(row.cells) >= LAST_COLUMN for sheet in book.sheets for row in sheet.rows):
        raise ReportError("行或栏太多，一个工作簿放不下，没有做标注；请看问题清单")
    out = io.BytesIO()
    workbook = excel_package("xlsxwriter").Workbook(out, {"in_memory": True})
    style = _Styles(workbook)
    wrapped = {severity: style(bg_color=f"#{colour}", text_wrap=True, valign="top") for severity, colour in COLOURS.items()}
    if marks.listed or not book.sheets:
        summary = workbook.add_worksheet(SUMMARY)
        lines = marks.lines()
        for column, (text, width) in enumerate(zip(LISTED, (8, 36, 90), strict=True)):
            summary.write_string(0, column, text, style(bold=True))
            summary.set_column(column, column, width)
        for row, (severity, texts) in enumerate(lines, 1):
            for column, text in enumerate(texts):
                summary.write_string(row, column, text, wrapped[severity])
        summary.autofilter(0, 0, max(len(lines), 1), 2)
    made = [(one, _sheet(workbook, one, marks, style)) for one in book.sheets if one.name != SUMMARY]
    if book.template:
        _stamp(workbook, book, made)
    workbook.close()
    return out.getvalue()


class _Styles:
    """Cell formats, each made once."""

    def __init__(self, workbook: Any) -> None:
        self.workbook, self.made = workbook, dict[str, Any]()

    def __call__(self, **wanted: Any) -> Any:
        key = repr(sorted(wanted.items()))
        if key not in self.made:
            self.made[key] = self.workbook.add_format(wanted)
        return self.made[key]


def _sheet(workbook: Any, source: Sheet, marks: Marks, style: _Styles) -> Any:
    sheet = workbook.add_worksheet(sheet_name(source.name or WHOLE))
    stands = {(row.number, column) for row in source.rows for column in row.cells}
    for one in source.merged:
        sheet.merge_range(one.top - 1, one.left - 1, one.bottom - 1, one.right - 1, "")
    for row in source.rows:
        if row.hidden:
            sheet.set_row(row.number - 1, None, None, {"hidden": True})
        for column, cell in row.cells.items():
            found = marks.cells.get((source.name, row.number, column))
            colour = {"bg_color": f"#{COLOURS[worst(found)]}"} if found else {}
            _write(style, sheet, row.number - 1, column - 1, cell, colour)
    for (name, number, column), found in marks.cells.items():
        if name == source.name:
            options = {"author": AUTHOR, "x_scale": 2, "y_scale": 1 + len(words(found)) // 60}
            sheet.write_comment(number - 1, column - 1, f"{LINE}\n{words(found)}", options)
            if (number, column) not in stands:
                sheet.write_blank(number - 1, column - 1, None, style(bg_color=f"#{COLOURS[worst(found)]}"))
    rows = {number: found for (name, number), found in marks.rows.items() if name == source.name}
    header = marks.headers.get(source.name, 0)
    if rows and header:
        problem = max(max(row.cells) for row in source.rows)
        sheet.write_string(header - 1, problem, PROBLEM, style(bold=True))
        sheet.set_column(problem, problem, 60)
        for number, found in rows.items():
            if number > header:
                sheet.write_string(
                    number - 1, problem, words(found), style(bg_color=f"#{COLOURS[worst(found)]}", text_wrap=True, valign="top")
                )
        sheet.autofilter(header - 1, 0, max(row.number for row in source.rows) - 1, problem)
    return sheet


def _write(style: _Styles, sheet: Any, row: int, column: int, cell: GridCell, colour: dict[str, str]) -> None:
    """The cell as it stood: a number as a number, everything else as text, never as a formula."""
    if cell.kind == "number":
        shown = {"num_format": "0.00%"} if cell.percent else {}
        sheet.write_number(row, column, Decimal(cell.text), style(**colour, **shown))
    else:
        quoted: dict[str, Any] = {"quote_prefix": True} if cell.text[:1] in ("=", "+", "-", "@", "\t", "\r") else {}
        sheet.write_string(row, column, safe_length(cell.text), style(**colour, **quoted))


def _stamp(workbook: Any, book: Book, made: list[tuple[Sheet, Any]]) -> None:
    """What the template said of itself."""
    known = [(source.indicator, sheet) for source, sheet in made if source.indicator]
    hidden = workbook.add_worksheet(HIDDEN)
    for row, pair in enumerate(stamp_rows(book.template, [holds for holds, _ in known])):
        for column, text in enumerate(pair):
            hidden.write_string(row, column, text)
    hidden.very_hidden()
    for number, (_, sheet) in enumerate(known, 1):
        quoted = sheet.get_name().replace("'", "''")
        workbook.define_name(f"{NAME}{number}", f"='{quoted}'!$A$1")
