"""What can be said of one formula without scoring anybody: bounds, drivers, directions, faults and idle parts, all exact or not said."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal, TypedDict

from attrs import frozen

from .band import Band
from .bounds import COMPARISONS, NOTHING, Bounds, Ranges
from .check import Formula
from .conditions import Conditions, Spot, compared, denied, spots
from .direction import Directions, degree
from .drivers import Drivers
from .pieces import NotPiecewise, Piecewise
from .reference import Given
from .span import Span, meet
from .tree import Node

__all__ = ["Fault", "Idle", "Ranges", "bounds", "direction", "drivers", "faults", "homogeneous", "idle", "pieces", "written"]


@frozen(kw_only=True)
class Fault:
    """A part that may find no answer by accident: a division by zero, or a table without ``below`` reached from under its first row.

    *source* is the formula that it stands in (of a derived field, its own), *offset* its place there. *witness* are figures on which
    it happens; without them it is only possible.
    """

    node: Node
    kind: Literal["division", "below"]
    text: str
    source: str
    offset: int
    witness: Mapping[str, Given] | None = None

    @property
    def reached(self) -> bool:
        """Whether it is known to happen."""
        return self.witness is not None


@frozen(kw_only=True)
class Idle:
    """A part that is proved never to fire: a ``branch`` of an if, a ``row`` of a table (*row*, −1 is ``below``), a ``comparison`` that
    always comes out the same, or a ``limit`` (an argument of min, max or clip) that never decides. *sure* is whether the test of
    a branch always has an answer: else the whole has none where the test has none, and would have one without it."""

    node: Node
    kind: Literal["branch", "row", "comparison", "limit"]
    text: str
    source: str
    offset: int
    reason: str
    row: int | None = None
    sure: bool = True


def bounds(formula: Formula, ranges: Ranges | None = None, node: Node | None = None) -> Span | None:
    """Where the values of the formula, or of a part of it, lie (truths are 0 and 1); None where it never has one. Ends of parts with one
    driver are those of the exact function.

    *ranges*, here and below, are in base units and stand in for what names declare: (low, high), both included, None for no end.
    """
    conditions, root = Conditions(Bounds(formula, ranges)), node or formula.root
    span = conditions.bounds.span(root)
    for function in conditions.functions(root) if span and root.type.kind in ("number", "truth") else ():
        least, most = function.minimum(), function.maximum()
        span = meet(span, Span(least.value, most.value)) if least and most else None
    return span


def drivers(formula: Formula, ranges: Ranges | None = None, node: Node | None = None) -> tuple[Node, ...]:
    """The fewest parts through which the figures come in, so that the formula is piecewise affine in them: of
    ``full * min(insured / target, cap)`` it is ``insured / target``, where *full* is pinned to one value."""
    return tuple(one.node for one in Drivers(Bounds(formula, ranges)).drivers(node or formula.root))


def pieces(formula: Formula, ranges: Ranges | None = None, node: Node | None = None) -> tuple[Node, Piecewise] | None:
    """(driver, the exact function of it), over all that the driver can be; None where there is not one driver, it has no ends, or the
    pieces are too many. It says what the formula gives where the driver has a value and every field that may be missing is there."""
    finder = Drivers(Bounds(formula, ranges))
    found = finder.drivers(node or formula.root)
    if len(found) != 1:
        return None
    try:
        return found[0].node, finder.function(node or formula.root, found[0])
    except NotPiecewise:
        return None


def direction(formula: Formula, field: str, ranges: Ranges | None = None, node: Node | None = None) -> Literal[-1, 0, 1] | None:
    """Which way the formula goes as *field*, which is given, rises and all else stays: 1 never falls, −1 never rises, 0 stays, None not
    said. For any two rows on which it has a value; truths are 0 and 1."""
    held = Bounds(formula, ranges)
    return Directions(held, Drivers(held), field).of(node or formula.root)


def homogeneous(formula: Formula, fields: frozenset[str], node: Node | None = None) -> int | None:
    """The power of k by which the formula scales when *fields* are all multiplied by k > 0 (0: it doesn't care for size), and with the
    same answers missing; None where that is not said."""
    found = degree(node or formula.root, fields)
    return 0 if found == "any" else found


def faults(formula: Formula, ranges: Ranges | None = None) -> list[Fault]:
    """Every place where the formula may find no answer by accident. Where the list is empty, it has one on every row whose figures are
    all there and in range, unless the rule says ``undetermined``, looks at other rows, or a dated parameter has no value yet."""
    conditions = Conditions(Bounds(formula, ranges))
    held = conditions.bounds
    found: dict[tuple[str, int], Fault] = {}  # a derived field may stand in many places

    def sure(spot: Spot) -> bool:
        facts = conditions.facts(spot.path)
        return facts is None or held.key(spot.node) in facts.given

    for spot in spots(Spot(node=formula.root, text=formula.text), sure):
        node, facts = spot.node, conditions.facts(spot.path)
        if spot.guarded or facts is None or not held.fails(node, facts):
            continue
        tests = (*spot.path, _failing(formula, node))
        before = found.get((spot.text, node.start))
        if not (before and before.reached) and not conditions.never(tests):
            kind: Literal["division", "below"] = "division" if node.op == "/" else "below"
            fault = Fault(node=node, kind=kind, witness=conditions.witness(tests), **_where(spot, node))
            if fault.reached or not before:
                found[spot.text, node.start] = fault
    return list(found.values())


def _failing(formula: Formula, node: Node) -> Node:
    """The test that comes true where that step finds no answer."""
    if node.op == "/":
        return compared("==", node.parts[1], node.parts[1].value * 0)
    band = formula.scope.bands[node.name]
    return compared("<=" if band.above[0] else "<", node.parts[0], band.starts[0])


def idle(formula: Formula, ranges: Ranges | None = None) -> list[Idle]:
    """Parts that never fire, on any row within the ranges; what stands inside one of them is not told again."""
    conditions = Conditions(Bounds(formula, ranges))
    key = conditions.bounds.key
    found: dict[tuple[object, ...], tuple[Idle, int]] = {}
    stands: Counter[object] = Counter()  # a derived field may stand in many places: idle in it is what is so in all of them
    for spot in spots(Spot(node=formula.root, text=formula.text), lambda spot: False):
        if not conditions.never(spot.path):
            here = (spot.text, spot.node.start, key(spot.node))
            stands[here] += 1
            for one in _idle(conditions, spot):
                what = (here, one.kind, one.offset, key(one.node), one.row)
                found[what] = (one, found[what][1] + 1 if what in found else 1)
    return [one for (here, *_), (one, times) in found.items() if times == stands[here]]


def _idle(conditions: Conditions, spot: Spot) -> Iterator[Idle]:
    node = spot.node
    if node.op == "if":
        test, then, other = node.parts
        sure = conditions.bounds.total(test, conditions.facts(spot.path) or NOTHING)
        for branch, way, word in ((then, test, "true"), (other, denied(test), "false")):
            if conditions.never((*spot.path, way)):
                yield Idle(node=branch, kind="branch", reason=f"{_text(spot, test)!r} is never {word}", sure=sure, **_where(spot, branch))
    elif node.op in COMPARISONS and not spot.tested:
        for way, word in ((node, "false"), (denied(node), "true")):
            if conditions.never((*spot.path, way)):
                yield Idle(node=node, kind="comparison", reason=f"it is always {word}", **_where(spot, node))
                break
    elif node.op == "band":
        yield from _rows(conditions, spot, conditions.bounds.scope.bands[node.name])
    elif node.op in ("min", "max"):
        sign, word = ("<", "least") if node.op == "min" else (">", "most")
        for part in node.parts:
            if conditions.never((*spot.path, *(compared(sign, part, other) for other in node.parts if other is not part))):
                yield Idle(node=part, kind="limit", reason=f"it is never the {word} of them alone", **_where(spot, part))
    elif node.op == "clip":
        value, low, high = node.parts
        for limit, test, word in ((low, compared("<", value, low), "below"), (high, compared(">", value, high), "above")):
            if conditions.never((*spot.path, test)) and conditions.never((*spot.path, compared("<", high, low))):
                yield Idle(node=limit, kind="limit", reason=f"{_text(spot, value)!r} is never {word} it", **_where(spot, limit))


def _rows(conditions: Conditions, spot: Spot, band: Band) -> Iterator[Idle]:
    """Rows that no input reaches; of a marginal table, those that no input goes beyond."""
    node, inner = spot.node, spot.node.parts[0]
    if band.kind == "choice":
        words = conditions.bounds.words(inner)
        unmet = [row for row, word in enumerate(band.words) if word not in words]
    else:
        reached = [compared(">" if above else ">=", inner, start) for start, above in zip(band.starts, band.above, strict=True)]
        ways = [(row, (test, *(denied(one) for one in reached[row + 1 : row + 2]))) for row, test in enumerate(reached)]
        if band.kind == "marginal":
            ways = [(row, (test,)) for row, test in enumerate(reached)]
        elif band.below is not None:
            ways.insert(0, (-1, (denied(reached[0]),)))
        unmet = [row for row, tests in ways if conditions.never((*spot.path, *tests))]
    for row in unmet:
        yield Idle(
            node=node, kind="row", row=row, reason=f"{_text(spot, inner)!r} never comes there: {band.describe(row)}", **_where(spot, node)
        )


def written(node: Node) -> str:
    """A part in words, also one that was made up from others: ``insured / target``."""
    inner = [f"({written(part)})" if part.op in ("+", "-", "*", "/", "if", "and", "or") else written(part) for part in node.parts]
    if node.op in ("name", "derived", "text"):
        return node.name
    if node.op in ("number", "day"):
        return node.name or str(node.value)
    if node.op == "if":
        return f"{inner[1]} if {inner[0]} else {inner[2]}"
    if len(inner) > 1 and (node.op in ("and", "or", "+", "-", "*", "/", "**") or node.op in COMPARISONS):
        return f" {node.op} ".join(inner)
    sign = {"neg": "-", "not": "not "}.get(node.op)
    more = [node.name] if node.name else []
    return f"{sign}{inner[0]}" if sign else f"{node.op}({', '.join(inner + more)})"


def _text(spot: Spot, node: Node) -> str:
    return " ".join(spot.text[node.start : node.end].split())


class _Where(TypedDict):
    text: str
    source: str
    offset: int


def _where(spot: Spot, node: Node) -> _Where:
    return {"text": _text(spot, node), "source": spot.text, "offset": node.start}
