"""The hooks of a plugin, and how plugins are found: by entry point, in name order, into a fresh manager."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pluggy
from attrs import evolve, field, frozen

from .allocation.methods import METHODS
from .errors import MinshengError, PluginError
from .protocols import Allocation, Assessment, Indicator
from .scheme import model
from .scheme.load import load_rules

__all__ = ["API_VERSION", "NAMESPACE", "Hooks", "PluginInfo", "Plugins", "hookimpl", "load_plugins"]

NAMESPACE: Final = "minsheng_core"
API_VERSION: Final = (1, 0)  # a plugin says MINSHENG_API = (1, 0): the same major, the minor not above ours

hookspec = pluggy.HookspecMarker(NAMESPACE)
hookimpl = pluggy.HookimplMarker(NAMESPACE)


class Hooks:
    """What a plugin module may implement. Every hook returns data, and is asked once, when the plugin is loaded."""

    @hookspec
    def minsheng_indicators(self) -> Sequence[Indicator]:  # type: ignore[empty-body] # a specification is never called
        """The kinds of indicator that the plugin measures."""

    @hookspec
    def minsheng_allocations(self) -> Sequence[Allocation]:  # type: ignore[empty-body]
        """Further ways to split a target."""

    @hookspec
    def minsheng_assessments(self) -> Sequence[Assessment]:  # type: ignore[empty-body]
        """Further ways to turn a measurement into marks, where a formula doesn't serve."""

    @hookspec
    def minsheng_rules(self) -> Sequence[Path]:  # type: ignore[empty-body]
        """The plugin's rule files: TOML with ``[[document]]``, ``[[clause]]`` and ``[[method]]`` tables."""


@frozen(kw_only=True)
class PluginInfo:
    """What is known of one plugin. *state* is ``active``, ``failed``, ``incompatible`` or ``blocked``; *reason* says why."""

    name: str
    distribution: str = ""
    version: str = ""
    api: tuple[int, int] | None = None
    hooks: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    kinds: tuple[str, ...] = ()
    gives: frozenset[str] = frozenset()  # the ids of its documents, clauses, methods and assessments
    state: str = "active"
    reason: str = ""


@frozen(kw_only=True)
class Plugins:
    """Everything the active plugins gave, by kind, name and id; *infos* tells of all, active or not."""

    infos: tuple[PluginInfo, ...] = ()
    indicators: Mapping[str, Indicator] = field(factory=dict)
    allocations: Mapping[str, Allocation] = field(factory=dict)
    assessments: Mapping[str, Assessment] = field(factory=dict)
    rules: model.Scheme = field(factory=lambda: model.Scheme(id="", title="", year=0, document=""))

    def indicator(self, kind: str) -> Indicator:
        """The indicator kind of that name. Raises PluginError that tells the state of every plugin."""
        if kind in self.indicators:
            return self.indicators[kind]
        states = "; ".join(f"{info.name}: {info.state}{f' ({info.reason})' if info.reason else ''}" for info in self.infos)
        raise PluginError(
            f"no active plugin measures {kind!r}; plugins found: {states or 'none'}. Install minsheng-{kind.partition('.')[0]}, or see `minsheng plugins`"
        )

    def for_scheme(self, scheme: model.Scheme) -> "Plugins":
        """These without the active ones that *scheme* doesn't rest on, by a kind of indicator or a method: a plugin that is
        installed for something else changes nothing, not even a fingerprint, and a mistake in its rules is nobody's but its own."""
        used = {item.method for sheet in scheme.sheets for item in sheet.items}
        used |= {one.kind for one in scheme.indicators} | {one.kind for one in scheme.methods} | {one.id for one in scheme.kinds}
        idle = [info for info in self.infos if info.state == "active" and not used & {*info.kinds, *info.gives}]
        kinds = {kind for info in idle for kind in info.kinds}
        ids = {id for info in idle for id in info.gives}
        rules = evolve(
            self.rules,
            documents=tuple(one for one in self.rules.documents if one.id not in ids),
            clauses=tuple(one for one in self.rules.clauses if one.id not in ids),
            methods=tuple(one for one in self.rules.methods if one.id not in ids),
        )
        return evolve(
            self, infos=tuple(one for one in self.infos if one not in idle), rules=rules,
            indicators={kind: one for kind, one in self.indicators.items() if kind not in kinds},
            assessments={id: one for id, one in self.assessments.items() if id not in ids},
        )  # fmt: skip


def load_plugins(*, only: Iterable[str] | None = None, extra: Mapping[str, object] | None = None) -> Plugins:
    """The installed plugins, asked for everything they give; *only* names those allowed, the others are ``blocked``.

    *extra* are further plugin objects by name, for tests and embedding. A plugin that can't be imported, breaks a
    hook or speaks another API is reported in ``infos`` and leaves the others as they are.
    """
    allowed = None if only is None else set(only)
    found = Plugins(allocations={method.name: method for method in METHODS})
    for name, origin, load in sorted(_candidates(extra or {}), key=lambda candidate: candidate[0]):
        info = PluginInfo(name=name, distribution=origin[0], version=origin[1])
        if allowed is not None and name not in allowed:
            found = _with(found, evolve(info, state="blocked", reason="not in the list of allowed plugins"))
            continue
        found = _add(found, info, load)
    for name in sorted((allowed or set()) - {info.name for info in found.infos}):
        found = _with(found, PluginInfo(name=name, state="failed", reason="not installed"))
    return found


