"""Reconciling printed splits: the paper's own first, other offices' ways of printing, then names and refusals."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minsheng_core import Names, load_scheme, read_splits, reconcile

SCHEME = load_scheme("2023")
NAMES = Names(SCHEME.bodies)
RESIDENTS = SCHEME.indicator("resident_pension")
PAPER = "城居养保75.743万人：" + "、".join(share.printed for share in RESIDENTS.shares) + "；城职养保30.9万人，无需分解。"


def resolve(name):
    body = NAMES.resolve(name)
    return body.name if body else None


def test_the_papers_split_is_consistent_within_its_printed_precision():
    (split,) = read_splits(PAPER)
    result = reconcile(split, resolve, NAMES.suggest)
    assert (len(split.entries), str(result.sum), str(result.printed), result.printed.tolerance) == (29, "757431人", "757430人", 5)
    assert (result.verdict, result.difference.value, result.renamed) == ("consistent", 1, (("浏山乡", "沩山乡"),))


def test_with_one_more_printed_digit_it_would_not_be():
    (split,) = read_splits(PAPER.replace("75.743万", "75.7430万"))
    assert reconcile(split).verdict == "inconsistent"


@pytest.mark.parametrize(
    ("text", "bodies", "total", "verdict"),
    [
        ("元坝镇280 白果乡15 青牛乡20", 3, "315", "no printed total"),
        ("目标295个：元坝镇280 白果乡15", 2, "295个", "consistent"),
        ("全县任务1200户，其中：甲镇100户、乙镇1100户", 2, "1200户", "consistent"),
        ("甲镇（100户）、乙镇（50户）、丙镇（5户），合计155户", 3, "155户", "consistent"),
        ("甲镇：1,100户；乙镇：50户；丙乡：1，234户", 3, "2384户", "no printed total"),
        ("甲镇１００人，乙镇２００人、\n丙镇300人。合计601人", 3, "600人", "inconsistent"),
        ("全市3.5亿元：甲镇1.2亿元、乙镇2300万元、丙乡20700万元", 3, "35000万元", "consistent"),
        ("序号\t乡镇\t任务数（户）\n1\t甲镇\t300\n2\t乙镇\t200\n3\t丙乡\t392\n合计\t\t892", 3, "892", "consistent"),
        ("序号 乡镇 任务数\n1 甲镇 300\n2 乙镇 200\n3 丙乡 392\n合计 892", 3, "892", "consistent"),
        ("改造危房1200户：元坝镇280户、白\n果乡15户、青牛乡905户。", 3, "1200户", "consistent"),
        ("新建农村公路（公里）120.5：甲镇30.5公里，乙乡40公里，丙乡50公里", 3, "120.5公里", "consistent"),
        ("2023年任务数：甲镇20、乙镇30、丙镇50，共100个", 3, "100个", "consistent"),
        ("合计：1000户。其中：甲镇：300户，乙镇：700户", 2, "1000户", "consistent"),
        ("培训2000人次（其中甲镇500人次、乙镇700人次、丙镇800人次）", 3, "2000人次", "consistent"),
        ("建设任务12.5公里：甲镇3.5公里、乙镇4公里、丙镇5公里", 3, "12.5公里", "consistent"),
    ],
)
def test_other_offices_print_it_otherwise(text, bodies, total, verdict):
    (split,) = read_splits(text)
    result = reconcile(split)
    assert (len(split.entries), str(result.sum), result.verdict) == (bodies, total, verdict)


@pytest.mark.parametrize(
    "text",
    [
        "2023年基本养老、工伤和失业保险参保人数分别达到106.643万人、14.2万人和9.8万人。",
        "2022年完成120户、2023年完成130户、2024年完成150户",
        "2023年8月2日",
        "完成投资120亿元、新增就业3.2万人、失业率3.5%、新建学校4所。",
        "",
    ],
)
def test_prose_is_no_split(text):
    assert read_splits(text) == ()


names = st.lists(
    st.text(alphabet="甲乙丙丁戊己庚辛", min_size=1, max_size=3).map(lambda name: name + "镇"), min_size=3, max_size=12, unique=True
)


@given(names, st.data())
def test_a_printed_split_is_read_back_and_reconciles(bodies, data):
    counts = [data.draw(st.integers(1, 99_999)) for _ in bodies]
    form = data.draw(st.sampled_from(["{}{}人、", "{}{}人，", "{} {}人 ", "{}：{}人；", "{}（{}人）、"]))
    text = f"参保{sum(counts)}人：" + "".join(form.format(name, count) for name, count in zip(bodies, counts, strict=True))
    (split,) = read_splits(text)
    assert [(entry.name, entry.quantity.value) for entry in split.entries] == list(zip(bodies, counts, strict=True))
    assert reconcile(split).verdict == "consistent"


def test_an_unknown_name_is_reported_with_suggestions_and_never_guessed():
    (split,) = read_splits("浏阳镇100人、灰汤镇200人、灰汤200人")
    result = reconcile(split, resolve, NAMES.suggest)
    assert [finding.code for finding in result.findings] == ["reconcile.unknown", "reconcile.twice"]
    assert result.findings[0].place.column == 1


def test_units_that_do_not_fit_are_a_finding():
    (split,) = read_splits("投资300万元：甲镇100户、乙镇200户、丙镇300户")
    assert [finding.code for finding in reconcile(split).findings] == ["reconcile.unit"]


@pytest.mark.parametrize("text", ["9" * 300_000, "镇" * 300_000, "甲镇1" * 60_000, "，" * 300_000])
def test_hostile_text_takes_bounded_time(text):
    start = time.process_time()
    read_splits(text)
    assert time.process_time() - start < 20


def test_a_name_that_begins_like_a_conjunction_or_a_total_is_kept():
    (split,) = read_splits("和平镇100户、共和镇50户和丙镇30户，共计180户")
    assert [entry.name for entry in split.entries] == ["和平镇", "共和镇", "丙镇"]
    assert reconcile(split).verdict == "consistent"


def test_a_subtotal_ends_its_split():
    first, second = read_splits("甲镇1 乙镇2 丙镇3 小计6 丁镇4 戊镇5 小计9 合计15")
    assert [str(split.total) for split in (first, second)] == ["6", "9"]
    assert {reconcile(split).verdict for split in (first, second)} == {"consistent"}


@pytest.mark.parametrize("number", ["1" * 40, "1" + ",111" * 12, "1" * 18 + "." + "1" * 20], ids=["digits", "thousands", "decimals"])
def test_a_number_too_long_for_a_report_is_passed_over(number):
    assert read_splits(f"甲镇{number}户、乙镇1户、丙镇1户") == ()


@pytest.mark.parametrize("text", ["甲镇" + " " * 1_000_000, "甲镇1、" * 100_000], ids=["spaces", "items"])
def test_hostile_spaces_and_endless_lists_take_bounded_time(text):
    start = time.process_time()
    read_splits(text)
    assert time.process_time() - start < 10


def test_a_heading_above_a_list_is_no_part_of_its_first_name():
    (split,) = read_splits("二、总产量\n东镇5万吨、西镇4万吨、南\n乡3万吨\n")
    assert [entry.name for entry in split.entries] == ["东镇", "西镇", "南乡"]


def test_a_name_that_begins_like_a_unit_is_kept_and_a_unit_set_apart_is_one():
    (split,) = read_splits("改造600户：白果乡15 元坝镇280 张家镇105 万家铺镇200")
    assert [entry.name for entry in split.entries] == ["白果乡", "元坝镇", "张家镇", "万家铺镇"]
    assert reconcile(split).verdict == "consistent"
    (split,) = read_splits("甲镇 30 户、乙镇 20 户，丙镇 3 户")
    assert str(reconcile(split).sum) == "53户"
