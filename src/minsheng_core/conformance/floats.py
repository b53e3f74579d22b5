"""Where floats hide: in what a plugin gives back, and on the way there."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction

__all__ = ["floats_in", "watched"]


def floats_in(thing: object, where: str) -> Iterator[str]:
    """The places of floats (and Decimals, which round) inside a result: in quantities, steps, mappings, sequences."""
    if isinstance(thing, float | complex | Decimal):
        yield f"{where} is {thing!r}"
    elif isinstance(thing, Mapping):
        for key, value in thing.items():
            yield from floats_in(value, f"{where}[{key!r}]")
    elif isinstance(thing, Sequence | AbstractSet) and not isinstance(thing, str | bytes):
        for index, value in enumerate(thing):
            yield from floats_in(value, f"{where}[{index}]")
    elif not isinstance(thing, type):
        for one in getattr(thing, "__attrs_attrs__", ()):
            yield from floats_in(getattr(thing, one.name), f"{where}.{one.name}")


@contextmanager
def watched() -> Iterator[list[str]]:
    """While it lasts, a Fraction that is turned into a float, or held against one, is written into the list that this gives.

    That is every way from an exact figure to a float but ``a.numerator / b.numerator``; not for several threads at once.
    """
    seen: list[str] = []
    turned, compared = Fraction.__float__, Fraction.__dict__["from_float"]

    def turn(self: Fraction) -> float:
        seen.append(f"{self} was turned into a float")
        return turned(self)

    def compare(cls: type[Fraction], number: float) -> Fraction:
        if isinstance(number, float):
            seen.append(f"a figure was held against the float {number!r}")
        return compared.__func__(cls, number)  # type: ignore[no-any-return] # the method that was there before

    Fraction.__float__ = turn  # type: ignore[method-assign, assignment] # put back below
    Fraction.from_float = classmethod(compare)  # type: ignore[method-assign, assignment] # likewise
    try:
        yield seen
    finally:
        del Fraction.__float__
        Fraction.from_float = compared  # type: ignore[method-assign] # as it was
