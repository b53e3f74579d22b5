"""Through which parts a formula's figures come in, so that it is piecewise affine in them; and, where that is one, its exact function."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from attrs import evolve, field, frozen

from ..rounding import Rounding
from . import piecework
from .bounds import COMPARISONS, NOTHING, WINDOWS, Bounds, Facts, Key, joined, walk
from .dated import Dated
from .pieces import Gap, NotPiecewise, Piecewise
from .tree import Node

__all__ = ["MODES", "Driver", "Drivers", "Form"]

ZERO, ONE = Fraction(0), Fraction(1)
MODES = ((True, False), (False, False), (True, True), (False, True))  # (sums are one driver, comparisons are ratios)
SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@frozen
class Form:
    """constant + Σ weight · atom, the atoms being what isn't constant: *weights* by key, *atoms* the part of each."""

    constant: Fraction
    weights: Mapping[Key, Fraction] = field(factory=dict)
    atoms: Mapping[Key, Node] = field(factory=dict)

    def scaled(self, by: Fraction) -> "Form":
        """by · the form."""
        return Form(self.constant * by, {key: weight * by for key, weight in self.weights.items()}, self.atoms)

    def plus(self, other: "Form") -> "Form":
        """The sum."""
        weights = {key: self.weights.get(key, ZERO) + other.weights.get(key, ZERO) for key in {**self.weights, **other.weights}}
        return Form(self.constant + other.constant, weights, {**self.atoms, **other.atoms})

    def against(self, driver: "Form") -> tuple[Fraction, Fraction] | None:
        """(slope, constant) of it as a function of *driver*; None where it is none."""
        if not self.weights:
            return ZERO, self.constant
        if self.weights.keys() != driver.weights.keys():
            return None
        slopes = {weight / driver.weights[key] for key, weight in self.weights.items()}
        slope = slopes.pop()
        return None if slopes else (slope, self.constant - slope * driver.constant)


@frozen(kw_only=True)
class Driver:
    """One driver: the part, its form, the way (sums whole, ratios) in which the formula was read to find it, and what makes it the same
    as another, up to a factor."""

    node: Node
    form: Form
    mode: tuple[bool, bool]
    key: Key


