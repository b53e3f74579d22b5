"""A paper as it stands: words that know where they stand, and tables of cells. Nothing is interpreted."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from attrs import evolve, field, frozen

from ..finding import Place

__all__ = ["Cell", "Grid", "Paper", "Words", "join", "where"]

# Characters that are others in disguise, one for one, so that offsets hold: full-width digits, and the radicals that PDFs print for characters.
_SAME = {
    code: plain
    for code in [*range(0xFF10, 0xFF1A), 0xFF0E, 0xFF05, *range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00)]
    if len(plain := unicodedata.normalize("NFKC", chr(code))) == 1
}


@frozen
class Words:
    """A text as printed. *marks* are (offset, place) of the lines it was made of; *seams* the offsets where two lines were put together."""

    raw: str
    marks: tuple[tuple[int, Place], ...]
    seams: frozenset[int] = frozenset()
    text: str = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "text", self.raw.translate(_SAME))

    def at(self, offset: int) -> Place:
        """Where the character at *offset* stands; the column counts from 1 inside its line."""
        begin, place = self.marks[max(0, bisect_right(self.marks, offset, key=lambda mark: mark[0]) - 1)]
        return place if place.sheet else evolve(place, column=place.column + offset - begin)

    def seamed(self, start: int, end: int) -> bool:
        """Whether two lines were put together between the two offsets."""
        return any(start <= seam <= end for seam in self.seams)


def join(parts: Iterable[Words], sign: str = "\n") -> Words:
    """The parts one after the other; *sign* stands between them. Where it is empty, a seam is noted."""
    raw: list[str] = []
    marks: list[tuple[int, Place]] = []
    seams: set[int] = set()
    length = 0
    for part in parts:
        if raw:
            raw.append(sign)
            length += len(sign)
            if not sign:
                seams.add(length)
        marks += [(length + offset, place) for offset, place in part.marks]
        seams |= {length + seam for seam in part.seams}
        raw.append(part.raw)
        length += len(part.raw)
    return Words("".join(raw), tuple(marks) or ((0, Place("")),), frozenset(seams))


@frozen
class Cell:
    """A cell. *covered*: merged with the cell above or to the left, whose words it shows."""

    words: Words
    covered: bool = False

    @property
    def text(self) -> str:
        """Its words without the spaces around them."""
        return self.words.text.strip()

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.words.marks[0][1]


@frozen(kw_only=True)
class Grid:
    """A table, all rows of one length. *ragged* are the rows (from 0) that had another number of cells than the header."""

    name: str
    rows: Sequence[Sequence[Cell]]
    ragged: frozenset[int] = frozenset()

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.rows[0][0].place


@frozen(kw_only=True)
class Paper:
    """A paper's paragraphs and tables in order, and what could not be read of it, in Chinese."""

    name: str
    blocks: Sequence[Words | Grid]
    unread: tuple[tuple[Place, str], ...] = ()


def where(place: Place | None) -> str:
    """A place in words for a person: 第12行, 第3页第2行, 表1第3行第2栏."""
    if place is None or not place.line:
        return ""
    if place.sheet.startswith("表"):
        return f"{place.sheet}第{place.line}行" + (f"第{place.column}栏" if place.column else "")
    if place.sheet == "正文":
        return f"正文第{place.line}段"
    return f"{place.sheet}第{place.line}行"
