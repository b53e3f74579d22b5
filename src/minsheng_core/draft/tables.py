"""Tables with a row a body, or a column a body: each column of figures is a target and its split."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..allocation.text import UNIT, Entry, PrintedSplit
from ..errors import QuantityError
from ..finding import Place
from ..quantity import PLAIN, Quantity, unit
from .bodies import AREAS, Roll, kind_of
from .figures import exact, is_blank
from .paper import Cell, Grid
from .prose import paired
from .target import Piece, Spot, Target

__all__ = ["body_table", "captioned"]

TOTAL = re.compile(r"合计|总计|共计|总数|全[市县区省]|[市县区]合计|计|全[市县区](?:合计|总计)|任务总数|总任务数?")
SUBTOTAL = re.compile(r"(?:.{0,6})小计")
BODY_HEAD = re.compile(
    r"(?:乡镇|镇乡|镇街|镇（街道）|乡（镇|乡镇（|街道|街镇|县区|区县|县市区|县（市|市县|辖区|地区|园区|单位名称|单位|名称|行政区|责任主体|乡镇名称|县市|承担单位|实施单位)"
)
NOT_BODY_HEAD = re.compile(r"责任|牵头|配合|主管|协办|负责|项目|联系|电话|领导|备注|计量|说明|内容")
SKIP_HEAD = re.compile(
    r"序号|编号|^序$|电话|排名|名次|备注|时限|时间|领导|责任人|联系人|邮编|代码|说明|权重|分值|得分|分数|占比|进度|比例$"
)
LABEL_HEAD = re.compile(r"项目|任务|指标|工程|内容|事项|类别")
GENERIC = re.compile(
    r"(?:年度)?(?:目标|任务|计划|指标|下达|分配|分解|建设|年)*(?:任务|目标|计划|指标|数量|数|量|数量|规模)|数字|任务分解|20\d\d年(?:目标|任务|计划)?(?:任务)?(?:数|量)?|合计|总计|小计|数量"
)
UNIT_NOTE = re.compile(r"[（(]?\s*(?:计量)?单位\s*[：:]\s*(?P<unit>[^\s（）()]{1,12})\s*[）)]?")
UNIT_HEAD = re.compile(rf"[（(]\s*(?P<unit>{UNIT}|[\u4e00-\u9fff㎡²/]{{1,5}})\s*[）)]$|[/／]\s*(?P<slash>{UNIT})$")
CELL = re.compile(r"(?P<number>\d[\d,，]*(?:[.．]\d+)?)\s?(?P<unit>[^\d\s]*)")


class Column(NamedTuple):
    """A column of figures: where it stands, its title, its unit (or why there is none)."""

    at: int
    title: str
    unit: str
    doubt: str


def captioned(grid: Grid, before: Sequence[str]) -> tuple[Grid | None, str, str, str]:
    """The table without its title rows; its caption, the unit that is said for all of it, and remarks below it."""
    caption, unit_all, remarks = "", "", []
    for text in before[-3:]:
        plain = "".join(text.split())
        if match := UNIT_NOTE.search(plain):
            unit_all = match["unit"]
            plain = plain.replace(match.group(), "").strip("（）()")
        if 3 < len(plain) <= 60 and not re.search(r"[。；]$", plain) and not re.fullmatch(r"附[件表]\d*[：:]?", plain):
            caption = plain
    rows = list(grid.rows)
    kept = list(range(len(rows)))
    while kept and _single(rows[kept[0]]):
        text = "".join(_single(rows[kept[0]]).split())
        if match := UNIT_NOTE.search(text):
            unit_all = match["unit"]
            text = text.replace(match.group(), "").strip("（）()")
        caption = text if len(text) > 3 else caption
        kept.pop(0)
    while kept and _single(rows[kept[-1]]) and not re.match(TOTAL, _single(rows[kept[-1]])):
        remarks.append(_single(rows[kept.pop()]))
    if len(kept) < 2:
        return None, caption, unit_all, "".join(remarks)
    ragged = frozenset(kept.index(index) for index in grid.ragged if index in kept)
    return Grid(name=grid.name, rows=tuple(rows[index] for index in kept), ragged=ragged), caption, unit_all, "；".join(reversed(remarks))


def _single(row: Sequence[Cell]) -> str:
    """The words of a row that has only one cell with anything in it (or one merged over all); else empty."""
    filled = {id(cell.words): cell.text for cell in row if cell.text}
    (text,) = filled.values() if len(filled) == 1 else ("",)
    return text


# -- which way it lies -------------------------------------------------------------------------------------------------


def _is_body(roll: Roll, text: str) -> bool:
    name = "".join(text.split())
    return roll.known(name) is not None or kind_of(name) in AREAS.values()


def _body_columns(roll: Roll, rows: Sequence[Sequence[Cell]]) -> list[int]:
    """The columns most of whose cells are bodies; or the one that a heading says is."""
    width, found = len(rows[0]), []
    for at in range(width):
        filled = [row[at].text for row in rows[1:] if row[at].text and not row[at].covered and not _is_total(row[at].text)]
        hits = sum(_is_body(roll, text) for text in filled)
        if len(filled) >= 2 and hits * 5 >= len(filled) * 3 and hits >= 2 and not NOT_BODY_HEAD.search(rows[0][at].text):
            found.append(at)
    if not found:
        for at in range(width):
            head = "".join(rows[0][at].text.split())
            filled = [row[at].text for row in rows[1:] if row[at].text]
            if (
                BODY_HEAD.match(head)
                and not NOT_BODY_HEAD.search(head)
                and len(filled) >= 2
                and not _units(filled)
                and not any(CELL.fullmatch(one) for one in filled)
            ):
                return [at]
    return found


def _units(filled: Sequence[str]) -> bool:
    """Whether a column headed 单位 holds units (户, 公里) and no bodies."""
    return sum(bool(re.fullmatch(UNIT, text.strip())) for text in filled) * 2 >= len(filled)


def _is_total(text: str) -> bool:
    return bool(TOTAL.fullmatch("".join(text.split())))


def _turned(grid: Grid) -> Grid:
    return Grid(name=grid.name, rows=tuple(zip(*grid.rows, strict=True)))


def body_table(grid: Grid, caption: str, unit_all: str, roll: Roll, spot_of: str) -> tuple[list[Target], list[Spot]] | None:
    """The targets of a table over bodies; None where it is no such table."""
    columns = _body_columns(roll, grid.rows)
    if not columns:
        row = next((row for row in grid.rows[:3] if sum(_is_body(roll, cell.text) for cell in row if not cell.covered) >= 2), None)
        if row is None or grid.ragged:
            return None
        grid = _turned(grid)
        columns = _body_columns(roll, grid.rows)
        if not columns:
            return None
    targets: list[Target] = []
    spots: list[Spot] = []
    edges = [*columns, len(grid.rows[0])]
    if len(columns) > 1:  # the table is folded: 乡镇 任务 乡镇 任务
        shift = columns[0]
        width = {right - left for left, right in pairwise(edges)}
        if len(width) != 1:
            columns = columns[:1]
        else:
            step = width.pop()
            head = 1
            rows = [[*row[:shift], *row[shift : shift + step]] for row in grid.rows]
            for left in columns[1:]:
                rows += [[*row[:shift], *row[left : left + step]] for row in grid.rows[head:]]
            grid, columns = Grid(name=grid.name, rows=tuple(tuple(row) for row in rows if any(cell.text for cell in row[shift:]))), [shift]
    for target, spot in _read(grid, columns[0], caption, unit_all, roll, spot_of):
        targets.append(target)
        if spot not in spots:
            spots.append(spot)
    return (targets, spots) if targets else None


# -- reading it --------------------------------------------------------------------------------------------------------


def _read(grid: Grid, at: int, caption: str, unit_all: str, roll: Roll, spot_of: str) -> Iterator[tuple[Target, Spot]]:
    rows = grid.rows
    first = next(
        (i for i, row in enumerate(rows) if i and (_is_body(roll, row[at].text) or _is_total(row[at].text) or _first_total(row, at))), 1
    )
    columns = list(_columns(rows, first, at, unit_all))
    labels = [
        j
        for j in range(at)
        if j not in {one.at for one in columns} and not SKIP_HEAD.search(_head(rows[:first], j)) and not _running(rows[first:], j)
    ]
    named = [row[at].text for row in rows[first:] if row[at].text and not _is_total(row[at].text)]
    if len(set(named)) == len(
        named
    ):  # every body once: what stands before it is a district of the county, unless it says that it is a project
        labels = [j for j in labels if LABEL_HEAD.search(_head(rows[:first], j))]
    groups: dict[str, list[int]] = {}
    label = ""
    for i in range(first, len(rows)):
        text = "—".join(
            dict.fromkeys("".join(rows[i][j].text.split()) for j in labels if rows[i][j].text and not _is_total(rows[i][j].text))
        )
        label = text or label
        groups.setdefault(label, []).append(i)
    varied = len(groups) > 1
    if not columns or (varied and max(len(members) for members in groups.values()) == 1):
        return  # a table of tasks, each in a place of its own
    for group, members in groups.items():
        spot = Spot(
            id=f"{spot_of}.{min(members) + 1}-{max(members) + 1}" if varied else spot_of,
            locator=f"{grid.name}第{min(members) + 1}至{max(members) + 1}行" if varied else grid.name,
            summary="，".join(filter(None, [caption, group if varied else ""])) or grid.name,
            place=grid.place,
        )
        read = [_target(grid, at, column, members, first, group if varied else "", caption, roll, spot.id, labels) for column in columns]
        found = [one for one in read if one is not None]
        _across(found, [one.title for one in columns])
        for one in found:
            yield one, spot


def _first_total(row: Sequence[Cell], at: int) -> bool:
    return any(_is_total(cell.text) for cell in row[: at + 1])


def _running(rows: Sequence[Sequence[Cell]], at: int) -> bool:
    """Whether a column only counts."""
    filled = [row[at].text for row in rows if row[at].text and not _is_total(row[at].text)]
    return bool(filled) and all(re.fullmatch(r"[\d一二三四五六七八九十]{1,3}[.、]?", text) for text in filled)


def _head(rows: Sequence[Sequence[Cell]], at: int) -> str:
    """The words of a column's heading, from the top down."""
    return "—".join(dict.fromkeys("".join(row[at].text.split()) for row in rows if row[at].text))


