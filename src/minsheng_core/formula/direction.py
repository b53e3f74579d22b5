"""Which way a part goes as one field rises, and how it scales: signs that hold for any two rows, or no word at all."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

from . import piecework
from .band import Band
from .bounds import COMPARISONS, LAZY, NOTHING, WINDOWS, Bounds, Facts, walk
from .drivers import Drivers
from .pieces import NotPiecewise
from .span import Span, point
from .tree import Node

__all__ = ["Degree", "Directions", "degree"]

ZERO = Fraction(0)
Sign = Literal[-1, 0, 1] | None
Degree = int | Literal["any"] | None


class Directions:
    """The direction of parts as *field* rises, all else being fixed: 1 never falls, −1 never rises, 0 neither, None not said.
    It holds for any two rows on which the part has a value and the field is given."""

    def __init__(self, bounds: Bounds, drivers: Drivers, field: str) -> None:
        self.bounds, self.drivers, self.field = bounds, drivers, field

    def of(self, node: Node, facts: Facts = NOTHING) -> Sign:
        """The direction of a part on rows where *facts* hold."""
        if not self.inside(node):
            return 0
        span = self.bounds.span(node, facts)
        if node.type.kind not in ("text",) and (span is None or span.single is not None):
            return 0
        found = self._built(node, facts)
        return self._by_pieces(node, facts) if found is None else found

    def inside(self, node: Node) -> bool:
        """Whether the part depends on the field; what a month says by its date counts as depending on ``month``."""
        if any(one.op in ("name", "missing") and one.name == self.field for one in walk(node)):
            return True
        return self.field == "month" and (self.drivers.dated(node) or any(one.op in WINDOWS for one in walk(node)))

    def _built(self, node: Node, facts: Facts) -> Sign:
        op, parts = node.op, node.parts
        if op == "name":
            return 1 if node.name == self.field else None
        if op == "missing" and not parts:
            return 0  # given on both rows
        if op in WINDOWS or op in ("missing", "known") or node.type.kind == "text":
            return None
        if op == "derived":
            return self.of(parts[0], facts)
        if op == "if":
            return self._chosen(node, facts)
        if op in ("and", "or"):
            return self._logic(node, facts)
        signs = [self.of(part, facts) for part in parts]
        if op in ("+", "min", "max", "clip", "floor", "ceil", "round"):
            return _together(signs)
        if op == "-":
            return _together([signs[0], _turned(signs[1])])
        if op in ("neg", "not"):
            return _turned(signs[0])
        spans = [self.bounds.span(part, facts) for part in parts]
        if op in COMPARISONS:
            return self._compared(op, parts, signs, spans)
        if op == "abs":
            return _times(signs[0], spans[0])
        if op == "*":
            return _together([_times(signs[0], spans[1]), _times(signs[1], spans[0])])
        if op == "/":
            over = spans[1].sign if spans[1] else None
            if (mixed := self._shared(parts, spans[1])) is not None:
                return mixed
            return _together([_times(signs[0], spans[1]), _turned(_times(signs[1], spans[0]))]) if over else None
        if op == "**":
            base = parts[0].value
            return signs[1] if base >= 1 else None
        if op == "band":
            return _product(signs[0], _band_sign(self.bounds.scope.bands[node.name], spans[0]))
        return None

    def _shared(self, parts: tuple[Node, ...], under: Span | None) -> Sign:
        """Of a share like (a + b / 2) / (a + b + c): with numerator n and denominator d, both straight in the field, the sign of
        n′ · d − n · d′, which doesn't depend on it."""
        above, below = map(self.drivers.form, parts)
        if above is None or below is None or under is None or under.sign != 1:
            return None
        atoms = {**above.atoms, **below.atoms}
        own = next((key for key, atom in atoms.items() if atom.op == "name" and atom.name == self.field), None)
        if own is None or any(key != own and self.inside(atom) for key, atom in atoms.items()):
            return None
        rise, spread = above.weights.get(own, ZERO), below.weights.get(own, ZERO)
        turn = below.scaled(rise).plus(above.scaled(-spread))
        total: Span | None = point(turn.constant)
        for key, weight in turn.weights.items():
            span = self.bounds.span(atoms[key])
            total = total.plus(span.times(point(weight))) if total and span and weight else total if not weight else None
        return total.sign if total else None  # type: ignore[return-value]  # −1, 0 or 1

    def _compared(self, op: str, parts: tuple[Node, ...], signs: list[Sign], spans: list[Span | None]) -> Sign:
        """False is 0 and true is 1: ``a < b`` goes as b − a does."""
        if "text" in (parts[0].type.kind, parts[1].type.kind):
            return None
        apart = _together([signs[1], _turned(signs[0])])
        if op in ("<", "<=", ">", ">="):
            return apart if op in ("<", "<=") else _turned(apart)
        if apart == 0:
            return 0
        one, other = spans
        if one is None or other is None:
            return None
        equal: Sign = None
        if one.high is not None and other.low is not None and one.high <= other.low:
            equal = _turned(apart)  # the first is never more: equal is no less
        elif one.low is not None and other.high is not None and one.low >= other.high:
            equal = apart
        return equal if op == "==" else _turned(equal)

    def _logic(self, node: Node, facts: Facts) -> Sign:
        signs: list[Sign] = []
        for part in node.parts:
            signs.append(self.of(part, facts))
            following = self.bounds.assume(facts, part, node.op == "and")
            if following is None:
                break
            facts = following
        return _together(signs)

    def _chosen(self, node: Node, facts: Facts) -> Sign:
        test, then, other = node.parts
        when, unless = self.bounds.assume(facts, test, True), self.bounds.assume(facts, test, False)
        sides = [(branch, known, self.bounds.span(branch, known)) for branch, known in ((then, when), (other, unless)) if known]
        live = [(branch, known) for branch, known, span in sides if span is not None]
        signs = [self.of(branch, known) for branch, known in live]
        if len(live) < 2:
            return signs[0] if signs else 0
        both, turn = _together(signs), self.of(test, facts)
        if turn == 0 or both is None:
            return both
        exact = self._by_pieces(node, facts)
        if exact is not None:
            return exact
        first, second = (span for _, _, span in sides)
        ordered = [turn is not None and way == _ordered(second, first) * turn for way in (1, -1)]
        rises, falls = ordered[0] and both in (0, 1), ordered[1] and both in (0, -1)
        return 1 if rises else -1 if falls else None

    def _by_pieces(self, node: Node, facts: Facts) -> Sign:
        """By the exact function of the one driver, where that has a value whenever the part has."""
        if any(one.op in ("missing", "known") and one.name != self.field for one in walk(node)):
            return None
        found = self.drivers.drivers(node)
        if len(found) != 1 or self.bounds.key(found[0].node) == self.bounds.key(node) or node.type.kind not in ("number", "date", "truth"):
            return None
        (driver,) = found
        lazy = any(one.op in LAZY for one in walk(node))
        if lazy and not self.bounds.total(driver.node, facts):
            return None
        way = self.of(driver.node, facts)
        if way is None or (self.field == "month" and self.drivers.dated(node)):
            return None
        try:
            function = self.drivers.function(node, driver, facts)
        except NotPiecewise:
            return None
        return _product(
            way, 0 if function.rising() and function.falling() else 1 if function.rising() else -1 if function.falling() else None
        )


