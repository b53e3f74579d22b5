"""Where a sheet's table stands: title rows above it, a header of one row or two, a row of units, what is said around it."""

from collections.abc import Callable, Mapping, Sequence

from attrs import frozen

from ..field import Field
from ..finding import Place, Severity
from ..quantity import Unit
from .grid import GridCell, GridRow, Sheet
from .labels import BODY, FILED, OURS, PERIOD, bracketed_unit, is_named, known_unit, plain

__all__ = ["Find", "Said", "Table", "find_table", "said_in"]

FIXED = (BODY, PERIOD, FILED)
Find = Callable[..., None]  # code, message, place, severity


@frozen(kw_only=True)
class Said:
    """What is said once for all rows, above or below them: ``单位：沩山乡``. *name* is a fixed field's, or ``unit``."""

    name: str
    cell: GridCell
    place: Place


@frozen(kw_only=True)
class Table:
    """A table found in a sheet: 1-based *columns* by field name, *units* that a header or the sheet gives for them, the row
    number of its last *header* row, the *rows* below, and what was *said* above it, by name."""

    columns: Mapping[str, int]
    units: Mapping[str, Unit]
    header: int
    rows: Sequence[GridRow]
    said: Mapping[str, Said]
    headings: Mapping[int, str]  # every header as printed, by column


def find_table(sheet: Sheet, fields: Sequence[Field], file: str, find: Find) -> Table | None:
    """The table of those *fields* below a header that names at least one of them; None where no row does.

    Columns that nobody knows, twice the same, or in a unit that doesn't fit become findings.
    """
    below, own = {field.name for field in fields}, (*FIXED, *fields)
    rows = [row for row in sheet.rows if not row.remark]
    for index, row in enumerate(rows):
        upper = _spread(sheet, row)
        lower = _second(sheet, rows, index, own)
        names = _names(upper, lower, own)
        found = {name for name, _ in names.values() if name}
        alone = {name for name, _ in _names({}, lower, own).values() if name}
        if len(found) < 2 or not found & below or (lower and found == alone):  # then the lower row is the header by itself
            continue
        rest = list(rows[index + 1 + bool(lower) :])
        stands = rows[index + bool(lower)].number
        said = {one.name: one for above in rows[:index] for one in said_in(above, file, sheet.name)}
        units = _unit_row(rest[0], names) if rest and rest[0].number == stands + 1 else {}
        if units:
            stands = rest.pop(0).number
        place = Place(file, rows[index + bool(lower)].number, 0, sheet.name)
        columns = _columns(names, own, place, find)
        known = _units(columns, names, units, own, said.get("unit"), place, find)
        return Table(
            columns={name: column for name, column in columns.items() if name in known or name not in _measured(own)},
            units={name: one for name, one in known.items() if one is not None},
            header=stands, rows=tuple(rest), said=said, headings={column: text for column, (_, text) in names.items()},
        )  # fmt: skip
    return None


def said_in(row: GridRow, file: str, sheet: str) -> list[Said]:
    """What a row says for the whole sheet: ``单位：沩山乡`` in one cell, or ``填报日期：`` with the day in the next one."""
    said = []
    columns = sorted(row.cells)
    for at, column in enumerate(columns):
        label, colon, rest = plain(row.cells[column].text).partition(":")
        field = next((one for one in FIXED if is_named(one, label)), None)
        if not field or not colon:
            continue
        cell, where = GridCell(rest, "text"), column
        if not rest:
            where = columns[at + 1] if at + 1 < len(columns) else 0
            cell = row.cell(where)
            if not where or plain(cell.text).endswith(":"):
                continue
        name = "unit" if field is BODY and known_unit(plain(cell.text)) else field.name
        said.append(Said(name=name, cell=cell, place=Place(file, row.number, where, sheet)))
    return said


def _spread(sheet: Sheet, row: GridRow) -> dict[int, str]:
    """A header row's texts by column; one that is merged over several columns stands over each."""
    texts = {column: cell.text for column, cell in row.cells.items()}
    for one in sheet.merged:
        if one.top == row.number and one.left in texts and one.right - one.left < 100:
            texts |= dict.fromkeys(range(one.left, one.right + 1), texts[one.left])
    return texts


