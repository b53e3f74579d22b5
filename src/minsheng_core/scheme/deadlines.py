"""By which day reports are due, and from when on: one reading of `[[process]]` for templates, marks and the calendar."""

from datetime import date, timedelta
from typing import Literal

from ..period import Period
from .model import Scheme

__all__ = ["deadline", "owed"]


def deadline(scheme: Scheme, every: Literal["month", "quarter"], end: Period) -> date | None:
    """The day by which reports of that sort on the time up to *end* are due; None where no rule names one, or none are owed."""
    day = next((one.day for one in scheme.processes if one.kind == "report" and one.every == every and one.day), 0)
    return end.following().day(day) if day and owed(scheme, end) else None


def owed(scheme: Scheme, end: Period) -> bool:
    """Whether anything is owed for the time up to *end*: not where it was over when the paper was issued."""
    issued = next((one.issued for one in scheme.documents if one.id == scheme.document), None)
    return issued is None or end.following().day(1) - timedelta(days=1) >= issued
