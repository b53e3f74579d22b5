"""Quantities: the paper's figures as printed, units and their conversions, and what is no figure."""

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minsheng_core.errors import QuantityError
from minsheng_core.quantity import Quantity, decimal_text, read_number, read_quantity, unit


def test_the_printed_total_is_precise_to_five_people():
    total = read_quantity("75.743万人").to("人")
    assert (total.value, total.tolerance, total.printed) == (757430, 5, "75.743万人")
    assert total.says(F(757431))
    assert not total.says(F(757436))


def test_a_zero_printed_behind_the_last_digit_is_precision_too():
    assert not read_quantity("75.7430万人").to("人").says(F(757431))


@pytest.mark.parametrize(
    ("text", "value", "symbol", "tolerance"),
    [
        ("106.643万人", "1066430", "人", "5"), ("14.2万人", "142000", "人", "500"), ("32929人", "32929", "人", "1/2"), ("4所", "4", "所", "1/2"),
        ("100%", "1", "", "1/200"), ("9.4个百分点", "9.4", "百分点", "1/20"), ("3.2亿元", "320000000", "元", "5000000"), ("1.5万元", "15000", "元", "500"),
        ("3亩", "2000", "m²", "1000/3"), ("２，３４５．６万元", "23456000", "元", "500"), ("1,234,567人", "1234567", "人", "1/2"), ("5.81‰", "0.00581", "", "1/200000"),
    ],
)  # fmt: skip
def test_figures_as_papers_print_them(text, value, symbol, tolerance):
    quantity = read_quantity(text).to(symbol)
    assert (quantity.value, quantity.tolerance) == (F(value), F(tolerance))


def test_a_clerk_may_leave_the_unit_out_or_write_万_alone():
    assert read_quantity("32929", "人") == read_quantity("3.2929万", "人") == read_quantity("32929人")


def test_a_share_and_percentage_points_are_different_things():
    with pytest.raises(QuantityError, match="can't be turned into"):
        read_quantity("9.4个百分点").to("%")
    assert read_quantity("85%").base == F("0.85")


def test_people_are_not_schools():
    with pytest.raises(QuantityError, match="人 can't be turned into 所"):
        read_quantity("4人").to("所")


def test_units_per_another():
    assert read_quantity("2500元/人").unit.dimension == unit("元/人").dimension
    assert read_quantity("0.25万元/人").to("元/人").value == 2500
    assert read_quantity("50μg/L").to("mg/L").value == F("0.05")


@given(st.integers(-(10**12), 10**12), st.integers(0, 8))
def test_what_is_printed_is_read_back(digits, places):
    value = F(digits, 10**places)
    assert read_number(decimal_text(value, places)) == value
    assert read_number(decimal_text(value)) == value


@given(st.integers(0, 10**9), st.sampled_from(["人", "万人"]), st.sampled_from(["元", "万元", "亿元"]))
def test_conversions_there_and_back_change_nothing(value, people, money):
    for symbol, family in ((people, ["人", "万人"]), (money, ["元", "千元", "万元", "亿元"])):
        quantity = Quantity(F(value), unit(symbol))
        for other in family:
            assert quantity.to(other).base == quantity.base
            assert quantity.to(other).to(symbol) == quantity


@given(st.fractions(0, 10**6, max_denominator=10**5), st.integers(0, 4))
def test_a_figure_says_what_it_was_rounded_from(exact, places):
    from minsheng_core.rounding import Rounding, round_places

    printed = read_quantity(decimal_text(round_places(exact, places, Rounding.HALF_UP), places))
    assert printed.says(exact)
    assert not printed.says(exact + 2 * F(10) ** -places)


@pytest.mark.parametrize(
    "text", ["", "NaN", "Infinity", "inf", "1e5", "1E+05", "0x10", "一百", "12 34人人", "3..2", "--5", "１２３斤", "1,23人", "9" * 31]
)
def test_what_is_no_figure_is_refused_with_its_text(text):
    with pytest.raises(QuantityError) as caught:
        read_quantity(text)
    assert text[:10] in str(caught.value)
