"""One value, one section, one river: the standard's edges first, then properties, then what is refused."""

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minsheng_core import Below, Place, Quantity, Rounding, round_places, unit
from minsheng_water import ITEMS, GoodRate, Sample, basin_grade, classify, evaluate_section, mean_ph, round_item
from minsheng_water.basin import NO_ROW, OPEN, share_grade
from minsheng_water.section import multiple_text
from minsheng_water.standard import mean, read_class

FORM = GoodRate().form
CLEAN = {"PH": "7.5", "DO": "7.9", "CODMN": "2.4", "NH3N": "0.18", "TP": "0.071"}
KEYS = st.sampled_from([key for key, item in ITEMS.items() if item.sign == "<=" and item.classed_in("lake")])
WATERS = st.sampled_from(["river", "lake"])


def samples(month="2023-10", **texts):
    return {key: [Sample(month, FORM.field(key).read(text), Place("f.csv", 3))] for key, text in texts.items()}


def section(values, water="river", x_items=(), **more):
    return evaluate_section("断面", samples(**values), water, x_items, **more)


@pytest.mark.parametrize(
    ("key", "raw", "rounded", "good", "good_as_measured"),
    [
        ("TP", "0.2004", "0.200", True, False), ("TP", "0.2005", "0.200", True, False), ("TP", "0.2006", "0.201", False, False),
        ("COD", "20.04", "20.0", True, False), ("COD", "20.05", "20.0", True, False), ("COD", "20.06", "20.1", False, False),
        ("COD", "20.15", "20.2", False, False),
        ("NH3N", "1.004", "1.00", True, False), ("NH3N", "1.005", "1.00", True, False), ("NH3N", "1.006", "1.01", False, False),
        ("CODMN", "6.049", "6.0", True, False), ("CODMN", "6.05", "6.0", True, False), ("CODMN", "6.051", "6.1", False, False),
        ("DO", "4.949", "4.9", False, False), ("DO", "4.95", "5.0", True, False), ("DO", "4.951", "5.0", True, False),
    ],
)  # fmt: skip
def test_a_mean_is_rounded_by_its_item_and_only_then_compared_with_class_three(key, raw, rounded, good, good_as_measured):
    assert round_item(key, F(raw)) == F(rounded)
    assert (classify(key, F(rounded)) <= 2) is good
    assert (classify(key, F(raw)) <= 2) is good_as_measured


def test_ph_is_averaged_through_the_concentration_of_hydrogen_ions():
    through = mean_ph([F("6.5"), F("8.5")])
    assert round_places(through, 4, Rounding.HALF_EVEN) == F("6.7967")
    assert (round_item("PH", through), round_item("PH", F("7.5"))) == (7, 8)


def test_equal_phs_and_the_rare_rational_mean_are_exact_so_that_a_tie_is_a_tie():
    assert mean_ph([F("7.4")] * 3) == F("7.4")
    tie = mean_ph([F("5.5")] + [F("7.5")] * 10)
    assert tie == F("6.5")
    assert round_item("PH", tie) == 6


@pytest.mark.parametrize(
    ("key", "value", "grade"),
    [
        ("COD", "14", 0), ("COD", "15.1", 2), ("BOD5", "3", 0), ("CU", "1", 1), ("ZN", "2", 3), ("F", "1", 0), ("F", "1.5", 3), ("SE", "0.02", 3),
        ("CR6", "0.05", 1), ("PB", "0.05", 2), ("CN", "0.2", 2), ("CN", "0.21", 5), ("CD", "0.01", 4), ("HG", "0.00005", 0), ("HG", "0.0011", 5),
        ("PH", "6", 0), ("PH", "9", 0), ("PH", "5.9", 5), ("PH", "9.1", 5), ("DO", "7.5", 0), ("DO", "2", 4), ("DO", "1.9", 5),
    ],
)  # fmt: skip
def test_where_neighbouring_classes_share_a_limit_the_better_one_is_given(key, value, grade):
    assert classify(key, F(value)) == grade


def test_lakes_have_their_own_phosphorus_and_only_they_have_nitrogen():
    assert [classify("TP", F(text), "river") for text in ("0.02", "0.05", "0.1", "0.2")] == [0, 1, 1, 2]
    assert [classify("TP", F(text), "lake") for text in ("0.01", "0.05", "0.1", "0.2", "0.21")] == [0, 2, 3, 4, 5]
    assert (classify("TN", F(9), "river"), classify("TN", F(9), "lake")) == (None, 5)
    assert (classify("WT", F(31)), classify("FC", F(10**6))) == (None, None)


