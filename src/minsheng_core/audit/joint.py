"""The rows of a question merged into one list of operations, with what must hold of them: what a solver is asked."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from attrs import define, evolve, field, frozen

from ..formula.build import Builder, common_measure, renew
from ..formula.plan import WINDOWS, Op, Output, Plan
from .apart import apart
from .question import Question

__all__ = ["SECOND", "Free", "Joint", "Unfit", "evaluate", "join", "needed", "symbol"]

SECOND = "'"  # what the name of a figure of the second row ends in, where it is not the first row's
MOST = 60_000  # operations that are merged at all


class Unfit(Exception):
    """What can't be asked of a solver: the reason in Chinese and English."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(english)
        self.words = (chinese, english)


class Free(Builder):
    """A builder whose numbers may grow: a solver's have no end."""

    def add(self, op: Op) -> int:
        """That operation, once."""
        key = (op.op, op.args, op.name, op.value, op.truth)
        position = self._known.setdefault(key, len(self.ops))
        if position == len(self.ops):
            if position > MOST:
                raise Unfit("规则过大，不交求解器", "the rule is too large for a solver")
            self.ops.append(op)
            return position
        return self.narrow(position, op.low, op.high)

    def put(self, op: str, a: int, b: int) -> int:
        """A comparison that is not folded by the ranges of its sides, so that a proof shows why it holds."""
        return self.truth(op != "<") if a == b else self.add(Op(op, (a, b), truth=True))

    def narrow(self, a: int, low: int, high: int) -> int:
        """What is known from both; a range that holds on no row at all is left as it was."""
        op = self.ops[a]
        low, high = max(low, op.low), min(high, op.high)
        if low <= high and (low, high) != (op.low, op.high):
            self.ops[a] = evolve(op, low=low, high=high)
        return a


@frozen
class Cell:
    """A figure of a row: whether it is *given*, and its number (*raw*), as operations."""

    given: int
    raw: int


@define(kw_only=True)
class Joint:
    """The rows of a question as one list of operations. *held* are the truths that a case makes true; *cells* the figures by row;
    *moved* where each plan's operations went, by row; *below* what is divided by."""

    build: Free
    question: Question
    cells: list[dict[str, Cell]]
    moved: list[dict[int, int]]
    held: list[int] = field(factory=list)
    windows: bool = False
    alone: bool = False
    below: set[int] = field(factory=set)

    def rows(self, values: Mapping[str, int]) -> list[dict[str, int | None]]:
        """The rows for values of the variables; a variable that has none stands at its low end, a figure left open is not given."""
        results = evaluate(self.build.ops, self.build.tables, values)
        return [{name: results[cell.raw] if results[cell.given] else None for name, cell in row.items()} for row in self.cells]


@frozen
class Side:
    """A value in a joint: as `plan.Output`, moved."""

    number: int
    coefficient: Fraction
    below: tuple[int, ...]
    doubt: int
    output: Output | None = None


def join(question: Question, *, alone: bool = False) -> Joint:
    """The question's rows, what must hold of them, and what is asked, as operations. Raises Unfit.

    Operations that look at other rows may have any value in their range; or, where each row is *alone*, the one that it gives them.
    """
    rule, build = question.rule, Free()
    names = (question.output, question.test) if question.test else (question.output,)
    aside, domain = apart(question)
    roots = [*domain, *(position for name in names for position in rule.plan.output(name).positions)]
    joint = Joint(build=build, question=question, cells=[], moved=[], alone=alone)
    first, second, relation = _cells(joint, aside)
    joint.cells, joint.held = [first] if second is first else [first, second], relation
    joint.moved.append(_merge(joint, rule.plan, roots, first))
    sides = [_side(rule.plan, question.output, joint.moved[0])]
    joint.held += [joint.moved[0][position] for position in domain]
    if question.relation == "plans":
        assert question.other is not None
        if question.output in {one.name for one in question.other.outputs}:
            known = {position: at for position, at in joint.moved[0].items() if position < question.shared}
            joint.moved.append(_merge(joint, question.other, question.other.output(question.output).positions, first, known))
            sides.append(_side(question.other, question.output, joint.moved[1]))
        else:
            sides.append(Side(build.literal(0), Fraction(1), (), build.truth(True)))
    elif question.relation != "one":
        moving = set(rule.plan.resting(question.columns))
        alike = {position: at for position, at in joint.moved[0].items() if position not in moving}
        joint.moved.append(_merge(joint, rule.plan, roots, second, alike))
        sides.append(_side(rule.plan, question.output, joint.moved[1]))
        joint.held += [joint.moved[1][position] for position in domain]
    if joint.windows and len(sides) > 1 and not alone:
        raise Unfit(
            "得分取决于其他单位或月份，两行对照不能证明",
            "the marks depend on other bodies or months: two rows can't be held against each other",
        )
    joint.held += _claim(joint, sides)
    joint.below |= {position for side in sides for position in side.below}
    return joint


