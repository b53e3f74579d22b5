"""The columns of a sheet: every figure that its formulas read, and what a report has to hold for it."""

import ast
from collections.abc import Iterator, Mapping
from fractions import Fraction

from ..errors import FormulaError
from ..field import Field
from ..formula import Formula
from ..formula.arithmetic import column_of
from ..formula.dated import Dated
from ..formula.plan import Column
from ..formula.tree import Node
from ..protocols import Indicator
from ..quantity import Quantity, unit
from ..scheme import model
from .names import ADJUSTMENT_FIELDS, measure_fields

__all__ = ["Figures", "Parts", "Unlowered", "filed"]

Parts = Mapping[str, tuple[Formula | None, Mapping[str, Quantity | Dated]]]
RESERVED = frozenset({"body", "period", "group", "copies", "order"})
MARKS = Fraction(10**6)  # a plugin's own code gives no more marks than this, and no more than nine decimals


class Unlowered(Exception):
    """A formula that can't be held exactly: the rule it belongs to, and the FormulaError."""

    def __init__(self, rule: model.Sourced, formula: str, error: FormulaError) -> None:
        super().__init__(error.message)
        self.rule, self.formula, self.error = rule, formula, error


class Figures:
    """The *columns* of a sheet; *names* gives (item, measure) → column, *fields* what each column's field declares. Arguments as
    `lower_sheet` has them; raises Unlowered, FormulaError."""

    def __init__(
        self, scheme: model.Scheme, sheet: model.Sheet, kinds: Mapping[str, Indicator], items: Parts, labels: Mapping[str, Formula],
        adjustments: Mapping[str, Formula],
    ) -> None:  # fmt: skip
        self.scheme, self.sheet, self.kinds = scheme, sheet, kinds
        self.items, self.labels, self.adjustments = items, labels, adjustments
        self.single = len({item.indicator for item in sheet.items}) == 1  # measures then go by their bare names
        self.names: dict[tuple[str, str], str] = {}
        self.fields: dict[str, Field] = {}
        self.columns = tuple(self._columns())

    def kind(self, item: model.Item) -> tuple[model.Indicator, Indicator]:
        """The indicator of an item, and its kind."""
        indicator = self.scheme.indicator(item.indicator)
        return indicator, self.kinds[indicator.kind]

    def _columns(self) -> Iterator[Column]:
        """The columns that the sheet's formulas use, those that every table has first."""
        yield Column(name="period", title="期间", low=self.scheme.year * 12, high=self.scheme.year * 12 + 11)
        yield Column(name="copies", title="同一单位同一期的行数", low=1, high=1)
        if self.sheet.ranking and self.sheet.ranking.method == "ordinal":
            yield Column(name="order", title="单位的次序", low=1, high=10**6)
        found: dict[str, Column] = {}
        for item in self.sheet.items:
            for column in self._item_columns(item):
                _place(found, column)
        for formula in (*self.labels.values(), *self.adjustments.values()):
            for name in _named(formula.root):
                owner, _, measure = name.rpartition(".")
                if owner and measure != "marks" and not formula.scope.fields[name].formula:
                    item = next(one for one in self.sheet.items if one.id == owner)
                    column = self._measure_column(item, formula.scope.fields[name], measure)
                    _place(found, column)
        named = {name for formula in self._formulas() for name in _named(formula.root)}
        for event in self.scheme.events:
            if event.id in named:
                _place(found, _event_column(event))
        for one in ADJUSTMENT_FIELDS:
            if one.name == "late_days" and one.name in named:
                _place(found, column_of(one))
        yield from found.values()

    def _formulas(self) -> Iterator[Formula]:
        yield from (formula for formula, _ in self.items.values() if formula is not None)
        yield from self.labels.values()
        yield from self.adjustments.values()

    def _item_columns(self, item: model.Item) -> Iterator[Column]:
        if item.bodies:
            yield Column(name=f"{item.id}.applies", title=f"承担“{item.title}”", low=0, high=1)
        indicator, kind = self.kind(item)
        fields = measure_fields(kind)
        formula, _ = self.items[item.id]
        if indicator.target and "target" not in fields:
            message = f"{indicator.id} has a target, but its primary measure {kind.primary!r} is no number"
            raise Unlowered(item, item.indicator, FormulaError(message))
        if indicator.target and indicator.target.value.unit.dimension != unit(fields["target"].unit).dimension:
            message = f"the target {indicator.target.value} of {indicator.id} is not in the unit of {kind.primary}, {fields['target'].unit or 'plain'}"
            raise Unlowered(item, item.indicator, FormulaError(message))
        names = [*filed(kind), *(["target"] if indicator.target else [])]
        if formula is None:
            places = self.sheet.rounding.places if self.sheet.rounding.when == "item" else 9
            marks = Field(name="marks", title=item.title, unit="分", minimum=-MARKS, maximum=MARKS, decimals=places, missing=True)
            self.fields[f"{item.id}.marks"] = marks
            yield column_of(marks, f"{item.id}.marks")
        else:
            names += [name for name in _named(formula.root) if name in fields and not fields[name].formula]
        for name in dict.fromkeys(names):
            if name not in ("full", "month"):
                try:
                    yield self._measure_column(item, fields[name], name)
                except FormulaError as error:
                    raise Unlowered(item, item.method, error) from None

    def _measure_column(self, item: model.Item, declared: Field, measure: str) -> Column:
        column = measure if self.single else f"{item.indicator}.{measure}"
        self.names[item.id, measure], self.fields[column] = column, declared
        return column_of(declared, column)


def filed(kind: Indicator) -> list[str]:
    """The measures that the primary one is read from: itself, or those of its formula."""
    measures = {one.name: one for one in kind.measures}
    found: dict[str, None] = {}
    waiting, seen = [kind.primary], set()
    while waiting:
        name = waiting.pop()
        if name in measures and name not in seen:
            seen.add(name)
            formula = measures[name].formula
            names = [one.id for one in ast.walk(ast.parse(formula, mode="eval")) if isinstance(one, ast.Name)] if formula else []
            found |= {} if formula else {name: None}
            waiting += names
    return list(found)


def _place(found: dict[str, Column], column: Column) -> None:
    """Add a column. Raises FormulaError where another figure has its name."""
    if column.name in RESERVED or found.setdefault(column.name, column) != column:
        raise FormulaError(
            f"two figures of the sheet would stand in the column {column.name!r}: give the field, event or item another name"
        )


def _event_column(event: model.Event) -> Column:
    high = event.most * 10**event.decimals
    return Column(name=event.id, title=event.title, unit=event.unit, decimals=event.decimals, low=0, high=high, missing=True)


def _named(node: Node) -> Iterator[str]:
    """The names of fields that a formula reads, through derived ones."""
    if node.op in ("name", "missing") and node.name:
        yield node.name
    for part in node.parts:
        yield from _named(part)
