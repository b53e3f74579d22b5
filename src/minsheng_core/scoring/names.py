"""What formulas may name besides parameters, bands and events: an indicator's measures, and what the core adds to them."""

from fractions import Fraction

from ..field import Field
from ..protocols import Indicator

__all__ = ["ADJUSTMENT_FIELDS", "measure_fields"]


def measure_fields(indicator: Indicator) -> dict[str, Field]:
    """What a method for that kind may name: its measures, and what the core adds."""
    measures = {one.name: one for one in indicator.measures}
    primary = measures[indicator.primary]
    added = []
    if primary.kind == "quantity":
        derived = "undetermined"
        if indicator.flow:
            derived = f"{primary.name} / target if target > 0 else undetermined"
        elif "base" in measures:
            derived = f"(({primary.name} - base) / (target - base) if target > base else undetermined)"
            derived = f"undetermined if missing(base) else {derived}" if measures["base"].missing else derived
        added = [
            Field(
                name="target",
                title="目标",
                unit=primary.unit,
                decimals=primary.decimals,
                minimum=None if primary.minimum is None else min(primary.minimum, Fraction(0)),
                maximum=None if primary.maximum is None else max(primary.maximum, Fraction(0)),
            ),
            Field(name="progress", title="进度", unit="%", missing=True, formula=derived),
        ]
    return {one.name: one for one in (*measures.values(), *added, Field(name="full", title="满分", unit="分"), *CALENDAR)}


# Names that every formula of a sheet may use.
CALENDAR = (
    Field(name="month", title="月份"),
    Field(name="elapsed", title="时序进度", unit="%", formula="month / 12"),
)
# What an adjustment or label may name besides the scheme's events and the items.
ADJUSTMENT_FIELDS = (
    *CALENDAR,
    Field(name="subtotal", title="各项得分之和", unit="分"),
    Field(name="items", title="承担的项数", unit="项"),
    # missing: no filing day was given
    Field(name="late_days", title="迟报天数", unit="天", minimum=Fraction(0), maximum=Fraction(366), missing=True),
)
