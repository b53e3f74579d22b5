"""Rows for the benchmark's rule: a realistic million, and a hundred thousand of ties, edges and range ends. Made up."""

from typing import Any


def realistic(count: int, seed: int = 1) -> Any:
    """A polars frame of *count* rows over twelve months: most targets round, one completion in nine on a line's end."""
    import polars as pl

    number = pl.int_range(count, dtype=pl.UInt64, eager=True).alias("n").to_frame()

    def drawn(salt: int, below: int) -> Any:
        x = (pl.col("n") + (seed * 100 + salt) * 1_000_003) * 0x9E3779B97F4A7C15
        x = (x ^ (x // 2**30)) * 0xBF58476D1CE4E5B9
        x = (x ^ (x // 2**27)) * 0x94D049BB133111EB
        return ((x ^ (x // 2**31)) // 2**11 % below).cast(pl.Int64)

    ends = pl.lit(pl.Series([60, 80, 95, 100])).gather(drawn(1, 4).cast(pl.UInt32))
    goal = pl.when(drawn(2, 10) < 6).then((drawn(3, 50) + 1) * 100).otherwise(drawn(4, 5000) + 1)
    planned = pl.when(drawn(5, 40) == 0).then(0).otherwise((drawn(6, 50_000) + 1) * 10_000)
    return (
        number.with_columns(goal=goal, planned=planned, share=pl.when(drawn(7, 9) == 0).then(ends * 10).otherwise(400 + drawn(8, 800)))
        .with_columns(
            actual=pl.min_horizontal(pl.lit(10_000), pl.col("goal") * pl.col("share") // 1000),
            paid=pl.when(drawn(9, 3) == 0).then(pl.col("planned")).otherwise(pl.col("planned") * drawn(10, 1001) // 1000),
            days=pl.when(drawn(11, 5) == 0).then(drawn(12, 8)).otherwise(0),
            incident=pl.when(drawn(13, 200) == 0).then(1).otherwise(0),
        )
        .select(
            body=(pl.col("n") // 12 + 100_000_000).cast(pl.String),
            period=pl.lit("2023-") + (pl.col("n") % 12 + 1).cast(pl.String).str.zfill(2),
            group=pl.lit(pl.Series(["镇", "乡", "街道"])).gather((pl.col("n") // 12 % 3).cast(pl.UInt32)),
            actual="actual", goal="goal", planned=pl.col("planned").cast(pl.Decimal(15, 2)) / 100,
            paid=pl.col("paid").cast(pl.Decimal(15, 2)) / 100, days="days", incident="incident",
        )
        .sort("period", maintain_order=True)
    )  # fmt: skip


def extreme(count: int, seed: int = 2) -> Any:
    """The same columns where it is hard: goals of powers of two and five, exact ties, one beside a line's end, nothing, the ends
    of every range, missing values."""
    import polars as pl

    rows = realistic(count, seed)
    number = pl.int_range(pl.len())
    powers = pl.lit(pl.Series([1, 2, 4, 8, 16, 32, 64, 125, 256, 512, 625, 768, 1024, 3125, 4096, 5000]))
    goal = powers.gather((number % 16).cast(pl.UInt32))
    line = pl.lit(pl.Series([60, 80, 95, 100, 120])).gather((number // 16 % 5).cast(pl.UInt32))
    actual = pl.when(number % 7 < 3).then(goal * line // 100 + number % 3 - 1).otherwise(number * 7919 % 10_001)
    money = pl.lit(pl.Series([0, 1, 3, 64, 100, 49_999_999, 499_999_999, 500_000_000])).gather((number // 5 % 8).cast(pl.UInt32))
    other = pl.lit(pl.Series([0, 1, 2, 33, 100, 250_000_000, 499_999_999, 500_000_000])).gather((number // 40 % 8).cast(pl.UInt32))
    return rows.with_columns(
        goal=goal,
        actual=pl.when(number % 101 == 0).then(None).otherwise(actual.clip(0, 10_000)),
        planned=money.cast(pl.Decimal(15, 2)) / 100,
        paid=pl.when(number % 103 == 0).then(None).otherwise(other).cast(pl.Decimal(15, 2)) / 100,
        days=pl.lit(pl.Series([0, 0, 1, 4, 5, 6, 60])).gather((number % 7).cast(pl.UInt32)),
        incident=pl.when(number % 97 == 0).then(1).otherwise(0),
    )
