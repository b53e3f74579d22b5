"""A table's columns into the whole numbers that a plan reads. What doesn't fit is marked as outside its range, never rounded."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..errors import MinshengError
from ..formula.plan import INT64, Column, Plan

if TYPE_CHECKING:
    import polars as pl

__all__ = ["KEY_FAULTS", "Cells", "check_columns", "names_read", "read_cells", "read_period"]

KEYS = ("body", "period", "group", "copies")
# Why a row is refused before its figures are looked at, in this order.
KEY_FAULTS = {
    "body": "没有单位代码",
    "period": "没有期间",
    "group": "没有类别",
    "range": "期间写法不对，或不在本方案的年度内",
    "copies": "同一单位同一期间不止一行",
}
NUMBER = r"^[+-]?\d{1,25}(\.\d{1,9})?$"


@frozen(kw_only=True)
class Cells:
    """One column of a frame: *numbers* are null where the row has no usable value, *given* says where it has one at all.
    *clean*: every row has one in its range; *absent*: none has one at all."""

    numbers: "pl.Series | None" = None
    given: "pl.Series | None" = None  # None: wherever numbers is not null
    clean: bool = False
    absent: bool = False


def check_columns(plan: Plan, schema: Mapping[str, Any], *, grouped: bool) -> None:
    """Raises MinshengError that names every column the table lacks, and every one of a type that can't be exact."""
    wanted = [column for column in plan.columns if column.name not in KEYS]
    needed = ["body", "period", *(["group"] if grouped else [])]
    lacking = [name for name in needed if name not in schema]
    lacking += [column.name for column in wanted if column.name not in schema and not column.missing]
    faults = [f"it lacks the column{'s' if len(lacking) > 1 else ''} {', '.join(lacking)}"] if lacking else []
    for column in wanted:
        if column.name in schema and not _fits(column, schema[column.name]):
            faults.append(f"{column.name} is {schema[column.name]}, {_expected(column)}")
    for name in ("body", "group"):
        if name in schema and name in needed and not _is_word(schema[name]):
            faults.append(f"{name} is {schema[name]}, give text")
    if faults:
        raise MinshengError(f"the table can't be scored: {'; '.join(faults)}. `minsheng plan SHEET` lists the columns")


def _is_word(dtype: Any) -> bool:
    import polars as pl

    return dtype in (pl.String, pl.Categorical, pl.Enum) or isinstance(dtype, pl.Enum)


def _fits(column: Column, dtype: Any) -> bool:
    import polars as pl

    if dtype == pl.Null:
        return True
    if column.kind == "text":
        return _is_word(dtype)
    if column.kind == "date":
        return dtype in (pl.Date, pl.String)
    return bool(dtype.is_integer() or dtype.is_decimal() or dtype == pl.String)


def _expected(column: Column) -> str:
    if column.kind == "text":
        return f"give one of the words {'、'.join(column.choices)}"
    if column.kind == "date":
        return "give a date"
    return "give integers or DECIMAL: a float has lost digits already, and no score may rest on it"


def read_cells(column: Column, series: "pl.Series") -> Cells:
    """The column's whole numbers: the figure in its unit times 10^decimals, a word's position, a day's number."""
    import polars as pl

    if series.dtype == pl.Null or series.null_count() == len(series):
        return Cells(absent=True)
    if column.kind == "text":
        numbers = series.cast(pl.String).replace_strict(
            list(column.choices), list(range(len(column.choices))), default=-1, return_dtype=pl.Int64
        )
        return _ranged(column, numbers.set(series.is_null(), None) if series.null_count() else numbers, series)
    if column.kind == "date":
        days = series if series.dtype == pl.Date else series.str.to_date("%Y-%m-%d", strict=False)
        return _ranged(column, days.to_physical().cast(pl.Int64), series)
    if series.dtype == pl.String:
        return _ranged(column, _from_text(column, series), series)
    if series.dtype.is_decimal():
        return _ranged(column, _from_decimal(column, series), series)
    return _from_integers(column, series)


def _from_integers(column: Column, series: "pl.Series") -> Cells:
    """The range is judged before anything is multiplied, so that nothing can wrap."""
    import polars as pl

    scale = 10**column.decimals
    low, high = -(-column.low // scale), column.high // scale
    wide = pl.Int64 if max(-column.low, column.high) <= INT64 else pl.Int128
    least, most = int(series.min()), int(series.max())  # type: ignore[arg-type]  # of an integer column that isn't all null
    clean = low <= least and most <= high
    inside = series if clean else series.to_frame().select(pl.when(series.is_between(low, high)).then(pl.first())).to_series()
    numbers = inside.cast(wide) if scale == 1 else inside.cast(wide) * scale
    return Cells(numbers=numbers, given=None if clean else series.is_not_null(), clean=clean and not series.null_count())


def _from_decimal(column: Column, series: "pl.Series") -> "pl.Series":
    """A decimal's own whole number, brought to the column's decimals; null where that would need rounding."""
    import polars as pl

    held = series.dtype.scale  # type: ignore[attr-defined]  # a Decimal has one
    whole = pl.col(series.name).to_physical().cast(pl.Int128)
    if held <= column.decimals:
        scale = 10 ** (column.decimals - held)
        inside = whole.is_between(column.low // scale, column.high // scale + 1)  # judged first, so that nothing can wrap
        made = whole if scale == 1 else pl.when(inside).then(whole) * scale
    else:
        step = 10 ** (held - column.decimals)
        made = pl.when(whole % step == 0).then(whole) // step
    return series.to_frame().select(made).to_series()


def _from_text(column: Column, series: "pl.Series") -> "pl.Series":
    import polars as pl

    plain = pl.col(series.name)
    readable = series.to_frame().select(pl.when(plain.str.contains(NUMBER)).then(plain).cast(pl.Decimal(38, 9), strict=False))
    return _from_decimal(column, readable.to_series())


def _ranged(column: Column, numbers: "pl.Series", given: "pl.Series") -> Cells:
    """Those in the column's range; the others are null but given."""
    import polars as pl

    inside = numbers.is_between(column.low, column.high)
    clean = bool(inside.all(ignore_nulls=False))
    wide = pl.Int64 if max(-column.low, column.high) <= INT64 else pl.Int128
    frame = pl.DataFrame({"n": numbers, "inside": inside})
    kept = frame.select(pl.col("n") if clean else pl.when("inside").then("n")).to_series()
    return Cells(numbers=kept.cast(wide), given=given.is_not_null(), clean=clean)


def read_period(value: object) -> int | None:
    """A period as year · 12 + month − 1, from ``"2023-10"``, a date or that number itself; None for anything else."""
    if isinstance(value, int):
        return value
    if isinstance(value, date):
        return value.year * 12 + value.month - 1
    match = re.fullmatch(r"(\d{4})-(\d{2})", str(value))
    return int(match[1]) * 12 + int(match[2]) - 1 if match and 1 <= int(match[2]) <= 12 else None


def names_read(plan: Plan) -> Sequence[str]:
    """The columns that a table is asked for."""
    return [column.name for column in plan.columns if column.name not in KEYS]
