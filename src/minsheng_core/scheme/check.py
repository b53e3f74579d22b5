"""What must hold across a scheme's tables: references, sources, printed figures, sums."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import attrs

from ..errors import QuantityError
from ..finding import Finding, Place, Severity
from ..quantity import Quantity, decimal_text, read_quantity
from . import model
from .facts import Exemption, Placed
from .names import plain_name

__all__ = ["check_scheme"]


def check_scheme(scheme: model.Scheme, lost: frozenset[str] | None = frozenset()) -> Iterator[Finding]:
    """Everything wrong (errors) or noteworthy (notes) in a scheme that has the right shape.

    *lost* are ids of entries that could not be read (None: of unknown ones): that they aren't found is no further mistake.
    """
    yield from _duplicates(scheme)
    yield from _subjects(scheme)
    if lost is not None:
        yield from _references(scheme, lost)
    yield from _sources(scheme, lost)
    yield from _figures(scheme)
    yield from _shares(scheme)
    yield from _parts(scheme)
    yield from _sheets(scheme)


def _error(code: str, message: str, place: Place | None) -> Finding:
    return Finding(code=code, message=message, place=place)


def _duplicates(scheme: model.Scheme) -> Iterator[Finding]:
    for field in attrs.fields(model.Scheme):
        seen: dict[str, Any] = {}
        entries = getattr(scheme, field.name)
        for entry in entries if isinstance(entries, tuple) else ():
            id = getattr(entry, "id", None)
            if id in seen:
                yield _error("rule.duplicate", f"{id!r} is already defined at {seen[id].place}", entry.place)
            elif id is not None:
                seen[id] = entry


def _subjects(scheme: model.Scheme) -> Iterator[Finding]:
    """A name that two subjects of a body share: a clerk's row couldn't say which it is about."""
    for indicator in scheme.indicators:
        seen: set[str] = set()
        for body in scheme.bodies if indicator.subjects else ():
            named: dict[str, model.Subject] = {}
            for one in indicator.subjects_of(body) if body.id != indicator.lead or not indicator.shares else ():
                for name in (one.name, one.printed, *one.aliases):
                    other = named.setdefault(plain_name(name).casefold(), one) if name else one
                    if other is not one and one.id not in seen:
                        seen.add(one.id)
                        yield _error(
                            "rule.duplicate", f"{name!r} also names {other.id!r} ({other.place}), for {body.name}, too", _at(one, name)
                        )


def _sources(scheme: model.Scheme, lost: frozenset[str] | None) -> Iterator[Finding]:
    clauses = {clause.id for clause in scheme.clauses}
    for rule in _walk(scheme):
        if isinstance(rule, Exemption) and lost is not None and rule.clause not in clauses | lost:
            message = f"an exemption rests on a clause of the scheme, and there is no {rule.clause!r}"
            yield _error("rule.no_clause", message, _at(rule, rule.clause))
        if not isinstance(rule, model.Sourced):
            continue
        if rule.is_assumption:
            if not rule.reason:
                yield _error("rule.no_reason", "an assumption gives its reason: why this, and what would replace it", rule.place)
        elif lost is not None and rule.source not in clauses | lost:
            yield _error(
                "rule.no_clause",
                f'no clause {rule.source!r}; give a clause id, or source = "assumption" with a reason',
                _at(rule, rule.source),
            )


def _at(entry: Placed, text: str) -> Place | None:
    """Where *text* stands, if it knows; else where its table starts."""
    return text.at() if hasattr(text, "at") else entry.place


def _walk(value: Any) -> Iterator[Any]:
    """Every model value below *value*."""
    if isinstance(value, Placed):
        yield value
        for field in attrs.fields(type(value)):
            yield from _walk(getattr(value, field.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from _walk(one)


def _references(scheme: model.Scheme, lost: frozenset[str]) -> Iterator[Finding]:
    bodies, kinds = {body.id for body in scheme.bodies}, {body.kind for body in scheme.bodies}
    indicators, projects = {one.id for one in scheme.indicators}, {one.id for one in scheme.projects}
    documents = {one.id for one in scheme.documents}

    def wanted(what: str, ids: Iterable[str], known: set[str], entry: Placed) -> Iterator[Finding]:
        for id in ids:
            if id and id not in known and id not in lost:
                yield _error("rule.unknown", f"no {what} {id!r}", _at(entry, id))

    yield from wanted("document", [scheme.document], documents, scheme)
    for clause in scheme.clauses:
        yield from wanted("document", [clause.document], documents, clause)
    for defect in scheme.defects:
        yield from wanted("clause", [defect.clause], {clause.id for clause in scheme.clauses}, defect)
    for body in scheme.bodies:
        yield from wanted("body", [body.parent], bodies, body)
    for project in scheme.projects:
        yield from wanted("body", [project.lead], bodies, project)
    for task in scheme.tasks:
        yield from wanted("project", [task.project], projects, task)
        yield from wanted("body", [task.lead], bodies, task)
    for process in scheme.processes:
        if not 0 <= process.day <= 28:
            yield _error("rule.day", f"a deadline is a day of every month, from 1 to 28, got {process.day}", process.place)
        yield from wanted("body", process.bodies, bodies | kinds, process)
        yield from wanted("process", process.unlike, {one.id for one in scheme.processes}, process)
    for indicator in scheme.indicators:
        yield from wanted("project", [indicator.project], projects, indicator)
        yield from wanted(
            "body", [indicator.lead, *indicator.joint, *(share.body for share in indicator.shares)], bodies | kinds, indicator
        )
        yield from wanted("indicator", [indicator.part_of], indicators, indicator)
        for subject in indicator.subjects:
            yield from wanted("body or kind of body", subject.bodies, bodies | kinds, subject)
        if _is_part_of_itself(scheme, indicator):
            yield _error("rule.cycle", f"{indicator.id!r} is, in the end, a part of itself", _at(indicator, indicator.part_of))
    for sheet in scheme.sheets:
        yield from wanted("body or kind of body", sheet.bodies, bodies | kinds, sheet)
        for item in sheet.items:
            yield from wanted("indicator", [item.indicator], indicators, item)
            yield from wanted("body or kind of body", item.bodies, bodies | kinds, item)
    for example in scheme.examples:
        yield from wanted("sheet", [example.sheet], {sheet.id for sheet in scheme.sheets}, example)


def _is_part_of_itself(scheme: model.Scheme, indicator: model.Indicator) -> bool:
    above = {one.id: one.part_of for one in scheme.indicators}
    id = indicator.part_of
    for _ in above:
        if id == indicator.id:
            return True
        id = above.get(id, "")
    return False


def _figures(scheme: model.Scheme) -> Iterator[Finding]:
    figures = {clause.id: clause.figures for clause in scheme.clauses}
    for indicator in scheme.indicators:
        target = indicator.target
        if target is None or target.is_assumption:
            continue
        if not target.printed:
            yield _error(
                "rule.no_words", f'a figure of the paper keeps the words it was printed in: printed = "{target.value}"', target.place
            )
            continue
        if target.source in figures and target.printed not in figures[target.source]:
            shown = "、".join(figures[target.source]) or "none"
            yield _error(
                "rule.not_in_clause",
                f"{target.printed!r} is not among the figures of clause {target.source} ({shown})",
                _at(target, target.printed),
            )
        yield from _says(target.value, target.printed, target)


def _says(value: Quantity, printed: str, entry: Placed) -> Iterator[Finding]:
    try:
        # a bare number, as tables print it, is in the unit of its column: the value's
        read = read_quantity(re.sub(r"^[^\d０-９+\-－]*", "", printed), value.unit)
        agree = read.unit.dimension == value.unit.dimension and read.base == value.base
    except QuantityError as error:
        yield _error("rule.printed", str(error), _at(entry, printed))
        return
    if not agree:
        yield _error("rule.printed", f"the value {value} is not what was printed: {printed!r} says {read}", _at(entry, printed))


def _shares(scheme: model.Scheme) -> Iterator[Finding]:
    for indicator in scheme.indicators:
        if not indicator.shares:
            continue
        if indicator.target is None:
            yield _error("rule.unit", f"{indicator.id} has shares but no target", indicator.place)
            continue
        for body, count in Counter(share.body for share in indicator.shares).items():
            if count > 1:
                yield _error("rule.twice", f"{body} has {count} shares of {indicator.id}", indicator.place)
        for share in indicator.shares:
            if share.value.unit.dimension != indicator.target.value.unit.dimension:
                yield _error("rule.unit", f"a share in {share.value.unit} of a target in {indicator.target.value.unit}", share.place)
                return
            if share.printed:
                yield from _says(share.value, share.printed, share)
        yield from _sum_against(
            indicator, sum((share.value.base for share in indicator.shares), Fraction(0)), f"{len(indicator.shares)} shares"
        )


def _parts(scheme: model.Scheme) -> Iterator[Finding]:
    for indicator in scheme.indicators:
        targets = [part.target.value for part in scheme.parts(indicator.id) if part.target]
        whole = indicator.target.value if indicator.target else None
        if targets and whole and all(one.unit.dimension == whole.unit.dimension for one in targets):
            yield from _sum_against(indicator, sum((one.base for one in targets), Fraction(0)), f"{len(targets)} parts")


def _sum_against(indicator: model.Indicator, total: Fraction, what: str) -> Iterator[Finding]:
    """A sum agrees with a printed total when rounding it to the printed digits gives that total."""
    if indicator.target is None:
        return
    target = indicator.target.value
    difference = total - target.base
    if difference == 0:
        return
    symbol, scale = target.unit.symbol, target.unit.scale
    shown, apart = (f"{decimal_text(one / scale)}{symbol}" for one in (total, difference))
    within = f" ± {decimal_text(target.tolerance)}{symbol}" if target.tolerance else ""
    words = (
        f"{indicator.id}: its {what} sum to {shown}, the target says {decimal_text(target.value)}{symbol}{within}, a difference of {apart}"
    )
    if target.says(total / target.unit.scale):
        yield Finding(
            code="rule.sum_within", severity=Severity.NOTE, message=f"{words}: within the printed precision", place=indicator.place
        )
    else:
        yield _error("rule.sum", words, indicator.place)


def _sheets(scheme: model.Scheme) -> Iterator[Finding]:
    for sheet in scheme.sheets:
        if not 0 <= sheet.rounding.places <= 9:
            yield _error(
                "rule.rounding", f"marks are rounded to 0 to 9 decimals, got places = {sheet.rounding.places}", sheet.rounding.place
            )
        marks = [*(item.full for item in sheet.items), *([sheet.base] if sheet.base else [])]
        if any(full.unit.symbol != "分" for full in [*marks, sheet.full]):
            yield _error("rule.unit", "full marks are in 分", sheet.place)
            continue
        total = sum((full.value for full in marks), Fraction(0))
        if total != sheet.full.value:
            yield _error(
                "rule.weights",
                f"the items' full marks{' and the base' if sheet.base else ''} sum to {decimal_text(total)}分, the sheet's to {sheet.full}",
                sheet.place,
            )
        yield from _adjustments(sheet.adjustments)


def _adjustments(adjustments: Sequence[model.Adjustment]) -> Iterator[Finding]:
    for one in adjustments:
        if (one.kind == "veto") != bool(one.effect):
            yield _error("rule.veto", "a veto, and only a veto, has an effect: zero, cap or bar", one.place)
        if (one.effect == "cap") != (one.cap is not None):
            yield _error("rule.veto", 'effect = "cap", and only that, comes with cap = "59分"', one.place)
