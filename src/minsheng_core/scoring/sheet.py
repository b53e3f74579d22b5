"""A sheet as one plan: its items, labels, adjustments, rounding and ranking lowered together. See docs/architecture.md."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from fractions import Fraction

from attrs import evolve, field, frozen

from ..errors import FormulaError
from ..explanation import Step
from ..finding import Place
from ..formula import Formula
from ..formula.build import Builder
from ..formula.explain import explain
from ..formula.lower import Lowering, Value
from ..formula.plan import Output, Plan, Reason
from ..formula.tree import Node
from ..protocols import Indicator
from ..quantity import Quantity, unit
from ..scheme import model
from .names import ADJUSTMENT_FIELDS
from .sheet_columns import Figures, Parts, Unlowered, filed

__all__ = ["Reading", "SheetPlan", "lower_sheet"]

STATES = ("refused", "not_filed", "undetermined")


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
    ``item.ID`` and ``adjustment.ID``. *columns* gives (item, measure) → column.

    *changed* is (builder, output, formulas by reading, adjustments) → plan: that output as it would be with those formulas in place of
    the sheet's, and no adjustments but those. The builder goes on from a plan that begins with this one's operations, and only what
    the change makes different is added to it. Raises Unlowered, FormulaError.
    """

    plan: Plan
    changed: Callable[[Builder, str, Mapping[str, Formula], Sequence[model.Adjustment]], Plan] = field(eq=False, repr=False)
    items: Mapping[str, Reading] = field(factory=dict)
    labels: Mapping[str, Reading] = field(factory=dict)
    adjustments: Mapping[str, Reading] = field(factory=dict)
    columns: Mapping[tuple[str, str], str] = field(factory=dict)


def lower_sheet(
    scheme: model.Scheme, sheet: model.Sheet, kinds: Mapping[str, Indicator], items: Parts, labels: Mapping[str, Formula],
    adjustments: Mapping[str, Formula],
) -> SheetPlan:  # fmt: skip
    """The sheet's plan. *kinds* are the indicators by kind; *items*, by id, the formula of each item's method (None where
    a plugin's code gives the marks) and its own parameters. Raises Unlowered for a formula with a step that not every engine holds exactly."""
    return _Sheet(scheme, sheet, kinds, items, labels, adjustments).lowered()


