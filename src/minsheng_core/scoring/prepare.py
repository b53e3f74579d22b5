"""A scheme made ready: every formula checked against the measures of its plugin, every mistake with its place."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from ..errors import FormulaError, PluginError, QuantityError, RuleError
from ..explanation import Step
from ..field import Field
from ..finding import Finding, Place, Severity
from ..formula import Band, Formula, Scope, check_formula, evaluate
from ..formula.band import read_band
from ..formula.tree import TRUTH, Type, number
from ..hooks import Plugins
from ..protocols import Assessment, Indicator
from ..quantity import Quantity, read_quantity, unit
from ..scheme import model
from ..scheme.load import Text, read_scheme

__all__ = ["FormulaAssessment", "Prepared", "check_rules", "prepare"]

MARKS = number(unit("分"))


@frozen(kw_only=True)
class FormulaAssessment:
    """The core's way to give marks: a method's formula with its parameters. Implements `Assessment`."""

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
    """A scheme with its plugins, ready to score. *items* and *adjustments* are by (sheet id, id)."""

    scheme: model.Scheme
    plugins: Plugins
    items: Mapping[tuple[str, str], tuple[Assessment, Mapping[str, Quantity]]]
    adjustments: Mapping[tuple[str, str], Formula]
    findings: tuple[Finding, ...] = ()


def prepare(scheme: model.Scheme, plugins: Plugins) -> Prepared:
    """The scheme ready to score. Raises PluginError where a plugin is missing, RuleError with all mistakes in formulas."""
    for indicator in scheme.indicators:
        plugins.indicator(indicator.kind)
    prepared, findings = _prepare(scheme, plugins)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise RuleError(errors)
    return prepared


def check_rules(source: str | Path, plugins: Plugins) -> tuple[model.Scheme, tuple[Finding, ...]]:
    """The scheme as far as it can be read, and every mistake in its files: shape, references, figures and formulas."""
    scheme, findings = read_scheme(source)
    found = list(findings)
    for indicator in scheme.indicators:
        try:
            plugins.indicator(indicator.kind)
        except PluginError as error:
            found.append(Finding(code="rule.no_plugin", message=str(error), place=indicator.place))
    found += _prepare(scheme, plugins, broken=any(one.severity is Severity.ERROR for one in findings))[1]
    return scheme, tuple(sorted(found, key=lambda finding: finding.place or Place("")))


def _prepare(scheme: model.Scheme, plugins: Plugins, *, broken: bool = False) -> tuple[Prepared, list[Finding]]:
    whole = evolve(
        scheme,
        documents=scheme.documents + plugins.rules.documents,
        clauses=scheme.clauses + plugins.rules.clauses,
        methods=scheme.methods + plugins.rules.methods,
    )
    maker = _Maker(whole, plugins, broken)
    methods = {}
    for method in whole.methods:
        if method.kind in plugins.indicators:
            methods[method.id] = maker.method(method)
        elif method in scheme.methods:
            maker.error(f"no plugin gives the indicator kind {method.kind!r}", method.place, method.kind)
    items, adjustments = {}, {}
    for sheet in whole.sheets:
        for item in sheet.items:
            if made := maker.item(item, methods):
                items[sheet.id, item.id] = made
        for adjustment in sheet.adjustments:
            if formula := maker.adjustment(adjustment):
                adjustments[sheet.id, adjustment.id] = formula
    prepared = Prepared(scheme=whole, plugins=plugins, items=items, adjustments=adjustments, findings=tuple(maker.findings))
    return prepared, maker.findings


class _Maker:
    """Compiles the formulas of a scheme; *findings* collects what is wrong with them."""

    def __init__(self, scheme: model.Scheme, plugins: Plugins, broken: bool) -> None:
        self.scheme, self.plugins, self.broken = scheme, plugins, broken
        self.findings: list[Finding] = []
        self.events = {event.id: Field(name=event.id, title=event.title, unit=event.unit) for event in scheme.events}

    def error(self, message: str, place: Place | None, text: str = "", code: str = "rule.formula") -> None:
        if isinstance(text, Text):
            place = text.at()
        self.findings.append(Finding(code=code, message=message, place=place))

    def method(self, method: model.Method) -> FormulaAssessment | None:
        scope = Scope(
            fields=measure_fields(self.plugins.indicators[method.kind]) | self.events,
            constants=self.constants(method.parameters, method.place),
            bands=dict(self.bands(method)),
        )
        formula = self.formula(method.formula, scope, MARKS, method.place)
        if formula is None:
            return None
        source = method.source
        return FormulaAssessment(id=method.id, kind=method.kind, title=method.title, formula=formula, place=method.place, clause=source)

    def item(self, item: model.Item, methods: Mapping[str, FormulaAssessment | None]) -> tuple[Assessment, Mapping[str, Quantity]] | None:
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

    def adjustment(self, one: model.Adjustment) -> Formula | None:
        fields = self.events | {field.name: field for field in ADJUSTMENT_FIELDS}
        scope = Scope(fields=fields, constants=self.constants(one.parameters, one.place))
        return self.formula(one.formula, scope, TRUTH if one.kind == "veto" else MARKS, one.place)

    def formula(self, text: str, scope: Scope, result: Type, place: Place | None) -> Formula | None:
        formula, errors = check_formula(text, scope, result)
        for error in errors:
            at = text.at(error.offset) if isinstance(text, Text) else place
            self.error(error.message, at)
        return formula

    def constants(self, parameters: Mapping[str, str], place: Place | None) -> dict[str, Quantity]:
        constants = {}
        for name, text in parameters.items():
            try:
                constants[name] = read_quantity(text)
            except QuantityError as error:
                self.error(f"parameter {name!r}: {error}", place, text)
        return constants

    def bands(self, method: model.Method) -> Iterator[tuple[str, Band]]:
        for name, table in method.bands.items():
            try:
                yield name, read_band(table if isinstance(table, Mapping) else {})
            except FormulaError as error:
                kind: Any = table.get("kind", "") if isinstance(table, Mapping) else ""
                self.error(f"band {name!r}: {error.message}", method.place, kind, "rule.band")


def measure_fields(indicator: Indicator) -> dict[str, Field]:
    """What a method for that kind may name: its measures, and what the core adds."""
    primary = next(field for field in indicator.measures if field.name == indicator.primary)
    added = (
        Field(name="target", title="目标", unit=primary.unit),
        Field(name="full", title="满分", unit="分"),
        Field(name="elapsed", title="时序进度", unit="%"),
        Field(name="progress", title="进度", unit="%", missing=True),
    )
    return {field.name: field for field in (*indicator.measures, *added)}


# What an adjustment may name besides the scheme's events.
ADJUSTMENT_FIELDS = (
    Field(name="subtotal", title="各项得分之和", unit="分"),
    Field(name="late_days", title="迟报天数", unit="天", missing=True),  # missing: no filing day was given
    Field(name="elapsed", title="时序进度", unit="%"),
)
