"""Why a body has its marks, on a page: its items against target, what brings the next marks, and the tree down to clause and cell."""

from collections.abc import Iterator

from ..explanation import Step
from ..ledger.entry import Unit
from ..protocols import STAGES
from ..scheme import model
from ..scoring.result import BodyResult, ItemResult, SheetResult
from .address import clause_words
from .markup import Markup, table, tag
from .publication import Publication, Reach, amount, reaches, stage_rows
from .text import ASSUMED, essential, marks, share_text, shown

__all__ = ["clause_list", "figures_table", "reach_words", "source_link", "why"]


def why(publication: Publication, sheet: SheetResult, result: BodyResult) -> list[Markup]:
    """Items, adjustments, the next marks, the figures at each stage, and the whole tree."""
    parts = [_items(publication, sheet, result)]
    if result.total is None:
        parts.append(tag("p", f"没有总分：{result.reason}", class_="note"))
    told = [tag("li", reach_words(one)) for one in reaches(publication, sheet, result)]
    parts += [tag("h3", "再进一步"), tag("ul", told)] if told else []
    parts += figures_table(publication, result)
    return [*parts, tag("h3", "怎样算出来的"), tag("ul", tree(publication.scheme, essential(result)), class_="tree")]


def reach_words(one: Reach) -> str:
    """What more brings, in words."""
    return f"{one.item.title}再增{shown(one.more)}，总分由{shown(one.now)}到{shown(one.then)}" + ("（该项满分）" if one.full else "")


def _items(publication: Publication, sheet: SheetResult, result: BodyResult) -> Markup:
    places = sheet.sheet.rounding.places
    rows = [_item(publication, item, places) for item in result.items]
    for one, step in result.adjustments:
        value = "是" if step.value is True else "否" if step.value is False else shown(step.value)
        sign = {"deduction": "−", "bonus": "+"}.get(one.kind, "")
        told = f"{sign}{value}" if amount(step) else ("—" if one.kind != "veto" else value)
        rows.append(
            tag(
                "tr",
                tag("th", one.title, scope="row"),
                tag("td", "", colspan="3"),
                tag("td", told, class_="n"),
                tag("td", ""),
                tag("td", source_link(publication.scheme, one.source)),
            )
        )
    return table(("项目", "完成", "目标", "完成率", "得分", "满分", "依据"), rows, ("完成", "目标", "完成率", "得分", "满分"))


def _item(publication: Publication, item: ItemResult, places: int) -> Markup:
    measured = item.measured
    target = publication.scheme.indicator(item.item.indicator).target
    return tag(
        "tr", tag("th", item.item.title, scope="row"), tag("td", shown(measured.actual) if measured.actual else "—", class_="n"),
        tag("td", shown(measured.target) if measured.target else "—", class_="n"), tag("td", share_text(measured), class_="n"),
        tag("td", marks(item.rounded, places), class_="n"), tag("td", shown(item.item.full), class_="n"),
        tag("td", source_link(publication.scheme, item.item.source), *([source_link(publication.scheme, target.source, "目标：")] if target else [])),
    )  # fmt: skip


def source_link(scheme: model.Scheme, clause: str, of: str = "") -> Markup:
    """A rule's source: that it is assumed, or where its clause stands, leading to the list of clauses; *of* says of what."""
    if clause == model.ASSUMPTION:
        return tag("span", ASSUMED, class_="assumed")
    return tag("a", f"〔{of}{clause_words(scheme, clause)}〕", href=f"#{clause}")


def tree(scheme: model.Scheme, step: Step) -> Markup:
    """A step and those below it."""
    words: list[str | Markup] = [f"{step.label} ＝ ", tag("b", shown(step.value))]
    if step.how and step.how != step.label:
        words.append(tag("span", "　", tag("code", step.how), class_="how"))
    if step.clause:
        words.append(source_link(scheme, step.clause))
    if step.place:
        words.append(tag("span", f"　← {step.place}", class_="at"))
    below = [tag("ul", [tree(scheme, part) for part in step.parts])] if step.parts else []
    return tag("li", *words, below)


def figures_table(publication: Publication, result: BodyResult) -> list[Markup]:
    """The figures filed for the span's last month, as they stood at each stage."""
    rows = [row for item in result.items for row in _figures(publication, item.item.indicator, result.body.id)]
    if not rows:
        return []
    return [tag("h3", "各阶段数据"), table(("栏目", "填报数", "审核数", "核验数"), rows, ("填报数", "审核数", "核验数"))]


def _figures(publication: Publication, indicator: str, body: str) -> Iterator[Markup]:
    for title, stages in stage_rows(publication, Unit(indicator, body, publication.assessed.period)):
        cells = [tag("td", "—" if (value := stages.get(stage)) is None else str(value), class_="n") for stage in STAGES]
        yield tag("tr", tag("th", title, scope="row"), cells)


def clause_list(scheme: model.Scheme) -> Markup:
    """Every clause that is named, where it stands and what it says."""
    documents = {one.id: one for one in scheme.documents}
    rows = []
    for clause in scheme.clauses:
        document = documents[clause.document]
        where = f"《{document.title}》{document.number}{clause.locator}"
        rows.append(tag("tr", tag("th", clause.id, scope="row"), tag("td", where), tag("td", clause.summary), id=clause.id))
    return tag("section", tag("h2", "依据的条款"), table(("代号", "出处", "内容"), rows))
