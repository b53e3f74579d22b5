"""Tables with a row a task: what is promised, its target, how it is split, who answers, by when. Read by content where columns have shifted."""

import re
from collections.abc import Sequence

from attrs import define, evolve, field

from ..allocation.text import UNIT, read_splits
from ..errors import QuantityError
from ..quantity import PLAIN, Quantity, unit
from .bodies import Roll, duties, kind_of, kinds_of_all, listed
from .figures import Figure, is_blank, whole_figure
from .paper import Cell, Grid
from .prose import paired, targets_of
from .target import Spot, Target

__all__ = ["Row", "task_rows"]

ROLES: dict[str, re.Pattern[str]] = {
    "skip": re.compile(r"领导|责任人|联系|备注|电话|完成情况|进展|资金|投资|来源|分值|权重|得分|说明|措施|进度"),
    "seq": re.compile(r"^序$|序号|编号"),
    "deadline": re.compile(r"时限|完成时间|时间|期限|节点"),
    "joint": re.compile(r"(?:配合|协办|协同|协作|参与|参加|支持|协助)(?:责任)?(?:单位|部门)"),
    "lead": re.compile(r"(?:牵头|主要责任|第一责任|主管|主办|主责)"),
    "plain": re.compile(r"(?:责任|实施|负责|承担|承办)(?:单位|部门|主体)"),
    "split": re.compile(r"分解|分配|分县|分乡"),
    "unit": re.compile(r"^(?:计量)?单位$"),
    "target": re.compile(r"目标|指标值|任务数|计划数|^指标$|数量|规模|^任务$|任务量"),
    "content": re.compile(r"内容|任务|指标|事项|要求"),
    "class": re.compile(r"类别|领域|分类|类型"),
    "project": re.compile(r"项目|工程|名称|实事"),
}  # fmt: skip
_SAME = re.compile(r"同上|〃|″")
_DEADLINE = re.compile(
    r"(?:20\d\d年)?(?:\d{1,2}月(?:\d{1,2}日|底|末|份)?|底|年底|全年|年内)(?:之?前|以前|内)?|20\d\d年(?:底|末)?(?:之?前|内)?"
)


@define(kw_only=True)
class Row:
    """A row as read: its place, its project, its targets, who answers (names as printed), and figures that are no target."""

    spot: Spot
    project: str
    title: str
    targets: list[Target] = field(factory=list)
    lead: tuple[tuple[str, Cell], ...] = ()
    joint: tuple[tuple[str, Cell], ...] = ()
    plain: tuple[tuple[str, Cell], ...] = ()
    deadline: str = ""
    skipped: list[tuple[Cell, Figure]] = field(factory=list)
    own: bool = True  # whether the row names who answers, and not only the one above it


def task_rows(grid: Grid, roll: Roll, spot_of: str) -> list[Row]:
    """The rows of a table of tasks; none where its header says that it is no such table."""
    roles = _roles(grid.rows[0])
    first = 1
    if len(grid.rows) > 2 and len(set(roles.values()) - {"", "skip"}) >= 2:
        below = _roles(grid.rows[1])
        if sum(bool(role) for role in below.values()) * 2 >= len([cell for cell in grid.rows[1] if cell.text]) > 0 and not any(
            whole_figure(cell.text) or len(cell.text) > 15 for cell in grid.rows[1]
        ):
            roles = {at: below.get(at) or role for at, role in roles.items()}  # a header of two rows
            first = 2
    said = set(roles.values())
    if not said & {"target", "content", "project"} or len(said - {"", "skip"}) < 2:
        return []
    rows: list[Row] = []
    carried: dict[str, tuple[str, tuple[tuple[str, Cell], ...]]] = {}
    project = ""
    for index in range(first, len(grid.rows)):
        row = grid.rows[index]
        if not any(cell.text for cell in row) or re.match(r"注[：:1]|备注|说明", row[0].text):
            continue
        spot = Spot(
            id=f"{spot_of}.{len(rows) + 1}",
            locator=f"附{grid.name}第{len(rows) + 1}行",
            summary="",
            place=next((cell.place for cell in row if cell.text), row[0].place),
        )
        read = _row(row, roles, roll, spot, len(rows) + 1, grid.rows[0], index in grid.ragged)
        project = read.project or project
        read.project = project
        for role in ("lead", "joint", "plain"):
            names = getattr(read, role)
            if not names and not (read.lead or read.plain) and role in carried:
                setattr(read, role, carried[role][1])
        read.own = bool(_own(row, read))
        if read.lead or read.plain:
            carried = {role: ("", getattr(read, role)) for role in ("lead", "joint", "plain")}
        rows.append(read)
    return rows


