"""Which questions are due for a rule: inferred from the rule itself, with what its `[audit]` facts add."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise, permutations

from attrs import define, evolve

from ..field import Field
from ..finding import Finding, Place, Severity
from ..formula import Scope, check_formula
from ..formula.tree import TRUTH, Node
from ..quantity import unit
from ..scheme import model
from ..scheme.facts import Facts
from ..scheme.load import Text
from ..scoring.names import measure_fields
from .clauses import clauses, without_rounding
from .pool import Pool
from .promise import PROMISES, Said
from .question import Bad, Question, Relation
from .rule import Rule

__all__ = ["Asked", "directions", "facts_of", "questions", "wrong_facts"]

ZERO = Fraction(0)


@define
class Asked:
    """What a rule's figures mean for its marks: columns of which more never lowers (*up*) or never raises (*down*) them, those
    whose direction was only *inferred* from how the rule mostly behaves, and denominators."""

    up: dict[str, Said]
    down: dict[str, Said]
    inferred: set[str]
    below: dict[str, Said]


def questions(rule: Rule, asked: Asked) -> list[Question]:
    """Every question due for the rule, in the order of the promises."""
    found = [
        *_items(rule, asked), *([] if rule.method else _total(rule, asked)), *_silent(rule), *_faults(rule),
        *_clauses(rule), *_risks(rule, asked),
    ]  # fmt: skip
    order = list(PROMISES)
    return sorted(found, key=lambda one: order.index(one.promise.code))


def _question(
    rule: Rule, code: str, of: str, relation: Relation, output: str, bad: Bad, about: Said, columns: Iterable[str] = (),
    *, place: Place | None = None, clause: str = "",
) -> Question:  # fmt: skip
    return Question(
        key=f"{rule.id}::{code}::{of}", promise=PROMISES[code], rule=rule, relation=relation, output=output, bad=bad,
        columns=tuple(columns), about=about, place=place or rule.sheet.place, clause=clause or rule.sheet.source,
    )  # fmt: skip


def formula_place(rule: model.Sourced) -> Place | None:
    """Where a rule's formula stands; where it has none, the rule."""
    text = getattr(rule, "formula", None)
    return text.at() if isinstance(text, Text) else rule.place


def title_of(rule: Rule, column: str) -> Said:
    """A column's name for people."""
    one = next(one for one in rule.plan.columns if one.name == column)
    many = len(rule.sheet.items) > 1 and "." in column
    owner = next(
        (item.title for item in rule.sheet.items for (id, _), name in rule.lowered.columns.items() if name == column and id == item.id), ""
    )
    return (f"“{owner}”的“{one.title}”" if many and owner else f"“{one.title}”", column)


# -- what more of a figure means -----------------------------------------------------------------------------------


def directions(rule: Rule, pool: Pool) -> Asked:
    """What more of each figure means."""
    asked = Asked({}, {}, set(), {})
    for item in rule.sheet.items:
        if item.id not in rule.lowered.items:
            if f"{item.id}.marks" in rule.ranges:
                asked.up[f"{item.id}.marks"] = title_of(rule, f"{item.id}.marks")
            continue
        kind = rule.kind(item)
        measures = measure_fields(kind)
        up, below = _filed(kind.primary, measures)
        for (id, measure), column in rule.lowered.columns.items():
            if id != item.id:
                continue
            words = title_of(rule, column)
            if measure == "target":
                asked.down[column] = words
            elif measure in below:
                asked.below[column] = words
            elif measure in up and measures[measure].kind == "quantity":
                asked.up[column] = words
    for event in rule.prepared.scheme.events:
        kinds = {one.kind for one in rule.sheet.adjustments if event.id in _names(rule.lowered.adjustments[one.id].formula.root)}
        elsewhere = any(
            event.id in _names(reading.formula.root) for reading in (*rule.lowered.items.values(), *rule.lowered.labels.values())
        )
        if event.id in rule.ranges and not elsewhere:
            if kinds == {"bonus"}:
                asked.up[event.id] = (f"“{event.title}”", event.id)
            elif kinds and kinds <= {"deduction", "veto"}:
                asked.down[event.id] = (f"“{event.title}”", event.id)
    if "late_days" in rule.ranges:
        asked.down["late_days"] = ("“迟报天数”", "late_days")
    for column, rises in _declared(rule):
        for kept in (asked.up, asked.down, asked.below):
            kept.pop(column, None)
        (asked.up if rises else asked.down)[column] = title_of(rule, column)
    _infer(rule, pool, asked)
    return asked


