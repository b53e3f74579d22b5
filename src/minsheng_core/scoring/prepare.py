"""A scheme made ready: every formula checked against the measures of its plugin, every mistake with its place."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from attrs import evolve, frozen

from ..errors import FormulaError, QuantityError, RuleError
from ..explanation import Step
from ..field import Field
from ..finding import Finding, Place, Severity
from ..formula import Band, Formula, Scope, check_formula, evaluate
from ..formula.band import read_band
from ..formula.dated import Dated, dated
from ..formula.parse import parse
from ..formula.tree import TEXT, TRUTH, Type, number
from ..hooks import Plugins
from ..protocols import Assessment, Indicator
from ..quantity import Quantity, read_quantity, unit
from ..scheme import model
from ..scheme.load import Text
from .declared import declared_indicator
from .names import ADJUSTMENT_FIELDS, measure_fields
from .sheet import SheetPlan, lower_sheet
from .sheet_columns import Unlowered

__all__ = ["FormulaAssessment", "Prepared", "method_formula", "prepare", "prepare_all", "with_declared"]

MARKS = number(unit("分"))


@frozen(kw_only=True)
class FormulaAssessment:
    """The core's way to give marks: a method's formula with its parameters. Implements `Assessment` by the exact reference;
    a sheet reads the same formula from its plan."""

    id: str
    kind: str
    title: str
    formula: Formula
    place: Place | None = None
    clause: str = ""

    def assess(self, facts: Mapping[str, Quantity | None], parameters: Mapping[str, Quantity]) -> Step:
        """The marks in 分, or None and why; *parameters* stand in for the method's own."""
        scope = evolve(self.formula.scope, constants={**self.formula.scope.constants, **parameters})
        step = evaluate(evolve(self.formula, scope=scope), facts, place=self.place, clause=self.clause)
        return evolve(step, label=self.title)


@frozen(kw_only=True)
class Prepared:
    """A scheme with its plugins, ready to score. *items* are by (sheet id, item id), *sheets*, lowered, by sheet id."""

    scheme: model.Scheme
    plugins: Plugins
    items: Mapping[tuple[str, str], tuple[Assessment, Mapping[str, Quantity | Dated]]]
    sheets: Mapping[str, SheetPlan]
    findings: tuple[Finding, ...] = ()


def prepare(scheme: model.Scheme, plugins: Plugins) -> Prepared:
    """The scheme ready to score. Raises PluginError where a plugin is missing, RuleError with all mistakes in formulas."""
    known, wrong = with_declared(scheme, plugins)
    for indicator in scheme.indicators if not wrong else ():
        known.indicator(indicator.kind)
    prepared, findings = prepare_all(scheme, known, broken=bool(wrong))
    errors = [finding for finding in [*wrong, *findings] if finding.severity is Severity.ERROR]
    if errors:
        raise RuleError(errors)
    return prepared


def with_declared(scheme: model.Scheme, plugins: Plugins) -> tuple[Plugins, list[Finding]]:
    """The plugins that the scheme rests on, with the kinds that it declares itself, and what is wrong with those."""
    plugins = plugins.for_scheme(scheme)
    declared: dict[str, Indicator] = {}
    findings = []
    for kind in scheme.kinds:
        try:
            if kind.id in plugins.indicators:
                raise QuantityError(f"a plugin already measures the kind {kind.id!r}; give this one another id")
            if not kind.fields:
                raise QuantityError(f"the kind {kind.id!r} has no [[kind.field]]")
            declared[kind.id] = declared_indicator(kind)
        except QuantityError as error:
            findings.append(Finding(code="rule.kind", message=str(error), place=kind.place))
    return evolve(plugins, indicators={**plugins.indicators, **declared}), findings


def prepare_all(scheme: model.Scheme, plugins: Plugins, *, broken: bool = False) -> tuple[Prepared, list[Finding]]:
    """The scheme as far as it can be made ready, and every mistake in its formulas; *broken* where it could not be read whole."""
    whole = evolve(
        scheme,
        documents=scheme.documents + plugins.rules.documents,
        clauses=scheme.clauses + plugins.rules.clauses,
        methods=scheme.methods + plugins.rules.methods,
    )
    maker = _Maker(whole, plugins, broken)
    methods: dict[str, FormulaAssessment | None] = {}
    for method in whole.methods:
        if scheme.id and method.id in methods and method in plugins.rules.methods:
            own = next(one for one in scheme.methods if one.id == method.id)
            maker.error(f"a plugin has a method {own.id!r}, too ({method.place}); choose another id", own.place, own.id, "rule.duplicate")
        elif method.kind in plugins.indicators:
            methods[method.id] = maker.method(method)
        elif method in scheme.methods:
            maker.error(f"no plugin gives the indicator kind {method.kind!r}", method.place, method.kind)
    items: dict[tuple[str, str], tuple[Assessment, Mapping[str, Quantity | Dated]]] = {}
    sheets: dict[str, SheetPlan] = {}
    for sheet in whole.sheets:
        before = len(maker.findings)
        made = {item.id: found for item in sheet.items if (found := maker.item(item, methods))}
        labels = {one.id: maker.labelled(sheet, one) for one in sheet.labels}
        adjustments = {one.id: maker.adjustment(sheet, one) for one in sheet.adjustments}
        items |= {(sheet.id, id): found for id, found in made.items()}
        whole_sheet = len(maker.findings) == before and len(made) == len(sheet.items) and not broken
        if whole_sheet and (lowered := maker.sheet(sheet, made, labels, adjustments)):
            sheets[sheet.id] = lowered
    prepared = Prepared(scheme=whole, plugins=plugins, items=items, sheets=sheets, findings=tuple(maker.findings))
    return prepared, maker.findings


