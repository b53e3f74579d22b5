"""What an allocation promises: each check gives in words what is wrong, or nothing. A case is a total and its claims."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

from attrs import evolve, frozen

from ..errors import AllocationError
from ..protocols import Allocation, Claim
from .suite import Check, Suite

__all__ = ["ALLOCATIONS", "SplitUnderTest"]

BIG = 10**20


@frozen(kw_only=True)
class SplitUnderTest:
    """An allocation, and whether it says that it keeps quota: each gets its exact share rounded down or up."""

    allocation: Allocation
    quota: bool = False


@frozen(kw_only=True)
class Asked:
    """A total to split and the claims on it; at least one has a positive weight, and the floors fit."""

    total: int
    claims: tuple[Claim, ...]


def claims_of(*weights: int | Fraction, **more: Any) -> tuple[Claim, ...]:
    return tuple(Claim(body=chr(ord("a") + index), weight=weight, **more) for index, weight in enumerate(weights))


def grid(_: SplitUnderTest) -> Iterator[Asked]:
    third = Fraction(1, 3)
    tables: tuple[tuple[int | Fraction, ...], ...] = (
        (1,), (1, 1), (1, 1, 1), (0, 1), (3, 0, 2), (1, 4, 7, 14, 44), (29, 21), (third, third, third), (1, 10**9), (10**15, 10**15 + 1), (6, 6, 2),
    )  # fmt: skip
    for weights in tables:
        for total in (0, 1, 2, 3, 10, 29, 50, 100, 757_431, 10**12):
            yield Asked(total=total, claims=claims_of(*weights))
    for total in (6, 7, 10, 100):
        yield Asked(total=total, claims=claims_of(1, 1, 4, floor=2))
        yield Asked(total=total, claims=claims_of(5, 3, 1, cap=4))
        first, *rest = claims_of(1, 2, 3)
        yield Asked(total=total, claims=(evolve(first, floor=3, cap=3), *rest))
        yield Asked(total=total, claims=(evolve(first, weight=0, floor=1), *rest))


def samples(_: SplitUnderTest) -> Any:
    from hypothesis import strategies as st

    whole = st.integers(0, 50)
    weights = st.integers(0, 100) | st.fractions(0, 10, max_denominator=12) | st.integers(0, 10**15)

    def asked(total: int, several: list[tuple[int | Fraction, int, int | None]]) -> Asked:
        claims = tuple(
            Claim(body=f"b{index}", weight=weight, floor=floor, cap=None if room is None else floor + room)
            for index, (weight, floor, room) in enumerate(several)
        )
        return Asked(total=total + sum(claim.floor for claim in claims), claims=claims)

    one = st.tuples(weights, st.just(0) | whole, st.none() | whole)
    several = st.lists(one, min_size=1, max_size=7).filter(lambda rows: any(weight > 0 for weight, _, _ in rows))
    return st.builds(asked, st.integers(0, 1000) | st.integers(0, 10**12), several)


def show(_: SplitUnderTest, asked: Asked) -> str:
    claims = ", ".join(
        f"{claim.body} {claim.weight}" + (f" [{claim.floor}, {'…' if claim.cap is None else claim.cap}]" if claim.floor or claim.cap is not None else "")
        for claim in asked.claims
    )  # fmt: skip
    return f"{asked.total} over {claims}"


def _split(under: SplitUnderTest, asked: Asked) -> Mapping[str, int] | None:
    """What the allocation gives; None where it raises or gives no whole numbers, which is the business of other checks."""
    try:
        given = under.allocation.allocate(asked.total, asked.claims)
    except Exception:  # noqa: BLE001 - a plugin may raise anything
        return None
    sound = set(given) == {claim.body for claim in asked.claims} and all(type(units) is int for units in given.values())
    return given if sound else None


def never_crashes(under: SplitUnderTest, asked: Asked) -> str:
    try:
        under.allocation.allocate(asked.total, asked.claims)
    except Exception as error:  # noqa: BLE001 - what is raised is what is told
        return f"allocate raised {type(error).__name__}: {error}"
    return ""


def whole_units_in_order(under: SplitUnderTest, asked: Asked) -> str:
    try:
        given = under.allocation.allocate(asked.total, asked.claims)
    except Exception:  # noqa: BLE001 - the check above is about it
        return ""
    if list(given) != [claim.body for claim in asked.claims]:
        return f"gave units to {', '.join(given)}, claims are of {', '.join(claim.body for claim in asked.claims)}"
    inexact = [f"{body} {units!r}" for body, units in given.items() if type(units) is not int]
    return f"units are whole numbers (int), got {inexact[0]}" if inexact else ""


def total_is_conserved(under: SplitUnderTest, asked: Asked) -> str:
    given = _split(under, asked)
    if given is None:
        return ""
    rooms = [claim.cap if claim.weight else claim.floor for claim in asked.claims]
    most = asked.total if None in rooms else min(asked.total, sum(room for room in rooms if room is not None))
    total = sum(given.values())
    return "" if most <= total <= asked.total else f"gave out {total} of {asked.total}, the caps allow {most}"


def bounds_are_kept(under: SplitUnderTest, asked: Asked) -> str:
    given = _split(under, asked) or {}
    for claim in asked.claims:
        units = given.get(claim.body, claim.floor)
        if units < claim.floor or (claim.cap is not None and units > claim.cap):
            return f"{claim.body} got {units}, its bounds are {claim.floor} and {claim.cap}"
    return ""


def order_decides_ties_only(under: SplitUnderTest, asked: Asked) -> str:
    here, turned = _split(under, asked), _split(under, evolve(asked, claims=asked.claims[::-1]))
    if here is None or turned is None:
        return ""
    moved = [body for body, units in here.items() if abs(units - turned[body]) > 1]
    return f"the claims the other way round move {moved[0]} from {here[moved[0]]} to {turned[moved[0]]}" if moved else ""


def more_weight_never_gets_less(under: SplitUnderTest, asked: Asked) -> str:
    given = _split(under, asked)
    for one, other in combinations(asked.claims, 2) if given else ():
        low, high = sorted((one, other), key=lambda claim: claim.weight)
        if (low.floor, low.cap) == (high.floor, high.cap) and given and given[low.body] - given[high.body] > (low.weight == high.weight):
            return f"{low.body} with weight {low.weight} got {given[low.body]}, {high.body} with {high.weight} got {given[high.body]}"
    return ""


def only_proportions_count(under: SplitUnderTest, asked: Asked) -> str:
    here = _split(under, asked)
    for factor in (BIG, Fraction(1, 7)):
        scaled = tuple(evolve(claim, weight=claim.weight * factor) for claim in asked.claims)
        there = _split(under, evolve(asked, claims=scaled))
        if here is not None and there != here:
            return f"all weights times {factor} give {there}, not {here}"
    return ""


def quota_is_kept(under: SplitUnderTest, asked: Asked) -> str:
    given, weights = _split(under, asked), sum(claim.weight for claim in asked.claims)
    if given is None or any(claim.floor or claim.cap is not None for claim in asked.claims):
        return ""
    for claim in asked.claims:
        quota = Fraction(asked.total * claim.weight) / weights
        if abs(given[claim.body] - quota) >= 1:
            return f"{claim.body} got {given[claim.body]}, its exact share is {quota}"
    return ""


def what_cannot_be_split_is_refused(under: SplitUnderTest) -> str:
    half = 1 / Fraction(2)
    wrong: Sequence[tuple[str, int, tuple[Claim, ...]]] = (
        ("floors above the total", 3, claims_of(1, 1, floor=2)),
        ("no positive weight", 3, claims_of(0, 0)),
        ("a negative weight", 3, claims_of(1, -1)),
        ("a float as weight", 3, claims_of(1, half.__float__())),  # type: ignore[arg-type] # on purpose
    )
    for words, total, claims in wrong:
        try:
            given = under.allocation.allocate(total, claims)
        except AllocationError:
            continue
        except Exception as error:  # noqa: BLE001 - another exception is what is told
            return f"{words}: AllocationError is wanted, got {type(error).__name__}: {error}"
        return f"{words}: AllocationError is wanted, got {dict(given)}"
    return ""


def same_claims_same_units(under: SplitUnderTest, asked: Asked) -> str:
    claims = list(asked.claims)
    first, again = _split(under, asked), _split(under, Asked(total=asked.total, claims=tuple(claims)))
    return "" if first == again and tuple(claims) == asked.claims else f"first {first}, then {again}"


def _says_quota(under: SplitUnderTest) -> str:
    return "" if under.quota else "it doesn't say that it keeps quota"


def has_a_name(under: SplitUnderTest) -> str:
    return "" if under.allocation.name and under.allocation.title else "name and title are not empty"


_CHECKS = (
    Check(name="has_a_name", of_thing=has_a_name, chinese="有代号和名称", english="it has a name and a title"),
    Check(name="never_crashes", of_case=never_crashes, chinese="能分的都分得出来", english="what can be split is split"),
    Check(
        name="whole_units_in_order", of_case=whole_units_in_order,
        chinese="按申报次序，给每家一个整数", english="each claim gets a whole number, in the order of claims",
    ),
    Check(
        name="total_is_conserved", of_case=total_is_conserved,
        chinese="合计等于总数，或上限所能容纳的", english="the parts sum to the total, or to what the caps allow",
    ),
    Check(name="bounds_are_kept", of_case=bounds_are_kept, chinese="不低于下限，不高于上限", english="floors and caps are kept"),
    Check(
        name="order_decides_ties_only", of_case=order_decides_ties_only,
        chinese="次序只在持平时起作用，至多差一", english="the order of claims decides ties only, over a unit at most",
    ),
    Check(
        name="more_weight_never_gets_less", of_case=more_weight_never_gets_less,
        chinese="权重大的不少得", english="a larger weight never gets less",
    ),
    Check(
        name="only_proportions_count", of_case=only_proportions_count,
        chinese="权重同乘一个数，结果不变", english="all weights times one factor give the same: nothing is rounded on the way",
    ),
    Check(
        name="quota_is_kept", of_case=quota_is_kept, unasked=_says_quota,
        chinese="与应得份额相差不到一", english="each is within a unit of its exact share",
    ),
    Check(
        name="what_cannot_be_split_is_refused", of_thing=what_cannot_be_split_is_refused,
        chinese="分不了的要拒绝", english="what can't be split is refused with AllocationError",
    ),
    Check(
        name="same_claims_same_units", of_case=same_claims_same_units,
        chinese="同样的申报，结果一样", english="the same claims give the same units",
    ),
)  # fmt: skip
ALLOCATIONS = Suite(title="allocation", checks=_CHECKS, grid=grid, samples=samples, show=show)
