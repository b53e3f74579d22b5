"""What a template of ours says of itself: a sheet that nobody sees holds whose it is, and names point at its sheets.

A defined name follows its sheet when a clerk renames that, in every program that we know; so a sheet is known by it.
"""

from collections.abc import Iterable, Mapping, Sequence

from .grid import GridRow

__all__ = ["EVENTS", "HELP", "HIDDEN", "NAME", "read_stamp", "stamp_rows"]

HIDDEN = "_minsheng"
NAME = "minsheng_sheet_"
EVENTS, HELP = "events", "help"  # what a sheet holds, where it isn't an indicator
MARK = "minsheng-core template 1"


def stamp_rows(said: Mapping[str, str], indicators: Iterable[str]) -> list[tuple[str, str]]:
    """The first two columns of the hidden sheet. The sheet of the n-th of *indicators*, from 1, is called ``NAME`` + n."""
    named = [(f"{NAME}{number}", indicator) for number, indicator in enumerate(indicators, 1)]
    return [("minsheng", MARK), *said.items(), *named]


def read_stamp(rows: Sequence[GridRow], names: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What the hidden sheet says (nothing where it isn't ours), and the indicator of each sheet; *names* are names with their sheet."""
    said = {row.cell(1).text: row.cell(2).text for row in rows if row.cell(1).text}
    if not said.get("minsheng", "").startswith("minsheng-core template"):
        return {}, {}
    indicators = {sheet: said[name] for name, sheet in names.items() if name in said}
    return {key: value for key, value in said.items() if not key.startswith(NAME) and key != "minsheng"}, indicators
