"""What is audited: a sheet, or a method that no sheet uses on a sheet of its own, as a plan with what an audit must know of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from attrs import define, evolve, field

from ..errors import FormulaError
from ..finding import Finding
from ..formula import Formula, Scope, compile_formula
from ..formula.build import Builder
from ..formula.dated import Dated
from ..formula.lower import Lowering
from ..formula.plan import WINDOWS, Column, Op, Output, Plan
from ..formula.python import compile_plan, results_anew, results_of
from ..formula.tree import TRUTH, Node
from ..hooks import Plugins
from ..protocols import Indicator
from ..quantity import read_quantity, unit
from ..rounding import Rounding
from ..scheme import model
from ..scoring.names import measure_fields
from ..scoring.prepare import Prepared, prepare_all, with_declared
from ..scoring.sheet import Reading, SheetPlan

__all__ = ["Cells", "Rule", "rules_of"]

Cells = Mapping[str, int | None]
FULL = read_quantity("100分")


@define(kw_only=True, slots=False, eq=False)
class Rule:
    """One sheet under audit.

    *plan* is the sheet's plan without its ranking, with further outputs: ``valid`` (the row is one that a report can amount to:
    every column in its audited range, derived shares in theirs, the declared ``where``), ``declared`` (the same by the declared
    ranges), and for each of its `readings`
    ``fault.NAME``: it has no answer although the rule doesn't say ``undetermined``. *ranges* are the audited ranges of
    its columns, which are the declared ones but for targets, which start at one unit.
    """

    id: str
    prepared: Prepared
    sheet: model.Sheet
    lowered: SheetPlan
    plan: Plan
    ranges: Mapping[str, tuple[int, int]]
    method: bool = False  # a method that no sheet uses
    kept: dict[tuple[str, ...], Any] = field(init=False, factory=dict, repr=False)  # worked out once

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.sheet.title

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns that can vary."""
        return tuple(one for one in self.plan.columns if one.name in self.ranges)

    @cached_property
    def fingerprint(self) -> str:
        """Its plan's."""
        return self.plan.fingerprint

    @cached_property
    def windows(self) -> frozenset[int]:
        """The operations under the total that look at other rows."""
        needed = self.plan.needed(self.plan.output("total").positions)
        return frozenset(position for position in needed if self.plan.ops[position].op in WINDOWS)

    @cached_property
    def run(self) -> Callable[[Cells], Sequence[int]]:
        """Every operation's result for one row; where the rule looks at other rows, for a table of that row alone."""
        if self.plan.windows:
            run = results_of(self.plan)
            return lambda row: run({"copies": 1, **row})
        return compile_plan(evolve(self.plan, outputs=(self.plan.output("total"),))).results

    def anew(self, columns: Sequence[str]) -> Callable[[Cells, Sequence[int]], Sequence[int]]:
        """A function of a row and of the results of a row that differs from it in those columns alone, to the row's own results."""
        key = ("anew", *columns)
        if key not in self.kept:
            run = results_anew(self.plan, self.plan.resting(columns))
            self.kept[key] = lambda row, results: run({"copies": 1, **row}, results)
        return self.kept[key]  # type: ignore[no-any-return] # it was put there above

    def value(self, name: str, results: Sequence[int]) -> Fraction | bool | str | None:
        """That output's value for one row's results; None where it has none."""
        return self.plan.output(name).value(results)

    def item(self, id: str) -> model.Item:
        """The item with that id."""
        return next(one for one in self.sheet.items if one.id == id)

    def kind(self, item: model.Item) -> Indicator:
        """The kind of indicator behind an item."""
        return self.prepared.plugins.indicators[self.prepared.scheme.indicator(item.indicator).kind]

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """Every formula of the sheet and what its parts became: by ``item.ID``, ``label.ID``, ``adjustment.ID``."""
        named = {"item": self.lowered.items, "label": self.lowered.labels, "adjustment": self.lowered.adjustments}
        return {f"{kind}.{id}": reading for kind, many in named.items() for id, reading in many.items()}

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """What people call each reading."""
        items = {f"item.{one.id}": one.title for one in self.sheet.items}
        labels = {f"label.{one.id}": one.title for one in self.sheet.labels}
        return items | labels | {f"adjustment.{one.id}": one.title for one in self.sheet.adjustments}

    def formula(self, name: str) -> Formula:
        """The formula of a reading."""
        return self.readings[name].formula

    def spans(self, name: str) -> dict[str, tuple[Fraction, Fraction]]:
        """The audited ranges of what that formula may name, in base units."""
        kind, _, id = name.partition(".")
        columns = {one.name: one for one in self.columns}
        named = {f"{item}.{measure}": column for (item, measure), column in self.lowered.columns.items()}
        named |= {measure: column for (item, measure), column in self.lowered.columns.items() if kind == "item" and item == id}
        named |= {column: column for column in columns if "." not in column and column not in named}
        found = {}
        for one, column in named.items():
            if column in columns and columns[column].kind == "number":
                scale = Fraction(1, 10 ** columns[column].decimals) * unit(columns[column].unit).scale
                low, high = self.ranges[column]
                found[one] = (low * scale, high * scale)
        found["month"] = (Fraction(1), Fraction(12))
        if kind == "item":
            full = self.item(id).full.base
            found["full"] = (full, full)
        for event in self.prepared.scheme.events:
            if event.id in found:
                found[event.id] = (Fraction(0), found[event.id][1])
        return found


