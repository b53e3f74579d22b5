"""What every report of an audit says alike: which section a result belongs to, in what order, and the words for it."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Literal

from ...audit.promise import Said
from ...audit.result import Audit, Case, Result, Verdict
from ...finding import Place, Severity
from ...quantity import decimal_text
from ...scheme.model import ASSUMPTION
from ..markup import clean

__all__ = [
    "FORMATS", "MARKS", "SECTIONS", "Lang", "by_words", "by_rule", "case_heads", "clause_words", "clean", "conclusion", "counts", "engines_words",
    "found_by", "grounds", "heading",
    "label", "marks_words", "moved_words", "name_of", "part", "place_text", "probes_words", "rule_words", "said", "section_of", "sections", "status", "summary",
]  # fmt: skip

Lang = Literal["zh", "en"]
MEASURES = ("step", "plateau")  # promises that give a number rather than a verdict

# In order of loudness: every result is in exactly one of them.
SECTIONS: dict[str, Said] = {
    "conflict": ("引擎结论矛盾", "Engines in conflict"),
    "failed": ("没有通过的承诺", "Promises that are broken"),
    "exempt": ("已豁免的承诺", "Exemptions"),
    "risks": ("规则本身的风险和量度", "Risks by design, and measures"),
    "proved": ("已证明的承诺", "Promises proved"),
    "probed": ("只经试探的承诺", "Promises only probed"),
    "unknown": ("未定的承诺", "Promises not decided"),
}
NOTES: dict[str, Said] = {
    "conflict": ("两个引擎的结论不可能同时成立，是本工具的缺陷；在查清以前，这些结论都不能用。", "Two engines contradict each other: a fault of this tool. Until it is found, rely on neither."),
    "failed": ("附有推翻它的一组数字，可用所附命令重算；没有数字的，是证明了不存在应有的情形。", "With figures that break it, and a command that reckons them again; without figures where a case that ought to exist is proved not to."),
    "exempt": ("这些承诺已被推翻，但规则写明了不适用的理由和依据。", "Broken, and declared not to apply, with a reason and a clause."),
    "risks": ("不算不合格，但制定规则的人应当知道。", "No failure, but whoever makes the rule should know."),
    "proved": ("在所列取值范围内，对一切填报都成立。", "These hold for every report within the ranges given."),
    "probed": ("未推翻，不是证明：试过的情形都成立，其余的没有查。", "Not refuted is no proof: the cases that were tried kept the promise, all others were not looked at."),
    "unknown": ("既没有证明，也没有推翻，理由如下。", "Neither proved nor refuted, for these reasons."),
}  # fmt: skip
MARKS = {"conflict": "‼", "failed": "✗", "exempt": "⊘", "risks": "△", "proved": "✓", "probed": "○", "unknown": "?"}
SHORT: dict[str, Said] = {
    "conflict": ("矛盾", "conflict"), "failed": ("推翻", "refuted"), "exempt": ("豁免", "exempt"), "risks": ("风险", "risk"),
    "proved": ("证明", "proved"), "probed": ("未推翻", "not refuted"), "unknown": ("未定", "unknown"),
}  # fmt: skip
SEVERITIES: dict[Severity, Said] = {
    Severity.ERROR: ("错误", "error"),
    Severity.WARNING: ("警告", "warning"),
    Severity.NOTE: ("提示", "note"),
}
ENGINES: dict[str, Said] = {
    "construction": ("由构造保证", "by construction"), "exact": ("精确推算", "exact reckoning"), "probe": ("试探", "probing"),
    "z3": ("求解器 z3", "the solver z3"), "cvc5": ("求解器 cvc5", "the solver cvc5"), "sampling": ("随机抽样", "random sampling"),
}  # fmt: skip
# The words that label parts of a report.
FORMATS: dict[str, Said] = {
    "report": ("规则审计报告", "Audit of scoring rules"), "rule": ("规则", "Rule"), "about": ("所问", "Asked of"), "found": ("结论", "Found"),
    "case": ("情形", "Case"), "clause": ("依据", "Clause"), "place": ("位置", "Place"), "replay": ("重算", "Replay"), "key": ("编号", "Key"),
    "reason": ("理由", "Reason"), "by": ("引擎", "Engine"), "exempted": ("豁免处", "Exempt at"), "cases": ("试探次数", "Cases tried"), "differs": ("不同", "differs"),
    "field": ("项目", "Item"), "value": ("值", "Value"), "figures": ("填报", "Filed"), "results": ("结果", "Results"), "mark": ("标记", "Mark"),
    "promise": ("承诺", "Promise"), "ranges": ("取值范围", "Ranges"), "engines": ("引擎", "Engines"), "plan": ("计算指纹", "Plan fingerprint"),
    "versions": ("两个版本的比较", "Versions compared"), "against": ("对照版本", "compared with"), "change": ("改动", "Change"),
    "before": ("原", "Before"), "after": ("现", "After"), "regions": ("得分不同的范围", "Where marks differ"), "body": ("单位", "Body"),
    "affected": ("受影响的单位", "Bodies affected"), "nobody": ("所给填报中没有单位受影响", "no body of the given reports is affected"),
    "matrix": ("规则与承诺一览", "Rules by promises"), "basis": ("审计所依据的", "What this audit rests on"), "none": ("无", "none"),
    "verdict": ("判定", "Verdict"), "certificate": ("证明书", "Certificate"), "not_asked": ("没有问", "not asked"),
    "severity": ("严重程度", "Severity"), "conclusion": ("结论", "Conclusion"), "nothing": ("没有可以显示的情形", "there is no case to show"),
}  # fmt: skip


def said(words: Said, lang: Lang) -> str:
    """The words in that language, safe to show."""
    return clean(words[0 if lang == "zh" else 1])


def label(name: str, lang: Lang) -> str:
    """A label of a report."""
    return FORMATS[name][0 if lang == "zh" else 1]


# -- order ---------------------------------------------------------------------------------------------------------


def section_of(one: Result) -> str:
    """The one section that a result belongs to."""
    match one.verdict:
        case Verdict.CONFLICT:
            return "conflict"
        case Verdict.REFUTED:
            return "exempt" if one.exemption else "risks" if one.risk else "failed"
        case Verdict.UNKNOWN:
            return "unknown"
    if one.promise.code in MEASURES:
        return "risks"
    return "proved" if one.verdict is Verdict.PROVED else "probed"


def sections(audit: Audit) -> dict[str, list[Result]]:
    """The results by section, in order; inside one errors come before warnings, else they stay as they were."""
    found: dict[str, list[Result]] = {name: [] for name in SECTIONS}
    for one in audit.results:
        found[section_of(one)].append(one)
    order = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    return {name: sorted(results, key=lambda one: order.index(one.promise.severity)) for name, results in found.items()}


def by_rule(results: Iterable[Result]) -> dict[str, list[Result]]:
    """Results by the id of their rule, in order of appearance."""
    found: dict[str, list[Result]] = {}
    for one in results:
        found.setdefault(one.rule, []).append(one)
    return found


def heading(number: int, words: str, lang: Lang) -> str:
    """A numbered heading, as papers number theirs."""
    if lang == "en":
        return f"{number}. {words}"
    digits = "零一二三四五六七八九十"
    tens, ones = divmod(number, 10)
    written = digits[number] if number <= 10 else ("十" if tens == 1 else f"{digits[tens]}十") + (digits[ones] if ones else "")
    return f"{written}、{words}"


# -- counts --------------------------------------------------------------------------------------------------------


def counts(audit: Audit) -> dict[str, int]:
    """How many questions were due and how each of them came out; *decided* are those proved or refuted."""
    verdicts = {one.value: sum(result.verdict is one for result in audit.results) for one in Verdict}
    found = sections(audit)
    return {
        "due": audit.due, "asked": len(audit.results), "answered": audit.ran, "decided": verdicts["proved"] + verdicts["refuted"], **verdicts,
        "fails": sum(one.fails for one in audit.results), "exempt": len(found["exempt"]), "risks": sum(one.risk and not one.exemption for one in audit.results),
    }  # fmt: skip


def summary(audit: Audit, lang: Lang) -> str:
    """How many of the questions were decided, and how."""
    n = counts(audit)
    missing = max(n["due"] - n["asked"], 0)
    if lang == "zh":
        text = (
            f"{n['due']}题中判定{n['decided']}题；已推翻{n['refuted']}（不合格{n['fails']}、豁免{n['exempt']}、风险{n['risks']}），已证明{n['proved']}；"
            f"未推翻（不是证明）{n['not_refuted']}，未定{n['unknown']}，引擎结论矛盾{n['conflict']}"
        )
        return text + (f"；还有{missing}题没有问" if missing else "")
    text = (
        f"{n['decided']} of {n['due']} questions decided; {n['refuted']} refuted ({_many(n['fails'], 'failure')}, {n['exempt']} exempt, {_many(n['risks'], 'risk')}), "
        f"{n['proved']} proved; {n['not_refuted']} not refuted (no proof), {n['unknown']} unknown, {n['conflict']} in conflict"
    )
    return text + (f"; {missing} were never asked" if missing else "")


def conclusion(audit: Audit, lang: Lang) -> str:
    """The audit in a sentence."""
    n = counts(audit)
    open_ = n["not_refuted"] + n["unknown"] + max(n["due"] - n["asked"], 0)
    if n["conflict"]:
        words = (
            f"引擎之间有{n['conflict']}处结论矛盾，本次审计不能作为依据",
            f"Engines contradict each other on {_many(n['conflict'], 'question')}: this audit can't be relied on",
        )
    elif n["fails"]:
        words = (
            f"有{n['fails']}项承诺被推翻，规则须修改或写明豁免",
            f"{_many(n['fails'], 'failure')}: change the rules, or declare exemptions",
        )
    elif open_:
        words = (f"没有发现不合格，但有{open_}项没有判定", f"Nothing failed, but {_many(open_, 'question')} not decided")
    else:
        words = ("所问各项都已判定，没有不合格", "Every question is decided, and nothing failed")
    return said(words, lang)


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


# -- words ---------------------------------------------------------------------------------------------------------


def status(one: Result, lang: Lang) -> str:
    """The verdict's own word, with what makes this one less than a failure."""
    word = said(one.verdict.words, lang)
    if one.verdict is not Verdict.REFUTED:
        return word
    more: Said = ("已豁免", "exempt") if one.exemption else ("风险", "risk by design") if one.risk else SEVERITIES[one.promise.severity]
    return f"{word}·{more[0]}" if lang == "zh" else f"{word}, {more[1]}"


