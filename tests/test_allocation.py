"""Splitting a target: by last year's figures first, then what every method keeps, with a peer as oracle, then refusals."""

from fractions import Fraction as F
from math import ceil, floor

import pytest
import votelib.evaluate.proportional as peer
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from minsheng_core import METHODS, AllocationError, Claim, allocate, load_scheme, read_quantity
from minsheng_core.protocols import Allocation

BY_NAME = {method.name: method for method in METHODS}
WEIGHED = [method for method in METHODS if not method.even]
shares = [share.value.value for share in load_scheme("2023").indicator("resident_pension").shares]


def claims(weights, floors=None, caps=None):
    return [
        Claim(body=f"b{i}", weight=w, floor=(floors or [0] * len(weights))[i], cap=(caps or [None] * len(weights))[i])
        for i, w in enumerate(weights)
    ]


@pytest.mark.parametrize("method", WEIGHED, ids=lambda method: method.name)
def test_the_printed_split_shares_its_own_sum_by_itself(method):
    split = allocate(read_quantity("757431人"), claims(shares), method)
    assert [share.value for _, share in split.shares] == shares
    assert split.rest.value == 0


def test_the_printed_total_splits_into_one_person_less():
    split = allocate(read_quantity("75.743万人").to("人"), claims(shares))
    assert sum(share.value for _, share in split.shares) == 757430
    assert sum(share.value != own for (_, share), own in zip(split.shares, shares, strict=True)) == 1


def test_four_schools_over_three_and_what_the_caps_leave_is_stated():
    split = allocate(read_quantity("4所"), claims([5, 3, 2], caps=[1, 1, 1]))
    assert ([share.value for _, share in split.shares], split.rest.value) == ([1, 1, 1], 1)


def test_a_step_of_a_hundred_leaves_the_indivisible_rest():
    split = allocate(read_quantity("1250人"), claims([1, 1]), step=100)
    assert ([share.value for _, share in split.shares], split.rest.value) == ([600, 600], 50)


def test_a_tie_goes_by_the_declared_rule():
    tied = claims([F(1, 2), F(1, 2)])
    assert BY_NAME["equal"].allocate(1, tied) == {"b0": 1, "b1": 0}
    with pytest.raises(AllocationError, match="b0, b1 have the same claim"):
        evolve(BY_NAME["equal"], tie="error").allocate(1, tied)
    heavier = evolve(BY_NAME["largest_remainder"], tie="weight")
    assert heavier.allocate(3, claims([1, 3, 2])) == {"b0": 0, "b1": 2, "b2": 1}


def test_largest_remainder_has_the_alabama_paradox_and_divisors_do_not():
    weights = [F(6), F(6), F(2)]
    assert [BY_NAME["largest_remainder"].allocate(total, claims(weights))["b2"] for total in (10, 11)] == [2, 1]
    for name in ("d_hondt", "sainte_lague"):
        assert all(
            BY_NAME[name].allocate(n, claims(weights))["b2"] <= BY_NAME[name].allocate(n + 1, claims(weights))["b2"] for n in range(30)
        )


weights_ = st.lists(st.fractions(0, 10**6, max_denominator=50), min_size=1, max_size=8).filter(any)


@st.composite
def bounded(draw):
    weights = draw(weights_)
    floors = [draw(st.integers(0, 20)) for _ in weights]
    caps = [draw(st.none() | st.integers(low, low + 60)) for low in floors]
    total = draw(st.integers(sum(floors), sum(floors) + 300))
    return total, weights, floors, caps


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@given(case=bounded())
def test_what_is_given_out_and_the_rest_are_the_total_and_bounds_are_kept(method, case):
    total, weights, floors, caps = case
    given_out = method.allocate(total, claims(weights, floors, caps))
    takers = [cap if cap is not None else total for w, cap, low in zip(weights, caps, floors, strict=True)]
    for (_, count), low, cap in zip(given_out.items(), floors, caps, strict=True):
        assert low <= count
        assert cap is None or count <= cap
    room = sum(min(t, total) if w or method.even else low for t, w, low in zip(takers, weights, floors, strict=True))
    assert sum(given_out.values()) == min(total, room) or room > total >= sum(given_out.values()) == total


