"""The commands of an office: a quarter played whole; a month by hand, its correction; and every message that a clerk may meet."""

import hashlib
import json
import re
import shutil

import pytest
from docx import Document

from conftest import ROOT
from minsheng_core.cli import main
from minsheng_core.ledger.store import open_ledger

EXAMPLES = ROOT / "examples"
CLERK, VERIFIER = "张三@市人社局", "王五@市人社局"
REVIEWERS = ("李四@市人社局", "陈一@市教育局", "陈二@长沙市生态环境局宁乡分局")


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MINSHENG_LEDGER", raising=False)

    def call(*words):
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def october(run, monkeypatch):
    """The sample month taken in, corrected, reviewed and verified; no PDF, which takes seconds."""
    from minsheng_core.cli import publish

    monkeypatch.setattr(publish, "_pdf", lambda out, outputs: None)
    assert run("intake", EXAMPLES / "2023-10", "--by", CLERK, "--at", "2023-11-06T09:00+08:00")[0] == 1  # it holds planted faults
    assert run("intake", EXAMPLES / "2023-10-corrected", "--by", CLERK, "--at", "2023-11-09T09:00+08:00")[0] == 0
    for reviewer in REVIEWERS:
        assert run("review", "--by", reviewer, "--all", "--at", "2023-11-09T10:00+08:00")[0] == 0
    assert run("verify", "--by", VERIFIER, "--all", "--at", "2023-11-10T09:00+08:00")[0] == 0
    return run


# -- a month by hand -------------------------------------------------------------------------------------------------------


def test_a_month_is_published_and_made_again_byte_by_byte(october, tmp_path):
    code, out, _ = october("publish", "--period", "2023-10", "--by", VERIFIER, "--at", "2023-11-12T09:00+08:00")
    assert code == 0
    assert "已发布  第1号通报" in out
    folder = tmp_path / "发布/2023-10"
    first = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    assert len(first) == 4 + 32
    with open_ledger(tmp_path / "ledger.db", "ningxiang-2023") as ledger:
        data = ledger.entries()[-1].draft.data
    assert {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in data["files"]} == data["files"]
    shutil.rmtree(folder)
    code, out, _ = october("publish", "--period", "2023-10", "--by", VERIFIER)  # today, and by then more may be in the ledger
    assert code == 0
    assert "与当时逐字节一致" in out
    assert {path: path.read_bytes() for path in first} == first


def test_final_marks_rest_on_verified_figures_and_confirmed_records(october, tmp_path):
    october("publish", "--period", "2023-10", "--by", VERIFIER, "--out", "a")
    data = json.loads((tmp_path / "a/publication.json").read_text(encoding="utf-8"))["assessment"]
    assert (data["stage"], data["provisional"]) == ("verified", False)
    totals = {one["body"]["name"]: one["total"]["value"] for one in data["sheets"][0]["bodies"]}
    assert totals["灰汤镇"] == "99.8"  # its city case is not confirmed yet
    assert len(totals) == 29  # 横市镇、黄材镇、龙田镇 came in after all
    numbers = re.findall(r"^ *(\d+) .* 记事 ", october("ledger", "log")[1], re.MULTILINE)
    words = [word for number in numbers for word in ("--record", number)]
    assert october("verify", "--by", VERIFIER, *words)[0] == 0
    code, _, err = october("publish", "--period", "2023-10", "--by", VERIFIER, "--out", "b")
    assert code == 2
    assert "须作为对第1号的更正发布，并写明理由" in err
    code, out, _ = october("publish", "--period", "2023-10", "--by", VERIFIER, "--out", "b", "--correct", "补认典型案例和督查事项")
    assert code == 0
    assert "第2号通报" in out
    page = (tmp_path / "b/排名.html").read_text(encoding="utf-8")
    assert "更正第1号" in page
    assert "补认典型案例和督查事项" in page
    totals = {
        one["body"]["name"]: one["total"]["value"]
        for one in json.loads((tmp_path / "b/publication.json").read_text())["assessment"]["sheets"][0]["bodies"]
    }
    assert totals["灰汤镇"] == "100.8"


def test_before_anything_is_verified_only_a_provisional_ranking_can_be_published(run, tmp_path, monkeypatch):
    from minsheng_core.cli import publish

    monkeypatch.setattr(publish, "_pdf", lambda out, outputs: None)
    run("intake", EXAMPLES / "2023-10", "--by", CLERK)
    code, _, err = run("publish", "--period", "2023-10", "--by", VERIFIER)
    assert code == 2
    assert "没有一个单位的数据已核验；要先发暂列的，加 --provisional" in err
    assert run("publish", "--period", "2023-10", "--by", VERIFIER, "--provisional")[0] == 0
    for page in (tmp_path / "发布/2023-10").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert '<span class="mark provisional">暂列</span>' in text
        assert "虚构数据" in text  # the files say so in their names