def _side(plan: Plan, name: str, moved: Mapping[int, int]) -> Side:
    one = plan.output(name)
    below = tuple(moved[position] for position in one.denominators)
    return Side(moved[one.number], one.coefficient, below, moved[one.undetermined], one)


# -- rows --------------------------------------------------------------------------------------------------------


def _cells(joint: Joint, aside: Mapping[str, int | None]) -> tuple[dict[str, Cell], dict[str, Cell], list[int]]:
    """The figures of both rows, those *aside* as they stand there, and what their relation asks."""
    build, question, held = joint.build, joint.question, []
    both: dict[str, Cell] = {}
    columns = list(question.rule.columns)
    if question.other is not None:
        known = {one.name for one in columns}
        columns += [one for one in question.other.columns if one.name not in known and one.name != "copies"]
    for column in columns:
        if column.name in aside:
            value = aside[column.name]
            both[column.name] = Cell(build.truth(value is not None), build.literal(column.low if value is None else value))
            continue
        low, high = (
            question.rule.ranges.get(column.name, (column.low, column.high)) if question.domain == "valid" else (column.low, column.high)
        )
        if low > high:
            raise Unfit(f"“{column.name}”的审计范围是空的", f"the audited range of {column.name} is empty")
        both[column.name] = Cell(
            build.given(column.name) if column.missing else build.truth(True), _variable(build, column.name, low, high)
        )
        if column.name in question.fixed:
            held += [both[column.name].given, build.equal(both[column.name].raw, build.literal(question.fixed[column.name]))]
    second = dict(both)
    for index, name in enumerate(question.columns if question.relation not in ("one", "plans") else ()):
        cell, (low, high) = both[name], question.rule.ranges[name]
        given, other = evolve(cell, given=build.truth(True)), _variable(build, name + SECOND, low, high)
        if question.relation == "scaled":
            held += _scaled(build, both, second, name, (low, high), question.factor)
        elif question.relation == "moved" and index < 2:
            step = build.literal(1)
            raw = build.minus(cell.raw, step) if index == 0 else build.plus(cell.raw, step)
            both[name], second[name] = given, evolve(given, raw=raw)
            held += _inside(build, raw, low, high)
        elif question.relation == "moved":
            both[name], second[name] = given, evolve(given, raw=other)
        elif question.relation == "step":
            raw = build.plus(cell.raw, build.literal(1))
            both[name], second[name] = given, evolve(given, raw=raw)
            held += _inside(build, raw, low, high)
        elif index:  # it may differ, in any way
            second[name] = Cell(cell.given if cell.given == build.truth(True) else build.given(name + SECOND), other)
        elif question.relation == "silent":
            both[name], second[name] = given, evolve(cell, given=build.truth(False))
        else:
            both[name], second[name] = given, evolve(given, raw=other)
            held.append(build.put("<", cell.raw, other))
    return both, second if question.relation not in ("one", "plans") else both, held


def _scaled(build: Free, both: dict[str, Cell], second: dict[str, Cell], name: str, ends: tuple[int, int], factor: int) -> list[int]:
    """The second row's figure is *factor* times the first's, and as much in its range; or neither row has one."""
    cell, (low, high) = both[name], ends
    if factor < 1:
        raise Unfit("倍数不是正数", "the factor is not positive")
    if factor * low > high or factor * high < low:  # no given figure has one so large beside it
        both[name] = second[name] = evolve(cell, given=build.truth(False))
        return [build.negate(cell.given)]
    raw = build.scale(cell.raw, factor)
    second[name] = evolve(cell, raw=raw)
    return _inside(build, raw, low, high)


