"""Two years' rules in words: what was changed, whose marks change and why, what is proved to stay."""

import json

import pytest

from conftest import ROOT
from minsheng_core.cli import main

OCTOBER = ROOT / "examples/2023-10"


@pytest.fixture(scope="module")
def next_year(tmp_path_factory):
    """The 2024 draft with two shares, a deduction and an item's weight changed."""
    folder = tmp_path_factory.mktemp("rules") / "2024"
    assert main(["new-year", "2024", "--from", "2023", "--out", str(folder)]) == 0
    for name, old, new in (
        ("insurance.toml", 'value = "32929人", printed = "道林镇32929人"', 'value = "33929人", printed = "道林镇33929人"'),
        ("insurance.toml", 'value = "26351人", printed = "大屯营镇26351人"', 'value = "25351人", printed = "大屯营镇25351人"'),
        ("assessment.toml", 'per_day = "1分/天"', 'per_day = "2分/天"'),
    ):
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def told(capsys, *words):
    code = main(["diff", *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_what_changed_is_told_in_words_with_both_places(next_year, capsys):
    code, out, _ = told(capsys, "2023", next_year, "--no-proof")
    assert code == 0
    assert "城乡居民基本养老保险参保人数·分解·道林镇：32929人 → 33929人" in out
    assert "乡镇（街道）评估·迟报扣分·参数·per_day：1分/天 → 2分/天" in out
    assert "rules/2023/assessment.toml" in out
    assert "原文" not in out  # the printed words follow the figure
    assert "迟报天数 在 (0天, 5天) 时得分不同" in out
    assert "“牵头单位评估：市教育局”的总分：已证明；两者化为同样的运算" in out


def test_whose_marks_change_on_the_same_reports_and_why(next_year, capsys):
    _, out, _ = told(capsys, "2023", next_year, "--no-proof", "--reports", OCTOBER, "--json")
    data = json.loads(out)
    assert data["format"] == "minsheng.diff/1"
    moved = {one["body"]: (one["before"], one["after"], one["why"]) for one in data["moved"]}
    assert moved == {
        "道林镇": ("96.90", "94.04", "城乡居民养老保险参保任务完成96.9分→94.04分"),  # 31908 of 33929
        "大屯营镇": ("99.90", "100.00", "城乡居民养老保险参保任务完成99.9分→100分"),
        "老粮仓镇": ("97.00", "95.00", "迟报扣分3分→5分"),
        "青山桥镇": ("92.90", "91.90", "迟报扣分4分→5分"),
    }
    verdicts = {one["about"]: one["verdict"] for one in data["sheets"]}
    assert verdicts["the total of 'township'"] == "refuted"
    assert verdicts["the total of 'eco'"] == "proved"


def test_the_same_rules_have_not_changed_and_that_is_proved(capsys):
    code, out, _ = told(capsys, "2023", ROOT / "rules/2023", "--no-proof", "--reports", OCTOBER)
    assert code == 0
    assert "规则没有改动。" in out
    assert "不同" not in out
    assert "得分有变的0个" in out


def test_another_year_alone_changes_no_marks(tmp_path, capsys):
    main(["new-year", "2024", "--from", "2023", "--out", str(tmp_path / "2024")])
    _, out, _ = told(capsys, "2023", tmp_path / "2024", "--no-proof", "--reports", OCTOBER)
    assert "得分有变的0个" in out
    assert "不同" not in out


def test_rules_with_mistakes_are_not_compared(tmp_path, capsys):
    (tmp_path / "bad.toml").write_text('[scheme]\nid = "x"\n', encoding="utf-8")
    code, _, err = told(capsys, "2023", tmp_path / "bad.toml")
    assert code == 2
    assert "bad.toml" in err
