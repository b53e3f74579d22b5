"""Checks, and how one is held: on round numbers first, then on what hypothesis draws where it is installed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal

from attrs import frozen

__all__ = ["Check", "Outcome", "Suite", "can_sample", "hold", "ran"]

INSTALL = 'pip install "minsheng-core[test]"'


def _always(_: Any) -> str:
    return ""


@frozen(kw_only=True)
class Check:
    """One thing that is promised, by a stable *name* and a sentence in Chinese and English.

    *of_thing* says what is wrong with the plugin's object, *of_case* what is wrong in one case, in words, or nothing.
    *unasked* says why the check is not asked of an object that does not have what it is about.
    """

    name: str
    chinese: str
    english: str
    of_thing: Callable[[Any], str] | None = None
    of_case: Callable[[Any, Any], str] | None = None
    unasked: Callable[[Any], str] = _always


@frozen(kw_only=True)
class Suite:
    """The *checks* of one protocol, and the cases they are held on: *grid* is fixed, *samples* is a hypothesis strategy,
    *show* says a case in words."""

    title: str
    checks: tuple[Check, ...]
    grid: Callable[[Any], Iterable[Any]]
    samples: Callable[[Any], Any]
    show: Callable[[Any, Any], str]


@frozen(kw_only=True)
class Outcome:
    """What came of a check: ``held``, ``broken`` (*why*, and the smallest *example* found, in words) or ``not asked`` (*why*).

    *tried* cases were fixed; *sampled* says whether hypothesis then drew more.
    """

    check: Check
    state: Literal["held", "broken", "not asked"]
    why: str = ""
    example: str = ""
    tried: int = 0
    sampled: bool = False

    def __str__(self) -> str:
        words = f"{self.check.name}: {self.state}"
        if self.state == "broken":
            shown = f"\n  例: {self.example}" if self.example else ""
            return f"{words}\n  {self.check.chinese}\n  {self.check.english}\n  {self.why}{shown}"
        return f"{words} ({self.why})" if self.why else words


def can_sample() -> bool:
    """Whether hypothesis is installed."""
    from importlib.util import find_spec

    return find_spec("hypothesis") is not None


def hold(suite: Suite, check: Check, under: Any, examples: int = 50) -> Outcome:
    """The check held against *under*, the plugin's object with what its author says of it; *examples* are drawn after the grid."""
    if reason := check.unasked(under):
        return Outcome(check=check, state="not asked", why=reason)
    if check.of_thing is not None and (why := check.of_thing(under)):
        return Outcome(check=check, state="broken", why=why)
    if check.of_case is None:
        return Outcome(check=check, state="held")
    of_case, tried = check.of_case, 0
    for case in suite.grid(under):
        tried += 1
        if why := of_case(under, case):
            return Outcome(check=check, state="broken", why=why, example=suite.show(under, case), tried=tried)
    if not examples or not can_sample():
        return Outcome(check=check, state="held", tried=tried)
    for case, why in _drawn(suite.samples(under), lambda case: of_case(under, case), examples):
        return Outcome(check=check, state="broken", why=why, example=suite.show(under, case), tried=tried, sampled=True)
    return Outcome(check=check, state="held", tried=tried, sampled=True)


class _Found(Exception):
    """A case in which something is wrong: tells hypothesis to look for a smaller one."""


def _drawn(strategy: Any, wrong: Callable[[Any], str], examples: int) -> Iterator[tuple[Any, str]]:
    """The smallest case that hypothesis finds wrong, with what is wrong, if there is one. The same draws every time."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis.errors import Flaky

    last: list[tuple[Any, str]] = []

    @settings(
        max_examples=examples, database=None, derandomize=True, deadline=None, report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    @given(strategy)
    def probe(case: Any) -> None:
        if why := wrong(case):
            last[:] = [(case, why)]
            raise _Found(why)

    try:
        probe()
    except (_Found, Flaky):  # what fails once and not again was wrong once, and is still told
        yield last[0]


def ran(outcomes: Sequence[Outcome]) -> str:
    """The line that says how many of the checks ran, and how."""
    asked = [one for one in outcomes if one.state != "not asked"]
    rest = f", {len(outcomes) - len(asked)} not asked" if len(asked) < len(outcomes) else ""
    return f"{len(asked)} of {len(asked)} checks ran{rest}"