def _inside(build: Free, raw: int, low: int, high: int) -> list[int]:
    held = [build.put("<=", build.literal(low), raw), build.put("<=", raw, build.literal(high))]
    build.narrow(raw, low, high)
    return held


def _variable(build: Free, name: str, low: int, high: int) -> int:
    return build.literal(low) if low == high else build.add(Op("column", name=name, low=low, high=high))


def _merge(
    joint: Joint, plan: Plan, roots: Iterable[int], cells: Mapping[str, Cell], known: Mapping[int, int] | None = None
) -> dict[int, int]:
    """The plan's operations over those cells; what both rows reckon alike is there once. *known* are those that went there before."""
    build, moved = joint.build, {}
    columns = {column.name: column for column in plan.columns}
    for position in plan.needed(roots):
        if known and position in known:
            moved[position] = known[position]
            continue
        op = plan.ops[position]
        if op.op in ("column", "given", "within"):
            column = columns[op.name]
            cell = cells.get(op.name) or Cell(build.truth(True), build.literal(column.low))  # only `copies`, which is 1
            inside = build.both(build.at_most(build.literal(column.low), cell.raw), build.at_most(cell.raw, build.literal(column.high)))
            if op.op == "given":
                moved[position] = cell.given
            elif op.op == "within":
                moved[position] = build.either(build.negate(cell.given), inside)
            else:
                moved[position] = build.case(build.both(cell.given, inside), cell.raw, build.literal(column.low))
                build.narrow(moved[position], column.low, column.high)
        elif op.op in WINDOWS and joint.alone:
            joint.windows, value = True, build.literal(op.value if op.op == "lag" else 1)
            moved[position] = value if op.op in ("lag", "group_rank", "group_dense") else moved[op.args[0]]
        elif op.op in WINDOWS:
            joint.windows = True
            moved[position] = build.add(Op(op.op, (), name=f"w{position}", low=op.low, high=op.high))
        else:
            moved[position] = renew(build, op, tuple(moved[arg] for arg in op.args), plan)
            if op.op == "//" and build.ops[moved[position]].op == "//":
                joint.below.add(build.ops[moved[position]].args[1])
    return moved


# -- what is asked -----------------------------------------------------------------------------------------------


def _claim(joint: Joint, sides: Sequence[Side]) -> list[int]:
    """Truths that together say that the values are bad, as `question.bad` has it."""
    question, build = joint.question, joint.build
    known = [build.negate(side.doubt) for side in sides]
    first, last = sides[0], sides[-1]
    kinds = [side.output for side in sides if side.output is not None]
    plain = not any(one.truth or one.labels for one in kinds)
    if question.bad == "fault":
        return [known[0], first.number] if kinds[0].truth else [build.truth(False)]
    if question.bad == "differs":
        other = _differ(build, first, last)
        if question.relation != "plans":
            return [*known, other]
        return [build.either(build.both(*known, other), build.both(known[0], last.doubt), build.both(first.doubt, known[-1]))]
    if not plain:
        return [build.truth(False)]
    low, high = (None if bound is None else _constant(build, bound) for bound in (question.low, question.high))
    match question.bad:
        case "outside":
            out = [_less(build, first, low)] if low else []
            return [*known, build.either(*out, *([_less(build, high, first)] if high else []))]
        case "reaches":
            ends = [build.negate(_less(build, first, low))] if low else []
            return [*known, build.either(*ends, *([build.negate(_less(build, high, first))] if high else []))]
        case "falls":
            return [*known, _less(build, last, first)]
        case "rises":
            return [*known, _less(build, first, last)]
        case "above":
            test = _side(question.rule.plan, question.test, joint.moved[0]) if question.test else None
            if test is None or high is None or test.output is None or not test.output.truth:
                return [build.truth(False)]
            return [*known, build.negate(test.doubt), test.number, _less(build, high, first)]
        case "jumps":
            return [*known, _jump(build, first, last, high) if high else build.truth(False)]


