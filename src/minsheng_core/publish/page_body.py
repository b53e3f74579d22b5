"""One body's own sheet: how it stands, where it is strong and weak, what the next marks take, its months, and why."""

from collections.abc import Sequence
from fractions import Fraction

from ..quantity import decimal_text
from ..rounding import Rounding, round_places
from ..scoring.result import Assessed, BodyResult, SheetResult
from .markup import Markup, table, tag
from .page import document, footer, marks_of
from .page_why import clause_list, why
from .publication import Publication, amount, average, changed, late, missing, pixels, ranked, strengths, trend
from .text import STATES, findings_text, marks, shown

__all__ = ["body_page"]


def body_page(publication: Publication, body: str) -> str:
    """The page of the body with that id. Raises KeyError for a body on no sheet."""
    found = [(sheet, one) for sheet in publication.assessed.sheets for one in sheet.bodies if one.body.id == body]
    if not found:
        raise KeyError(body)
    name = publication.scheme.body(body).name
    title = f"{name}：{publication.span.title}评估"
    parts: list[Markup] = [
        tag(
            "header",
            tag("h1", title),
            tag("p", f"{publication.issuer} · 通报第{publication.number}号"),
            marks_of(publication),
            class_="top",
        )
    ]
    for sheet, result in found:
        parts += [_cards(publication, sheet, result), _strengths(sheet, result), _months(publication, sheet, result)]
        parts.append(tag("section", tag("h2", "得分和依据"), tag("div", why(publication, sheet, result), class_="inside")))
    parts += [_owed(publication, body), _findings(publication, body), clause_list(publication.scheme), footer(publication)]
    return document(publication, title, parts)


def _cards(publication: Publication, sheet: SheetResult, result: BodyResult) -> Markup:
    places, mean = sheet.sheet.rounding.places, average(sheet)
    move = changed(publication, sheet.sheet.id, result)
    told = [("总分", f"{marks(result.total, places)}（满分{shown(sheet.sheet.full)}）" if result.total else STATES[result.state])]
    if sheet.sheet.ranking is not None:
        group = f"，{result.body.kind}第{result.group_rank}" if result.group_rank else ""
        told.append(("名次", f"第{result.rank}名（共{len(ranked(sheet))}个）{group}" if result.rank else "不排名"))
        told.append(("较上期", "—" if move is None else "持平" if not move else f"{'上升' if move > 0 else '下降'}{abs(move)}位"))
        told.append(("全部平均分", shown(mean, places).removesuffix("分") if mean else "—"))
    told += [(one.title, result.labels[one.id]) for one in sheet.sheet.labels if one.id in result.labels]
    return tag("ul", [tag("li", tag("span", name), tag("b", value)) for name, value in told], class_="cards")


def _strengths(sheet: SheetResult, result: BodyResult) -> Markup:
    """Items above and below the average of the sheet, and what was added or taken off."""
    rows = []
    for item, above in strengths(sheet, result):
        word = "强项" if above > 0 else "短板" if above < 0 else "持平"
        rows.append(tag("li", tag("b", f"{word}　"), f"{item.item.title}：{shown(item.rounded)}，比平均{_signed(above)}分"))
    for one, step in result.adjustments:
        if one.kind != "veto" and amount(step):
            rows.append(tag("li", tag("b", "短板　" if one.kind == "deduction" else "强项　"), f"{one.title}：{shown(step.value)}"))
        elif one.kind == "veto" and step.value is True:
            rows.append(tag("li", tag("b", "否决　"), one.title))
    return tag("section", tag("h2", "强项和短板"), tag("ul", rows) if rows else tag("p", "没有可以比较的项目。"))


def _signed(value: Fraction) -> str:
    rounded = round_places(abs(value), 2, Rounding.HALF_UP)
    return f"{'高' if value > 0 else '低'}{decimal_text(rounded)}" if rounded else "相同，相差0"


def _months(publication: Publication, sheet: SheetResult, result: BodyResult) -> Markup:
    found = trend(publication, sheet.sheet.id, result.body.id)
    if len(found) < 2:
        return Markup("")
    places = sheet.sheet.rounding.places
    rows = []
    for month, one in found:
        done = "，".join(shown(item.measured.actual) if item.measured.actual else STATES[item.state] for item in one.items)
        rows.append(
            tag(
                "tr",
                tag("th", str(month.period), scope="row"),
                tag("td", done, class_="n"),
                tag("td", marks(one.total, places), class_="n"),
                tag("td", str(one.rank or "—"), class_="n"),
            )
        )
    listed = table(("月份", "实绩", "总分", "名次"), rows, ("实绩", "总分", "名次"))
    return tag("section", tag("h2", "逐月走势"), _chart(sheet, found), listed)


def _chart(sheet: SheetResult, found: Sequence[tuple[Assessed, BodyResult]]) -> Markup:
    """Totals as a line over the months; a month without a total leaves a gap."""
    totals = [one.total.base for _, one in found if one.total is not None]
    if len(totals) < 2:
        return Markup("")
    low, high = min(totals), max(totals)
    room = max(high - low, Fraction(1))
    points = []
    for index, (month, one) in enumerate(found):
        if one.total is not None:
            across = 40 + pixels(Fraction(index, max(len(found) - 1, 1)), 540)
            points.append(
                (across, 120 - pixels((one.total.base - low) / room, 90), month.period, marks(one.total, sheet.sheet.rounding.places))
            )
    drawn: list[Markup] = [
        tag("polyline", "", points=" ".join(f"{x},{y}" for x, y, *_ in points), fill="none", stroke="var(--c0)", stroke_width="2")
    ]
    for x, y, period, words in points:
        drawn.append(tag("circle", "", cx=str(x), cy=str(y), r="4", fill="var(--c0)"))
        drawn.append(tag("text", words, x=str(x), y=str(y - 9), text_anchor="middle", font_size="12", fill="var(--ink)"))
        drawn.append(tag("text", f"{period.month}月", x=str(x), y="146", text_anchor="middle", font_size="12", fill="var(--soft)"))
    told = "，".join(f"{period}得{words}" for _, _, period, words in points)
    return tag("svg", tag("title", f"逐月总分：{told}"), drawn, viewBox="0 0 620 156", role="img", class_="chart")


def _owed(publication: Publication, body: str) -> Markup:
    mine = [one for one in (*missing(publication), *late(publication)) if one.body == body]
    rows = [
        tag(
            "li",
            f"{one.span} {one.title}："
            + ("未报" if one.state == "missing" else f"退回未重报（{one.reason}）" if one.state == "returned" else f"迟报{one.late}天"),
        )
        for one in mine
    ]
    return tag(
        "section",
        tag("h2", "报送情况"),
        tag("ul", rows) if rows else tag("p", "应报的都按时报了。" if publication.due else "没有报送记录可查。"),
    )


def _findings(publication: Publication, body: str) -> Markup:
    mine = [one for one in publication.assessed.findings if one.body == body]
    rows = [tag("li", line.strip()) for one in mine for line in findings_text([one]).splitlines()]
    return tag("section", tag("h2", "发现的问题"), tag("ul", rows) if rows else tag("p", "没有发现问题。"))
