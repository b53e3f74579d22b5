"""When an insured figure is doubtful: the limits of checks.toml, and those that an indicator sets instead."""

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from minsheng_core import QuantityError, read_number

__all__ = ["PARTS", "Limits", "read_limits"]

PARTS = ("paying", "drawing")  # the fields that may be parts of 参保人数
OPTIONS = frozenset({"ratio", "fall", "rise", "parts"})


@frozen(kw_only=True)
class Limits:
    """Bounds as plain ratios: *low* and *high* of figure to target, *fall* and *rise* from the report before.

    *parts* are the fields that add up to 参保人数, empty where nothing does. Source: checks.toml (an assumption).
    """

    low: Fraction
    high: Fraction
    fall: Fraction
    rise: Fraction
    parts: tuple[str, ...] = ()


def read_limits(indicator: str, options: Mapping[str, object]) -> Limits:
    """The limits for that indicator id; its *options* (``ratio``, ``fall``, ``rise``, ``parts``) win over checks.toml.

    Raises QuantityError, which names the option, for an unknown one, or a value that is no share or no field.
    """
    unknown = sorted(set(options) - OPTIONS)
    if unknown:
        raise QuantityError(f"insurance.stock has no option {unknown[0]!r}; it has {', '.join(sorted(OPTIONS))}")
    defaults = _defaults()
    given: dict[str, object] = {**defaults, "parts": defaults["parts"].get(indicator, []), **options}
    ratio = _list("ratio", given["ratio"])
    if len(ratio) != 2:
        raise QuantityError(f'option \'ratio\' is a pair like ["0.2", "5"], got {ratio}')
    low, high = (_share("ratio", end) for end in ratio)
    if not low < 1 < high:
        raise QuantityError(f"option 'ratio' encloses 1, the target itself, got {ratio}")
    parts = tuple(str(name) for name in _list("parts", given["parts"]))
    if not set(parts) <= set(PARTS):
        raise QuantityError(f"option 'parts' names fields among {', '.join(PARTS)}, got {list(parts)}")
    return Limits(low=low, high=high, fall=_share("fall", given["fall"]), rise=_share("rise", given["rise"]), parts=parts)


@cache
def _defaults() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "checks.toml").read_text(encoding="utf-8"))


def _list(name: str, value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise QuantityError(f"option {name!r} is a list, got {value!r}")
    return list(value)


def _share(name: str, value: object) -> Fraction:
    try:
        share = read_number(str(value))
    except QuantityError as error:
        raise QuantityError(f"option {name!r}: {error}") from None
    if share < 0:
        raise QuantityError(f"option {name!r} is not negative, got {value!r}")
    return share