def _own(row: Sequence[Cell], read: Row) -> bool:
    return any(cell in row for _, cell in (*read.lead, *read.plain))


def _roles(header: Sequence[Cell]) -> dict[int, str]:
    roles = {}
    for at, cell in enumerate(header):
        plain = re.sub(r"[（(].*?[）)]", "", "".join(cell.text.split()))
        roles[at] = next((role for role, pattern in ROLES.items() if plain and len(plain) <= 16 and pattern.search(plain)), "")
    return roles


def _bodies(cell: Cell, roll: Roll) -> tuple[tuple[str, int], ...]:
    """The names in a cell, where it holds bodies and nothing else."""
    names = listed(cell.words)
    good = [name for name, _ in names if roll.likely(name) or kinds_of_all(name)]
    return names if names and len(good) * 2 > len(names) and not re.search(r"\d", cell.text) else ()


def _row(row: Sequence[Cell], roles: dict[int, str], roll: Roll, spot: Spot, number: int, header: Sequence[Cell], ragged: bool) -> Row:
    shift = _shift(row, roles)
    cells = [(at, cell, roles.get(at - shift, "")) for at, cell in enumerate(row) if cell.text and not _SAME.fullmatch(cell.text)]
    read = Row(spot=spot, project="", title="")
    texts: list[tuple[int, Cell, str]] = []
    splits: list[Cell] = []
    whole: list[tuple[int, Cell, Quantity]] = []
    symbol = next((cell.text for _, cell, role in cells if role == "unit" and re.fullmatch(UNIT, cell.text)), "")
    shifted = next((cell.text for cell in row if (one := whole_figure(cell.text)) and one.unit != PLAIN), "") if shift else ""
    for at, cell, role in cells:
        if role in ("skip", "unit") or (role in ("seq", "class", "") and re.fullmatch(r"[\d一二三四五六七八九十.、]{1,4}", cell.text)):
            continue
        if cell.covered and any(cell.words is other.words and one < at for one, other, _ in cells):
            continue  # the same cell, merged sideways
        quantity = whole_figure(cell.text, symbol or _head_unit(header[at].text)) if role not in ("deadline", "seq") else None
        bodies = _bodies(cell, roll) if role in ("lead", "joint", "plain") or len(cell.text) <= 60 else ()
        if role in ("lead", "joint", "plain") and not quantity and (bodies or len(cell.text) <= 80) and not re.search(r"\d", cell.text):
            names = tuple((name, cell) for name, _ in (bodies or listed(cell.words)))
            if (
                not bodies
                and read.project == ""
                and any(len(name) > 8 for name, _ in names)
                and not any(kind_of(name) for name, _ in names)
            ):
                texts.append((at, cell, "project"))
            else:
                setattr(read, role, (*getattr(read, role), *names))
        elif role == "deadline" and (match := _DEADLINE.search("".join(cell.text.split()))):
            read.deadline = "".join(cell.text.split()) if len(cell.text) <= 20 else match.group()
        elif quantity is not None and quantity.unit != PLAIN:
            whole.append((at, cell, quantity))
            if role != "target" and "target" in roles.values():
                shifted = cell.text
        elif quantity is not None and role == "target":
            whole.append((at, cell, quantity))
        elif (
            bodies
            and role in ("project", "content")
            and not (read.lead or read.plain)
            and all(kind_of(name).endswith("直") for name, _ in bodies)
        ):
            read.plain = tuple((name, cell) for name, _ in bodies)
            shifted = cell.text
        elif read_splits(cell.words.text) or role == "split":
            splits.append(cell)
        elif not is_blank(cell.text):
            texts.append((at, cell, role))
    for _, cell, _ in texts:
        for duty in duties(cell.words):
            for role in ("lead", "joint", "plain"):
                setattr(read, role, (*getattr(read, role), *((name, cell) for name, _ in getattr(duty, role))))
    first = min(
        (at for at, role in roles.items() if role == "project"),
        default=min((at for at, role in roles.items() if role == "content"), default=-9),
    )
    _name(read, texts, first + shift)
    _targets(read, whole, texts, splits, roll, number)
    if shifted or ragged:
        for target in read.targets:
            target.doubt("这一行的栏与表头错开，按内容而不按栏号读", spot.place, shifted or row[0].text)
    if not read.targets:
        for cell in (cell for at, cell, role in cells if role == "target" and re.search(r"\d", cell.text)):
            read.skipped.append(
                (cell, Figure(start=0, end=len(cell.text), printed=cell.text[:30], quantity=None, title="", reason="目标栏里的数没有读出"))
            )
    return read


