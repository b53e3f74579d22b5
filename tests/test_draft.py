"""A paper becomes a draft of its scheme: the 2023 paper first, other places' styles, then random papers, and what must be refused."""

import pytest

from minsheng_core import check_rules, load_plugins, load_scheme
from minsheng_core.cli import main
from minsheng_core.draft.bodies import Roll
from minsheng_core.draft.find import read_paper
from minsheng_core.draft.open import text_paper
from minsheng_core.draft.scheme import draft_of
from minsheng_core.draft.write import write_draft
from papers import SAMPLES

SHIPPED = load_scheme("2023")


def read(text, given=()):
    return read_paper(text_paper("方案（虚构）.txt", text.encode()), Roll(given=given))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_styles_of_other_places(name, tmp_path):
    sample = SAMPLES[name]
    found = read(sample.text)
    told = [
        (words, target.printed.translate(str.maketrans("０１２３４５６７８９．", "0123456789.")) or None, {one.name: str(one.quantity) for one in target.pieces}, target.lead or None)
        for target in found.targets
        for words in [max((words for words, *_ in sample.targets if words in target.title), key=len, default=target.title)]
    ]  # fmt: skip
    wanted = [(words, printed, shares, lead) for words, printed, shares, lead in sample.targets]
    assert sorted(told, key=str) == sorted(wanted, key=str)
    draft = draft_of(found)
    doubts = [f"{one.words} {one.quote}" for one in draft.pending]
    for words in sample.unsure:
        assert any(words in one for one in doubts), doubts
    unused = " ".join(doubt.quote for _, doubt in found.unused)
    for words in sample.unused:
        assert words in unused
    assert set(sample.deadlines) <= {target.deadline for target in found.targets}
    for title, joint in sample.joint.items():
        assert next(target.joint for target in found.targets if title in target.title) == list(joint)
    if not sample.unsure and not sample.unused:
        assert doubts == [one for one in doubts if "印发" in one]
    loads(draft, tmp_path / "rules")


def loads(draft, folder):
    """The written draft loads, but for what is marked as missing."""
    write_draft(draft, "方案（虚构）.txt", folder)
    scheme, findings = check_rules(folder, load_plugins())
    codes = {one.code for one in findings if one.severity.value == "error"}
    for one in findings:
        if one.severity.value == "error":
            assert (
                one.code in ("rule.sum", "rule.twice") or "待核" in one.message or "is missing" in one.message or "no target" in one.message
            ), one
    return scheme, codes


# -- the 2023 paper -----------------------------------------------------------------------------------------------------
# Its text as it reached us is not part of this project; these are its clauses and its table, with the defects that matter: columns that slip, cells without
# words of their own, a misprinted name.

ROWS = SHIPPED.indicator("resident_pension").shares
PAPER = f"""宁乡市打好重点民生保障仗工作专班办公室

关于印发《2023年省级重点监测民生项目 指标任务分解方案》的通知

2023年8月2日

二、指标任务分解（宁乡承担任务）

（一）扩大社会保险覆盖面。2023年基本养老、工伤和失业保险参保人数分别达到106.643万人、14.2万人和9.8万人。〔责任单位：市人社局、市税务局、各乡镇（街道）；排名第一的为牵头单位，下同〕

（二）改善中职学校办学条件。继续推进职业教育“楚怡”行动，新增标准化中职学校4所。（责任单位：市教育局、市发改局、市财政局、市自然资源局、市住建局、市公建中心、市城发集团）

（三）改善生态环境质量。全市国考断面水质优良率Ⅲ类以上比例达 100%。（责任单位：长沙市生态环境局宁乡分局）

三、相关工作要求

（二）强化调度督导。市人社局健全督导检查机制，坚持“月专报、季总结”工作调度机制。市政府督查室要纳入年度督查。

附件：2023年省级重点监测民生项目指标任务分解表

类别\t序号\t主要责任单位\t项目任务及指标\t\t目标任务\t任务分解\t
重点监测民生项目\t1\t市人社局\t扩大社会保险覆盖面\t启动实施“温暖行动”三年社保会盖。\t106.643万人\t城居养保75.743万人：{"、".join(one.printed for one in ROWS)}；城职养保30.9万人，无需分解。\t
\t2\t\t\t工伤保险参保人数\t14.2万人\t/\t
\t3\t\t\t\t失业保险参保人数\t9.8万人\t/
\t4\t\t市教育局\t改善中职学校办学条件\t继续推进职业教育“楚怡”行动，新增标准化中职学校。\t4所\t宁乡市职业中专学校、宁乡市瀟湘职业中专学校、长沙市经开中等职业技术学校、长沙环球职业中专学校
\t5\t\t长沙市生态环境局宁乡分局\t改善生态环境质量\t全市国考断面水质优良率Ⅲ类以上比例\t100%\t/
"""

