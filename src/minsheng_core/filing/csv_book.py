"""A CSV file as a book of one sheet without a name; a row's number is the line that it ends on."""

import csv
import io

from .grid import EMPTY, Book, GridRow, Sheet, text_cell
from .text import decode

__all__ = ["csv_book"]


def csv_book(name: str, content: bytes) -> Book:
    """The file's rows. Raises ReportError where it is no text, csv.Error where a row can't be taken apart."""
    reader = csv.reader(io.StringIO(decode(name, content), newline=""))
    rows = []
    for cells in reader:
        found = {column: cell for column, text in enumerate(cells, 1) if (cell := text_cell(text)).kind != "blank"}
        if found:
            first = found.get(1, EMPTY)
            rows.append(GridRow(reader.line_num, found, remark=first.kind == "text" and first.text.startswith("#")))
    return Book(sheets=(Sheet(rows=tuple(rows)),))
