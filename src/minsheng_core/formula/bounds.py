"""Where every part of a formula can lie on the declared ranges of its fields, and what the tests on the way to it say of it."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Any

from attrs import evolve, field, frozen

from ..quantity import unit
from ..rounding import Rounding, round_places
from .band import Band
from .check import Formula
from .dated import Dated
from .functions import OVER_GROUP, OVER_PERIODS
from .span import ANY, EITHER, FALSE, TRUE, Span, below, hull, meet, point
from .tree import Node, Type

__all__ = ["COMPARISONS", "LAZY", "NOTHING", "OPPOSITE", "Bounds", "Facts", "Key", "Ranges", "WINDOWS", "joined", "walk"]

Ranges = Mapping[str, tuple[Fraction | None, Fraction | None]]
Key = tuple[Any, ...]
WINDOWS = OVER_GROUP | OVER_PERIODS
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
COMPARISONS = frozenset(OPPOSITE)
LAZY = frozenset({"if", "and", "or", "known", "missing"})  # a part of these may have no value, and they still do
DAYS = (Fraction(-25567), Fraction(376199))  # 1900-01-01 to 2999-12-31, as in every plan


@frozen
class Facts:
    """What the tests on the way to a part say: *spans* of parts (None: it has no value) and parts that have been *given* a value."""

    spans: Mapping[Key, Span | None] = field(factory=dict)
    given: frozenset[Key] = frozenset()


NOTHING = Facts()


def walk(node: Node) -> Iterator[Node]:
    """The part and all parts of it."""
    yield node
    for part in node.parts:
        yield from walk(part)


def joined(op: str, like: Node, *parts: Node) -> Node:
    """A part made up from others, standing where *like* stands."""
    return Node(op=op, type=Type(), start=like.start, end=like.end, parts=parts)


class Bounds:
    """The spans of a formula's parts. *ranges* (in base units, None: no end) stand in for what fields and parameters declare; a
    part that never has a value has the span None. A name that declares no range can be anything."""

    def __init__(self, formula: Formula, ranges: Ranges | None = None) -> None:
        self.formula, self.scope, self.ranges = formula, formula.scope, dict(ranges or {})
        self._names: dict[str, Span] = {}
        self._keys: dict[int, tuple[Node, Key]] = {}
        self._spans: dict[tuple[int, int], tuple[Node, Facts, Span | None]] = {}

    def key(self, node: Node) -> Key:
        """What makes two parts the same, wherever they stand; a derived field is its formula."""
        if id(node) not in self._keys:
            self._keys[id(node)] = (node, self._key(node))
        return self._keys[id(node)][1]

    def _key(self, node: Node) -> Key:
        if node.op == "derived":
            return self.key(node.parts[0])
        name = "" if node.op == "number" else node.name
        parts = () if node.op == "missing" and not node.parts else tuple(self.key(part) for part in node.parts)
        return (node.op, name, node.value, *parts)

    # -- spans ---------------------------------------------------------------------------------------------

    def span(self, node: Node, facts: Facts = NOTHING) -> Span | None:
        """Where the values of a part lie, on rows where *facts* hold; None where it never has one. A word can be anything."""
        known = (id(node), id(facts))
        if known not in self._spans:  # the objects are kept, so that their ids stay theirs
            found = self._span(node, facts)
            key = self.key(node)
            if key in facts.spans:
                found = meet(found, facts.spans[key])
            self._spans[known] = (node, facts, found)
        return self._spans[known][2]

    def _span(self, node: Node, facts: Facts) -> Span | None:
        op = node.op
        if op in ("number", "day"):
            return point(node.value)
        if op == "name":
            return self._declared(node.name)
        if op == "undetermined":
            return None
        if op == "text":
            return ANY
        if op == "derived":
            return self.span(node.parts[0], facts)
        if op in ("missing", "known"):
            return self._presence(node, facts)
        if op in WINDOWS:
            return _window(op, self.span(node.parts[0]))  # what is known of this row says nothing of others
        if op == "if":
            return hull(self._branches(node, facts))
        if op in ("and", "or"):
            return self._logic(node, facts)
        spans: list[Span] = []
        for part in node.parts:
            one = self.span(part, facts)
            if one is None:
                return None
            spans.append(one)
        if op in COMPARISONS:
            return self._comparison(node, facts)
        if op == "band":
            return self._banded(node, self.scope.bands[node.name], spans[0])
        if op == "round":
            mode, places = Rounding(node.name), int(node.value)
            return spans[0].mapped(lambda end: round_places(end, places, mode), Fraction(1, 10**places))
        if op in ("floor", "ceil"):
            whole = {"floor": floor, "ceil": ceil}[op]
            return spans[0].mapped(lambda end: whole(end / node.value) * node.value, node.value)
        if op == "**":
            return _power(node.parts[0].value, spans[1])
        return _ARITHMETIC[op](*spans)

    def named(self, name: str, facts: Facts = NOTHING) -> Span | None:
        """Where a name's value lies, on rows where *facts* hold."""
        return meet(self._declared(name), facts.spans.get(("name", name, Fraction(0)), ANY))

    def _declared(self, name: str) -> Span:
        if name not in self._names:
            self._names[name] = self._range(name)
        return self._names[name]

    def _range(self, name: str) -> Span:
        declared = self.scope.fields.get(name)
        grid = Fraction(0)
        if (
            declared is not None
            and declared.kind != "text"
            and (declared.kind == "date" or None not in (declared.minimum, declared.maximum))
        ):
            grid = unit(declared.unit).scale / 10**declared.decimals if declared.kind != "date" else Fraction(1)
        if name in self.ranges:
            return meet(Span(*self.ranges[name]), Span(grid=grid)) or Span(*self.ranges[name])
        if declared is None:
            constant = self.scope.constants.get(name)
            if constant is None:
                return ANY
            values = [one.base for _, one in constant.values] if isinstance(constant, Dated) else [constant.base]
            return hull(map(point, values)) or ANY
        if declared.kind == "date":
            return Span(*DAYS, Fraction(1))
        if name == "month" and declared.minimum is None and declared.maximum is None:
            return Span(Fraction(1), Fraction(12), Fraction(1))
        scale = unit(declared.unit).scale if declared.kind != "text" else Fraction(1)
        low, high = (None if end is None else end * scale for end in (declared.minimum, declared.maximum))
        return meet(Span(low, high), Span(grid=grid)) or Span(low, high)

    def _presence(self, node: Node, facts: Facts) -> Span:
        """Of ``missing`` and ``known``."""
        absent, there = (TRUE, FALSE) if node.op == "missing" else (FALSE, TRUE)
        inner = node.parts[0] if node.parts else None
        key = self.key(inner) if inner else ("name", node.name, Fraction(0))
        if key in facts.given or (inner is not None and self.total(inner, facts)):
            return there
        if (key in facts.spans and facts.spans[key] is None) or (inner is not None and self.span(inner, facts) is None):
            return absent
        return EITHER

    def _branches(self, node: Node, facts: Facts) -> Iterator[Span | None]:
        test, then, other = node.parts
        for branch, when in ((then, True), (other, False)):
            inside = self.assume(facts, test, when)
            if inside is not None:
                yield self.span(branch, inside)

    def _logic(self, node: Node, facts: Facts) -> Span | None:
        """Of and/or, from left to right up to the part that decides."""
        goes_on, decides = (Fraction(1), Fraction(0)) if node.op == "and" else (Fraction(0), Fraction(1))
        found: list[Span | None] = []
        for part in node.parts:
            one = self.span(part, facts)
            if one is None:
                return hull(found)
            if one.holds(decides):
                found.append(Span(decides, decides, Fraction(1)))
            inside = self.assume(facts, part, node.op == "and") if one.holds(goes_on) else None
            if inside is None:
                return hull(found)
            facts = inside
        return hull([*found, Span(goes_on, goes_on, Fraction(1))])

    def _comparison(self, node: Node, facts: Facts) -> Span:
        left, right = node.parts
        if "text" in (left.type.kind, right.type.kind):
            mine, others = self.words(left), self.words(right)
            same = FALSE if mine.isdisjoint(others) else TRUE if len(mine | others) == 1 else EITHER
            return same if node.op == "==" else _not(same)
        apart = self.span(joined("-", node, left, right), facts)
        if apart is None:
            return EITHER
        least, most = (apart.low is not None and apart.low >= 0), (apart.high is not None and apart.high <= 0)
        sure = {
            "<": (most and apart.never_zero, least), "<=": (most, least and apart.never_zero),
            ">": (least and apart.never_zero, most), ">=": (least, most and apart.never_zero),
            "==": (apart.single == 0, apart.never_zero or not apart.holds(Fraction(0))),
            "!=": (apart.never_zero or not apart.holds(Fraction(0)), apart.single == 0),
        }[node.op]  # fmt: skip
        return TRUE if sure[0] else FALSE if sure[1] else EITHER

    def words(self, node: Node) -> frozenset[str]:
        """The words that a part can be."""
        if node.op == "text":
            return frozenset({node.name})
        if node.op == "name":
            declared = self.scope.fields.get(node.name)
            return frozenset(declared.choices) if declared else frozenset()
        return frozenset().union(*(self.words(part) for part in node.parts if part.type.kind == "text"))

    def _banded(self, node: Node, band: Band, x: Span) -> Span | None:
        if band.kind == "choice":
            return hull(point(band.of(word)[0]) for word in sorted(self.words(node.parts[0])))
        found: list[Span | None] = []
        if band.below is not None and self.under(band, x):
            found.append(point(band.below))
        for row, (start, value, slope) in enumerate(zip(band.starts, band.values, band.slopes, strict=True)):
            end = band.starts[row + 1] if row + 1 < len(band.starts) else None
            inside = meet(x, Span(start, end))
            if inside is not None:
                found.append(point(value).plus(point(slope).times(inside.minus(point(start)))))
        return hull(found)

    @staticmethod
    def under(band: Band, x: Span) -> bool:
        """Whether *x* can be under the table's first row."""
        return x.low is None or x.low < band.starts[0] or (x.low == band.starts[0] and band.above[0])

    # -- what always has a value ---------------------------------------------------------------------------

    def total(self, node: Node, facts: Facts = NOTHING) -> bool:
        """Whether a part has a value on every row where *facts* hold."""
        if self.key(node) in facts.given:
            return True
        match node.op:
            case "undetermined":
                return False
            case "missing" | "known":
                return True
            case "name":
                declared = self.scope.fields.get(node.name)
                return not declared.missing if declared else not isinstance(self.scope.constants.get(node.name), Dated)
            case op if op in WINDOWS:
                return False
            case "if":
                test, *branches = node.parts
                inside = [self.assume(facts, test, when) for when in (True, False)]
                both = zip(branches, inside, strict=True)
                return self.total(test, facts) and all(known is None or self.total(branch, known) for branch, known in both)
            case "and" | "or":
                for part in node.parts:
                    if not self.total(part, facts):
                        return False
                    known = self.assume(facts, part, node.op == "and")
                    if known is None:
                        return True
                    facts = known
                return True
        return all(self.total(part, facts) for part in node.parts) and not self.fails(node, facts)

    def fails(self, node: Node, facts: Facts = NOTHING) -> bool:
        """Whether this very step may find no answer: it divides by zero, or its table says nothing of so low a value."""
        if node.op == "/":
            divisor = self.span(node.parts[1], facts)
            return divisor is not None and not divisor.never_zero and divisor.holds(Fraction(0))
        if node.op == "band" and self.scope.bands[node.name].kind != "choice" and self.scope.bands[node.name].below is None:
            x = self.span(node.parts[0], facts)
            return x is not None and self.under(self.scope.bands[node.name], x)
        return False

    # -- tests ---------------------------------------------------------------------------------------------

    def assume(self, facts: Facts, test: Node, when: bool) -> Facts | None:
        """*facts*, and what follows from the test's having come out so; None where it can't."""
        span = self.span(test, facts)
        if span is None or not span.holds(Fraction(when)):
            return None
        needed = self._needed(test)
        found: Facts | None = facts if needed <= facts.given else evolve(facts, given=facts.given | needed)
        match test.op:
            case "not":
                return self.assume(facts, test.parts[0], not when)
            case "derived":
                return self.assume(facts, test.parts[0], when)
            case "and" | "or" if (test.op == "and") == when:
                for part in test.parts:
                    found = self.assume(found, part, when) if found else None
            case "missing" | "known":
                key = self.key(test.parts[0]) if test.parts else ("name", test.name, Fraction(0))
                if when == (test.op == "known"):
                    return evolve(facts, given=facts.given | {key} | (self._needed(test.parts[0]) if test.parts else frozenset()))
                return evolve(facts, spans={**facts.spans, key: None})
            case op if op in COMPARISONS and "text" not in (test.parts[0].type.kind, test.parts[1].type.kind):
                found = self._compared(found, test, op if when else OPPOSITE[op]) if found else None
        return found

    def _needed(self, node: Node) -> frozenset[Key]:
        """The parts that have a value wherever this one has."""
        if node.op in WINDOWS or node.op in ("missing", "known"):
            return frozenset({self.key(node)})
        inner = node.parts[:1] if node.op in LAZY else node.parts
        return frozenset({self.key(node)}).union(*(self._needed(part) for part in inner))

    def _compared(self, facts: Facts | None, test: Node, op: str) -> Facts | None:
        left, right = test.parts
        for one, other, sign in ((left, right, op), (right, left, {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op))):
            span = self.span(other, facts) if facts else None
            if facts and span:
                facts = self._limited(facts, one, sign, span)
                facts = self._limited(facts, joined("-", test, one, other), sign, point(Fraction(0))) if facts else None
            if facts and span and span.sign == 1 and span.never_zero:
                facts = self._limited(facts, joined("/", test, one, other), sign, point(Fraction(1)))
        return facts

    def _limited(self, facts: Facts, node: Node, op: str, limit: Span) -> Facts | None:
        """With ``node op limit``, where that narrows it."""
        if node.op == "derived":
            return self._limited(facts, node.parts[0], op, limit)
        held = self.span(node, facts)
        if held is None or node.op in ("number", "day"):
            return facts
        new: Span | None = held
        if op in ("<", "<=", "==") and limit.high is not None:
            new = meet(new, below(limit.high, strict=op == "<", grid=held.grid))
        if op in (">", ">=", "==") and limit.low is not None:
            new = meet(new, below(-limit.low, strict=op == ">", grid=held.grid).negative())
        if op == "!=" and limit.single == 0:
            new = meet(new, Span(nonzero=True))
        if new == held:
            return facts  # the same, so that what was reckoned with it is found again
        return None if new is None else evolve(facts, spans={**facts.spans, self.key(node): new})


