"""Targets and splits in running text: of the paper's clauses, and of the long cells of its tables."""

import re
from collections.abc import Callable, Sequence

from attrs import evolve

from ..allocation.reconcile import reconcile
from ..allocation.text import UNIT, Entry, PrintedSplit
from ..quantity import PLAIN, Quantity, decimal_text
from .bodies import AREAS, Roll, kind_of
from .figures import Figure, figures
from .paper import Words
from .target import Piece, Target

__all__ = ["agrees", "bodies_in", "link", "paired", "resolver", "targets_of"]


def resolver(roll: Roll) -> Callable[[str], str | None] | None:
    """How the reconciliation looks names up: by the given list, or not at all."""

    def resolve(name: str) -> str | None:
        body = roll.known(name)
        return body.name if body else None

    return resolve if roll.names else None


def bodies_in(roll: Roll, entries: Sequence[Entry]) -> bool:
    """Whether a split is one over bodies: at least half of its names are known, or end like an area's."""
    likely = sum(roll.known(entry.name) is not None or kind_of(entry.name) in AREAS.values() for entry in entries)
    return likely * 2 >= len(entries)


def targets_of(
    words: Words, start: int, end: int, splits: Sequence[PrintedSplit], roll: Roll, spot: str, *, told: bool = False
) -> tuple[list[Target], list[Figure]]:
    """The targets between two offsets of a text, with the splits that stand there; and the figures that are no target, with why."""
    own = [split for split in splits if start <= split.span[0] < end]
    over = [split for split in own if bodies_in(roll, split.entries)]
    parted = [split for split in own if split not in over and split.total is not None]
    spans = [split.span for split in (*over, *parted)]
    targets: list[Target] = []
    skipped: list[Figure] = []
    by_offset: dict[int, Target] = {}
    totals = {split.total_at[1] for split in (*over, *parted)}
    for figure in figures(words, start, end, spans, told=told):
        if figure.start in totals and figure.reason.startswith(("没有认得", "前面有")):
            figure = evolve(figure, reason="")  # a split says that it is a total
        if figure.reason or figure.quantity is None:
            skipped.append(figure)
            continue
        by_offset[figure.start] = _target(words, figure, spot)
        targets.append(by_offset[figure.start])
    for split in over:
        target = by_offset.get(split.total_at[1]) or _before(words, split, by_offset, start)
        target = _better(words, split, by_offset, start, target)
        if target is None:
            label = split.label or _label(words, split, start)
            target = Target(
                title=label or "没有印名称的任务",
                quantity=split.total,
                printed="",
                place=words.at(split.span[0]),
                spot=spot,
                offset=split.span[0],
            )
            if split.total is not None:
                target.printed = split.total.printed
            targets.append(target)
            by_offset[split.span[0]] = target
        link(words, target, split, roll)
    for split in parted:
        whole = by_offset.get(split.total_at[1])
        whole = _better(words, split, by_offset, start, whole)  # 建学校12个，竣工3个，其中小学7个、…
        fits = whole is not None and agrees(whole, split.entries)
        for entry in split.entries:
            part = Target(
                title=entry.name,
                quantity=entry.quantity,
                printed=figure_words(entry),
                place=words.at(entry.offset),
                spot=spot,
            )
            part.above = whole if fits else None
            part.doubt("从字面看不像单位，按总数的分项写入", quote=entry.printed)
            targets.append(part)
        if whole is not None:
            whole.checked = reconcile(placed(words, evolve(split, total=whole.quantity)))
            _told(whole)
    _broken_off(targets, skipped)
    return targets, skipped


def _broken_off(targets: list[Target], skipped: Sequence[Figure]) -> None:
    """What is called like a body, and stands alone, is an item of a split that was not read whole: said of it, and of the target before it."""
    alone = [
        (one.offset, one.title, one)
        for one in targets
        if not one.pieces and one.above is None and kind_of(one.title[-8:]) in AREAS.values()
    ]
    lost = [
        (one.start, one.title, None) for one in skipped if one.reason.startswith("没有认得") and kind_of(one.title[-8:]) in AREAS.values()
    ]
    for offset, title, target in (*alone, *lost):
        for one in (
            target,
            max((one for one in targets if 0 <= one.offset < offset and one is not target), key=lambda one: one.offset, default=None),
        ):
            if one is not None:
                one.doubt(f"“{title[-8:]}”像是分解中的一项，没有连起来读", quote=one.printed)


def _target(words: Words, figure: Figure, spot: str) -> Target:
    target = Target(
        title=figure.title, quantity=figure.quantity, printed=figure.printed, place=words.at(figure.start), spot=spot, offset=figure.start
    )
    quote = _quote(words, figure.start, figure.end)
    for doubt in figure.doubts:
        target.doubt(doubt, quote=quote)
    if not target.title:
        target.title = "没有印名称的任务"
        target.doubt("没有读出指标名称", quote=quote)
    return target


def _quote(words: Words, start: int, end: int) -> str:
    return " ".join(words.raw[max(0, start - 16) : end + 8].split())


def _better(words: Words, split: PrintedSplit, by_offset: dict[int, Target], start: int, target: Target | None) -> Target | None:
    """*target*, or where a split doesn't sum to it, the only other figure of the sentence that it does: 饮水工程38处，受益5万人，其中甲镇6处、…"""
    if target is None or agrees(target, split.entries):
        return target
    sentence = words.text.rfind("。", max(start, split.span[0] - 200), split.span[0])
    others = [
        one for offset, one in by_offset.items() if sentence < offset < split.span[0] and not one.pieces and agrees(one, split.entries)
    ]
    return others[0] if len(others) == 1 else target