def _shift(row: Sequence[Cell], roles: dict[int, str]) -> int:
    """By how many columns a row has slipped against its header: where its only figure with a unit stands, and where it should."""
    wanted = [at for at, role in roles.items() if role == "target"]
    there = [at for at, cell in enumerate(row) if (one := whole_figure(cell.text)) is not None and one.unit != PLAIN]
    if (
        len(wanted) != 1
        or len(there) != 1
        or there == wanted
        or re.search(r"\d", row[wanted[0]].text)
        or roles.get(there[0]) in ("skip", "deadline")
    ):
        return 0
    return there[0] - wanted[0]


def _head_unit(head: str) -> str:
    match = re.search(rf"[（(](?:单位[：:])?({UNIT})[）)]", "".join(head.split()))
    try:
        return unit(match[1]).symbol if match else ""
    except QuantityError:
        return ""


def _name(read: Row, texts: Sequence[tuple[int, Cell, str]], first: int) -> None:
    """The row's project, from the column for it (*first*, where several could be), and what it promises. Empty where the row above goes on."""
    projects = [cell for at, cell, role in texts if role == "project" or at == first]
    contents = [cell for _, cell, role in texts if cell not in projects and role != "class"]
    if projects and len(projects[0].text) <= 60:
        read.project = _first_line(projects[0].text)
    titled = [cell for cell in contents if len(cell.text) <= 40 and not re.search(r"[。；;，,]|\d", cell.text)]
    read.title = _first_line((titled or projects or contents)[-1].text) if titled or projects or contents else ""


def _first_line(text: str) -> str:
    return re.sub(
        r"^(?:[一二三四五六七八九十]{1,3}、|\d{1,2}[.、．]|[（(][\d一二三四五六七八九十]{1,3}[）)])",
        "",
        re.split(r"[。；;]", "".join(text.split()))[0],
    )[:60]


def _targets(
    read: Row,
    whole: Sequence[tuple[int, Cell, Quantity]],
    texts: Sequence[tuple[int, Cell, str]],
    splits: Sequence[Cell],
    roll: Roll,
    number: int,
) -> None:
    main: Target | None = None
    spot = read.spot
    for _, cell, quantity in whole:
        target = Target(
            title=read.title or read.project, quantity=quantity, printed=cell.text, place=cell.place, spot=spot.id, row=number, table=True
        )
        if quantity.unit == PLAIN:
            target.doubt("没有印单位", cell.place, cell.text)
        if len(whole) > 1:
            target.doubt(f"这一行有{len(whole)}个目标数，名称要核对", cell.place, cell.text)
        if (
            cell.words.seams
            and re.search(r"\d", cell.text)
            and any(cell.words.text[seam - 1].isdigit() and cell.words.text[seam].isdigit() for seam in cell.words.seams)
        ):
            target.doubt("这个数在原文中跨行，可能连错", cell.place, cell.text)
        read.targets.append(target)
        main = main or target
    for _, cell, role in texts:
        found, skipped = targets_of(cell.words, 0, len(cell.words.text), (), roll, spot.id, told=role == "target")
        read.skipped += [(cell, one) for one in skipped]
        for target in found:
            same = next(
                (
                    one
                    for one in read.targets
                    if one.quantity
                    and target.quantity
                    and one.quantity.base == target.quantity.base
                    and one.quantity.unit.dimension == target.quantity.unit.dimension
                ),
                None,
            )
            if same is not None and main is same:
                same.title = same.title if len(same.title) <= 30 and same.title != read.project else target.title
                continue
            target.row, target.table = number, True
            if main is not None and role != "target" and target is not main:
                target.doubt("目标栏里没有这个数，是正文内容里的", target.place, target.printed)
            read.targets.append(target)
    main = main or (read.targets[0] if len(read.targets) == 1 else None)
    for cell in splits:
        _split_cell(read, cell, main, roll, number)