def test_a_mean_that_would_round_to_nothing_keeps_a_digit():
    assert round_item("CU", F("0.00003")) == F("0.00003")
    assert round_item("VP", F("0.00005")) == F("0.00005")
    assert round_item("CU", F(0)) == 0


def test_below_detection_counts_half_the_limit():
    result = section({**CLEAN, "VP": "0.004L"})
    assert result.means["VP"] == F("0.002")
    assert any("检出限0.004" in step.how and step.value.value == F("0.002") for _, step in result.step.walk())


def test_the_mean_of_months_is_not_the_mean_of_samples():
    several = samples(**CLEAN)
    several["NH3N"] = [*samples("2023-09", NH3N="1.6")["NH3N"] * 3, *samples(NH3N="0.2")["NH3N"]]
    assert evaluate_section("断面", several).averages["NH3N"] == F("0.9")


def test_the_worst_item_decides_and_the_pollutants_come_by_class_then_by_multiple():
    result = section({**CLEAN, "NH3N": "2.2", "TP": "0.45", "COD": "25", "DO": "1.5"})
    assert result.grade == 5
    assert result.pollutants == (("总磷", F("1.25")), ("氨氮", F("1.2")), ("溶解氧", None))
    assert result.step.value == "劣Ⅴ（重度污染）"
    assert "总磷（1.2）、氨氮（1.2）、溶解氧" in result.step.how


def test_cyanide_lead_and_chromium_are_named_before_others_where_exceeded():
    assert section({**CLEAN, "NH3N": "2.2", "CR6": "0.06"}).pollutants == (("铬（六价）", F("0.2")), ("氨氮", F("1.2")))


def test_nobody_is_named_where_the_class_is_good():
    result = section({**CLEAN, "TP": "0.2005"})
    assert (result.grade, result.pollutants, result.step.value) == (2, (), "Ⅲ类（良好）")


def test_a_good_section_may_still_miss_its_own_target():
    assert "未达到本断面目标Ⅱ类" in section({**CLEAN, "TP": "0.15"}, target=1).step.how
    assert "；达到本断面目标Ⅲ类" in section({**CLEAN, "TP": "0.15"}).step.how


def test_an_item_that_was_not_asked_for_is_evaluated_but_a_reference_item_is_not():
    assert section({**CLEAN, "COD": "45"}).grade == 5
    reference = section({**CLEAN, "TN": "9", "WT": "31", "FC": "90000"})
    assert reference.grade == 1
    assert [part.label for part in reference.step.parts if "参考项目" in part.how] == ["水温", "总氮", "粪大肠菌群"]
    assert section({**CLEAN, "TP": "0.02", "TN": "9"}, "lake").grade == 5


def test_a_required_item_missing_leaves_the_section_open():
    assert section({key: text for key, text in CLEAN.items() if key != "TP"}).absent == ("总磷",)
    result = section(CLEAN, x_items=("COD",))
    assert (result.grade, result.absent, result.step.value) == (None, ("化学需氧量",), None)


@pytest.mark.parametrize(
    ("good", "worst", "total", "grade"),
    [
        (9, 0, 10, "优"), (9, 1, 10, "优"), (17, 0, 19, "良好"), (15, 0, 20, "良好"), (15, 5, 20, "良好"), (14, 3, 20, "轻度污染"),
        (14, 4, 20, "中度污染"), (12, 7, 20, "中度污染"), (3, 2, 5, "重度污染"), (0, 5, 5, "重度污染"),
    ],
)  # fmt: skip
def test_the_grade_of_a_basin_of_five_or_more(good, worst, total, grade):
    assert share_grade(good, worst, total) == grade


def test_the_other_reading_of_the_table_has_a_gap_at_sixty_and_forty_percent():
    assert share_grade(3, 2, 5, F(3, 5)) == NO_ROW
    assert share_grade(2, 2, 5, F(3, 5)) == "重度污染"


def test_a_river_of_few_sections_is_graded_by_the_mean_of_every_item_rounded_once():
    few = [section({**CLEAN, "NH3N": text}) for text in ("1.20", "0.81")]
    assert [one.grade for one in few] == [3, 2]
    assert basin_grade(few) == "良好"  # 1.005 is 1.00 by GB/T 8170
    rounded_twice = [section({**CLEAN, "NH3N": text}) for text in ("1.0051", "1.0051", "1.0049")]  # 1.01, 1.01, 1.00 when rounded first
    assert basin_grade([section({**CLEAN, "NH3N": "1.005"}), *rounded_twice[2:]]) == "良好"
    assert basin_grade(rounded_twice) == "轻度污染"


def test_an_item_of_one_section_is_averaged_over_those_that_have_it():
    assert basin_grade([section(CLEAN), section({**CLEAN, "COD": "45"})]) == "重度污染"