@given(weights_, st.integers(0, 500))
def test_largest_remainder_keeps_quota(weights, total):
    for (_, count), weight in zip(BY_NAME["largest_remainder"].allocate(total, claims(weights)).items(), weights, strict=True):
        quota = total * weight / sum(weights)
        assert floor(quota) <= count <= ceil(quota)


@given(weights_.filter(lambda weights: len(weights) > 1), st.integers(0, 100), st.randoms())
def test_the_order_of_the_claims_matters_only_in_a_tie(weights, total, random):
    assume(len(set(weights)) == len(weights))
    for method in WEIGHED:
        strict = evolve(method, tie="error")
        given_claims = claims(weights)
        try:
            before = strict.allocate(total, given_claims)
        except AllocationError:
            continue
        random.shuffle(given_claims)
        assert strict.allocate(total, given_claims) == before


PEERS = {
    "largest_remainder": peer.LargestRemainder("hare"),
    "d_hondt": peer.HighestAverages("d_hondt"),
    "sainte_lague": peer.HighestAverages("sainte_lague"),
}


@pytest.mark.parametrize("name", PEERS)
@given(weights=st.lists(st.integers(1, 10**5), min_size=2, max_size=8, unique=True), total=st.integers(1, 60))
def test_another_library_gives_the_same_where_there_is_no_tie(name, weights, total):
    try:
        ours = evolve(BY_NAME[name], tie="error").allocate(total, claims(weights))
    except AllocationError:
        assume(False)
    theirs = PEERS[name].evaluate({f"b{i}": w for i, w in enumerate(weights)}, total)
    assert {body: count for body, count in ours.items() if count} == dict(theirs)


@pytest.mark.parametrize(
    ("total", "given_claims", "message"),
    [
        (5, claims([1, -1]), "not negative"), (5, claims([0, 0]), "no claim has a positive weight"), (5, claims([1, 1], [3, 3]), "floors sum to 6"),
        (5, claims([1], [3], [2]), "leave no room"), (5, [Claim(body="a", weight=1), Claim(body="a", weight=1)], "claims twice"),
        (5, claims([0.5]), "an int or a Fraction"), (-1, claims([1]), "not negative"),
    ],
)  # fmt: skip
def test_what_can_not_be_split_is_refused(total, given_claims, message):
    with pytest.raises(AllocationError, match=message):
        BY_NAME["largest_remainder"].allocate(total, given_claims)


def test_every_method_is_an_allocation():
    assert all(isinstance(method, Allocation) for method in METHODS)


def test_sainte_lague_names_a_tie_although_both_round_up():
    with pytest.raises(AllocationError, match="b0, b1"):
        evolve(BY_NAME["sainte_lague"], tie="error").allocate(1, claims([1, 1]))


def test_equal_claims_that_are_all_served_are_no_tie():
    assert evolve(BY_NAME["d_hondt"], tie="error").allocate(2, claims([1, 1, F(1, 4)])) == {"b0": 1, "b1": 1, "b2": 0}


def test_a_tie_that_was_decided_by_the_rule_is_told():
    assert allocate(read_quantity("1所"), claims([1, 1])).ties == ("b0", "b1")
    assert allocate(read_quantity("2所"), claims([1, 1])).ties == ()


def test_a_step_may_carry_the_unit():
    split = allocate(read_quantity("1.25万人"), claims([1, 1]), step=read_quantity("100人"))
    assert ([share.value for _, share in split.shares], split.rest.value) == ([6300, 6200], 0)


@pytest.mark.parametrize("name", ["d_hondt", "sainte_lague"])
@given(case=bounded())
def test_highest_averages_are_those_of_giving_out_unit_by_unit(name, case):
    total, weights, floors, caps = case
    part, units = BY_NAME[name].rounding, list(floors)
    while sum(units) < total:
        takers = [i for i, w in enumerate(weights) if w and (caps[i] is None or units[i] < caps[i])]
        if not takers:
            break
        units[max(takers, key=lambda i: (weights[i] / (units[i] + part), -i))] += 1
    assert list(BY_NAME[name].allocate(total, claims(weights, floors, caps)).values()) == units
