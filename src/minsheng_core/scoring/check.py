"""Everything that can be said of rule files without reports: shape, references, figures, formulas, worked examples."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

from ..errors import PluginError
from ..finding import Finding, Place, Severity
from ..formula import Formula
from ..formula.analyse import Ranges, faults, idle
from ..formula.bounds import walk
from ..formula.reference import Given
from ..formula.tree import Node
from ..hooks import Plugins
from ..quantity import unit
from ..scheme import model
from ..scheme.load import Text, read_scheme
from .examples import check_examples
from .prepare import Prepared, prepare_all, with_declared

__all__ = ["check_rules"]


def check_rules(source: str | Path, plugins: Plugins) -> tuple[model.Scheme, tuple[Finding, ...]]:
    """The scheme as far as it can be read, and every mistake in its files: shape, references, figures, formulas, examples."""
    scheme, findings = read_scheme(source)
    found = list(findings)
    known, wrong = with_declared(scheme, plugins)
    found += wrong
    for indicator in scheme.indicators if not wrong else ():
        try:
            known.indicator(indicator.kind)
        except PluginError as error:
            found.append(Finding(code="rule.no_plugin", message=str(error), place=indicator.place))
    prepared, mistakes = prepare_all(scheme, known, broken=any(one.severity is Severity.ERROR for one in found))
    found += [*mistakes, *check_examples(prepared), *_doubtful(prepared)]
    return scheme, tuple(sorted(found, key=lambda finding: finding.place or Place("")))


def _doubtful(prepared: Prepared) -> Iterator[Finding]:
    """Warnings, proved from the ranges of the figures: rows and branches that nothing reaches, and reports that would get no answer."""
    told = set()  # a method may stand on several sheets
    for lowered in prepared.sheets.values():
        ranges: dict[str, tuple[Fraction | None, Fraction | None]] = {
            event.id: (Fraction(0), event.most * unit(event.unit).scale) for event in prepared.scheme.events
        }
        for reading in (*lowered.items.values(), *lowered.labels.values(), *lowered.adjustments.values()):
            formula = reading.formula
            target = formula.scope.fields.get("target")
            if target is not None:  # a target of nothing is no target
                step = unit(target.unit).scale / 10**target.decimals
                ranges["target"] = (step, None if target.maximum is None else target.maximum * unit(target.unit).scale)
            for code, message, offset in _doubts(formula, ranges):
                place = formula.text.at(offset) if isinstance(formula.text, Text) else reading.place
                if (code, place, message) not in told:
                    told.add((code, place, message))
                    yield Finding(code=code, message=message, severity=Severity.WARNING, place=place)


def _doubts(formula: Formula, ranges: Ranges) -> Iterator[tuple[str, str, int]]:
    chosen = {
        part.start for node in walk(formula.root) if node.op == "if" and not _figures(node.parts[0], formula) for part in node.parts[1:]
    }
    for one in idle(formula, ranges):
        branch = one.kind == "branch" and one.offset not in chosen  # which branch a parameter chooses is the rule's own choice
        row = one.kind == "row" and (one.row or 0) >= 0 and _figures(one.node, formula)
        if one.source == formula.text and (branch or row):
            yield "rule.dead", f"{one.text!r} never comes to bear here: {one.reason}", one.offset
    for fault in faults(formula, ranges):
        if fault.reached and fault.source == formula.text:
            why = "divides by zero" if fault.kind == "division" else "is below the first row of its table"
            yield "rule.gap", f"{fault.text!r} {why} for {_row(fault.witness)}, and such a report would have no marks", fault.offset


def _figures(node: Node, formula: Formula) -> bool:
    """Whether a part reads any figure of a report."""
    return any(one.op in ("name", "missing") and one.name in formula.scope.fields for one in walk(node))


def _row(witness: Mapping[str, Given] | None) -> str:
    return ", ".join(f"{name} = {value}" for name, value in (witness or {}).items() if value is not None) or "some reports"
