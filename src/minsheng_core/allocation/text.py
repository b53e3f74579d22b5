"""Reading splits out of running text, as such papers print them: ``城居养保75.743万人：道林镇32929人、…``."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from attrs import frozen

from ..errors import QuantityError
from ..finding import Place
from ..quantity import PLAIN, Quantity, read_quantity

__all__ = ["NUMBER", "UNIT", "Entry", "PrintedSplit", "read_splits"]

LEADS = ("其中", "分别为", "具体为")
_DIGITS = r"[0-9０-９]"
NUMBER = rf"(?:{_DIGITS}{{1,3}}(?:[,，]{_DIGITS}{{3}}){{1,5}}(?!{_DIGITS})|{_DIGITS}{{1,18}}+(?!{_DIGITS}))(?:[.．]{_DIGITS}{{1,10}}+(?!{_DIGITS}))?"
UNIT = r"(?:[万亿千百]?(?:人次|人|名|户|所|个百分点|百分点|个|家|项|件|起|篇|座|处|套|台|册|张|条|辆|盏|眼|口|间|场|株|例|栋|元|亩|公顷|平方公里|公里|千米|平方米|米|吨)|万(?![\u3400-\u9fff])|%|％)"
_HAN = r"[\u3400-\u9fff·]"
# A name may be broken by the end of a line inside a list; 共 alone says a total.
_NAME = rf"(?:(?<=[、，,；;]){_HAN}{{1,10}}\n{_HAN}{{1,15}}|{_HAN}{{2,20}}|(?<!{_HAN})共)"
_GAP = r"[ \t\u3000]{0,8}+"  # bounded and possessive: a megabyte of spaces must not be tried in every way
_FIGURE = re.compile(
    rf"(?P<name>{_NAME})(?:{_GAP}[（(](?P<said>{UNIT})[)）]{_GAP}|{_GAP}\n?{_GAP})[：:（(]?{_GAP}(?P<number>{NUMBER})"
    rf"(?:(?P<unit>{UNIT})|[ \t\u3000]{{1,8}}+(?P<apart>{UNIT})(?!{_HAN}))?[)）]?"  # 白果乡15 元坝镇280: that 元 begins a name
)
# Separators; at the start of a line of a table a running number may stand before the name.
_BETWEEN = re.compile(r"[\s\u3000、,，;；和及与]{0,10}(?:以及)?(?:(?<=\n)[ \t]*\d{1,3}[ \t.、．]{1,3})?")
_TOTAL = re.compile(r"(?:全.|以上)?(?:合计|总计|共计|小计|总共|一共).{0,6}|共")  # 共和镇 is no total
_HEADING = re.compile(r"(?:^|\n)[ \t\u3000]*(?:[一二三四五六七八九十]{1,3}|\d{1,2})、$")
_TIME = re.compile(r"年|月|日|号|期|第")
_EDGE = re.compile(r"^(?:其中|以及|和|及|与|各|有)+|(?:任务|目标|计划|完成)$")


@frozen(kw_only=True)
class Entry:
    """One body's part as printed: its name, its figure, where it stands (line and column; *offset* in the text), and the words of both."""

    name: str
    quantity: Quantity
    place: Place
    printed: str = ""
    offset: int = 0


@frozen(kw_only=True)
class PrintedSplit:
    """A split as printed. *label* is what was said before the total; *total* is None where none is printed.

    *span* is from where to where the items stand in the text, *total_at* where the total's name and number begin (-1: nowhere).
    """

    label: str
    total: Quantity | None
    entries: tuple[Entry, ...]
    place: Place
    span: tuple[int, int] = (0, 0)
    total_at: tuple[int, int] = (-1, -1)


@frozen
class _Figure:
    name: str
    number: str
    unit: str
    start: int
    name_start: int
    number_start: int
    end: int


def read_splits(text: str, file: str = "<text>") -> tuple[PrintedSplit, ...]:
    """Every split in *text*: a run of three or more ``name number`` items, or of two after a total or 其中.

    Names are taken as printed. An item without a unit is in the run's unit, and that in the total's.
    """
    runs: list[list[_Figure]] = []
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    for figure in _figures(text):
        closed = runs and len(runs[-1]) > 1 and _is_total(runs[-1][-1])  # a subtotal: what follows is another split
        if runs and not closed and _joined(text, runs[-1], figure):
            runs[-1].append(figure)
        else:
            runs.append([figure])
    splits = []
    for index, run in enumerate(runs):
        before = runs[index - 1][-1] if index else None
        split = _split(text, file, starts, list(run), before)
        if split:
            splits.append(split)
    return tuple(splits)


