"""A question that engines decide: is there a row, or a pair of rows, on which a promise is broken, or a clause can be seen at work?"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Literal

from attrs import field, frozen

from ..finding import Place
from ..formula.plan import Plan
from ..formula.python import results_anew
from ..formula.tree import Node
from .promise import Promise, Said
from .rule import Cells, Rule

__all__ = ["Bad", "Question", "Relation", "bad", "holds", "other_results", "related"]

# How the rows of a case are related, all else being equal; `columns` names what differs:
#   one     one row
#   more    A and B: more of columns[0] in B; both given
#   silent  A and B: columns[0] is given in A and left out in B
#   scaled  A and B: each of `columns` is `factor` times as large in B
#   step    A and B: one step more of columns[0] in B
#   moved   A and B: one step of columns[0] in A stands in columns[1] in B
#   plans   one row, under the rule's plan (A) and under the plan `other` (B)
Relation = Literal["one", "more", "step", "silent", "scaled", "moved", "plans"]
# What is asked for, of the value of `output`, given in every row:
#   outside   below `low` or above `high`
#   fault     the truth `output` holds
#   reaches   the value is `low` or more, or `high` or less
#   falls     less in B than in A
#   rises     more in B than in A
#   differs   not the same in A and B, one of them having none included
#   jumps     more than `high` away in B from A
#   above     the truth `test` holds and the value is above `high`
Bad = Literal["outside", "fault", "reaches", "falls", "rises", "differs", "jumps", "above"]


@frozen(kw_only=True)
class Question:
    """*promise* asked of *rule*: does a case exist whose rows stand in *relation* and whose `output` is *bad*?

    A case breaks the promise; but where it *exists* a case is what keeps it (full marks are reached, a clause matters).
    *domain* is the output that says which rows count; *fixed* are columns that hold a certain number in every row of a case; *further* plans serve as well as `other`.
    These begin with the first *shared* operations of the rule's own plan: only what comes after them is reckoned anew.
    *part* is the part of a reading (by its name) that is asked about, and the row where it is a table's.
    *about* says what of the rule is asked about, *place* and *clause* which rule is at fault.
    """

    key: str
    promise: Promise
    rule: Rule
    relation: Relation
    output: str
    bad: Bad
    columns: tuple[str, ...] = ()
    low: Fraction | None = None
    high: Fraction | None = None
    test: str = ""
    domain: str = "valid"
    fixed: Mapping[str, int] = field(factory=dict)
    factor: int = 2
    other: Plan | None = None
    further: tuple[Plan, ...] = ()
    shared: int = 0
    exists: bool = False
    part: tuple[str, Node, int | None] | None = None
    about: Said
    place: Place | None = None
    clause: str = ""


def related(question: Question, a: Cells, b: Cells) -> bool:
    """Whether two rows stand in the question's relation, in nothing else differing."""
    columns = set(question.columns)
    if any(a.get(name) != b.get(name) for name in a if name not in columns):
        return False
    before, after = [a.get(name) for name in question.columns], [b.get(name) for name in question.columns]
    match question.relation:
        case "more":
            return before[0] is not None and after[0] is not None and before[0] < after[0]
        case "step":
            return before[0] is not None and after[0] == before[0] + 1
        case "silent":
            return before[0] is not None and after[0] is None
        case "scaled":
            return all(y == (None if x is None else x * question.factor) for x, y in zip(before, after, strict=True))
        case "moved":
            known = None not in (*before, *after)
            return known and after[0] == before[0] - 1 and after[1] == before[1] + 1  # type: ignore[operator] # none of them is None
    return True


def holds(question: Question, rows: Sequence[Cells]) -> bool:
    """Whether *rows* are a case: valid, so related, and bad. Reckoned by running the plan."""
    rule = question.rule
    if question.relation != "one" and question.relation != "plans" and not related(question, rows[0], rows[1]):
        return False
    if any(row[name] != value for row in rows for name, value in question.fixed.items()):
        return False
    results = [rule.run(row) for row in rows]
    if not all(rule.value(question.domain, one) for one in results):
        return False
    values = [rule.value(question.output, one) for one in results]
    if question.relation == "plans":
        assert question.other is not None
        names = {one.name for one in question.other.outputs}
        after = other_results(question, rows[0], results[0])
        values.append(question.other.output(question.output).value(after) if question.output in names else None)
        if question.bad == "differs":
            return values[0] != values[1]
    return bad(question, values, bool(question.test and rule.value(question.test, results[0])))


def bad(question: Question, values: Sequence[Fraction | bool | str | None], test: bool) -> bool:
    """Whether the values of the output, by row, are what the question asks for."""
    first, last = values[0], values[-1]
    if question.bad == "fault":
        return first is True
    if question.bad == "differs":
        return first != last and first is not None and last is not None
    if not isinstance(first, Fraction) or not isinstance(last, Fraction):
        return False
    match question.bad:
        case "outside":
            return (question.low is not None and first < question.low) or (question.high is not None and first > question.high)
        case "reaches":
            return (question.low is not None and first >= question.low) or (question.high is not None and first <= question.high)
        case "falls":
            return last < first
        case "rises":
            return last > first
        case "jumps":
            return question.high is not None and abs(last - first) > question.high
        case "above":
            return test and question.high is not None and first > question.high
    return False


_KEPT: dict[int, tuple[Plan, Callable[[Cells, Sequence[int]], list[int]]]] = {}  # a plan's function, while the plan is asked about


def other_results(question: Question, row: Cells, results: Sequence[int]) -> Sequence[int]:
    """What the plan `other` gives for the row that has those *results* under the rule's own."""
    plan = question.other
    assert plan is not None
    kept = _KEPT.get(id(plan))
    if kept is None or kept[0] is not plan:
        if len(_KEPT) > 64:
            _KEPT.clear()
        kept = _KEPT[id(plan)] = (plan, results_anew(plan, range(question.shared, len(plan.ops))))
    return kept[1]({"copies": 1, **row}, results[: question.shared])
