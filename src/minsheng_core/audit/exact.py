"""Proof without any dependency: intervals of the plan, signs and pieces of its formulas, put together over a sheet."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from attrs import evolve, frozen

from ..formula import Formula
from ..formula.analyse import Idle, bounds, direction, faults, homogeneous, idle, pieces
from ..formula.bounds import walk
from ..formula.build import assume, only
from ..formula.dated import Dated
from ..formula.plan import READS, WINDOWS, Column, Output, Plan
from ..formula.tree import Node
from ..rounding import round_places
from .answer import Answer
from .promise import Said
from .question import Question
from .rule import Rule

__all__ = ["decide"]

Sign = Literal[-1, 0, 1] | None
TESTS = 60  # conditions and rows of tables of one formula that are looked at together


def decide(question: Question) -> Answer | None:
    """That there is no case, and why; None where this engine can't say. It never finds a case: that is what probing is for."""
    words = _decided(question)
    return None if words is None else Answer(outcome="none", by="exact", words=words)


def _decided(question: Question) -> Said | None:
    rule, relation = question.rule, question.relation
    if relation == "plans":
        return _idle(question) or _same(question)
    needed = rule.plan.needed(rule.plan.output(question.output).positions)
    across = any(rule.plan.ops[position].op in WINDOWS for position in needed)
    if across and (relation != "one" or question.bad == "fault"):  # an interval holds on every row, the rest is of one row alone
        return None
    match relation, question.bad:
        case "one", "fault":
            return _faultless(question)
        case "one", _:
            return _within(question)
        case "more" | "step", "falls" | "rises":
            return _one_way(question)
        case "scaled", "differs":
            return _sizeless(question)
        case "silent", "rises":
            return _silent(question)
    return None


# -- bounds --------------------------------------------------------------------------------------------------------


@frozen
class Range:
    """All that a value can be: from *low* to *high*, both included."""

    low: Fraction
    high: Fraction


def _within(question: Question) -> Said | None:
    """By the interval of the output, under what the question fixes or a veto's condition."""
    found = _range(question)
    if found is None:
        return None
    low, high = found.low, found.high
    told = (f"取值只能在{low}～{high}之间", f"it can only lie within {low} to {high}")
    match question.bad:
        case "outside":
            inside = (question.low is None or low >= question.low) and (question.high is None or high <= question.high)
            return told if inside else None
        case "above":
            return told if question.high is not None and high <= question.high else None
        case "reaches":
            short = (question.low is None or high < question.low) and (question.high is None or low > question.high)
            return told if short else None
    return None


def _range(question: Question) -> Range | None:
    """What the output can be; the narrowest of what the plan's interval and the formula's own function say."""
    rule, kind, id = question.rule, *question.output.partition(".")[::2]
    known: dict[int, tuple[int, int]] = {}
    if question.test:
        known[rule.plan.output(question.test).number] = (1, 1)
    for position, op in enumerate(rule.plan.ops):
        if op.name in question.fixed and op.op in ("column", "given"):
            value = question.fixed[op.name] if op.op == "column" else 1
            known[position] = (value, value)
    fixed = bool(known)
    if kind == "total":  # over what is known of each item
        for item in rule.lowered.items:
            output = rule.plan.output(f"item.{item}")
            inner = _range(evolve(question, output=output.name, test="", fixed={}))
            if inner is not None and not output.denominators and output.coefficient > 0:
                known.setdefault(output.number, (ceil(inner.low / output.coefficient), floor(inner.high / output.coefficient)))
    plan = assume(rule.plan, known=known) if known else rule.plan
    found = _interval(plan, plan.output(question.output))
    if kind in ("exact", "item") and f"item.{id}" in rule.readings and not fixed:
        for one in _spans(rule, id):
            found = _meet(found, one)
        rounding = rule.sheet.rounding
        if kind == "item" and found is not None and rounding.when == "item":  # rounding keeps the order
            found = Range(*(round_places(end, rounding.places, rounding.mode) for end in (found.low, found.high)))
        if rule.item(id).bodies and kind == "item" and found is not None:  # nothing where the item doesn't apply
            found = Range(min(found.low, Fraction(0)), max(found.high, Fraction(0)))
    return found


def _spans(rule: Rule, id: str) -> list[Range]:
    """What the item's formula says of its values: by its bounds, and by its one function."""
    key = ("spans", id)
    if key not in rule.kept:
        formula, spans = rule.formula(f"item.{id}"), rule.spans(f"item.{id}")
        span, made, found = bounds(formula, spans), pieces(formula, spans), []
        if span is not None and span.low is not None and span.high is not None:
            found.append(Range(span.low, span.high))
        ends = (made[1].minimum(), made[1].maximum()) if made and not _missing(rule, id) else (None, None)
        if ends[0] and ends[1]:
            found.append(Range(ends[0].value, ends[1].value))
        rule.kept[key] = found
    return list(rule.kept[key])