def _constant(build: Free, value: Fraction) -> Side:
    return Side(build.literal(value.numerator), Fraction(1, value.denominator), (), build.truth(False))


def _even(build: Free, x: Side, y: Side) -> tuple[int, int]:
    """Both as whole numbers of one positive measure."""
    measure = common_measure([x.coefficient, y.coefficient])
    numbers = []
    for one, other in ((x, y), (y, x)):
        more = build.product((Counter(other.below) - Counter(one.below)).elements())
        numbers.append(build.scale(build.times(one.number, more), int(one.coefficient / measure)))
    return numbers[0], numbers[1]


def _jump(build: Free, x: Side, y: Side, high: Side) -> int:
    """Whether the two lie further apart than *high*."""
    measure = common_measure([x.coefficient, y.coefficient])
    a, b = _even(build, x, y)
    below = tuple((Counter(x.below) | Counter(y.below)).elements())
    ways = (Side(build.minus(*pair), measure, below, x.doubt) for pair in ((a, b), (b, a)))
    return build.either(*(_less(build, high, one) for one in ways))


def _less(build: Free, x: Side, y: Side) -> int:
    return build.put("<", *_even(build, x, y))


def _differ(build: Free, x: Side, y: Side) -> int:
    labels = [side.output.labels if side.output else () for side in (x, y)]
    truths = [bool(side.output and side.output.truth) for side in (x, y)]
    if x.output is None or y.output is None:
        return build.truth(True) if x.output is None and y.output is None else _apart(build, x, y)
    if truths[0] != truths[1] or bool(labels[0]) != bool(labels[1]):
        raise Unfit("两个版本的结果不是同一类", "the two versions give results of different kinds")
    if labels[0]:
        pairs = [(i, j) for i, one in enumerate(labels[0]) for j, other in enumerate(labels[1]) if one == other]
        same = (build.both(build.equal(x.number, build.literal(i)), build.equal(y.number, build.literal(j))) for i, j in pairs)
        return build.negate(build.either(*same))
    if truths[0]:
        return build.either(build.both(x.number, build.negate(y.number)), build.both(build.negate(x.number), y.number))
    return _apart(build, x, y)


def _apart(build: Free, x: Side, y: Side) -> int:
    return build.either(_less(build, x, y), _less(build, y, x))


# -- reckoning ---------------------------------------------------------------------------------------------------


def symbol(name: str) -> str:
    """A variable's name in SMT-LIB."""
    return "|" + "".join(one if one.isascii() and one not in "|\\" else f"#{ord(one):x}" for one in name) + "|"


def needed(ops: Sequence[Op], roots: Iterable[int]) -> list[int]:
    """Those operations and all that they rest on, in order."""
    return list(Plan(ops=tuple(ops)).needed(roots))


def evaluate(ops: Sequence[Op], tables: Mapping[str, Sequence[int]], values: Mapping[str, int]) -> list[int]:
    """Every operation's result for values of the variables (``given NAME`` says whether a figure is given)."""
    results: list[int] = []
    for op in ops:
        a = [results[arg] for arg in op.args]
        match op.op:
            case "literal":
                result = op.value
            case "given":
                result = values.get(symbol("given " + op.name)[1:-1], 0)
            case "+":
                result = a[0] + a[1]
            case "-":
                result = a[0] - a[1]
            case "*":
                result = a[0] * a[1]
            case "//":
                result = a[0] // a[1] if a[1] else 0
            case "<":
                result = a[0] < a[1]
            case "<=":
                result = a[0] <= a[1]
            case "==":
                result = a[0] == a[1]
            case "and":
                result = a[0] and a[1]
            case "or":
                result = a[0] or a[1]
            case "not":
                result = not a[0]
            case "case":
                result = a[1] if a[0] else a[2]
            case "search":
                result = bisect_right(tables[op.name], a[0])
            case "lookup":
                table = tables[op.name]
                result = table[min(max(a[0], 0), len(table) - 1)]
            case _:
                result = values.get(symbol("in " + op.name)[1:-1], op.low)
        results.append(int(result))
    return results
