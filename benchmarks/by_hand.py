"""The benchmark's rule (rule.toml) written by hand, five ways: the exact one to be held to, and the ones to be faster than."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Any

ROWS = ((0, 0), (60, 40), (80, 70), (95, 90), (100, 100), (120, 100))  # completion in %, marks
Row = Mapping[str, int]


def exact(row: Row, *, half_up: bool = False) -> int:
    """Marks in hundredths by fractions: the truth."""
    if row["incident"] > 0:
        return 0
    share = Fraction(row["actual"], row["goal"]) * 100
    reached = Fraction(100)
    for (start, low), (end, high) in pairwise(ROWS):
        if start <= share < end:
            reached = low + (share - start) * (high - low) / (end - start)
    funds = Fraction(1) if row["planned"] == 0 else min(Fraction(1), Fraction(row["paid"], row["planned"]))
    marks = Fraction(4, 5) * max(0, reached - min(10, 2 * row["days"])) + 20 * funds
    return floor(marks * 100 + Fraction(1, 2)) if half_up else round(marks * 100)  # a Fraction is rounded half to even, exactly


def integers(row: Row) -> int:
    """The same in integers, as a careful programmer writes it."""
    if row["incident"] > 0:
        return 0
    actual, goal, planned, paid, days = row["actual"], row["goal"], row["planned"], row["paid"], row["days"]
    if actual >= goal:
        reached = 300 * goal
    elif 20 * actual >= 19 * goal:
        reached = 600 * actual - 300 * goal
    elif 5 * actual >= 4 * goal:
        reached = 400 * actual - 110 * goal
    elif 5 * actual >= 3 * goal:
        reached = 450 * actual - 150 * goal
    else:
        reached = 200 * actual
    reached -= 3 * goal * min(10, 2 * days)
    if reached < 0:
        reached = 0
    if planned == 0:
        planned = paid = 1
    elif paid > planned:
        paid = planned
    below = 15 * goal * planned
    above = 100 * (4 * reached * planned + 300 * goal * paid)
    whole, rest = divmod(above, below)
    return whole + (2 * rest > below or (2 * rest == below and whole & 1))


def decimals(row: Row) -> int:
    """By 28-digit decimals: the quotient is rounded before the tie is judged."""
    if row["incident"] > 0:
        return 0
    share = Decimal(row["actual"]) / row["goal"] * 100
    reached = Decimal(100)
    for (start, low), (end, high) in pairwise(ROWS):
        if start <= share < end:
            reached = low + (share - start) * (high - low) / (end - start)
    funds = Decimal(1) if row["planned"] == 0 else min(Decimal(1), Decimal(row["paid"]) / row["planned"])
    marks = Decimal("0.8") * max(Decimal(0), reached - min(10, 2 * row["days"])) + 20 * funds
    return int(marks.quantize(Decimal("0.01"), ROUND_HALF_EVEN) * 100)


def floats(row: Row) -> int:
    """By floats, as a spreadsheet does."""
    if row["incident"] > 0:
        return 0
    share = row["actual"] / row["goal"] * 100
    reached = 100.0
    for (start, low), (end, high) in pairwise(ROWS):
        if start <= share < end:
            reached = low + (share - start) * (high - low) / (end - start)
    funds = 1.0 if row["planned"] == 0 else min(1.0, row["paid"] / row["planned"])
    return round(round(0.8 * max(0.0, reached - min(10, 2 * row["days"])) + 20 * funds, 2) * 100)


def polars_floats() -> Any:
    """By floats in polars, marks rounded to two decimals."""
    import polars as pl

    share = pl.col("actual") / pl.col("goal") * 100
    reached = pl.lit(100.0)
    for (start, low), (end, high) in reversed(list(pairwise(ROWS))):
        reached = pl.when(share < end).then(low + (share - start) * (high - low) / (end - start)).otherwise(reached)
    funds = pl.when(pl.col("planned") == 0).then(1.0).otherwise(pl.min_horizontal(pl.lit(1.0), pl.col("paid") / pl.col("planned")))
    late = pl.min_horizontal(pl.lit(10), 2 * pl.col("days"))
    marks = 0.8 * pl.max_horizontal(pl.lit(0.0), reached - late) + 20 * funds
    return pl.when(pl.col("incident") > 0).then(0.0).otherwise(marks).round(2, mode="half_to_even")