def method_formula(prepared: Prepared, method: model.Method) -> Formula | None:
    """The formula of a method, whether a sheet uses it or not; None where no plugin gives its kind of indicator, or it is wrong."""
    known = method.kind in prepared.plugins.indicators
    made = _Maker(prepared.scheme, prepared.plugins, False).method(method) if known else None
    return made.formula if made else None


class _Maker:
    """Compiles the formulas of a scheme; *findings* collects what is wrong with them."""

    def __init__(self, scheme: model.Scheme, plugins: Plugins, broken: bool) -> None:
        self.scheme, self.plugins, self.broken = scheme, plugins, broken
        self.findings: list[Finding] = []
        self.events = {event.id: Field(name=event.id, title=event.title, unit=event.unit) for event in scheme.events}

    def error(self, message: str, place: Place | None, text: str = "", code: str = "rule.formula", offset: int = 0) -> None:
        if isinstance(text, Text):
            place = text.at(offset)
        self.findings.append(Finding(code=code, message=message, place=place))

    def method(self, method: model.Method) -> FormulaAssessment | None:
        scope = Scope(
            fields=measure_fields(self.plugins.indicators[method.kind]) | self.events,
            constants=self.constants(method.parameters, method.place),
            bands=dict(self.bands(method.bands, method.place)),
        )
        formula = self.formula(method.formula, scope, MARKS, method.place)
        if formula is None:
            return None
        source = method.source
        return FormulaAssessment(id=method.id, kind=method.kind, title=method.title, formula=formula, place=method.place, clause=source)

    def item(
        self, item: model.Item, methods: Mapping[str, FormulaAssessment | None]
    ) -> tuple[Assessment, Mapping[str, Quantity | Dated]] | None:
        assessment = methods.get(item.method) or self.plugins.assessments.get(item.method)
        if assessment is None:
            if item.method not in methods and not self.broken:
                known = ", ".join(sorted({*methods, *self.plugins.assessments}))
                self.error(f"no method {item.method!r}; known are {known}", item.place, item.method, "rule.no_method")
            return None
        indicator = next((one for one in self.scheme.indicators if one.id == item.indicator), None)
        if indicator is not None and indicator.kind != assessment.kind:
            self.error(
                f"{item.method!r} is for {assessment.kind!r}, but {indicator.id} is {indicator.kind!r}",
                item.place,
                item.method,
                "rule.no_method",
            )
        parameters = self.constants(item.parameters, item.place)
        if isinstance(assessment, FormulaAssessment):
            own = assessment.formula.scope.constants
            for name, value in parameters.items():
                if name not in own:
                    self.error(
                        f"{item.method!r} has no parameter {name!r}; it has {', '.join(own) or 'none'}", item.place, item.parameters[name]
                    )
                elif value.unit.dimension != own[name].unit.dimension:
                    self.error(f"parameter {name!r} is in {own[name].unit}, not {value.unit}", item.place, item.parameters[name])
        return assessment, parameters

    def adjustment(self, sheet: model.Sheet, one: model.Adjustment) -> Formula | None:
        return self.formula(one.formula, self.scope(sheet, one, labels=sheet.labels), TRUTH if one.kind == "veto" else MARKS, one.place)

    def labelled(self, sheet: model.Sheet, one: model.Label) -> Formula | None:
        earlier = sheet.labels[: sheet.labels.index(one)]
        taken = {"total", "rank", "group_rank", "barred", "body", "period", "group", "state", "reason"}
        if one.id in taken or one.id in self.scope(sheet, one, labels=earlier).fields:
            self.error(f"a label can't be called {one.id!r}: that name is taken", one.place, one.id, "rule.duplicate")
            return None
        return self.formula(one.formula, self.scope(sheet, one, labels=earlier), TEXT, one.place)

    def scope(self, sheet: model.Sheet, one: model.Adjustment | model.Label, *, labels: Sequence[model.Label]) -> Scope:
        """What an adjustment or label may name: events, the sums, each item's marks and measures, and labels before it."""
        fields = self.events | {field.name: field for field in ADJUSTMENT_FIELDS}
        for item in sheet.items:
            fields[f"{item.id}.marks"] = Field(name=f"{item.id}.marks", title=f"{item.title}得分", unit="分")
            indicator = next((one for one in self.scheme.indicators if one.id == item.indicator), None)
            if indicator is None or indicator.kind not in self.plugins.indicators:
                continue
            measures = measure_fields(self.plugins.indicators[indicator.kind])
            for name, measure in measures.items():
                if (measure.kind != "text" or measure.choices) and name not in ("full", "month", "elapsed"):
                    formula = _owned(measure.formula, item.id, measures) if measure.formula else ""
                    fields[f"{item.id}.{name}"] = evolve(measure, name=f"{item.id}.{name}", formula=formula)
        for label in labels:
            words = _words(label.formula)
            fields[label.id] = Field(name=label.id, title=label.title, kind="text", choices=words)
        return Scope(fields=fields, constants=self.constants(one.parameters, one.place), bands=dict(self.bands(one.bands, one.place)))

    def sheet(
        self, sheet: model.Sheet, items: Mapping[str, tuple[Assessment, Mapping[str, Quantity | Dated]]],
        labels: Mapping[str, Formula | None], adjustments: Mapping[str, Formula | None],
    ) -> SheetPlan | None:  # fmt: skip
        """The sheet lowered to its plan, or a finding at the step that no engine holds exactly."""
        formulas = {id: (one.formula if isinstance(one, FormulaAssessment) else None, given) for id, (one, given) in items.items()}
        try:
            return lower_sheet(
                self.scheme, sheet, self.plugins.indicators, formulas,
                {id: one for id, one in labels.items() if one}, {id: one for id, one in adjustments.items() if one},
            )  # fmt: skip
        except Unlowered as failed:
            self.error(failed.error.message, failed.rule.place, failed.formula, "rule.range", failed.error.offset)
        except FormulaError as failed:
            self.error(failed.message, sheet.place, code="rule.range")
        return None

    def formula(self, text: str, scope: Scope, result: Type, place: Place | None) -> Formula | None:
        formula, errors = check_formula(text, scope, result)
        for error in errors:
            at = text.at(error.offset) if isinstance(text, Text) else place
            self.error(error.message, at)
        return formula

    def constants(self, parameters: Mapping[str, Any], place: Place | None) -> dict[str, Quantity | Dated]:
        constants: dict[str, Quantity | Dated] = {}
        for name, given in parameters.items():
            try:
                constants[name] = read_parameter(given)
            except (QuantityError, FormulaError) as error:
                self.error(f"parameter {name!r}: {error}", place, given if isinstance(given, str) else "")
        return constants

    def bands(self, tables: Mapping[str, Any], place: Place | None) -> Iterator[tuple[str, Band]]:
        for name, table in tables.items():
            try:
                yield name, read_band(table if isinstance(table, Mapping) else {})
            except FormulaError as error:
                kind: Any = table.get("kind", "") if isinstance(table, Mapping) else ""
                self.error(f"band {name!r}: {error.message}", place, kind, "rule.band")


