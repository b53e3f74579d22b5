"""Reckoning a formula exactly, over fractions; each part leaves a step, so the marks and their reasons are one run."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, floor

from ..explanation import Step
from ..finding import Place
from ..quantity import Quantity, Unit, unit
from ..rounding import Rounding, round_places
from .check import Formula
from .tree import Node

__all__ = ["evaluate"]

Result = tuple[Fraction | bool | None, Step]  # numbers in base units; None is undetermined

_COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
_NUMERIC: dict[str, Callable[..., Fraction]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "neg": lambda a: -a,
    "min": min,
    "max": max,
    "abs": abs,
    "clip": lambda x, low, high: max(low, min(x, high)),
    "floor": lambda a: Fraction(floor(a)),
    "ceil": lambda a: Fraction(ceil(a)),
}


def evaluate(formula: Formula, values: Mapping[str, Quantity | None], *, place: Place | None = None, clause: str = "") -> Step:
    """The exact value of *formula* for *values*, as the step that explains it.

    The step's value is a Quantity or a truth value, or None where it is undetermined; then ``how`` says why.
    *place* and *clause* are where the formula stands and what it rests on. Raises nothing for values of the
    formula's scope: a missing value it does not provide for, and a division by zero, are undetermined.
    """
    _, step = _Run(formula, values).reckon(formula.root)
    return Step(label="计算", value=step.value, how=step.how or formula.text, place=place, clause=clause, parts=(step,))


class _Run:
    def __init__(self, formula: Formula, values: Mapping[str, Quantity | None]) -> None:
        self.formula, self.values = formula, values

    def reckon(self, node: Node) -> Result:
        """The value in base units and its step."""
        match node.op:
            case "number":
                return node.value, self._step(node, node.value)
            case "name":
                return self._named(node)
            case "undetermined":
                return None, Step(label="未定", how="规则规定此时不作评定")
            case "missing":
                absent = self.values.get(node.name) is None
                return absent, Step(label=f"{self._title(node.name)}是否缺报", value=absent)
            case "if":
                return self._choice(node)
            case "and" | "or":
                return self._logic(node)
        results = [self.reckon(part) for part in node.parts]
        steps = tuple(step for _, step in results)
        numbers = [value for value, _ in results]
        if None in numbers:
            return None, self._undetermined(node, steps, "")
        return self._operation(node, numbers, steps)

    def _operation(self, node: Node, numbers: list[Fraction | bool | None], steps: tuple[Step, ...]) -> Result:
        values = [Fraction(value) for value in numbers if value is not None]
        if node.op == "not":
            return not numbers[0], self._step(node, not numbers[0], steps)
        if node.op in _COMPARE:
            truth = _COMPARE[node.op](values[0], values[1])
            return truth, self._step(node, truth, steps)
        if node.op == "/" and values[1] == 0:
            return None, self._undetermined(node, steps, f"除数为零：{self._text(node.parts[1])}")
        if node.op == "band":
            return self._banded(node, values[0], steps)
        if node.op == "round":
            rounded = round_places(values[0], int(node.value), Rounding(node.name))
            return rounded, self._step(node, rounded, steps)
        value = _NUMERIC[node.op](*values)
        return value, self._step(node, value, steps)

    def _named(self, node: Node) -> Result:
        name = node.name
        if name in self.formula.scope.constants:
            constant = self.formula.scope.constants[name]
            return constant.base, Step(label=name, value=constant, how="规则参数")
        quantity = self.values.get(name)
        if quantity is None:
            return None, Step(label=self._title(name), how=f"缺少{self._title(name)}")
        return quantity.base, Step(label=self._title(name), value=quantity, how=name)

    def _choice(self, node: Node) -> Result:
        test, test_step = self.reckon(node.parts[0])
        if test is None:
            return None, self._undetermined(node, (test_step,), "")
        value, step = self.reckon(node.parts[1 if test else 2])
        if value is None:
            return None, self._undetermined(node, (test_step, step), "")
        return value, Step(label="按条件", value=step.value, how=self._text(node), parts=(test_step, step))

    def _logic(self, node: Node) -> Result:
        steps = []
        for part in node.parts:
            truth, step = self.reckon(part)
            steps.append(step)
            if truth is None:
                return None, self._undetermined(node, tuple(steps), "")
            if truth is (node.op == "or"):
                return truth, self._step(node, truth, tuple(steps))
        return node.op == "and", self._step(node, node.op == "and", tuple(steps))

    def _banded(self, node: Node, x: Fraction, steps: tuple[Step, ...]) -> Result:
        band = self.formula.scope.bands[node.name]
        value, row = band.at(x)
        if value is None:
            return None, self._undetermined(node, steps, f"{band.describe(row)}，表中没有对应的档")
        return value, Step(label=self._text(node), value=_quantity(value, band.output), how=band.describe(row), parts=steps)

    # -- words ---------------------------------------------------------------------------------------------

    def _title(self, name: str) -> str:
        declared = self.formula.scope.fields.get(name)
        return declared.title if declared else name

    def _text(self, node: Node) -> str:
        return " ".join(self.formula.text[node.start : node.end].split())

    def _step(self, node: Node, value: Fraction | bool, parts: tuple[Step, ...] = ()) -> Step:
        shown = value if isinstance(value, bool) else _quantity(value, self._shown_in(node, parts))
        return Step(label=self._text(node), value=shown, parts=parts)

    @staticmethod
    def _shown_in(node: Node, parts: tuple[Step, ...]) -> Unit:
        """The unit a part used, where one fits: 万人 plus 万人 is shown in 万人."""
        for part in parts:
            if isinstance(part.value, Quantity) and part.value.unit.dimension == node.type.dimension and part.value.unit.symbol:
                return part.value.unit
        return node.type.unit if node.name == "" or node.op != "number" else unit(node.name)

    def _undetermined(self, node: Node, parts: tuple[Step, ...], why: str) -> Step:
        reason = why or next((step.how for step in parts if step.value is None and step.how), "")
        return Step(label=self._text(node), how=reason, parts=parts)


def _quantity(base: Fraction, of: Unit) -> Quantity:
    return Quantity(base / of.scale, of)
