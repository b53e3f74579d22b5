"""Questions about rows, asked of rules that look at other rows: a row stands in a table, and a change of it may tell months later."""

from collections.abc import Mapping, Sequence

from ..formula.python import compile_rows
from .bodies import Choice, Ground, Pair, Played, Watch, changes, ground_of
from .question import Question, bad, related
from .result import Result, Verdict
from .rule import Rule
from .search import Found, search
from .table_case import table_case

__all__ = ["table_questions"]


def table_questions(
    rule: Rule, questions: Sequence[Question], budget: int = 200, *, marks_of: Mapping[str, Sequence[int]] | None = None, sampling: int = 0
) -> list[Result]:  # fmt: skip
    """Each question decided on tables: *budget* of them by the probe, then *sampling* by hypothesis.

    Of two tables B differs from A in one body's one row; what came of it is looked for on that row and on the same body's later ones.
    """
    ground = ground_of(rule, marks_of)
    return [_decided(ground, one, budget, sampling) for one in questions]


def _decided(ground: Ground, question: Question, budget: int, sampling: int) -> Result:
    watch = _versions(question) if question.relation == "plans" else _watch(question)
    found = search(ground, question.key, lambda ground, choice: _draw(question, ground, choice), watch, budget=budget, sampling=sampling)
    shown = list(dict.fromkeys((question.output, question.test, "total", "rank", "group_rank")))
    other = question.other if question.relation == "plans" else None
    case = table_case(ground, found.pair, [one for one in shown if one], other=other) if found.pair is not None else None
    verdict, words = _words(question, found)
    return Result(
        key=question.key, promise=question.promise, rule=question.rule.id, about=question.about, verdict=verdict, by=found.by, words=words,
        case=case, probes=found.tried, place=question.place, clause=question.clause,
    )  # fmt: skip


def _words(question: Question, found: Found) -> tuple[Verdict, tuple[str, str]]:
    name, count = question.output, found.tried
    if not count:
        return Verdict.UNKNOWN, ("造不出一张合规的表", "no valid table could be made")
    if question.exists:
        if found.pair is not None:
            return Verdict.PROVED, (f"下面的表就是例证（{name}）", f"the table below shows it ({name})")
        return Verdict.UNKNOWN, (f"{count}张表中未见例证", f"no witness in {count} tables")
    if found.pair is not None:
        return Verdict.REFUTED, {
            "one": (f"表中有一行的{name}违反", f"a row of the table breaks it in {name}"),
            "plans": (f"两个版本的“{question.rule.plan.output(name).title or name}”不同", f"the versions differ in {name}"),
        }.get(question.relation, (f"只改一行，{name}违反", f"one row changed breaks it in {name}"))
    return Verdict.NOT_REFUTED, (f"试了{count}张表，未见违反；不是证明", f"no breach in {count} tables; no proof")


def _draw(question: Question, ground: Ground, choice: Choice) -> Pair | None:
    """A table, or two that differ in one row as the question's relation says."""
    pair = ground.table(choice, bodies=(1, 4))
    if pair is None or question.relation in ("one", "plans"):
        return pair
    row = choice.between(0, len(pair.keys) - 1)
    names = question.columns
    before = [pair.a[row].get(name) for name in names]
    if before[0] is None and question.relation != "scaled":
        return None
    match question.relation:
        case "more":
            column = next(one for one in ground.columns if one.name == names[0])
            after = ground.more(choice, column, before[0] or 0)
            return None if after is None else pair.edited(row, {names[0]: after})
        case "silent":
            return pair.edited(row, {names[0]: None})
        case "scaled":  # a body that is so many times as large is so in every month
            for at in pair.months(row):
                held = [pair.a[at].get(name) for name in names]
                pair = pair.edited(
                    at, {name: None if one is None else one * question.factor for name, one in zip(names, held, strict=True)}
                )
            return pair
        case "moved" if before[1] is not None:
            return pair.edited(row, {names[0]: (before[0] or 0) - 1, names[1]: before[1] + 1})
    return None


def _watch(question: Question) -> Watch:
    def watch(pair: Pair, a: Played, b: Played) -> bool:
        if question.relation == "one":
            return any(_bad(question, a, b, row) for row in range(len(pair.keys)))
        changed = {row for row, _ in changes(pair)}
        if not changed or (question.relation != "scaled" and len(changed) != 1):
            return False
        row = min(changed)
        if question.relation == "scaled" and (len({pair.keys[at][0] for at in changed}) > 1 or not changed <= set(pair.months(row))):
            return False
        rows = pair.months(row) if question.relation == "scaled" else [row]
        if not all(related(question, pair.a[at], pair.b[at]) for at in rows):
            return False
        return any(_bad(question, a, b, at) for at in (pair.months(row) if question.relation == "scaled" else pair.later(row)))

    return watch


def _bad(question: Question, a: Played, b: Played, row: int) -> bool:
    if not (a.value("valid", row) and b.value("valid", row)):
        return False
    values = [a.value(question.output, row)] if question.relation == "one" else [one.value(question.output, row) for one in (a, b)]
    return bad(question, values, bool(question.test and a.value(question.test, row)))


def _versions(question: Question) -> Watch:
    """Whether some row has another result under the other plan, one of them having none included."""
    assert question.other is not None
    other = question.other
    run = compile_rows(other)
    named = question.output in {one.name for one in other.outputs}

    def watch(pair: Pair, a: Played, b: Played) -> bool:
        after = Played(other, run(pair.a, pair.keys))
        for row in range(len(pair.keys)):
            values = [a.value(question.output, row), after.value(question.output, row) if named else None]
            differs = values[0] != values[1] if question.bad == "differs" else bad(question, values, False)
            if differs and a.value("valid", row):
                return True
        return False

    return watch
