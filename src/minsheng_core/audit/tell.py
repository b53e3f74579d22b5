"""What an audit found, in words: a case as a table of figures and results, and the sentence that goes with a verdict."""

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from ..explanation import Step
from ..formula.plan import Column
from ..formula.tree import EPOCH
from ..quantity import Quantity, decimal_text, unit
from ..rounding import Rounding, round_places
from .promise import Said
from .question import Question, other_results
from .result import Case, Line
from .rule import Cells, Rule

__all__ = ["case_of", "figure", "marks", "refuted_words"]

HIDDEN = ("valid", "declared", "barred", "subtotal")


def figure(column: Column, value: int | None) -> str:
    """A cell as people write it."""
    if value is None:
        return "—"
    if column.name == "period":
        return f"{value // 12}-{value % 12 + 1:02d}"
    if column.kind == "text":
        return column.choices[value] if 0 <= value < len(column.choices) else str(value)
    if column.kind == "date":
        return date.fromordinal(value + EPOCH).isoformat()
    return str(Quantity(Fraction(value, 10**column.decimals), unit(column.unit)))


def marks(value: Fraction | bool | str | None) -> str:
    """A result as people read it; what has no short decimal is marked ≈."""
    if value is None:
        return "未定"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return value
    short = round_places(value, 4, Rounding.HALF_UP)
    return f"{decimal_text(short)}分" if short == value else f"≈{decimal_text(short)}分"


def case_of(question: Question, rows: Sequence[Cells], source: str) -> Case:
    """The case as a table: what came in, what came out; of two plans the rows are told by plan."""
    lines = [*_figures(question, rows), *_results(question, rows)]
    return Case(
        rows=tuple(dict(row) for row in rows), lines=tuple(lines), heads=_heads(question), replay=_replay(question.rule, rows, source)
    )


def _heads(question: Question) -> tuple[Said, ...]:
    """What the rows of a case are called."""
    if question.promise.code == "versions":
        return (("旧版", "before"), ("新版", "after"))
    if question.relation == "plans":
        return (("没有它", "without"), ("原规则", "as it is"))
    if question.relation == "silent":
        return (("如实填报", "given"), ("不填", "left out"))
    return () if question.relation == "one" else (("甲", "A"), ("乙", "B"))


def _figures(question: Question, rows: Sequence[Cells]) -> Iterator[Line]:
    rule = question.rule
    needed = rule.plan.needed(rule.plan.output(question.output).positions)
    read = {rule.plan.ops[position].name for position in needed}
    if question.relation == "plans" and question.other is not None:
        theirs = question.other
        read |= {theirs.ops[position].name for one in theirs.outputs for position in theirs.needed(one.positions)}
    for column in rule.columns:
        values = [row[column.name] for row in rows] * (2 if question.relation == "plans" else 1)
        changed = len(set(values)) > 1
        if changed or (column.name in read and any(value is not None for value in values)):
            owner = column.name.rpartition(".")[0]
            title = next((item.title for item in rule.sheet.items if item.id == owner), "")
            named = f"{title}：{column.title}" if title else column.title
            yield Line(name=column.name, title=named, values=tuple(figure(column, value) for value in values), changed=changed)


def _results(question: Question, rows: Sequence[Cells]) -> Iterator[Line]:
    rule = question.rule
    results = [rule.run(row) for row in rows]
    second = _second(question, rows[0])
    for one in rule.plan.outputs:
        if one.name.startswith(("exact.", "fault.")) or (one.name in HIDDEN and one.name != question.output):
            continue
        values = tuple(marks(rule.value(one.name, result)) for result in results)
        if second is not None:
            values = (second.get(one.name, "—"), *values)
        if one.name.startswith("adjustment.") and set(values) <= {"0分", "否", "—"} and one.name != question.output:
            continue
        exact = question.output == f"exact.{one.name.partition('.')[2]}" and one.name.startswith("item.")
        if exact and question.bad in ("falls", "rises", "differs") and len(set(values)) == 1:  # the difference is below the rounding
            values = tuple(marks(rule.value(question.output, result)) for result in results)
        changed = len(set(values)) > 1 and "—" not in values
        title = "总分" if one.name == "total" else one.title
        yield Line(name=one.name, title=title, values=values, changed=changed, result=True)
    if second is None:
        yield from _parts(question, rows, results)


def _second(question: Question, row: Cells) -> dict[str, str] | None:
    """What the second plan of a question gives, by output."""
    if question.relation != "plans" or question.other is None:
        return None
    results = other_results(question, row, question.rule.run(row))
    return {one.name: marks(one.value(results)) for one in question.other.outputs}


def _parts(question: Question, rows: Sequence[Cells], results: Sequence[Sequence[int]]) -> Iterator[Line]:
    """The rows of tables and the branches that decided, where they are not the same in each row."""
    rule = question.rule
    kind, _, id = question.output.partition(".")
    for name, reading in rule.readings.items():
        if kind in ("exact", "item", "fault") and name not in (f"item.{id}", id):
            continue
        hows = [_deciding(reading.step(result, {})) for result in results]
        for label, title in dict.fromkeys((label, title) for how in hows for label, (title, _) in how.items()):
            values = tuple(how[label][1] if label in how else "—" for how in hows)
            if len(set(values)) > 1:
                yield Line(name=label, title=title, values=values, changed=True, result=True)