def _ordered(lower: Span | None, upper: Span | None) -> int:
    """1 where all of *lower* is at most all of *upper*, −1 the other way round, 0 where neither is sure."""
    if lower is None or upper is None:
        return 0
    if lower.high is not None and upper.low is not None and lower.high <= upper.low:
        return 1
    return -1 if lower.low is not None and upper.high is not None and lower.low >= upper.high else 0


def _together(signs: Iterable[Sign]) -> Sign:
    """The one direction of parts that are added up."""
    found = set(signs) - {0}
    return 0 if not found else found.pop() if len(found) == 1 else None


def _turned(sign: Sign) -> Sign:
    return None if sign is None else _SIGNS[-sign]


def _product(one: Sign, other: Sign) -> Sign:
    if one == 0 or other == 0:
        return 0
    return None if one is None or other is None else _SIGNS[one * other]


def _times(sign: Sign, factor: Span | None) -> Sign:
    """The direction of something times a factor of known sign."""
    if sign == 0 or factor is None:
        return 0
    return None if factor.sign is None else _product(sign, _SIGNS[factor.sign])


_SIGNS: dict[int, Literal[-1, 0, 1]] = {-1: -1, 0: 0, 1: 1}


def _band_sign(band: Band, x: Span | None) -> Sign:
    """The direction of a table over all that comes in."""
    if band.kind == "choice":
        return None
    if x is None:
        return 0
    first, last = band.starts[0] - 1, band.starts[-1] + 1
    low = x.low if x.low is not None else first if x.high is None else min(first, x.high)
    high = x.high if x.high is not None else max(last, low)
    try:
        function = piecework.banded(band, piecework.identity(low, high))
    except NotPiecewise:  # too many rows
        return None
    return 0 if function.rising() and function.falling() else 1 if function.rising() else -1 if function.falling() else None


# -- scale ---------------------------------------------------------------------------------------------------


def degree(node: Node, fields: frozenset[str]) -> Degree:
    """The power of k by which a part scales when all *fields* of the row are multiplied by k > 0: 0 for what doesn't change (also
    truths and words), "any" for zero, None where it isn't said."""
    op = node.op
    if op == "number":
        return "any" if node.value == 0 else 0
    if op in ("day", "text") or (op == "missing" and not node.parts):
        return 0
    if op == "undetermined":
        return "any"
    if op == "name":
        return 1 if node.name in fields else 0
    if op in WINDOWS:
        return None if any(one.op in ("name", "missing") and one.name in fields for one in walk(node)) else 0
    found = [degree(part, fields) for part in node.parts]
    if None in found:
        return None
    if op in ("missing", "known", "not", "and", "or"):
        return 0
    if op in ("+", "-", "min", "max", "clip", "neg", "abs", "derived"):
        return _same(found)
    if op in COMPARISONS:
        return None if _same(found) is None else 0
    if op == "if":
        return _same(found[1:])
    if op == "*":
        return "any" if "any" in found else sum(one for one in found if isinstance(one, int))
    if op == "/":
        above, under = found
        return None if under == "any" else "any" if above == "any" else (above or 0) - (under or 0)
    return 0 if found[-1] in (0, "any") else None  # floor, ceil, round, **, band


def _same(degrees: list[Degree]) -> Degree:
    known = {one for one in degrees if one != "any"}
    return "any" if not known else known.pop() if len(known) == 1 else None
