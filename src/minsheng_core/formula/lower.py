"""Lowering: from a typed tree of exact ratios to integer operations. A ratio stays a numerator over factors until it is rounded."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from attrs import evolve

from ..rounding import Rounding
from .arithmetic import Arithmetic, Value, column_of
from .build import Builder
from .check import Formula
from .lower_band import banded
from .lower_window import windowed
from .tree import Node

__all__ = ["Lowering", "Value", "column_of"]


class Lowering(Arithmetic):
    """Lowers formulas into one plan. *values* is of the last formula, by id of the node: what each part became, for whoever
    explains a run."""

    def __init__(self, builder: Builder, *, group: str = "period", first_month: int = 1) -> None:
        super().__init__(builder, group=group, first_month=first_month)
        self.values: dict[int, Value] = {}
        self._formula: Formula
        self._names: Mapping[str, Value] = {}

    def formula(self, formula: Formula, names: Mapping[str, Value]) -> Value:
        """The formula's value, with *names* for its fields and constants; constants not there are the scope's own.

        Raises FormulaError, at its character, for a step that can't be held exactly by every engine.
        """
        constants = {name: self.parameter(value) for name, value in formula.scope.constants.items() if name not in names}
        self.values = {}
        self._formula, self._names = formula, {**constants, **names}
        return self.lower(formula.root, formula.text)

    def lower(self, node: Node, text: str) -> Value:
        """The value of a part, once; *text* is the formula that it stands in."""
        if id(node) not in self.values:
            parts = () if node.op == "derived" else tuple(self.lower(part, text) for part in node.parts)
            self.build.step, self.build.offset = f"the step {text[node.start : node.end]!r}", node.start
            self.values[id(node)] = self._made(node, text, parts)
        return self.values[id(node)]

    def _made(self, node: Node, text: str, parts: tuple[Value, ...]) -> Value:
        match node.op:
            case "number" | "day":
                return self.constant(node.value)
            case "text":
                return Value(number=self.build.literal(0), undetermined=self.never, labels=(node.name,))
            case "name":
                return self._names[node.name]
            case "derived":
                return self.lower(node.parts[0], node.text)
            case "undetermined":
                return evolve(self.constant(Fraction(0)), undetermined=self.build.truth(True))
            case "missing":
                absent = parts[0].undetermined if parts else self._names[node.name].missing
                return self.truth(self.never if absent is None else absent, self.never)
            case "known":
                return self.truth(self.build.negate(parts[0].undetermined), self.never)
            case "if":
                return self.choose(*parts)
            case "and" | "or":
                return self.logic(node.op, parts)
            case "not":
                return self.truth(self.build.negate(parts[0].number), parts[0].undetermined)
            case "band":
                return banded(self, self._formula.scope.bands[node.name], parts[0])
            case "round":
                return self.rounded(parts[0], int(node.value), Rounding(node.name))
            case "floor" | "ceil":
                return self.stepped(node.op, parts[0], node.value)
        if node.op in _OPERATIONS:
            return _OPERATIONS[node.op](self, *parts)
        return windowed(self, node.op, parts[0])


_OPERATIONS: Mapping[str, Callable[..., Value]] = {
    "+": Lowering.plus, "-": Lowering.minus, "*": Lowering.times, "/": Lowering.over, "**": Lowering.power, "neg": Lowering.negative,
    "min": Lowering.smallest, "max": Lowering.largest, "clip": Lowering.clip, "abs": Lowering.magnitude,
    **{op: (lambda lowering, x, y, op=op: lowering.compare(op, x, y)) for op in ("<", "<=", ">", ">=", "==", "!=")},
}  # fmt: skip
