"""Parts that every section of the rule pages shares: sources, places, tables, and a formula in words."""

from collections.abc import Iterable, Mapping, Sequence

from ...formula import Formula
from ...formula.band import Band
from ...formula.dated import Dated
from ...formula.words import constant_text, notation, sentences
from ...quantity import Quantity
from ...scheme import model
from ...scheme.facts import Placed
from .. import markup
from ..markup import Markup, tag
from ..text import ASSUMED
from .chart import Axis, band_chart

__all__ = ["anchor", "bands_told", "formula_told", "names", "place", "pairs", "source", "table"]


def anchor(kind: str, id: str) -> str:
    """The id of a section."""
    return f"{kind}-{id}"


def place(rule: Placed) -> Markup:
    """Where the rule stands."""
    return tag("span", f"← {rule.place}" if rule.place else "← 位置不详", class_="at")


def source(scheme: model.Scheme, rule: model.Sourced | str) -> Markup:
    """The clause that a rule rests on, or that it is assumed and why."""
    if not isinstance(rule, str) and rule.is_assumption:
        leaning = [tag("span", f"（参照：{'；'.join(rule.compare)}）", class_="soft")] if rule.compare else []
        return tag("span", tag("span", ASSUMED, class_="assumed"), rule.reason, leaning)
    id = rule if isinstance(rule, str) else rule.source
    clause = next((one for one in scheme.clauses if one.id == id), None)
    if clause is None:
        return tag("span", f"〔{id or '没有写明'}〕", class_="assumed")
    document = next((one for one in scheme.documents if one.id == clause.document), None)
    where = f"《{document.title}》{document.number}{clause.locator}" if document else clause.locator
    printed = [tag("span", f"（原文印出的数字：{'、'.join(clause.figures)}）", class_="soft")] if clause.figures else []
    return tag("span", tag("a", f"{where}〔{id}〕", href=f"#{id}"), f"：{clause.summary}", printed)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: frozenset[int] = frozenset()) -> Markup:
    """A table whose first column names the rows; those in *right* hold numbers."""
    body = [
        tag(
            "tr",
            tag("th", row[0], scope="row"),
            [tag("td", cell, class_="n" if index in right else None) for index, cell in enumerate(row[1:], 1)],
        )
        for row in rows
    ]
    return markup.table(head, body, {head[index] for index in right})


def pairs(rows: Iterable[tuple[str, str]]) -> Markup:
    """Names and what they are."""
    return tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in rows], class_="pairs")


def names(scheme: model.Scheme, ids: Iterable[str]) -> str:
    """Bodies and kinds of bodies, by their names."""
    known = {one.id: one.name for one in scheme.bodies}
    kinds = {one.kind for one in scheme.bodies}
    told = [known.get(id) or (f"各{id}（{sum(one.kind == id for one in scheme.bodies)}个）" if id in kinds else id) for id in ids]
    return "、".join(told) or "—"


def formula_told(formula: Formula, result: str, *, group: str = "本组", first_month: int = 1) -> list[Markup]:
    """The formula: as written by hand, step by step, as it stands in the file, with its parameters and tables."""
    whole, *derived = sentences(formula, group=group, first_month=first_month)
    parts = [
        tag("p", f"{result} ＝ {notation(formula.scope, formula.root)}", class_="formula"),
        tag("ol", [tag("li", line) for line in whole.sentences], class_="steps"),
        tag("p", f"第{len(whole.sentences)}步即为{result}。规则文件中写作 ", tag("code", whole.text)),
    ]
    for one in derived:
        parts.append(tag("p", f"其中“{one.title or one.name}”（{one.name}）这样得出（规则中写作 ", tag("code", one.text), "）："))
        parts.append(tag("ol", [tag("li", line) for line in one.sentences], class_="steps"))
    used = {name: value for name, value in formula.scope.constants.items() if name not in formula.scope.fields}
    if used:
        rows = [[name, constant_text(value), "按期取值" if isinstance(value, Dated) else "固定"] for name, value in used.items()]
        parts.append(table(["参数", "值", "怎样取"], rows))
    return [*parts, *bands_told(formula.scope.bands)]


def bands_told(bands: Mapping[str, Band]) -> list[Markup]:
    """Each table as a list of its rows and as a chart."""
    parts: list[Markup] = []
    for name, band in bands.items():
        rows = [[str(row + 1), band.describe(row)] for row in range(len(band.values))]
        under = [] if band.kind == "choice" else [["—", f"{band.describe(-1)}：{_below(band)}"]]
        parts += [tag("h5", f"分档表 {name}"), table(["行", "内容"], [*under, *rows])]
        if band.kind != "choice":
            parts.append(
                band_chart(
                    band, Axis(title=f"输入（{band.input.symbol or '数'}）", unit=band.input), Axis(title="查得的值", unit=band.output)
                )
            )
    return parts


def _below(band: Band) -> str:
    return "未定" if band.below is None else str(Quantity(band.below / band.output.scale, band.output))
