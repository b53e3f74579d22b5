"""A clerk's file as it stands: sheets of rows of cells, each cell a text and what kind of thing it was. Nothing is interpreted."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from attrs import field, frozen

__all__ = ["EMPTY", "ERRORS", "Book", "GridCell", "GridRow", "Kind", "Merged", "Sheet", "is_percent", "number_text", "text_cell"]

Kind = Literal["blank", "text", "number", "date", "error", "uncached", "imprecise"]
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
DIGITS = 15  # a workbook keeps no more of a number


@frozen
class GridCell:
    """A cell. *text* is a number in plain decimals, a date as ``2023-10-08``, an error as ``#N/A``, else what was typed.

    *kind* ``uncached`` is a formula whose result the file does not hold; ``imprecise`` a number of more digits than a workbook
    keeps. *percent* says that the number is shown with %: 0.985 is seen as 98.5%.
    """

    text: str = ""
    kind: Kind = "blank"
    percent: bool = False


EMPTY = GridCell()


@frozen
class GridRow:
    """A row by its *number* in the file, with its cells that are not blank by 1-based column. A *remark* is a CSV line after ``#``."""

    number: int
    cells: Mapping[int, GridCell]
    hidden: bool = False
    remark: bool = False

    def cell(self, column: int) -> GridCell:
        """The cell in that column."""
        return self.cells.get(column, EMPTY)


@frozen
class Merged:
    """Cells merged into one: the first and last row and column, from 1. Only the first cell holds anything."""

    top: int
    left: int
    bottom: int
    right: int


@frozen(kw_only=True)
class Sheet:
    """A sheet, its rows in order; rows without any content may be absent. *name* is empty in a CSV file.

    *indicator* is what our own template says that it holds (an indicator's id, ``events`` or ``help``), or empty.
    """

    name: str = ""
    rows: Sequence[GridRow]
    merged: Sequence[Merged] = ()
    hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()
    indicator: str = ""


@frozen(kw_only=True)
class Book:
    """A file's sheets, and what our own template keeps in it (``scheme``, ``body``, ``period``). *since_1904* is how Apple's
    workbooks count days."""

    sheets: Sequence[Sheet]
    template: Mapping[str, str] = field(factory=dict)
    since_1904: bool = False


def number_text(value: object) -> GridCell:
    """A workbook's number (an int or a binary float) as exact decimals: the 15 significant digits that a workbook keeps and shows."""
    shown = format(value, f".{DIGITS}g") if not isinstance(value, int) else str(value)
    if not any(character.isdigit() for character in shown):  # inf, nan
        return GridCell("#NUM!", "error")
    number = Decimal(shown)
    if number.adjusted() >= DIGITS:
        return GridCell(format(number, "f"), "imprecise")
    plain = format(number, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return GridCell("0" if plain == "-0" else plain, "number")


def is_percent(number_format: str) -> bool:
    """Whether that format shows a hundred times the number with %. A % that is only words (``0.0"%"``) doesn't."""
    return "%" in re.sub(r'"[^"]*"|\\.|[_*].', "", number_format)


def text_cell(text: str) -> GridCell:
    """What was typed as text: blank where there is nothing, an error where it spells one."""
    plain = text.strip().strip("\ufeff")
    if not plain:
        return EMPTY
    return GridCell(plain, "error") if plain in ERRORS or set(plain) == {"#"} else GridCell(text, "text")
