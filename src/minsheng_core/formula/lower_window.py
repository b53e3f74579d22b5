"""Lowering the functions that look at other rows, to a few windows over whole numbers and ordinary operations around them."""

from fractions import Fraction

from attrs import evolve

from ..errors import FormulaError
from .arithmetic import Arithmetic, Value

__all__ = ["windowed"]

MONTHS = 12


def windowed(lowering: Arithmetic, function: str, x: Value) -> Value:
    """The function over *x*. Raises FormulaError for a ratio: whole numbers can be added and compared across rows, ratios
    with a denominator on each row can't."""
    if x.below and function != "size":  # how many take part needs no value
        raise FormulaError(
            f"{function}() compares or adds ratios with a denominator on each row; round first, as in {function}(round(…, 4, half_up))",
            lowering.build.offset,
        )
    if x.coefficient < 0:  # more is more
        x = evolve(x, number=lowering.build.minus(lowering.build.literal(0), x.number), coefficient=-x.coefficient)
    return {"rank": _rank, "size": _size, "best": _best, "worst": _worst, "total": _total, "share_of_best": _share, "last": _last,
            "previous": _previous, "sum": _sum, "mean": _mean, "count": _count, "streak": _streak}[function](lowering, x)  # fmt: skip


def _valid(lowering: Arithmetic, x: Value) -> int:
    """Whether the row takes part: it is not refused, and x can be said."""
    return lowering.build.both(lowering.usable, lowering.build.negate(x.undetermined))


def _bit(lowering: Arithmetic, truth: int) -> int:
    return lowering.build.case(truth, lowering.build.literal(1), lowering.build.literal(0))


# -- over the group ----------------------------------------------------------------------------------------------


def _over_group(lowering: Arithmetic, op: str, number: int) -> int:
    low, high = lowering.build.ops[number].low, lowering.build.ops[number].high
    if op == "group_sum":
        low, high = min(low, low * lowering.GROUP), max(high, high * lowering.GROUP)
    return lowering.build.window(op, number, low=low, high=high, name=lowering.group)


def _rank(lowering: Arithmetic, x: Value) -> Value:
    valid = _valid(lowering, x)
    number = lowering.build.window("group_rank", x.number, valid, low=1, high=lowering.GROUP, name=lowering.group)
    return lowering.value(number, undetermined=lowering.build.negate(valid))


def _size(lowering: Arithmetic, x: Value) -> Value:
    number = _over_group(lowering, "group_sum", _bit(lowering, _valid(lowering, x)))
    none = lowering.build.equal(number, lowering.build.literal(0))
    return lowering.value(number, undetermined=none)


def _best(lowering: Arithmetic, x: Value) -> Value:
    build, valid = lowering.build, _valid(lowering, x)
    anybody = _over_group(lowering, "group_max", _bit(lowering, valid))
    number = _over_group(lowering, "group_max", build.case(valid, x.number, build.literal(build.ops[x.number].low)))
    none = build.equal(anybody, build.literal(0))
    return lowering.value(number, x.coefficient, undetermined=none, low=x.low, high=x.high)


def _worst(lowering: Arithmetic, x: Value) -> Value:
    build = lowering.build
    turned = lowering.value(build.minus(build.literal(0), x.number), x.coefficient, undetermined=x.undetermined)
    return lowering.negative(_best(lowering, turned))


def _total(lowering: Arithmetic, x: Value) -> Value:
    build, valid = lowering.build, _valid(lowering, x)
    number = _over_group(lowering, "group_sum", build.case(valid, x.number, build.literal(0)))
    lacking = _over_group(lowering, "group_sum", _bit(lowering, build.negate(valid)))
    return lowering.value(number, x.coefficient, undetermined=build.less(build.literal(0), lacking))


def _share(lowering: Arithmetic, x: Value) -> Value:
    return lowering.over(x, _best(lowering, x))


# -- over the body's months of the year --------------------------------------------------------------------------


def _month(lowering: Arithmetic) -> int:
    """The number of the month, 1 to 12."""
    build = lowering.build
    first = build.columns["period"].low
    return build.plus(build.minus(build.column("period"), build.literal(first)), build.literal(1))


def _due(lowering: Arithmetic, x: Value) -> int:
    """Whether the row takes part and its month is one in which reports are due."""
    return lowering.build.both(_valid(lowering, x), lowering.build.at_most(lowering.build.literal(lowering.first_month), _month(lowering)))