def _before(words: Words, split: PrintedSplit, by_offset: dict[int, Target], start: int) -> Target | None:
    """The target that a split without a printed total is of: one said before it in its clause, that its sum agrees with, or the only one."""
    if split.total is not None:
        return None
    said = [target for offset, target in by_offset.items() if start <= offset < split.span[0] and not target.pieces]
    agreeing = [target for target in said if agrees(target, split.entries)]
    if len(agreeing) == 1:
        return agreeing[0]
    return said[0] if len(said) == 1 and _comparable(said[0], split.entries) else None


def _label(words: Words, split: PrintedSplit, start: int) -> str:
    """What stands before a split without a total: ``农村改厕：甲镇…``."""
    before = words.text[max(start, split.span[0] - 40) : split.span[0]].rstrip("：: \n\u3000其中（(")
    return re.split(r"[。；;，,、：:\n）)]", before)[-1].strip()[:40]


def _comparable(target: Target, entries: Sequence[Entry]) -> bool:
    return target.quantity is not None and all(
        entry.quantity.unit in (PLAIN,) or entry.quantity.unit.dimension == target.quantity.unit.dimension for entry in entries
    )


def agrees(target: Target, entries: Sequence[Entry]) -> bool:
    if target.quantity is None or not _comparable(target, entries):
        return False
    total = sum((_in_unit(entry.quantity, target.quantity).base for entry in entries), start=0 * target.quantity.base)
    return target.quantity.says(total / target.quantity.unit.scale)


def _in_unit(quantity: Quantity, of: Quantity) -> Quantity:
    """A bare number in the unit of the total; a ten-thousandth of which, if that is in 万, is tried by nobody."""
    if quantity.unit != PLAIN or of.unit == PLAIN:
        return quantity
    return evolve(quantity, unit=of.unit)


def figure_words(entry: Entry) -> str:
    """The figure of an item as printed, without its name."""
    return entry.quantity.printed or f"{decimal_text(entry.quantity.value)}{entry.quantity.unit}"


def placed(words: Words, split: PrintedSplit) -> PrintedSplit:
    """The split with the places of the paper, not of the text that it was read from."""
    entries = tuple(evolve(entry, place=words.at(entry.offset)) for entry in split.entries)
    return evolve(split, entries=entries, place=entries[0].place)


def link(words: Words, target: Target, split: PrintedSplit, roll: Roll) -> None:
    """Give a target the shares of a split, reconcile them, and note what isn't sure."""
    entries = split.entries
    if target.quantity is not None:
        entries = tuple(evolve(entry, quantity=_in_unit(entry.quantity, target.quantity)) for entry in entries)
    split = placed(words, evolve(split, label=target.title, entries=entries, total=target.quantity or split.total))
    pieces = []
    marked = [re.search(rf"{UNIT}$", entry.printed.rstrip("）)")) for entry in split.entries]
    if any(marked[:-1]) and not all(marked) and "\n" not in words.text[split.span[0] : split.span[1]]:
        target.doubt("有的数后印了单位，有的没有", split.place, words.text[split.span[0] : split.span[0] + 40])
    for entry in split.entries:
        offset, place = entry.offset, entry.place
        printed = entry.printed if not re.search(r"[（）()\n]", entry.printed) else figure_words(entry)
        pieces.append(Piece(name=entry.name, quantity=entry.quantity, printed=printed, place=place))
        if re.match(r"[\dA-Za-z]", words.text[offset - 1 : offset]):
            target.doubt(f"“{entry.name}”前面还有字母或数字，名称可能不全", place, words.text[max(0, offset - 4) : offset + 8])
        joint = words.text[offset - 1 : offset]
        if joint in ("和", "及", "与") and (len(entry.name) <= 2 or offset - 1 in words.seams):
            target.doubt(f"不知道是“{entry.name}”还是“{joint}{entry.name}”", place, entry.printed)
        if not roll.names and kind_of(entry.name) not in AREAS.values():
            target.doubt(f"从字面看不出“{entry.name}”是不是单位", place, entry.printed)
        if (
            words.seams
            and words.seamed(offset + 1, offset + len(entry.printed) - 1)
            and _digits_meet(words, offset, offset + len(entry.printed))
        ):
            target.doubt("这个数在原文中跨行，可能连错", place, entry.printed)
    target.pieces = tuple(pieces)
    paired(target, split, roll)


def _digits_meet(words: Words, start: int, end: int) -> bool:
    return any(start < seam < end and words.text[seam - 1].isdigit() and words.text[seam].isdigit() for seam in words.seams)


def paired(target: Target, split: PrintedSplit, roll: Roll) -> None:
    """Hold a split against its target's total, and note the outcome."""
    target.checked = reconcile(split, resolver(roll), roll.names.suggest if roll.names else lambda name: ())
    _told(target)
    if target.quantity is None:
        target.doubt("没有印总数：请按原件补上总数和单位（各项之和为" + str(target.checked.sum) + "）", target.checked.split.place)


def _told(target: Target) -> None:
    if target.checked is not None:
        for one in target.checked.findings:
            if one.severity.value != "note":
                target.doubt(one.message, one.place)
        if target.checked.verdict == "inconsistent" and all(one.code != "reconcile.sum" for one in target.checked.findings):
            target.doubt("分解与总数不能相比", target.checked.split.place)
