"""The explanation of a run: the value of each part of a formula in, the tree of steps out. It reckons nothing itself."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

from ..explanation import Step, Value
from ..finding import Place
from ..quantity import Quantity, Unit, unit
from .check import Formula
from .dated import Dated
from .functions import OVER_GROUP, OVER_PERIODS
from .tree import EPOCH, Node

__all__ = ["Found", "explain"]

Found = Fraction | bool | str | None  # a value in base units; None is undetermined


def explain(
    formula: Formula,
    found: Callable[[Node], Found],
    given: Mapping[str, Quantity | str | date | None],
    *,
    place: Place | None = None,
    clause: str = "",
) -> Step:
    """The step that explains a run of *formula*: *found* gives each part's value, *given* the figures as they came in."""
    step = _Words(formula, found, given).step(formula.root, formula.text)
    return Step(label="计算", value=step.value, how=step.how or formula.text, place=place, clause=clause, parts=(step,))


class _Words:
    def __init__(self, formula: Formula, found: Callable[[Node], Found], given: Mapping[str, Quantity | str | date | None]) -> None:
        self.scope, self.found, self.given = formula.scope, found, given

    def step(self, node: Node, text: str) -> Step:
        """The step of a part; *text* is the formula that it stands in."""
        value = self.found(node)
        label = " ".join(text[node.start : node.end].split())
        match node.op:
            case "name":
                return self._name(node, value)
            case "undetermined":
                return Step(label="未定", how="规则规定此时不作评定")
            case "missing":
                return Step(label=f"{self._title(node.name)}是否缺报", value=value if isinstance(value, bool) else None)
            case "derived":
                inner = self.step(node.parts[0], node.text)
                how = inner.how if value is None else f"{node.name} = {' '.join(node.text.split())}"
                return Step(label=self._title(node.name), value=self._shown(node, value, (inner,)), how=how, parts=(inner,))
            case "known":
                return Step(label=label, value=value if isinstance(value, bool) else None, parts=(self.step(node.parts[0], text),))
        parts = tuple(self.step(part, text) for part in self._used(node))
        if value is None:
            return Step(label=label, how=self._why(node, text, parts), parts=parts)
        how, shown = "", self._shown(node, value, parts)
        if node.op == "band":
            how, shown = self._row(node), self._quantity(value, self.scope.bands[node.name].output)
        elif node.op == "if":
            label, how, shown = "按条件", label, parts[1].value
        elif node.op in OVER_GROUP:
            how = "与本组本期各单位相比"
        elif node.op in OVER_PERIODS:
            how = "本单位本年至今各期"
        return Step(label=label, value=shown, how=how, parts=parts)

    def _used(self, node: Node) -> tuple[Node, ...]:
        """The parts that decided: of a condition the branch that was taken, of and/or those up to the deciding one."""
        if node.op == "if":
            test = self.found(node.parts[0])
            return node.parts[:1] if test is None else (node.parts[0], node.parts[1 if test else 2])
        if node.op in ("and", "or"):
            for index, part in enumerate(node.parts):
                truth = self.found(part)
                if truth is None or truth is (node.op == "or"):
                    return node.parts[: index + 1]
        return node.parts

    def _name(self, node: Node, value: Found) -> Step:
        constant = self.scope.constants.get(node.name)
        if node.name not in self.scope.fields and constant is not None:
            if isinstance(constant, Dated):
                return Step(label=node.name, value=self._quantity(value, constant.unit), how="规则参数，按期取值")
            return Step(label=node.name, value=constant, how="规则参数")
        if value is None:
            return Step(label=self._title(node.name), how=f"缺少{self._title(node.name)}")
        given = self.given.get(node.name)
        shown = given if isinstance(given, Quantity | str) else self._shown(node, value, ())
        return Step(label=self._title(node.name), value=shown, how=node.name)

    def _row(self, node: Node) -> str:
        band, x = self.scope.bands[node.name], self.found(node.parts[0])
        return band.describe(band.of(x)[1] if isinstance(x, str) else band.at(Fraction(x or 0))[1])

    def _why(self, node: Node, text: str, parts: tuple[Step, ...]) -> str:
        values = [self.found(part) for part in node.parts] if node.op in ("/", "band") else []
        if node.op == "/" and values[1] == 0:
            below = node.parts[1]
            return f"除数为零：{' '.join(text[below.start : below.end].split())}"
        if node.op == "band" and values[0] is not None:
            return f"{self._row(node)}，表中没有对应的档"
        why = next((step.how for step in parts if step.value is None and step.how), "")
        if not why and node.op in OVER_PERIODS:
            return "有的月份没有数"
        return why or ("本组有单位没有数" if node.op in OVER_GROUP else "")

    def _title(self, name: str) -> str:
        declared = self.scope.fields.get(name)
        return declared.title if declared and declared.title else name

    def _shown(self, node: Node, value: Found, parts: tuple[Step, ...]) -> Value:
        """The value in a unit that a part used, where one fits: 万人 plus 万人 is shown in 万人."""
        if value is None or isinstance(value, bool | str):
            return value
        if node.type.kind == "date":
            return date.fromordinal(EPOCH + int(value)).isoformat()
        for part in parts:
            if isinstance(part.value, Quantity) and part.value.unit.dimension == node.type.dimension and part.value.unit.symbol:
                return self._quantity(value, part.value.unit)
        named = node.op == "number" and node.name != ""
        declared = self.scope.fields.get(node.name) if node.op in ("name", "derived") else None
        return self._quantity(value, unit(node.name) if named else unit(declared.unit) if declared else node.type.unit)

    @staticmethod
    def _quantity(value: Found, of: Unit) -> Value:
        return value if value is None or isinstance(value, bool | str) else Quantity(value / of.scale, of)