def _columns(rows: Sequence[Sequence[Cell]], first: int, body: int, unit_all: str) -> Iterator[Column]:
    last = ""
    for at in range(len(rows[0])):
        if at == body:
            continue
        parts = ["" if re.search(r"序号|编号", row[body].text) else "".join(row[at].text.split()) for row in rows[:first]]
        unit_row = next(
            (
                part
                for part, row in zip(parts, rows[:first], strict=True)
                if re.fullmatch(r"(?:计量)?单位", "".join(row[body].text.split())) and re.fullmatch(UNIT, part)
            ),
            "",
        )
        heads = list(dict.fromkeys(part for part in parts if part and part != unit_row))
        filled = [row[at].text for row in rows[first:] if not is_blank(row[at].text)]
        numeric = [text for text in filled if CELL.match(text.lstrip("约近"))]
        if (
            not filled
            or len(numeric) * 2 < len(filled)
            or SKIP_HEAD.search(heads[-1] if heads else "")
            or (at < body and _running(rows[first:], at))
        ):
            continue
        symbol, doubt, title_parts = unit_row, "", []
        for one in heads:
            if match := UNIT_HEAD.search(one):
                said = match["unit"] or match["slash"]
                if _unit(said):
                    symbol = said
                    one = one[: match.start()]
                elif match["unit"] and len(said) <= 2:
                    doubt = f"表头的单位“{said}”不认得"
                    one = one[: match.start()]
            if re.match(r"其中[：:]?", one) and last:
                one = f"{last}其中：{re.sub(r'^其中[：:]?', '', one)}"
            title_parts.append(one)
        if not symbol and unit_all:
            symbol = unit_all if _unit(unit_all) else ""
            doubt = "" if symbol else f"表上的单位“{unit_all}”不认得"
        title = "—".join(part for part in title_parts if part)
        yield Column(at, title, symbol, doubt)
        last = last if "其中：" in title else title