ROW = next(number for number, line in enumerate(PAPER.splitlines(), 1) if "浏山乡" in line)


@pytest.fixture(scope="module")
def by_list(tmp_path_factory):
    folder = tmp_path_factory.mktemp("draft") / "rules"
    found = read(PAPER, SHIPPED.bodies)
    scheme, codes = loads(draft_of(found), folder)
    assert codes == set()
    return found, scheme


def figures(scheme):
    return {
        (one.target.value, one.target.value.tolerance, one.target.printed.removeprefix("城居养保").removeprefix("城职养保"))
        for one in scheme.indicators
    }


def test_the_2023_paper_gives_the_targets_of_the_shipped_rules(by_list):
    _, scheme = by_list
    assert len(scheme.indicators) == len(SHIPPED.indicators) == 7
    assert figures(scheme) == figures(SHIPPED)
    parts = {str(one.target.value) for one in scheme.indicators if one.part_of}
    assert parts == {str(one.target.value) for one in SHIPPED.indicators if one.part_of} == {"75.743万人", "30.9万人"}
    assert {one.row for one in scheme.indicators} == {1, 2, 3, 4, 5}


def test_its_split_is_that_of_the_shipped_rules_body_by_body(by_list):
    _, scheme = by_list
    (split,) = [one for one in scheme.indicators if one.shares]
    assert [(one.body, one.value, one.printed) for one in split.shares] == [(one.body, one.value, one.printed) for one in ROWS]


def test_its_bodies_are_those_of_the_shipped_rules_and_the_misprint_is_resolved_by_declared_name(by_list):
    _, scheme = by_list
    shipped = {body.id: body for body in SHIPPED.bodies}
    assert {body.id for body in scheme.bodies} == set(shipped)
    assert all(
        (body.name, body.kind, body.printed, body.aliases) == (lambda one: (one.name, one.kind, one.printed, one.aliases))(shipped[body.id])
        for body in scheme.bodies
    )
    assert [(one.printed, one.means) for one in scheme.defects] == [("浏山乡", "沩山乡")]


def test_its_lead_and_joint_bodies_are_those_of_the_shipped_rules(by_list):
    _, scheme = by_list
    wanted = {str(one.target.value): (one.lead, set(one.joint)) for one in SHIPPED.indicators if not one.part_of}
    assert {str(one.target.value): (one.lead, set(one.joint)) for one in scheme.indicators if not one.part_of} == wanted
    assert [one.name for one in next(one for one in scheme.indicators if one.subjects).subjects] == [
        one.printed or one.name for one in SHIPPED.indicator("vocational_schools").subjects
    ]


def test_every_figure_cites_its_clause_and_no_marks_are_made_up(by_list):
    _, scheme = by_list
    clauses = {clause.id: clause for clause in scheme.clauses}
    for indicator in scheme.indicators:
        assert indicator.target.printed in clauses[indicator.target.source].figures
    assert {clause.locator for clause in scheme.clauses} >= {"二、（一）", "二、（三）", "三、（二）", "附表1第1行"}
    assert (scheme.sheets, scheme.methods, scheme.events) == ((), (), ())
    assert {one.every for one in scheme.processes} == {"month", "quarter"}
    document = scheme.documents[0]
    assert (document.title, document.issuer, str(document.issued)) == (
        "2023年省级重点监测民生项目指标任务分解方案",
        "宁乡市打好重点民生保障仗工作专班办公室",
        "2023-08-02",
    )


def test_what_is_left_for_a_person_are_the_rows_whose_columns_slipped(by_list):
    found, _ = by_list
    assert {doubt.words for doubt in draft_of(found).pending} == {"这一行的栏与表头错开，按内容而不按栏号读"}
    assert {doubt.quote for doubt in draft_of(found).pending} == {"9.8万人", "4所", "100%"}


def test_without_a_list_the_misprint_stays_as_printed(tmp_path):
    found = read(PAPER)
    scheme, _ = loads(draft_of(found), tmp_path / "rules")
    (split,) = [one for one in scheme.indicators if one.shares]
    assert [(one.body, one.value) for one in split.shares] == [(one.printed.partition(str(one.value))[0], one.value) for one in ROWS]
    assert "浏山乡" in {body.name for body in scheme.bodies}
    assert not {"沩山乡", "浏阳市"} & {body.name for body in scheme.bodies}


# -- the command --------------------------------------------------------------------------------------------------------


def draft(folder, content, *words, name="方案（虚构）.txt"):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return main(["draft", str(path), "--out", str(folder / "rules"), *words])