def _filed(primary: str, measures: Mapping[str, Field]) -> tuple[set[str], set[str]]:
    """The filed measures that the primary one rises with, and those it is divided by."""
    up: set[str] = set()
    below: set[str] = set()

    def visit(name: str) -> None:
        formula = measures[name].formula if name in measures else ""
        if not formula:
            up.add(name)
            return
        tree = ast.parse(formula, mode="eval")
        inside = {one.id for part in ast.walk(tree) if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div)
                  for one in ast.walk(part.right) if isinstance(one, ast.Name)}  # fmt: skip
        named = {one.id for part in ast.walk(tree) if isinstance(part, ast.BinOp) for one in ast.walk(part) if isinstance(one, ast.Name)}
        below.update(inside & set(measures))
        for one in named - inside:
            if one in measures and one != name:
                visit(one)

    visit(primary)
    return up - below, below


def _declared(rule: Rule) -> Iterator[tuple[str, bool]]:
    """(column, whether it rises) as the rule file says."""
    for item, facts in facts_of(rule):
        for names, rises in ((facts.rises, True), (facts.falls, False)):
            for name in names:
                column = _column(rule, name, item)
                if column:
                    yield column, rises


def facts_of(rule: Rule) -> Iterator[tuple[model.Item | None, Facts]]:
    """The audit facts that apply: each item's method's, then the sheet's."""
    methods = {one.id: one for one in rule.prepared.scheme.methods}
    for item in rule.sheet.items:
        if item.method in methods:
            yield item, methods[item.method].audit
    yield None, rule.sheet.audit


def wrong_facts(rule: Rule) -> Iterator[Finding]:
    """What audit facts name and nobody knows: a figure that isn't there, a condition that can't be read."""
    for item, facts in facts_of(rule):
        measures = measure_fields(rule.kind(item)) if item else {}
        for name in (*facts.rises, *facts.falls):
            if name not in measures and not _column(rule, name, item):
                known = ", ".join([*measures] or [*rule.ranges])
                yield _wrong(facts, name, f"no figure {name!r} here to rise or fall; there are {known}")
        scopes = [measures] if item else [measure_fields(rule.kind(one)) for one in rule.sheet.items]
        errors = [check_formula(facts.where, Scope(fields=fields), TRUTH)[1] for fields in scopes if facts.where]
        if errors and all(errors):
            yield _wrong(facts, facts.where, f"where: {errors[0][0].message}", errors[0][0].offset)


def _wrong(facts: Facts, text: str, message: str, offset: int = 0) -> Finding:
    return Finding(code="rule.audit", message=message, place=text.at(offset) if isinstance(text, Text) else facts.place)


def _column(rule: Rule, name: str, item: model.Item | None) -> str:
    """The column that a rule file calls *name*."""
    if item is not None and (item.id, name) in rule.lowered.columns:
        return rule.lowered.columns[item.id, name]
    if name in rule.ranges:
        return name
    id, _, measure = name.partition(".")
    return rule.lowered.columns.get((id, measure), "")


def _infer(rule: Rule, pool: Pool, asked: Asked) -> None:
    """The direction of the other numbers, where the rule itself mostly pulls one way: what pulls the other way is then a question."""
    output = rule.plan.output("total")
    told = asked.up.keys() | asked.down.keys() | asked.below.keys()
    for column in rule.columns:
        if column.name in told or column.kind != "number" or column.name in ("period", "order") or column.name.endswith(".applies"):
            continue
        ups = downs = 0
        for line in pool.lines:
            if line.column == column.name:
                values = [value for _, results in line.points if isinstance(value := output.value(results), Fraction)]
                rises = any(later > earlier for earlier, later in pairwise(values))
                drops = any(later < earlier for earlier, later in pairwise(values))
                net = (values[-1] > values[0]) - (values[-1] < values[0]) if values else 0
                ups += (rises and not drops) or (rises and drops and net > 0)
                downs += (drops and not rises) or (rises and drops and net < 0)
        if ups + downs and min(ups, downs) * 4 <= max(ups, downs):
            words = title_of(rule, column.name)
            (asked.up if ups > downs else asked.down)[column.name] = (f"{words[0]}（方向由规则推断）", f"{words[1]} (direction inferred)")
            asked.inferred.add(column.name)


