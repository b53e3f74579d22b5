"""Water quality: the standard's edges and published bulletins first, then properties, then doubtful reports."""

from fractions import Fraction as F

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from minsheng_water import ITEMS, GoodRate, classify, evaluate_section, mean_ph, round_item
from minsheng_water.section import Sample, share_grade

from minsheng_core import Below, Case, Indicator, Period, Place, Quantity, Report, Rounding, load_scheme, read_quantity, round_places, unit

SCHEME = load_scheme("2023")
INDICATOR = SCHEME.indicator("water_quality")
KIND = GoodRate()
OCTOBER = Period(2023, 10)
CLEAN = {"PH": "7.5", "DO": "7.9", "CODMN": "2.4", "NH3N": "0.18", "TP": "0.071"}


def quantity(key, text):
    return KIND.form.field(key).read(text)


def section(values, water="river", x_items=()):
    samples = {key: [Sample("2023-10", quantity(key, text), Place("f.csv", 3))] for key, text in values.items()}
    return evaluate_section("断面", samples, water, x_items)


def row(name, period=OCTOBER, line=3, day="2023-10-11", **changes):
    texts = {**CLEAN, **changes} if changes.get("status") is None else changes
    values = {field.name: field.read(texts.get(field.name, "")) for field in KIND.form.fields if field.name not in ("section", "sampled")}
    values |= {"section": name, "sampled": KIND.form.field("sampled").read(day)}
    return Report(indicator="water_quality", body="eco", period=period, subject=name, values=values, place=Place("f.csv", line))


def case(*rows, **options):
    indicator = evolve(INDICATOR, options={**INDICATOR.options, **options})
    return Case(indicator=indicator, body=SCHEME.body("eco"), period=OCTOBER, reports=rows, target=read_quantity("100%"))


def test_it_is_an_indicator_of_the_core_with_all_24_items():
    assert isinstance(KIND, Indicator)
    assert len(ITEMS) == 24


@pytest.mark.parametrize(
    ("key", "mean", "rounded", "good"),
    [
        ("TP", "0.2004", "0.200", True), ("TP", "0.2005", "0.200", True), ("TP", "0.2006", "0.201", False),
        ("COD", "20.04", "20.0", True), ("COD", "20.05", "20.0", True), ("COD", "20.06", "20.1", False), ("COD", "20.15", "20.2", False),
        ("NH3N", "1.004", "1.00", True), ("NH3N", "1.005", "1.00", True), ("NH3N", "1.006", "1.01", False),
        ("CODMN", "6.049", "6.0", True), ("CODMN", "6.05", "6.0", True), ("CODMN", "6.051", "6.1", False),
        ("DO", "4.949", "4.9", False), ("DO", "4.95", "5.0", True), ("DO", "4.951", "5.0", True),
    ],
)  # fmt: skip
def test_rounded_by_the_item_then_compared_with_class_three(key, mean, rounded, good):
    assert round_item(key, F(mean)) == F(rounded)
    assert (classify(key, F(rounded)) <= 2) is good


def test_ph_is_averaged_through_the_concentration_of_hydrogen_ions():
    assert round_places(mean_ph([F("6.5"), F("8.5")]), 4, Rounding.HALF_EVEN) == F("6.7967")
    assert mean_ph([F("7.4")] * 3) == F("7.4")


def test_equal_limits_give_the_better_class_and_lakes_have_their_own_phosphorus():
    assert classify("COD", F(14)) == 0
    assert (classify("TP", F("0.05"), "river"), classify("TP", F("0.05"), "lake")) == (1, 2)
    assert classify("TN", F(9), "river") is None
    assert (classify("PH", F(6)), classify("PH", F(9)), classify("PH", F(10))) == (0, 0, 5)


def test_a_mean_that_would_round_to_nothing_keeps_a_digit():
    assert round_item("CU", F("0.00003")) == F("0.00003")


def test_below_detection_counts_half_the_limit():
    result = section({**CLEAN, "VP": "0.004L"})
    assert result.means["VP"] == F("0.0020")


def test_the_worst_item_decides_and_the_pollutants_are_named_with_their_multiple():
    result = section({**CLEAN, "NH3N": "2.2", "TP": "0.30"})
    assert (result.grade, result.pollutants) == (5, (("氨氮", F("1.2")), ("总磷", F("0.5"))))


