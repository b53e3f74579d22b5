"""An audit as text for a terminal: what failed first, every case as a table that lines up Chinese."""

import re
from collections.abc import Iterator, Sequence

from ...audit.result import Audit, Case, Difference, Result
from ..text import width as width_of
from . import words
from .words import MARKS, SECTIONS, Lang, label, said

__all__ = ["audit_text", "case_text", "result_text"]

INDENT = "    "
NEVER_FIRST = "，。；：、！？）》”’」』】〕％%…·,.;:!?)]}"
NEVER_LAST = "（《“‘「『【〔([{"


LISTED = 6  # so many of one promise are named


def audit_text(audit: Audit, *, lang: Lang = "zh", width: int = 100) -> str:
    """The whole audit for a terminal *width* columns wide; commands are never broken, so that they can be copied."""
    width = max(width, 40)
    found = words.sections(audit)
    blocks = ["\n".join(_head(audit, lang, width))]
    for name, results in found.items():
        if not results:
            continue
        title = f"{MARKS[name]} {said(SECTIONS[name], lang)}  {len(results)}"
        lines = [title, "─" * min(width, 72), *wrapped(said(words.NOTES[name], lang), width)]
        if name in ("conflict", "failed"):
            for one in results:
                lines += ["", *_loud(audit, one, lang, width)]
        elif name in ("exempt", "risks"):
            for one in results:
                lines += ["", *(_measure if name == "risks" and not one.risk else _quiet)(audit, one, lang, width)]
        else:
            lines += _list(audit, results, name, lang, width)
        blocks.append("\n".join(lines))
    if audit.differences or audit.against:
        blocks.append("\n".join(_versions(audit, lang, width)))
    if rests := words.grounds(audit, lang):
        lines = [label("ranges", lang), "─" * min(width, 72)]
        for rule, told in rests.items():
            lines += [*wrapped(words.rule_words(audit, rule, lang), width), *(line for one in told for line in wrapped(one, width, INDENT))]
        blocks.append("\n".join(lines))
    blocks.append("\n".join(_foot(audit, lang, width)))
    return "\n\n".join(blocks) + "\n"


def _head(audit: Audit, lang: Lang, width: int) -> list[str]:
    lines = wrapped(f"{label('report', lang)}  {words.clean(audit.title)}  {words.clean(audit.scheme)}  {audit.year}", width)
    if audit.against:
        lines += wrapped(f"{label('against', lang)} {words.clean(audit.against)}", width)
    return [*lines, *wrapped(words.conclusion(audit, lang), width)]


def _foot(audit: Audit, lang: Lang, width: int) -> list[str]:
    engines = ("；" if lang == "zh" else "; ").join(words.engines_words(audit, lang)) or label("none", lang)
    return [*_field(label("engines", lang), engines, width, ""), *wrapped(words.summary(audit, lang), width)]


# -- one result ----------------------------------------------------------------------------------------------------


def result_text(audit: Audit, one: Result, *, lang: Lang = "zh", width: int = 100) -> str:
    """One result with its case, clause, place and replay."""
    return "\n".join(_loud(audit, one, lang, max(width, 40)))


def _loud(audit: Audit, one: Result, lang: Lang, width: int) -> list[str]:
    lines = wrapped(f"{MARKS[words.section_of(one)]} {words.status(one, lang)}  {said(one.promise.says, lang)}", width, hang=2)
    fields = [("rule", words.rule_words(audit, one.rule, lang)), ("about", said(one.about, lang)), ("found", said(one.words, lang))]
    fields += [("by", words.found_by(one, lang))]
    lines += [line for name, text in fields if text for line in _field(label(name, lang), text, width)]
    if one.case and one.case.lines:
        lines += ["", *case_text(one, one.case, lang=lang, width=width - 4), ""]
    return [*lines, *_where(audit, one, lang, width)]


def _quiet(audit: Audit, one: Result, lang: Lang, width: int) -> list[str]:
    """An exemption, a risk or a measure: the reason before the case."""
    lines = wrapped(f"{MARKS[words.section_of(one)]} {words.status(one, lang)}  {said(one.promise.says, lang)}", width, hang=2)
    fields = [("rule", words.rule_words(audit, one.rule, lang)), ("about", said(one.about, lang)), ("found", said(one.words, lang))]
    lines += [line for name, text in fields if text for line in _field(label(name, lang), text, width)]
    if one.exemption:
        lines += _field(label("reason", lang), words.clean(one.exemption.reason), width)
        lines += _field(label("clause", lang), words.clause_words(audit, one.exemption.clause, lang), width)
    if one.case and one.case.lines:
        lines += ["", *case_text(one, one.case, lang=lang, width=width - 4), ""]
    return [*lines, *_where(audit, one, lang, width, clause=one.exemption is None)]