def rules_of(scheme: model.Scheme, plugins: Plugins) -> tuple[list[Rule], list[Finding]]:
    """Every sheet, then every method that no sheet uses, ready for audit; and what hinders one from being lowered."""
    known, wrong = with_declared(scheme, plugins)
    whole = evolve(scheme, sheets=(*scheme.sheets, *_method_sheets(scheme, known)), examples=())
    prepared, findings = prepare_all(whole, known, broken=bool(wrong))
    rules = []
    for sheet in whole.sheets:
        if sheet.id in prepared.sheets:
            rules.append(_rule(prepared, sheet, method=sheet not in scheme.sheets))
    return rules, [*wrong, *findings]


def _method_sheets(scheme: model.Scheme, plugins: Plugins) -> Iterable[model.Sheet]:
    """A sheet of one item for each method that no sheet uses, on the first indicator of its kind."""
    used = {item.method for sheet in scheme.sheets for item in sheet.items}
    reason = "未用于评估表的方法，按两位小数审计"
    rounding = model.RoundingRule(places=2, mode=Rounding.HALF_UP, when="item", source="assumption", reason=reason)
    rounding = scheme.sheets[0].rounding if scheme.sheets else rounding
    for method in (*scheme.methods, *plugins.rules.methods):
        on = next((one for one in scheme.indicators if one.kind == method.kind), None)
        if method.id in used or on is None:
            continue
        item = model.Item(
            id="marks",
            title=method.title,
            indicator=on.id,
            method=method.id,
            full=FULL,
            source=method.source,
            reason=method.reason,
            place=method.place,
        )
        yield model.Sheet(
            id=f"method {method.id}", title=method.title, bodies=(), full=FULL, items=(item,), rounding=rounding, source=method.source,
            reason=method.reason, place=method.place,
        )  # fmt: skip


def _rule(prepared: Prepared, sheet: model.Sheet, *, method: bool) -> Rule:
    lowered = prepared.sheets[sheet.id]
    plan = _alone(lowered.plan)
    ranges = {
        column.name: (max(column.low, 1) if column.name.rpartition(".")[2] == "target" else column.low, column.high)
        for column in plan.columns
        if column.name != "copies"
    }
    rule = Rule(id=sheet.id, prepared=prepared, sheet=sheet, lowered=lowered, plan=plan, ranges=ranges, method=method)
    rule.plan = _Extended(rule).plan()
    return rule


def _alone(plan: Plan) -> Plan:
    """The plan without its ranking: the positions of operations stay, windows that only a rank rests on become literals."""
    outputs = tuple(one for one in plan.outputs if one.name not in ("rank", "group_rank"))
    needed = set(plan.needed(position for one in outputs for position in one.positions))
    ops = tuple(
        op if position in needed or op.op not in WINDOWS else Op("literal", value=op.low, low=op.low, high=op.low)
        for position, op in enumerate(plan.ops)
    )
    return evolve(plan, ops=ops, outputs=outputs)


