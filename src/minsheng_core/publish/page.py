"""The ranking page: one HTML file for everybody, with the reasons of every mark; no network, no script needed, made for paper too."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from fractions import Fraction

from ..finding import Severity
from ..ledger.calendar import Due
from ..scheme import model
from ..scoring.measure import Measured
from ..scoring.result import BodyResult, ItemResult, SheetResult
from .address import paper
from .markup import Markup, table, tag
from .page_style import SCRIPT, STYLE
from .page_why import clause_list, source_link, why
from .publication import Publication, amount, average, changed, late, missing, pixels, ranked, reached, share, unranked
from .text import ASSUMED, STATES, assumptions, marks, share_text, shown

__all__ = ["document", "ranking_page"]


def ranking_page(publication: Publication) -> str:
    """The page. The same publication gives the same bytes."""
    assessed = publication.assessed
    first = next((one for one in assessed.sheets if one.sheet.ranking is not None), None)
    parts: list[Markup] = [_top(publication), _cards(publication, first) if first else Markup(""), _indicators(publication)]
    parts += [_sheet(publication, one) for one in assessed.sheets]
    parts += [
        _missing(publication),
        _findings(publication),
        _assumptions(publication),
        clause_list(publication.scheme),
        footer(publication),
    ]
    return document(publication, publication.title, parts)


def document(publication: Publication, title: str, parts: Iterable[Markup]) -> str:
    """A whole page with its style and script inside; the browser is told to fetch nothing."""
    script_hash = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script_hash}'; base-uri 'none'; form-action 'none'"
    head = tag(
        "head", tag("meta", charset="utf-8"), tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width,initial-scale=1"), tag("title", title), Markup(f"<style>{STYLE}</style>"),
    )  # fmt: skip
    running = tag(
        "div", f"{title} · {_mark_word(publication)}" + (" · 虚构数据" if publication.sample else ""), class_="running", aria_hidden="true"
    )
    body = tag(
        "body",
        tag("a", "跳到内容", href="#content", class_="skip"),
        tag("main", list(parts), id="content"),
        running,
        Markup(f"<script>{SCRIPT}</script>"),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='zh-CN')}\n"


def _mark_word(publication: Publication) -> str:
    return "暂列" if publication.assessed.provisional else "已核验"


def marks_of(publication: Publication) -> Markup:
    """The words that every page has to carry: provisional or verified, invented, a correction."""
    kind = "provisional" if publication.assessed.provisional else "verified"
    told = [tag("span", _mark_word(publication), class_=f"mark {kind}")]
    told += [tag("span", "虚构数据，仅作演示", class_="mark sample")] if publication.sample else []
    told += [tag("span", f"更正第{publication.corrects}号", class_="mark provisional")] if publication.corrects else []
    return tag(
        "p", told, publication.stage_words.partition("：")[2] + (f"；更正理由：{publication.reason}" if publication.corrects else "")
    )


def _top(publication: Publication) -> Markup:
    scheme = publication.scheme
    line = f"{publication.issuer} · 通报第{publication.number}号 · {publication.issued.year}年{publication.issued.month}月{publication.issued.day}日"
    return tag(
        "header",
        tag("h1", publication.title),
        tag("p", line),
        tag("p", f"依据《{paper(scheme)}》"),
        marks_of(publication),
        class_="top",
    )


def _cards(publication: Publication, sheet: SheetResult) -> Markup:
    found, mean = ranked(sheet), average(sheet)
    places = sheet.sheet.rounding.places
    first, last = (found[0], found[-1]) if found else (None, None)
    told = [
        ("平均分", shown(mean, places).removesuffix("分") if mean else "—"),
        ("第一名", _card(first, places)),
        ("末位", _card(last, places)),
    ]
    told.append(("参加排名", f"{len(found)}个" + (f"，另有{len(unranked(sheet))}个未定" if unranked(sheet) else "")))
    return tag("ul", [tag("li", tag("span", name), tag("b", value)) for name, value in told], class_="cards")


def _card(result: BodyResult | None, places: int) -> str:
    return "—" if result is None else f"{result.body.name} {marks(result.total, places)}"


# -- the city's indicators -------------------------------------------------------------------------------------------


def _indicators(publication: Publication) -> Markup:
    assessed = publication.assessed
    rows = [_indicator(publication, one, assessed.indicators[one.id]) for one in publication.scheme.indicators]
    caption = f"截至{assessed.period.year}年{assessed.period.month}月底；计数指标按完成率，比率指标按百分点"
    head = ("指标", "目标", "实绩", "完成", "牵头单位", "依据")
    return tag("section", tag("h2", "一、指标进展"), table(head, rows, ("目标", "实绩", "完成"), caption))


def _indicator(publication: Publication, one: model.Indicator, measured: Measured) -> Markup:
    name = f"其中：{one.title}" if one.part_of else one.title
    actual = shown(reached(one, measured)) if measured.actual else STATES[measured.state]
    lead = publication.scheme.body(one.lead).name
    source = one.target.source if one.target else one.source
    return tag(
        "tr", tag("th", name, scope="row"), tag("td", str(one.target.value) if one.target else "—", class_="n"), tag("td", actual, class_="n"),
        tag("td", share_text(measured), class_="n"), tag("td", lead), tag("td", source_link(publication.scheme, source)),
    )  # fmt: skip


# -- a sheet ---------------------------------------------------------------------------------------------------------


def _sheet(publication: Publication, sheet: SheetResult) -> Markup:
    number = "一二三四五六七八九十"[min(publication.assessed.sheets.index(sheet) + 1, 9)]
    title = tag("h2", f"{number}、{sheet.sheet.title}", tag("small", f"　满分{sheet.sheet.full}", class_="soft"))
    ordered = sheet.sheet.ranking is not None
    head = [("名次", "rank")] if ordered else []
    head += [("单位", "who"), *([("完成率", "n")] if len(sheet.sheet.items) == 1 else []), ("得分构成", "bar"), ("总分", "total")]
    head += [("较上期", "move")] if ordered else []
    rows = [_body(publication, sheet, one, ordered, len(head)) for one in sheet.bodies]
    caption = tag("caption", "并列后名次不再连续；名次、得分均可展开查看依据" if ordered else "只评定，不相互排名")
    header = tag(
        "thead",
        tag(
            "tr",
            [
                tag("th", word, scope="col", class_=name if name in ("bar", "move") else ("n" if name in ("rank", "total", "n") else None))
                for word, name in head
            ],
        ),
    )
    whole = tag("table", caption, header, rows, class_="ranking", id=f"sheet-{sheet.sheet.id}")
    return tag("section", title, _legend(sheet), _tools(sheet) if len(sheet.bodies) > 5 else Markup(""), tag("div", whole, class_="wide"))


def _tools(sheet: SheetResult) -> Markup:
    kinds = list(dict.fromkeys(one.body.kind for one in sheet.bodies))
    id = sheet.sheet.id
    choices = [tag("option", "全部", value=""), *(tag("option", kind, value=kind) for kind in kinds)]
    return tag(
        "div", tag("label", "分组 ", tag("select", choices, id=f"group-{id}")), tag("label", "查找 ", tag("input", type="search", id=f"word-{id}", placeholder="单位名称")),
        tag("button", "全部展开", type="button", aria_pressed="false"), tag("output", "", aria_live="polite"), class_="tools", data_tools=f"sheet-{id}",
    )  # fmt: skip


def _legend(sheet: SheetResult) -> Markup:
    told = [_key(f"var(--c{index % 6})", f"{item.title}（{item.full}）") for index, item in enumerate(sheet.sheet.items)]
    if any(one.kind != "veto" for one in sheet.sheet.adjustments):
        told += [_key("var(--plus)", "加分"), _key("var(--down)", "扣分")]
    return tag("ul", told, class_="legend")


def _key(color: str, words: str) -> Markup:
    square = tag("svg", tag("rect", "", width="12", height="12", rx="2", fill=color), viewBox="0 0 12 12", aria_hidden="true")
    return tag("li", square, words)


def _body(publication: Publication, sheet: SheetResult, result: BodyResult, ordered: bool, columns: int) -> Markup:
    places = sheet.sheet.rounding.places
    group = f"{result.body.kind}第{result.group_rank}" if result.group_rank else ""
    notes = [tag("span", "不评先进", class_="assumed")] if result.barred else []
    notes += [tag("span", f"{one.title}：{result.labels[one.id]}", class_="label") for one in sheet.sheet.labels if one.id in result.labels]
    notes += [tag("span", STATES[result.state], class_="assumed")] if result.total is None else []
    who = tag("th", result.body.name, tag("small", group, *([" "] if notes else []), notes), scope="row", class_="who")
    total = tag("td", marks(result.total, places), class_="total")
    cells = [tag("td", str(result.rank or "—"), class_="rank")] if ordered else []
    done = [tag("td", share_text(item.measured), class_="n") for item in result.items] or [tag("td", "—", class_="n")]
    cells += [who, *(done if len(sheet.sheet.items) == 1 else []), tag("td", _bar(sheet, result), class_="bar"), total]
    cells += [tag("td", _move(changed(publication, sheet.sheet.id, result)), class_="move")] if ordered else []
    inside = why(publication, sheet, result)
    row = tag(
        "tr",
        tag(
            "td",
            tag("details", tag("summary", f"为什么是这个分：{result.body.name}"), tag("div", inside, class_="inside")),
            colspan=columns,
        ),
        class_="why",
    )
    return tag(
        "tbody",
        tag("tr", cells, class_="main"),
        row,
        data_group=result.body.kind,
        data_name=result.body.name,
        id=f"{sheet.sheet.id}.{result.body.id}",
    )


def _move(places: int | None) -> Markup:
    if places is None:
        return tag("span", "—")
    if not places:
        return tag("span", "持平")
    word = f"{'↑' if places > 0 else '↓'} {abs(places)}位"
    return tag("span", word, class_="up" if places > 0 else "down", title=f"较上期{'上升' if places > 0 else '下降'}{abs(places)}位")


WIDTH = 1000  # of a bar, for the sheet's highest total


def _bar(sheet: SheetResult, result: BodyResult) -> Markup:
    """The marks of each item, what was added, and what was taken off again, on one scale."""
    top = (sheet.sheet.ceiling or sheet.sheet.full).base
    drawn: list[Markup] = [tag("rect", "", width=str(WIDTH), height="16", fill="var(--rest)")]
    at = 0
    for index, item in enumerate(result.items):
        wide = pixels(share(item) * item.item.full.base / top, WIDTH)
        drawn.append(tag("rect", "", x=str(at), width=str(wide), height="16", fill=f"var(--c{index % 6})"))
        at += wide
    for one, step in result.adjustments:
        value = amount(step) if one.kind != "veto" else Fraction(0)
        wide = min(pixels(value / top, WIDTH), at) if one.kind == "deduction" else pixels(value / top, WIDTH)
        if wide and one.kind == "deduction":
            drawn.append(tag("rect", "", x=str(at - wide), width=str(wide), height="16", fill="var(--down)"))
        elif wide:
            drawn.append(tag("rect", "", x=str(at), width=str(wide), height="16", fill="var(--plus)"))
            at += wide
    return tag("svg", tag("title", _bar_words(result)), drawn, viewBox=f"0 0 {WIDTH} 16", preserveAspectRatio="none", role="img")


def _bar_words(result: BodyResult) -> str:
    told = [f"{item.item.title}{_mark(item)}" for item in result.items]
    told += [f"{one.title}{shown(step.value)}" for one, step in result.adjustments if one.kind != "veto" and amount(step)]
    return "，".join(told)


def _mark(item: ItemResult) -> str:
    return "未定" if item.rounded is None else shown(item.rounded)


# -- what else is said -----------------------------------------------------------------------------------------------


def _missing(publication: Publication) -> Markup:
    told = [*_owed(publication, missing(publication), "未报"), *_owed(publication, late(publication), "迟报")]
    empty = "应报的都按时报了。" if publication.due else "没有报送记录可查（本结果直接由报表算出）。"
    return tag("section", tag("h2", "报送情况"), table(("单位", "应报", "期限", "情况"), told) if told else tag("p", empty))


def _owed(publication: Publication, found: Iterable[Due], word: str) -> Iterator[Markup]:
    for one in found:
        state = f"退回未重报：{one.reason}" if one.state == "returned" else word
        told = f"{state}，{'已' if one.filed is None else ''}迟{one.late}天" if one.late else state
        body = publication.scheme.body(one.body).name
        yield tag(
            "tr",
            tag("th", body, scope="row"),
            tag("td", f"{one.span} {one.title}"),
            tag("td", str(one.deadline or "未定")),
            tag("td", told),
        )


def _findings(publication: Publication) -> Markup:
    shown_ones = [one for one in publication.assessed.findings if one.severity is not Severity.NOTE]
    rows = [
        tag(
            "tr",
            tag("td", one.severity.word, class_=one.severity.value),
            tag("td", one.message),
            tag("td", tag("code", str(one.place or ""))),
        )
        for one in shown_ones
    ]
    return tag("section", tag("h2", "发现的问题"), table(("轻重", "问题", "位置"), rows) if rows else tag("p", "没有发现问题。"))


def _assumptions(publication: Publication) -> Markup:
    rows = [
        tag("tr", tag("td", sheet.title), tag("td", title), tag("td", rule.reason), tag("td", "；".join(rule.compare)))
        for sheet, title, rule in assumptions(publication.scheme)
    ]
    if not rows:
        return Markup("")
    words = f"以下{len(rows)}条规则原文没有写，是假定{ASSUMED}，名次只说明按这些假定的结果。"
    listed = tag("details", tag("summary", "逐条查看"), table(("评分表", "规则", "理由", "参照"), rows))
    return tag("section", tag("h2", "评分规则中的假定"), tag("p", words, class_="note"), listed)


def footer(publication: Publication) -> Markup:
    """What the result can be held to."""
    prints = publication.assessed.fingerprints
    words = f"规则 {publication.scheme.id}（{prints['rules'][:16]}） · 计算 {prints['plan'][:16]} · 填报 {prints['inputs'][:16]} · 结果指纹 {prints['result']}"
    return tag("footer", tag("p", words), tag("p", "由 minsheng_core 生成；本页不联网，可打印。"))
