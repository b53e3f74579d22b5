"""Periods: the months by which progress is measured, and the spans (month, quarter, year) that are published."""

import re
from datetime import date
from fractions import Fraction
from typing import Literal

from attrs import frozen

__all__ = ["Period", "Span"]


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


@frozen(kw_only=True)
class Span:
    """What is published at once: a month, a quarter or a year, up to and including the month *end*."""

    kind: Literal["month", "quarter", "year"]
    end: Period

    @classmethod
    def read(cls, text: str) -> "Span":
        """The span written ``2023-10``, ``2023-Q4`` or ``2023``. Raises ValueError for anything else."""
        plain = text.strip().upper()
        if re.fullmatch(r"[12]\d{3}", plain):
            return cls(kind="year", end=Period(int(plain), 12))
        if match := re.fullmatch(r"([12]\d{3})-?Q([1-4])", plain):
            return cls(kind="quarter", end=Period(int(match[1]), int(match[2]) * 3))
        try:
            return cls(kind="month", end=Period.read(text))
        except ValueError:
            raise ValueError(f"a period is a month (2023-10), a quarter (2023-Q4) or a year (2023), got {text!r}") from None

    @property
    def months(self) -> tuple[Period, ...]:
        """Its months, the first one first."""
        count = {"month": 1, "quarter": 3, "year": 12}[self.kind]
        return tuple(self.end.following(back) for back in range(1 - count, 1))

    @property
    def before(self) -> "Span":
        """The span of the same kind that ended before this one began."""
        return Span(kind=self.kind, end=self.months[0].following(-1))

    @property
    def title(self) -> str:
        """``2023年10月``, ``2023年第四季度`` or ``2023年度``."""
        if self.kind == "month":
            return f"{self.end.year}年{self.end.month}月"
        if self.kind == "quarter":
            return f"{self.end.year}年第{'一二三四'[self.end.month // 3 - 1]}季度"
        return f"{self.end.year}年度"

    def __str__(self) -> str:
        """As it is read: ``2023-10``, ``2023-Q4``, ``2023``."""
        return {"month": str(self.end), "quarter": f"{self.end.year}-Q{self.end.month // 3}", "year": str(self.end.year)}[self.kind]