def _figures(text: str) -> Iterator[_Figure]:
    end = -1
    for match in _FIGURE.finditer(text):
        after = text[match.end() : match.end() + 8].lstrip()[:1]
        unit = match["unit"] or match["apart"] or match["said"] or ""
        if not unit and after and _TIME.match(after):
            continue  # 2023年, 8月
        if match["number"] == "1" and not unit and "\n" in text[match.end("name") : match.start("number")]:
            continue  # the running number of a table's first row, below its header
        name = match["name"]
        # 和 and its like are conjunctions right behind a figure (50户和丙镇); behind a sign they begin a name (、和平镇)
        edge = re.match(r"^(?:其中|以及|和|及|与)+" if match.start() == end else r"^(?:其中|以及)+", name)
        end = match.end()
        cut = edge.end() if edge and len(name) - edge.end() >= 2 else 0
        if "\n" in name and _HEADING.search(text, max(0, match.start() - 8), match.start()):
            cut = name.index("\n") + 1  # 二、总产量: a heading, and no name that goes on in the next line
        yield _Figure(
            name[cut:].replace("\n", ""), match["number"], unit, match.start(), match.start() + cut, match.start("number"), match.end()
        )


def _is_total(figure: _Figure) -> bool:
    return bool(_TOTAL.fullmatch(figure.name))


def _joined(text: str, run: list[_Figure], figure: _Figure) -> bool:
    """Whether a figure goes on the run before it: only separators lie between, and a ；after items that had none ends it."""
    between = text[run[-1].end : figure.name_start]
    if _is_total(figure):
        between = between.replace("。", "").replace("，共", "，")
    if not _BETWEEN.fullmatch(between):
        return False
    parted = any(mark in between for mark in ";；")
    last = text[run[-2].end : run[-1].name_start] if len(run) > 1 else "；"
    closed = parted and not any(mark in last for mark in ";；")
    return not closed or _is_total(figure)


def _split(text: str, file: str, starts: list[int], run: list[_Figure], before: _Figure | None) -> PrintedSplit | None:
    """The split that a run of figures is, or None where it is none."""
    head = tail = None
    if run and _is_total(run[-1]):
        tail = run.pop()
    if len(run) > 2 and (_is_total(run[0]) or _opens(text, run[0], run[1])):
        head = run.pop(0)
    elif before and run and _introduces(text[before.end : run[0].name_start]):
        head = before
    introduced = head or tail or (run and any(word in text[max(0, run[0].name_start - 6) : run[0].name_start] for word in LEADS))
    if len(run) < (2 if introduced else 3):
        return None
    if len({figure.unit for figure in run if figure.unit}) > 1 and not _one_family(run):
        return None
    total = head or tail
    fallback = next((figure.unit for figure in reversed(run) if figure.unit), "")
    printed = _quantity(total, fallback) if total else None
    if not fallback and printed:
        fallback = printed.unit.symbol.lstrip("万亿千百") or printed.unit.symbol
    entries = tuple(
        Entry(
            name=one.name,
            quantity=_quantity(one, fallback),
            place=_place(file, starts, one.name_start),
            printed=text[one.name_start : one.end],
            offset=one.name_start,
        )
        for one in run
    )
    return PrintedSplit(
        label=re.sub(_EDGE, "", total.name) if total else "",
        total=printed,
        entries=entries,
        place=entries[0].place,
        span=(run[0].name_start, run[-1].end),
        total_at=(total.name_start, total.number_start) if total else (-1, -1),
    )


def _opens(text: str, first: _Figure, second: _Figure) -> bool:
    """Whether a figure that opens a run is its total: ``…万人：`` or ``…户，其中``."""
    return _introduces(text[first.end : second.start] + text[second.start : second.name_start])


def _introduces(between: str) -> bool:
    plain = "".join(between.split())
    return plain[:1] in ("：", ":", "（", "(") or plain.lstrip("，,；;。").startswith(LEADS)


def _one_family(run: list[_Figure]) -> bool:
    """万人 beside 人 is one unit; 人 beside 所 is not a split."""
    try:
        return len({_quantity(figure, "").unit.dimension for figure in run if figure.unit}) == 1
    except QuantityError:
        return False


def _quantity(figure: _Figure, fallback: str) -> Quantity:
    unit = figure.unit
    number = figure.number.replace("，", ",").replace("．", ".")
    if unit in ("", "万"):
        return read_quantity(number + unit, fallback if fallback != "万" else PLAIN)
    return read_quantity(number + unit)


def _place(file: str, starts: list[int], offset: int) -> Place:
    line = bisect_right(starts, offset)
    return Place(file, line, offset - starts[line - 1] + 1)
