"""A sheet as one plan: its items, labels, adjustments, rounding and ranking lowered together. See docs/architecture.md."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from attrs import evolve, field, frozen

from ..errors import FormulaError
from ..explanation import Step
from ..field import Field
from ..finding import Place
from ..formula import Formula
from ..formula.build import Builder
from ..formula.dated import Dated
from ..formula.explain import explain
from ..formula.lower import Lowering, Value, column_of
from ..formula.plan import Column, Output, Plan, Reason
from ..formula.tree import Node
from ..protocols import Indicator
from ..quantity import Quantity, unit
from ..scheme import model
from .names import ADJUSTMENT_FIELDS, measure_fields

__all__ = ["Reading", "SheetPlan", "Unlowered", "column_name", "lower_sheet"]

STATES = ("refused", "not_filed", "undetermined")
MARKS = Fraction(10**6)  # a plugin's own code gives no more marks than this, and no more than nine decimals


class Unlowered(Exception):
    """A formula that can't be held exactly: the rule it belongs to, and the FormulaError."""

    def __init__(self, rule: model.Sourced, formula: str, error: FormulaError) -> None:
        super().__init__(error.message)
        self.rule, self.formula, self.error = rule, formula, error


@frozen(kw_only=True)
class Reading:
    """One formula in a sheet's plan, with the parameters that its item sets: *values* says what each of its parts became, *value* the whole."""

    formula: Formula
    values: Mapping[int, Value]
    value: Value
    place: Place | None
    clause: str

    def step(self, results: Sequence[int], given: Mapping[str, Quantity | str | None]) -> Step:
        """The explanation of a run, from its own results; *given* are the figures as they came in."""
        return explain(self.formula, lambda node: self._found(node, results), given, place=self.place, clause=self.clause)

    def _found(self, node: Node, results: Sequence[int]) -> Fraction | bool | str | None:
        return self.values[id(node)].output("").value(results)


@frozen(kw_only=True)
class SheetPlan:
    """A sheet lowered. The plan's outputs: ``total`` (分), ``barred``, ``rank``, ``group_rank``, labels by their id, ``subtotal``,
    ``item.ID`` and ``adjustment.ID``. *columns* gives (item, measure) → column."""

    plan: Plan
    items: Mapping[str, Reading] = field(factory=dict)
    labels: Mapping[str, Reading] = field(factory=dict)
    adjustments: Mapping[str, Reading] = field(factory=dict)
    columns: Mapping[tuple[str, str], str] = field(factory=dict)


def column_name(sheet: model.Sheet, indicator: str, name: str) -> str:
    """What a measure's column is called: by its bare name where the sheet has one indicator, else ``indicator.name``."""
    return name if len({item.indicator for item in sheet.items}) == 1 else f"{indicator}.{name}"


def lower_sheet(
    scheme: model.Scheme,
    sheet: model.Sheet,
    kinds: Mapping[str, Indicator],
    items: Mapping[str, tuple[Formula | None, Mapping[str, Quantity | Dated]]],
    labels: Mapping[str, Formula],
    adjustments: Mapping[str, Formula],
) -> SheetPlan:
    """The sheet's plan. *kinds* are the indicators by kind; *items*, by id, the formula of each item's method (None where
    a plugin's code gives the marks) and its own parameters. Raises Unlowered for a formula with a step that not every engine holds exactly."""
    return _Sheet(scheme, sheet, kinds, items, labels, adjustments).lowered()


