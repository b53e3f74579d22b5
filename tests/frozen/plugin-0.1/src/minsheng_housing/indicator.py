# FROZEN: as `minsheng new-plugin` of 0.1 made it. Never edit: it stands for the plugins that others built against 0.1.
"""The indicator kind ``housing.done``: its form, checks and measure."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from attrs import frozen
from minsheng_core import (
    Case,
    Field,
    Finding,
    Form,
    Measurement,
    Quantity,
    Severity,
    Step,
)

__all__ = ["Housing"]

DONE = Field(name="done", title="累计完成", unit="套", minimum=Fraction(0), maximum=Fraction(10_000_000), decimals=0)


@frozen
class Housing:
    """What was done since the start of the year, in 套: each month's figure holds those of the months before."""

    kind: str = "housing.done"
    title: str = "保障性租赁住房"
    primary: str = "done"
    flow: bool = True  # it starts at nothing each year, so progress is held against the calendar

    @property
    def form(self) -> Form:
        """One row a body and month."""
        return Form(fields=(DONE, Field(name="document", title="佐证文号", kind="text", missing=True)))

    @property
    def measures(self) -> Sequence[Field]:
        """``done``."""
        return (DONE,)

    def validate(self, case: Case) -> Iterator[Finding]:
        """A body filed twice, or a figure below that of an earlier month."""
        rows = case.current()
        for extra in rows[1:]:
            message = f"{case.body.name}本期填了两次（另一行在{rows[0].place}），只能留一行；更正请删去旧行"
            yield Finding(code="housing.duplicate", message=message, place=extra.at("done"), body=case.body.id, indicator=case.indicator.id)
        before = [row.values["done"] for row in case.earlier() if isinstance(row.values["done"], Quantity)]
        for row in rows:
            done = row.values["done"]
            if isinstance(done, Quantity) and before and done.base < before[-1].base:
                message = f"{case.body.name}累计完成由上期{before[-1]}减到{done}；累计数不会减少，请核对"
                yield Finding(
                    code="housing.falls", message=message, severity=Severity.WARNING, place=row.at("done"), body=case.body.id,
                    indicator=case.indicator.id,
                )  # fmt: skip

    def measure(self, case: Case) -> Measurement | None:
        """The month's own figure; undetermined where it was filed twice; None where nothing was filed."""
        rows = case.current()
        if not rows:
            return None
        row, done = rows[0], rows[0].values["done"]
        if len(rows) > 1 or not isinstance(done, Quantity):
            return Measurement(values={"done": None}, step=Step(label=self.title, how="本期填了两次，改正前不作评定", place=rows[-1].place))
        step = Step(label="累计完成", value=done, how=f"{case.period}填报", place=row.at("done"), clause="housing/definition")
        return Measurement(values={"done": done}, step=step)