def test_where_something_is_verified_but_nobody_can_be_scored_it_says_so(run):
    at = ("--at", "2023-11-06T09:00+08:00")
    run("intake", EXAMPLES / "2023-10/work_injury.invented.csv", "--by", CLERK, *at)
    run("review", "--by", REVIEWERS[0], "--all", *at)
    assert run("verify", "--by", VERIFIER, "--all", *at)[0] == 0
    code, _, err = run("publish", "--period", "2023-10", "--by", VERIFIER)
    assert code == 2
    assert "已核验1项，但没有一个单位能评出总分（" in err
    assert "未填报" in err


def test_what_another_template_makes_is_put_beside_what_was_published(october, tmp_path):
    """What once was published stays as it was; made again with something else, it is shown as such and never put over it."""
    assert october("publish", "--period", "2023-10", "--by", VERIFIER, "--sample", "--at", "2023-11-12T09:00+08:00")[0] == 0
    folder = tmp_path / "发布/2023-10"
    first = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    document = Document()
    document.add_paragraph("{{ title }}")
    document.save(tmp_path / "own.docx")
    code, out, _ = october("publish", "--period", "2023-10", "--by", VERIFIER, "--template", "own.docx")
    assert code == 1
    assert "通报.docx 与当时发布的不同（模板或程序版本不同），没有覆盖，另放在 发布/2023-10/与发布时不同" in out
    assert {path: path.read_bytes() for path in first} == first  # also without --sample: the ledger knows that it is invented
    assert [path.name for path in (folder / "与发布时不同").iterdir()] == ["通报.docx"]


def test_a_template_that_nobody_filled_in_is_not_passed_over(run):
    assert run("template", "2023", "--body", "沩山乡", "--period", "2023-10")[0] == 0
    code, out, _ = run("intake", "沩山乡-2023-10.xlsx", "--by", CLERK)
    assert code == 1
    assert "没有读到一行填报" in out


def test_nothing_is_done_ahead_of_time(run):
    code, _, err = run("intake", EXAMPLES / "2023-10", "--by", CLERK, "--at", "2999-01-01T00:00+08:00")
    assert code == 2
    assert "还没有到；不能预先办理" in err


def test_who_is_late_what_is_missing_and_what_waits_is_a_list(run):
    run("intake", EXAMPLES / "2023-10", "--by", CLERK, "--at", "2023-11-06T09:00+08:00")
    code, out, _ = run("due", "--period", "2023-10", "--today", "2023-11-08")
    assert code == 0
    assert re.search(r"龙田镇 .* 2023-11-05  未报 +— +3天  龙田镇", out)
    assert re.search(r"老粮仓镇 .* 待审核  2023-11-08 +3天  市人社局", out)
    assert "应报34项：未报3，待审核31" in out
    data = json.loads(run("due", "--period", "2023-Q4", "--today", "2024-02-01", "--json")[1])
    assert data["format"] == "minsheng.due/1"
    assert {one["period"] for one in data["due"]} == {"2023-10", "2023-11", "2023-12", "2023-Q4"}


def test_the_next_months_template_shows_what_was_verified(october, tmp_path):
    from openpyxl import load_workbook

    assert october("template", "2023", "--body", "沩山乡", "--period", "2023-11")[0] == 0
    sheet = load_workbook(tmp_path / "沩山乡-2023-11.xlsx")["城乡居民基本养老保险参保人数"]
    assert "10496" in [cell.value for cell in sheet[5]]
    assert october("template", "2023", "--body", "沩山乡", "--period", "2023-11", "--ledger", "nowhere.db")[0] == 2


@pytest.mark.slow
def test_a_quarter_is_played_from_templates_to_the_bulletin(run, tmp_path, monkeypatch):
    from minsheng_core.cli import publish

    monkeypatch.setattr(publish, "_pdf", lambda out, outputs: None)
    code, out, _ = run("demo")
    assert code == 0
    assert "台账完好" in out
    assert "横市镇缴费人数与领取待遇人数相加为32885人" in out
    for name in ("排名.html", "通报.docx", "附表.xlsx", "publication.json"):
        assert (tmp_path / "发布/2023-Q4" / name).stat().st_size > 10_000
    assert len(list((tmp_path / "退回").iterdir())) == 2
    data = json.loads((tmp_path / "发布/2023-Q4/publication.json").read_text(encoding="utf-8"))
    assert data["sample"]
    assert not data["assessment"]["provisional"]
    first = data["assessment"]["sheets"][0]["bodies"][0]
    assert (first["body"]["name"], first["total"]["value"]) == ("花明楼镇", "102")
    assert "填报/" not in json.dumps(first, ensure_ascii=False)  # no path of this machine, but the clerk's file, sheet and cell
    assert "花明楼镇-2023-12（虚构）.xlsx!城乡居民基本养老保险参保人数!A5" in json.dumps(first, ensure_ascii=False)
    code, _, err = run("demo")
    assert code == 2
    assert "不是空文件夹" in err


