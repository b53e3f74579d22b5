"""Ways to split a whole number of units over bodies: exact, within floors and caps, ties by a declared rule.

All start from the price λ at which the bounded shares λ·weight sum to the total; they differ in how they round.
No method can have every virtue (Balinski & Young, Fair Representation, 1982): `guarantees` says which it has.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Literal

from attrs import evolve, frozen

from ..errors import AllocationError
from ..protocols import Allocation, Claim
from ..quantity import Quantity

__all__ = ["METHODS", "Method", "Split", "allocate"]

Tie = Literal["order", "weight", "error"]


@frozen(kw_only=True)
class Method:
    """A way to split. Implements `Allocation`.

    *rounding* is ``remainder`` (largest remainder) or the divisor of the next unit after k units, as k plus that
    fraction: 1 for D'Hondt, 1/2 for Sainte-Laguë. *tie* is ``order`` (the earlier claim), ``weight`` (the larger
    weight, then the earlier claim) or ``error``. *even* ignores the weights.
    """

    name: str
    title: str
    guarantees: str
    rounding: Literal["remainder"] | Fraction = "remainder"
    tie: Tie = "order"
    even: bool = False

    def allocate(self, total: int, claims: Sequence[Claim]) -> Mapping[str, int]:
        """Units by body, in the order of *claims*. What the caps don't take is not given out.

        Raises AllocationError for negative or inexact weights, a body twice, floors above the total, or no weight at all.
        """
        claims = [evolve(claim, weight=1) for claim in claims] if self.even else list(claims)
        _check(total, claims)
        quotas = _quotas(total, claims)
        if sum(quotas) < total:  # every cap is reached: the rest can't be given out
            return {claim.body: int(quota) for claim, quota in zip(claims, quotas, strict=True)}
        if self.rounding == "remainder":
            units = self._by_remainder(total, claims, quotas)
        else:
            units = self._by_average(total, claims, quotas, self.rounding)
        return {claim.body: count for claim, count in zip(claims, units, strict=True)}

    def _by_remainder(self, total: int, claims: Sequence[Claim], quotas: Sequence[Fraction]) -> list[int]:
        units = [floor(quota) for quota in quotas]
        order = self._ordered(claims, lambda i: quotas[i] - units[i], total - sum(units))
        for i in order:
            units[i] += 1
        return units

    def _by_average(self, total: int, claims: Sequence[Claim], quotas: Sequence[Fraction], part: Fraction) -> list[int]:
        """From the units each has at price λ, a unit at a time: at most one for each body is too many or too few."""
        low = [claim.floor for claim in claims]
        high = [total if claim.cap is None else claim.cap for claim in claims]
        units = [min(max(floor(quota - part) + 1, low[i], 0), high[i]) for i, quota in enumerate(quotas)]
        while sum(units) > total:
            # the last unit that was dearest, that is at the lowest average, goes back
            back = [i for i in range(len(claims)) if units[i] > low[i]]
            units[max(back, key=lambda i: ((units[i] - 1 + part) / claims[i].weight if claims[i].weight else Fraction(10**30), i))] -= 1
        while sum(units) < total:
            merits = [
                claim.weight / (count + part) if count < top else Fraction(-1)
                for claim, count, top in zip(claims, units, high, strict=True)
            ]
            units[self._ordered(claims, lambda i, merits=merits: Fraction(merits[i]), 1)[0]] += 1  # type: ignore[misc]
        return units

    def _ordered(self, claims: Sequence[Claim], merit: Callable[[int], Fraction], wanted: int) -> list[int]:
        """The *wanted* indexes of highest merit, ties by the declared rule."""

        def key(i: int) -> tuple[Fraction, Fraction, int]:
            return (-merit(i), -Fraction(claims[i].weight) if self.tie == "weight" else Fraction(0), i)

        order = sorted(range(len(claims)), key=key)
        if self.tie == "error" and 0 < wanted < len(order) and merit(order[wanted - 1]) == merit(order[wanted]):
            tied = [claims[i].body for i in order if merit(i) == merit(order[wanted])]
            raise AllocationError(f"{', '.join(tied)} have the same claim to the last unit, and the tie rule is 'error'")
        return order[:wanted]


def _check(total: int, claims: Sequence[Claim]) -> None:
    seen: set[str] = set()
    for claim in claims:
        if not isinstance(claim.weight, int | Fraction):
            raise AllocationError(f"{claim.body}: a weight is an int or a Fraction, got {claim.weight!r}")
        if claim.weight < 0:
            raise AllocationError(f"{claim.body}: a weight is not negative, got {claim.weight}")
        if claim.floor < 0 or (claim.cap is not None and claim.cap < claim.floor):
            raise AllocationError(f"{claim.body}: floor {claim.floor} and cap {claim.cap} leave no room")
        if claim.body in seen:
            raise AllocationError(f"{claim.body} claims twice")
        seen.add(claim.body)
    if total < 0:
        raise AllocationError(f"a total to split is not negative, got {total}")
    if sum(claim.floor for claim in claims) > total:
        raise AllocationError(f"the floors sum to {sum(claim.floor for claim in claims)}, more than the total {total}")
    if not any(claim.weight > 0 for claim in claims):
        raise AllocationError("no claim has a positive weight")


def _quotas(total: int, claims: Sequence[Claim]) -> list[Fraction]:
    """clip(λ·weight, floor, cap), with the λ at which they sum to *total*; all at their caps where those sum to less."""

    def at(price: Fraction) -> list[Fraction]:
        shares = [max(price * claim.weight, Fraction(claim.floor)) for claim in claims]
        return [share if claim.cap is None else min(share, Fraction(claim.cap)) for share, claim in zip(shares, claims, strict=True)]

    bends = {
        Fraction(bound, 1) / claim.weight for claim in claims if claim.weight for bound in (claim.floor, claim.cap) if bound is not None
    }
    below, above = Fraction(0), None
    for bend in sorted(bends):
        if sum(at(bend)) <= total:
            below = bend
        else:
            above = bend
            break
    start = sum(at(below))
    probe = above if above is not None else below + 1
    slope = (sum(at(probe)) - start) / (probe - below)  # the sum is a straight line between two bends
    if slope == 0:
        return at(below)
    return at(below + (total - start) / slope)


METHODS = (
    Method(
        name="largest_remainder",
        title="最大余数法（按权重）",
        guarantees="keeps quota: each gets its share rounded down or up; not house monotone",
    ),
    Method(
        name="d_hondt",
        title="最高均数法（D'Hondt）",
        guarantees="house and population monotone; keeps lower quota; favours large bodies",
        rounding=Fraction(1),
    ),
    Method(
        name="sainte_lague",
        title="最高均数法（Sainte-Laguë）",
        guarantees="house and population monotone; unbiased by size; may leave quota",
        rounding=Fraction(1, 2),
    ),
    Method(name="equal", title="平均分配", guarantees="any two without bounds differ by at most one unit", even=True),
)


@frozen(kw_only=True)
class Split:
    """A target split over bodies. *shares* and *rest* sum to *total* exactly; *rest* is what could not be given out."""

    total: Quantity
    shares: tuple[tuple[str, Quantity], ...]
    rest: Quantity
    step: int
    method: str


def allocate(total: Quantity, claims: Sequence[Claim], method: Allocation = METHODS[0], step: int = 1) -> Split:
    """*total* split in whole multiples of *step* of its unit (people, schools, hundreds of people).

    Floors and caps of the claims are in the total's unit; a floor is raised and a cap lowered to a multiple of *step*.
    Last year's figures as weights share by last year. Raises AllocationError.
    """
    if step < 1:
        raise AllocationError(f"a step is at least 1, got {step}")
    if total.value < 0:
        raise AllocationError(f"a total to split is not negative, got {total}")
    scaled = [evolve(claim, floor=-(-claim.floor // step), cap=None if claim.cap is None else claim.cap // step) for claim in claims]
    units = method.allocate(floor(total.value / step), scaled)
    shares = tuple((body, Quantity(Fraction(count * step), total.unit)) for body, count in units.items())
    rest = total.value - sum((share.value for _, share in shares), Fraction(0))
    return Split(total=total, shares=shares, rest=Quantity(rest, total.unit), step=step, method=method.name)
