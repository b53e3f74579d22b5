"""What a scheme says of the indicator and its sections (断面), read from its options and checked."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, Literal, TypeVar

from attrs import field, frozen

from minsheng_core import Case, Place, read_quantity

from .basin import HEAVY
from .section import GOOD
from .standard import CORE, ITEMS, Water, read_class

__all__ = ["Plan", "Policy", "Site", "read_plan"]

Policy = Literal["undetermined", "exclude", "fail"]
T = TypeVar("T")


@frozen(kw_only=True)
class Site:
    """One section of the scheme. *names* are all it goes by; *target* is its own class, 0 for Ⅰ … 4 for Ⅴ."""

    name: str
    names: frozenset[str]
    water: Water = "river"
    river: str = ""
    target: int = GOOD
    x_items: tuple[str, ...] = ()
    evaluated: bool = True

    @property
    def required(self) -> tuple[str, ...]:
        """The items without which the section can't be classed: 5+X."""
        return tuple(dict.fromkeys((*CORE, *self.x_items)))


@frozen(kw_only=True)
class Plan:
    """The indicator's options: the *sites*, how months are taken, what an unclassed section does to the rate.

    *policy*: ``undetermined`` leaves the rate open, ``exclude`` takes the section out of the denominator, ``fail`` counts
    it as not good. *problems* are options that could not be read, each with its place in the rules.
    """

    sites: tuple[Site, ...]
    monthly: bool
    policy: Policy
    heavy: Fraction
    problems: tuple[tuple[str, Place | None], ...]
    _named: Mapping[str, Site] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Index the names once; where two sections share one, the earlier has it."""
        object.__setattr__(self, "_named", {name: site for site in reversed(self.sites) for name in site.names})

    def site(self, text: str) -> Site | None:
        """The section that *text* names exactly, or by alias; None where there is none."""
        return self._named.get(_plain(text))

    def suggest(self, text: str) -> str:
        """The section whose name looks most like *text*, for a person to decide; empty where none does."""
        close = get_close_matches(_plain(text), [name for site in self.sites for name in sorted(site.names)], n=1)
        found = self.site(close[0]) if close else None
        return found.name if found else ""


def read_plan(case: Case) -> Plan:
    """The options of a case's indicator; what can't be read takes its default and is among the *problems*."""
    problems: list[tuple[str, Place | None]] = []
    indicator = case.indicator
    options, here = indicator.options, indicator.place
    sites = []
    for subject in indicator.subjects:
        get = _Options(subject.options, f"断面“{subject.name}”", subject.place, problems)
        sites.append(
            Site(
                name=subject.name,
                names=frozenset(_plain(name) for name in (subject.name, subject.printed, *subject.aliases) if name),
                water=get("water", _water, "river"),
                river=str(subject.options.get("river", "")),
                target=get("target_class", lambda value: read_class(str(value)), GOOD),
                x_items=get("x_items", _x_items, ()),
                evaluated=get("evaluated", _truth, True),
            )
        )
    whole = _Options(options, "指标", here, problems)
    return Plan(
        sites=tuple(sites),
        monthly=whole("period", _monthly, False),
        policy=whole("missing_policy", _policy, "undetermined"),
        heavy=whole("heavy_threshold", _heavy, HEAVY),
        problems=tuple(problems),
    )


class _Options:
    """Reads one option after another; what is wrong goes to *problems*."""

    def __init__(self, options: Mapping[str, Any], who: str, place: Place | None, problems: list[tuple[str, Place | None]]) -> None:
        self.options, self.who, self.place, self.problems = options, who, place, problems

    def __call__(self, name: str, read: Callable[[object], T], default: T) -> T:
        if name not in self.options:
            return default
        value = self.options[name]
        try:
            return read(value)
        except ValueError as error:
            self.problems.append((f"方案中{self.who}的 {name} = {value!r} 不能识别：{error}", self.place))
            return default


def _water(value: object) -> Water:
    waters: Mapping[str, Water] = {"river": "river", "lake": "lake"}
    return _one_of(value, waters)


def _monthly(value: object) -> bool:
    return _one_of(value, {"cumulative": False, "month": True})


def _policy(value: object) -> Policy:
    policies: Mapping[str, Policy] = {"undetermined": "undetermined", "exclude": "exclude", "fail": "fail"}
    return _one_of(value, policies)


def _one_of(value: object, known: Mapping[str, T]) -> T:
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"应为 {'、'.join(known)} 之一")
    return known[value]


def _heavy(value: object) -> Fraction:
    share = read_quantity(str(value)).base
    if share not in (HEAVY, Fraction(3, 5)):
        raise ValueError("应为 75% 或 60%")
    return share


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("应为 true 或 false")
    return value


def _x_items(value: object) -> tuple[str, ...]:
    names: Sequence[object] = value if isinstance(value, list | tuple) else [value]
    unknown = [str(name) for name in names if not isinstance(name, str) or name not in ITEMS]
    if unknown:
        raise ValueError(f"没有项目 {'、'.join(unknown)}，应为 {'、'.join(ITEMS)} 之一")
    return tuple(str(name) for name in names)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())
