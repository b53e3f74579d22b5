"""Named rounding modes on exact numbers, and the two ways to compare a value with a limit.

Source: GB/T 8170-2008 《数值修约规则与极限数值的表示和判定》.
"""

from enum import Enum
from fractions import Fraction

__all__ = ["Comparison", "Rounding", "meets", "round_places", "round_step"]


class Rounding(Enum):
    """How a value between two steps is placed on one of them."""

    HALF_UP = "half_up"  # 四舍五入: a tie goes away from zero
    HALF_EVEN = "half_even"  # GB/T 8170 四舍六入五成双: a tie goes to the even step
    DOWN = "down"  # toward zero (去尾)
    UP = "up"  # away from zero (进一)


class Comparison(Enum):
    """GB/T 8170 §4: how a measured value is held against a limit."""

    EXACT = "exact"  # 全数值比较法: the value as measured
    ROUNDED = "rounded"  # 修约值比较法: the value rounded to the limit's digits


def round_step(value: Fraction, step: Fraction, mode: Rounding) -> Fraction:
    """*value* rounded once to a multiple of *step* (> 0), sign kept as GB/T 8170 asks."""
    if step <= 0:
        raise ValueError(f"a rounding step is positive, got {step}")
    steps = abs(value) / step
    whole, rest = divmod(steps.numerator, steps.denominator)
    twice = 2 * rest - steps.denominator  # the rest against one half
    up = {
        Rounding.HALF_UP: twice >= 0,
        Rounding.HALF_EVEN: twice > 0 or (twice == 0 and whole % 2 == 1),
        Rounding.DOWN: False,
        Rounding.UP: rest > 0,
    }[mode]
    rounded = (whole + up) * step
    return rounded if value >= 0 else -rounded


def round_places(value: Fraction, places: int, mode: Rounding) -> Fraction:
    """*value* rounded once to *places* decimals; negative *places* round to tens, hundreds, …"""
    return round_step(value, Fraction(10) ** -places, mode)


def meets(
    value: Fraction,
    sign: str,
    limit: Fraction,
    *,
    comparison: Comparison = Comparison.EXACT,
    places: int = 0,
    mode: Rounding = Rounding.HALF_EVEN,
) -> bool:
    """Whether *value* keeps a limit: ``sign`` is one of ``>= > <= <``.

    With ``Comparison.ROUNDED`` the value is first rounded to *places* decimals (修约值比较法).
    """
    if comparison is Comparison.ROUNDED:
        value = round_places(value, places, mode)
    match sign:
        case ">=":
            return value >= limit
        case ">":
            return value > limit
        case "<=":
            return value <= limit
        case "<":
            return value < limit
    raise ValueError(f"a limit is compared by >=, >, <= or <, got {sign!r}")
