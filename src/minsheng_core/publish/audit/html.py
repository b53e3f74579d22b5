"""An audit as one HTML file that needs no network and no script: counts, what failed as cards, rules by promises, proofs, and the rest."""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from ...audit.promise import PROMISES
from ...audit.result import Audit, Case, Difference, Line, Result
from ..markup import Markup, tag
from . import words
from .style import STYLE
from .words import MARKS, SECTIONS, SHORT, Lang, label, said

__all__ = ["audit_html"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def audit_html(audit: Audit, *, lang: Lang = "zh") -> str:
    """The whole audit as one page; everything that comes from rules is escaped."""
    return "<!DOCTYPE html>\n" + _Page(audit, lang).page() + "\n"


def anchor(one: Result) -> str:
    """Where a result stands on the page: the same in every audit that asks the same."""
    return "q" + sha256(one.key.encode("utf-8", "surrogatepass")).hexdigest()[:12]


class _Page:
    def __init__(self, audit: Audit, lang: Lang) -> None:
        self.audit, self.lang = audit, lang
        self.found = words.sections(audit)
        self.number = 0

    def page(self) -> Markup:
        title = f"{self.label('report')} · {self.audit.title}"
        head = tag(
            "head", tag("meta", charset="utf-8"), tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"), tag("meta", name="referrer", content="no-referrer"),
            tag("title", title), tag("style", Markup(STYLE)),
        )  # fmt: skip
        main = tag("main", *self._blocks())
        return tag("html", head, tag("body", main), lang="zh-CN" if self.lang == "zh" else "en")

    def _blocks(self) -> Iterator[Markup]:
        yield self._top()
        yield from self._cards("conflict")
        yield from self._cards("failed")
        yield self._matrix()
        yield from self._cards("exempt")
        yield from self._cards("risks")
        for name in ("proved", "probed", "unknown"):
            yield from self._lists(name)
        if self.audit.differences or self.audit.against:
            yield self._versions()
        yield self._basis()
        yield tag("footer", tag("p", words.summary(self.audit, self.lang)))

    # -- words ---------------------------------------------------------------------------------------------------

    def label(self, name: str) -> str:
        return label(name, self.lang)

    def chinese(self, text: str) -> Markup:
        """Text of the rules, which is Chinese whatever the page's language."""
        return tag("span", text, lang="zh-CN" if self.lang == "en" else None)

    def title(self, words_: str, *, count: int | None = None, id: str) -> Markup:
        self.number += 1
        counted = [tag("span", str(count), class_="count")] if count is not None else []
        return tag("h2", words.heading(self.number, words_, self.lang), counted, id=id)

    def verdict(self, one: Result) -> Markup:
        section = words.section_of(one)
        return tag("span", tag("span", MARKS[section], aria_hidden="true"), " ", words.status(one, self.lang), class_=f"verdict {section}")

    # -- the top -------------------------------------------------------------------------------------------------

    def _top(self) -> Markup:
        audit, lang = self.audit, self.lang
        told = f"{audit.scheme} · {audit.year}" + (f" · {self.label('against')} {audit.against}" if audit.against else "")
        band = []
        for name, results in self.found.items():
            inside = (tag("span", str(len(results)), class_="number"), tag("span", f"{MARKS[name]} {self._word(name)}", class_="word"))
            band.append(tag("li", tag("a", *inside, href=f"#{name}") if results else inside, class_=name if results else f"{name} none"))
        return Markup(
            tag(
                "div",
                tag("p", self.label("report"), class_="kind"),
                tag("h1", self.chinese(audit.title)),
                tag("p", told, class_="soft"),
                class_="top",
            )
            + tag("p", words.conclusion(audit, lang), class_="conclusion")
            + tag("p", words.summary(audit, lang), class_="soft")
            + tag("ul", band, class_="band")
        )

    def _word(self, name: str) -> str:
        return {
            "conflict": ("引擎结论矛盾", "in conflict"), "failed": ("已推翻", "refuted"), "exempt": ("已推翻·豁免", "refuted, exempt"),
            "risks": ("风险和量度", "risks, measures"), "proved": ("已证明", "proved"), "probed": ("未推翻（不是证明）", "not refuted (no proof)"),
            "unknown": ("未定", "unknown"),
        }[name][0 if self.lang == "zh" else 1]  # fmt: skip

    # -- cards ---------------------------------------------------------------------------------------------------

    def _cards(self, name: str) -> Iterator[Markup]:
        if not self.found[name]:
            return
        title = self.title(said(SECTIONS[name], self.lang), count=len(self.found[name]), id=name)
        note = tag("p", said(words.NOTES[name], self.lang), class_="note")
        yield tag("section", title, note, [self._card(one, name) for one in self.found[name]], aria_labelledby=name)

    def _card(self, one: Result, name: str) -> Markup:
        head = tag("header", self.verdict(one), tag("h3", words.name_of(one, self.lang)))
        asked = tag("p", self.chinese(words.rule_words(self.audit, one.rule, self.lang)), class_="asked")
        found = tag("p", said(one.words, self.lang), class_="found")
        case = [self._case(one, one.case)] if one.case and one.case.lines else []
        told: list[tuple[str, Markup | str]] = [("reason", one.exemption.reason if one.exemption else "")]
        clause = words.clause_words(self.audit, one.exemption.clause if one.exemption else one.clause, self.lang)
        told += [("clause", self.chinese(clause) if clause else ""), ("place", self._code(words.place_text(one.place)))]
        told += [
            ("exempted", self._code(words.place_text(one.exemption.place if one.exemption else None))),
            ("by", words.found_by(one, self.lang)),
        ]
        told += [
            ("replay", tag("code", one.case.replay, class_="copy") if one.case and one.case.replay else ""),
            ("key", self._code(one.key)),
        ]
        facts = tag("dl", [Markup(tag("dt", self.label(key)) + tag("dd", text)) for key, text in told if text])
        inside: list[Markup] = [*case, facts]
        if name == "risks" and not one.risk:  # a measure: the number is enough at first
            inside = [tag("details", tag("summary", self.label("case")), tag("div", inside, class_="body"))]
        return tag("article", head, asked, found, inside, class_=f"card {name}", id=anchor(one))

    def _code(self, text: str) -> Markup | str:
        return tag("code", text) if text else ""

    def _case(self, one: Result, case: Case) -> Markup:
        heads = words.case_heads(case, self.lang)
        top = [tag("th", self.label("field"), scope="col"), *(tag("th", head, scope="col", class_="v") for head in heads)]
        top.append(tag("th", tag("span", self.label("mark"), class_="sr"), scope="col"))
        parts = []
        for result in (False, True):
            lines = [line for line in case.lines if line.result is result]
            if lines:
                kind = tag(
                    "tr", tag("th", self.label("results" if result else "figures"), scope="rowgroup", colspan=len(heads) + 2), class_="part"
                )
                parts.append(tag("tbody", kind, [self._line(line, len(heads)) for line in lines]))
        caption = tag("caption", f"{self.label('case')}: {said(one.words, self.lang)}", class_="sr")
        return self._wide(
            tag("table", caption, tag("thead", tag("tr", top)), parts, class_="case"),
            f"{self.label('case')}: {said(one.promise.says, self.lang)}",
        )

    def _line(self, line: Line, columns: int) -> Markup:
        values = [*line.values, *(line.values[:1] if len(line.values) == 1 and not line.changed else ("",)) * (columns - len(line.values))]
        mark = f"≠ {self.label('differs')}" if line.changed else ""
        cells = [
            tag("th", self.chinese(line.title), scope="row"),
            *(tag("td", value, class_="v") for value in values),
            tag("td", mark, class_="m"),
        ]
        return tag("tr", cells, class_="diff" if line.changed else None)

    def _wide(self, table: Markup, name: str) -> Markup:
        """A table that scrolls by itself where it is too wide, for the keyboard too."""
        return tag("div", table, class_="wide", role="region", aria_label=name, tabindex="0")

    # -- rules by promises ---------------------------------------------------------------------------------------

    def _matrix(self) -> Markup:
        audit = self.audit
        rules = list(dict.fromkeys((*audit.titles, *(one.rule for one in audit.results))))
        promises = {one.promise.code: one.promise for one in audit.results}
        codes = [code for code in PROMISES if code in promises] + [code for code in promises if code not in PROMISES]
        top = [
            tag("th", self.label("promise"), scope="col"),
            *(tag("th", self.chinese(audit.titles.get(rule, rule)), scope="col") for rule in rules),
        ]
        rows = []
        for code in codes:
            name = tag("th", said(promises[code].says, self.lang), tag("span", code, class_="soft"), scope="row")
            rows.append(
                tag(
                    "tr",
                    name,
                    [self._cell([one for one in audit.results if one.rule == rule and one.promise.code == code]) for rule in rules],
                )
            )
        table = tag("table", tag("thead", tag("tr", top)), tag("tbody", rows), class_="matrix", style=f"min-width:{14 + 8 * len(rules)}em")
        return tag(
            "section", self.title(self.label("matrix"), id="matrix"), self._wide(table, self.label("matrix")), aria_labelledby="matrix"
        )

    def _cell(self, results: Sequence[Result]) -> Markup:
        """Each verdict with its own count, the loudest first; none is merged into another."""
        links = []
        for name in SECTIONS:
            mine = [one for one in results if words.section_of(one) == name]
            for word in dict.fromkeys(self._short(one) for one in mine):
                same = [one for one in mine if self._short(one) == word]
                count = f" {len(same)}" if len(same) > 1 else ""
                links.append(
                    tag("a", tag("span", MARKS[name], aria_hidden="true"), f" {word}{count}", href=f"#{anchor(same[0])}", class_=name)
                )
        return tag(
            "td",
            links or tag("span", tag("span", "—", aria_hidden="true"), tag("span", self.label("not_asked"), class_="sr"), class_="empty"),
        )

    def _short(self, one: Result) -> str:
        section = words.section_of(one)
        if section == "risks" and not one.risk:  # a measure
            section = {"proved": "proved", "not_refuted": "probed"}[one.verdict.value]
        return said(SHORT[section], self.lang)

    # -- lists ---------------------------------------------------------------------------------------------------

    def _lists(self, name: str) -> Iterator[Markup]:
        results = self.found[name]
        if not results:
            return
        folded = []
        for rule, mine in words.by_rule(results).items():
            last = {"proved": "by", "probed": "cases", "unknown": "reason"}[name]
            top = [
                tag("th", self.label(one), scope="col", class_="v" if one == "cases" else None)
                for one in ("verdict", "promise", "about", last)
            ]
            body = tag("tbody", [self._row(one, name, self.label(last)) for one in mine])
            table = tag("table", tag("thead", tag("tr", top)), body, class_="list rows")
            title = tag("summary", self.chinese(words.rule_words(self.audit, rule, self.lang)), tag("span", str(len(mine)), class_="count"))
            folded.append(tag("details", title, table, open="" if name == "unknown" or len(results) <= 12 else None))
        title = self.title(said(SECTIONS[name], self.lang), count=len(results), id=name)
        yield tag("section", title, tag("p", said(words.NOTES[name], self.lang), class_="note"), folded, aria_labelledby=name)

    def _row(self, one: Result, name: str, head: str) -> Markup:
        told = {"proved": words.by_words(one.by, self.lang), "probed": str(one.probes), "unknown": said(one.words, self.lang)}[name]
        cells = [
            tag("td", self.verdict(one), class_="who"),
            tag("th", said(one.promise.says, self.lang), scope="row"),
            tag("td", said(one.about, self.lang)),
        ]
        cells.append(tag("td", told, class_={"proved": "who", "probed": "v"}.get(name), data_name=head))
        return tag("tr", cells, id=anchor(one))

    # -- versions ------------------------------------------------------------------------------------------------

    def _versions(self) -> Markup:
        note = tag("p", f"{self.label('against')} ", tag("code", self.audit.against), class_="note") if self.audit.against else ""
        told = [self._difference(one) for one in self.audit.differences] or [tag("p", self.label("none"))]
        return tag("section", self.title(self.label("versions"), id="versions"), note, told, aria_labelledby="versions")

    def _difference(self, one: Difference) -> Markup:
        result, section = one.result, words.section_of(one.result)
        known = result.key in {other.key for other in self.audit.results}
        parts = [
            tag("header", self.verdict(result), tag("h3", self.chinese(words.rule_words(self.audit, one.rule, self.lang)))),
            tag("p", said(result.words, self.lang)),
        ]
        if one.changes:
            rows = []
            for what, old, new, before, after in one.changes:
                sides = [tag("td", text, tag("br"), self._code(words.place_text(place))) for text, place in ((old, before), (new, after))]
                rows.append(tag("tr", tag("th", what, scope="row"), sides))
            parts.append(self._table(("change", "before", "after"), rows))
        if one.regions:
            parts += [
                tag("h4", self.label("regions")),
                tag("ul", [tag("li", said(region, self.lang)) for region in one.regions], class_="plain"),
            ]
        if result.case and result.case.lines and not known:
            parts.append(self._case(result, result.case))
            if result.case.replay:
                parts.append(tag("dl", tag("dt", self.label("replay")), tag("dd", tag("code", result.case.replay, class_="copy"))))
        if one.affected:
            rows = []
            for body, old_marks, new_marks in one.affected:
                values = (
                    words.marks_words(old_marks, self.lang),
                    words.marks_words(new_marks, self.lang),
                    words.moved_words(old_marks, new_marks),
                )
                rows.append(tag("tr", tag("th", self.chinese(body), scope="row"), [tag("td", value, class_="v") for value in values]))
            parts += [tag("h4", self.label("affected"), tag("span", str(len(one.affected)), class_="count"))]
            parts.append(self._table(("body", "before", "after", "±"), rows, right=True))
        return tag("article", parts, class_=f"card {section}", id=None if known else anchor(result))

    def _table(self, heads: Sequence[str], rows: Sequence[Markup], *, right: bool = False) -> Markup:
        top = [
            tag("th", head if head == "±" else self.label(head), scope="col", class_="v" if right and at else None)
            for at, head in enumerate(heads)
        ]
        return self._wide(tag("table", tag("thead", tag("tr", top)), tag("tbody", rows), class_="list"), self.label(heads[0]))

    # -- what it rests on ----------------------------------------------------------------------------------------

    def _basis(self) -> Markup:
        parts = [self.title(self.label("basis"), id="basis")]
        for rule, told in words.grounds(self.audit, self.lang).items():
            title = tag(
                "summary",
                f"{self.label('ranges')} · ",
                self.chinese(words.rule_words(self.audit, rule, self.lang)),
                tag("span", str(len(told)), class_="count"),
            )
            parts.append(tag("details", title, tag("div", tag("ul", [tag("li", one) for one in told], class_="plain"), class_="body")))
        engines = words.engines_words(self.audit, self.lang) or [self.label("none")]
        parts += [tag("h4", self.label("engines")), tag("ul", [tag("li", one) for one in engines], class_="plain")]
        if self.audit.fingerprints:
            rows = [
                tag("tr", tag("th", self.chinese(words.rule_words(self.audit, rule, self.lang)), scope="row"), tag("td", tag("code", text)))
                for rule, text in self.audit.fingerprints.items()
            ]
            parts += [tag("h4", self.label("plan")), self._table(("rule", "plan"), rows)]
        return tag("section", parts, aria_labelledby="basis")
