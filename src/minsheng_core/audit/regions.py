"""Where exactly two versions of a sheet give other marks, in words, where each item's formula is a function of one ratio or figure."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ..formula import Formula
from ..formula.analyse import pieces, written
from ..formula.bounds import Bounds, walk
from ..formula.pieces import Difference, Interval, Line, Piecewise
from ..formula.piecework import differences
from ..formula.tree import Node, Type
from ..quantity import Quantity, unit
from ..scheme import model
from .promise import Said
from .rule import Rule
from .tell import marks

__all__ = ["between", "piece_table", "regions"]


def regions(old: Rule, new: Rule) -> Iterator[Said]:
    """For each item whose exact marks differ: on which values of its driver, and from how much to how much. For an item or
    adjustment that isn't such a function, a sentence that says so."""
    for name in new.readings:
        if name not in old.readings:
            yield (f"{f'“{new.titles[name]}”'}是新增的", f"{name} is new")
            continue
        before, after = old.formula(name), new.formula(name)
        if _alike(old, new, name) or name.startswith("label."):
            continue
        mine, theirs = pieces(before, old.spans(name)), pieces(after, new.spans(name))
        if (
            mine is None
            or theirs is None
            or (mine[1].low, mine[1].high) != (theirs[1].low, theirs[1].high)
            or not _driven(before, mine[0], after, theirs[0])
        ):
            yield (
                f"“{new.titles[name]}”：不是单一比例的函数，没有给出准确的区间",
                f"{name}: not a function of one ratio, so no exact region is given",
            )
            continue
        for where in _merged(differences(mine[1], theirs[1])):
            yield _told(f"“{new.titles[name]}”", name, after, theirs[0], where, mine[1], theirs[1])
    for name in old.readings:
        if name not in new.readings:
            yield (f"“{old.titles[name]}”已删去", f"{name} is gone")
    held = {one.id: one for one in old.sheet.adjustments}
    for one in new.sheet.adjustments:
        if one.id in held and _effect(held[one.id]) != _effect(one):
            yield (
                f"“{one.title}”的作用不同：凡它成立或不为零时都可能不同",
                f"adjustment.{one.id} works another way: where it holds or isn't zero, marks may differ",
            )
    bodies = {one.id: one.bodies for one in old.sheet.items}
    for item in new.sheet.items:
        if bodies.get(item.id, item.bodies) != item.bodies:
            yield (f"“{item.title}”适用的单位不同", f"item.{item.id} applies to other bodies")
    whats = (
        ("rounding", "修约"),
        ("floor", "下限"),
        ("ceiling", "上限"),
        ("base", "基础分"),
        ("rescale", "折算"),
        ("first_month", "起始月份"),
    )
    for what, title in whats:
        if _plain(getattr(old.sheet, what)) != _plain(getattr(new.sheet, what)):
            yield (f"整表的{title}不同，凡受其影响的得分都可能不同", f"the sheet's {what} differs: whatever it touches may differ")


def _effect(one: model.Adjustment) -> tuple[object, ...]:
    return (one.kind, one.effect, one.cap)


def _plain(value: model.RoundingRule | Quantity | bool | int | None) -> object:
    """What of a rounding or a limit decides a mark."""
    return (value.places, value.mode, value.when) if isinstance(value, model.RoundingRule) else value


def _merged(found: Sequence[Difference]) -> Iterator[Interval]:
    """Touching intervals as one."""
    held: Interval | None = None
    for one in (each.where for each in found):
        if held is not None and held.end == one.start and (held.end_in or one.start_in):
            held = Interval(start=held.start, end=one.end, start_in=held.start_in, end_in=one.end_in)
            continue
        if held is not None:
            yield held
        held = one
    if held is not None:
        yield held


def _alike(old: Rule, new: Rule, name: str) -> bool:
    one, other = old.formula(name), new.formula(name)
    same = Bounds(one).key(one.root) == Bounds(other).key(other.root) and one.scope.bands == other.scope.bands
    return same and one.scope.constants == other.scope.constants and old.spans(name) == new.spans(name)


def _driven(one: Formula, mine: Node, other: Formula, theirs: Node) -> bool:
    """Whether two parts are the same figure, the parameters in them included."""
    named = {node.name for node in walk(mine)} & one.scope.constants.keys()
    same = all(one.scope.constants[name] == other.scope.constants.get(name) for name in named)
    return same and Bounds(one).key(mine) == Bounds(other).key(theirs)


def _told(title: str, name: str, formula: Formula, driver: Node, where: Interval, before: Piecewise, after: Piecewise) -> Said:
    corners = sorted({x for x in (*before.points, *after.points) if where.start < x < where.end})
    samples = [where.start] if where.start_in else corners[:1] or [(where.start + where.end) / 2]
    told = [(_shown(x, driver.type), _value(before.at(x)), _value(after.at(x))) for x in samples if before.at(x) != after.at(x)]
    zh = "，".join(f"{x}处{one}→{other}" for x, one, other in told)
    en = ", ".join(f"{one} → {other} at {x}" for x, one, other in told)
    place = between(where, driver.type)
    return (
        f"{title}：{_named(formula, driver)} 在 {place} 时得分不同，如{zh}",
        f"{name}: marks differ for {written(driver)} in {place}, such as {en}",
    )


def between(where: Interval, type_: Type, most: Fraction | None = None) -> str:
    """An interval in the unit of what it is about; without an end where it reaches *most*, the largest there is."""
    if most is not None and where.end == most and where.start < most:
        return f"{'不低于' if where.start_in else '高于'}{_shown(where.start, type_)}"
    if where.start == where.end:
        return f"{{{_shown(where.start, type_)}}}"
    return f"{'[' if where.start_in else '('}{_shown(where.start, type_)}, {_shown(where.end, type_)}{']' if where.end_in else ')'}"


def _shown(value: Fraction, type_: Type) -> str:
    plain = type_.kind == "number" and not type_.dimension
    return str(Quantity(value * 100, unit("%"))) if plain else str(Quantity(value / type_.unit.scale, type_.unit))


def _value(value: object) -> str:
    return "未定" if value is None else marks(value) if isinstance(value, Fraction) else str(value)


def _named(formula: Formula, node: Node) -> str:
    """The driver with the figures' titles."""
    text = written(node)
    for name in sorted(formula.scope.fields, key=len, reverse=True):
        if formula.scope.fields[name].title:
            text = text.replace(name, formula.scope.fields[name].title)
    return text


def piece_table(rule: Rule, name: str) -> str:
    """A formula's exact function of its one driver as a table for a calculator: each stretch with its slope and constant, in base
    units; empty where it has more than one driver."""
    made = pieces(rule.formula(name), rule.spans(name)) if name in rule.readings else None
    if made is None:
        return ""
    driver, function = made
    lines = [f"; {rule.id} {name} = slope * x + constant, x = {written(driver)}, in base units", "from;to;slope;constant"]
    for start, end, part in function.cells():
        ends = f"[{start};{end}]" if start == end else f"({start};{end})"
        lines.append(f"{ends};{part.slope};{part.constant}" if isinstance(part, Line) else f"{ends};{part};")
    return "\n".join(lines) + "\n"