def test_a_required_item_missing_leaves_the_section_open():
    assert section({key: text for key, text in CLEAN.items() if key != "TP"}).absent == ("总磷",)
    assert section(CLEAN, x_items=("COD",)).grade is None


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [(169, 180, "93.9"), (6, 180, "3.3"), (5, 180, "2.8"), (23, 28, "82.1"), (1, 28, "3.6"), (21, 32, "65.6"), (31, 32, "96.9")],
)
def test_the_arithmetic_of_published_bulletins(part, whole, printed):
    assert round_places(F(part * 100, whole), 1, Rounding.HALF_UP) == F(printed)


def test_a_section_without_monitoring_leaves_the_denominator_and_is_named():
    names = [subject.name for subject in INDICATOR.subjects]
    rows = [row(name, NH3N="1.2" if name == "胜利" else "0.2") for name in names[:-1]] + [row(names[-1], status="清淤未监测")]
    measurement = KIND.measure(case(*rows))
    assert measurement.values["good_rate"] == Quantity(F(80), unit("%"))
    assert (measurement.values["evaluated"].value, measurement.values["not_monitored"].value) == (5, 1)
    assert names[-1] in measurement.step.how
    assert [one.code for one in KIND.validate(case(*rows))] == ["water.not_monitored"]


def test_a_cumulative_class_is_that_of_the_mean_and_not_the_share_of_good_months():
    months = [row("胜利", OCTOBER.following(-1), day="2023-09-06", NH3N="1.4"), row("胜利", NH3N="0.4")]
    assert KIND.measure(case(*months)).values["good_rate"].value == 100
    september = case(*months, period="month")
    assert KIND.measure(evolve(september, reports=months[:1], period=OCTOBER.following(-1))).values["good_rate"].value == 0


def test_an_open_section_leaves_the_rate_open_unless_the_policy_says_otherwise():
    rows = row("胜利"), row("双江口", TP="")
    assert KIND.measure(case(*rows)).values["good_rate"] is None
    assert KIND.measure(case(*rows, missing_policy="exclude")).values["good_rate"].value == 100


@pytest.mark.parametrize(
    ("good", "worst", "total", "grade"),
    [(9, 0, 10, "优"), (8, 0, 10, "良好"), (7, 1, 10, "轻度污染"), (7, 2, 10, "中度污染"), (3, 2, 5, "重度污染"), (15, 0, 20, "良好")],
)
def test_the_grade_of_a_basin_of_five_or_more(good, worst, total, grade):
    assert share_grade(good, worst, total) == grade


numbers = st.fractions(0, 50, max_denominator=1000)


@given(st.sampled_from([key for key, item in ITEMS.items() if item.sign == "<="]), numbers, numbers, st.sampled_from(["river", "lake"]))
def test_a_worse_value_never_has_a_better_class(key, one, other, water):
    low, high = sorted([one, other])
    assert (classify(key, low, water) or 0) <= (classify(key, high, water) or 0)


@given(st.lists(st.integers(1, 999), min_size=1, max_size=6), st.randoms())
def test_the_order_of_samples_and_the_unit_change_nothing(values, random):
    def result(texts):
        samples = {key: [Sample("2023-10", quantity(key, text), Place("f", 1))] for key, text in CLEAN.items()}
        samples["NH3N"] = [Sample("2023-10", quantity("NH3N", text), Place("f", 1)) for text in texts]
        one = evaluate_section("断面", samples)
        return one.grade, one.means

    plain = [f"0.{value:03d}" for value in values]
    micro = [f"{value}μg/L" for value in values]
    random.shuffle(micro)
    assert result(plain) == result(micro)


@given(st.lists(st.integers(55, 95), min_size=1, max_size=8))
def test_a_mean_ph_lies_between_its_values(values):
    phs = [F(value, 10) for value in values]
    assert min(phs) <= mean_ph(phs) <= max(phs)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([row("胜利"), row("胜利", line=4)], "water.duplicate"), ([row("浏阳河口")], "water.unknown_section"),
        ([row("胜利", day="2023-09-30")], "water.date"), ([row("胜利", TP="")], "water.item_missing"), ([row("胜利", TP="170")], "water.unit"),
        ([row("胜利", TP="0.5L")], "water.detection"),
    ],
)  # fmt: skip
def test_a_doubtful_report_is_a_finding(rows, code):
    assert code in [finding.code for finding in KIND.validate(case(*rows))]


def test_half_the_limit_is_only_for_values_written_with_the_l():
    assert isinstance(quantity("VP", "0.002L"), Below)
    assert quantity("VP", "0.002") == Quantity(F("0.002"), unit("mg/L"))
    with pytest.raises(ValueError, match="检出限加 L"):
        quantity("VP", "未检出")
