"""Rounding: the standard's own examples, then what holds for any number."""

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minsheng_core.rounding import Comparison, Rounding, meets, round_places, round_step

EVEN, UP = Rounding.HALF_EVEN, Rounding.HALF_UP


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        ("12.1498", 0, "12"), ("12.1498", 1, "12.1"), ("1268", -2, "1300"), ("10.5002", 0, "11"), ("1.050", 1, "1.0"),
        ("0.35", 1, "0.4"), ("2500", -3, "2000"), ("3500", -3, "4000"), ("-0.0365", 3, "-0.036"), ("8.53459", 2, "8.53"),
    ],
)  # fmt: skip
def test_the_examples_of_gb_t_8170(value, places, rounded):
    assert round_places(F(value), places, EVEN) == F(rounded)


def test_gb_t_8170_also_rounds_to_halves_and_fifths():
    assert round_step(F("60.25"), F("0.5"), EVEN) == F("60.0")
    assert round_step(F("60.38"), F("0.5"), EVEN) == F("60.5")
    assert round_step(F(830), F(20), EVEN) == F(840)
    assert round_step(F(842), F(20), EVEN) == F(840)


def test_the_two_named_modes_differ_only_at_a_tie():
    assert (round_places(F("1.05"), 1, EVEN), round_places(F("1.05"), 1, UP)) == (F("1.0"), F("1.1"))
    assert round_places(F("-1.05"), 1, UP) == F("-1.1")


def test_a_score_of_64_125_is_64_12_by_gb_t_8170():
    exact = F(602, 768) * 768 * F("64.125") / 602  # the ratio kept whole: 28 decimal digits of it would hide the tie
    assert round_places(exact, 2, EVEN) == F("64.12")
    assert round_places(exact, 2, UP) == F("64.13")


def test_a_limit_of_97_0_by_both_ways_to_compare():
    rounded = {"comparison": Comparison.ROUNDED, "places": 1}
    assert not meets(F("96.96"), ">=", F("97.0"))
    assert meets(F("96.96"), ">=", F("97.0"), **rounded)
    assert not meets(F("96.94"), ">=", F("97.0"), **rounded)


def test_141996_people_do_not_reach_14_2万_though_they_print_so():
    assert not meets(F(141996), ">=", F(142000))
    assert meets(F(141996), ">=", F(142000), comparison=Comparison.ROUNDED, places=-2)


values = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6)


@given(values, st.integers(-3, 6), st.sampled_from(Rounding))
def test_a_rounded_value_is_a_step_no_further_than_the_mode_allows(value, places, mode):
    step = F(10) ** -places
    rounded = round_places(value, places, mode)
    assert (rounded / step).denominator == 1
    assert abs(rounded - value) <= (step / 2 if mode in (EVEN, UP) else step)
    assert round_places(rounded, places, mode) == rounded
    assert round_places(-value, places, mode) == -rounded


@given(values, values, st.integers(-3, 6), st.sampled_from(Rounding))
def test_rounding_never_turns_the_order_round(a, b, places, mode):
    low, high = sorted([a, b])
    assert round_places(low, places, mode) <= round_places(high, places, mode)


def test_a_step_of_zero_and_an_unknown_sign_are_refused():
    with pytest.raises(ValueError, match="positive"):
        round_step(F(1), F(0), EVEN)
    with pytest.raises(ValueError, match="got '='"):
        meets(F(1), "=", F(1))
