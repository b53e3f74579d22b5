"""Any clerk's file as a book: by what it holds, not by what its name says."""

import csv
from pathlib import PurePath

from ..errors import ReportError
from .csv_book import csv_book
from .grid import Book
from .xls_book import xls_book
from .xlsx_book import xlsx_book

__all__ = ["SUFFIXES", "open_book"]

SUFFIXES = (".csv", ".xlsx", ".xlsm", ".xls", ".et", ".ods", ".xlsb")  # looked for in a folder; the last three are refused with words
FOREIGN = {".et": "WPS 表格 .et", ".ods": "OpenDocument .ods", ".xlsb": "二进制 .xlsb"}


def open_book(name: str, content: bytes) -> Book:
    """The sheets of the file *name*. Raises ReportError where it can't be read: what it is, and how to save it instead."""
    suffix = PurePath(name).suffix.lower()
    if suffix in FOREIGN:
        raise ReportError(f"不支持{FOREIGN[suffix]}文件；请打开后用“另存为”选“Excel 工作簿（.xlsx）”再报")
    if content.startswith(b"PK\x03\x04") or (suffix in (".xlsx", ".xlsm") and content.startswith(b"PK")):
        return xlsx_book(content)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return xls_book(content)
    if suffix in (".xlsx", ".xlsm", ".xls"):
        what = "空文件" if not content else "扩展名与内容不符，不是 Excel 工作簿"
        raise ReportError(f"{what}；请在 Excel 或 WPS 中打开后另存为 .xlsx 再报")
    try:
        return csv_book(name, content)
    except csv.Error as error:
        raise ReportError(f"{error}") from None
