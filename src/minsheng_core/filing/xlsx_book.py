"""An .xlsx or .xlsm workbook as a book: what its cells hold, and what only a workbook knows (hidden, merged, not reckoned yet)."""

import io
import warnings
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from ..errors import ReportError
from .extra import excel_package
from .grid import EMPTY, Book, GridCell, GridRow, Merged, Sheet, is_percent, number_text, text_cell
from .package import sound_package
from .stamp import HIDDEN, NAME, read_stamp

__all__ = ["open_workbook", "xlsx_book"]


def open_workbook(content: bytes, *, values: bool, macros: bool = False) -> Any:
    """openpyxl's workbook of bytes that `sound_package` let through, with formulas or with their *values*, *macros* kept or not. Raises ReportError."""
    openpyxl = excel_package("openpyxl")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that it can't keep, dates out of range and the like: seen as errors below
            return openpyxl.load_workbook(io.BytesIO(content), data_only=values, keep_vba=macros)
    except Exception as error:  # noqa: BLE001 - a broken workbook raises anything at all, and never more than this
        raise ReportError(f"工作簿已损坏，无法读取（{type(error).__name__}）；请在 Excel 或 WPS 中打开后另存为 .xlsx 再报") from None


def xlsx_book(content: bytes) -> Book:
    """The workbook's sheets. Raises ReportError, in Chinese, where it is unsafe or can't be read."""
    sound = sound_package(content)
    shown, typed = open_workbook(sound, values=True), open_workbook(sound, values=False)
    found = {sheet.title: tuple(_rows(sheet, typed[sheet.title])) for sheet in shown.worksheets}
    template, indicators = read_stamp(found.get(HIDDEN, ()), _named(shown))
    sheets = tuple(
        Sheet(
            name=sheet.title, rows=found[sheet.title], hidden=sheet.sheet_state != "visible", indicator=indicators.get(sheet.title, ""),
            merged=tuple(Merged(one.min_row, one.min_col, one.max_row, one.max_col) for one in sheet.merged_cells.ranges),
            hidden_columns=frozenset(_hidden_columns(sheet)),
        )
        for sheet in shown.worksheets if sheet.title != HIDDEN
    )  # fmt: skip
    return Book(sheets=sheets, template=template, since_1904=shown.epoch.year == 1904)


def _named(workbook: Any) -> dict[str, str]:
    """Our names, each with the sheet that it points into: a name follows its sheet when that is renamed."""
    names = {}
    for name, defined in workbook.defined_names.items():
        if name.startswith(NAME):
            sheet = str(defined.attr_text or "").rpartition("!")[0]
            names[name] = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
    return names


def _hidden_columns(sheet: Any) -> Iterator[int]:
    for column in sheet.column_dimensions.values():
        if column.hidden and column.min:
            yield from range(column.min, min(column.max, sheet.max_column) + 1)


def _rows(shown: Any, typed: Any) -> Iterator[GridRow]:
    """Rows that hold something. The cells that exist are walked: a sheet's corner may lie a million rows away."""
    rows: dict[int, dict[int, GridCell]] = defaultdict(dict)
    for row, column in sorted({*shown._cells, *typed._cells}):
        cell = _cell(shown._cells.get((row, column)), typed._cells.get((row, column)))
        if cell.kind != "blank":
            rows[row][column] = cell
    for number, cells in rows.items():
        size = shown.row_dimensions.get(number)
        yield GridRow(number, cells, size is not None and (bool(size.hidden) or size.height == 0))


def _cell(shown: Any, typed: Any) -> GridCell:
    value = None if shown is None else shown.value
    if value is None:
        formula = typed is not None and typed.data_type == "f"
        empty = shown is not None and shown.data_type == "str"  # a formula whose result is an empty text
        return GridCell(_formula(typed.value), "uncached") if formula and not empty else EMPTY
    if shown.data_type == "e":
        return GridCell(str(value), "error")
    if isinstance(value, datetime | date):
        return GridCell((value.date() if isinstance(value, datetime) else value).isoformat(), "date")
    if isinstance(value, bool | str):
        return text_cell(str(value).upper() if isinstance(value, bool) else value)
    if isinstance(value, time | timedelta):
        return GridCell(str(value), "text")
    cell = number_text(value)
    return GridCell(cell.text, cell.kind, percent=is_percent(str(shown.number_format)))


def _formula(value: Any) -> str:
    return str(getattr(value, "text", None) or value or "=")