def test_the_command_tells_what_was_found_what_is_unsure_and_what_is_next(tmp_path, capsys):
    assert draft(tmp_path, PAPER) == 1
    told = capsys.readouterr().out
    for words in (
        "目标7个，其中分解到单位的1个", "印刷总数：757430 ± 5 人", "一致（consistent）", "加 --bodies 2023", f"“浏山乡”在方案 2023 的名单里是“沩山乡”，照印写入（第{ROW}行：“浏山乡”）",
        "没有评分标准", "minsheng check", f"第{ROW + 2}行：“9.8万人”",
    ):  # fmt: skip
        assert words in told, words
    text = (tmp_path / "rules/bodies.toml").read_text(encoding="utf-8")
    assert f'# 待核: “浏山乡”在方案 2023 的名单里是“沩山乡”，照印写入（第{ROW}行：“浏山乡”）\n[[body]]\nid = "浏山乡"' in text


def test_a_paper_that_is_sure_ends_with_0_and_one_without_targets_writes_nothing(tmp_path, capsys):
    sure = "某县人民政府办公室\n2024年民生实事方案（虚构）\n一、目标任务\n（一）新建公厕30座。（责任单位：县城管局）\n2024年3月1日\n"
    assert draft(tmp_path, sure) == 0, capsys.readouterr().out
    assert "待人核对：0处" in capsys.readouterr().out
    (tmp_path / "other").mkdir()
    assert draft(tmp_path / "other", "今天天气很好。") == 1
    assert "没有找到指标任务" in capsys.readouterr().out
    assert not (tmp_path / "other/rules").exists()
    assert draft(tmp_path, sure) == 2
    assert "已经有了" in capsys.readouterr().err


def test_json_says_the_same(tmp_path, capsys):
    import json

    assert draft(tmp_path, PAPER, "--bodies", "2023", "--json") == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["format"], data["year"], len(data["targets"]), len(data["bodies"])) == ("minsheng.draft/1", 2023, 7, 42)
    (split,) = [one["split"] for one in data["targets"] if one["split"]]
    assert (split["sum"], split["verdict"], split["renamed"]) == ("757431", "consistent", [{"printed": "浏山乡", "name": "沩山乡"}])
    assert {one["where"] for one in data["pending"]} == {f"第{ROW + more}行" for more in (2, 3, 4)}


def test_what_is_missing_is_what_check_asks_for(tmp_path, capsys):
    assert draft(tmp_path, "改造危房50户：甲镇20户、乙镇30户。") == 1
    told = capsys.readouterr().out
    for words in ("'title' is missing", "'issuer' is missing", "no body '待核'"):
        assert words in told


# -- the list of bodies -------------------------------------------------------------------------------------------------

LIST = "名称,类型,代码,印作,别名\n沩山乡,乡,430182218,浏山乡,为山乡、伪山乡\n黄材镇,镇,430182118,,\n"
SPLIT = "一、任务\n改造危房60户：浏山乡20户、黄材镇30户、{}10户。（责任单位：市住建局）\n"


@pytest.mark.parametrize(
    ("name", "body", "unsure"),
    [("浏阳乡", "浏阳乡", True), ("伪山镇", "伪山镇", True), ("市住建局", "市住建局", True)],
    ids=["near", "another kind", "office"],
)
def test_a_name_that_the_list_does_not_know_is_printed_and_marked(tmp_path, capsys, name, body, unsure):
    (tmp_path / "名单.csv").write_text(LIST, encoding="utf-8")
    draft(tmp_path, SPLIT.format(name), "--bodies", str(tmp_path / "名单.csv"))
    told = capsys.readouterr().out
    assert f"名单中没有“{name}”" in told
    text = (tmp_path / "rules/targets.toml").read_text(encoding="utf-8")
    assert '{ body = "430182218", value = "20户", printed = "浏山乡20户" }' in text
    assert f'{{ body = "{body}", value = "10户"' in text


@pytest.mark.parametrize(
    ("content", "told"), [("", "名称"), ("甲,乙\n1,2\n", "要有“名称”一栏"), ("名称\n甲镇\n甲镇\n", "已经有了"), ("名称,类型\n,镇\n", "第2行没有名称"), ("\0\1", "文本")],
    ids=["empty", "no names", "twice", "nameless", "binary"],
)  # fmt: skip
def test_a_list_that_is_none_is_refused(tmp_path, capsys, content, told):
    (tmp_path / "名单.csv").write_text(content, encoding="utf-8")
    assert draft(tmp_path, PAPER, "--bodies", str(tmp_path / "名单.csv")) == 2
    assert told in capsys.readouterr().err
