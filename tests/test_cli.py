"""The command line, as a stranger uses it: the README's jobs first, then what it must refuse without a traceback."""

import json
from pathlib import Path

import pytest

from minsheng_core import load_scheme
from minsheng_core.cli import COMMANDS, main

ROOT = Path(__file__).parents[1]
OCTOBER = str(ROOT / "examples/2023-10")


@pytest.fixture
def run(capsys):
    def call(*words):
        code = main(words)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_assess_prints_ranking_findings_assumptions_and_an_explanation(run):
    code, out, err = run("assess", "2023", "--reports", OCTOBER)
    assert (code, err) == (1, "")
    assert all(body.name in out for body in load_scheme("2023").bodies if body.kind in ("镇", "乡", "街道"))
    for words in ("不排名：龙田镇（未填报）", "insurance.scale", "〔假定〕", "为什么是这个分", "暂列"):
        assert words in out


def test_explain_goes_from_the_clause_to_the_line_of_the_file(run):
    code, out, _ = run("explain", "沩山乡", "--reports", OCTOBER)
    assert code == 0
    assert "resident_pension.invented.csv:24:4" in out
    assert "附表第1行" in out
    assert "浏山乡11037人" in out


def test_json_has_a_version_and_exact_numbers_as_strings(run):
    _, out, _ = run("assess", "2023", "--reports", OCTOBER, "--json")
    data = json.loads(out)
    assert data["format"] == "minsheng.assessment/1"
    first = data["sheets"][0]["bodies"][0]
    assert first["total"] == {"value": "100.8", "unit": "分"}
    explained = json.loads(run("explain", "430182218", "--reports", OCTOBER, "--json")[1])
    assert (explained["format"], explained["name"]) == ("minsheng.explanation/1", "沩山乡")


def test_reconcile_the_paper(run, tmp_path):
    paper = tmp_path / "paper.txt"
    split = "、".join(share.printed for share in load_scheme("2023").indicator("resident_pension").shares)
    paper.write_text(f"城居养保75.743万人：{split}；城职养保30.9万人，无需分解。", encoding="gb18030")
    code, out, _ = run("reconcile", str(paper))
    assert code == 0
    for words in ("29", "757431", "757430 ± 5", "一致（consistent）", "浏山乡 → 沩山乡"):
        assert words in out
    assert json.loads(run("reconcile", str(paper), "--json")[1])["splits"][0]["verdict"] == "consistent"


def test_reconcile_another_countys_paper_takes_names_as_printed(run, tmp_path):
    paper = tmp_path / "paper.txt"
    paper.write_text("任务300户：元坝镇280 白果乡15", encoding="utf-8")
    code, out, _ = run("reconcile", str(paper))
    assert (code, "不一致（inconsistent）" in out, "照印" in out) == (1, True, True)


def test_check_says_fine_or_every_place(run, tmp_path):
    assert run("check", "2023")[0] == 0
    faulty = tmp_path / "faulty.toml"
    faulty.write_text('[scheme]\nid = "x"\ntitle = "x"\nyear = "2023"\ndocument = "d"\nnote = nan\n', encoding="utf-8")
    code, out, _ = run("check", str(faulty))
    assert (code, "faulty.toml:6:8: error: nan is no number of a rule" in out) == (1, True)


def test_allocate_conserves_and_lists_its_methods(run, tmp_path):
    weights = tmp_path / "w.csv"
    weights.write_text("单位,权重,下限,上限\n甲镇,1,,\n乙镇,2,,\n丙镇,４,,\n", encoding="utf-8")
    code, out, _ = run("allocate", "4所", "--weights", str(weights), "--json")
    assert code == 0
    assert [share["value"] for share in json.loads(out)["shares"]] == ["1", "1", "2"]
    assert "house" in run("allocate", "--list")[1]
    weights.write_text("单位,权重\n甲镇,很多\n", encoding="utf-8")
    code, _, err = run("allocate", "4所", "--weights", str(weights))
    assert (code, "w.csv:2: not a number: '很多'" in err) == (2, True)


def test_allocate_splits_万人_in_people_and_loses_no_body(run, tmp_path):
    weights = tmp_path / "w.csv"
    weights.write_text("# 虚构\n单位,权重\n甲镇,1\n乙镇,1\n合计,2\n", encoding="gb18030")
    code, out, _ = run("allocate", "76.0001万人", "--weights", str(weights), "--json")
    data = json.loads(out)
    assert (code, [share["value"] for share in data["shares"]], data["ties"]) == (0, ["380001", "380000"], ["甲镇", "乙镇"])
    assert [share["unit"] for share in json.loads(run("allocate", "76万人", "--weights", str(weights), "--json")[1])["shares"]] == [
        "人",
        "人",
    ]
    weights.write_text("甲镇,1\n乙镇,1\n", encoding="utf-8")
    code, _, err = run("allocate", "4所", "--weights", str(weights))
    assert (code, "w.csv:1: expected a header" in err) == (2, True)


def test_plugins_lists_the_three(run):
    code, out, _ = run("plugins")
    assert (code, [name in out for name in ("minsheng-insurance", "minsheng-vocational", "minsheng-water")]) == (0, [True] * 3)
    assert json.loads(run("plugins", "--json")[1])["api"] == [1, 0]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_and_the_exit_codes(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    out = capsys.readouterr().out
    assert (stop.value.code, f"minsheng {command}" in out.partition("example:")[2], "exit codes" in out) == (0, True, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["assess", "2023", "--reports", "nowhere"], "no such file or folder"),
        (["assess", "1999", "--reports", OCTOBER], "installed schemes are 2023"),
        (["assess", "2023", "--reports", OCTOBER, "--period", "2024-01"], "the scheme is for 2023"),
        (["explain", "浏阳市", "--reports", OCTOBER], "no body '浏阳市'"),
        (["explain", "市税务局", "--reports", OCTOBER], "is on no assessment sheet"),
        (["reconcile", "nowhere.txt"], "can't be read"),
        (["allocate", "4斤", "--weights", "nowhere.csv"], "unknown unit"),
        (["allocate", "4所", "--weights", "w.csv", "--method", "lottery"], "no method 'lottery'"),
        (["allocate"], "give a total and --weights"),
    ],
)
def test_what_can_not_run_says_why_and_exits_2(run, words, message):
    code, _, err = run(*words)
    assert code == 2
    assert message in err
    assert "Traceback" not in err


def test_where_no_row_can_be_read_every_reason_is_said(run, tmp_path):
    (tmp_path / "resident_pension.csv").write_text("单位,期间,参保人数\n沩山乡,2023-10," + "9" * 200_000, encoding="utf-8")
    (tmp_path / "work_injury.csv").write_bytes(b"\0\1")
    (tmp_path / "unemployment.csv").write_text("没有表头\n", encoding="utf-8")
    (tmp_path / "roads.csv").write_text("单位,期间\n", encoding="utf-8")
    code, _, err = run("assess", "2023", "--reports", str(tmp_path))
    assert code == 2
    for words in ("resident_pension.csv", "work_injury.csv", "unemployment.csv", "roads.csv", "report.unreadable", "report.no_header"):
        assert words in err


def test_a_missing_plugin_is_an_error_never_a_partial_result(run, monkeypatch):
    monkeypatch.setenv("MINSHENG_PLUGINS", "insurance,vocational")
    code, out, err = run("assess", "2023", "--reports", OCTOBER)
    assert (code, out) == (2, "")
    assert "water: blocked" in err
