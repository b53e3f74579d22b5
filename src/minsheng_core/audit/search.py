"""Looking for tables on which a promise is broken: a deterministic probe first, then hypothesis where it is installed; both made small."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from attrs import frozen

from .bodies import Choice, Dice, Ground, Pair, Watch, small

__all__ = ["Draw", "Found", "search", "seen"]

T = TypeVar("T")
Draw = Callable[[Ground, Choice], Pair | None]


@frozen
class Found:
    """What a search came to: a *pair*, or None after so many *tried*; *by* the engine."""

    pair: Pair | None
    tried: int
    by: str


def seen(ground: Ground, pair: Pair, watch: Watch) -> bool:
    """Whether the pair is sound and *watch* sees what it looks for, by running the plan."""
    if not ground.sound(pair.a) or (pair.b is not pair.a and not ground.sound(pair.b)):
        return False
    a = ground.played(pair.a, pair.keys)
    return watch(pair, a, a if pair.b is pair.a else ground.played(pair.b, pair.keys))


def search(ground: Ground, key: str, draw: Draw, watch: Watch, *, budget: int, sampling: int = 0) -> Found:
    """A pair that *watch* sees among *budget* that *draw* makes, seeded by *key*, then among *sampling* of hypothesis."""
    dice, tried = Dice(key), 0
    for _ in range(budget):
        pair = draw(ground, dice)
        if pair is None:
            continue
        tried += 1
        if seen(ground, pair, watch):
            return Found(small(ground, pair, lambda one: seen(ground, one, watch)), tried, "probe")
    if not sampling:
        return Found(None, tried, "probe")
    pair, more = _sampled(ground, draw, watch, sampling)
    if pair is not None:
        pair = small(ground, pair, lambda one: seen(ground, one, watch))
    return Found(pair, tried + more, "sampling" if more else "probe")


def _sampled(ground: Ground, draw: Draw, watch: Watch, examples: int) -> tuple[Pair | None, int]:
    """The smallest pair that hypothesis finds, and how many it tried: none where it isn't installed."""
    try:
        from hypothesis import HealthCheck, Phase, Verbosity, find, settings
        from hypothesis import strategies as st
        from hypothesis.errors import NoSuchExample, Unsatisfiable
    except ImportError:
        return None, 0
    tried = 0

    @st.composite
    def pairs(drawn: st.DrawFn) -> Pair | None:
        return draw(ground, _Drawn(lambda low, high: drawn(st.integers(low, high))))

    def wanted(pair: Pair | None) -> bool:
        nonlocal tried
        tried += pair is not None
        return pair is not None and seen(ground, pair, watch)

    chosen = settings(
        max_examples=examples, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink), verbosity=Verbosity.quiet,
    )  # fmt: skip
    try:
        return find(pairs(), wanted, settings=chosen), tried
    except (NoSuchExample, Unsatisfiable):
        return None, tried


class _Drawn:
    """A `Choice` of hypothesis: it shrinks to the first of a list and to the low end of a range."""

    def __init__(self, integer: Callable[[int, int], int]) -> None:
        self.between = integer

    def one(self, of: Sequence[T]) -> T:
        """One of them."""
        return of[self.between(0, len(of) - 1)]
