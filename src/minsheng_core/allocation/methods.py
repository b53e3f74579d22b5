"""Ways to split a whole number of units over bodies: exact, within floors and caps, ties by a declared rule.

All start from the price λ at which the bounded shares λ·weight sum to the total; they differ in how they round.
No method can have every virtue (Balinski & Young, Fair Representation, 1982): `guarantees` says which it has.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor, lcm
from typing import Literal

from attrs import evolve, frozen

from ..errors import AllocationError, QuantityError
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

    def tied(self, total: int, claims: Sequence[Claim]) -> tuple[str, ...]:
        """The bodies with the same claim to the last units, of which the tie rule served only some; empty where there are none.

        Raises AllocationError as `allocate` does.
        """
        try:
            evolve(self, tie="error").allocate(total, claims)
        except _TieError as error:
            return error.bodies
        return ()

    def _by_remainder(self, total: int, claims: Sequence[Claim], quotas: Sequence[Fraction]) -> list[int]:
        units = [floor(quota) for quota in quotas]
        merits = {i: quota - units[i] for i, quota in enumerate(quotas)}
        for i in self._served(claims, merits, total - sum(units)):
            units[i] += 1
        return units

    def _by_average(self, total: int, claims: Sequence[Claim], quotas: Sequence[Fraction], part: Fraction) -> list[int]:
        """Units by highest average: near enough at price λ, then a unit at a time (at most one for each body), then the ties."""
        low = [claim.floor for claim in claims]
        high = [(total if claim.cap is None else claim.cap) if claim.weight else claim.floor for claim in claims]
        units = [min(max(floor(quota - part) + 1, low[i]), high[i]) for i, quota in enumerate(quotas)]

        def last(i: int) -> Fraction:  # the average at which the last unit was given
            return Fraction(claims[i].weight) / (units[i] - 1 + part)

        def following(i: int) -> Fraction:
            return Fraction(claims[i].weight) / (units[i] + part)

        def removable() -> list[int]:
            return [i for i in range(len(claims)) if units[i] > low[i]]

        def open_() -> list[int]:
            return [i for i in range(len(claims)) if units[i] < high[i]]

        while sum(units) > total:
            units[min(removable(), key=last)] -= 1
        while sum(units) < total:
            units[max(open_(), key=following)] += 1
        # Above, equals were served in any order. Those at the price of the last unit are now served by the tie rule.
        price = min((last(i) for i in removable()), default=None)
        if price is not None:
            given = [i for i in removable() if last(i) == price]
            waiting = [i for i in open_() if following(i) == price]
            for i in given:
                units[i] -= 1
            for i in self._served(claims, dict.fromkeys(given + waiting, price), len(given)):
                units[i] += 1
        return units

    def _served(self, claims: Sequence[Claim], merits: Mapping[int, Fraction], wanted: int) -> list[int]:
        """The *wanted* indexes of highest merit, ties by the declared rule."""

        def key(i: int) -> tuple[Fraction, Fraction, int]:
            return (-merits[i], -Fraction(claims[i].weight) if self.tie == "weight" else Fraction(0), i)

        order = sorted(merits, key=key)
        if self.tie == "error" and 0 < wanted < len(order) and merits[order[wanted - 1]] == merits[order[wanted]]:
            raise _TieError(tuple(claims[i].body for i in order if merits[i] == merits[order[wanted]]))
        return order[:wanted]


class _TieError(AllocationError):
    """A tie that the rule ``error`` refuses to break, with the *bodies* in it."""

    def __init__(self, bodies: tuple[str, ...]) -> None:
        super().__init__(f"{', '.join(bodies)} have the same claim to the last unit, and the tie rule is 'error'")
        self.bodies = bodies


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
    scale = lcm(*(claim.weight.denominator for claim in claims))
    weights = [int(claim.weight * scale) for claim in claims]  # whole, so that λ is a fraction and all else is not
    parts = [(weight, claim.floor, claim.cap) for weight, claim in zip(weights, claims, strict=True)]

    def at(price: Fraction) -> list[int]:
        """The shares, in parts of the price's denominator."""
        over, under = price.numerator, price.denominator
        shares = [(max(over * weight, low * under), high) for weight, low, high in parts]
        return [share if high is None else min(share, high * under) for share, high in shares]

    def whole(price: Fraction) -> Fraction:
        return Fraction(sum(at(price)), price.denominator)

    bends = sorted({Fraction(bound, weight) for weight, low, high in parts if weight for bound in (low, high) if bound is not None})
    # The sum never falls with the price: look for the first bend above the total.
    over = bisect_right(bends, Fraction(total), key=whole)
    below = bends[over - 1] if over else Fraction(0)
    above = bends[over] if over < len(bends) else None
    start = whole(below)
    probe = above if above is not None else below + 1
    slope = (whole(probe) - start) / (probe - below)  # the sum is a straight line between two bends
    price = below + (total - start) / slope if slope else below
    return [Fraction(share, price.denominator) for share in at(price)]


