"""A .docx as a paper: its paragraphs, with the numbers that Word puts before them, and its tables, merged cells and all."""

import io
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ..errors import ReportError
from ..filing.package import WORD, sound_package
from ..finding import Place
from .paper import Cell, Grid, Paper, Words

__all__ = ["word_paper"]

MAX_DOCUMENT = 30_000_000  # bytes of the text part, inflated
MAX_COLUMNS = 100
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
GONE = {
    f"{W}del",
    f"{W}moveFrom",
    f"{W}instrText",
    f"{W}rPr",
    f"{W}pPr",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
DIGITS = "零一二三四五六七八九十"


def word_paper(name: str, content: bytes) -> Paper:
    """The paper. Raises ReportError for what is no Word document, or one beyond bounds."""
    sound_package(content, WORD)  # no bomb, no document type, no password
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        if package.getinfo(WORD.main).file_size > MAX_DOCUMENT:
            raise ReportError(f"正文超过{MAX_DOCUMENT // 10**6}MB，不像任务分解方案，没有读")
        document = ElementTree.fromstring(package.read(WORD.main))
        numbers = _Numbers(package)
    body = document.find(f"{W}body")
    blocks: list[Words | Grid] = []
    paragraphs = tables = 0
    for element in _blocks(body if body is not None else document):
        if element.tag == f"{W}p":
            paragraphs += 1
            place = Place(name, paragraphs, sheet="正文")
            text = numbers.before(element) + _text(element)
            blocks += [Words(line, ((0, place),)) for line in text.split("\n") if line.strip()]
        else:
            tables += 1
            grid = _grid(element, name, f"表{tables}", numbers)
            blocks += [grid] if grid else []
    return Paper(name=name, blocks=tuple(blocks))


def _blocks(parent: Element) -> Iterator[Element]:
    """Paragraphs and tables in order, also inside content controls and inserted parts."""
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}smartTag", f"{W}customXml"):
            yield from _blocks(child)


def _text(element: Element) -> str:
    """What is seen: without what was deleted under tracking, and without codes of fields."""
    parts: list[str] = []
    stack = [element]
    while stack:
        one = stack.pop()
        match one.tag.removeprefix(W):
            case "t":
                parts.append(one.text or "")
            case "tab":
                parts.append("\t")
            case "br" | "cr":
                parts.append("\n")
            case "noBreakHyphen":
                parts.append("-")
            case _:
                stack += [child for child in reversed(one) if child.tag not in GONE]
    return "".join(parts)


def _grid(table: Element, name: str, title: str, numbers: "_Numbers") -> Grid | None:
    """The table, each merged cell shown in all the places that it covers."""
    rows: list[list[Cell]] = []
    for element in _rows(table):
        number = len(rows) + 1
        cells: list[Cell] = []
        skipped = element.find(f"{W}trPr/{W}gridBefore")
        for _ in range(min(_int(skipped), MAX_COLUMNS) if skipped is not None else 0):
            cells.append(Cell(Words("", ((0, Place(name, number, len(cells) + 1, title)),))))
        for cell in element.iter(f"{W}tc"):
            span = cell.find(f"{W}tcPr/{W}gridSpan")
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            place = Place(name, number, len(cells) + 1, title)
            going_on = merge is not None and merge.get(f"{W}val", "continue") == "continue"
            above = rows[-1][len(cells)] if going_on and rows and len(cells) < len(rows[-1]) else None
            paragraphs = (numbers.before(one) + _text(one) for one in cell.iter(f"{W}p"))
            words = above.words if above else Words("\n".join(paragraphs).strip("\n"), ((0, place),))
            for index in range(min(_int(span), MAX_COLUMNS) if span is not None else 1):
                cells.append(Cell(words, covered=above is not None or index > 0))
        if cells and len(cells) <= MAX_COLUMNS:
            rows.append(cells)
    width = max((len(row) for row in rows), default=0)
    ragged = frozenset(index for index, row in enumerate(rows) if len(row) != width)
    for number, row in enumerate(rows, 1):
        row += [Cell(Words("", ((0, Place(name, number, width, title)),)))] * (width - len(row))
    return Grid(name=title, rows=tuple(tuple(row) for row in rows), ragged=ragged) if rows else None


