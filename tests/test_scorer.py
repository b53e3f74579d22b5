"""One sheet as one function: the 2023 scheme first, then the kept functions, which are never trusted over the rules."""

import os
import shutil
import subprocess
import sys
from fractions import Fraction as F
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minsheng_core import MinshengError, Quantity, QuantityError, Rounding, RuleError, cache_folder, load_scorer, round_places

RULES = Path(__file__).parents[1] / "rules/2023"
LIYANG = Path(__file__).parents[1] / "examples/rules/liyang-2018.toml"


def row_of(scorer, **cells):
    return {name: None for name, *_ in scorer.columns} | {"period": scorer_period(scorer)} | cells


def scorer_period(scorer):
    return next(low for name, _, _, _, low, _, _ in scorer.columns if name == "period")


@pytest.fixture(scope="module")
def township():
    return load_scorer("2023")


def test_602_of_768_is_78_39_and_its_explanation_comes_from_the_same_run(township):
    row = row_of(township, insured=602, target=768)
    assert township.score(row) == 7839
    explained = township.explained(row)
    assert explained.total == F("78.39")
    values = {str(step.value) for _, step in explained.step.walk()}
    assert {"78.39分", "602人", "768人"} <= values
    assert explained.step.parts[0].label == "城乡居民养老保险参保任务完成"


def test_what_is_missing_out_of_range_or_no_whole_number_gets_no_marks(township):
    assert township.score(row_of(township, insured=None, target=768)) is None
    assert township.score(row_of(township, insured=602, target=0)) is None
    assert township.score(row_of(township, insured=-1, target=768)) is None
    assert "未填报" in township.explained(row_of(township, insured=None, target=768)).step.how
    for cell in (602.0, "602", F(602), True):
        with pytest.raises(QuantityError, match="whole numbers"):
            township.score(row_of(township, insured=cell, target=768))
    with pytest.raises(KeyError):
        township.score({"insured": 1})


def test_late_days_typical_cases_and_vetoes_count(township):
    full = row_of(township, insured=768, target=768)
    assert township.score(full) == 10000
    assert township.score(full | {"late_days": 2}) == 9800
    assert township.score(full | {"late_days": 366, "typical_province": 1}) == 9700
    assert township.score(full | {"typical_province": 9}) == 10500
    assert township.score(full | {"safety_major": 1}) == 5900
    assert township.score(full | {"falsified": 1}) == 0


@given(
    st.one_of(st.none(), st.integers(0, 1200)), st.one_of(st.none(), st.integers(0, 900)), st.one_of(st.none(), st.integers(0, 9)),
    st.integers(0, 3), st.integers(0, 12),
)  # fmt: skip
def test_the_explanation_is_of_the_very_run_that_gave_the_score(township, insured, target, late, cases, faults):
    row = row_of(township, insured=insured, target=target, late_days=late, typical_city=cases, supervision_open=faults)
    marks, explained = township.score(row), township.explained(row)
    assert explained.total == (None if marks is None else F(marks, 100))
    assert (explained.step.value is None) == (marks is None)
    if marks is not None:  # the parts, rounded as the sheet says, add up to the whole within its floor and ceiling
        item, *adjustments = [round(step.value.value, 2) for step in explained.step.parts if isinstance(step.value, Quantity)]
        rounded = round_places(explained.step.parts[0].value.value, 2, Rounding.HALF_UP)
        bonus = adjustments[2]
        assert max(F(0), min(F(110), rounded - adjustments[0] - adjustments[1] + bonus)) == explained.total
        assert item >= 0


def test_a_sheet_is_chosen_by_its_id_and_one_that_is_not_there_is_named():
    assert [name for name, *_ in load_scorer("2023", "edu").columns] == ["period", "counted", "target"]
    with pytest.raises(MinshengError, match=r"no sheet 'nobody'.*township, hrss, edu, eco"):
        load_scorer("2023", "nobody")


def test_kept_functions_are_used_again_and_made_anew_when_a_rule_changes(tmp_path):
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    cache = tmp_path / "cache"
    first = load_scorer(rules, cache=cache)
    (kept,) = cache.iterdir()
    stamp = kept.stat().st_mtime_ns
    again = load_scorer(rules, cache=cache)
    assert (again.fingerprint, kept.stat().st_mtime_ns) == (first.fingerprint, stamp)
    row = row_of(first, insured=768, target=768, late_days=2)
    assert first.score(row) == again.score(row) == 9800
    file = rules / "assessment.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('per_day = "1分/天"', 'per_day = "2分/天"'), encoding="utf-8")
    changed = load_scorer(rules, cache=cache)
    assert changed.fingerprint != first.fingerprint
    assert changed.score(row) == 9600
    with pytest.raises(RuleError, match="load it again"):
        first.explained(row).step  # noqa: B018 - reading it makes it


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xe9\x01\x00\x00\x00"])
def test_a_damaged_or_foreign_entry_is_made_anew(tmp_path, content):
    load_scorer(LIYANG, cache=tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(content)
    assert load_scorer(LIYANG, cache=tmp_path).score({"period": 2018 * 12, "insured": 1100, "target": 1000}) == 2000
    assert len(kept.read_bytes()) > 1000


def test_an_entry_that_others_may_write_is_not_trusted(tmp_path):
    load_scorer(LIYANG, cache=tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.chmod(0o666)
    load_scorer(LIYANG, cache=tmp_path)
    assert kept.stat().st_mode & 0o022 == 0


def test_a_cache_that_cannot_be_written_only_costs_the_time(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert load_scorer(LIYANG, cache=blocked / "below").sheet == "villages"


def test_the_cache_folder_follows_the_environment():
    assert cache_folder({"MINSHENG_CACHE": "/x"}) == Path("/x")
    assert cache_folder({"XDG_CACHE_HOME": "/y"}) == Path("/y/minsheng")
    assert cache_folder({}).name == "minsheng"


def test_a_kept_scorer_needs_neither_attrs_nor_toml(tmp_path):
    code = (
        "import sys, pathlib; from minsheng_core import load_scorer\n"
        "load_scorer('2023', cache=pathlib.Path(sys.argv[1])); print(*sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    for _ in range(2):
        loaded = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ)).stdout.split()
    assert not {"attr", "attrs", "cattrs", "tomli", "pluggy", "importlib.metadata", "minsheng_core.formula"} & set(loaded)


def test_a_relative_path_is_another_one_in_another_folder(tmp_path, monkeypatch):
    text = LIYANG.read_text(encoding="utf-8")
    for name, price in (("a", "1分"), ("b", "2分")):
        (tmp_path / name).mkdir()
        changed = text[: text.index("[[example]]")].replace('price = "1分"', f'price = "{price}"')
        (tmp_path / name / "r.toml").write_text(changed, encoding="utf-8")
    found = []
    for name in ("a", "b"):
        monkeypatch.chdir(tmp_path / name)
        found.append(load_scorer("r.toml", cache=tmp_path / "cache").score({"period": 2018 * 12, "insured": 1010, "target": 1000}))
    assert found == [1100, 1200]


def test_a_sheet_of_many_items_does_not_nest_too_deep(tmp_path):
    text = LIYANG.read_text(encoding="utf-8")
    start, end = text.index("[[sheet.item]]"), text.index("[[example]]")
    items = "".join(text[start:end].replace('id = "pension"', f'id = "i{k}"') for k in range(300))
    (tmp_path / "r.toml").write_text(text[:start].replace('full = "10分"', 'full = "3000分"', 1) + items, encoding="utf-8")
    assert load_scorer(tmp_path / "r.toml").score({"period": 2018 * 12, "insured": 1000, "target": 1000}) == 300_000
