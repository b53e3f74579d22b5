"""Marks in a clerk's own workbook: everything else of it stays as it is."""

import io
import re
from typing import Any

from ..finding import Severity
from .extra import excel_package
from .labels import PROBLEM, SUMMARY, plain
from .marks import AUTHOR, COLOURS, LINE, LISTED, Marks, words, worst
from .template_sheet import FILL_IN
from .xlsx_book import open_workbook

__all__ = ["marked_workbook"]

LAST_COLUMN = 16_384
REACHES_OUT = re.compile(r"^=.*\|.*!", re.DOTALL)  # =cmd|'/C calc'!A0 starts a program where a spreadsheet still allows it


def marked_workbook(content: bytes, marks: Marks) -> bytes:
    """The workbook with the marks in it; marks of an earlier round are taken away first."""
    workbook = open_workbook(content, values=False, macros=b"vbaProject" in content)
    for sheet in list(workbook.worksheets):
        if sheet.title == SUMMARY:
            workbook.remove(sheet)
            continue
        _clear(sheet)
        _mark(sheet, marks)
    _list(workbook, marks, b"xl/media/" in content)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _fill(colour: str) -> Any:
    return excel_package("openpyxl.styles").PatternFill("solid", start_color=colour, end_color=colour)


def _write(cell: Any, text: str) -> None:
    """Text, whatever it begins with: never a formula, not when it is edited either."""
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = text[:1] in ("=", "+", "-", "@", "\t", "\r")


def _clear(sheet: Any) -> None:
    """No mark of ours is left; a formula that would reach out of the workbook becomes text."""
    ours = {f"00{colour}" for colour in COLOURS.values()} | {f"FF{colour}" for colour in COLOURS.values()}
    for cell in list(sheet._cells.values()):
        if getattr(cell, "comment", None) is not None and LINE in cell.comment.text:
            rest = cell.comment.text.partition(LINE)[0].rstrip()
            author = cell.comment.author
            cell.comment = excel_package("openpyxl.comments").Comment(rest, author) if rest else None
            if cell.fill.fill_type == "solid" and cell.fill.start_color.rgb in ours:
                blank = excel_package("openpyxl.styles").PatternFill()
                cell.fill = _fill(FILL_IN.removeprefix("#")) if sheet.protection.sheet and not cell.protection.locked else blank
        if cell.data_type == "f" and isinstance(cell.value, str) and REACHES_OUT.match(cell.value):
            _write(cell, cell.value)


def _mark(sheet: Any, marks: Marks) -> None:
    comment = excel_package("openpyxl.comments").Comment
    for (name, row, column), found in marks.cells.items():
        if name != sheet.title:
            continue
        cell = _top(sheet, row, column)
        cell.fill = _fill(COLOURS[worst(found)])
        theirs = f"{cell.comment.text.rstrip()}\n" if cell.comment else ""
        note = comment(f"{theirs}{LINE}\n{words(found)}", cell.comment.author if cell.comment else AUTHOR)
        note.width, note.height = 320, 60 + 18 * (len(note.text) // 22)
        cell.comment = note
    header = marks.headers.get(sheet.title, 0)
    if header:
        _problems(sheet, header, marks)


def _top(sheet: Any, row: int, column: int) -> Any:
    """The cell, or the one that it is merged into."""
    cell = sheet.cell(row, column)
    if type(cell).__name__ != "MergedCell":
        return cell
    area = next(one for one in sheet.merged_cells.ranges if cell.coordinate in one)
    return sheet.cell(area.min_row, area.min_col)


def _problems(sheet: Any, header: int, marks: Marks) -> None:
    """The column that says for each row what is wrong, with a filter."""
    filled = [(cell.row, cell.column) for cell in sheet._cells.values() if cell.value is not None]
    column = next(
        (cell.column for cell in sheet._cells.values() if cell.row == header and plain(str(cell.value or "")) == plain(PROBLEM)), 0
    )
    rows = {row: found for (name, row), found in marks.rows.items() if name == sheet.title and row > header}
    if not column and not rows:
        return
    column = column or max((at for _, at in filled), default=0) + 1
    if column > LAST_COLUMN:
        return  # a sheet filled to its edge: its cells are marked, and all is in the list
    styles = excel_package("openpyxl.styles")
    letters = sheet.cell(header, column).column_letter
    for row in {row for row, _ in filled if row > header}:
        if (row, column) in sheet._cells and type(sheet.cell(row, column)).__name__ != "MergedCell":
            sheet.cell(row, column).value = None
    _write(sheet.cell(header, column), PROBLEM)
    sheet.cell(header, column).font = styles.Font(bold=True)
    sheet.column_dimensions[letters].width = 60
    for row, found in rows.items():
        cell = sheet.cell(row, column)
        if type(cell).__name__ == "MergedCell":
            continue
        _write(cell, words(found))
        cell.fill = _fill(COLOURS[worst(found)])
        cell.alignment = styles.Alignment(wrap_text=True, vertical="top")
        tall = sum(1 + len(line) // 40 for line in words(found).splitlines()) * 16
        sheet.row_dimensions[row].height = max(tall, sheet.row_dimensions[row].height or 0)
    if not sheet.tables:
        last = max((row for row, _ in filled), default=header)
        sheet.auto_filter.ref = f"A{header}:{letters}{max(last, *rows, header + 1)}"
        sheet.protection.autoFilter = False  # that is: filtering is not forbidden


def _list(workbook: Any, marks: Marks, pictures: bool) -> None:
    """A sheet in front that lists everything; and that *pictures* of the original aren't in the copy."""
    lines = marks.lines()
    if pictures:
        lines.append((Severity.NOTE, (Severity.NOTE.word, "整个文件", "原件里的图片（如印章）没有带到这份退回件里；以原件为准")))
    if not lines:
        return
    styles = excel_package("openpyxl.styles")
    sheet = workbook.create_sheet(SUMMARY, 0)
    for column, text in enumerate(LISTED, 1):
        _write(sheet.cell(1, column), text)
        sheet.cell(1, column).font = styles.Font(bold=True)
    for row, (severity, texts) in enumerate(lines, 2):
        for column, text in enumerate(texts, 1):
            _write(sheet.cell(row, column), text)
            sheet.cell(row, column).fill = _fill(COLOURS[severity])
            sheet.cell(row, column).alignment = styles.Alignment(wrap_text=True, vertical="top")
    for letters, width in (("A", 8), ("B", 36), ("C", 90)):
        sheet.column_dimensions[letters].width = width
    sheet.auto_filter.ref = f"A1:C{len(lines) + 1}"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = excel_package("openpyxl.worksheet.properties").PageSetupProperties(fitToPage=True)
    for one in workbook.worksheets:
        one.sheet_view.tabSelected = False
    workbook.active = 0
