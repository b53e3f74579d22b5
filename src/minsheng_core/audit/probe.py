"""Probing: a question held against the rows of a pool. No dependency, and no proof."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, pairwise

from ..formula.plan import Output
from .pool import Line, Pool, Results, Row
from .question import Question, bad, other_results
from .rule import Cells

__all__ = ["probe", "steepest"]


def probe(question: Question, pool: Pool) -> tuple[list[Row] | None, int]:
    """A case of the question, or None, and how many rows or pairs were tried."""
    tried = 0
    for rows, values, test in _tries(question, pool):
        tried += 1
        if bad(question, values, test):
            return [dict(row) for row in rows], tried
    return None, tried


def steepest(question: Question, pool: Pool) -> tuple[list[Row] | None, Fraction, int]:
    """The two neighbours that move the output most, by how much, and how many were tried."""
    best, most, tried = None, Fraction(0), 0
    for rows, (before, after), _ in _tries(question, pool):
        tried += 1
        if isinstance(before, Fraction) and isinstance(after, Fraction) and abs(after - before) > most:
            best, most = [dict(row) for row in rows], abs(after - before)
    return best, most, tried


Try = tuple[Sequence[Cells], Sequence[Fraction | bool | str | None], bool]


def _reader(output: Output) -> Callable[[Results], Fraction | bool | str | None]:
    """`Output.value`, made once for each number that comes up."""
    known: dict[tuple[int, ...], Fraction | bool | str | None] = {}

    def value(results: Results) -> Fraction | bool | str | None:
        key = tuple(results[position] for position in output.positions)
        if key not in known:
            known[key] = output.value(results)
        return known[key]

    return value


def _tries(question: Question, pool: Pool) -> Iterator[Try]:
    rule = question.rule
    valid, value = rule.plan.output(question.domain), _reader(rule.plan.output(question.output))
    test = rule.plan.output(question.test) if question.test else None
    match question.relation:
        case "one":
            for row, results in _fixed(question, pool):
                if results[valid.number]:
                    yield (row,), (value(results),), bool(test and test.value(results))
        case "more" | "step":
            yield from _along(question, pool)
        case "silent" | "scaled" | "moved":
            for row, results in pool.some(600):
                if results[valid.number] and (other := _changed(question, row, rule.ranges)):
                    after = pool.anew(question.columns, other, results)
                    if after[valid.number]:
                        yield (row, other), (value(results), value(after)), False
        case "plans":
            yield from _plans(question, pool)


def _fixed(question: Question, pool: Pool) -> Iterator[tuple[Row, Results]]:
    if not question.fixed:
        yield from pool.rows(question.output)
        return
    for row, results in pool.some(600):
        other = {**row, **question.fixed}
        yield other, pool.anew([*question.fixed], other, results)


def _along(question: Question, pool: Pool) -> Iterator[Try]:
    """Neighbours on each line of the column."""
    rule, (column,) = question.rule, question.columns
    valid, output = rule.plan.output(question.domain), rule.plan.output(question.output)
    value = _reader(output)
    for line in pool.lines:
        if line.column != column:
            continue
        points = [(at, results) for at, results in line.points if results[valid.number] and not results[output.undetermined]]
        for (left, before), (right, after) in pairwise(points):
            values = (value(before), value(after))
            if question.relation == "step" and right - left > 1:
                if values[0] != values[1]:
                    yield _steepest(question, pool, line, (left, before), (right, after))
                continue
            yield ({**line.base, column: left}, {**line.base, column: right}), values, False


def _steepest(question: Question, pool: Pool, line: Line, left: tuple[int, Results], right: tuple[int, Results]) -> Try:
    """Two neighbours between the two, where the output moves much: the half in which it moves more, again and again."""
    (a, before), (b, after) = left, right
    value = question.rule.plan.output(question.output).value
    while b - a > 1:
        middle = (a + b) // 2
        results = pool.anew([line.column], {**line.base, line.column: middle}, before)
        first, between, last = value(before), value(results), value(after)
        if not isinstance(first, Fraction) or not isinstance(between, Fraction) or not isinstance(last, Fraction):
            break
        if abs(between - first) > abs(last - between):
            b, after = middle, results
        else:
            a, before = middle, results
    rows = ({**line.base, line.column: a}, {**line.base, line.column: b})
    return rows, (value(before), value(after)), False


def _changed(question: Question, row: Row, ranges: Mapping[str, tuple[int, int]]) -> Row | None:
    """The row's partner in the relation; None where it has none."""
    held = [row[name] for name in question.columns]
    if question.relation == "silent":
        return None if held[0] is None else {**row, question.columns[0]: None}
    if question.relation == "scaled":
        made = {name: None if value is None else value * question.factor for name, value in zip(question.columns, held, strict=True)}
    else:
        if None in held:
            return None
        made = {question.columns[0]: held[0] - 1, question.columns[1]: held[1] + 1}  # type: ignore[operator] # none of them is None
    inside = all(value is None or ranges[name][0] <= value <= ranges[name][1] for name, value in made.items())
    return {**row, **made} if inside else None


def _plans(question: Question, pool: Pool) -> Iterator[Try]:
    rule = question.rule
    valid, output = rule.plan.output(question.domain), rule.plan.output(question.output)
    assert question.other is not None
    if question.output not in {one.name for one in question.other.outputs}:
        return
    other, value = _reader(question.other.output(question.output)), _reader(output)
    close = question.promise.code in ("rounding", "versions")
    owner = question.part[0].removeprefix("item.") if question.part else ""
    own = [column for (item, _), column in rule.lowered.columns.items() if item == owner]
    for row, results in chain(pool.rows(first=own), pool.closely() if close else ()):
        if results[valid.number]:
            before, after = value(results), other(other_results(question, row, results))
            if before != after and (before is None or after is None):  # one has no answer: a difference, too
                yield (row,), (Fraction(0), Fraction(1)), False
            yield (row,), (before, after), False
