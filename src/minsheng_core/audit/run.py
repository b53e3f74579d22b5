"""An audit from start to end: every question to the engines in order, cheapest first, and one verdict for each."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from attrs import evolve

from ..finding import Finding
from ..formula.plan import Plan
from ..hooks import Plugins
from ..quantity import decimal_text
from ..scheme import model
from .answer import Answer, Engine
from .ask import facts_of, questions
from .probe import Pool, probe, steepest
from .promise import PROMISES, Said
from .question import Question, holds
from .result import Audit, Result, Verdict
from .rule import Rule, rules_of
from .shrink import Row, shrink
from .tell import case_of, marks, refuted_words

__all__ = ["answer", "audit_rule", "audit_scheme"]


def audit_scheme(scheme: model.Scheme, plugins: Plugins, *, source: str, provers: Sequence[Engine] = (), engines: dict[str, str] | None = None) -> tuple[Audit, list[Finding]]:
    """The audit of every sheet of the scheme and of every method that no sheet uses, and what hindered a rule from being audited.

    *provers* are asked in order; probing attacks whatever they prove. *source* is what the rules are called in commands.
    """
    rules, findings = rules_of(scheme, plugins)
    results: list[Result] = []
    for rule in rules:
        results += audit_rule(rule, provers, source)
    clauses = {one.id: one for one in (*scheme.clauses, *plugins.rules.clauses)}
    return Audit(
        scheme=scheme.id, title=scheme.title, year=scheme.year, results=tuple(results), due=len(results), engines=engines or {},
        titles={rule.id: rule.title for rule in rules}, fingerprints={rule.id: rule.plan.fingerprint for rule in rules}, clauses=clauses,
    ), findings  # fmt: skip


def audit_rule(rule: Rule, provers: Sequence[Engine], source: str) -> list[Result]:
    """Every verdict on one rule."""
    pool = Pool(rule)
    results = [answer(question, pool, provers, source) for question in questions(rule, pool)]
    return _exempted(rule, results)


def answer(question: Question, pool: Pool, provers: Sequence[Engine], source: str) -> Result:
    """The verdict on one question: a case that was found, made small and replayed; else a proof; else how far it was probed."""
    if question.promise.code == "step" and question.high is None:
        return _measured(question, pool, provers, source)
    tried, case, used = 0, None, question
    for plan in (question.other, *question.further):
        used = evolve(question, other=plan)
        case, count = probe(used, pool)
        tried += count
        if case is not None:
            break
    proofs = [one for prover in provers if (one := prover(question)) is not None] if case is None else []
    decisive = next((one for one in proofs if one.outcome != "unknown"), None)
    if case is None and decisive is not None and decisive.outcome == "case" and decisive.rows is not None:
        case = [dict(row) for row in decisive.rows]
    if case is not None and not holds(used, case):
        return _result(question, Verdict.CONFLICT, "probe", ("反例重算不成立", "the case doesn't replay"), tried)
    if case is not None:
        by = decisive.by if decisive else "probe"
        return _found(used, case, by, tried, pool, source)
    if decisive is not None and decisive.outcome == "conflict":
        return _result(question, Verdict.CONFLICT, decisive.by, decisive.words, tried)
    if decisive is not None:
        if question.exists:
            return evolve(_result(question, Verdict.REFUTED, decisive.by, refuted_words(question, None), tried))
        return _result(question, Verdict.PROVED, decisive.by, decisive.words, tried)
    why = next((one.words for one in proofs), ("没有可用的证明引擎", "no engine that proves is installed"))
    if question.exists:
        return _result(question, Verdict.UNKNOWN, "probe", (f"{tried}次试探没有找到实例；{why[0]}", f"{tried} probes found no witness; {why[1]}"), tried)
    return _result(question, Verdict.NOT_REFUTED, "probe", (f"{tried}次试探没有找到反例；{why[0]}", f"{tried} probes found no case; {why[1]}"), tried)


def _found(question: Question, case: list[Row], by: str, tried: int, pool: Pool, source: str) -> Result:
    if question.exists:  # the first witness is as good as any
        made = _result(question, Verdict.PROVED, by, ("有实例", "a witness shows it"), tried)
        return evolve(made, case=case_of(question, case, source))
    small = shrink(question, case, pool.usual())
    shown = case_of(question, small, source)
    return evolve(_result(question, Verdict.REFUTED, by, refuted_words(question, small), tried), case=shown)


def _measured(question: Question, pool: Pool, provers: Sequence[Engine], source: str) -> Result:
    """A number instead of a verdict on a limit: the largest effect found, and whether it is proved to be the largest."""
    case, most, tried = steepest(question, pool)
    bounded = evolve(question, high=most)
    proof = next((one for prover in provers if (one := prover(bounded)) is not None and one.outcome == "none"), None)
    if proof is None and (better := next((one for prover in provers if (one := prover(bounded)) is not None and one.outcome == "case" and one.rows), None)):
        case, most = [dict(row) for row in better.rows or ()], most
    words = (f"最大影响{marks(most)}", f"at most {marks(most)}") if proof else (f"所见最大影响{marks(most)}", f"the largest seen is {marks(most)}")
    made = _result(question, Verdict.PROVED if proof else Verdict.NOT_REFUTED, proof.by if proof else "probe", words, tried)
    return evolve(made, case=case_of(question, case, source)) if case else made


def _result(question: Question, verdict: Verdict, by: str, words: Said, tried: int) -> Result:
    return Result(
        key=question.key, promise=question.promise, rule=question.rule.id, about=question.about, verdict=verdict, by=by, words=words,
        probes=tried, place=question.place, clause=question.clause, output=question.output, low=question.low, high=question.high,
    )  # fmt: skip


# -- exemptions ----------------------------------------------------------------------------------------------------


def _exempted(rule: Rule, results: list[Result]) -> list[Result]:
    """The results with the exemptions that apply, and a result for each exemption: whether it is still needed."""
    told = list(results)
    for item, facts in facts_of(rule):
        for one in facts.exempt:
            mine = [at for at, result in enumerate(told) if result.promise.code == one.promise and _about(one, result.key, item)]
            needed = [at for at in mine if told[at].verdict is Verdict.REFUTED]
            for at in needed:
                told[at] = evolve(told[at], exemption=one)
            told.append(_exemption(rule, one, bool(needed), bool(mine)))
    return told


def _about(one: model.Exemption, key: str, item: model.Item | None) -> bool:
    """Whether an exemption speaks of the question *key*."""
    parts = key.partition("::")[2].partition("::")[2].split(".")
    return not one.of or one.of in parts or one.of == ".".join(parts) or (item is not None and f"{item.id}.{one.of}" == ".".join(parts[:2]))


def _exemption(rule: Rule, one: model.Exemption, needed: bool, asked: bool) -> Result:
    of = f"（{one.of}）" if one.of else ""
    promise = PROMISES.get(one.promise)
    about = (f"豁免“{promise.says[0] if promise else one.promise}”{of}", f"the exemption from {one.promise!r} {one.of}".rstrip())
    if promise is None or not asked:
        words = ("没有这样的问题可豁免", f"there is no such question to be exempt from; the promises are {', '.join(PROMISES)}")
    elif needed:
        words = (f"仍有必要：{one.reason}", f"still needed: {one.reason}")
    else:
        words = ("不再需要：这项承诺没有被推翻，请删去", "no longer needed: the promise is not refuted; take the exemption out")
    return Result(
        key=f"{rule.id}::exemption::{one.promise}.{one.of}", promise=PROMISES["exemption"], rule=rule.id, about=about,
        verdict=Verdict.PROVED if needed else Verdict.REFUTED, by="construction", words=words, place=one.place, clause=one.clause,
    )  # fmt: skip
