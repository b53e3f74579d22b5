"""The explanation tree: from marks down to the line of a clerk's file and the clause of the paper."""

from collections.abc import Iterator

from attrs import frozen

from .finding import Place
from .quantity import Quantity

__all__ = ["Step", "Value"]

Value = Quantity | bool | str | None  # None: missing or undetermined, and *how* says why


@frozen(kw_only=True)
class Step:
    """One step of a reckoning: what it gave, how, from what, and by which rule.

    *label* names it (Chinese, for readers); *how* is the formula or the reason in words; *place* is where
    the figure or the rule stands; *clause* is a clause id of the scheme, or ``"assumption"``.
    """

    label: str
    value: Value = None
    how: str = ""
    place: Place | None = None
    clause: str = ""
    parts: tuple["Step", ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, "Step"]]:
        """This step and all below it, each with its depth, in reading order."""
        yield depth, self
        for part in self.parts:
            yield from part.walk(depth + 1)
