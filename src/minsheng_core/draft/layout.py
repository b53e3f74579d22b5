"""Lines of plain text as paragraphs and tables: what wraps is put together, what stands in columns is a table."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from ..finding import Place
from .paper import Cell, Grid, Words, join

__all__ = ["BEGINS", "blocks_of_lines"]

Line = tuple[str, Place, bool | None]  # the text, its place, and whether it fills its line; None where nobody measured
# What begins a paragraph, and is no line gone on with.
BEGINS = re.compile(
    r"[\s\u3000]*(?:[一二三四五六七八九十百]{1,4}、|[（(][一二三四五六七八九十]{1,4}[）)]|\d{1,2}[.．、](?!\d)|[（(]\d{1,2}[）)]|第[一二三四五六七八九十]{1,4}[条章项]|附[件表]|[①-⑳])"
)
ENDS = "。！？!?"
_GAPS = re.compile(r"\t|[ \u3000]{2,}|[ ]*[|│┃][ ]*")
_BARS = re.compile(r"[|│┃]")
_NUMERIC = re.compile(r"[\d０-９][\d０-９,，.．]*[%％]?")
_PROSE = re.compile(r"[。；，：！？]")
MAX_COLUMNS = 100
LONG = 16  # characters (of double width) from which on a line may be one that was broken


def blocks_of_lines(lines: Sequence[Line], first_table: int = 1) -> Iterator[Words | Grid]:
    """Paragraphs and tables, in order."""
    number = first_table
    lines = [line for line in lines if not _rule(line[0])]
    plain: list[Line] = []
    at = 0
    while at < len(lines):
        end = _table_end(lines, at)
        if end > at:
            yield from _paragraphs(plain)
            plain = []
            yield _grid(lines[at:end], f"表{number}")
            number += 1
            at = end
        else:
            plain.append(lines[at])
            at += 1
    yield from _paragraphs(plain)


# -- tables --------------------------------------------------------------------------------------------------------


def _cells(text: str) -> list[tuple[str, int]]:
    """The cells of a line that has columns, with their offsets; one where it has none."""
    if "\t" in text:
        pieces, at = [], 0
        for piece in text.split("\t"):
            pieces.append((piece, at))
            at += len(piece) + 1
        return pieces
    if len(_BARS.findall(text)) >= 2:
        pieces, at = [], 0
        for piece in _BARS.split(text):
            pieces.append((piece, at))
            at += len(piece) + 1
        return pieces[not pieces[0][0].strip() : len(pieces) - (not pieces[-1][0].strip())]
    body = text.rstrip().strip("|│┃")
    lead = len(text) - len(text.lstrip(" \u3000|│┃"))
    pieces, at = [], lead
    for gap in _GAPS.finditer(body, lead):
        pieces.append((body[at : gap.start()], at))
        at = gap.end()
    return [*pieces, (body[at:], at)]


def _loose(text: str) -> list[tuple[str, int]]:
    """The cells of a line whose columns are parted by single spaces."""
    return [(match.group(), match.start()) for match in re.finditer(r"[^\s\u3000]+", text)]


def _is_row(text: str) -> bool:
    filled = [cell for cell, _ in _cells(text) if cell.strip()]
    count = len(_cells(text)) if "\t" in text else len(filled)
    if count > MAX_COLUMNS:
        return False
    if count == 2 and BEGINS.fullmatch(filled[0] if filled else ""):
        return False  # a heading whose number is set apart
    return count >= 2


def _rule(text: str) -> bool:
    """A line that only draws."""
    return len(text.strip()) > 2 and set(text.strip()) <= set("-—─━=+|│┃┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛ :")


def _table_end(lines: Sequence[Line], start: int) -> int:
    """One past the last line of the table that begins at *start*; *start* where none does."""
    end = start
    while end < len(lines) and _is_row(lines[end][0]):
        end += 1
    if sum(_is_row(text) for text, *_ in lines[start:end]) >= 2:
        return end
    end = start
    count = len(_loose(lines[start][0]))
    while end < len(lines) and count >= 2 and len(_loose(lines[end][0])) == count and not _PROSE.search(lines[end][0]):
        end += 1
    rows = [[cell for cell, _ in _loose(text)] for text, *_ in lines[start:end]]
    numeric = [row for row in rows if _NUMERIC.fullmatch(row[-1])]
    total = rows and end < len(lines) and not numeric
    if len(numeric) >= 2 and not total and len(rows) - len(numeric) <= 2:
        while end < len(lines) and 2 <= len(_loose(lines[end][0])) < count and _total(lines[end][0]):
            end += 1  # a row of totals has no running number
        return end
    return start


def _total(text: str) -> bool:
    return bool(re.match(r"[\s\u3000]*(?:合\s*计|总\s*计|小\s*计|全[市县区])", text))


def _grid(lines: Sequence[Line], name: str) -> Grid:
    kept = [(text, place) for text, place, _ in lines]
    split = _cells if any(_is_row(text) for text, *_ in kept) and sum(_is_row(text) for text, *_ in kept) >= 2 else _loose
    rows = [[Cell(Words(cell.strip(), ((0, _moved(place, offset)),))) for cell, offset in split(text)] for text, place in kept]
    width = max(len(row) for row in rows)
    header = len(rows[0])
    ragged: set[int] = set()
    for index, row in enumerate(rows):
        tabbed = "\t" in kept[index][0]  # then empty cells are there, too
        if _total(row[0].text) and 1 < len(row) < width and not tabbed:
            row[1:1] = [Cell(Words("", ((0, row[0].place),)))] * (width - len(row))  # 合计 892 below 1 甲镇 300
        elif len(row) != header and not tabbed:
            ragged.add(index)
        row += [Cell(Words("", ((0, row[-1].place),)))] * (width - len(row))
    return Grid(name=name, rows=tuple(tuple(row) for row in rows), ragged=frozenset(ragged))


def _moved(place: Place, offset: int) -> Place:
    return place if place.sheet else Place(place.file, place.line, place.column + offset)


# -- paragraphs ------------------------------------------------------------------------------------------------------


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _paragraphs(lines: Sequence[Line]) -> Iterator[Words]:
    """Lines put together where one only goes on on the next: it fills its line, ends no sentence, and nothing begins below it."""
    full = max((_width(text.rstrip()) for text, *_ in lines), default=0)
    wraps = LONG * 2 <= full <= 140 and sum(full - 3 <= _width(text.rstrip()) for text, *_ in lines) >= 2  # else every paragraph is a line
    current: list[Words] = []
    for index, (text, place, fills) in enumerate(lines):
        stripped = text.rstrip()
        if not stripped.strip():
            yield from _closed(current)
            current = []
            continue
        current.append(Words(stripped if not current else stripped.lstrip(), ((0, place),)))
        following = lines[index + 1][0] if index + 1 < len(lines) else ""
        if text != stripped and text[-1:].isspace():
            current[-1] = Words(current[-1].raw + " ", current[-1].marks)  # it parts what stands here from the next line
        filled = fills if fills is not None else wraps and _width(stripped) >= full - 3
        goes_on = filled and stripped[-1] not in ENDS and following.strip()
        if not goes_on or BEGINS.match(following) or following[:1] in " \u3000\t":
            yield from _closed(current)
            current = []
    yield from _closed(current)


def _closed(parts: list[Words]) -> Iterator[Words]:
    if parts:
        yield join(parts, "") if len(parts) > 1 else parts[0]
