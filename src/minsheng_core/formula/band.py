"""Bands: tables from a figure to marks (steps, straight lines, marginal rates) and from a word to a coefficient."""

import itertools
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal

from attrs import frozen

from ..errors import FormulaError, QuantityError
from ..quantity import Quantity, Unit, multiply, read_quantity, unit

__all__ = ["Band", "pieces_of", "read_band"]

Kind = Literal["step", "linear", "marginal", "choice"]
_ROWS: Mapping[str, tuple[str, ...]] = {  # the keys of a row, by kind
    "step": ("at", "above", "value"), "linear": ("at", "value"), "marginal": ("at", "rate"), "choice": ("is", "value"),
}  # fmt: skip

_EXAMPLE: Mapping[str, str] = {
    "step": '{ at = "80%", value = "8分" } or { above = "80%", value = "8分" }', "linear": '{ at = "80%", value = "8分" }',
    "marginal": '{ at = "0百分点", rate = "1分/百分点" }', "choice": '{ is = "已完成", value = "100%" }',
}  # fmt: skip


@frozen(kw_only=True)
class Band:
    """A table from *input* to *output*, both in base units.

    Row i holds from ``starts[i]`` (above it, where ``above[i]``) up to the next row, and gives ``values[i] + slopes[i] ·
    (x − starts[i])``. A ``step`` row is level; ``linear`` joins the rows and is level beyond the last; ``marginal`` adds up
    a rate for each part of x, like a tax, and its last row goes on. *below* is the value under the first row; where it is
    None such a value is undetermined. A ``choice`` has *words* instead of starts.
    """

    kind: Kind
    input: Unit
    output: Unit
    starts: tuple[Fraction, ...] = ()
    above: tuple[bool, ...] = ()
    values: tuple[Fraction, ...]
    slopes: tuple[Fraction, ...] = ()
    below: Fraction | None = None
    words: tuple[str, ...] = ()

    def at(self, x: Fraction) -> tuple[Fraction | None, int]:
        """The value at *x* and the row (0-based) that gave it; row −1 is below the first."""
        row = bisect_right(range(len(self.starts)), (x, False), key=lambda row: (self.starts[row], self.above[row])) - 1
        if row < 0:
            return self.below, row
        return self.values[row] + self.slopes[row] * (x - self.starts[row]), row

    def of(self, word: str) -> tuple[Fraction, int]:
        """The value of a word and its row. Raises ValueError for a word that has none."""
        row = self.words.index(word)
        return self.values[row], row

    def describe(self, row: int) -> str:
        """The row in words: ``第1档：[80%, 95%)，8分``."""
        if self.kind == "choice":
            return f"第{row + 1}档：{self.words[row]}，{_show(self.values[row], self.output)}"
        if row < 0:
            return f"{'不高于' if self.above[0] else '低于'}{_show(self.starts[0], self.input)}"
        value, start, above = _show(self.values[row], self.output), _show(self.starts[row], self.input), self.above[row]
        if self.kind == "marginal":
            rate = _show(self.slopes[row] * self.input.scale, self.output)
            return f"第{row + 1}段：超过{start}的部分，每1{self.input.symbol}计{rate}，前段累计{value}"
        if row + 1 == len(self.starts):
            return f"第{row + 1}档：{'高于' if above else '不低于'}{start}，{value}"
        end = _show(self.starts[row + 1], self.input)
        if self.kind == "linear":
            return f"第{row + 1}段：{start}～{end}，由{value}到{_show(self.values[row + 1], self.output)}"
        return f"第{row + 1}档：{'(' if above else '['}{start}, {end}{']' if self.above[row + 1] else ')'}，{value}"


def _show(base: Fraction, of: Unit) -> str:
    return str(Quantity(base / of.scale, of))