def rule_words(audit: Audit, id: str, lang: Lang) -> str:
    """A rule's title with its id."""
    title = clean(audit.titles.get(id, ""))
    if not title or title == id:
        return clean(id)
    return f"{title}（{clean(id)}）" if lang == "zh" else f"{title} ({clean(id)})"


def name_of(one: Result, lang: Lang) -> str:
    """The question in a line: the promise, and what of the rule it is asked of."""
    promise, about = said(one.promise.says, lang), said(one.about, lang)
    return promise if not about else f"{promise}：{about}" if lang == "zh" else f"{promise}: {about}"


def place_text(place: Place | None) -> str:
    """file:line:col, or nothing."""
    return clean(str(place)) if place else ""


def clause_words(audit: Audit, id: str, lang: Lang) -> str:
    """A clause as readers look it up: the paper's title, where in it, and what it says."""
    if not id:
        return ""
    if id == ASSUMPTION:
        return said(("〔假定〕原文没有规定", "〔假定〕 assumed: the paper doesn't say"), lang)
    clause = audit.clauses.get(id)
    if clause is None:
        return f"[{clean(id)}]"
    document = part(clause, "document")
    title = clean(audit.documents.get(document, document))
    return f"《{title}》{clean(part(clause, 'locator'))}：{clean(part(clause, 'summary'))}〔{clean(id)}〕"