def _running_sum(lowering: Arithmetic, number: int) -> int:
    op = lowering.build.ops[number]
    return lowering.build.window("running_sum", number, low=min(op.low, op.low * MONTHS), high=max(op.high, op.high * MONTHS))


def _running_max(lowering: Arithmetic, number: int) -> int:
    op = lowering.build.ops[number]
    return lowering.build.window("running_max", number, low=op.low, high=op.high)


def _lag(lowering: Arithmetic, number: int, default: int) -> int:
    op = lowering.build.ops[number]
    return lowering.build.window("lag", number, low=min(op.low, default), high=max(op.high, default), value=default)


def _gap(lowering: Arithmetic, valid: int) -> int:
    """Whether a month since the first lacks a usable value."""
    build = lowering.build
    known = _running_sum(lowering, _bit(lowering, valid))
    due = build.minus(_month(lowering), build.literal(lowering.first_month - 1))
    return build.either(build.less(due, build.literal(1)), build.negate(build.equal(known, due)))


def _sum(lowering: Arithmetic, x: Value) -> Value:
    valid = _due(lowering, x)
    number = _running_sum(lowering, lowering.build.case(valid, x.number, lowering.build.literal(0)))
    return lowering.value(number, x.coefficient, undetermined=_gap(lowering, valid))


def _mean(lowering: Arithmetic, x: Value) -> Value:
    build, total = lowering.build, _sum(lowering, x)
    months = build.largest(build.minus(_month(lowering), build.literal(lowering.first_month - 1)), build.literal(1))
    low, high = min(x.low, Fraction(0)), max(x.high, Fraction(0))
    mean = lowering.over(total, lowering.value(months, undetermined=lowering.never))
    return lowering.value(mean.number, mean.coefficient, mean.below, undetermined=total.undetermined, low=low * MONTHS, high=high * MONTHS)


def _count(lowering: Arithmetic, x: Value) -> Value:
    valid = _due(lowering, x)
    number = _running_sum(lowering, _bit(lowering, lowering.build.both(valid, x.number)))
    return lowering.value(number, undetermined=_gap(lowering, valid))


def _streak(lowering: Arithmetic, x: Value) -> Value:
    """This month less the last one in which it did not hold; undetermined where a month in between is not known."""
    build, valid, month = lowering.build, _due(lowering, x), _month(lowering)
    before = build.literal(lowering.first_month - 1)
    ended = _running_max(lowering, build.case(build.both(valid, build.negate(x.number)), month, before))
    known = _running_max(lowering, build.case(valid, month, before))
    since = _lag(lowering, known, lowering.first_month - 1)  # the last month before this row of which something is known
    yesterday = build.minus(month, build.literal(1))
    gap = build.case(valid, build.case(build.less(since, yesterday), yesterday, before), build.largest(month, before))
    unknown = _running_max(lowering, gap)
    length = build.largest(build.minus(month, ended), build.literal(0))
    number = build.narrow(length, 0, MONTHS)
    return lowering.value(number, undetermined=build.less(ended, unknown))


def _last(lowering: Arithmetic, x: Value) -> Value:
    """The latest known one: month and value packed into one number, the largest so far unpacked."""
    build, valid, op = lowering.build, _due(lowering, x), lowering.build.ops[x.number]
    width = build.literal(op.high - op.low + 1)
    offset = build.minus(x.number, build.literal(op.low))
    packed = _running_max(lowering, build.case(valid, build.plus(build.times(_month(lowering), width), offset), build.literal(0)))
    rest = build.minus(packed, build.times(build.over(packed, width), width))
    number = build.plus(build.narrow(rest, 0, op.high - op.low), build.literal(op.low))
    return lowering.value(number, x.coefficient, undetermined=build.equal(packed, build.literal(0)), low=x.low, high=x.high)


def _previous(lowering: Arithmetic, x: Value) -> Value:
    build, valid, month = lowering.build, _due(lowering, x), _month(lowering)
    number = _lag(lowering, x.number, build.ops[x.number].low)
    when = _lag(lowering, build.case(valid, month, build.literal(0)), 0)
    here = build.equal(when, build.minus(month, build.literal(1)))
    first = build.at_most(month, build.literal(lowering.first_month))
    return lowering.value(number, x.coefficient, undetermined=build.either(first, build.negate(here)), low=x.low, high=x.high)
