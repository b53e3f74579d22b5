"""The figures that a question has nothing to do with: they may stand at any one value, and a solver needn't hear of them."""

from collections.abc import Iterable, Mapping

from ..formula.plan import READS, Plan
from .question import Question
from .rule import Rule

__all__ = ["apart"]


def apart(question: Question) -> tuple[Mapping[str, int | None], tuple[int, ...]]:
    """By column, a cell for each figure that neither the answer nor what a report has to hold for the others rests on; and the operations
    that hold in the question's domain, but for those of such figures alone.

    Where a case exists, there is one with these cells: nothing asked about changes with them, and what the domain asks of them alone
    holds in a row of low ends. Where it doesn't hold there, or rows are looked at beside others, no figure is set apart.
    """
    rule, plan = question.rule, question.rule.plan
    plainest = _plainest(rule, question.domain)
    if question.other is not None or rule.windows or plainest is None:
        return {}, (plan.output(question.domain).number,)
    outputs = [plan.output(name) for name in (question.output, question.test) if name]
    near = {*question.columns, *question.fixed}
    # that a figure is within its declared range, every output asks: the domain says so of all
    near |= _read(plan, [position for one in outputs for position in one.positions])
    ties, before = _ties(rule, question.domain), -1
    while len(near) > before:
        before = len(near)
        near |= {name for _, names in ties if not near.isdisjoint(names) for name in names}
    cells = {column.name: plainest[column.name] for column in rule.columns if column.name not in near}
    return cells, tuple(part for part, names in ties if not names or not near.isdisjoint(names))


def _plainest(rule: Rule, domain: str) -> Mapping[str, int | None] | None:
    """The row of low ends, where it is of the domain."""
    key = ("plainest", domain)
    if key not in rule.kept:
        row = {column.name: None if column.missing else rule.ranges[column.name][0] for column in rule.columns}
        there = rule.value(domain, rule.run({**dict.fromkeys((one.name for one in rule.plan.columns), None), "copies": 1, **row}))
        rule.kept[key] = row if there else None
    return rule.kept[key]  # type: ignore[no-any-return] # it was put there above


def _ties(rule: Rule, domain: str) -> list[tuple[int, set[str]]]:
    """Each of the truths that the domain is made of, with the figures of which it asks something together."""
    key = ("ties", domain)
    if key not in rule.kept:
        ops, waiting, parts = rule.plan.ops, [rule.plan.output(domain).number], []
        while waiting:
            position = waiting.pop()
            if ops[position].op == "and":
                waiting += ops[position].args
            else:
                parts.append(position)
        rule.kept[key] = [(part, {ops[at].name for at in rule.plan.needed([part]) if ops[at].op in READS}) for part in parts]
    return rule.kept[key]  # type: ignore[no-any-return] # it was put there above


def _read(plan: Plan, positions: Iterable[int]) -> set[str]:
    """The figures whose number, or whether they are given, those operations rest on."""
    ops = (plan.ops[position] for position in plan.needed(positions))
    return {op.name for op in ops if op.op in READS and op.op != "within"}