def _measure(audit: Audit, one: Result, lang: Lang, width: int) -> list[str]:
    """A number that the rule has, in few lines."""
    lines = wrapped(f"{MARKS['risks']} {words.status(one, lang)}  {words.name_of(one, lang)}", width, hang=2)
    for name, text in (("rule", words.rule_words(audit, one.rule, lang)), ("found", said(one.words, lang))):
        lines += _field(label(name, lang), text, width)
    return [*lines, f"  {_padded(label('replay', lang))}  {words.clean(one.case.replay)}"] if one.case and one.case.replay else lines


def _where(audit: Audit, one: Result, lang: Lang, width: int, *, clause: bool = True) -> list[str]:
    lines = []
    if clause and one.clause:
        lines += _field(label("clause", lang), words.clause_words(audit, one.clause, lang), width)
    exact = [
        ("place", words.place_text(one.place)),
        ("exempted", words.place_text(one.exemption.place if one.exemption else None)),
        ("replay", words.clean(one.case.replay) if one.case else ""),
        ("key", words.clean(one.key)),
    ]
    return [*lines, *(f"  {_padded(label(name, lang))}  {text}" for name, text in exact if text)]


def case_text(one: Result, case: Case, *, lang: Lang = "zh", width: int = 96) -> list[str]:
    """A case as lines: figures, a rule, results; what differs is marked in a column of its own."""
    heads = [label("field", lang), *words.case_heads(case, lang), ""]
    rows, parts = [heads], []
    for result in (False, True):
        chosen = [line for line in case.lines if line.result is result]
        parts.append(len(chosen))
        for line in chosen:
            values = [words.clean(value) for value in line.values]
            values += [values[0] if len(values) == 1 and not line.changed else ""] * (len(heads) - 2 - len(values))
            mark = f"← {label('differs', lang)}" if line.changed else ""
            rows.append([words.clean(line.title), *values, mark])
    return [INDENT + line for line in grid(rows, width, after=(0, *([parts[0]] if parts[0] and parts[1] else [])))]


# -- many results --------------------------------------------------------------------------------------------------


def _list(audit: Audit, results: Sequence[Result], name: str, lang: Lang, width: int) -> list[str]:
    """One line a promise, by rule; the engine or the count beside it, below it the reason where nothing was decided."""
    lines = []
    for rule, mine in words.by_rule(results).items():
        lines += ["", *wrapped(f"{words.rule_words(audit, rule, lang)}  {len(mine)}", width)]
        if name == "proved":
            lines += [line for text in _together(mine, lang) for line in wrapped(text, width, "  ", hang=2)]
            continue
        for one in mine:
            told, why = words.probes_words(one.probes, lang) if name == "probed" else "", said(one.words, lang)
            text = f"{MARKS[name]} {words.status(one, lang)}  {words.name_of(one, lang)}"
            lines += wrapped(text + (f"  〈{told}〉" if told and str(one.probes) not in why else ""), width, "  ", hang=2)
            lines += wrapped(why, width, INDENT) if why else []
    return lines


def _together(results: Sequence[Result], lang: Lang) -> Iterator[str]:
    """What is proved, a line a promise: of how much, or of what where it is little, and by which engines."""
    for code in dict.fromkeys(one.promise.code for one in results):
        mine = [one for one in results if one.promise.code == code]
        engines = "、".join(dict.fromkeys(words.by_words(one.by, lang) for one in mine))
        about = list(dict.fromkeys(said(one.about, lang) for one in mine))
        shown = (
            f"{len(mine)}{'项' if lang == 'zh' else ' of them'}" if len(about) > LISTED else ("；" if lang == "zh" else "; ").join(about)
        )
        colon = "：" if lang == "zh" else ": "
        yield f"{MARKS['proved']} {words.status(mine[0], lang)}  {said(mine[0].promise.says, lang)}{colon}{shown}  〈{engines}〉"


def _versions(audit: Audit, lang: Lang, width: int) -> list[str]:
    against = f"{label('against', lang)} {words.clean(audit.against)}" if audit.against else ""
    lines = [f"{label('versions', lang)}  {against}".rstrip(), "─" * min(width, 72)]
    for one in audit.differences:
        lines += _difference(audit, one, lang, width)
    return lines if audit.differences else [*lines, label("none", lang)]