class _Sheet:
    def __init__(
        self, scheme: model.Scheme, sheet: model.Sheet, kinds: Mapping[str, Indicator], items: Parts, labels: Mapping[str, Formula],
        adjustments: Mapping[str, Formula],
    ) -> None:  # fmt: skip
        self.scheme, self.sheet = scheme, sheet
        self.items, self.labels, self.adjustments = items, labels, adjustments
        self.figures = Figures(scheme, sheet, kinds, items, labels, adjustments)
        self.columns, self.fields = self.figures.names, self.figures.fields
        self.builder = Builder(self.figures.columns)
        self.low = Lowering(self.builder, group="group" if self._grouped else "period", first_month=sheet.first_month)
        self.outputs: list[Output] = []
        self.reasons: list[Reason] = []

    def lowered(self) -> SheetPlan:
        self._refusals()
        self.calendar = self._calendar()
        read = {item.id: self._item(item) for item in self.sheet.items}
        self.marks = {id: marks for id, (_, marks) in read.items()}
        self.measures = self._measures()
        self.sums, self.shares = self._summed([self._base()]), self._shares()
        labels, adjustments, total = self._whole(self.sheet.adjustments)
        self._ranked(total)
        outputs = sorted(map(self._unrefused, self.outputs), key=lambda one: "." in one.name)
        plan = Plan(
            title=f"{self.scheme.id}/{self.sheet.id}", columns=self.figures.columns, tables=self.builder.tables, ops=tuple(self.builder.ops),
            outputs=tuple(outputs), reasons=tuple(sorted(self.reasons, key=lambda one: STATES.index(one.state))),
        )  # fmt: skip
        items = {id: reading for id, (reading, _) in read.items() if reading is not None}
        return SheetPlan(plan=plan, changed=self.changed, items=items, labels=labels, adjustments=adjustments, columns=self.columns)

    def changed(self, builder: Builder, output: str, formulas: Mapping[str, Formula], adjustments: Sequence[model.Adjustment]) -> Plan:
        """As `SheetPlan` has it; this sheet stays as it is."""
        one = copy(self)
        one.builder, one.low, one.outputs, one.reasons = builder, copy(self.low), [], []
        one.low.build = builder
        # what an item says of parameters is in the changed formula's own scope
        one.items = {id: (formulas[name], {}) if (name := f"item.{id}") in formulas else part for id, part in self.items.items()}
        one.labels = {id: formulas.get(f"label.{id}", formula) for id, formula in self.labels.items()}
        one.adjustments = {id: formulas.get(f"adjustment.{id}", formula) for id, formula in self.adjustments.items()}
        again = [at for at, item in enumerate(self.sheet.items) if f"item.{item.id}" in formulas]
        one.marks = self.marks | {item.id: one._item(item)[1] for item in (self.sheet.items[at] for at in again)}
        one.sums = one._summed(self.sums[: again[0] + 1]) if again else self.sums
        one._whole(adjustments)
        wanted = one._unrefused(next(found for found in one.outputs if found.name == output))
        return Plan(
            title=f"{self.scheme.id}/{self.sheet.id}", columns=tuple(builder.columns.values()), tables=builder.tables, ops=tuple(builder.ops),
            outputs=(wanted,),
        )  # fmt: skip

    def _unrefused(self, output: Output) -> Output:
        """No result rests on the stand-in of a value outside its range."""
        return evolve(output, undetermined=self.builder.either(self.builder.negate(self.low.usable), output.undetermined))

    def _whole(self, among: Sequence[model.Adjustment]) -> tuple[dict[str, Reading], dict[str, Reading], Value]:
        """From the items' marks to the total: its labels and adjustments, as they are read, and the total."""
        names = {**self.calendar, **{f"{id}.marks": value for id, value in self.marks.items()}, **self.measures}
        names["subtotal"], names["items"] = self._subtotal()
        labels, adjustments = {}, {}
        for label in self.sheet.labels:
            labels[label.id] = self._read(label, self.labels[label.id], names)
            names[label.id] = labels[label.id].value
            self.outputs.append(labels[label.id].value.output(label.id, label.title))
        total, barred = names["subtotal"], self.low.truth(self.low.never, self.low.never)
        limits: list[tuple[Value, Fraction]] = []
        for one in among:
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
        self.outputs += [
            total.output("total", self.sheet.title, "分"),
            evolve(barred, undetermined=total.undetermined).output("barred", "取消评优"),
        ]
        return labels, adjustments, total

    # -- formulas ------------------------------------------------------------------------------------------

    def _calendar(self) -> dict[str, Value]:
        """The month, and how often each event was recorded: where no number came, none was."""
        build, low = self.builder, self.low
        counted = {event.id: event for event in self.scheme.events}
        first = build.literal(self.scheme.year * 12 - 1)
        names = {"month": low.value(build.minus(build.column("period"), first), undetermined=low.never)}
        for name in build.columns:
            if name in counted:
                number = build.case(build.given(name), build.column(name), build.literal(0))
                scale = unit(counted[name].unit).scale / 10 ** counted[name].decimals
                names[name] = low.value(number, scale, undetermined=low.never)
        if "late_days" in build.columns:
            names["late_days"] = low.field(next(one for one in ADJUSTMENT_FIELDS if one.name == "late_days"))
        return names

    def _item(self, item: model.Item) -> tuple[Reading | None, Value]:
        build, low = self.builder, self.low
        _, kind = self.figures.kind(item)
        formula, parameters = self.items[item.id]
        reading = None
        if formula is None:
            name = f"{item.id}.marks"
            marks = low.field(self.fields[name], name)
        else:
            names = {
                **self.calendar,
                **{name: low.parameter(value) for name, value in parameters.items()},
                "full": low.constant(item.full.base),
            }
            for (id, measure), column in self.columns.items():
                if id == item.id:
                    names[measure] = low.field(self.fields[column], column)
            method = next(one for one in self.scheme.methods if one.id == item.method)
            formula = evolve(formula, scope=evolve(formula.scope, constants={**formula.scope.constants, **parameters}))
            reading = self._read(method, formula, names)
            marks = reading.value
        applies = build.equal(build.column(f"{item.id}.applies"), build.literal(1)) if item.bodies else build.truth(True)
        nothing = build.either(*(build.negate(build.given(self.columns[item.id, name])) for name in filed(kind)))
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

    def _measures(self) -> dict[str, Value]:
        """``item.measure``, for labels and adjustments."""
        return {f"{id}.{measure}": self.low.field(self.fields[column], column) for (id, measure), column in self.columns.items()}

    def _summed(self, sums: Sequence[Value]) -> list[Value]:
        """What the items before each item come to, and all: *sums* of the first ones, and from there on."""
        made = list(sums)
        for item in self.sheet.items[len(sums) - 1 :]:
            made.append(self.low.plus(made[-1], self.marks[item.id]))
        return made

    def _shares(self) -> tuple[Value, Value]:
        """How many items apply, and what their marks, with everybody's base, can come to."""
        low = self.low
        count, full = low.constant(Fraction(0)), self._base()
        for item in self.sheet.items:
            applies = low.constant(Fraction(1))
            if item.bodies:
                applies = low.value(self.builder.column(f"{item.id}.applies"), undetermined=low.never)
            count, full = low.plus(count, applies), low.plus(full, low.times(low.constant(item.full.base), applies))
        return count, full

    def _base(self) -> Value:
        return self.low.constant(self.sheet.base.base if self.sheet.base else Fraction(0))

    def _subtotal(self) -> tuple[Value, Value]:
        """The marks together (brought to full marks where items that don't apply leave them short), and how many items apply."""
        low, sheet, total, (count, full) = self.low, self.sheet, self.sums[-1], self.shares
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

    def _ranked(self, total: Value) -> None:
        """The total's place among all of the period and in its group."""
        low, build, ranking = self.low, self.builder, self.sheet.ranking
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

    def _refusals(self) -> None:
        """The rows that are refused, each with the words for it."""
        for column in self.figures.columns:
            words = {"copies": "同一单位同一期不止一行", "period": f"不是{self.scheme.year}年的月份"}.get(column.name)
            test = self.builder.negate(self.builder.within(column.name))
            self.reasons.append(Reason(test, "refused", words or f"{column.title}（{column.name}）超出规定的范围或小数位"))
