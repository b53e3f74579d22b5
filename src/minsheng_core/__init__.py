"""minsheng_core: rules that allocate, assess and rank a year's livelihood promises, exactly and with reasons.

The public API. Names are imported when first used, so that ``import minsheng_core`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import (
        AllocationError,
        FormulaError,
        MinshengError,
        PluginError,
        QuantityError,
        ReportError,
        RuleError,
    )
    from .explanation import Step
    from .field import Below, Field, Form
    from .finding import Finding, Place, Severity
    from .hooks import API_VERSION, hookimpl
    from .period import Period
    from .protocols import Allocation, Assessment, Case, Claim, Indicator, Measurement, Report
    from .quantity import Quantity, Unit, decimal_text, read_number, read_quantity, unit
    from .rounding import Comparison, Rounding, meets, round_places, round_step

_ROOMS = {
    "errors": "AllocationError FormulaError MinshengError PluginError QuantityError ReportError RuleError",
    "explanation": "Step",
    "field": "Below Field Form",
    "finding": "Finding Place Severity",
    "hooks": "API_VERSION hookimpl",
    "period": "Period",
    "protocols": "Allocation Assessment Case Claim Indicator Measurement Report",
    "quantity": "Quantity Unit decimal_text read_number read_quantity unit",
    "rounding": "Comparison Rounding meets round_places round_step",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = sorted(_ROOM_OF)


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_ROOM_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