def _rows(table: Element) -> Iterator[Element]:
    """The table's own rows; those of a table inside a cell are words of that cell."""
    for child in table:
        if child.tag == f"{W}tr":
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
            yield from _rows(child)


def _int(element: Element) -> int:
    text = element.get(f"{W}val", "1")
    return int(text) if text.isdecimal() and len(text) < 6 else 1


class _Numbers:
    """The numbers that Word puts before paragraphs: 一、（一）1. are not in the text but in the list that a paragraph belongs to."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.levels: dict[tuple[str, int], tuple[str, str, int]] = {}  # list and level → kind of digits, text, first
        self.styles: dict[str, tuple[str, int]] = {}
        self.counts: dict[tuple[str, int], int] = {}
        names = set(package.namelist())
        if "word/numbering.xml" in names and package.getinfo("word/numbering.xml").file_size < MAX_DOCUMENT:
            self._read(ElementTree.fromstring(package.read("word/numbering.xml")))
        if self.levels and "word/styles.xml" in names and package.getinfo("word/styles.xml").file_size < MAX_DOCUMENT:
            for style in ElementTree.fromstring(package.read("word/styles.xml")).iter(f"{W}style"):
                if (found := _list(style.find(f"{W}pPr/{W}numPr"))) is not None:
                    self.styles[style.get(f"{W}styleId", "")] = found

    def _read(self, root: Element) -> None:
        kinds = {one.get(f"{W}abstractNumId", ""): one for one in root.iter(f"{W}abstractNum")}
        for number in root.iter(f"{W}num"):
            of = number.find(f"{W}abstractNumId")
            for level in kinds.get(of.get(f"{W}val", "") if of is not None else "", ()):
                if level.tag == f"{W}lvl":
                    digits, text, first = (level.find(f"{W}{name}") for name in ("numFmt", "lvlText", "start"))
                    self.levels[number.get(f"{W}numId", ""), int(level.get(f"{W}ilvl", "0"))] = (
                        digits.get(f"{W}val", "") if digits is not None else "",
                        text.get(f"{W}val", "") if text is not None else "",
                        _int(first) if first is not None else 1,
                    )

    def before(self, paragraph: Element) -> str:
        """The number before a paragraph, or nothing. Asked once for each paragraph, in order: it counts."""
        if not self.levels:
            return ""
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        found = _list(paragraph.find(f"{W}pPr/{W}numPr")) or self.styles.get(style.get(f"{W}val", "") if style is not None else "")
        if found is None or found not in self.levels:
            return ""
        name, level = found
        self.counts[found] = self.counts.get(found, self.levels[found][2] - 1) + 1
        for one in [one for one in self.counts if one[0] == name and one[1] > level]:
            del self.counts[one]
        text = self.levels[found][1]
        for above in range(level + 1):
            digits, _, first = self.levels.get((name, above), ("", "", 1))
            text = text.replace(f"%{above + 1}", _digits(self.counts.get((name, above), first), digits))
        return text


def _list(properties: Element | None) -> tuple[str, int] | None:
    if properties is None:
        return None
    name, level = properties.find(f"{W}numId"), properties.find(f"{W}ilvl")
    if name is None:
        return None
    return name.get(f"{W}val", ""), int(level.get(f"{W}val", "0")) if level is not None else 0


def _digits(count: int, kind: str) -> str:
    """A count in those digits; none for bullets."""
    if "hinese" in kind or kind in ("ideographDigital", "japaneseCounting", "ideographTraditional", "taiwaneseCounting"):
        tens, ones = divmod(count, 10)
        return (
            DIGITS[count]
            if count <= 10
            else (DIGITS[tens] if tens > 1 else "") + "十" + (DIGITS[ones] if ones else "")
            if count < 100
            else str(count)
        )
    return "" if kind in ("bullet", "none") else str(count)
