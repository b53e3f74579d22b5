"""Insured persons: the paper's township first, then what holds for any figure, then each doubtful report."""

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st
from minsheng_insurance import InsuredStock

from minsheng_core import Case, Indicator, Period, Place, Report, Severity, load_scheme, read_quantity, unit

SCHEME = load_scheme("2023")
STOCK = InsuredStock()
OCTOBER = Period(2023, 10)
TARGET = 11037  # 沩山乡


def row(insured, period=OCTOBER, line=3, **more):
    values = {field.name: field.read("") if field.missing else None for field in STOCK.form.fields}
    values |= {name: STOCK.form.field(name).read(str(text)) for name, text in {"insured": insured, **more}.items()}
    return Report(
        indicator="resident_pension", body="430182218", period=period, values=values, place=Place("f.csv", line), columns={"insured": 4}
    )


def case(*rows, target=f"{TARGET}人"):
    return Case(
        indicator=SCHEME.indicator("resident_pension"), body=SCHEME.body("430182218"), period=OCTOBER, reports=rows, target=read_quantity(target)
    )  # fmt: skip


def insured(*rows):
    measurement = STOCK.measure(case(*rows))
    return measurement and measurement.values["insured"]


def codes(*rows):
    return [finding.code for finding in STOCK.validate(case(*rows))]


def test_it_is_an_indicator_of_the_core():
    assert isinstance(STOCK, Indicator)


def test_the_latest_month_replaces_and_months_are_never_added():
    assert insured(row(10_900, OCTOBER.following(-1)), row(11_000)) == read_quantity("11000人")


def test_an_earlier_month_never_stands_in():
    assert insured(row(10_900, OCTOBER.following(-1))) is None
    assert STOCK.measure(case()) is None


@given(st.integers(TARGET // 5 + 1, TARGET * 5))
def test_人_and_万人_say_the_same(count):
    assert insured(row(f"{count}人")) == insured(row(f"{count // 10000}.{count % 10000:04d}万")) == insured(row(f"{count}"))


@given(st.integers(TARGET // 5 + 1, TARGET * 5), st.integers(0, 1000))
def test_more_insured_never_measures_less(count, more):
    assert insured(row(count)).value <= insured(row(min(count + more, TARGET * 5))).value


@given(st.integers(0, 10**12))
def test_any_count_is_measured_exactly_or_left_open_with_a_finding(count):
    found = list(STOCK.validate(case(row(count))))
    value = insured(row(count))
    errors = [one for one in found if one.severity is Severity.ERROR]
    assert (value is None) == bool(errors)
    assert value is None or (value.value, value.unit) == (F(count), unit("人"))
    assert all(one.place == Place("f.csv", 3, 4) for one in found)


def test_a_slip_of_ten_thousand_names_what_was_meant_and_is_not_used():
    (finding,) = STOCK.validate(case(row(110_370_000)))
    assert (finding.code, "11037人" in finding.message, insured(row(110_370_000))) == ("insurance.scale", True, None)
    assert codes(row(1)) == ["insurance.scale"]


def test_out_of_proportion_without_being_a_slip_is_a_warning():
    assert codes(row(TARGET * 7)) == ["insurance.ratio"]
    assert insured(row(TARGET * 7)) is not None


def test_parts_must_add_up():
    assert codes(row(11_000, paying=8_000, drawing=3_000)) == []
    assert codes(row(11_000, paying=8_000, drawing=2_999)) == ["insurance.parts"]
    assert insured(row(11_000, paying=8_000, drawing=2_999)) is None


@pytest.mark.parametrize(("before", "found"), [(10_000, []), (9_000, ["insurance.jump"]), (11_700, ["insurance.jump"])])
def test_a_stock_does_not_leap(before, found):
    assert codes(row(before, OCTOBER.following(-1), line=2), row(11_000)) == found


def test_a_body_filed_twice_is_left_open_and_both_lines_are_named():
    rows = row(11_000), row(11_001, line=9)
    (finding,) = STOCK.validate(case(*rows))
    assert (finding.code, "f.csv:3" in finding.message, finding.place.line, insured(*rows)) == ("insurance.duplicate", True, 9, None)
