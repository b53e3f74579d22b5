"""Bands: step and piecewise-linear tables, searched by bisection."""

import itertools
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal

from attrs import frozen

from ..errors import FormulaError, QuantityError
from ..quantity import Quantity, Unit, read_quantity, unit

__all__ = ["Band", "read_band"]


@frozen(kw_only=True)
class Band:
    """A table from *input* to *output*, both in base units.

    A ``step`` row holds from its start, included, up to the next; ``linear`` joins the rows by straight lines and is
    flat beyond the last. *below* is the value under the first row; where it is None such a value is undetermined.
    """

    kind: Literal["step", "linear"]
    input: Unit
    output: Unit
    starts: tuple[Fraction, ...]
    values: tuple[Fraction, ...]
    below: Fraction | None = None

    def at(self, x: Fraction) -> tuple[Fraction | None, int]:
        """The value at *x* and the row (0-based) that gave it; row −1 is below the first."""
        row = bisect_right(self.starts, x) - 1
        if row < 0:
            return self.below, row
        value = self.values[row]
        if self.kind == "linear" and row + 1 < len(self.starts):
            width = self.starts[row + 1] - self.starts[row]
            value += (self.values[row + 1] - value) * (x - self.starts[row]) / width
        return value, row

    def describe(self, row: int) -> str:
        """The row in words: ``[80%, 95%) → 8分``."""
        if row < 0:
            return f"低于{_show(self.starts[0], self.input)}"
        value = _show(self.values[row], self.output)
        start = _show(self.starts[row], self.input)
        if row + 1 == len(self.starts):
            return f"第{row + 1}档：不低于{start}，{value}"
        end = _show(self.starts[row + 1], self.input)
        if self.kind == "linear":
            return f"第{row + 1}段：{start}～{end}，由{value}到{_show(self.values[row + 1], self.output)}"
        return f"第{row + 1}档：[{start}, {end})，{value}"


def _show(base: Fraction, of: Unit) -> str:
    return str(Quantity(base / of.scale, of))


def read_band(table: Mapping[str, Any]) -> Band:
    """The band a TOML table ``{kind, input, output, rows = [{at, value}, …], below}`` says. Raises FormulaError."""
    unknown = set(table) - {"kind", "input", "output", "rows", "below"}
    if unknown:
        raise FormulaError(f"a band has no key {sorted(unknown)[0]!r}; it has kind, input, output, rows, below")
    kind = table.get("kind")
    if kind not in ("step", "linear"):
        raise FormulaError(f"a band's kind is 'step' or 'linear', got {kind!r}")
    rows = table.get("rows")
    if not isinstance(rows, Sequence) or not rows or not all(isinstance(row, Mapping) and set(row) == {"at", "value"} for row in rows):
        raise FormulaError('a band\'s rows are a list of { at = "80%", value = "8分" }')
    try:
        ins, outs = unit(str(table.get("input", ""))), unit(str(table.get("output", "")))
        starts = tuple(_read(row["at"], ins) for row in rows)
        values = tuple(_read(row["value"], outs) for row in rows)
        below = _read(table["below"], outs) if "below" in table else None
    except QuantityError as error:
        raise FormulaError(f"in a band: {error}") from None
    for earlier, later in itertools.pairwise(starts):
        if earlier >= later:
            raise FormulaError(f"a band's rows start ever higher, but {_show(later, ins)} comes after {_show(earlier, ins)}")
    return Band(kind=kind, input=ins, output=outs, starts=starts, values=values, below=below)


def _read(text: object, of: Unit) -> Fraction:
    return read_quantity(str(text), of).to(of).base
