"""Next year's rules begin as a copy of this year's: they load and score the same, and say of every figure that it wants a new source."""

import re

import pytest

from conftest import ROOT
from minsheng_core import check_rules, load_plugins, load_scheme
from minsheng_core.cli import main

PAPERS = sorted((ROOT / "examples/rules").glob("*.toml"))


def plain(text):
    return re.sub(r"(；|  # )待核：沿用\d{4}年", "", text)


def test_the_2023_scheme_as_the_draft_of_2024(tmp_path, capsys):
    assert main(["new-year", "2024", "--from", "2023", "--out", str(tmp_path / "2024")]) == 0
    assert "71 lines whose figures are those of 2023" in capsys.readouterr().out
    for old in (ROOT / "rules/2023").glob("*.toml"):
        before, after = (path.read_text(encoding="utf-8") for path in (old, tmp_path / "2024" / old.name))
        if old.name != "scheme.toml":
            assert plain(after) == before  # every comment is there, and nothing else was touched
        for line in after.splitlines():
            if re.search(r'(value|printed|full|cap) = "[\d.]+', line) or line.lstrip().startswith("figures"):
                assert "待核：沿用2023年" in line, line
    scheme = load_scheme(tmp_path / "2024")
    assert (scheme.id, scheme.year) == ("ningxiang-2024", 2024)
    assert scheme.indicators == load_scheme("2023").indicators


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.stem)
def test_a_paper_with_worked_examples_and_dated_figures_still_holds_a_year_later(paper, tmp_path, capsys):
    year = load_scheme(paper).year
    assert main(["new-year", str(year + 1), "--from", str(paper), "--out", str(tmp_path / "new")]) == 0, capsys.readouterr().out
    scheme, findings = check_rules(tmp_path / "new", load_plugins(only=[]))  # reckons the examples again
    assert not [one for one in findings if one.severity.value == "error"]
    assert scheme.year == year + 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["2023", "--from", "2023"], "no other year"),
        (["2024", "--from", "nowhere"], "no such scheme"),
        (["2024", "--from", "2023", "--out", "."], "is there already"),
    ],
)
def test_what_is_no_new_year_is_refused(words, told, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["new-year", *words]) == 2
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
