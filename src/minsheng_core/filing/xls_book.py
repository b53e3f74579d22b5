"""An old .xls workbook as a book. Its formulas always hold their results; error cells stay errors."""

import io
from collections.abc import Iterator
from typing import Any

from ..errors import ReportError
from .extra import excel_package
from .grid import EMPTY, Book, GridCell, GridRow, Merged, Sheet, is_percent, number_text, text_cell
from .stamp import HIDDEN, NAME, read_stamp

__all__ = ["xls_book"]

ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def xls_book(content: bytes) -> Book:
    """The workbook's sheets. Raises ReportError, in Chinese, where it has a password or can't be read."""
    if ENCRYPTED in content:
        raise ReportError("文件有密码；请取消密码另存后再报")
    xlrd = excel_package("xlrd")
    try:
        workbook = xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=io.StringIO())
        return _book(xlrd, workbook)
    except Exception as error:  # noqa: BLE001 - a broken workbook raises anything at all
        if "encrypt" in str(error).lower():
            raise ReportError("文件有密码；请取消密码另存后再报") from None
        raise ReportError(f"不是可以读取的 .xls 工作簿（{type(error).__name__}）；请在 Excel 或 WPS 中打开后另存为 .xlsx 再报") from None


def _book(xlrd: Any, workbook: Any) -> Book:
    found = {sheet.name: tuple(_rows(xlrd, workbook, sheet)) for sheet in workbook.sheets()}
    names = {one.name: workbook.sheet_by_index(one.result.value[0].coords[0]).name for one in _named(workbook)}
    template, indicators = read_stamp(found.get(HIDDEN, ()), names)
    sheets = tuple(
        Sheet(
            name=sheet.name, rows=found[sheet.name], hidden=sheet.visibility != 0, indicator=indicators.get(sheet.name, ""),
            merged=tuple(Merged(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells),
            hidden_columns=frozenset(column + 1 for column, info in sheet.colinfo_map.items() if info.hidden),
        )
        for sheet in workbook.sheets() if sheet.name != HIDDEN
    )  # fmt: skip
    return Book(sheets=sheets, template=template, since_1904=workbook.datemode == 1)


def _named(workbook: Any) -> Iterator[Any]:
    for one in workbook.name_obj_list:
        if one.name.startswith(NAME) and one.result is not None and one.result.value:
            yield one


def _rows(xlrd: Any, workbook: Any, sheet: Any) -> Iterator[GridRow]:
    for row in range(sheet.nrows):
        cells = {column + 1: _cell(xlrd, workbook, sheet.cell(row, column)) for column in range(sheet.row_len(row))}
        cells = {column: cell for column, cell in cells.items() if cell.kind != "blank"}
        if cells:
            info = sheet.rowinfo_map.get(row)
            yield GridRow(row + 1, cells, info is not None and bool(info.hidden))


def _cell(xlrd: Any, workbook: Any, cell: Any) -> GridCell:
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return EMPTY
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return GridCell(xlrd.error_text_from_code.get(cell.value, "#N/A"), "error")
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return GridCell("TRUE" if cell.value else "FALSE", "text")
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return GridCell(xlrd.xldate_as_datetime(cell.value, workbook.datemode).date().isoformat(), "date")
        except (ValueError, OverflowError):
            return GridCell("#VALUE!", "error")
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        number = number_text(cell.value)
        shown = workbook.format_map[workbook.xf_list[cell.xf_index].format_key].format_str
        return GridCell(number.text, number.kind, percent=is_percent(shown))
    return text_cell(cell.value)
