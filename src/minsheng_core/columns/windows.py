"""Windows over a frame of one period: over its group inside the frame, over a body's months by a state carried along."""

from typing import TYPE_CHECKING

from attrs import define

from ..formula.plan import Op, Plan

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Months", "carried", "dtype_of", "over_group"]

DENSE = 1 << 22  # ranks of numbers in so narrow a range are counted, not sorted


def over_group(op: Op, frame: "pl.DataFrame") -> "pl.Series":
    """A window over the frame's rows, or over those of each group."""
    import polars as pl

    if op.op in ("group_rank", "group_dense"):
        return _rank(op, frame)
    value = pl.col(f"#{op.args[0]}").cast(dtype_of(op))
    whole = value.sum() if op.op == "group_sum" else value.max()
    found = frame.select(whole.over("#group") if op.name == "group" else whole).to_series()
    return found if op.name == "group" else found.new_from_index(0, frame.height)


def _rank(op: Op, frame: "pl.DataFrame") -> "pl.Series":
    """1 + how many valid rows have more (group_dense: how many different values); 1 where the row isn't valid."""
    import polars as pl

    value, valid = (frame.get_column(f"#{arg}") for arg in op.args)
    if frame.height == 0:
        return pl.Series([], dtype=pl.Int64)
    least, most = int(value.min()), int(value.max())  # type: ignore[arg-type]  # integers, none null
    kinds = int(frame.get_column("#group").max() or 0) + 1 if op.name == "group" else 1  # type: ignore[arg-type]
    width = most - least + 1
    if width * kinds > DENSE:
        places = pl.when(pl.col(valid.name)).then(pl.col(value.name)).rank("dense" if op.op == "group_dense" else "min", descending=True)
        places = places.over("#group") if op.name == "group" else places
        return frame.select(places.fill_null(1).cast(pl.Int64)).to_series()
    place = (pl.col(value.name) - pl.lit(least, dtype=value.dtype)).cast(pl.UInt32)
    key = frame.select(place + pl.col("#group") * width if op.name == "group" else place).to_series()
    counts = key.filter(valid).alias("key").value_counts(name="many")
    many = pl.col("many").fill_null(0).cast(pl.Int64)
    many = many.clip(0, 1) if op.op == "group_dense" else many
    table = pl.DataFrame({"key": pl.int_range(width * kinds, dtype=pl.UInt32, eager=True)})
    above = many.cum_sum(reverse=True).over(pl.col("key") // width) - many
    places_by_key = table.join(counts, on="key", how="left", maintain_order="left").select(above + 1).to_series()
    return frame.select(pl.when(pl.col(valid.name)).then(places_by_key.gather(key)).otherwise(pl.lit(1, dtype=pl.Int64))).to_series()


@define
class Months:
    """The state of a body's running windows: *before* is the frame with what was carried joined to it."""

    before: "pl.DataFrame"
    old: "pl.DataFrame | None"
    plan: Plan
    positions: list[int]

    def window(self, op: Op, frame: "pl.DataFrame") -> "pl.Series":
        """The window's value on each row of *frame*."""
        import polars as pl

        now, held = pl.col(f"#{op.args[0]}").cast(dtype_of(op)), pl.col(f"~{op.name}").cast(dtype_of(op))
        if op.op == "lag":
            made = held.fill_null(op.value)
        elif op.op == "running_sum":
            made = now + held.fill_null(0)
        else:
            made = pl.max_horizontal(now, held)
        return frame.select(made).to_series()

    def after(self, frame: "pl.DataFrame") -> "pl.DataFrame":
        """The state after this period: a row for each body seen so far."""
        import polars as pl

        kept = []
        for position in self.positions:
            op = self.plan.ops[position]
            kept.append(pl.col(f"#{op.args[0] if op.op == 'lag' else position}").cast(pl.Int128).alias(f"~{op.name}"))
        new = frame.filter(pl.col("#body").is_not_null()).select("#body", *kept).unique("#body", keep="last", maintain_order=True)
        if self.old is None:
            return new
        return pl.concat([self.old.join(new, on="#body", how="anti"), new])


def carried(plan: Plan, positions: list[int], frame: "pl.DataFrame", state: "pl.DataFrame | None") -> Months:
    """What the windows at *positions* rest on for *frame*'s bodies."""
    import polars as pl

    if state is None:
        empty = [pl.lit(None, dtype=pl.Int128).alias(f"~{plan.ops[position].name}") for position in positions]
        return Months(before=frame.with_columns(empty), old=None, plan=plan, positions=positions)
    return Months(before=frame.join(state, on="#body", how="left", maintain_order="left"), old=state, plan=plan, positions=positions)


def dtype_of(op: Op) -> "type[pl.DataType]":
    """The column type that holds the operation's value."""
    import polars as pl

    return pl.Int128 if op.width == 128 else pl.Int64
