"""Kinds of indicators that a scheme declares itself, without a plugin: one row a body and period, scored as filed."""

from collections.abc import Iterable, Sequence
from datetime import date

from attrs import frozen

from ..errors import QuantityError
from ..explanation import Step
from ..field import Below, Field, Form
from ..finding import Finding
from ..protocols import Case, Indicator, Measurement
from ..quantity import known_units, unit
from ..scheme import model

__all__ = ["declared_indicator"]


# Names that mean something else in every formula or table.
TAKEN = frozenset({
    "target", "full", "month", "elapsed", "progress", "subtotal", "items", "late_days", "body", "period", "group", "copies", "order", "undetermined",
})  # fmt: skip


@frozen(kw_only=True)
class _Declared:
    """Implements `Indicator` from a `[[kind]]` table. Its measures are its fields; those with a formula are not filed."""

    kind: str
    title: str
    primary: str
    flow: bool  # the figures filed are those of the year so far: they are held against the target as they stand
    measures: Sequence[Field]

    @property
    def form(self) -> Form:
        """One row a body."""
        return Form(fields=tuple(one for one in self.measures if not one.formula))

    def validate(self, case: Case) -> Iterable[Finding]:
        """A body files one row a period; ranges, decimals and choices were checked when the cells were read."""
        rows = case.current()
        for extra in rows[1:]:
            message = f"{case.body.name}本期填了两次（另一行在{rows[0].place}），只能留一行；更正请删去旧行"
            yield Finding(code="report.duplicate", message=message, place=extra.at("body"), body=case.body.id, indicator=case.indicator.id)

    def measure(self, case: Case) -> Measurement | None:
        """The period's own row; undetermined where there are two; None where there is none."""
        rows = case.current()
        if not rows:
            return None
        if len(rows) > 1:
            step = Step(label=self.title, how="本期填了两次，改正前不作评定", place=rows[1].place)
            return Measurement(values={}, step=step)
        row = rows[0]
        values = {name: None if isinstance(value, Below) else value for name, value in row.values.items()}
        primary = values.get(self.primary)
        shown = primary.isoformat() if isinstance(primary, date) else primary
        step = Step(label=self.title, value=shown, how=f"{case.period}填报", place=row.at(self.primary))
        return Measurement(values=values, step=step)


def declared_indicator(kind: model.Kind) -> Indicator:
    """The indicator kind that a `[[kind]]` table declares. Raises QuantityError for a unit that isn't one, a range in another
    unit, or a primary field that isn't there."""
    fields = tuple(_field(one) for one in kind.fields)
    for one in fields:
        if one.name in TAKEN or one.name in known_units():
            raise QuantityError(f"a field can't be called {one.name!r}: that name is the core's, or a unit")
    if kind.primary and kind.primary not in {one.name for one in fields}:
        raise QuantityError(f"the kind {kind.id!r} has no field {kind.primary!r}, its primary one")
    return _Declared(kind=kind.id, title=kind.title, primary=kind.primary or kind.fields[0].name, flow=kind.flow, measures=fields)


def _field(one: model.KindField) -> Field:
    unit(one.unit)
    low, high = (None if end is None else end.to(one.unit).value for end in (one.minimum, one.maximum))
    return Field(
        name=one.name, title=one.title, kind=one.kind, unit=one.unit, minimum=low, maximum=high, decimals=one.decimals,
        missing=one.missing, choices=one.choices, aliases=one.aliases, formula=one.formula,
    )  # fmt: skip
