"""What is served: schemes made ready once in each process, and held to what they were when the service started."""

from collections.abc import Mapping, Sequence
from functools import cache

from attrs import field, frozen

from ..errors import MinshengError
from ..hooks import Plugins, load_plugins
from ..scheme.load import load_scheme
from ..scorer import Scorer, load_scorer
from ..scoring.fingerprint import fingerprints
from ..scoring.measure import Filed
from ..scoring.prepare import Prepared, prepare
from .problem import Refused

__all__ = ["Ready", "Served", "ready", "serve"]


@frozen(kw_only=True)
class Served:
    """Which schemes (installed names, or folders of rules) with which plugins; *rules* are their fingerprints at the start, by
    the scheme's id. It travels to the processes that do the work."""

    sources: tuple[str, ...]
    only: tuple[str, ...] | None = None
    rules: tuple[tuple[str, str], ...] = ()


@frozen(kw_only=True)
class Ready:
    """The schemes by id, and what they were loaded from."""

    plugins: Plugins
    schemes: Mapping[str, Prepared]
    sources: Mapping[str, str]
    fingerprints: Mapping[str, Mapping[str, str]] = field(factory=dict)

    def scheme(self, id: str) -> Prepared:
        """The scheme of that id, or loaded from that name. Raises Refused (404)."""
        found = next((one for one, source in self.sources.items() if id in (one, source)), None)
        if found is None:
            raise Refused(404, "no_scheme", f"no scheme {id!r} is served here", [("path.scheme", f"one of {', '.join(self.schemes)}")])
        return self.schemes[found]

    def scorer(self, prepared: Prepared, sheet: str) -> Scorer:
        """The scorer of a sheet. Raises Refused (404 for one that isn't there, 409 for one that only a table can score)."""
        sheets = [one.id for one in prepared.scheme.sheets]
        if sheet not in sheets:
            raise Refused(404, "no_sheet", f"no sheet {sheet!r} in {prepared.scheme.id}", [("path.sheet", f"one of {', '.join(sheets)}")])
        try:
            return _scorer(self.sources[prepared.scheme.id], sheet)
        except MinshengError as error:
            raise Refused(409, "needs_reports", str(error)) from None


def serve(sources: Sequence[str], only: Sequence[str] | None = None) -> Served:
    """Those schemes, loaded once to see that they can be. Raises RuleError, PluginError, MinshengError."""
    named, allowed = tuple(sources), None if only is None else tuple(only)
    first = _loaded(named, allowed)
    rules = tuple((str(id), prints["rules"]) for id, prints in first.fingerprints.items())
    return Served(sources=named, only=allowed, rules=rules)


def ready(served: Served) -> Ready:
    """The same in this process, kept. Raises MinshengError where rules or plugins have changed since the start."""
    found = _loaded(served.sources, served.only)
    if served.rules and served.rules != tuple((id, prints["rules"]) for id, prints in found.fingerprints.items()):
        raise MinshengError("the rules or plugins have changed since the service was started; start it again")
    return found


@cache
def _loaded(sources: tuple[str, ...], only: tuple[str, ...] | None) -> Ready:
    plugins = load_plugins(only=only)
    schemes: dict[str, Prepared] = {}
    found: dict[str, str] = {}
    for source in sources:
        prepared = prepare(load_scheme(source), plugins)
        if prepared.scheme.id in schemes:
            raise MinshengError(f"{source} and {found[prepared.scheme.id]} are both the scheme {prepared.scheme.id!r}: serve one of them")
        schemes[prepared.scheme.id], found[prepared.scheme.id] = prepared, source
    prints = {id: {name: fingerprints(one, Filed())[name] for name in ("rules", "plan")} for id, one in schemes.items()}
    return Ready(plugins=plugins, schemes=schemes, sources=found, fingerprints=prints)


@cache
def _scorer(source: str, sheet: str) -> Scorer:
    return load_scorer(source, sheet)
