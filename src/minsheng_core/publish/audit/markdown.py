"""An audit as Markdown, for the committee that signs the rule: headings, tables, what failed first."""

import re
from collections.abc import Iterator, Sequence

from ...audit.result import Audit, Case, Difference, Result
from . import words
from .words import MARKS, SECTIONS, Lang, label, said

__all__ = ["audit_markdown"]


def audit_markdown(audit: Audit, *, lang: Lang = "zh") -> str:
    """The whole audit as Markdown with tables, as GitHub and most viewers read it; nothing from the rules is markup in it."""
    lines = [f"# {label('report', lang)}：{plain(audit.title)}" if lang == "zh" else f"# {label('report', lang)}: {plain(audit.title)}", ""]
    lines += [f"{plain(audit.scheme)} · {audit.year}" + (f" · {label('against', lang)} {code(audit.against)}" if audit.against else ""), ""]
    lines += [f"**{plain(words.conclusion(audit, lang))}**", "", plain(words.summary(audit, lang)), ""]
    number = 0
    for name, results in words.sections(audit).items():
        if not results:
            continue
        number += 1
        lines += [f"## {words.heading(number, said(SECTIONS[name], lang), lang)} ({len(results)})", "", said(words.NOTES[name], lang), ""]
        if name in ("conflict", "failed", "exempt", "risks"):
            for at, one in enumerate(results, 1):
                lines += _result(audit, one, f"{number}.{at}", lang)
        else:
            lines += _list(audit, results, name, lang)
    if audit.differences or audit.against:
        number += 1
        lines += [f"## {words.heading(number, label('versions', lang), lang)}", ""]
        for difference in audit.differences:
            lines += _difference(audit, difference, lang)
        lines += [] if audit.differences else [label("none", lang), ""]
    lines += [f"## {words.heading(number + 1, label('basis', lang), lang)}", "", *_basis(audit, lang)]
    return "\n".join(lines).rstrip() + "\n"


def _result(audit: Audit, one: Result, number: str, lang: Lang) -> Iterator[str]:
    yield f"### {number} {MARKS[words.section_of(one)]} {plain(words.status(one, lang))}{'：' if lang == 'zh' else ': '}{plain(said(one.promise.says, lang))}"
    yield ""
    told = [("rule", words.rule_words(audit, one.rule, lang)), ("about", said(one.about, lang)), ("found", said(one.words, lang))]
    told += [("by", words.found_by(one, lang))]
    if one.exemption:
        told += [("reason", words.clean(one.exemption.reason)), ("clause", words.clause_words(audit, one.exemption.clause, lang))]
    else:
        told += [("clause", words.clause_words(audit, one.clause, lang))]
    for name, text in told:
        if text:
            yield f"- **{label(name, lang)}** {plain(text)}"
    for name, text in (
        ("place", words.place_text(one.place)),
        ("exempted", words.place_text(one.exemption.place if one.exemption else None)),
        ("replay", one.case.replay if one.case else ""),
        ("key", one.key),
    ):
        if text:
            yield f"- **{label(name, lang)}** {code(text)}"
    yield ""
    if one.case and one.case.lines:
        yield from _case(one, one.case, lang)


def _case(one: Result, case: Case, lang: Lang) -> Iterator[str]:
    heads = words.case_heads(case, lang)
    rows = []
    for line in sorted(case.lines, key=lambda line: line.result):
        values = [
            *line.values,
            *(line.values[:1] if len(line.values) == 1 and not line.changed else ("",)) * (len(heads) - len(line.values)),
        ]
        strong = [f"**{plain(value)}**" if line.changed and value.strip() else plain(value) for value in values]
        kind = label("results" if line.result else "figures", lang)
        rows.append([kind, plain(line.title), *strong, f"≠ {label('differs', lang)}" if line.changed else ""])
    yield from table(["", label("field", lang), *heads, label("mark", lang)], rows, right=range(2, 2 + len(heads)))


def _list(audit: Audit, results: Sequence[Result], name: str, lang: Lang) -> Iterator[str]:
    for rule, mine in words.by_rule(results).items():
        yield f"**{plain(words.rule_words(audit, rule, lang))}** ({len(mine)})"
        yield ""
        last = {"proved": "by", "probed": "cases", "unknown": "reason"}[name]
        rows = []
        for one in mine:
            told = {"proved": words.by_words(one.by, lang), "probed": str(one.probes), "unknown": said(one.words, lang)}[name]
            verdict = f"{MARKS[name]} {words.status(one, lang)}"
            rows.append([plain(text) for text in (verdict, said(one.promise.says, lang), said(one.about, lang), told)])
        yield from table(
            [label("verdict", lang), label("promise", lang), label("about", lang), label(last, lang)],
            rows,
            right=[3] if name == "probed" else [],
        )


def _difference(audit: Audit, one: Difference, lang: Lang) -> Iterator[str]:
    yield f"**{plain(words.rule_words(audit, one.rule, lang))}** — {plain(words.status(one.result, lang))}。{plain(said(one.result.words, lang))}"
    yield ""
    if one.changes:
        rows = []
        for what, old, new, before, after in one.changes:
            sides = (
                plain(text) + (f" ({plain(words.place_text(place))})" if place else "") for text, place in ((old, before), (new, after))
            )
            rows.append([plain(what), *sides])
        yield from table([label("change", lang), label("before", lang), label("after", lang)], rows)
    for region in one.regions:
        yield f"- **{label('regions', lang)}** {plain(said(region, lang))}"
    if one.regions:
        yield ""
    if one.result.case and one.result.key not in {result.key for result in audit.results}:
        yield from _case(one.result, one.result.case, lang)
    if one.affected:
        yield f"**{label('affected', lang)}** ({len(one.affected)})"
        yield ""
        rows = [
            [
                plain(body),
                plain(words.marks_words(old_marks, lang)),
                plain(words.marks_words(new_marks, lang)),
                words.moved_words(old_marks, new_marks),
            ]
            for body, old_marks, new_marks in one.affected
        ]
        yield from table([label("body", lang), label("before", lang), label("after", lang), "±"], rows, right=(1, 2, 3))


def _basis(audit: Audit, lang: Lang) -> Iterator[str]:
    for rule, ranges in words.grounds(audit, lang).items():
        yield f"**{label('ranges', lang)}** — {plain(words.rule_words(audit, rule, lang))}"
        yield ""
        yield from (f"- {plain(one)}" for one in ranges)
        yield ""
    yield f"**{label('engines', lang)}**"
    yield ""
    yield from [f"- {plain(one)}" for one in words.engines_words(audit, lang)] or [f"- {label('none', lang)}"]
    yield ""
    if audit.fingerprints:
        rows = [[plain(words.rule_words(audit, rule, lang)), plain(told)] for rule, told in audit.fingerprints.items()]
        yield from table([label("rule", lang), label("plan", lang)], rows)


# -- Markdown ------------------------------------------------------------------------------------------------------


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """A table of cells that are Markdown already, numbers flush right."""
    lines = [f"| {' | '.join(header)} |", f"|{'|'.join('---:' if at in right else '---' for at in range(len(header)))}|"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows), ""]


def plain(text: str) -> str:
    """*text* in one line, with nothing in it that Markdown or HTML would take for markup."""
    text = re.sub(r"([\\`*_\[\]|#~$!])", r"\\\1", words.clean(text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """*text* as code, outside tables, fenced by more backticks than it holds."""
    shown = words.clean(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"