def _unit_column(rows: Sequence[Sequence[Cell]], first: int) -> int:
    """The column that gives each row its unit; -1 where there is none."""
    for at in range(len(rows[0])):
        filled = [row[at].text for row in rows[first:] if row[at].text]
        if re.fullmatch(r"(?:计量)?单位", _head(rows[:first], at)) and filled and all(_unit(text) for text in filled):
            return at
    return -1


def _unit(symbol: str) -> bool:
    try:
        return bool(symbol) and unit(symbol) is not PLAIN
    except QuantityError:
        return False


def _cell(text: str, default: str) -> tuple[Quantity | None, str]:
    """A cell's quantity, or why it can't be taken as it stands."""
    match = CELL.fullmatch("".join(text.split()))
    if not match:
        return None, "格里不只是一个数"
    try:
        quantity = exact(match["number"], match["unit"], default)
    except QuantityError:
        return None, "格里的数或单位读不出"
    if default and quantity.unit.dimension != unit(default).dimension:
        return None, f"格里的单位与表头的“{default}”不同"
    return quantity, ""


def _target(
    grid: Grid,
    at: int,
    column: Column,
    members: Sequence[int],
    first: int,
    group: str,
    caption: str,
    roll: Roll,
    spot: str,
    labels: Sequence[int],
) -> Target | None:
    rows = grid.rows
    title = column.title
    if not title or GENERIC.fullmatch(title):
        title = group or _promise(caption) or title or caption
    elif group:
        title = f"{group}—{title}"
    units = _unit_column(rows, first)
    entries: list[Entry] = []
    pieces: list[Piece] = []
    totals: list[tuple[Quantity, str, Place]] = []
    doubts: list[tuple[str, Place, str]] = []
    for i in members:
        cell, name = rows[i][column.at], "".join(rows[i][at].text.split())
        is_total = _is_total(name) or (not name and _first_total(rows[i], at)) or any(_is_total(rows[i][j].text) for j in labels)
        if is_blank(cell.text):
            continue
        if SUBTOTAL.fullmatch(name) or any(SUBTOTAL.fullmatch("".join(rows[i][j].text.split())) for j in range(at + 1)):
            continue
        quantity, why = _cell(cell.text, column.unit or (rows[i][units].text if units >= 0 else ""))
        if i in grid.ragged:
            why = "这一行的格数与表头不同，不知道属于哪一栏"
        elif cell.covered and not is_total:
            why = "是合并的格，几个单位共有一个数"
        elif cell.words.seams and _meet(cell):
            why = "这个数在原文中跨行，可能连错"
        if quantity is None or why:
            doubts.append((f"{name or '（没有名称）'}：{why}，没有写入", cell.place, cell.text[:20]))
        elif is_total:
            totals.append((quantity, cell.text, cell.place))
        elif not name or rows[i][at].covered:
            doubts.append(("这一行没有自己的单位名称，没有写入", cell.place, cell.text[:20]))
        else:
            if not roll.names and kind_of(name) not in AREAS.values():
                doubts.append((f"从字面看不出“{name}”是不是单位", rows[i][at].place, name))
            entries.append(Entry(name=name, quantity=quantity, place=rows[i][at].place, printed=cell.text))
            pieces.append(Piece(name=name, quantity=quantity, printed=cell.text, place=cell.place))
    if not entries and not totals:
        return None
    total = totals[0] if totals else None
    target = Target(
        title=title or "没有印名称的任务", quantity=total[0] if total else None, printed=total[1] if total else "",
        place=total[2] if total else rows[members[0]][column.at].place, spot=spot, pieces=tuple(pieces), table=True,
    )  # fmt: skip
    shown = [one.quantity for one in entries] + [one[0] for one in totals]
    if column.doubt or all(one.unit == PLAIN for one in shown):
        target.doubt(column.doubt or "表上没有印单位", rows[0][column.at].place, _head(rows[:first], column.at))
    if not title:
        target.doubt("没有读出指标名称", rows[0][column.at].place)
    for words, place, quote in doubts:
        target.doubt(words, place, quote)
    for other in totals[1:]:
        if total and other[0].base != total[0].base:
            target.doubt(f"还印有另一个合计“{other[1]}”", other[2])
    if entries:
        paired(target, PrintedSplit(label=title, total=target.quantity, entries=tuple(entries), place=entries[0].place), roll)
    return target