def read_parameter(given: object) -> Quantity | Dated:
    """A parameter: ``"1分"``, or over time ``[{ from = 2023-01-01, value = "1分" }, …]``. Raises QuantityError, FormulaError."""
    if isinstance(given, str):
        return read_quantity(given)
    rows: list[Any] = given if isinstance(given, list) else [None]
    if not all(isinstance(row, Mapping) and set(row) == {"from", "value"} and isinstance(row["from"], date) for row in rows):
        raise FormulaError('a parameter is a quantity in quotes, or a list of { from = 2023-01-01, value = "1分" }')
    return dated([(row["from"], read_quantity(str(row["value"]))) for row in rows])


def _owned(formula: str, item: str, measures: Mapping[str, Field]) -> str:
    """A derived measure's formula as a label or adjustment says it: the item's measures by ``ITEM.MEASURE``."""
    try:
        tree = parse(formula)
    except FormulaError:
        return formula  # its method says what is wrong with it
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in measures and node.id not in ("full", "month", "elapsed"):
            node.id = f"{item}.{node.id}"
    return ast.unparse(tree)


def _words(formula: str) -> tuple[str, ...]:
    """The words that a label's formula can give, in the order in which they stand."""
    try:
        tree = parse(formula)
    except FormulaError:
        return ()
    compared = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Compare) for part in ast.walk(node)}
    words = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in compared)
    return tuple(dict.fromkeys(word for word in words if isinstance(word, str)))