class Drivers:
    """Finds the drivers of parts, and reckons the exact function of one."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._forms: dict[int, tuple[Node, Form | None]] = {}
        self._varying: dict[int, tuple[Node, bool]] = {}

    # -- what varies ---------------------------------------------------------------------------------------

    def varying(self, node: Node) -> bool:
        """Whether a part can differ from row to row: a name in it is not pinned to one value, or it looks at other rows."""
        if id(node) not in self._varying:
            self._varying[id(node)] = (node, self._varies(node))
        return self._varying[id(node)][1]

    def _varies(self, node: Node) -> bool:
        if node.op == "name":
            span = self.bounds.span(node)
            return span is None or span.single is None
        return node.op in WINDOWS or any(self.varying(part) for part in node.parts)

    def constant(self, node: Node) -> Fraction | None:
        """The number that a part always is."""
        if self.varying(node):
            return None
        try:
            value = self._reckon(node, Driver(node=node, form=Form(ZERO), mode=MODES[0], key=()), ZERO, ZERO).at(ZERO)
        except NotPiecewise:
            return None
        return value if isinstance(value, Fraction) else None

    def form(self, node: Node) -> Form | None:
        """A number as a sum of constants and weighted atoms, where it is built so; None where it isn't, or an atom cancels out."""
        if id(node) not in self._forms:
            made = self._form(node) if node.type.kind in ("number", "date") else None
            self._forms[id(node)] = (node, made if made and all(made.weights.values()) else None)
        return self._forms[id(node)][1]

    def _form(self, node: Node) -> Form | None:
        if not self.varying(node):
            value = self.constant(node)
            return None if value is None else Form(value)
        if node.op == "derived":
            return self.form(node.parts[0])
        if node.op == "name" or node.op in WINDOWS:
            return Form(ZERO, {self.bounds.key(node): ONE}, {self.bounds.key(node): node})
        if node.op in ("*", "/"):
            return self._product(node)
        if node.op not in ("+", "-", "neg"):
            return None
        forms = [self.form(part) for part in node.parts]
        made: Form | None = Form(ZERO)
        for index, one in enumerate(forms):
            minus = node.op == "neg" or (node.op == "-" and index)
            made = made.plus(one.scaled(-ONE) if minus else one) if made and one else None
        return made

    def _product(self, node: Node) -> Form | None:
        """A constant times a form, or one atom: a product over a product, its constants taken out."""
        left, right = node.parts
        for one, other in ((left, right), (right, left)):
            value = self.constant(one)
            form = self.form(other)
            if value is not None and form and (node.op == "*" or (one is right and value)):
                return form.scaled(value if node.op == "*" else 1 / value)
        weight, above, below = self._factors(node)
        if not weight or (node.op == "/" and self.constant(right) is not None):
            return None
        if (not below and len(above) == 1) or not all(self.form(one) for one in above + below):
            return None  # a factor is no form
        atom = self._chain("*", node, above)
        if below:
            atom = joined("/", node, atom or evolve(joined("number", node), value=ONE), self._chain("*", node, below) or node)
        if atom is None:
            return None
        own = node if weight == 1 and len(walk_product(node)) == len(above) + len(below) else atom
        key = ("product", *(tuple(sorted(map(self.bounds.key, side), key=repr)) for side in (above, below)))
        return Form(ZERO, {key: weight}, {key: own})

    @staticmethod
    def _chain(op: str, like: Node, nodes: Sequence[Node]) -> Node | None:
        made = nodes[0] if nodes else None
        for one in nodes[1:]:
            made = joined(op, like, made, one) if made else one
        return made

    def _factors(self, node: Node) -> tuple[Fraction, list[Node], list[Node]]:
        """(constant, what is multiplied, what it is divided by) of a chain of products."""
        value = self.constant(node)
        if value is not None:
            return value, [], []
        if node.op == "derived" and node.parts[0].op in ("name", "*", "/"):
            return self._factors(node.parts[0])
        if node.op not in ("*", "/") or not self.varying(node):
            return ONE, [node], []
        (weight, above, below), (other, more, less) = map(self._factors, node.parts)
        if node.op == "*":
            return weight * other, above + more, below + less
        return (weight / other if other else ZERO), above + less, below + more

    # -- drivers -------------------------------------------------------------------------------------------

    def drivers(self, node: Node) -> list[Driver]:
        """The fewest parts through which what varies comes in; none where nothing does."""
        found = [self.found(node, mode) for mode in MODES]
        return min(found, key=len)

    def found(self, node: Node, mode: tuple[bool, bool]) -> list[Driver]:
        """The drivers, the formula being read in one way."""
        kept: dict[Key, Driver] = {}
        for form in self._collect(node, mode):
            whole = [form] if mode[0] else [Form(ZERO, {key: ONE}, {key: atom}) for key, atom in form.atoms.items()]
            for one in whole:
                first = next(iter(one.weights.values()))
                unit = Form(ZERO, one.weights, one.atoms).scaled(1 / first)
                by_key = sorted(unit.weights.items(), key=lambda item: repr(item[0]))
                canonical = tuple((key, weight / by_key[0][1]) for key, weight in by_key)
                kept.setdefault(canonical, Driver(node=_summed(unit), form=unit, mode=mode, key=canonical))
        return list(kept.values())

    def _collect(self, node: Node, mode: tuple[bool, bool]) -> list[Form]:
        if not self.varying(node):
            return []
        form = self.form(node)
        if form is not None:
            return [form] if form.weights else []
        if node.op in COMPARISONS and "text" not in (node.parts[0].type.kind, node.parts[1].type.kind):
            form = self._compared(node, mode)[0]
            if form is not None:
                return [form] if form.weights else []
        alone = not self.opaque(node)
        if alone and node.parts:
            return [form for part in node.parts for form in self._collect(part, mode)]
        if node.op == "missing":
            return []
        key = self.bounds.key(node)
        return [Form(ZERO, {key: ONE}, {key: node})]

    def opaque(self, node: Node) -> bool:
        """Whether a product or quotient is no piecewise-affine function of what its factors are functions of."""
        if node.op == "*":
            return not any(self.flat(part) for part in node.parts)
        return (node.op == "/" and not self.flat(node.parts[1])) or node.op in WINDOWS

    def flat(self, node: Node) -> bool:
        """Whether a part only ever takes single values, one for each stretch of what drives it."""
        if not self.varying(node) or node.op in ("floor", "ceil", "round", "**"):
            return True
        if node.op == "band":
            return not any(self.bounds.scope.bands[node.name].slopes)
        if node.op in ("+", "-", "*", "/", "neg", "min", "max", "clip", "abs", "derived"):
            return all(self.flat(part) for part in node.parts)
        return node.op == "if" and all(self.flat(part) for part in node.parts[1:])

    def _compared(self, node: Node, mode: tuple[bool, bool]) -> tuple[Form | None, str]:
        """A comparison as one form against 0: the difference of its sides, or their ratio less 1."""
        left, right = node.parts
        if mode[1] and self.varying(left) and self.varying(right):
            for one, other, op in ((left, right, node.op), (right, left, SWAPPED.get(node.op, node.op))):
                span = self.bounds.span(other)
                if span is not None and span.sign == 1 and span.never_zero:
                    form = self.form(joined("/", node, one, other))
                    if form is not None:
                        return form.plus(Form(-ONE)), op
        return self.form(joined("-", node, left, right)), node.op

    # -- the function --------------------------------------------------------------------------------------

    def function(self, node: Node, driver: Driver, facts: Facts = NOTHING) -> Piecewise:
        """A part as the exact function of *driver*, over all that the driver can be where *facts* hold, wherever every field is
        given. Raises NotPiecewise where it is none, or the driver has no ends."""
        span = self.bounds.span(driver.node, facts)
        if span is None or span.low is None or span.high is None:
            raise NotPiecewise
        return self._reckon(node, driver, span.low, span.high)

    def _reckon(self, node: Node, driver: Driver, low: Fraction, high: Fraction) -> Piecewise:
        match node.op:
            case "number" | "day":
                return piecework.constant(node.value, low, high)
            case "text":
                return piecework.constant(node.name, low, high)
            case "undetermined":
                return piecework.constant(Gap(declared=True), low, high)
        if self.varying(node):
            made = self._along(self.form(node), driver, low, high)
            if made is not None:
                return made
            if self.bounds.key(node) in driver.form.weights and len(driver.form.weights) == 1:
                return piecework.identity(low, high)
        elif node.op == "name":
            span = self.bounds.span(node)
            return piecework.constant(span.single if span else None, low, high)
        if node.op == "missing" and not node.parts:
            return piecework.constant(False, low, high)
        if node.op in WINDOWS or node.op == "name":
            raise NotPiecewise
        if node.op in COMPARISONS and self.varying(node) and "text" not in (node.parts[0].type.kind, node.parts[1].type.kind):
            form, op = self._compared(node, driver.mode)
            made = self._along(form, driver, low, high)
            if made is not None:
                return piecework.compare(op, made, piecework.constant(ZERO, low, high))
        return self._operated(node, [self._reckon(part, driver, low, high) for part in node.parts])

    @staticmethod
    def _along(form: Form | None, driver: Driver, low: Fraction, high: Fraction) -> Piecewise | None:
        line = form.against(driver.form) if form else None
        return piecework.identity(low, high, *line) if line else None

    def _operated(self, node: Node, parts: list[Piecewise]) -> Piecewise:
        match node.op:
            case "derived":
                return parts[0]
            case "missing":
                return piecework.negation(piecework.known(parts[0]))
            case "band":
                return piecework.banded(self.bounds.scope.bands[node.name], parts[0])
            case "round":
                return piecework.rounded(parts[0], int(node.value), Rounding(node.name))
            case "floor" | "ceil":
                return piecework.stepped(node.op, parts[0], node.value)
            case "**":
                return piecework.power(node.parts[0].value, parts[1])
            case op if op in COMPARISONS:
                return piecework.compare(op, *parts)
        return _OPERATIONS[node.op](*parts)

    def dated(self, node: Node) -> bool:
        """Whether a parameter in it changes with time."""
        constants = self.bounds.scope.constants
        names = [one.name for one in walk(node) if one.op == "name" and one.name not in self.bounds.scope.fields]
        return any(isinstance(constants.get(name), Dated) for name in names)


def walk_product(node: Node) -> list[Node]:
    """The factors of a chain of products, as written."""
    return [one for part in node.parts for one in walk_product(part)] if node.op in ("*", "/") else [node]


def _summed(form: Form) -> Node:
    """The form without its constant, as a part of a formula."""
    made: Node | None = None
    for key, weight in form.weights.items():
        atom = form.atoms[key]
        if abs(weight) != 1:
            atom = joined("*", atom, evolve(joined("number", atom), value=abs(weight)), atom)
        made = joined("+" if weight > 0 else "-", atom, made, atom) if made else atom if weight > 0 else joined("neg", atom, atom)
    assert made is not None
    return made


_OPERATIONS: Mapping[str, Callable[..., Piecewise]] = {
    "+": piecework.add, "-": piecework.subtract, "*": piecework.multiply, "/": piecework.divide, "neg": piecework.negate,
    "min": piecework.smallest, "max": piecework.largest, "clip": piecework.clip, "abs": piecework.absolute, "if": piecework.choose,
    "and": piecework.conjunction, "or": piecework.disjunction, "not": piecework.negation, "known": piecework.known,
}  # fmt: skip
