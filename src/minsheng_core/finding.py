"""Findings: what is wrong or doubtful, how bad, where, and by which clause."""

from collections.abc import Iterable
from enum import Enum

from attrs import frozen

__all__ = ["Finding", "Place", "Severity", "worst"]


class Severity(Enum):
    """How bad a finding is; only an error keeps a figure out of the ledger, and a plugin measures nothing on one."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    @property
    def word(self) -> str:
        """The word clerks read."""
        return {"note": "提示", "warning": "警告", "error": "错误"}[self.value]


@frozen(order=True)
class Place:
    """A place in a file: 1-based line and column (0: the file as a whole); in a workbook, row and column of a *sheet*."""

    file: str
    line: int = 0
    column: int = 0
    sheet: str = ""

    def __str__(self) -> str:
        """``reports.csv:7:4``, or as Excel writes it, ``report.xlsx!养老!D7``."""
        if self.sheet:
            return "!".join(filter(None, [self.file, self.sheet, self.cell]))
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])

    @property
    def cell(self) -> str:
        """The cell as Excel names it (``D7``, ``7`` for a whole row), or empty."""
        letters, column = "", self.column
        while column:
            column, letter = divmod(column - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{self.line}" if self.line else ""


@frozen(kw_only=True)
class Finding:
    """A fact about data or rules that a person should look at.

    *code* is stable and greppable (``insurance.scale``); *message* says what is wrong, what was
    expected and what to do. *body*, *indicator* and *clause* are ids, or empty.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    place: Place | None = None
    body: str = ""
    indicator: str = ""
    clause: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.severity.value}: {self.message} [{self.code}]"


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The most severe of *findings*; None where there are none."""
    order = list(Severity)
    return max((finding.severity for finding in findings), key=order.index, default=None)
