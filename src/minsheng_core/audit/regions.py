"""Where exactly two versions of a sheet give other marks, in words, where each item's formula is a function of one ratio or figure."""

from collections.abc import Iterator
from fractions import Fraction

from ..formula import Formula
from ..formula.analyse import pieces, written
from ..formula.bounds import Bounds
from ..formula.pieces import Difference, Interval
from ..formula.tree import Node, Type
from ..quantity import Quantity, decimal_text, unit
from .promise import Said
from .rule import Rule

__all__ = ["regions"]


def regions(old: Rule, new: Rule) -> Iterator[Said]:
    """For each item whose exact marks differ: on which values of its driver, and from how much to how much. For an item or
    adjustment that isn't such a function, a sentence that says so."""
    for name in new.readings:
        if name not in old.readings:
            yield (f"{_title(new, name)}是新增的", f"{name} is new")
            continue
        before, after = old.formula(name), new.formula(name)
        if _alike(before, after) or name.startswith("label."):
            continue
        mine, theirs = pieces(before, old.spans(name)), pieces(after, new.spans(name))
        if mine is None or theirs is None or Bounds(before).key(mine[0]) != Bounds(after).key(theirs[0]):
            yield (f"{_title(new, name)}：不是单一比例的函数，没有给出准确的区间", f"{name}: not a function of one ratio, so no exact region is given")
            continue
        for one in mine[1].differences(theirs[1]):
            yield _told(new, name, after, theirs[0], one, mine[1].at(_inside(one.where)), theirs[1].at(_inside(one.where)))
    for name in old.readings:
        if name not in new.readings:
            yield (f"{_title(old, name)}已删去", f"{name} is gone")
    for what, one, other in (("rounding", old.sheet.rounding, new.sheet.rounding), ("floor", old.sheet.floor, new.sheet.floor), ("ceiling", old.sheet.ceiling, new.sheet.ceiling)):
        if what == "rounding" and (old.sheet.rounding.places, old.sheet.rounding.mode, old.sheet.rounding.when) == (new.sheet.rounding.places, new.sheet.rounding.mode, new.sheet.rounding.when):
            continue
        if one != other:
            yield (f"整表的{ {'rounding': '修约', 'floor': '下限', 'ceiling': '上限'}[what] }不同，凡受其影响的得分都可能不同", f"the sheet's {what} differs: whatever it touches may differ")


def _alike(one: Formula, other: Formula) -> bool:
    return one.text == other.text and one.scope.constants == other.scope.constants and one.scope.bands == other.scope.bands


def _inside(where: Interval) -> Fraction:
    return where.start if where.start_in else where.end if where.end_in and where.start == where.end else (where.start + where.end) / 2


def _title(rule: Rule, name: str) -> str:
    kind, _, id = name.partition(".")
    many = {"item": rule.sheet.items, "label": rule.sheet.labels, "adjustment": rule.sheet.adjustments}[kind]
    return next(f"“{one.title}”" for one in many if one.id == id)


def _told(rule: Rule, name: str, formula: Formula, driver: Node, one: Difference, before: object, after: object) -> Said:
    where, title = _between(one.where, driver.type), _title(rule, name)
    shift = ""
    if one.at_start is not None and one.at_end is not None:
        ends = [_marks(one.at_start), _marks(one.at_end)]
        shift = f"（{ends[0]}）" if ends[0] == ends[1] else f"（{ends[0]}～{ends[1]}）"
    told = f"{_value(before)}→{_value(after)}" if isinstance(before, Fraction) and isinstance(after, Fraction) and one.at_start == one.at_end and one.where.start != one.where.end else ""
    sample = _inside(one.where)
    at = f"，如在{_shown(sample, driver.type)}处{_value(before)}→{_value(after)}"
    return (
        f"{title}：{_named(formula, driver)} 在 {where} 时得分不同{shift}{at}",
        f"{name}: marks differ for {written(driver)} in {where}{shift.replace('（', ' (').replace('）', ')')}, such as {_value(before)} → {_value(after)} at {_shown(sample, driver.type)}",
    ) if told or at else (title, name)


def _between(where: Interval, type_: Type) -> str:
    if where.start == where.end:
        return f"{{{_shown(where.start, type_)}}}"
    return f"{'[' if where.start_in else '('}{_shown(where.start, type_)}, {_shown(where.end, type_)}{']' if where.end_in else ')'}"


def _shown(value: Fraction, type_: Type) -> str:
    plain = type_.kind == "number" and not type_.dimension
    return str(Quantity(value * 100, unit("%"))) if plain else str(Quantity(value / type_.unit.scale, type_.unit))


def _value(value: object) -> str:
    return "未定" if value is None else f"{decimal_text(value)}分" if isinstance(value, Fraction) else str(value)


def _marks(value: Fraction) -> str:
    return f"{'+' if value > 0 else ''}{decimal_text(value)}分"


def _named(formula: Formula, node: Node) -> str:
    """The driver with the figures' titles."""
    text = written(node)
    for name in sorted(formula.scope.fields, key=len, reverse=True):
        if formula.scope.fields[name].title:
            text = text.replace(name, formula.scope.fields[name].title)
    return text
