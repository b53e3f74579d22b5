"""The clauses of a rule, each with the rule as it would be without it: a clause matters if, and only if, that changes some result."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from attrs import evolve, frozen

from ..errors import FormulaError
from ..finding import Place
from ..formula import Band, Formula, evaluate
from ..formula.band import pieces_of
from ..formula.build import Builder
from ..formula.plan import Plan
from ..formula.tree import Node
from ..quantity import Quantity
from ..scheme import model
from ..scheme.load import Text
from ..scoring.sheet_columns import Unlowered
from .promise import Said
from .rule import Rule

__all__ = ["Clause", "asked_rows", "clauses", "long_tables", "without_rounding"]

ROWS = 100  # of a table, that are each asked about
MARKS = (("分", 1),)  # the dimension of marks


@frozen(kw_only=True)
class Clause:
    """One clause: *key* and *about* name it, *output* is what it is there to change, *plans* go on from the rule's own to
    what that is without it, or with it moved either way."""

    key: str
    about: Said
    plans: tuple[Plan, ...]
    output: str
    place: Place | None
    clause: str
    part: tuple[str, Node, int | None] | None = None


def clauses(rule: Rule) -> Iterator[Clause]:
    """Every branch, condition, band row, parameter, label word and adjustment of the rule that can be left out or changed."""
    changed = _changed(rule)
    for name, formula, owner, output in _formulas(rule):
        for key, about, edits, node in _edits(formula):
            plans = tuple(plan for edit in edits if (plan := changed(output, {name: edit}, rule.sheet.adjustments)) is not None)
            if plans:
                row = int(key.partition("[")[2][:-1]) if key.endswith("]") else None
                place, said = _at(owner, formula, node), _owned(rule, name, about)
                yield Clause(
                    key=f"{name}.{key}", about=said, plans=plans, output=output, place=place, clause=owner.source, part=(name, node, row)
                )
    for one in rule.sheet.adjustments:
        output = "barred" if one.effect == "bar" else "total"
        plan = changed(output, {}, [other for other in rule.sheet.adjustments if other is not one])
        if plan is not None:
            about = (f"“{one.title}”", f"the adjustment {one.id!r}")
            yield Clause(key=f"adjustment.{one.id}", about=about, plans=(plan,), output=output, place=one.place, clause=one.source)


def without_rounding(rule: Rule) -> Iterator[Clause]:
    """Each rounding of marks that a formula does by itself, with the sheet's plan without it."""
    changed = _changed(rule)
    for name, formula, owner, _ in _formulas(rule):
        for node in _walk(formula.root) if not name.startswith("label.") else ():
            if node.op in ("round", "floor", "ceil") and node.type.kind == "number" and node.type.dimension == MARKS:
                plan = changed(name, {name: _replaced(formula, node, node.parts[0])}, rule.sheet.adjustments)
                if plan is not None:
                    words = formula.text[node.start : node.end]
                    about = (f"公式中的“{words}”", f"{words!r} in the formula")
                    place, said = _at(owner, formula, node), _owned(rule, name, about)
                    yield Clause(key=f"{name}.{node.start}", about=said, plans=(plan,), output=name, place=place, clause=owner.source)


def _changed(rule: Rule) -> Callable[[str, Mapping[str, Formula], Sequence[model.Adjustment]], Plan | None]:
    """A function of (output, formulas, adjustments): the rule's plan going on to that output as it would be with those; None where that
    can't be lowered."""
    builder = Builder.extending(rule.plan)

    def changed(output: str, formulas: Mapping[str, Formula], adjustments: Sequence[model.Adjustment]) -> Plan | None:
        try:
            return rule.lowered.changed(builder.copy(), output, formulas, adjustments)
        except (Unlowered, FormulaError):
            return None

    return changed


def _owned(rule: Rule, name: str, about: Said) -> Said:
    """The words with the item, label or adjustment that they are about."""
    return (f"“{rule.titles[name]}”的{about[0]}", f"{name}: {about[1]}")


def _formulas(rule: Rule) -> Iterator[tuple[str, Formula, model.Sourced, str]]:
    """(name of the reading, formula, the rule it stands in, the output it is there to change)."""
    methods = {one.id: one for one in rule.prepared.scheme.methods}
    for item in rule.sheet.items:
        if item.id in rule.lowered.items:
            yield f"item.{item.id}", rule.lowered.items[item.id].formula, methods[item.method], "total"
    for label in rule.sheet.labels:
        yield f"label.{label.id}", rule.lowered.labels[label.id].formula, label, label.id
    for one in rule.sheet.adjustments:
        yield f"adjustment.{one.id}", rule.lowered.adjustments[one.id].formula, one, "barred" if one.effect == "bar" else "total"


def _edits(formula: Formula) -> Iterator[tuple[str, Said, tuple[Formula, ...], Node]]:
    """(key, words, the formula with one clause left out, or moved in one way and the other, the part it is about)."""
    for node in _live(formula.root, formula):
        words = formula.text[node.start : node.end]
        if node.op == "if" and _fields(node.parts[0], formula):
            test, then, other = node.parts
            for name, kept, gone in (("then", other, then), ("else", then, other)):
                if not _declares_nothing(gone) and not _declares_nothing(kept):
                    shown = formula.text[gone.start : gone.end]
                    condition = formula.text[test.start : test.end]
                    when = ("成立" if name == "then" else "不成立", "holds" if name == "then" else "doesn't hold")
                    about = (f"“{condition}”{when[0]}时的“{shown}”", f"{shown!r}, for where {condition!r} {when[1]}")
                    yield f"{name}@{node.start}", about, (_replaced(formula, node, kept),), gone
        elif node.op in ("and", "or"):
            for index, part in enumerate(node.parts):
                rest = tuple(one for one in node.parts if one is not part)
                kept = rest[0] if len(rest) == 1 else evolve(node, parts=rest)
                shown = formula.text[part.start : part.end]
                about = (f"“{words}”中的“{shown}”", f"{shown!r} in {words!r}")
                yield f"{node.op}{index}@{node.start}", about, (_replaced(formula, node, kept),), part
        elif node.op == "text" and formula.root.type.kind == "text" and node.type.kind == "text" and not _compared(formula, node):
            about = (f"“{node.name}”", f"the word {node.name!r}")
            yield f"word@{node.start}", about, (_replaced(formula, node, evolve(node, name=f"{node.name}′")),), node
    yield from _rows(formula)
    yield from _parameters(formula)