def _interval(plan: Plan, output: Output) -> Range | None:
    if output.denominators or output.truth or output.labels:
        return None
    op = plan.ops[output.number]
    ends = sorted((op.low * output.coefficient, op.high * output.coefficient))
    return Range(ends[0], ends[1])


def _meet(one: Range | None, other: Range) -> Range:
    return other if one is None else Range(max(one.low, other.low), min(one.high, other.high))


def _missing(rule: Rule, id: str) -> bool:
    """Whether a figure of the item may be missing: its pieces then tell only of rows where it is there."""
    columns = {column for (item, _), column in rule.lowered.columns.items() if item == id}
    return any(one.missing for one in rule.columns if one.name in columns)


# -- faults --------------------------------------------------------------------------------------------------------


def _faultless(question: Question) -> Said | None:
    name = question.output.removeprefix("fault.")
    formula, spans = question.rule.formula(name), question.rule.spans(name)
    if faults(formula, spans) or _late(question.rule, formula):
        return None
    return ("公式处处有结果", "the formula has an answer everywhere")


def _late(rule: Rule, formula: Formula) -> bool:
    """Whether a parameter that the formula names has no value yet in the first audited month."""
    named = {one.name for one in walk(formula.root) if one.op == "name"} - formula.scope.fields.keys()
    first = [one.values[0][0] for name, one in formula.scope.constants.items() if name in named and isinstance(one, Dated)]
    return any(day.year * 12 + day.month - 1 > rule.ranges["period"][0] for day in first)


# -- directions ----------------------------------------------------------------------------------------------------


def _one_way(question: Question) -> Said | None:
    """By the sign of the output in the column."""
    (column,) = question.columns
    kind, _, id = question.output.partition(".")
    if column == "period" or column.endswith(".applies"):  # these come in by other ways than the names of formulas
        return None
    if kind in ("exact", "item"):
        sign = _of_item(question.rule, id, column)
    elif question.output == "total":
        sign = _of_total(question.rule, column)
    else:
        return None
    wanted = 1 if question.bad == "falls" else -1
    if sign in (wanted, 0):
        return ("得分随它单调", "the marks go one way with it")
    return None


def _of_item(rule: Rule, id: str, column: str) -> Sign:
    if id not in rule.lowered.items:
        return 1 if column == f"{id}.marks" else 0
    names = [measure for (item, measure), one in rule.lowered.columns.items() if item == id and one == column]
    names += [column] if any(one.id == column for one in rule.prepared.scheme.events) else []
    return _together(_sign(rule, f"item.{id}", name) for name in names)


def _sign(rule: Rule, name: str, of: str) -> Sign:
    key = ("sign", name, of)
    if key not in rule.kept:
        formula = rule.formula(name)
        rule.kept[key] = direction(formula, of, rule.spans(name)) if _reads(formula, of) else 0
    return rule.kept[key]  # type: ignore[no-any-return] # it was put there above


def _of_total(rule: Rule, column: str) -> Sign:
    """Items, adjustments and vetoes one by one: sums, roundings and limits keep a common sign, and so does bringing them to full
    marks that can't be negative."""
    sheet = rule.sheet
    negative = any(one.base < 0 for one in (sheet.base, *(item.full for item in sheet.items)) if one)
    if rule.windows or (sheet.rescale and negative):
        return None
    items = _together(_of_item(rule, item.id, column) for item in sheet.items)
    signs = [items]
    for one in sheet.adjustments:
        sign = _of_adjustment(rule, one.id, column, items)
        if one.kind != "veto" or one.effect in ("zero", "cap"):
            signs.append(sign if one.kind == "bonus" else _turned(sign))
    return _together(signs)


def _of_adjustment(rule: Rule, id: str, column: str, items: Sign) -> Sign:
    """Through every name that the adjustment's formula reads."""
    formula, signs = rule.formula(f"adjustment.{id}"), []
    labels = {one.id for one in rule.sheet.labels}
    for name in _reads_all(formula.root):
        owner, _, measure = name.rpartition(".")
        if name in labels:
            if _label_moves(rule, name, column):
                return None
            continue
        if name == "subtotal":
            inner = items
        elif owner and measure == "marks":
            inner = _of_item(rule, owner, column)
        elif owner:
            inner = 1 if rule.lowered.columns.get((owner, measure)) == column else 0
        else:
            inner = 1 if name == column else 0
        if inner == 0:
            continue
        outer = _sign(rule, f"adjustment.{id}", name)
        signs.append(None if inner is None or outer is None else _product(inner, outer))
    return _together(signs)


def _label_moves(rule: Rule, id: str, column: str) -> bool:
    """Whether a label may depend on the column."""
    output = rule.plan.output(id)
    return any(rule.plan.ops[position].name == column for position in rule.plan.needed(output.positions))


def _product(one: Literal[-1, 0, 1], other: Literal[-1, 0, 1]) -> Sign:
    product = one * other
    return 1 if product > 0 else -1 if product < 0 else 0


