"""One question, one verdict: a case that was found, made small and replayed; else a proof, attacked by probing; else how far it was probed."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial

from attrs import evolve

from ..formula.plan import WINDOWS
from .engines import Engines
from .pool import Pool, Row
from .probe import probe, steepest
from .promise import Said
from .question import Question, holds
from .result import Case, Result, Verdict
from .rule import Rule
from .shrink import shrink
from .table_questions import table_questions
from .tell import case_of, figure, marks, refuted_words

__all__ = ["answer"]

CLIMBS = 6  # how often the solver is asked for a larger effect of one unit


def answer(question: Question, pool: Pool, engines: Engines, source: str) -> Result:
    """The verdict on one question."""
    if question.promise.code == "step" and question.high is None:
        return _measured(question, pool, engines, source)
    tried, case, used = 0, None, question
    for plan in (question.other, *question.further):
        used = evolve(question, other=plan)
        case, count = probe(used, pool)
        tried += count
        if case is not None:
            break
    if case is not None and not holds(used, case):
        return _result(question, Verdict.CONFLICT, "probe", ("反例重算不成立", "the case doesn't replay"), tried)
    if case is not None:
        proof = engines.exact(question)  # a proof of what probing refutes is a mistake of ours
        if proof is not None:
            return _conflict(used, case, proof.by, tried, source)
        return _found(used, case, "probe", tried, pool, source)
    told = engines.ask(question)
    if told.outcome == "case" and told.rows is not None:
        rows = [dict(row) for row in told.rows]
        used = next(
            (evolve(question, other=plan) for plan in (question.other, *question.further) if holds(evolve(question, other=plan), rows)),
            None,
        )  # type: ignore[assignment] # asked below
        if used is None:
            return _result(question, Verdict.CONFLICT, told.by, ("求解器的反例重算不成立", "the solver's case doesn't replay"), tried)
        return _found(used, rows, told.by, tried, pool, source)
    if told.outcome == "conflict":
        return _result(question, Verdict.CONFLICT, told.by, told.words, tried)
    if told.outcome == "none":
        words = refuted_words(question, None) if question.exists else told.words
        made = _result(question, Verdict.REFUTED if question.exists else Verdict.PROVED, told.by, words, tried)
        return evolve(made, certificate=told.certificate)
    if _across(question):
        (found,) = table_questions(question.rule, [question], sampling=engines.sampling)
        if found.verdict is not Verdict.UNKNOWN:
            return evolve(found, output=question.output, probes=found.probes + tried)
    if question.exists:
        words = (f"{tried}次试探没有找到实例；{told.words[0]}", f"{tried} probes found no witness; {told.words[1]}")
        return _result(question, Verdict.UNKNOWN, "probe", words, tried)
    words = (f"{tried}次试探没有找到反例；{told.words[0]}", f"{tried} probes found no case; {told.words[1]}")
    return _result(question, Verdict.NOT_REFUTED if tried else Verdict.UNKNOWN, "probe", words, tried)


def _across(question: Question) -> bool:
    """Whether the output looks at other bodies or months, so that a row by itself tells little."""
    plan = question.rule.plan
    return any(plan.ops[position].op in WINDOWS for position in plan.needed(plan.output(question.output).positions))


def _found(question: Question, case: list[Row], by: str, tried: int, pool: Pool, source: str) -> Result:
    if question.exists:  # the first witness is as good as any
        made = _result(question, Verdict.PROVED, by, ("有实例", "a witness shows it"), tried)
        return evolve(made, case=_told(question, case, source))
    small = shrink(question, case, pool.usual())
    return evolve(_result(question, Verdict.REFUTED, by, refuted_words(question, small), tried), case=_told(question, small, source))


def _conflict(question: Question, case: list[Row], by: str, tried: int, source: str) -> Result:
    words = (
        f"{by} 说没有，试探却找到一例：这是本程序的错误",
        f"{by} proves that there is none, and probing found one: a mistake of this program",
    )
    return evolve(_result(question, Verdict.CONFLICT, f"{by}+probe", words, tried), case=_told(question, case, source))


def _measured(question: Question, pool: Pool, engines: Engines, source: str) -> Result:
    """A number instead of a verdict on a limit: the largest effect found, and whether it is proved to be the largest."""
    case, most, tried = steepest(question, pool)
    asked = evolve(question, output=_moved(question))
    for _ in range(CLIMBS):
        told = engines.ask(evolve(asked, high=most))
        if told.outcome != "case" or told.rows is None:
            break
        rows = [dict(row) for row in told.rows]
        ends = [question.rule.value(question.output, question.rule.run(row)) for row in rows]
        if not isinstance(ends[0], Fraction) or not isinstance(ends[1], Fraction) or abs(ends[1] - ends[0]) <= most:
            asked = question  # the item moves further than the total: ask of the total itself
            continue
        case, most = rows, abs(ends[1] - ends[0])  # a larger one: look for one larger still
    proved = told.outcome == "none"
    words = (
        (f"最大影响{marks(most)}", f"at most {marks(most)}")
        if proved
        else (f"所见最大影响{marks(most)}", f"the largest seen is {marks(most)}")
    )
    made = _result(question, Verdict.PROVED if proved else Verdict.NOT_REFUTED, told.by if proved else "probe", words, tried)
    return evolve(made, case=_told(question, case, source)) if case else made


def _moved(question: Question) -> str:
    """The one item that the column moves, where the total moves no further than that item does: items are rounded before they are added,
    what limits the total is round as well, and nothing else reads the column. Else the output itself."""
    rule, (column,), sheet = question.rule, question.columns, question.rule.sheet
    mine = {id for (id, _), name in rule.lowered.columns.items() if name == column and id in rule.lowered.items}
    limits = (sheet.base, sheet.floor, sheet.ceiling, *(one.cap for one in sheet.adjustments))
    even = all(limit is None or (limit.base * 10**sheet.rounding.places).denominator == 1 for limit in limits)
    if question.output != "total" or len(mine) != 1 or sheet.rounding.when != "item" or sheet.rescale or rule.windows or not even:
        return question.output
    output = f"item.{mine.pop()}"
    others = (reading.value for name, reading in rule.readings.items() if name != output)
    read = rule.plan.needed(position for one in others for position in (one.number, one.undetermined, *one.below))
    return question.output if any(rule.plan.ops[position].name == column for position in read) else output


def _told(question: Question, rows: list[Row], source: str) -> Callable[[], Case]:
    """The case in words, once, when somebody reads it: most are witnesses that no report for people shows."""
    return cache(partial(case_of, question, rows, source))


def _ranges(rule: Rule) -> tuple[Said, ...]:
    """What a verdict rests on: the range of every figure of the rule."""
    if ("ranges",) in rule.kept:
        return rule.kept["ranges",]  # type: ignore[no-any-return] # it was put there below
    told = []
    for column in rule.columns:
        if column.name != "period" and not column.name.endswith(".applies"):
            low, high = (figure(column, end) for end in rule.ranges[column.name])
            more = ("，可以不填", ", may be left out") if column.missing else ("", "")
            told.append((f"{column.title}：{low}～{high}{more[0]}", f"{column.name}: {low} to {high}{more[1]}"))
    rule.kept["ranges",] = tuple(told)
    return tuple(told)


def _result(question: Question, verdict: Verdict, by: str, words: Said, tried: int) -> Result:
    return Result(
        rests=_ranges(question.rule),
        key=question.key, promise=question.promise, rule=question.rule.id, about=question.about, verdict=verdict, by=by, words=words,
        probes=tried, place=question.place, clause=question.clause, output=question.output, low=question.low, high=question.high,
    )  # fmt: skip