def _candidates(extra: Mapping[str, object]) -> list[tuple[str, tuple[str, str], Callable[[], Any]]]:
    from importlib.metadata import entry_points  # slow in the standard library: paid at first use

    points = [
        (point.name, (point.dist.name, point.dist.version) if point.dist else ("", ""), point.load)
        for point in entry_points(group=NAMESPACE)
    ]
    return points + [(name, ("", ""), lambda plugin=plugin: plugin) for name, plugin in extra.items()]


def _with(found: Plugins, info: PluginInfo) -> Plugins:
    return evolve(found, infos=(*found.infos, info))


def _add(found: Plugins, info: PluginInfo, load: Callable[[], Any]) -> Plugins:
    """*found* with what this plugin gives, or with the reason why it gives nothing."""
    try:
        plugin = load()
        api = getattr(plugin, "MINSHENG_API", None)
        info = evolve(info, api=api)
        if not (isinstance(api, tuple) and len(api) == 2 and api[0] == API_VERSION[0] and api[1] <= API_VERSION[1]):
            reason = f"speaks API {api}, this core speaks {API_VERSION}" if api else "has no MINSHENG_API = (major, minor)"
            return _with(found, evolve(info, state="incompatible", reason=reason))
        manager = pluggy.PluginManager(NAMESPACE)
        manager.add_hookspecs(Hooks)
        manager.register(plugin, name=info.name)
        _known(manager)
        hooks = tuple(sorted(caller.name for caller in manager.get_hookcallers(plugin) or ()))
        given = {name: _asked(manager, name) for name in hooks}
        info = evolve(info, hooks=hooks, rules=tuple(given.get("minsheng_rules", ())))
        return _merge(found, info, given)
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is reported, and the others go on
        words = str(error) if isinstance(error, MinshengError) else f"{type(error).__name__}: {error}"
        return _with(found, evolve(info, state="failed", reason=words))


def _known(manager: pluggy.PluginManager) -> None:
    """Raises PluginError where the plugin has a hook that this core doesn't have: a misspelt one fails here, not never."""
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        known = ", ".join(name for name in vars(Hooks) if not name.startswith("_"))
        words = str(error).partition(" in plugin")[0]
        raise PluginError(
            f"{words}; this core (API {API_VERSION}) has {known}. A hook of a later core loads with @hookimpl(optionalhook=True)"
        ) from None


def _asked(manager: pluggy.PluginManager, name: str) -> list[Any]:
    """What the hook gives. An argument that a hook gains later is handed over here; a plugin whose hook doesn't take it isn't given it."""
    return [one for many in getattr(manager.hook, name)() for one in many]


def _merge(found: Plugins, info: PluginInfo, given: Mapping[str, list[Any]]) -> Plugins:
    """*found* with the plugin's gifts merged by key. Raises PluginError where a key is taken or a gift isn't what it should be."""
    indicators = _keyed(found.indicators, given.get("minsheng_indicators", []), Indicator, "kind")
    allocations = _keyed(found.allocations, given.get("minsheng_allocations", []), Allocation, "name")
    assessments = _keyed(found.assessments, given.get("minsheng_assessments", []), Assessment, "id")
    rules = load_rules(info.rules)
    taken = {method.id for method in found.rules.methods} & {method.id for method in rules.methods}
    if taken:
        raise PluginError(f"another plugin already gives the method {sorted(taken)[0]!r}")
    merged = evolve(
        found.rules,
        documents=found.rules.documents + rules.documents,
        clauses=found.rules.clauses + rules.clauses,
        methods=found.rules.methods + rules.methods,
    )
    kinds = tuple(indicator.kind for indicator in given.get("minsheng_indicators", []))
    gives = {one.id for one in (*rules.documents, *rules.clauses, *rules.methods, *given.get("minsheng_assessments", []))}
    found = evolve(found, indicators=indicators, allocations=allocations, assessments=assessments, rules=merged)
    return _with(found, evolve(info, kinds=kinds, gives=frozenset(gives)))


def _keyed(known: Mapping[str, Any], given: Sequence[Any], protocol: type[Any], key: str) -> dict[str, Any]:
    merged = dict(known)
    for one in given:
        if not isinstance(one, protocol):
            raise PluginError(f"{one!r} is not an {protocol.__name__}: it lacks {', '.join(sorted(_lacking(one, protocol)))}")
        if getattr(one, key) in merged:
            raise PluginError(f"another plugin already gives the {protocol.__name__.lower()} {getattr(one, key)!r}")
        merged[getattr(one, key)] = one
    return merged


def _lacking(one: object, protocol: type[Any]) -> set[str]:
    return {name for name in vars(protocol) if not name.startswith("_") and not hasattr(one, name)}
