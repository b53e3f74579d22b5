"""Periods: months of a year, the calendar by which progress is measured."""

import re
from datetime import date
from fractions import Fraction

from attrs import frozen

__all__ = ["Period"]


@frozen(order=True)
class Period:
    """A month, written ``2023-10``."""

    year: int
    month: int

    @classmethod
    def read(cls, text: str) -> "Period":
        """The period written ``2023-10``, ``2023年10月`` or ``2023.10``. Raises ValueError for anything else."""
        match = re.fullmatch(r"(\d{4})(?:-|\.|/|年)(\d{1,2})月?", text.strip())
        if not match or not 1 <= int(match[2]) <= 12 or not 1900 <= int(match[1]) <= 2999:
            raise ValueError(f"a period is a month like 2023-10, got {text!r}")
        return cls(int(match[1]), int(match[2]))

    @property
    def elapsed(self) -> Fraction:
        """The share of the year that has passed at the end of the month (时序进度)."""
        return Fraction(self.month, 12)

    def following(self, months: int = 1) -> "Period":
        """The month *months* later."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Period(year, month + 1)

    def day(self, number: int) -> date:
        """A day of this month."""
        return date(self.year, self.month, number)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