_REMAINDER = Method(
    name="largest_remainder",
    title="最大余数法（按权重）",
    guarantees="keeps quota: each gets its share rounded down or up; not house monotone",
)
METHODS = (
    _REMAINDER,
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
    # Not methods of their own: names for where the weights come from, so that a result says it.
    evolve(_REMAINDER, name="weighted", title="按权重分配（最大余数法）"),
    evolve(_REMAINDER, name="last_year", title="按上年数分配（以上年数为权重，最大余数法）"),
)


@frozen(kw_only=True)
class Split:
    """A target split over bodies. *shares* and *rest* sum to *total* exactly; *rest* is what could not be given out.

    *ties* are the bodies between which only the tie rule decided who gets the last units.
    """

    total: Quantity
    shares: tuple[tuple[str, Quantity], ...]
    rest: Quantity
    step: int
    method: str
    ties: tuple[str, ...] = ()


def allocate(total: Quantity, claims: Sequence[Claim], method: Allocation = METHODS[0], step: int | Quantity = 1) -> Split:
    """*total* split in whole multiples of *step*: of its own unit, or of the step's where that is a Quantity (``100人``).

    Floors and caps of the claims are in the unit of the split; a floor is raised and a cap lowered to a multiple of
    *step*. Last year's figures as weights share by last year. Raises AllocationError.
    """
    if isinstance(step, Quantity):
        try:
            total = total.to(step.unit)
        except QuantityError as error:
            raise AllocationError(f"a step of {step} does not fit a total of {total}: {error}") from None
        if step.value.denominator != 1:
            raise AllocationError(f"a step is a whole number of its unit, got {step}")
        step = int(step.value)
    if step < 1:
        raise AllocationError(f"a step is at least 1, got {step}")
    if total.value < 0:
        raise AllocationError(f"a total to split is not negative, got {total}")
    scaled = [_in_steps(claim, step) for claim in claims]
    count = floor(total.value / step)
    units = method.allocate(count, scaled)
    shares = tuple((body, Quantity(Fraction(units[body] * step), total.unit)) for body in units)
    rest = total.value - sum((share.value for _, share in shares), Fraction(0))
    ties = method.tied(count, scaled) if isinstance(method, Method) else ()
    return Split(total=total, shares=shares, rest=Quantity(rest, total.unit), step=step, method=method.name, ties=ties)


def _in_steps(claim: Claim, step: int) -> Claim:
    low, high = -(-claim.floor // step), None if claim.cap is None else claim.cap // step
    if high is not None and claim.cap is not None and claim.floor <= claim.cap and high < low:
        raise AllocationError(f"{claim.body}: no multiple of the step {step} lies between floor {claim.floor} and cap {claim.cap}")
    return evolve(claim, floor=low, cap=high)