def _names(node: Node) -> set[str]:
    return ({node.name} if node.op in ("name", "missing") and node.name else set()) | {name for part in node.parts for name in _names(part)}


# -- items ---------------------------------------------------------------------------------------------------------


def _items(rule: Rule, asked: Asked) -> Iterator[Question]:
    methods = {one.id: one for one in rule.prepared.scheme.methods}
    for item in rule.sheet.items:
        if item.id not in rule.lowered.items:
            continue
        method, output, about = methods[item.method], f"exact.{item.id}", (f"“{item.title}”", f"the item {item.id!r}")
        source = {"place": formula_place(method), "clause": method.source}
        yield evolve(_question(rule, "bounds", item.id, "one", output, "outside", about, **source), low=ZERO, high=item.full.base)  # type: ignore[arg-type] # place and clause
        for name, amount in (("full", item.full.base), ("zero", ZERO)):
            words = ("满分" if name == "full" else "零分", "full marks" if name == "full" else "no marks")
            said = (f"{about[0]}得{words[0]}", f"{words[1]} of {about[1]}")
            made = _question(rule, "attainable", f"{item.id}.{name}", "one", f"item.{item.id}", "reaches", said, **source)  # type: ignore[arg-type]
            yield evolve(made, low=amount, exists=True) if name == "full" else evolve(made, high=amount, exists=True)
        reading = rule.lowered.items[item.id]
        used = {rule.lowered.columns[item.id, name] for name in _names(reading.formula.root) if (item.id, name) in rule.lowered.columns}
        for code, columns, bad in (("rises", asked.up, "falls"), ("falls", asked.down, "rises")):
            for column, words in columns.items():
                if column in used:
                    said = (f"{words[0]}，{about[0]}", f"{words[1]}, {about[1]}")
                    yield _question(rule, code, f"{column}.{item.id}", "more", output, bad, said, [column], **source)  # type: ignore[arg-type]
        same = _sizes(rule, item, used)
        if same:
            yield _question(rule, "neutral", item.id, "scaled", output, "differs", about, same, **source)  # type: ignore[arg-type]


def _sizes(rule: Rule, item: model.Item, used: set[str]) -> list[str]:
    """The item's columns that grow with the size of a body, where it is measured against a target of that unit."""
    kind = rule.kind(item)
    primary = measure_fields(kind)[kind.primary]
    target = rule.lowered.columns.get((item.id, "target"))
    if target not in used or primary.kind != "quantity" or primary.unit == "%" or not primary.unit:
        return []
    dimension = unit(primary.unit).dimension
    like = [one.name for one in rule.columns if one.kind == "number" and unit(one.unit).dimension == dimension]
    return [
        name for name in like if name in used and any(column == name and id == item.id for (id, _), column in rule.lowered.columns.items())
    ]


def _silent(rule: Rule) -> Iterator[Question]:
    """Leaving out a figure that may be missing: each item's own, then what adjustments read."""
    outputs = {column: f"exact.{id}" for (id, _), column in rule.lowered.columns.items() if id in rule.lowered.items}
    for column in rule.columns:
        if column.missing and column.name not in {event.id for event in rule.prepared.scheme.events}:
            output = outputs.get(column.name, "total")
            owner = next((item for item in rule.sheet.items if output == f"exact.{item.id}"), None)
            method = next((one for one in rule.prepared.scheme.methods if owner and one.id == owner.method), None)
            yield _question(
                rule, "silence", column.name, "silent", output, "rises", title_of(rule, column.name), [column.name],
                place=formula_place(method) if method else None, clause=method.source if method else "",
            )  # fmt: skip
            if output != "total" and not rule.method:
                yield _question(
                    rule, "silence", f"{column.name}.total", "silent", "total", "rises", title_of(rule, column.name), [column.name]
                )


def _faults(rule: Rule) -> Iterator[Question]:
    methods = {one.id: one for one in rule.prepared.scheme.methods}
    owners: dict[str, tuple[str, model.Sourced]] = {
        f"item.{item.id}": (item.title, methods[item.method]) for item in rule.sheet.items if item.id in rule.lowered.items
    }
    owners |= {f"label.{one.id}": (one.title, one) for one in rule.sheet.labels}
    owners |= {f"adjustment.{one.id}": (one.title, one) for one in rule.sheet.adjustments}
    for name, (title, owner) in owners.items():
        about = (f"“{title}”", f"the {name.replace('.', ' ')!r}")
        yield _question(rule, "total", name, "one", f"fault.{name}", "fault", about, place=formula_place(owner), clause=owner.source)


