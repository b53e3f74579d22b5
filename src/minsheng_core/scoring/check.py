"""Everything that can be said of rule files without reports: shape, references, figures, formulas, worked examples."""

from pathlib import Path

from ..errors import PluginError
from ..finding import Finding, Place, Severity
from ..hooks import Plugins
from ..scheme import model
from ..scheme.load import read_scheme
from .examples import check_examples
from .prepare import prepare_all, with_declared

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
    found += [*mistakes, *check_examples(prepared)]
    return scheme, tuple(sorted(found, key=lambda finding: finding.place or Place("")))
