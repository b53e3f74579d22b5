"""The rule pages: every indicator and sheet is there, true to the rules, in one file that fetches and runs nothing."""

import html
import re
from fractions import Fraction
from html.parser import HTMLParser

import pytest

from conftest import ROOT
from minsheng_core.audit.rule import rules_of
from minsheng_core.cli import main
from minsheng_core.cli.work import installed_plugins
from minsheng_core.errors import RuleError
from minsheng_core.formula.analyse import pieces
from minsheng_core.publish.rulebook.chart import Axis, marks_chart, turning_points
from minsheng_core.publish.rulebook.example import worked
from minsheng_core.publish.rulebook.page import rule_pages
from minsheng_core.quantity import unit
from minsheng_core.scheme.load import load_scheme, read_scheme

PAPERS = sorted((ROOT / "examples/rules").glob("*.toml"))
PLUGINS = sorted((ROOT / "plugins").glob("*/src/*/rules.toml"))


class Tree(HTMLParser):
    """Ids, links within the page, elements left open, and the text."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.links, self.open, self.tags, self.words = [], [], [], set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.add(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        assert not any(name.startswith("on") or name == "src" for name in given)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def page():
    return rule_pages(load_scheme("2023"), installed_plugins())


def text_of(page):
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<(style|svg).*?</\1>", "", page, flags=re.DOTALL)))


def sound(page):
    tree = Tree(page)
    assert tree.open == []
    assert len(set(tree.ids)) == len(tree.ids)
    assert {link[1:] for link in tree.links} <= set(tree.ids)  # all inside the page
    assert "script" not in tree.tags
    assert "Content-Security-Policy" in page
    assert all(link.startswith("#") for link in tree.links)
    return tree


def test_the_page_of_2023_has_every_indicator_sheet_clause_and_place(page):
    sound(page)
    scheme, text = load_scheme("2023"), text_of(page)
    for one in scheme.indicators:
        assert f'id="indicator-{one.id}"' in page
        assert one.target.printed in text
        assert all(share.printed in text for share in one.shares)
    for sheet in scheme.sheets:
        assert f'id="sheet-{sheet.id}"' in page
        for rule in (*sheet.items, *sheet.adjustments, sheet.rounding):
            assert rule.reason in text
            assert str(rule.place) in text
    for clause in scheme.clauses:
        assert clause.summary in text
    for one in scheme.defects:
        assert one.printed in text
        assert one.means in text
    for one in (*scheme.processes, *scheme.events, *scheme.tasks):
        assert one.title in text


def test_what_an_auditor_reads_of_the_townships(page):
    text = text_of(page)
    assert "分解到29个单位，合计757431人，比目标多1人，在印出的数的精度之内。" in text
    assert "得分 ＝ 满分 × 取小（参保人数 ÷ 目标，100%）" in text
    assert "“参保人数”（insured）除以“目标”（target）；除数为零的，未定。取第1步的结果、参数cap（100%）中较小的。" in text
    assert "不另填报：实绩是各组成部分之和，有一部分没有数的，未定。" in text
    assert "期限：每月的数，次月5日前报送（“月专报报送期限”）。" in text
    assert "〔假定〕原文要求月专报，没有印期限；按次月5日" in text
    assert "每一项的得分先按四舍五入保留2位小数。" in text
    assert "低于0分的，按0分。高于110分的，按110分。" in text
    assert "“较大及以上事故否决”成立的，总分不高于59分。" in text
    assert "总分相同的名次相同，其后名次跳过（1、2、2、4）" in text
    assert "以往各年的目标和规则，本页不知道" in text  # unknown, and said so


def test_the_same_rules_give_the_same_bytes(page):
    assert rule_pages(load_scheme("2023"), installed_plugins()) == page


def test_a_supposed_example_stands_on_the_real_share_and_says_that_it_is_supposed(page):
    rules = {one.id: one for one in rules_of(load_scheme("2023"), installed_plugins())[0]}
    (one,) = worked(rules["township"], ())
    assert not one.own
    assert one.cases == (("道林镇，2023-10", "参保人数29636人；目标32929人", "总分 90分；城乡居民养老保险参保任务完成 90分"),)
    assert one.step.value.value == 90
    assert "假设的完成数" in text_of(page)
    assert "工伤保险参保人数·参保人数127800人；工伤保险参保人数·目标142000人" in text_of(page)


def test_a_files_own_examples_are_told_and_come_to_what_they_expect():
    scheme = load_scheme(ROOT / "examples/rules/yanan-2017.toml")
    (rule,) = rules_of(scheme, installed_plugins())[0]
    (one,) = worked(rule, scheme.examples)
    assert one.own
    for case, (_, _, results) in zip(scheme.examples[0].cases, one.cases, strict=True):
        for name, wanted in case["expect"].items():
            title = {"total": "总分", "rank": "名次"}.get(name)
            assert title is None or f"{title} {wanted}" in results


@pytest.mark.parametrize("path", [*PAPERS, *PLUGINS, ROOT / "examples/faulty-rules"], ids=lambda path: "-".join(path.parts[-2:]))
def test_every_shipped_rule_has_its_page(path):
    scheme, _ = read_scheme(path)
    page = rule_pages(scheme, installed_plugins())
    sound(page)
    for method in scheme.methods:
        assert html.escape(" ".join(method.formula.split())) in page
    for one in scheme.examples:
        assert not one.cases or html.escape(one.title) in page


def test_the_years_before_are_told_side_by_side(tmp_path, capsys):
    assert main(["new-year", "2024", "--from", "2023", "--out", str(tmp_path / "2024")]) == 0
    file = tmp_path / "2024/insurance.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("14.2万人", "15万人"), encoding="utf-8")
    clause = tmp_path / "2024/documents.toml"
    clause.write_text(clause.read_text(encoding="utf-8").replace("14.2万人", "15万人"), encoding="utf-8")
    out = tmp_path / "rules.html"
    assert main(["rulebook", str(tmp_path / "2024"), "--before", "2023", "--out", str(out)]) == 0
    text = text_of(out.read_text(encoding="utf-8"))
    assert "工伤保险参保人数·目标：14.2万人 → 15万人" in text
    assert "2023年到2024年：没有改动。" in text  # another indicator
    assert "评分表、评分方法、工作要求、事项和指标类型没有改动。" in text
    assert "本页不知道" not in text
    assert str(out) in capsys.readouterr().out


def test_the_graph_is_the_exact_function_with_its_jumps():
    rule = next(one for one in rules_of(load_scheme("2023"), installed_plugins())[0] if one.id == "method insurance.banded")
    _, function = pieces(rule.formula("item.marks"), rule.spans("item.marks"))
    across, up = Axis(title="完成率", unit=unit("%")), Axis(title="得分", unit=unit("分"))
    drawn = marks_chart(function, across, up)
    assert drawn.count('class="open"') == sum(jump.before != jump.value for jump in function.jumps())
    points = dict(turning_points(function, across, up))
    for x in function.points[1:-1]:
        assert points[across.text(x)].startswith(up.text(function.at(x)))
    assert isinstance(function.at(Fraction(1)), Fraction)


def test_who_files_is_whose_figures_are_scored(page):
    assert "由牵头单位市人社局填报。" in text_of(page)
    assert "由分到任务的29个单位各自填报。" in text_of(page)
    text = text_of(rule_pages(load_scheme(ROOT / "examples/rules/huainan-2016.toml"), installed_plugins()))
    assert "评分取评分表上各单位（各县区（1个）、各部门（1个））自己的填报；应报清单按牵头单位市民生办列。" in text


def test_a_marginal_table_says_its_rates_per_unit_of_what_is_looked_up():
    text = text_of(rule_pages(load_scheme(ROOT / "examples/rules/invented-bands.toml"), installed_plugins()))
    assert "第2段：超过5百分点的部分，每1百分点计2分，前段累计5分" in text
    assert "转折有46处，不画图列表" in text  # whole percentage points: said, not left out in silence


def test_titles_that_are_markup_stay_text(tmp_path):
    text = (ROOT / "examples/rules/yanan-2017.toml").read_text(encoding="utf-8").replace('"年度投资"', '"<img src=x onerror=alert(1)>"')
    (tmp_path / "rules.toml").write_text(text, encoding="utf-8")
    page = rule_pages(load_scheme(tmp_path / "rules.toml"), installed_plugins())
    assert "<img" not in page
    assert "&lt;img src=x onerror" in page


def test_rules_that_do_not_hold_have_no_page(tmp_path, capsys):
    text = (
        (ROOT / "examples/rules/yanan-2017.toml").read_text(encoding="utf-8").replace("full * invested / target", "full * investd / target")
    )
    (tmp_path / "rules.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RuleError, match="did you mean 'invested'"):
        rule_pages(load_scheme(tmp_path / "rules.toml"), installed_plugins())
    assert main(["rulebook", str(tmp_path / "rules.toml"), "--out", str(tmp_path / "out.html")]) == 2
    assert not (tmp_path / "out.html").exists()
    assert main(["rulebook", "nowhere"]) == 2
    assert "no such scheme" in capsys.readouterr().err