def test_five_sections_are_graded_by_shares():
    bad = section({**CLEAN, "NH3N": "9"})
    assert basin_grade([section(CLEAN)] * 4 + [bad]) == "良好"
    assert basin_grade([section(CLEAN)] * 3 + [bad]) == "重度污染"  # the mean of four: 2.385 mg/L


@given(KEYS, st.fractions(0, 50, max_denominator=1000), st.fractions(0, 50, max_denominator=1000), WATERS)
def test_a_worse_value_never_has_a_better_class(key, one, other, water):
    low, high = sorted([round_item(key, one), round_item(key, other)])
    assert (classify(key, low, water) or 0) <= (classify(key, high, water) or 0)


@given(st.fractions(0, 15, max_denominator=1000), st.fractions(0, 15, max_denominator=1000))
def test_less_oxygen_never_has_a_better_class(one, other):
    low, high = sorted([one, other])
    assert classify("DO", low) >= classify("DO", high)


@given(KEYS, st.fractions(0, 100, max_denominator=100_000))
def test_rounding_moves_a_mean_by_half_a_digit_at_most_and_never_to_zero(key, value):
    rounded = round_item(key, value)
    assert abs(rounded - value) <= F(1, 2 * 10 ** ITEMS[key].decimals)
    assert (rounded == 0) == (value == 0)
    assert round_item(key, rounded) == rounded


@given(st.lists(st.tuples(st.sampled_from(["2023-08", "2023-09", "2023-10"]), st.integers(1, 999)), min_size=1, max_size=8), st.randoms())
def test_neither_the_order_of_samples_nor_their_unit_changes_anything(values, random):
    def result(cells):
        return evaluate_section("断面", samples(**CLEAN) | {"NH3N": [samples(month, NH3N=text)["NH3N"][0] for month, text in cells]})

    plain = result([(month, f"0.{value:03d}") for month, value in values])
    micro = [(month, f"{value}μg/L") for month, value in values]
    random.shuffle(micro)
    assert (plain.grade, plain.averages) == (result(micro).grade, result(micro).averages)


@given(st.lists(st.integers(55, 95), min_size=1, max_size=8))
def test_a_mean_ph_lies_between_its_values_and_never_above_the_arithmetic_mean(values):
    phs = [F(value, 10) for value in values]
    assert min(phs) <= mean_ph(phs) <= sum(phs) / len(phs)


@given(st.lists(st.integers(0, 1400), min_size=1, max_size=8), st.randoms())
def test_a_mean_ph_does_not_depend_on_the_order(values, random):
    phs = [F(value, 100) for value in values]
    shuffled = random.sample(phs, len(phs))
    assert mean_ph(phs) == mean_ph(shuffled)


@pytest.mark.parametrize(("text", "grade"), [("Ⅲ", 2), ("III", 2), ("Ⅲ类", 2), ("III 类", 2), ("3类", 2), ("三类", 2), ("ii", 1), ("Ⅴ", 4)])
def test_a_class_is_read_as_people_write_it(text, grade):
    assert read_class(text) == grade


def test_a_multiple_is_printed_with_one_decimal_by_the_rule_for_water_figures():
    assert [multiple_text(F(text)) for text in ("1.25", "1.35", "0.1", "2")] == ["1.2", "1.4", "0.1", "2.0"]


def test_half_the_limit_is_only_for_values_written_with_the_l():
    assert isinstance(FORM.field("VP").read("０．００２Ｌ"), Below)
    assert FORM.field("VP").read("0.002") == Quantity(F("0.002"), unit("mg/L"))
    with pytest.raises(ValueError, match="检出限加 L"):
        FORM.field("VP").read("未检出")


@pytest.mark.parametrize(("key", "text"), [("PH", "14.1"), ("PH", "-1"), ("TP", "-0.1"), ("TP", "0.1元"), ("NH3N", "约1"), ("FC", "0.5")])
def test_what_no_laboratory_can_have_measured_is_refused_by_the_form(key, text):
    with pytest.raises(ValueError, match=ITEMS[key].title):
        FORM.field(key).read(text)


def test_means_of_nothing_unknown_items_classes_and_mixed_waters_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        mean("TP", [])
    with pytest.raises(ValueError, match="at least one"):
        mean_ph([])
    with pytest.raises(KeyError):
        classify("CHLOROPHYLL", F(1))
    with pytest.raises(ValueError, match="劣Ⅴ"):
        read_class("劣Ⅴ")
    with pytest.raises(ValueError, match="graded apart"):
        basin_grade([section(CLEAN), section(CLEAN, "lake")])
    assert basin_grade([]) == OPEN
    assert basin_grade([section(CLEAN), section(CLEAN, x_items=("COD",))]) == OPEN
