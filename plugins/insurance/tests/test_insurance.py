"""Insured persons: the paper's township first, then what holds for any figure, then each doubtful report."""

from fractions import Fraction as F

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from minsheng_core import (
    Case,
    Indicator,
    Period,
    Place,
    QuantityError,
    Report,
    Severity,
    load_plugins,
    load_scheme,
    prepare,
    read_quantity,
    unit,
)  # fmt: skip
from minsheng_insurance import InsuredStock

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


def case(*rows, target=f"{TARGET}人", indicator="resident_pension", **options):
    return Case(
        indicator=evolve(SCHEME.indicator(indicator), options=options), body=SCHEME.body("430182218"), period=OCTOBER, reports=rows,
        target=read_quantity(target),
    )  # fmt: skip


def insured(*rows):
    measurement = STOCK.measure(case(*rows))
    return measurement and measurement.values["insured"]


def codes(*rows, **more):
    return [finding.code for finding in STOCK.validate(case(*rows, **more))]


def marks(method, count, progress=None):
    """The marks of 100 that a method gives 沩山乡 at the end of October."""
    (township,) = [sheet for sheet in SCHEME.sheets if sheet.id == "township"]
    (item,) = township.items
    scheme = evolve(
        SCHEME,
        indicators=(SCHEME.indicator("resident_pension"),),
        sheets=(evolve(township, items=(evolve(item, method=method),), adjustments=()),),
    )
    assessment, parameters = prepare(scheme, load_plugins(only=["insurance"])).items["township", item.id]
    facts = {
        "insured": read_quantity(f"{count}人"), "base": None, "target": read_quantity(f"{TARGET}人"), "full": read_quantity("100分"),
        "elapsed": read_quantity("75%"), "progress": progress and read_quantity(progress),
    }  # fmt: skip
    value = assessment.assess(facts, parameters).value
    return value and value.value


def test_it_is_an_indicator_of_the_core():
    assert isinstance(STOCK, Indicator)


def test_the_latest_month_replaces_and_months_are_never_added():
    assert insured(row(10_900, OCTOBER.following(-1)), row(11_000)) == read_quantity("11000人")


def test_the_paper_s_target_reached_gives_full_marks_by_every_method():
    for method in ("insurance.completion", "insurance.per_point", "insurance.banded", "insurance.progress"):
        assert marks(method, TARGET) == marks(method, TARGET + 500) == 100


@pytest.mark.parametrize(
    ("method", "progress", "expected"),
    [
        ("insurance.completion", None, F(10_900, TARGET) * 100),  # 1.24 % short
        ("insurance.per_point", None, 99),  # one whole per cent
        ("insurance.banded", None, (1 - F(137, TARGET) * 10) * 100),  # ten marks a per cent, pro rata
        ("insurance.progress", "60%", 80),  # 60 % of the way in 75 % of the year
    ],
)
def test_10_900_of_11_037_are_marked_as_each_method_says(method, progress, expected):
    assert marks(method, 10_900, progress) == expected


def test_without_a_base_progress_below_the_target_is_left_open():
    assert marks("insurance.progress", 10_900) is None
    assert marks("insurance.progress", TARGET) == 100


def test_ten_per_cent_short_earns_nothing_in_the_band():
    assert marks("insurance.banded", TARGET * 9 // 10) == 0


def test_an_earlier_month_never_stands_in():
    assert insured(row(10_900, OCTOBER.following(-1))) is None
    assert STOCK.measure(case()) is None


@given(st.integers(TARGET // 5 + 1, TARGET * 5))
def test_人_and_万人_say_the_same(count):
    assert insured(row(f"{count}人")) == insured(row(f"{count // 10000}.{count % 10000:04d}万")) == insured(row(f"{count}"))


@given(st.integers(TARGET // 5 + 1, TARGET * 5), st.integers(0, 1000))
def test_more_insured_never_measures_less(count, more):
    assert insured(row(count)).value <= insured(row(min(count + more, TARGET * 5))).value


@given(st.permutations([row(10_800, OCTOBER.following(-2), 1), row(10_900, OCTOBER.following(-1), 2), row(11_000)]))
def test_the_order_of_rows_changes_nothing(rows):
    assert insured(*rows) == read_quantity("11000人")


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


def test_only_resident_pension_has_parts_and_only_where_both_are_given():
    parts = {"paying": 8_000, "drawing": 2_999}
    assert codes(row(11_000, **parts), indicator="work_injury") == []  # who draws injury benefits is no part of the insured
    assert codes(row(11_000, **parts), indicator="work_injury", parts=["paying", "drawing"]) == ["insurance.parts"]
    assert codes(row(11_000, paying=8_000)) == []


@pytest.mark.parametrize(("base", "found"), [(0, ["insurance.base"]), (1, []), (TARGET * 5, []), (TARGET * 5 + 1, ["insurance.base"])])
def test_a_base_of_nobody_or_of_many_times_the_target_is_refused(base, found):
    assert codes(row(11_000, base=base)) == found
    assert (insured(row(11_000, base=base)) is None) == bool(found)


def test_an_indicator_sets_its_own_limits():
    assert codes(row(TARGET * 7), ratio=["0.2", "8"]) == []
    rows = row(10_000, OCTOBER.following(-1), line=2), row(11_000)
    assert codes(*rows, rise="9%") == ["insurance.jump"]
    assert codes(*rows[::-1], rise="10%") == []
    assert codes(row(11_100, OCTOBER.following(-1), line=2), row(11_000), fall="0.5%") == ["insurance.jump"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"raise": "20%"}, "no option 'raise'; it has fall, parts, ratio, rise"), ({"ratio": ["0.2"]}, "'ratio' is a pair"),
        ({"ratio": ["2", "5"]}, "encloses 1"), ({"fall": "a little"}, "'fall': not a number"), ({"rise": "5人"}, "'rise': expected a plain"),
        ({"fall": "-5%"}, "'fall' is not negative"), ({"parts": ["base"]}, "'parts' names fields among paying, drawing"),
        ({"parts": "paying"}, "'parts' is a list"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_refused_by_name(options, message):
    with pytest.raises(QuantityError, match=message):
        codes(row(11_000), **options)


@pytest.mark.parametrize("cell", ["", "/", "1.5", "三万", "-3", "3.29295万"])
def test_a_cell_that_is_no_count_of_persons_is_refused(cell):
    with pytest.raises(QuantityError, match="参保人数"):
        row(cell)


@pytest.mark.parametrize(("before", "found"), [(10_000, []), (9_000, ["insurance.jump"]), (11_700, ["insurance.jump"])])
def test_a_stock_does_not_leap(before, found):
    assert codes(row(before, OCTOBER.following(-1), line=2), row(11_000)) == found


def test_a_body_filed_twice_is_left_open_and_both_lines_are_named():
    rows = row(11_000), row(11_001, line=9)
    (finding,) = STOCK.validate(case(*rows))
    assert (finding.code, "f.csv:3" in finding.message, finding.place.line, insured(*rows)) == ("insurance.duplicate", True, 9, None)
