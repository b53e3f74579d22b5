"""Fields: what a figure of a form or a measurement may be, and the reading of a clerk's cell."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Literal

from attrs import frozen

from .errors import QuantityError
from .quantity import Quantity, decimal_text, read_quantity, unit

__all__ = ["BLANKS", "Below", "Cell", "Field", "Form", "read_date"]

BLANKS = frozenset({"", "/", "-", "—", "－", "–", "--", "——", "无", "暂无", "未开展", "N/A", "n/a"})


@frozen
class Below:
    """A value below the detection limit: a laboratory writes ``0.002L`` for a limit of 0.002."""

    limit: Quantity

    def __str__(self) -> str:
        return f"<{self.limit}"


Cell = Quantity | Below | date | str | None


@frozen(kw_only=True)
class Field:
    """One column of a form, or one figure of a measurement.

    *minimum* and *maximum* are in *unit*, both included; *decimals* is the most that may be written;
    *missing* says whether it may be left out; *choices* are the words a text may be. *aliases* are other
    headers clerks write for the column. A derived field is not filed: its *formula* says it from the others
    (``good / evaluated``), and where that is undetermined it is missing.
    """

    name: str
    title: str
    kind: Literal["quantity", "text", "date", "detected"] = "quantity"
    unit: str = ""
    minimum: Fraction | None = None
    maximum: Fraction | None = None
    decimals: int = 0
    missing: bool = False
    choices: Sequence[str] = ()
    aliases: Sequence[str] = ()
    formula: str = ""

    def read(self, text: str) -> Cell:
        """The value of a clerk's cell; None where it is blank. Raises QuantityError, in Chinese, with what was
        expected and what to do.

        A ``detected`` field also reads ``0.002L`` and ``未检出`` is refused: the limit must be given.
        """
        plain = _plain(text)
        for choice in self.choices:  # before blanks: 无 beside 有 is a word; and as declared, whatever its width
            if plain == _plain(choice):
                return choice
        if plain in BLANKS:
            if self.missing:
                return None
            raise QuantityError(f"“{self.title}”未填；没有发生请填 0，没有统计请联系牵头单位")
        if self.kind == "text":
            if self.choices:
                raise QuantityError(f"“{self.title}”应为{'、'.join(self.choices)}之一，填的是“{text}”")
            return plain
        if self.kind == "date":
            try:
                return read_date(plain)
            except ValueError:
                raise QuantityError(f"“{self.title}”应为存在的日期，如 2023-10-08，填的是“{text}”") from None
        if self.kind == "detected":
            if plain in ("未检出", "ND", "nd"):
                raise QuantityError(f"“{self.title}”未检出时请填检出限加 L，如 0.002L")
            if re.fullmatch(r"(?:<\s*[\d.]+|[\d.]+\s*L)", plain):
                return Below(self._quantity(plain.strip("<L "), text))
        return self._quantity(plain, text)

    def _quantity(self, plain: str, text: str) -> Quantity:
        try:
            quantity = read_quantity(plain, self.unit).to(self.unit)
        except QuantityError:
            expected = f"以{self.unit}为单位的数" if self.unit else "数"
            raise QuantityError(f"“{self.title}”应为{expected}，填的是“{text}”") from None
        value = quantity.value
        if (value * 10**self.decimals).denominator != 1:
            raise QuantityError(f"“{self.title}”最多{self.decimals}位小数（单位{self.unit or '无'}），填的是“{text}”")
        if (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum):
            low = "" if self.minimum is None else f"不小于{decimal_text(self.minimum)}"
            high = "" if self.maximum is None else f"不大于{decimal_text(self.maximum)}"
            raise QuantityError(f"“{self.title}”应{'、'.join(filter(None, [low, high]))}（{self.unit or '无单位'}），填的是“{text}”")
        return Quantity(value, unit(self.unit), quantity.tolerance, text)


@frozen(kw_only=True)
class Form:
    """What a body files for an indicator and a period: one row, or one row for each *subject* (a school, a section).

    *subject* is the field that names what the row is about, or empty where a body files a single row.
    """

    fields: Sequence[Field]
    subject: str = ""

    def field(self, name: str) -> Field:
        """The field of that name. Raises KeyError."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(name)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lstrip("'").strip()


def read_date(text: str) -> date:
    """The day written ``2023-10-08``, ``2023/10/8``, ``2023.10.8``, ``20231008`` or ``2023年10月8日``.

    Raises ValueError where it is not one, or does not exist.
    """
    match = re.fullmatch(r"(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?", text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    if not match:
        raise ValueError(f"not a date: {text!r}")
    return date(int(match[1]), int(match[2]), int(match[3]))
