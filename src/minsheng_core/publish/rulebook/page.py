"""The rule pages: one HTML file, no network, no script, made for paper too."""

from collections.abc import Iterator, Sequence

from attrs import evolve

from ...audit.rule import Rule, rules_of
from ...errors import RuleError
from ...finding import Severity
from ...hooks import Plugins
from ...scheme import model
from ...scoring.prepare import Prepared, method_formula, prepare_all, with_declared
from ..markup import Markup, tag
from ..page_style import STYLE
from .history import whole_history
from .indicator import EVERY, indicator_section
from .sheet import formula_chart, sheet_section
from .told import anchor, formula_told, names, place, source, table

__all__ = ["rule_pages"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
MORE = """
nav ol{columns:2;column-gap:32px;padding-left:1.4em}nav li{break-inside:avoid}
h4{font-size:15px;margin:22px 0 6px}h5{font-size:14px;margin:14px 0 4px}
h3{font-size:17px}section.rule{border-top:1px solid var(--line);margin-top:28px;padding-top:12px}
.at{color:var(--soft);font-size:12px;font-weight:400;overflow-wrap:anywhere}
.pairs{margin:8px 0}.pairs div{display:flex;gap:12px;padding:2px 0}.pairs dt{flex:0 0 6em;color:var(--soft)}.pairs dd{margin:0;min-width:0}
.formula{background:var(--pale);border-left:3px solid var(--link);padding:6px 12px;font-size:16px;overflow-wrap:anywhere}
.steps{margin:6px 0;padding-left:2em}.steps li{padding:1px 0}
.chart{background:#fff}.chart .graph{stroke:var(--c0);stroke-width:2.5}.chart .grid{stroke:var(--line);stroke-width:1}
.chart .had{fill:var(--c0)}.chart .open{fill:#fff;stroke:var(--c0);stroke-width:2}
.chart .tick{font-size:12px;fill:var(--soft)}.chart .axis{font-size:13px;fill:var(--ink)}
.top ul{margin:6px 0;padding-left:1.2em;color:var(--soft)}
@media screen and (max-width:760px){nav ol{columns:1}.pairs div{display:block}}
@media print{section.rule{break-before:page;border-top:0}h2+section.rule{break-before:auto}.chart{break-inside:avoid;max-width:130mm}h3,h4,h5{break-after:avoid}.steps li{break-inside:avoid}}
"""
READING = (
    "本页由规则文件自动生成，文字、公式、图和算例都来自同一份规则；改了规则就要重新生成。",
    "“第几步”指同一列表中的步骤；“未定”指不作评定，用到未定结果的各步也是未定；“缺报”不等于零。",
    "〔假定〕指原文没有规定、由编写规则的人选定，后面是理由；条款的摘要由编写规则的人撰写，不是原文引语，引号中的数字才是原文印出的。",
    "“←”后面是规则文件的位置：文件、行、列。",
)


def rule_pages(scheme: model.Scheme, plugins: Plugins, others: Sequence[model.Scheme] = ()) -> str:
    """The page. The same rules give the same bytes. *others* are schemes of other years, for history.

    Rules without a ``[scheme]`` (a plugin's) give a page of their methods and clauses. Raises RuleError for rules that don't hold.
    """
    known, wrong = with_declared(scheme, plugins)
    prepared, found = prepare_all(scheme, known, broken=bool(wrong))
    if errors := [one for one in (*wrong, *found) if one.severity is Severity.ERROR]:
        raise RuleError(errors)
    rules = {one.id: one for one in rules_of(scheme, plugins)[0]} if scheme.id else {}
    title = f"{scheme.title}：规则说明" if scheme.id else "评分方法和条款：规则说明"
    parts = [_top(scheme, title), _contents(prepared, scheme)]
    parts += (
        [_chapter("indicators", "指标", [indicator_section(prepared, one, others) for one in scheme.indicators])]
        if scheme.indicators
        else []
    )
    parts += (
        [_chapter("sheets", "评分表", [sheet_section(rules[one.id], scheme.examples) for one in scheme.sheets if one.id in rules])]
        if scheme.sheets
        else []
    )
    if methods := list(_methods(prepared, scheme, rules)):
        parts.append(_chapter("methods", "没有用在评分表上的评分方法" if scheme.id else "评分方法", methods))
    parts += [_chapter("work", "谁在何时做什么", _work(scheme))] if scheme.processes else []
    parts += [_chapter("events", "记录的事项", [_events(scheme)])] if scheme.events else []
    parts += [_chapter("tasks", "不定量的任务", [_tasks(scheme)])] if scheme.tasks else []
    parts += [_chapter("history", "规则的历年改动", whole_history(scheme, others))] if scheme.id else []
    parts += [_chapter("defects", "原文的印刷错误", [_defects(scheme)])] if scheme.defects else []
    parts.append(_chapter("clauses", "条款和文件", [_clauses(_named(prepared.scheme, scheme))]))
    return _document(title, parts)


def _document(title: str, parts: Sequence[Markup]) -> str:
    head = tag(
        "head", tag("meta", charset="utf-8"), tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width,initial-scale=1"), tag("title", title), Markup(f"<style>{STYLE}{MORE}</style>"),
    )  # fmt: skip
    body = tag("body", tag("a", "跳到内容", href="#content", class_="skip"), tag("main", list(parts), id="content"))
    return f"<!doctype html>\n{tag('html', head, body, lang='zh-CN')}\n"


def _top(scheme: model.Scheme, title: str) -> Markup:
    document = next((one for one in scheme.documents if one.id == scheme.document), None)
    lines = []
    if document:
        issued = f"，{document.issued.year}年{document.issued.month}月{document.issued.day}日" if document.issued else "，印发日期不明"
        lines.append(tag("p", f"依据《{document.title}》{document.number}（{document.issuer}{issued}）"))
        lines += [tag("p", document.note)] if document.note else []
    lines += [tag("p", scheme.note, class_="note")] if scheme.note else []
    return tag("header", tag("h1", title), *lines, tag("ul", [tag("li", line) for line in READING]), class_="top")


def _chapter(id: str, title: str, parts: Sequence[Markup]) -> Markup:
    return tag("section", tag("h2", title), list(parts), id=id)


def _contents(prepared: Prepared, scheme: model.Scheme) -> Markup:
    links = [(f"#{anchor('indicator', one.id)}", f"指标：{one.title}") for one in scheme.indicators]
    links += [(f"#{anchor('sheet', one.id)}", f"评分表：{one.title}") for one in scheme.sheets]
    used = {item.method for sheet in scheme.sheets for item in sheet.items}
    links += [(f"#{anchor('method', one.id)}", f"方法：{one.title}") for one in scheme.methods if one.id not in used]
    links += [("#work", "谁在何时做什么")] if scheme.processes else []
    links += [("#events", "记录的事项")] if scheme.events else []
    links += [("#tasks", "不定量的任务")] if scheme.tasks else []
    links += [("#history", "规则的历年改动")] if scheme.id else []
    links += [("#defects", "原文的印刷错误")] if scheme.defects else []
    links.append(("#clauses", "条款和文件"))
    return tag("nav", tag("h2", "目录"), tag("ol", [tag("li", tag("a", text, href=href)) for href, text in links]), aria_label="目录")


def _methods(prepared: Prepared, scheme: model.Scheme, rules: dict[str, Rule]) -> Iterator[Markup]:
    """Methods of these rules that no sheet uses."""
    used = {item.method for sheet in scheme.sheets for item in sheet.items}
    for method in scheme.methods:
        if method.id in used:
            continue
        parts = [tag("h3", f"{method.title}（{method.id}）", " ", place(method))]
        kind = prepared.plugins.indicators.get(method.kind)
        parts.append(tag("p", f"用于指标类型：{kind.title if kind else '（没有安装相应插件）'}（{method.kind}）"))
        parts.append(tag("p", "依据：", source(prepared.scheme, method)))
        formula = method_formula(prepared, method)
        parts += formula_told(formula, "得分") if formula else [tag("p", "公式写作 ", tag("code", method.formula))]
        if formula and (rule := rules.get(f"method {method.id}")):
            parts += formula_chart(formula, rule.spans("item.marks"), "得分")
        yield tag("section", *parts, id=anchor("method", method.id), class_="rule")


def _work(scheme: model.Scheme) -> list[Markup]:
    """Reports, stages and the other requirements."""
    titles = {one.id: one.title for one in scheme.processes}
    reports = [one for one in scheme.processes if one.kind == "report"]
    stages = sorted((one for one in scheme.processes if one.kind == "stage"), key=lambda one: one.order)
    rest = [one for one in scheme.processes if one.kind not in ("report", "stage")]
    parts: list[Markup] = []
    if reports:
        rows = [[one.title, one.text, names(scheme, one.bodies), _due(one), source(scheme, one), place(one)] for one in reports]
        parts += [tag("h3", "报送"), table(["报什么", "要求", "谁", "何时", "依据", "位置"], rows)]
    if stages:
        rows = [
            [
                one.title,
                one.text,
                names(scheme, one.bodies),
                "、".join(titles.get(id, id) for id in one.unlike) or "—",
                source(scheme, one),
                place(one),
            ]
            for one in stages
        ]
        parts += [tag("h3", "填报、审核、核验"), table(["阶段", "要求", "谁", "签字人须不同于", "依据", "位置"], rows)]
    if rest:
        rows = [[one.title, one.text, names(scheme, one.bodies), source(scheme, one), place(one)] for one in rest]
        parts += [tag("h3", "其他要求"), table(["事项", "要求", "谁", "依据", "位置"], rows)]
    return parts


def _due(one: model.Process) -> str:
    day = {"month": "次月", "quarter": "季度结束后次月", "year": "次年1月"}.get(one.every, "")
    return f"{EVERY[one.every]}" + (f"，{day}{one.day}日前" if one.day else "，没有写明期限")


def _events(scheme: model.Scheme) -> Markup:
    rows = [
        [
            f"{one.title}（{one.id}）",
            one.unit,
            "逾期未办结的才计" if one.counts == "overdue" else "每一笔都计",
            f"{one.most}{one.unit}",
            source(scheme, one),
            place(one),
        ]
        for one in scheme.events
    ]
    return table(["事项", "单位", "怎样计", "一年最多", "依据", "位置"], rows)


def _tasks(scheme: model.Scheme) -> Markup:
    rows = [
        [one.title, names(scheme, [one.lead] if one.lead else []), one.note or "—", source(scheme, one), place(one)] for one in scheme.tasks
    ]
    return table(["任务（只跟踪，不评分）", "牵头单位", "说明", "依据", "位置"], rows)


def _defects(scheme: model.Scheme) -> Markup:
    rows = [[one.printed, one.means, one.note or "—", source(scheme, one.clause), place(one)] for one in scheme.defects]
    return table(["印作", "实指", "说明", "出处", "位置"], rows)


def _named(whole: model.Scheme, scheme: model.Scheme) -> model.Scheme:
    """With the clauses of plugins that a method on a sheet rests on, and without the others."""
    used = {item.method for sheet in scheme.sheets for item in sheet.items}
    sources = {one.source for one in whole.methods if one.id in used} | {one.id for one in scheme.clauses}
    named = {one.id: one for one in reversed(whole.clauses) if one.id in sources}  # a plugin's own file is there twice
    return evolve(whole, clauses=tuple(reversed(named.values())))


def _clauses(scheme: model.Scheme) -> Markup:
    documents = {one.id: one for one in scheme.documents}
    rows = []
    for clause in scheme.clauses:
        document = documents.get(clause.document)
        where = f"《{document.title}》{document.number}{clause.locator}" if document else clause.locator
        rows.append(
            tag(
                "tr",
                tag("th", clause.id, scope="row"),
                tag("td", where),
                tag("td", clause.summary + (f"（{clause.note}）" if clause.note else "")),
                tag("td", "、".join(clause.figures) or "—"),
                tag("td", place(clause)),
                id=clause.id,
            )
        )
    head = tag("tr", [tag("th", word, scope="col") for word in ("代号", "出处", "摘要（不是原文引语）", "原文印出的数字", "位置")])
    return tag("div", tag("table", tag("thead", head), tag("tbody", rows)), class_="wide")
