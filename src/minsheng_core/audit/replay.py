"""Showing a case again: the figures that a report prints, read back and scored, with the explanation."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from attrs import evolve

from ..errors import MinshengError, QuantityError
from ..explanation import Step
from ..formula.plan import Column
from ..period import Period
from ..quantity import Quantity, read_quantity, unit
from ..scoring.marks import cell
from .rule import Rule

__all__ = ["explained", "read_case", "replayed"]

Row = dict[str, int | None]


def replayed(rules: Sequence[Rule], text: str) -> list[Step]:
    """The explanation of each row of a case written ``SHEET: figure=value … | figure=value …``. Raises MinshengError."""
    rule, rows = read_case(rules, text)
    return [explained(rule, row, rule.run(row)) for row in rows]


def read_case(rules: Sequence[Rule], text: str) -> tuple[Rule, list[Row]]:
    """The rule and the rows that a case speaks of. Raises MinshengError where it can't be read."""
    id, colon, rest = text.partition(":")
    rule = next((one for one in rules if one.id == id.strip()), None)
    if not colon or rule is None:
        raise MinshengError(f"a case is written 'SHEET: figure=value …', and SHEET is one of {', '.join(one.id for one in rules)}")
    return rule, [_row(rule, part) for part in rest.split("|")]


def _row(rule: Rule, text: str) -> Row:
    row: Row = {column.name: None for column in rule.plan.columns}
    row["copies"] = 1
    columns = {column.name: column for column in rule.columns}
    for word in text.split():
        name, equals, value = word.partition("=")
        if not equals or name not in columns:
            raise MinshengError(f"{word!r} is no figure of {rule.id!r}; it has {', '.join(columns)}, each as name=value")
        row[name] = _cell(columns[name], value)
    return row


def _cell(column: Column, text: str) -> int | None:
    try:
        if column.name == "period":
            period = Period.read(text)
            return period.year * 12 + period.month - 1
        if column.kind == "text":
            return cell(column, text)
        return cell(column, date.fromisoformat(text) if column.kind == "date" else read_quantity(text, column.unit).to(column.unit))
    except (QuantityError, ValueError) as error:
        raise MinshengError(f"{column.name}: {error}") from None


def explained(rule: Rule, row: Row, results: Sequence[int]) -> Step:
    """The explanation of a row's *results*, which are of the rule's plan or of its sheet's: their operations stand at the same places."""
    given = {
        column.name: Quantity(Fraction(value, 10**column.decimals), unit(column.unit))
        for column in rule.columns
        if column.kind == "number" and (value := row[column.name]) is not None
    }
    parts = tuple(evolve(reading.step(results, given), label=rule.titles[name]) for name, reading in rule.readings.items())
    total = rule.value("total", results)
    amount = Quantity(total, unit("分")) if isinstance(total, Fraction) else None
    how = "" if amount else rule.plan.reason(results)
    return Step(label=rule.title, value=amount, how=how, place=rule.sheet.place, clause=rule.sheet.source, parts=parts)