def _deciding(step: Step) -> dict[str, tuple[str, str]]:
    """By the text of a part: (title, the table row or the branch that a run went through)."""
    found = {}
    for _, one in step.walk():
        if one.how.startswith("第") or "没有对应的档" in one.how:
            found[one.label] = ("所在档", one.how)
        elif one.label == "按条件" and len(one.parts) == 2:
            found[one.how] = ("所走分支", one.parts[1].label)
    return found


def _replay(rule: Rule, rows: Sequence[Cells], source: str) -> str:
    if rule.method:
        return ""
    told, known = [], {one.name for one in rule.lowered.plan.columns}  # not what only another version reads
    for row in rows:
        given = [(column, row[column.name]) for column in rule.columns if row[column.name] is not None and column.name in known]
        told.append(" ".join(f"{column.name}={figure(column, value)}" for column, value in given))
    return f"minsheng audit {source} --replay '{rule.id}: {' | '.join(told)}'"


# -- sentences -----------------------------------------------------------------------------------------------------


def _named(question: Question) -> Said:
    output = question.output
    if output == "total":
        return ("总分", "the total")
    return ("该项得分", "the item's marks")


def refuted_words(question: Question, rows: Sequence[Cells] | None) -> Said:
    """What a case shows; *rows* None where a proof shows that there is none that there ought to be."""
    rule, about, name = question.rule, question.about, _named(question)
    code = question.promise.code
    if rows is None:
        if code == "dead":
            return (
                f"{about[0]}不起作用：删去或改动它，任何填报的结果都不变",
                f"{about[1]} has no effect: without it, or with it changed, no report has another result",
            )
        return (f"{about[0]}：没有任何填报能得到", f"{about[1]}: no report can reach it")
    results = [rule.run(row) for row in rows]
    values = [marks(rule.value(question.output, result)) for result in results]
    columns = {one.name: one for one in rule.plan.columns}
    moved = [
        f"{columns[name].title}{figure(columns[name], rows[0][name])}→{figure(columns[name], rows[-1][name])}" for name in question.columns
    ]
    told = [f"{name} {figure(columns[name], rows[0][name])} → {figure(columns[name], rows[-1][name])}" for name in question.columns]
    shift = ("、".join(moved), ", ".join(told))
    match question.relation, question.bad:
        case _, "outside":
            low, high = (decimal_text(one) if one is not None else "…" for one in (question.low, question.high))
            return (f"{name[0]}{values[0]}，超出{low}～{high}分", f"{name[1]}: {values[0]}, outside {low} to {high}分")
        case _, "fault":
            why = _fault(question, rows[0])
            return (f"{about[0]}没有结果：{why}", f"{about[1]} has no answer: {why}")
        case _, "above":
            return (f"{about[0]}成立，总分仍为{values[0]}", f"{about[1]} holds, and the total is {values[0]} all the same")
        case "silent", _:
            column = columns[question.columns[0]]
            return (
                f"“{column.title}”如实填{figure(column, rows[0][column.name])}得{values[0]}，不填得{values[1]}",
                f"{column.name} given as {figure(column, rows[0][column.name])} scores {values[0]}, left out {values[1]}",
            )
        case "scaled", _:
            return (
                f"规模变为{question.factor}倍（{shift[0]}），{name[0]}由{values[0]}变为{values[1]}",
                f"{question.factor} times the size ({shift[1]}) moves {name[1]} from {values[0]} to {values[1]}",
            )
        case "plans", _:
            other = (_second(question, rows[0]) or {}).get(question.output, "未定")
            if question.promise.code == "versions":
                return (f"{about[0]}：旧版{other}，新版{values[0]}", f"{about[1]}: {other} before, {values[0]} after")
            return (f"{about[0]}：得{values[0]}，去掉它得{other}", f"{about[1]}: {values[0]}, without it {other}")
        case _, "jumps":
            return (f"{shift[0]}，总分由{values[0]}变为{values[1]}", f"{shift[1]} moves the total from {values[0]} to {values[1]}")
    verb = ("反而由" if question.promise.code in ("rises", "falls") else "由", "from")
    way = ("降到", "down to") if question.bad == "falls" else ("升到", "up to")
    return (
        f"{shift[0]}，{name[0]}{verb[0]}{values[0]}{way[0]}{values[1]}",
        f"{shift[1]}: {name[1]} goes {verb[1]} {values[0]} {way[1]} {values[1]}",
    )


def _fault(question: Question, row: Cells) -> str:
    """The part of a formula that has no answer, and why."""
    rule = question.rule
    reading = rule.readings[question.output.removeprefix("fault.")]
    step = reading.step(rule.run(row), {})
    return next((one.how for _, one in reversed(list(step.walk())) if one.value is None and one.how), step.how)
