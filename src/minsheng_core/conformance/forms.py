"""What an indicator declares: its form, its measures and their formulas. Nothing is run but the formulas' checker."""

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from ..errors import MinshengError, QuantityError
from ..field import Field
from ..formula import Scope, check_formula
from ..formula.tree import Node, number
from ..quantity import known_units, unit
from ..scoring.declared import TAKEN
from ..scoring.names import measure_fields
from .samples import UnderTest, cells

__all__ = ["form_is_sound", "measures_are_sound"]

RESERVED = ("body", "period", "filed", "单位", "期间", "填报日期")  # columns that the core reads itself


def form_is_sound(under: UnderTest) -> str:
    """Names, titles and aliases of one column each; ranges that hold something; a subject that is a text."""
    form = under.indicator.form
    named = Counter(name for one in form.fields for name in {one.name, one.title, *one.aliases})
    twice = [name for name, count in named.items() if count > 1]
    if twice:
        return f"{twice[0]!r} names two columns of the form"
    taken = [name for name in RESERVED if name in named]
    if taken:
        return f"{taken[0]!r} is a column that the core reads itself"
    if form.subject:
        subject = next((one for one in form.fields if one.name == form.subject), None)
        if subject is None or subject.kind != "text" or subject.missing:
            return f"the subject {form.subject!r} is not a text field that must be filled"
    for one in form.fields:
        if wrong := next(_field(one), ""):
            return f"{one.name}: {wrong}"
        if one.formula:
            return f"{one.name}: a field with a formula is not filed; declare it among the measures"
        if not [text for text in cells(under, one) if text]:
            return f"{one.name}: the form allows no cell at all"
    return ""


def measures_are_sound(under: UnderTest) -> str:
    """Measures with names of their own, the primary among them, formulas that load, and ranges where formulas use a figure."""
    measures = under.indicator.measures
    twice = [name for name, count in Counter(one.name for one in measures).items() if count > 1]
    if twice:
        return f"two measures are called {twice[0]!r}"
    if under.indicator.primary not in {one.name for one in measures}:
        return f"the primary measure {under.indicator.primary!r} is not among {', '.join(one.name for one in measures)}"
    for one in measures:
        if one.name in TAKEN or one.name in known_units():
            return f"{one.name}: that name is the core's, or a unit"
        if wrong := next(_field(one), ""):
            return f"{one.name}: {wrong}"
    return _formulas(under, measures)


def _field(one: Field) -> Iterator[str]:
    """What is wrong with a field by itself."""
    if not one.name.isidentifier() or not one.title:
        yield "a name is an identifier, and a title is not empty"
    if not isinstance(one.decimals, int) or one.decimals < 0:
        yield f"decimals is a whole number, got {one.decimals!r}"
    if (one.choices or one.kind in ("text", "date")) and (one.unit or one.minimum is not None or one.maximum is not None):
        yield "a text or a date has no unit and no range"
    if one.choices and one.kind != "text":
        yield "only a text has choices"
    for choice in one.choices if one.kind == "text" else ():
        if one.read(choice) != choice:
            yield f"the choice {choice!r} is read as {one.read(choice)!r}: two choices mean the same"
    try:
        unit(one.unit)
    except QuantityError as error:
        yield str(error)
    for end in (one.minimum, one.maximum):
        if end is not None and not isinstance(end, int | Fraction):
            yield f"an end of a range is a Fraction, got {end!r}"
        elif end is not None and (end * 10**one.decimals).denominator != 1:
            yield f"the end {end} of the range has more than {one.decimals} decimals"
    if one.minimum is not None and one.maximum is not None and one.minimum > one.maximum:
        yield f"the minimum {one.minimum} is above the maximum {one.maximum}"


def _formulas(under: UnderTest, measures: Sequence[Field]) -> str:
    try:
        fields = measure_fields(under.indicator)
    except MinshengError as error:
        return str(error)
    used = {under.indicator.primary} - {one.name for one in measures if one.formula}
    for one in measures:
        if one.formula:
            wanted = number(unit(one.unit)) if one.kind == "quantity" else None
            formula, errors = check_formula(one.formula, Scope(fields=fields), wanted)
            if formula is None:
                return f"{one.name} = {one.formula}: {errors[0]}"
            used |= {node.name for node in _nodes(formula.root) if node.op == "name"}
    for one in measures:
        if one.name in used and one.kind == "quantity" and not one.formula and (one.minimum is None or one.maximum is None):
            return f"{one.name}: formulas use it, so it declares minimum and maximum: its range is what proves a rule exact"
    return ""


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for part in node.parts:
        yield from _nodes(part)