def _meet(cell: Cell) -> bool:
    return any(cell.words.text[seam - 1 : seam].isdigit() and cell.words.text[seam : seam + 1].isdigit() for seam in cell.words.seams)


def _promise(caption: str) -> str:
    """What a table's caption says that it splits: ``2023年农村改厕任务分解表`` is 农村改厕."""
    plain = re.sub(r"^(?:附[件表]\d*[：:]?)?(?:[\u4e00-\u9fff]{2,6}[市县区])?(?:20\d\d年度?)?", "", caption)
    plain = re.sub(r"(?:建设|年度|目标)?(?:任务|指标|目标|计划)*(?:分解|分配|下达)?(?:表|一览表|计划表|明细表)?$", "", plain)
    return plain.strip("—：:（）()") or caption


def _across(found: Sequence[Target], titles: Sequence[str]) -> None:
    """A column 合计 among the others is their sum, where every row and the total say so."""
    sums = [one for one in found if re.search(r"(?:^|—)(?:合计|总计|小计|总数)$", one.title) or one.title in ("合计", "总计")]
    for whole in sums if len(sums) == 1 else ():
        others = [one for one in found if one is not whole]
        prefix = whole.title.rpartition("—")[0]
        others = [one for one in others if one.title.startswith(prefix + "—")] if prefix else others
        if len(others) < 2:
            continue
        parts = [{piece.name: piece.quantity for piece in one.pieces} for one in others]
        fits = all(
            sum((part[piece.name].base for part in parts if piece.name in part), start=0 * piece.quantity.base) == piece.quantity.base
            for piece in whole.pieces
        )
        same = all(
            one.quantity is None or whole.quantity is None or one.quantity.unit.dimension == whole.quantity.unit.dimension for one in others
        )
        if fits and same and whole.pieces:
            for one in others:
                one.above = whole
        else:
            whole.doubt("这一栏叫合计，各栏相加却不是它", quote=whole.title)