def asked_rows(count: int) -> range:
    """The rows of a table that are asked about one by one: all, or where they are very many, some of them evenly."""
    return range(0, count, max(1, -(-count // max(10, ROWS * 100 // count))) if count > ROWS else 1)


def long_tables(rule: Rule) -> Iterator[tuple[str, str, int, model.Sourced]]:
    """(reading, table, how many rows it has, the rule it stands in) of each table of which only some rows are asked about."""
    for name, formula, owner, _ in _formulas(rule):
        for table in dict.fromkeys(node.name for node in _walk(formula.root) if node.op == "band"):
            count = len(formula.scope.bands[table].values)
            if count > ROWS:
                yield name, table, count, owner


def _rows(formula: Formula) -> Iterator[tuple[str, Said, tuple[Formula, ...], Node]]:
    for name, band in formula.scope.bands.items():
        used = next((node for node in _walk(formula.root) if node.op == "band" and node.name == name), None)
        for row in asked_rows(len(band.values)) if used is not None else ():
            edits = tuple(_with_band(formula, name, _moved(band, row, by)) for by in (1, -1))
            assert used is not None
            yield f"{name}[{row}]", (f"表 {name} 的{band.describe(row)}", f"row {row + 1} of the table {name}"), edits, used


def _with_band(formula: Formula, name: str, band: Band) -> Formula:
    return evolve(formula, scope=evolve(formula.scope, bands={**formula.scope.bands, name: band}))


def _moved(band: Band, row: int, by: int) -> Band:
    """The band with another value (or rate) in one row."""
    if band.kind == "marginal":
        rates = [slope + by * (index == row) for index, slope in enumerate(band.slopes)]
        values, slopes = pieces_of("marginal", band.starts, rates)
        return evolve(band, values=values, slopes=slopes)
    amounts = [value + by * (index == row) for index, value in enumerate(band.values)]
    if band.kind == "choice":
        return evolve(band, values=tuple(amounts))
    values, slopes = pieces_of(band.kind, band.starts, amounts)
    return evolve(band, values=values, slopes=slopes)


def _parameters(formula: Formula) -> Iterator[tuple[str, Said, tuple[Formula, ...], Node]]:
    """Each parameter that the formula names, with another value."""
    for name, constant in formula.scope.constants.items():
        used = next((node for node in _walk(formula.root) if node.op == "name" and node.name == name), None)
        if used is None or not isinstance(constant, Quantity):
            continue
        edits = tuple(
            _with_constant(formula, name, evolve(constant, value=value))
            for value in (constant.value * 2 or Fraction(1), constant.value / 2)
        )
        yield f"parameter {name}", (f"参数 {name} = {constant}", f"the parameter {name} = {constant}"), edits, used


def _with_constant(formula: Formula, name: str, value: Quantity) -> Formula:
    return evolve(formula, scope=evolve(formula.scope, constants={**formula.scope.constants, name: value}))


def _live(node: Node, formula: Formula) -> Iterator[Node]:
    """The parts of a formula; where parameters alone decide which branch is taken, only those of that branch."""
    yield node
    parts = node.parts if node.op != "derived" else ()
    if node.op == "if" and not _fields(node.parts[0], formula):
        chosen = evaluate_constant(node.parts[0], formula)
        parts = parts if chosen is None else (parts[1] if chosen else parts[2],)
    for part in parts:
        yield from _live(part, formula)


def _fields(node: Node, formula: Formula) -> bool:
    """Whether a part reads any figure, or anything that is dated."""
    if node.op in ("name", "missing") and not isinstance(formula.scope.constants.get(node.name), Quantity):
        return True
    return any(_fields(part, formula) for part in node.parts)


def evaluate_constant(node: Node, formula: Formula) -> bool | None:
    """What a condition over parameters alone comes to."""
    value = evaluate(evolve(formula, root=node), {}).value
    return value if isinstance(value, bool) else None


def _declares_nothing(node: Node) -> bool:
    return node.op == "undetermined"


def _compared(formula: Formula, word: Node) -> bool:
    return any(node.op in ("==", "!=") and word in node.parts for node in _walk(formula.root))


def _replaced(formula: Formula, old: Node, new: Node) -> Formula:
    return evolve(formula, root=_swap(formula.root, old, new))


def _swap(node: Node, old: Node, new: Node) -> Node:
    if node is old:
        return new
    parts = tuple(_swap(part, old, new) for part in node.parts)
    return node if all(one is other for one, other in zip(parts, node.parts, strict=True)) else evolve(node, parts=parts)


def _at(owner: model.Sourced, formula: Formula, node: Node) -> Place | None:
    text = getattr(owner, "formula", None)
    return text.at(node.start) if isinstance(text, Text) else owner.place


def _walk(node: Node) -> Iterator[Node]:
    """The part and all below it, but for what stands in a derived measure's own formula."""
    yield node
    if node.op != "derived":
        for part in node.parts:
            yield from _walk(part)
