"""Year against year: schemes side by side, values that change within a year, results that stay reproducible."""

import re
import shutil
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from minsheng_core import (
    Period,
    RuleError,
    assess,
    check_rules,
    installed_schemes,
    load_plugins,
    load_scheme,
    load_scorer,
    prepare,
    read_reports,
)
from minsheng_core.scheme import load

ROOT = Path(__file__).parents[1]


@pytest.fixture
def next_year(tmp_path):
    """The 2023 rules turned into a year 2024 that we made up: 迟报 costs 1分 a day, from July 3分."""
    folder = tmp_path / "2024"
    shutil.copytree(ROOT / "rules/2023", folder)
    scheme = folder / "scheme.toml"
    scheme.write_text(
        scheme.read_text(encoding="utf-8").replace("year = 2023", "year = 2024").replace("ningxiang-2023", "ningxiang-2024"),
        encoding="utf-8",
    )
    rules = folder / "assessment.toml"
    dated = 'per_day = [{ from = 2024-01-01, value = "1分/天" }, { from = 2024-07-01, value = "3分/天" }]'
    rules.write_text(
        rules.read_text(encoding="utf-8").replace('per_day = "1分/天"', dated).replace('most = "5分" }', 'most = "50分" }', 1),
        encoding="utf-8",
    )
    return folder


def late(scorer, year, month):
    row = dict.fromkeys(name for name, *_ in scorer.columns)
    return scorer.score(row | {"period": year * 12 + month - 1, "insured": 768, "target": 768, "late_days": 4})


def test_a_value_holds_until_the_next_one_starts_and_a_month_is_scored_by_its_last_day(next_year):
    scorer = load_scorer(next_year)
    assert [late(scorer, 2024, month) for month in (1, 6, 7, 12)] == [9600, 9600, 8800, 8800]


def test_years_lie_side_by_side_and_a_published_result_does_not_change(next_year, prepared, sample):
    later = prepare(load_scheme(next_year), load_plugins())
    assert (prepared.scheme.year, later.scheme.year) == (2023, 2024)
    filed = read_reports([ROOT / "examples/2023-10"], prepared)
    again = assess(prepared, filed, Period(2023, 10))
    assert again == sample
    assert assess(later, filed, Period(2024, 10)).fingerprints["rules"] != sample.fingerprints["rules"]


def test_another_distribution_may_bring_a_year(next_year, monkeypatch):
    point = EntryPoint(name="2024", value="somewhere:RULES", group=load.SCHEMES)
    monkeypatch.setattr(load, "_points", lambda: (point,))
    monkeypatch.setattr(EntryPoint, "load", lambda self: next_year)
    assert installed_schemes() == ("2023", "2024")
    assert (load_scheme("2024").year, load_scheme("2023").year) == (2024, 2023)
    monkeypatch.setattr(EntryPoint, "load", lambda self: "not a folder")
    with pytest.raises(RuleError, match=r"no pathlib\.Path to a folder"):
        load_scheme("2024")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("[]", "at least one row"),
        ('[{ from = 2024-01-01, value = "1分/天" }, { from = 2024-01-01, value = "2分/天" }]', "two values start on 2024-01-01"),
        ('[{ from = 2024-01-01, value = "1分/天" }, { from = 2024-07-01, value = "2分" }]', "not of one dimension"),
        ('[{ from = "2024", value = "1分/天" }]', "a list of { from = 2023-01-01"),
        ("7", "a quantity in quotes"),
    ],
)
def test_a_dated_value_that_cannot_hold_is_a_mistake(next_year, rows, message):
    rules = next_year / "assessment.toml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(re.sub(r"per_day = \[.*?\]", f"per_day = {rows}", text), encoding="utf-8")
    _, findings = check_rules(next_year, load_plugins())
    assert any(message in finding.message for finding in findings), [str(one) for one in findings]


def test_before_its_first_day_a_value_is_undetermined(next_year):
    rules = next_year / "assessment.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("from = 2024-01-01", "from = 2024-03-01"), encoding="utf-8")
    scorer = load_scorer(next_year)
    assert [late(scorer, 2024, month) for month in (2, 3)] == [None, 9600]