# -- what a clerk may meet ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["review", "--by", "李四"], "--by 应写作 姓名@单位"),
        (["review", "--by", "李四@市人"], "方案中没有单位“市人”"),
        (["review", "--by", "李四@市人社局", "--body", "浏阳"], "方案中没有单位“浏阳”"),
        (
            ["review", "--by", "李四@市人社局", "--indicator", "养老"],
            "方案中没有指标“养老”；有：城乡居民基本养老保险参保人数（resident_pension）",
        ),
        (["review", "--by", "李四@市人社局", "--body", "道林", "--set", "参保人数"], "--set 应写作 栏目=数"),
        (["verify", "--by", "王五@市人社局", "--record", "1"], "第1条不是记事"),
        (["record", "督查", "--by", "王五@市人社局"], "不认识的事项“督查”"),
        (["record", "typical_city", "--by", "王五@市人社局"], "须用 --body 指明单位，用 --date 写明日期"),
        (
            ["record", "typical_city", "--by", "王五@市人社局", "--body", "道林", "--date", "2023-10-01", "--count", "两"],
            "的数量应为以件为单位的数",
        ),
        (["record", "销号", "--by", "王五@市人社局"], "销号须用 --of 指明是哪一条"),
        (["record", "季总结", "--by", "王五@市人社局"], "季总结须用 --body 和 --period 2023-Q4"),
        (["ledger", "verify", "--head", "nowhere.json"], "nowhere.json"),
        (["publish", "--period", "2023-11", "--by", "王五@市人社局"], "还没有可以发布的结果"),
        (["intake", "nothing.csv", "--by", "张三@市人社局"], "nothing.csv"),
        (["ledger", "export", "--out", "nowhere/x"], "nowhere/x: 没有这个文件或文件夹"),
        (["record", "typical_city", "--by", "王五@市人社局", "--body", "道林", "--date", "2023-10-01", "--attach", "."], ".: 是文件夹，不是文件"),
    ],
)
def test_what_cannot_be_done_is_said_in_words_with_what_to_do(run, words, told):
    run("intake", EXAMPLES / "2023-10/resident_pension.invented.csv", "--by", CLERK)
    code, out, err = run(*words)
    assert code == 2, out
    assert told in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "words",
    [["due", "--period", "2023-10"], ["ledger", "log"], ["review", "--by", CLERK], ["publish", "--period", "2023-10", "--by", CLERK]],
)
def test_without_a_ledger_it_says_how_to_begin_one(run, words):
    code, _, err = run(*words)
    assert code == 2
    assert "先用 minsheng intake 收文，或用 --ledger 指明台账" in err


@pytest.mark.parametrize(
    "words",
    [
        ["due", "--period", "2023-13"],
        ["due", "--period", "2023-Q5"],
        ["due", "--period", "2023-10", "--today", "tomorrow"],
        ["review", "--by", CLERK, "--at", "2023-11-06T09:00"],
        ["review", "--by", CLERK, "--period", "October"],
    ],
)
def test_a_time_that_is_none_is_refused_by_the_command_line(run, words, capsys):
    with pytest.raises(SystemExit) as told:
        run(*words)
    assert told.value.code == 2
    assert "error: argument" in capsys.readouterr().err


def test_several_that_wait_are_listed_and_nothing_is_signed_unasked(run):
    run("intake", EXAMPLES / "2023-10/resident_pension.invented.csv", "--by", CLERK)
    code, out, _ = run("review", "--by", REVIEWERS[0])
    assert code == 0
    assert "共26项。用 --body、--indicator、--period 指明一项，或用 --all 全部签字" in out
    assert "沩山乡" in out
    code, out, _ = run("review", "--by", REVIEWERS[0], "--body", "沩山乡", "--return", "佐证文号不清")
    assert "已退回  沩山乡 2023-10" in out
    code, out, _ = run("review", "--by", REVIEWERS[1])
    assert "没有待审核的填报" in out


def test_the_log_is_exported_with_a_signed_head_and_verified_against_it(run, tmp_path):
    run("intake", EXAMPLES / "2023-10/work_injury.invented.csv", "--by", CLERK)
    assert run("ledger", "key", "--out", "office.key")[0] == 0
    assert (tmp_path / "office.key").stat().st_mode & 0o077 == 0
    assert run("ledger", "key", "--out", "office.key")[0] == 2  # never over an older key
    assert run("ledger", "export", "--out", "all.jsonl", "--key", "office.key")[0] == 0
    code, out, _ = run("ledger", "verify", "--head", "all.jsonl.head.json", "--public-key", "office.key.pub")
    assert code == 0
    assert "并与签名的末条（第2条）一致" in out
    assert len((tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()) == 2