def _difference(audit: Audit, one: Difference, lang: Lang, width: int) -> Iterator[str]:
    yield from wrapped(f"{words.rule_words(audit, one.rule, lang)}  {words.status(one.result, lang)}", width)
    yield from _field(label("found", lang), said(one.result.words, lang), width)
    for what, old, new, before, after in one.changes:
        yield from _field(label("change", lang), words.clean(what), width)
        for name, text, place in (("before", old, before), ("after", new, after)):
            yield from _field(label(name, lang), words.clean(text) + (f"  ← {words.place_text(place)}" if place else ""), width, INDENT)
    for region in one.regions:
        yield from _field(label("regions", lang), said(region, lang), width)
    if one.result.case and one.result.key not in {result.key for result in audit.results}:
        yield from ("", *case_text(one.result, one.result.case, lang=lang, width=width - 4), "")
        if one.result.case.replay:
            yield f"  {label('replay', lang)}  {words.clean(one.result.case.replay)}"
    if one.affected:
        yield f"  {label('affected', lang)}  {len(one.affected)}"
        rows = [[label("body", lang), label("before", lang), label("after", lang), "±"]]
        for body, old_marks, new_marks in one.affected:
            moved = words.moved_words(old_marks, new_marks)
            rows.append([words.clean(body), words.marks_words(old_marks, lang), words.marks_words(new_marks, lang), moved])
        yield from (INDENT + line for line in grid(rows, width - 4, after=(0,)))
    yield ""


# -- lines and columns ---------------------------------------------------------------------------------------------


def _field(name: str, text: str, width: int, indent: str = "  ") -> list[str]:
    name = _padded(name) if indent == "  " else name
    return wrapped(f"{name}  {text}", width, indent, hang=width_of(name) + 2)


def _padded(name: str) -> str:
    """A label as wide as most: two Chinese characters, or eight letters."""
    return name + " " * ((4 if ord(name[0]) > 127 else 9) - width_of(name))


def wrapped(text: str, width: int, indent: str = "", hang: int = 0) -> list[str]:
    """*text* in lines at most *width* columns wide; punctuation doesn't start a line, later lines hang under the first."""
    room = max(width - width_of(indent), 8)
    hang = hang if hang * 2 < room else 2
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        limit = room - (hang if lines else 0)
        while line.strip() and width_of(line + piece.rstrip()) > limit:
            lines.append(line.rstrip())
            line, limit = "", room - hang
        while width_of(piece) > limit and not line.strip():  # longer than a line: cut
            cut = _fitting(piece, limit)
            lines.append(piece[:cut])
            piece, limit = piece[cut:], room - hang
        line += piece if line or not lines else piece.lstrip()
    lines.append(line.rstrip())
    return [indent + (" " * hang if at else "") + one for at, one in enumerate(lines)]


def _pieces(text: str) -> list[str]:
    """Where a line may break: after spaces, and between Chinese characters but before closing and after opening marks."""
    pieces: list[str] = []
    for part in re.findall(r"[!-~]+|\s+|.", text):
        if pieces and (part[0] in NEVER_FIRST or part.isspace() or pieces[-1][-1] in NEVER_LAST):
            pieces[-1] += part
        else:
            pieces.append(part)
    return pieces


def _fitting(text: str, limit: int) -> int:
    """How many characters of *text* fit, at least one."""
    used = 0
    for at, character in enumerate(text):
        used += width_of(character)
        if used > limit:
            return max(at, 1)
    return len(text)


def grid(rows: Sequence[Sequence[str]], width: int, after: Sequence[int] = ()) -> list[str]:
    """Rows in columns of one width each, the first flush left, values flush right, a last column without a head flush left.

    Where they are too wide, cells break into lines. A line is drawn below the head, and *after* so many more rows.
    """
    columns = len(rows[0])
    free = [max(width_of(row[at]) for row in rows) for at in range(columns)]
    widths = _shares(free, width - 2 * (columns - 1))
    marks = columns - 1 if not rows[0][-1] else columns
    lines = []
    for number, row in enumerate(rows):
        cells = [wrapped(cell, widths[at]) if width_of(cell) > widths[at] else [cell] for at, cell in enumerate(row)]
        for level in range(max(len(cell) for cell in cells)):
            parts = []
            for at, cell in enumerate(cells):
                text = cell[level] if level < len(cell) else ""
                space = " " * (widths[at] - width_of(text))
                parts.append(text + space if at == 0 or at >= marks else space + text)
            lines.append("  ".join(parts).rstrip())
        if number in after:
            lines.append("  ".join("─" * one for at, one in enumerate(widths) if at < marks))
    return lines


def _shares(free: Sequence[int], room: int) -> list[int]:
    """Widths of columns: as wide as they like, or the widest ones narrowed until all fit."""
    widths = list(free)
    while sum(widths) > room and max(widths) > 8:
        widths[widths.index(max(widths))] -= 1
    return widths