def _second(sheet: Sheet, rows: Sequence[GridRow], index: int, fields: Sequence[Field]) -> dict[int, str]:
    """The texts of the row below where that is a second header row: right below, no figure in it, no body, some field's name."""
    row, below = rows[index], rows[index + 1] if index + 1 < len(rows) else None
    if below is None or below.number != row.number + 1 or any(cell.kind in ("number", "date") for cell in below.cells.values()):
        return {}
    bodies = [column for column, cell in row.cells.items() if is_named(BODY, cell.text)]
    if any(below.cell(column).kind != "blank" for column in bodies):
        return {}
    texts = {column: cell.text for column, cell in below.cells.items()}
    upper = {column: cell.text for column, cell in row.cells.items()}
    own = {name for name, _ in _names({}, texts, fields).values()} - {""}
    joined = {name for name, _ in _names(_spread(sheet, row), texts, fields).values()} - {""}
    return texts if own or joined > {name for name, _ in _names(upper, {}, fields).values()} else {}


def _names(upper: Mapping[int, str], lower: Mapping[int, str], fields: Sequence[Field]) -> dict[int, tuple[str, str]]:
    """The field's name (or "") and the header as printed, by column: both rows' words together, the lower one's, or the upper one's."""
    names = {}
    last = ""
    for column in sorted({*upper, *lower}):
        over, under = upper.get(column, ""), lower.get(column, "")
        last = over or last  # a group's title that isn't merged stands in its first column only
        spellings = [f"{under}{last}", f"{last}{under}", under] if under else [over]
        found = next((field.name for text in spellings for field in fields if is_named(field, text)), "")
        names[column] = found, under or over
    return names


def _columns(names: Mapping[int, tuple[str, str]], fields: Sequence[Field], row: Place, find: Find) -> dict[str, int]:
    columns: dict[str, int] = {}
    for column, (name, text) in names.items():
        place = Place(row.file, row.line, column, row.sheet)
        if name in columns:
            find("report.column_twice", f"“{text.strip()}”一栏出现两次，只用第一次的", place)
        elif name:
            columns[name] = column
        elif text.strip() and not plain(text).startswith(OURS):
            find("report.unknown_column", f"不认识的栏“{text.strip()}”，未被使用", place, Severity.WARNING)
    return columns


def _measured(fields: Sequence[Field]) -> dict[str, Field]:
    return {field.name: field for field in fields if field.kind in ("quantity", "detected") or field.name == "count"}


def _unit_row(row: GridRow, names: Mapping[int, tuple[str, str]]) -> dict[int, Unit]:
    """The units where the row below the header holds nothing else: 人, 万元, %."""
    units = {}
    for column, cell in row.cells.items():
        one = known_unit(plain(cell.text).strip("()"))
        if one is None or column not in names or cell.kind != "text":
            return {}
        units[column] = one
    return units


def _units(
    columns: Mapping[str, int], names: Mapping[int, tuple[str, str]], row: Mapping[int, Unit], fields: Sequence[Field], said: Said | None,
    place: Place, find: Find,
) -> dict[str, Unit | None]:  # fmt: skip
    """The unit of each column of figures, None where nothing says one; without the columns whose unit doesn't fit their field."""
    units: dict[str, Unit | None] = {}
    for name, field in _measured(fields).items():
        if name not in columns:
            continue
        column = columns[name]
        own = bracketed_unit(names[column][1]) or row.get(column)
        wanted = known_unit(field.unit)
        if wanted and own and own.dimension != wanted.dimension:
            words = f"“{field.title}”应以{field.unit}为单位，表头写的是“{own}”，不能换算，这一栏未使用；请按模板改正"
            find("report.unit", words, Place(place.file, place.line, column, place.sheet))
            continue
        whole = known_unit(plain(said.cell.text)) if said else None
        units[name] = own or (whole if whole and wanted and whole.dimension == wanted.dimension else None)
    return units