class _Extended:
    """Adds the outputs that an audit asks about to a rule's plan; the positions that are there stay."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.build = Builder.extending(rule.plan)
        self.never = self.build.truth(False)

    def plan(self) -> Plan:
        rule, build = self.rule, self.build
        outputs = [
            Output(name=name, number=self._valid(ranges), undetermined=self.never, truth=True)
            for name, ranges in (("valid", rule.ranges), ("declared", {one.name: (one.low, one.high) for one in rule.columns}))
        ]
        for name, reading in rule.readings.items():
            fault = build.both(self._applies(name), self.fault(reading.formula.root, reading))
            outputs.append(Output(name=f"fault.{name}", number=fault, undetermined=self.never, truth=True))
        return evolve(rule.plan, ops=tuple(build.ops), tables=build.tables, outputs=(*rule.plan.outputs, *outputs))

    def _applies(self, name: str) -> int:
        """Whether the formula is one of this body's."""
        kind, _, id = name.partition(".")
        if kind != "item" or not self.rule.item(id).bodies:
            return self.build.truth(True)
        return self.build.equal(self.build.column(f"{id}.applies"), self.build.literal(1))

    def _valid(self, ranges: Mapping[str, tuple[int, int]]) -> int:
        """Whether the row is one that a report can amount to, by those ranges of its columns."""
        build, held = self.build, []
        for column in self.rule.columns:
            low, high = ranges[column.name]
            absent = build.negate(build.given(column.name))
            number = build.column(column.name)
            inside = build.both(build.at_most(build.literal(low), number), build.at_most(number, build.literal(high)))
            held += [
                build.within(column.name),
                build.either(absent, inside) if column.missing else build.both(build.given(column.name), inside),
            ]
        held += [self._derived(id, reading) for id, reading in self.rule.lowered.items.items()]
        held += [self._where(item) for item in self.rule.sheet.items]
        while len(held) > 1:  # by pairs, so that little rests on any one column
            held = [build.both(*held[at : at + 2]) for at in range(0, len(held), 2)]
        return held[0]

    def _derived(self, id: str, reading: Reading) -> int:
        """Derived measures that the formula names stand in the range they declare."""
        build, held = self.build, []
        low = Lowering(build)
        fields = measure_fields(self.rule.kind(self.rule.item(id)))
        for node in _walk(reading.formula.root):
            declared = fields.get(node.name)
            value = reading.values.get(id_of(node))
            if node.op != "derived" or declared is None or value is None or node.name == "progress":
                continue
            for bound, sign in ((declared.minimum, ">="), (declared.maximum, "<=")):
                if bound is not None:
                    test = low.compare(sign, value, low.constant(bound * unit(declared.unit).scale))
                    held.append(build.either(value.undetermined, test.number))
        return build.both(*held)

    def _where(self, item: model.Item) -> int:
        """What the rule's audit facts say of every report."""
        method = next((one for one in self.rule.prepared.scheme.methods if one.id == item.method), None)
        facts = [one for one in (method.audit if method else None, self.rule.sheet.audit) if one and one.where]
        held = []
        for one in facts:
            kind = self.rule.kind(item)
            own = {name: declared for name, declared in measure_fields(kind).items() if (item.id, name) in self.rule.lowered.columns}
            try:
                formula = compile_formula(one.where, Scope(fields=own), TRUTH)
            except FormulaError:
                continue  # a figure that this sheet doesn't have
            low = Lowering(self.build)
            names = {name: low.field(declared, self.rule.lowered.columns[item.id, name]) for name, declared in own.items()}
            value = low.formula(formula, names)
            held.append(self.build.either(value.undetermined, value.number))
        return self.build.both(*held)

    def fault(self, node: Node, reading: Reading) -> int:
        """Whether a part has no answer by accident: a division by zero, a value under a table's first row, a parameter before its
        first day."""
        build, value = self.build, reading.values.get(id_of(node))
        scope = reading.formula.scope
        if value is not None and node.op == "name" and node.name not in scope.fields and isinstance(scope.constants.get(node.name), Dated):
            return value.undetermined
        if value is None or node.op in ("number", "text", "day", "name", "undetermined", "missing", "known"):
            return self.never
        parts = [self.fault(part, reading) for part in node.parts]
        if node.op == "derived":
            declared = reading.formula.scope.fields.get(node.name)
            return self.never if declared is not None and declared.missing else parts[0]  # a formula that names it has asked
        if node.op == "if":
            test = reading.values[id_of(node.parts[0])]
            return build.either(parts[0], build.case(test.number, parts[1], parts[2]))
        if node.op in ("and", "or"):
            doubt = self.never
            for part, fault in zip(reversed(node.parts), reversed(parts), strict=True):
                number = reading.values[id_of(part)].number
                doubt = build.either(fault, build.both(number if node.op == "and" else build.negate(number), doubt))
            return doubt
        own = self.never
        if node.op in ("/", "band", "share_of_best"):
            certain = [build.negate(reading.values[id_of(part)].undetermined) for part in node.parts]
            own = build.both(value.undetermined, *certain)
        return build.either(*parts, own)


def id_of(node: Node) -> int:
    """How readings name a part."""
    return id(node)


def _walk(node: Node) -> Iterable[Node]:
    yield node
    for part in node.parts:
        yield from _walk(part)