def _turned(sign: Sign) -> Sign:
    return None if sign is None else _product(sign, -1)


def _together(signs: "Sequence[Sign] | Iterator[Sign]") -> Sign:
    held: Sign = 0
    for sign in signs:
        if sign is None or (held and sign and sign != held):
            return None
        held = sign or held
    return held


def _reads_all(node: Node) -> set[str]:
    return ({node.name} if node.op in ("name", "missing") and node.name else set()) | {
        name for part in node.parts for name in _reads_all(part)
    }


def _reads(formula: Formula, name: str) -> bool:
    return name in _reads_all(formula.root)


# -- size, silence ---------------------------------------------------------------------------------------------------


def _sizeless(question: Question) -> Said | None:
    id = question.output.partition(".")[2]
    names = frozenset(
        measure for (item, measure), column in question.rule.lowered.columns.items() if item == id and column in question.columns
    )
    if homogeneous(question.rule.formula(f"item.{id}"), names) == 0:
        return ("公式只用到比例", "the formula uses ratios only")
    return None


def _silent(question: Question) -> Said | None:
    """Where the figure is left out there are no marks at all, or none above the least that it can give."""
    rule, (column,) = question.rule, question.columns
    plan = assume(rule.plan, absent=[column])
    output = plan.output(question.output)
    op = plan.ops[output.undetermined]
    if op.op == "literal" and op.value:
        return ("不填就没有得分", "there are no marks without it")
    given = assume(rule.plan, clean=[column])
    without, having = _interval(plan, output), _interval(given, given.output(question.output))
    if without is not None and having is not None and without.high <= having.low:
        return ("不填的得分不高于任何如实填报", "no true value scores less than leaving it out")
    return None


# -- clauses, versions -----------------------------------------------------------------------------------------------


def _idle(question: Question) -> Said | None:
    """A branch or a row of a table that no report reaches."""
    if question.promise.code != "dead" or question.part is None:
        return None
    name, part, row = question.part
    formula, found = question.rule.formula(name), _idles(question.rule, name)
    if row is None:
        mine = [one for one in found if one.kind == "branch" and one.sure and one.source == formula.text and _holds(one.node, part)]
        return _unreached(mine[0]) if mine else None
    band = formula.scope.bands[part.name]
    wanted = {row, row - 1} if band.kind == "linear" and row else {row}  # a row of a linear table is also where the one before it ends
    uses = [node for node in walk(formula.root) if node.op == "band" and node.name == part.name]
    mine = [one for one in found if one.kind == "row" and one.row in wanted and one.node.op == "band" and one.node.name == part.name]
    met = {(one.node.start, one.row) for one in mine}
    if all((node.start, one) in met for node in uses for one in wanted):
        return _unreached(next(one for one in mine if one.row == row))
    return None


def _idles(rule: Rule, name: str) -> list[Idle]:
    """The idle parts of a reading, by the declared ranges: a target has none of its own."""
    key = ("idle", name)
    if key not in rule.kept:
        formula = rule.formula(name)
        nodes = list(walk(formula.root))
        size = sum(node.op in ("if", "and", "or") for node in nodes)
        size += sum(len(formula.scope.bands[node.name].values) for node in nodes if node.op == "band")
        spans = {one: ends for one, ends in rule.spans(name).items() if one.rpartition(".")[2] != "target"}
        rule.kept[key] = idle(formula, spans) if size <= TESTS else []  # nothing is said of one with too many tests and rows
    return rule.kept[key]  # type: ignore[no-any-return] # it was put there above


def _unreached(one: Idle) -> Said:
    return (f"“{one.text}”到不了：{one.reason}", f"{one.text!r} is never reached: {one.reason}")


def _holds(node: Node, part: Node) -> bool:
    return node is part or (node.start, node.end, node.op) == (part.start, part.end, part.op)


def _same(question: Question) -> Said | None:
    """The two plans come to the very same operations."""
    if question.other is None or question.further or question.output not in {one.name for one in question.other.outputs}:
        return None
    if question.shared:  # there, what is the same is there once
        same = question.rule.plan.output(question.output) == question.other.output(question.output)
        return ("两者化为同样的运算", "both come to the same operations") if same else None
    mine, theirs = (_bare(plan, question.output) for plan in (question.rule.plan, question.other))
    if (mine.ops, mine.tables, mine.outputs, _read(mine)) == (theirs.ops, theirs.tables, theirs.outputs, _read(theirs)):
        return ("两者化为同样的运算", "both come to the same operations")
    return None


def _read(plan: Plan) -> list[Column]:
    """The columns that it reads, without their titles: whether a figure is within its range is for them to say."""
    names = {op.name for op in plan.ops if op.op in READS}
    return [evolve(one, title="") for one in plan.columns if one.name in names]


def _bare(plan: Plan, output: str) -> Plan:
    return only(evolve(plan, reasons=()), [output])