# -- the whole sheet -----------------------------------------------------------------------------------------------


def _total(rule: Rule, asked: Asked) -> Iterator[Question]:
    sheet, about = rule.sheet, ("总分", "the total")
    bonus = sum((_most(rule, one) for one in sheet.adjustments if one.kind == "bonus"), ZERO)
    low = sheet.floor.base if sheet.floor else ZERO
    high = sheet.ceiling.base if sheet.ceiling else sheet.full.base + bonus
    yield evolve(_question(rule, "bounds", "total", "one", "total", "outside", about), low=low, high=high)
    yield evolve(
        _question(rule, "attainable", "total.full", "one", "total", "reaches", ("总分得满分", "full marks of the total")),
        low=sheet.full.base,
        exists=True,
    )
    for code, columns, bad in (("rises", asked.up, "falls"), ("falls", asked.down, "rises")):
        for column, words in columns.items():
            yield _question(rule, code, f"{column}.total", "more", "total", bad, (f"{words[0]}，总分", f"{words[1]}, the total"), [column])  # type: ignore[arg-type]
    for one in sheet.adjustments:
        if one.kind == "veto" and one.effect in ("zero", "cap"):
            most = one.cap.base if one.cap else ZERO
            said, source = (f"“{one.title}”", f"the veto {one.id!r}"), {"place": one.place, "clause": one.source}
            yield evolve(_question(rule, "veto", one.id, "one", "total", "above", said, **source), test=f"adjustment.{one.id}", high=most)  # type: ignore[arg-type]
            for name in sorted(_names(rule.lowered.adjustments[one.id].formula.root) & asked.down.keys()):
                words = (f"{said[0]}：{asked.down[name][0]}再多也压不住", f"{said[1]}, {asked.down[name][1]} at its most")
                made = _question(rule, "veto", f"{one.id}.{name}", "one", "total", "outside", words, **source)  # type: ignore[arg-type]
                yield evolve(made, fixed={name: rule.ranges[name][1]}, high=most)


def _most(rule: Rule, one: model.Adjustment) -> Fraction:
    value = rule.lowered.adjustments[one.id].value
    return max(value.high, ZERO)


def _clauses(rule: Rule) -> Iterator[Question]:
    shared = len(rule.plan.ops)
    for one in clauses(rule):
        made = _question(rule, "dead", one.key, "plans", one.output, "differs", one.about, place=one.place, clause=one.clause)
        yield evolve(made, other=one.plans[0], further=one.plans[1:], shared=shared, exists=True, domain="declared", part=one.part)
    for one in without_rounding(rule):
        made = _question(rule, "rounding", one.key, "plans", one.output, "differs", one.about, place=one.place, clause=one.clause)
        yield evolve(made, other=one.plans[0], shared=shared)


# -- risks by design, and what is only measured ----------------------------------------------------------------------


def _risks(rule: Rule, asked: Asked) -> Iterator[Question]:
    if rule.method:
        return
    for column, words in asked.below.items():
        yield _question(rule, "shave", column, "more", "total", "falls", words, [column])
    events = [event for event in rule.prepared.scheme.events if event.id in rule.ranges]
    for one, other in permutations(events, 2):
        alike = any(one.id in side and other.id in side for side in (asked.up, asked.down))
        if one.unit == other.unit and alike:
            words = (f"“{one.title}”改报为“{other.title}”", f"{one.id} filed as {other.id}")
            yield _question(rule, "relabel", f"{one.id}.{other.id}", "moved", "total", "rises", words, [one.id, other.id])
    largest = min((facts.largest.base for _, facts in facts_of(rule) if facts.largest), default=None)
    promise = PROMISES["step"] if largest is None else evolve(PROMISES["step"], severity=Severity.ERROR)  # a declared limit binds
    for column in (*asked.up, *asked.down):
        words = asked.up.get(column) or asked.down[column]
        made = _question(rule, "step", column, "step", "total", "jumps", words, [column])
        yield evolve(made, promise=promise, high=largest)