def read_band(table: Mapping[str, Any]) -> Band:
    """The band a TOML table ``{kind, input, output, rows = [{at, value}, …], below}`` says. Raises FormulaError.

    A row is ``{at, value}`` or ``{above, value}`` of a step, ``{at, value}`` of a linear, ``{at, rate}`` of a marginal
    table, and ``{is, value}`` of a choice.
    """
    unknown = set(table) - {"kind", "input", "output", "rows", "below"}
    if unknown:
        raise FormulaError(f"a band has no key {sorted(unknown)[0]!r}; it has kind, input, output, rows, below")
    kind: Any = table.get("kind")
    if kind not in tuple(_ROWS):  # which looks at a list, too
        raise FormulaError(f"a band's kind is one of {', '.join(map(repr, _ROWS))}, got {kind!r}")
    rows = table.get("rows")
    if not isinstance(rows, Sequence) or not rows or not all(isinstance(row, Mapping) and _fits(row, kind) for row in rows):
        raise FormulaError(f"the rows of a {kind} band are a list of {_EXAMPLE[kind]}")
    try:
        ins, outs = unit(str(table.get("input", ""))), unit(str(table.get("output", "")))
        if kind == "choice":
            return _choice(rows, ins, outs)
        keys = tuple((_read(row.get("at", row.get("above")), ins), "above" in row) for row in rows)
        rates = multiply(outs.dimension, ins.dimension, -1)
        values = [_rate(row["rate"], rates) if kind == "marginal" else _read(row["value"], outs) for row in rows]
        below = _read(table["below"], outs) if "below" in table else Fraction(0) if kind == "marginal" else None
    except QuantityError as error:
        raise FormulaError(f"in a band: {error}") from None
    for (earlier, _), (later, _) in itertools.pairwise(keys):
        if earlier > later:
            raise FormulaError(f"a band's rows start ever higher, but {_show(later, ins)} comes after {_show(earlier, ins)}")
    for (earlier, above), following in itertools.pairwise(keys):
        if (earlier, above) >= following:
            raise FormulaError(f"a band's rows start ever higher, but {_show(earlier, ins)} stands twice")
    starts = tuple(start for start, _ in keys)
    level, slopes = pieces_of(kind, starts, values)
    return Band(
        kind=kind, input=ins, output=outs, starts=starts, above=tuple(above for _, above in keys), values=level, slopes=slopes, below=below
    )


def _fits(row: Mapping[str, Any], kind: str) -> bool:
    return len(row) == 2 and set(row) <= set(_ROWS[kind]) and ("rate" if kind == "marginal" else "value") in row


def _choice(rows: Sequence[Mapping[str, Any]], ins: Unit, outs: Unit) -> Band:
    words = tuple(str(row["is"]) for row in rows)
    for word in words:
        if words.count(word) > 1:
            raise FormulaError(f"a band has one row for each word, but {word!r} stands twice")
    return Band(kind="choice", input=ins, output=outs, words=words, values=tuple(_read(row["value"], outs) for row in rows))


def pieces_of(kind: Kind, starts: Sequence[Fraction], values: Sequence[Fraction]) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]]:
    """The value at the start of each row, and its slope from there."""
    if kind == "step":
        return tuple(values), tuple(Fraction(0) for _ in values)
    widths = [later - earlier for earlier, later in itertools.pairwise(starts)]
    if kind == "linear":
        slopes = [(later - earlier) / width for (earlier, later), width in zip(itertools.pairwise(values), widths, strict=True)]
        return tuple(values), (*slopes, Fraction(0))
    sums = itertools.accumulate((rate * width for rate, width in zip(values, widths, strict=False)), initial=Fraction(0))
    return tuple(sums), tuple(values)


def _read(text: object, of: Unit) -> Fraction:
    return read_quantity(str(text), of).to(of).base


def _rate(text: object, dimension: Any) -> Fraction:
    rate = read_quantity(str(text))
    if rate.unit.dimension != dimension:
        raise QuantityError(f"the rate {text} is not the output per the input")
    return rate.base
