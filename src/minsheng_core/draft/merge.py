"""Targets of the text and of the tables brought together: what is printed twice is one, and what contradicts is left for a person."""

import re
from collections.abc import Sequence

from .target import Target

__all__ = ["merged", "note_conflicts"]


def _key(target: Target) -> tuple[object, object]:
    quantity = target.quantity
    return (quantity.base, quantity.unit.dimension) if quantity else (None, None)


def _plain(title: str) -> str:
    return re.sub(r"[^\u4e00-\u9fffA-Za-z0-9]|新增|新建|建设|完成|达到", "", title)


def _alike(one: Target, other: Target) -> bool:
    """Whether two targets of the same figure are one: the same project, or a title that says the other's."""
    left, right = _plain(one.title), _plain(other.title)
    pairs = {left[i : i + 2] for i in range(len(left) - 1)} & {right[i : i + 2] for i in range(len(right) - 1)}
    return bool(_plain(one.project) and _plain(one.project) == _plain(other.project)) or left in right or right in left or len(pairs) >= 2


def merged(targets: Sequence[Target]) -> list[Target]:
    """What the text promises and a table prints again is one target: the same figure, once in each, of one name or project."""
    text = _headings([one for one in targets if not one.table])
    table = [one for one in targets if one.table]
    out: list[Target] = []
    gone: dict[int, Target] = {}
    for one in text:
        if one.quantity is None:
            out.append(one)
            continue
        twins = [other for other in table if _key(other) == _key(one)]
        alike = [other for other in twins if _alike(one, other)]
        again = [other for other in text if other is not one and _key(other) == _key(one) and _alike(one, other)]
        if len(alike) == 1 and not again and id(alike[0]) not in gone:
            gone[id(alike[0])] = one
            _into(one, alike[0])
        elif len(alike) > 1:
            one.doubt(f"表中有{len(alike)}处相同的数，不知道哪一处是它，没有合并", quote=one.printed)
        elif twins and not alike:
            one.doubt("表中有相同的数，但名称不同，没有合并", twins[0].place, f"{twins[0].title}{twins[0].printed}")
        out.append(one)
    out += [one for one in table if id(one) not in gone]
    for one in out:
        if one.above is not None and id(one.above) in gone:
            one.above = gone[id(one.above)]
        if not one.lead and one.above is not None:
            one.lead, one.joint = one.above.lead, one.joint or list(one.above.joint)
    return out


def _headings(text: list[Target]) -> list[Target]:
    """What a heading says and a clause below it says again is one target: the clause's."""
    out = []
    for one in text:
        below = [other for other in text if other.said.startswith(f"{one.said}.") and one.quantity and _key(other) == _key(one)]
        if len(below) == 1 and not one.pieces:
            other = below[0]
            other.lead, other.joint, other.deadline = other.lead or one.lead, other.joint or one.joint, other.deadline or one.deadline
            other.project = one.project or other.project
        else:
            out.append(one)
    return out


def _into(one: Target, other: Target) -> None:
    """The table's row into the clause's target: the figure is cited where the table prints it, the promise where the text makes it."""
    one.spot, one.place, one.printed, one.row = other.spot, other.place, other.printed or one.printed, other.row
    one.quantity = other.quantity
    if other.pieces and not one.pieces:
        one.pieces, one.checked = other.pieces, other.checked
    elif other.pieces and one.pieces and [(p.name, p.quantity) for p in one.pieces] != [(p.name, p.quantity) for p in other.pieces]:
        one.doubt("正文和表里的分解不同，按正文写入", other.place)
    clean = not re.search(r"[。；;，,]", other.title) and other.title != other.project and len(other.title) <= 30
    core = one.title.partition("（")[0]
    if clean and core in other.title:
        one.title = other.title
    one.subjects, one.undistributed = other.subjects or one.subjects, other.undistributed or one.undistributed
    one.deadline = one.deadline or other.deadline
    if one.lead and other.lead and one.lead != other.lead:
        one.doubt(f"正文的牵头单位是“{one.lead}”，表里是“{other.lead}”，按正文写入", other.place)
    one.lead = one.lead or other.lead
    one.joint = one.joint or other.joint
    one.doubts += [doubt for doubt in other.doubts if doubt not in one.doubts and not doubt.words.startswith("原文没有说哪一个牵头")]


def note_conflicts(targets: Sequence[Target]) -> None:
    """The same name with two figures: a person decides."""
    seen: dict[str, Target] = {}
    for one in targets:
        name = _plain(one.title)
        other = seen.setdefault(name, one)
        if (
            other is not one
            and one.quantity
            and other.quantity
            and len(name) >= 3
            and one.quantity.unit.dimension == other.quantity.unit.dimension
        ):
            words = (
                f"同名的任务有两个数：{other.printed}和{one.printed}" if _key(one) != _key(other) else f"同名的任务印了两次{one.printed}"
            )
            one.doubt(words, other.place, f"{other.title}{other.printed}")
