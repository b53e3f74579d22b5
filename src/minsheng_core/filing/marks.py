"""Findings by the cell and the row they stand at, in the words that go into a marked file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from ..finding import Finding, Severity

__all__ = ["AUTHOR", "COLOURS", "LINE", "LISTED", "Marks", "safe_length"]

AUTHOR = "系统核对"
LINE = "—— 系统核对 ——"  # parts our words from a clerk's own comment
COLOURS = {Severity.ERROR: "FFC7CE", Severity.WARNING: "FFEB9C", Severity.NOTE: "DDEBF7"}
LISTED = ("级别", "位置", "问题")  # the columns of the summary
LONGEST = 32_000  # characters; a cell takes 32,767


@frozen(kw_only=True)
class Marks:
    """*cells* by (sheet, row, column) and *rows* by (sheet, row) are warnings and errors; *listed* is everything; *headers* are the
    header rows by sheet."""

    cells: Mapping[tuple[str, int, int], Sequence[Finding]]
    rows: Mapping[tuple[str, int], Sequence[Finding]]
    listed: Sequence[Finding]
    headers: Mapping[str, int]

    @classmethod
    def of(cls, findings: Iterable[Finding], headers: Mapping[str, int]) -> "Marks":
        """The marks of those findings, each said once."""
        once = list(dict.fromkeys(findings))
        cells, rows = defaultdict(list), defaultdict(list)
        for one in once:
            if one.place and one.place.line and one.severity is not Severity.NOTE:
                if one.place.column:
                    cells[one.place.sheet, one.place.line, one.place.column].append(one)
                rows[one.place.sheet, one.place.line].append(one)
        return cls(cells=dict(cells), rows=dict(rows), listed=once, headers=headers)

    def lines(self) -> list[tuple[Severity, tuple[str, str, str]]]:
        """The summary's lines, the worst first."""
        order = list(Severity)
        worst = sorted(self.listed, key=lambda one: -order.index(one.severity))
        return [(one.severity, (one.severity.word, where(one), safe_length(one.message))) for one in worst]


def where(finding: Finding) -> str:
    """The sheet and cell, without the file's name."""
    place = finding.place
    if place is None or not (place.sheet or place.line):
        return "整个文件"
    cell = place.cell if place.column else (f"第{place.line}行" if place.line else "整张表")
    return f"{place.sheet} {cell}".strip()


def words(findings: Sequence[Finding]) -> str:
    """What is said at a cell or a row."""
    return safe_length("\n".join(f"【{one.severity.word}】{one.message}" for one in findings))


def worst(findings: Sequence[Finding]) -> Severity:
    """The most severe of them."""
    order = list(Severity)
    return max((one.severity for one in findings), key=order.index)


def safe_length(text: str) -> str:
    """The text, no longer than a cell can hold."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
