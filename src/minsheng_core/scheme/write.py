"""A scheme back to TOML: data that loads to the same scheme."""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

import attrs

from ..errors import MinshengError
from ..quantity import Quantity, decimal_text
from . import model
from .load import SINGULAR, TABLES

__all__ = ["scheme_data", "write_toml"]


def scheme_data(scheme: model.Scheme) -> dict[str, Any]:
    """The tables of a rule file that says the whole scheme; keys left at their default are left out."""
    head = {name: getattr(scheme, name) for name in ("id", "title", "year", "document", "note") if getattr(scheme, name)}
    tables = {table: [_plain(entry) for entry in getattr(scheme, field)] for table, (field, _) in TABLES.items()}
    return {"scheme": head} | {table: entries for table, entries in tables.items() if entries}


def _plain(value: Any) -> Any:
    if isinstance(value, Quantity):
        return f"{decimal_text(value.value, _decimals(value))}{value.unit.symbol}"
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if attrs.has(type(value)):
        fields = [field for field in attrs.fields(type(value)) if field.name != "place"]
        kept = [field for field in fields if getattr(value, field.name) != _default(field)]
        return {SINGULAR.get(field.name, field.name): _plain(getattr(value, field.name)) for field in kept}
    return str(value) if isinstance(value, str) else value


def _default(field: Any) -> Any:
    return field.default.factory() if hasattr(field.default, "factory") else field.default


def _decimals(value: Quantity) -> int | None:
    """As many decimals as were printed: ``75.7430万人`` is more precise than ``75.743万人``."""
    _, _, part = str(value.printed).partition(".")
    return sum(1 for character in part if character.isdigit()) or None


def write_toml(data: Mapping[str, Any]) -> str:
    """The data as TOML text. Raises MinshengError where the extra ``minsheng-core[toml]`` is not installed."""
    try:
        import tomli_w
    except ImportError:
        raise MinshengError("writing TOML needs tomli-w: install minsheng-core[toml]") from None
    return tomli_w.dumps(_written(data))


def _written(value: Any) -> Any:
    """Fractions as decimals, exactly. Raises MinshengError where one has none."""
    if isinstance(value, Mapping):
        return {key: _written(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_written(one) for one in value]
    if not isinstance(value, Fraction):
        return value
    text = decimal_text(value)
    if "/" in text:
        raise MinshengError(f"{text} has no exact decimals, so TOML can't hold it")
    return Decimal(text) if "." in text else int(text)