def _split_cell(read: Row, cell: Cell, main: Target | None, roll: Roll, number: int) -> None:
    """The column 任务分解: a split over bodies, parts with their own splits, a list of what the target counts, or ``/``."""
    spot, text = read.spot, cell.text
    if is_blank(text):
        if main is not None:
            main.undistributed = f"任务分解栏印“{text}”：不分解"
        return
    found = read_splits(cell.words.text)
    targets, skipped = targets_of(cell.words, 0, len(cell.words.text), found, roll, spot.id, told=True)
    read.skipped += [(cell, one) for one in skipped]
    for target in targets:
        target.row, target.table = number, True
        after = cell.words.text[cell.words.text.find(target.printed) + len(target.printed) :][:16] if target.printed else ""
        if match := re.match(r"[，,（(]?((?:无需|不再|不|未)(?:作|做|予)?分解)", after):
            target.undistributed = f"原文：{match[1]}"
        if main is not None and target.pieces and (target.quantity is None or _same(main, target)):
            _take(main, target, roll)
            continue
        if target is not main:
            read.targets.append(target)
    parts = [one for one in targets if one in read.targets and one.quantity is not None and one is not main]
    if main is not None and main.quantity is not None and parts and not main.pieces:
        total = sum((one.quantity.base for one in parts if one.quantity), start=0 * main.quantity.base)
        alike = all(one.quantity and one.quantity.unit.dimension == main.quantity.unit.dimension for one in parts)
        if alike and main.quantity.says(total / main.quantity.unit.scale):
            for one in parts:
                one.above = main
        else:
            for one in parts:
                one.doubt("任务分解栏里的数相加不是目标任务，不知道是不是它的分项", one.place, one.printed)
    elif main is None and len(read.targets) == 1 and read.targets[0].title.startswith("没有印"):
        read.targets[0].title = read.title or read.project
    if main is not None and not targets and main.quantity is not None:
        names = [name for name, _ in listed(cell.words) if name]
        if (
            len(names) == main.quantity.value
            and main.quantity.unit.symbol in "所个座处家项条"
            and not re.search(r"\d", text)
            and not kinds_of_all(names[0])
        ):
            main.subjects = tuple(names)
            main.undistributed = f"任务分解栏列出{len(names)}个名称"
        else:
            main.undistributed = "任务分解栏：" + " ".join(text.split())[:60]
            main.doubt("任务分解栏没有读出数", cell.place, " ".join(text.split())[:40])


def _same(main: Target, other: Target) -> bool:
    return bool(
        main.quantity
        and other.quantity
        and main.quantity.unit.dimension == other.quantity.unit.dimension
        and main.quantity.base == other.quantity.base
    )


def _take(main: Target, other: Target, roll: Roll) -> None:
    """The row's target takes the split that its cell prints."""
    checked = other.checked
    main.pieces = tuple(
        evolve(piece, quantity=evolve(piece.quantity, unit=main.quantity.unit)) if piece.quantity.unit == PLAIN and main.quantity else piece
        for piece in other.pieces
    )
    main.doubts += [one for one in other.doubts if "没有印" not in one.words and "没有读出指标名称" not in one.words]
    if checked is not None:
        entries = tuple(evolve(entry, quantity=piece.quantity) for entry, piece in zip(checked.split.entries, main.pieces, strict=True))
        paired(main, evolve(checked.split, entries=entries, total=main.quantity), roll)
