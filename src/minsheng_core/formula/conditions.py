"""Whether a condition can ever come true on the declared ranges: never, by proof; or here is a row on which it does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import islice, product
from random import Random

from attrs import evolve, frozen

from ..period import Period
from ..quantity import Quantity, unit
from . import piecework
from .bounds import LAZY, NOTHING, WINDOWS, Bounds, Facts, Key, joined, walk
from .drivers import MODES, Driver, Drivers, Form
from .pieces import NotPiecewise, Piecewise
from .reference import Given, Row, evaluate_rows
from .tree import EPOCH, TRUTH, Node

__all__ = ["Conditions", "Spot", "compared", "denied", "spots"]

ROWS = 2000  # tried at most in search of one on which a condition holds


@frozen(kw_only=True)
class Spot:
    """A part where it stands: *text* is the formula around it, *path* the tests that have come true before it is asked for, *guarded*
    whether ``known`` or ``missing`` asks only if it has a value, *tested* whether an ``if`` turns on it."""

    node: Node
    text: str
    path: tuple[Node, ...] = ()
    guarded: bool = False
    tested: bool = False


def compared(op: str, left: Node, right: Node | Fraction) -> Node:
    """The test ``left op right``, made up."""
    other = right if isinstance(right, Node) else evolve(joined("number", left), value=right)
    return evolve(joined(op, left, left, other), type=TRUTH)


def denied(test: Node) -> Node:
    """The opposite test."""
    return evolve(joined("not", test, test), type=TRUTH)


def spots(spot: Spot, sure: Callable[[Spot], bool]) -> Iterator[Spot]:
    """The part and every part of it, from the whole down. Another row's parts stand behind none of this row's tests; what is *sure* to
    have a value guards all that is inside."""
    spot = evolve(spot, guarded=spot.guarded or sure(spot))
    yield spot
    node, path = spot.node, spot.path
    spot = evolve(spot, tested=False)
    if node.op == "derived":
        yield from spots(evolve(spot, node=node.parts[0], text=node.text), sure)
    elif node.op == "if":
        test, then, other = node.parts
        yield from spots(evolve(spot, node=test, tested=True), sure)
        yield from spots(evolve(spot, node=then, path=(*path, test)), sure)
        yield from spots(evolve(spot, node=other, path=(*path, denied(test))), sure)
    elif node.op in ("and", "or"):
        for part in node.parts:
            yield from spots(evolve(spot, node=part, path=path), sure)
            path = (*path, part if node.op == "and" else denied(part))
    else:
        asked = spot.guarded or node.op in ("known", "missing")
        for part in node.parts:
            yield from spots(evolve(spot, node=part, path=() if node.op in WINDOWS else path, guarded=asked), sure)


class Conditions:
    """Decides conditions, each a tuple of tests that must all come true, in order."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds, self.drivers = bounds, Drivers(bounds)
        self._facts: dict[tuple[int, ...], tuple[tuple[Node, ...], Facts | None]] = {}
        self._never: dict[tuple[int, ...], tuple[tuple[Node, ...], bool]] = {}

    def facts(self, tests: tuple[Node, ...]) -> Facts | None:
        """What holds where all have come true; None where the spans say that they can't."""
        key = tuple(map(id, tests))
        if key not in self._facts:
            facts: Facts | None = self.facts(tests[:-1]) if tests else NOTHING
            for test in (*tests[-1:], *tests):  # all again, with what the last one says
                facts = self.bounds.assume(facts, test, True) if facts else None
            self._facts[key] = (tests, facts)
        return self._facts[key][1]

    def never(self, tests: tuple[Node, ...]) -> bool:
        """Whether it is proved that they are never true together: by their spans, or by the exact functions of those tests that hang
        on one driver."""
        key = tuple(map(id, tests))
        if key not in self._never:
            facts = self.facts(tests)
            self._never[key] = (tests, facts is None or any(not function.holds() for _, function in self.exact(tests, facts)))
        return self._never[key][1]

    def exact(self, tests: tuple[Node, ...], facts: Facts) -> Iterator[tuple[Driver, Piecewise]]:
        """(driver, where those of the tests that hang on it alone are true together); no test turns true where its driver has no
        value."""
        plain = [one for one in tests if not any(part.op in ("missing", "known") for part in walk(one))]
        for mode in MODES:
            groups: dict[Key, tuple[Driver, list[Node]]] = {}
            for test in plain:
                found = self.drivers.found(test, mode)
                if len(found) <= 1:
                    driver = found[0] if found else None
                    groups.setdefault(driver.key if driver else (), (driver or _still(test), []))[1].append(test)
            for driver, group in groups.values():
                sure = driver.form.weights == {} or self.bounds.total(driver.node, facts)
                kept = [test for test in group if sure or not any(part.op in LAZY for part in walk(test))]
                try:
                    functions = [self.drivers.function(test, driver, facts) for test in kept]
                except NotPiecewise:
                    continue
                if functions:
                    yield driver, piecework.conjunction(*map(_surely, functions))

    def functions(self, node: Node) -> Iterator[Piecewise]:
        """The exact function of the one driver, where that has a value whenever the part has."""
        found = self.drivers.drivers(node)
        ops = {one.op for one in walk(node)}
        if len(found) != 1 or ops & {"missing", "known"} or not (self.bounds.total(found[0].node) or not ops & LAZY):
            return
        try:
            yield self.drivers.function(node, found[0])
        except NotPiecewise:
            return

    # -- a row on which it holds ---------------------------------------------------------------------------

    def witness(self, tests: tuple[Node, ...]) -> Mapping[str, Given] | None:
        """Figures on which all come true by the exact reference, where some are found; None says nothing."""
        facts = self.facts(tests)
        nodes = [one for test in tests for one in walk(test)]
        names = sorted(
            {one.name for one in nodes if one.op in ("name", "missing") and not one.parts and one.name in self.bounds.scope.fields}
        )
        if facts is None or any(one.op in WINDOWS for one in nodes) or any(map(self.drivers.dated, tests)):
            return None
        scope = self.bounds.scope
        if any(one.op == "name" and one.name in self.bounds.ranges and one.name not in scope.fields for one in nodes):
            return None  # a parameter that the caller lets vary
        values = self._candidates(names, tests, facts)
        if not all(values.values()):
            return None
        count = 1
        for some in values.values():
            count *= len(some)
        draw = Random(0)
        picked = product(*values.values()) if count <= ROWS else (tuple(map(draw.choice, values.values())) for _ in range(ROWS))
        rows = [dict(zip(values, some, strict=True)) for some in islice(picked, ROWS)]
        for test in tests:
            formula = evolve(self.bounds.formula, root=test)
            given = [Row(values=row, period=_period(row)) for row in rows]
            rows = [row for row, truth in zip(rows, evaluate_rows(formula, given), strict=True) if truth is True]
        return rows[0] if rows else None

    def _candidates(self, names: Sequence[str], tests: tuple[Node, ...], facts: Facts) -> dict[str, list[Given]]:
        """Telling values of every field: its ends under the tests, those next to them, and where something turns."""
        numbers: dict[str, set[Fraction]] = {}
        for name in names:
            numbers[name] = set()
            if self.bounds.scope.fields[name].kind != "text":
                for held in filter(None, (self.bounds.named(name), self.bounds.named(name, facts))):
                    for end, way in ((held.low, 1), (held.high, -1)):
                        if end is not None:
                            numbers[name] |= {end, end + way * held.grid, end + 2 * way * held.grid, Fraction(0)}
        pool = set().union(*numbers.values())
        for driver, function in self.exact(tests, facts):
            ends = {end for one in function.holds() for end in (one.start, one.end, (one.start + one.end) / 2)}
            pool |= set(sorted(ends)[:12])
            if driver.node.op == "/" and all(part.op == "name" for part in driver.node.parts):
                above, under = (part.name for part in driver.node.parts)
                numbers[above] |= {end * value for end in sorted(ends)[:12] for value in numbers.get(under, ())}
        found: dict[str, list[Given]] = {}
        for name in names:
            declared, span = self.bounds.scope.fields[name], self.bounds.named(name)
            grid = (
                span.grid
                if span and span.grid
                else unit(declared.unit).scale / 10**declared.decimals
                if declared.kind != "text"
                else Fraction(0)
            )
            fitting = (
                sorted(
                    one
                    for one in numbers[name] | pool
                    if span and span.holds(one) and (span.single is not None or (one / grid).denominator == 1)
                )
                if grid
                else []
            )
            some: list[Given] = [_given(declared.kind, declared.unit, one) for one in fitting[:8] + fitting[-8:]]
            some += declared.choices if declared.kind == "text" else []
            bare = span is None or span.low is None or span.high is None
            found[name] = [] if bare and declared.kind != "text" else some + ([None] if declared.missing else [])
        return found


def _given(kind: str, symbol: str, value: Fraction) -> Given:
    if kind == "date":
        return date.fromordinal(EPOCH + int(value))
    return Quantity(value / unit(symbol).scale, unit(symbol))


def _period(row: Mapping[str, Given]) -> Period:
    month = row.get("month")
    return Period(2023, int(month.value) if isinstance(month, Quantity) else 12)


def _still(test: Node) -> Driver:
    """What drives a test on which nothing varies."""
    return Driver(node=evolve(joined("number", test), value=Fraction(0)), form=Form(Fraction(0)), mode=MODES[0], key=())


def _surely(truth: Piecewise) -> Piecewise:
    """False where there is no answer."""
    return piecework.choose(piecework.known(truth), truth, piecework.constant(False, truth.low, truth.high))