def part(clause: Any, name: str) -> str:
    """A part of a clause, which is one of the scheme's or plain data."""
    return str(clause.get(name, "") if isinstance(clause, Mapping) else getattr(clause, name, ""))


def by_words(by: str, lang: Lang) -> str:
    """The engine that decided; several are joined by +."""
    return "＋".join(said(ENGINES.get(one.strip(), (one.strip(), one.strip())), lang) for one in by.split("+") if one.strip())


def probes_words(number: int, lang: Lang) -> str:
    """How many cases were tried."""
    return f"试探{number}次" if lang == "zh" else f"{_many(number, 'case')} tried"


def found_by(one: Result, lang: Lang) -> str:
    """The engine that decided, and how many cases were tried beside it."""
    parts = [by_words(one.by, lang)] if one.by and (one.by != "probe" or not one.probes) else []
    return ("，" if lang == "zh" else ", ").join(parts + ([probes_words(one.probes, lang)] if one.probes else []))


def case_heads(case: Case, lang: Lang) -> list[str]:
    """What the columns of a case are called: as the case says, else A and B."""
    if case.heads:
        return [said(head, lang) for head in case.heads]
    columns = max((len(line.values) for line in case.lines), default=0)
    return [label("value", lang)] if columns == 1 else ["ABCDEFGH"[at] if at < 8 else str(at + 1) for at in range(columns)]


def grounds(audit: Audit, lang: Lang) -> dict[str, list[str]]:
    """By rule, the ranges that its verdicts rest on, each once."""
    found: dict[str, dict[str, None]] = {}
    for one in audit.results:
        for words in one.rests:
            found.setdefault(one.rule, {})[said(words, lang)] = None
    return {rule: list(words) for rule, words in found.items()}


def engines_words(audit: Audit, lang: Lang) -> list[str]:
    """What there was to decide, and why some was not."""
    return [
        f"{said(ENGINES.get(name, (name, name)), lang)}{'：' if lang == 'zh' else ': '}{clean(version)}"
        for name, version in audit.engines.items()
    ]


def marks_words(value: Fraction | None, lang: Lang) -> str:
    """Marks of a body, exact."""
    return f"{decimal_text(value)}分" if value is not None else said(("未定", "none"), lang)


def moved_words(before: Fraction | None, after: Fraction | None) -> str:
    """By how much a body's marks moved, with its sign."""
    if before is None or after is None:
        return "—"
    return f"{'+' if after > before else '−' if after < before else '±'}{decimal_text(abs(after - before))}"