def _not(truth: Span) -> Span:
    return point(Fraction(1)).minus(truth)


def _power(base: Fraction, exponent: Span) -> Span:
    low, high = exponent.low, exponent.high
    if low is None or high is None or low < 0 or high > 64:
        return Span(Fraction(0), None)
    ends = [base ** floor(low), base ** ceil(high), *([Fraction(0)] if base == 0 else [])]
    return Span(min(ends), max(ends), Fraction(1))


def _least(*spans: Span) -> Span:
    ends = [span.negative() for span in spans]
    return _most(*ends).negative()


def _most(*spans: Span) -> Span:
    lows = [span.low for span in spans if span.low is not None]
    highs = [span.high for span in spans if span.high is not None]
    whole = hull(spans) or ANY
    return evolve(whole, low=max(lows, default=None), high=max(highs) if len(highs) == len(spans) else None)


def _window(op: str, inner: Span | None) -> Span | None:
    """Of a function that looks at other rows, by where its argument lies there."""
    if op in ("count", "streak"):
        return Span(Fraction(0), Fraction(12), Fraction(1))
    if op == "size":
        return Span(Fraction(0), None, Fraction(1))
    if inner is None:
        return None
    if op == "rank":
        return Span(Fraction(1), None, Fraction(1))
    if op == "share_of_best":
        return Span(Fraction(0), Fraction(1)) if inner.sign in (0, 1) else ANY
    if op in ("best", "worst", "last", "previous"):
        return inner
    if op == "mean":
        return Span(inner.low, inner.high)
    rows = Span(Fraction(1), None if op == "total" else Fraction(12))
    return evolve(inner.times(rows), grid=inner.grid, nonzero=False)


_ARITHMETIC: Mapping[str, Callable[..., Span | None]] = {
    "+": Span.plus, "-": Span.minus, "*": Span.times, "/": Span.over, "neg": Span.negative, "abs": Span.magnitude, "not": _not,
    "min": _least, "max": _most, "clip": lambda x, low, high: _most(low, _least(x, high)),
}  # fmt: skip