class _Sheet:
    def __init__(
        self, scheme: model.Scheme, sheet: model.Sheet, kinds: Mapping[str, Indicator],
        items: Mapping[str, tuple[Formula | None, Mapping[str, Quantity | Dated]]], labels: Mapping[str, Formula],
        adjustments: Mapping[str, Formula],
    ) -> None:  # fmt: skip
        self.scheme, self.sheet, self.kinds = scheme, sheet, kinds
        self.items, self.labels, self.adjustments = items, labels, adjustments
        self.columns: dict[tuple[str, str], str] = {}
        self.fields: dict[str, Field] = {}  # by column
        self.counted = {event.id: event for event in scheme.events}
        self.outputs: list[Output] = []
        self.reasons: list[Reason] = []

    def lowered(self) -> SheetPlan:
        columns = list(self._columns())
        self.builder = Builder(columns)
        self.low = Lowering(self.builder, group="group" if self._grouped else "period", first_month=self.sheet.first_month)
        self._refusals(columns)
        calendar = self._calendar()
        items, marks = {}, {}
        for item in self.sheet.items:
            items[item.id], marks[item.id] = self._item(item, calendar)
        names = {**calendar, **self._item_names(marks)}
        names["subtotal"], names["items"] = self._subtotal(marks)
        labels, adjustments = {}, {}
        for label in self.sheet.labels:
            labels[label.id] = self._read(label, self.labels[label.id], names)
            names[label.id] = labels[label.id].value
            self.outputs.append(labels[label.id].value.output(label.id, label.title))
        total, barred = names["subtotal"], self.low.truth(self.low.never, self.low.never)
        limits: list[tuple[Value, Fraction]] = []
        for one in self.sheet.adjustments:
            reading = self._read(one, self.adjustments[one.id], names)
            value = reading.value
            if not value.truth:
                value = self._rounded(value) if self.sheet.rounding.when == "item" else value
                total = self.low.plus(total, value) if one.kind == "bonus" else self.low.minus(total, value)
            elif one.effect == "bar":
                barred = self.low.truth(self.builder.either(barred.number, value.number), self.low.doubt(barred, value))
            else:
                limits.append((value, one.cap.base if one.cap else Fraction(0)))
            adjustments[one.id] = evolve(reading, value=value)
            self.reasons.append(Reason(value.undetermined, "undetermined", f"“{one.title}”未定"))
            self.outputs.append(value.output(f"adjustment.{one.id}", one.title, "" if value.truth else "分"))
        total = self._limited(total, limits, barred)
        self._ranked(total, barred)
        refused = self.builder.negate(self.low.usable)  # no result rests on the stand-in of a value outside its range
        self.outputs = [evolve(one, undetermined=self.builder.either(refused, one.undetermined)) for one in self.outputs]
        plan = Plan(
            title=f"{self.scheme.id}/{self.sheet.id}", columns=tuple(columns), tables=self.builder.tables, ops=tuple(self.builder.ops),
            outputs=tuple(sorted(self.outputs, key=lambda one: "." in one.name)),
            reasons=tuple(sorted(self.reasons, key=lambda one: STATES.index(one.state))),
        )  # fmt: skip
        readings = {id: reading for id, reading in items.items() if reading is not None}
        return SheetPlan(plan=plan, items=readings, labels=labels, adjustments=adjustments, columns=self.columns)

    # -- columns -------------------------------------------------------------------------------------------

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
        indicator, kind = self._kind(item)
        fields = measure_fields(kind)
        formula, _ = self.items[item.id]
        if indicator.target and "target" not in fields:
            message = f"{indicator.id} has a target, but its primary measure {kind.primary!r} is no number"
            raise Unlowered(item, item.indicator, FormulaError(message))
        if indicator.target and indicator.target.value.unit.dimension != unit(fields["target"].unit).dimension:
            message = f"the target {indicator.target.value} of {indicator.id} is not in the unit of {kind.primary}, {fields['target'].unit or 'plain'}"
            raise Unlowered(item, item.indicator, FormulaError(message))
        names = [*self._filed(kind), *(["target"] if indicator.target else [])]
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

    @staticmethod
    def _filed(kind: Indicator) -> list[str]:
        """The measures that the primary one is read from: itself, or those of its formula."""
        measures = {one.name: one for one in kind.measures}
        filed: dict[str, None] = {}
        waiting, seen = [kind.primary], set()
        while waiting:
            name = waiting.pop()
            if name in measures and name not in seen:
                seen.add(name)
                formula = measures[name].formula
                names = [one.id for one in ast.walk(ast.parse(formula, mode="eval")) if isinstance(one, ast.Name)] if formula else []
                filed |= {} if formula else {name: None}
                waiting += names
        return list(filed)

    def _measure_column(self, item: model.Item, declared: Field, measure: str) -> Column:
        column = column_name(self.sheet, item.indicator, measure)
        self.columns[item.id, measure], self.fields[column] = column, declared
        return column_of(declared, column)

    def _kind(self, item: model.Item) -> tuple[model.Indicator, Indicator]:
        indicator = self.scheme.indicator(item.indicator)
        return indicator, self.kinds[indicator.kind]

    # -- formulas ------------------------------------------------------------------------------------------

    def _calendar(self) -> dict[str, Value]:
        """The month, and how often each event was recorded: where no number came, none was."""
        build, low = self.builder, self.low
        first = build.literal(self.scheme.year * 12 - 1)
        names = {"month": low.value(build.minus(build.column("period"), first), undetermined=low.never)}
        for name in build.columns:
            if name in self.counted:
                number = build.case(build.given(name), build.column(name), build.literal(0))
                names[name] = low.value(number, unit(self.counted[name].unit).scale, undetermined=low.never)
        if "late_days" in build.columns:
            names["late_days"] = low.field(next(one for one in ADJUSTMENT_FIELDS if one.name == "late_days"))
        return names

    def _item(self, item: model.Item, calendar: Mapping[str, Value]) -> tuple[Reading | None, Value]:
        build, low = self.builder, self.low
        _, kind = self._kind(item)
        formula, parameters = self.items[item.id]
        reading = None
        if formula is None:
            name = f"{item.id}.marks"
            marks = low.field(self.fields[name], name)
        else:
            names = {**calendar, **{name: low.parameter(value) for name, value in parameters.items()}, "full": low.constant(item.full.base)}
            for (id, measure), column in self.columns.items():
                if id == item.id:
                    names[measure] = low.field(self.fields[column], column)
            method = next(one for one in self.scheme.methods if one.id == item.method)
            formula = evolve(formula, scope=evolve(formula.scope, constants={**formula.scope.constants, **parameters}))
            reading = self._read(method, formula, names)
            marks = reading.value
        applies = build.equal(build.column(f"{item.id}.applies"), build.literal(1)) if item.bodies else build.truth(True)
        nothing = build.either(*(build.negate(build.given(self.columns[item.id, name])) for name in self._filed(kind)))
        target = self.columns.get((item.id, "target"))
        no_target = build.negate(build.given(target)) if target else low.never
        not_filed = build.both(applies, nothing)
        unsaid = build.negate(build.given(f"{item.id}.applies")) if item.bodies else low.never
        doubt = build.either(unsaid, build.both(applies, build.either(marks.undetermined, nothing, no_target)))
        self.reasons.append(Reason(not_filed, "not_filed", f"“{item.title}”未填报"))
        self.reasons.append(Reason(doubt, "undetermined", f"“{item.title}”未定"))
        unasked = build.either(doubt, build.negate(applies))  # where the item doesn't apply there are no marks to be exact about
        self.outputs.append(evolve(marks, undetermined=unasked).output(f"exact.{item.id}", item.title, "分"))
        marks = evolve(self._rounded(marks) if self.sheet.rounding.when == "item" else marks, undetermined=doubt)
        marks = (
            marks
            if not item.bodies
            else evolve(low.choose(low.truth(applies, low.never), marks, low.constant(Fraction(0))), undetermined=doubt)
        )
        self.outputs.append(marks.output(f"item.{item.id}", item.title, "分"))
        return reading, marks

    def _item_names(self, marks: Mapping[str, Value]) -> dict[str, Value]:
        """``item.marks`` and ``item.measure``, for labels and adjustments."""
        names = {f"{id}.marks": value for id, value in marks.items()}
        names |= {f"{id}.{measure}": self.low.field(self.fields[column], column) for (id, measure), column in self.columns.items()}
        return names

    def _subtotal(self, marks: Mapping[str, Value]) -> tuple[Value, Value]:
        """The marks together (brought to full marks where items that don't apply leave them short), and how many items apply."""
        low, sheet = self.low, self.sheet
        total = low.constant(sheet.base.base if sheet.base else Fraction(0))
        count, full = low.constant(Fraction(0)), low.constant(sheet.base.base if sheet.base else Fraction(0))
        for item in sheet.items:
            total = low.plus(total, marks[item.id])
            applies = low.constant(Fraction(1))
            if item.bodies:
                applies = low.value(self.builder.column(f"{item.id}.applies"), undetermined=low.never)
            count, full = low.plus(count, applies), low.plus(full, low.times(low.constant(item.full.base), applies))
        if sheet.rescale:
            total = low.times(low.over(total, full), low.constant(sheet.full.base))
            total = self._rounded(total) if sheet.rounding.when == "item" else total
            none = low.compare("==", count, low.constant(Fraction(0))).number  # a base alone can't be brought to full marks
            total = evolve(total, undetermined=self.builder.either(total.undetermined, none))
            self.reasons.append(Reason(total.undetermined, "undetermined", "没有承担的项目"))
        self.outputs.append(total.output("exact.subtotal" if total.below else "subtotal", "各项得分之和", "分"))
        return total, count

    def _limited(self, total: Value, limits: list[tuple[Value, Fraction]], barred: Value) -> Value:
        """Within floor and ceiling, held down by vetoes, and rounded."""
        low, sheet, doubt = self.low, self.sheet, self.low.doubt(total, barred, *(veto for veto, _ in limits))
        total = low.largest(total, low.constant(sheet.floor.base)) if sheet.floor else total
        total = low.smallest(total, low.constant(sheet.ceiling.base)) if sheet.ceiling else total
        for veto, most in limits:
            total = low.choose(veto, low.smallest(total, low.constant(most)), total)
        if "order" in self.builder.columns:
            unplaced = self.builder.negate(self.builder.given("order"))
            self.reasons.append(Reason(unplaced, "undetermined", "没有单位的次序（order）"))
            doubt = self.builder.either(doubt, unplaced)
        return evolve(self._rounded(total), undetermined=self.builder.either(self.builder.negate(low.usable), doubt))

    def _ranked(self, total: Value, barred: Value) -> None:
        """The total, and its place among all of the period and in its group."""
        low, build, ranking = self.low, self.builder, self.sheet.ranking
        self.outputs += [
            total.output("total", self.sheet.title, "分"),
            evolve(barred, undetermined=total.undetermined).output("barred", "取消评优"),
        ]
        if ranking is None:
            return
        number, window = total.number, "group_dense" if ranking.method == "dense" else "group_rank"
        if ranking.method == "ordinal":  # inside a tie, who comes first in the order of bodies
            most = build.literal(build.columns["order"].high)
            number = build.plus(build.times(number, most), build.minus(most, build.column("order")))
        valid = build.negate(total.undetermined)
        for name, group in (("rank", "period"), ("group_rank", "group")):
            if name == "rank" or ranking.groups:
                place = build.window(window, number, valid, low=1, high=low.GROUP, name=group)
                self.outputs.append(
                    Value(number=place, undetermined=total.undetermined).output(name, "名次" if name == "rank" else "同类名次")
                )

    @property
    def _grouped(self) -> bool:
        return self.sheet.ranking is not None and self.sheet.ranking.groups

    def _rounded(self, value: Value) -> Value:
        self.builder.step = f"rounding on the sheet {self.sheet.id!r}"
        return self.low.rounded(value, self.sheet.rounding.places, self.sheet.rounding.mode)

    def _read(self, rule: model.Method | model.Label | model.Adjustment, formula: Formula, names: Mapping[str, Value]) -> Reading:
        try:
            value = self.low.formula(formula, names)
        except FormulaError as error:
            raise Unlowered(rule, rule.formula, error) from None
        if not isinstance(rule, model.Method):  # marks and labels may be undetermined; who names them need not ask
            fields = {name: evolve(one, missing=one.missing or self._open(name)) for name, one in formula.scope.fields.items()}
            formula = evolve(formula, scope=evolve(formula.scope, fields=fields))
        return Reading(formula=formula, values=self.low.values, value=value, place=rule.place, clause=rule.source)

    def _open(self, name: str) -> bool:
        return name == "subtotal" or name.endswith(".marks") or name in self.labels

    def _refusals(self, columns: list[Column]) -> None:
        """The rows that are refused, each with the words for it."""
        for column in columns:
            words = {"copies": "同一单位同一期不止一行", "period": f"不是{self.scheme.year}年的月份"}.get(column.name)
            test = self.builder.negate(self.builder.within(column.name))
            self.reasons.append(Reason(test, "refused", words or f"{column.title}（{column.name}）超出规定的范围或小数位"))


RESERVED = frozenset({"body", "period", "group", "copies", "order"})


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
