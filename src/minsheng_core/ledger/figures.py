"""Reports as plain JSON and back: every figure exact, with the words it was filed in and the cell it stood in."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from ..field import Below, Cell
from ..finding import Place
from ..protocols import Report, Stage
from ..quantity import Quantity, decimal_text, unit
from .entry import Unit

__all__ = ["Row", "differences", "quantity_data", "quantity_of", "report_of", "row_data", "same_figures", "same_thing", "shown"]

Row = Mapping[str, Any]


def row_data(report: Report) -> dict[str, Any]:
    """One row of a filing. Whose it is, and for which month, says the entry's unit."""
    at = report.place
    return {
        "subject": report.subject,
        "filed": report.filed.isoformat() if report.filed else "",
        "values": {name: _cell_data(value) for name, value in report.values.items()},
        "place": [at.file, at.line, at.column, at.sheet],
        "columns": dict(report.columns),
    }


def report_of(of: Unit, row: Row, stage: Stage = "filed") -> Report:
    """The row as it was filed, with its figures as they stand at *stage*."""
    file, line, column, sheet = row["place"]
    return Report(
        indicator=of.indicator, body=of.body, period=of.period, subject=row["subject"], stage=stage, place=Place(file, line, column, sheet),
        filed=date.fromisoformat(row["filed"]) if row["filed"] else None, columns=row["columns"],
        values={name: _cell_of(value) for name, value in row["values"].items()},
    )  # fmt: skip


def same_figures(one: Sequence[Row], other: Sequence[Row]) -> bool:
    """Whether two filings say the same: wherever the rows stood, in whatever order and spelling."""
    return sorted(map(_said, one)) == sorted(map(_said, other))


def _said(row: Row) -> str:
    return repr((row["subject"], row["filed"], sorted((name, _plain(value)) for name, value in row["values"].items())))


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return repr(sorted((key, _plain(one)) for key, one in value.items() if key not in ("printed", "tolerance")))
    return repr(value)


def differences(old: Sequence[Row], new: Sequence[Row], titles: Mapping[str, str]) -> Iterator[str]:
    """Every figure that two filings of a unit differ in, in words; *titles* are those of its form's fields."""
    before = {row["subject"]: row for row in old}
    yield from (f"少了{subject}一行" for subject in before.keys() - {row["subject"] for row in new})
    for row in new:
        earlier = before.get(row["subject"])
        if earlier is None:
            yield f"多了{row['subject']}一行"
            continue
        held = earlier["values"]
        if row["filed"] != earlier["filed"]:
            yield f"{row['subject']}填报日期原为{earlier['filed'] or '未填'}，现为{row['filed'] or '未填'}"
        for name, value in row["values"].items():
            if shown(value) != shown(held.get(name)):
                yield f"{row['subject']}{titles.get(name, name)}原为{shown(held.get(name))}，现为{shown(value)}"


def shown(value: object) -> str:
    """A figure of an entry, for people."""
    if isinstance(value, Mapping):
        if "below" in value:
            return f"低于{shown(value['below'])}"
        return str(value["date"]) if "date" in value else str(quantity_of(value))
    return "未填" if value is None else str(value)


def same_thing(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two records are of the same thing: one body, event, month and day, and one document, however its number was typed."""
    documents = ["".join(unicodedata.normalize("NFKC", str(data["document"])).split()) for data in (one, other)]
    return documents[0] == documents[1] and all(one[name] == other[name] for name in ("event", "body", "period", "date"))


def quantity_data(one: Quantity) -> dict[str, str]:
    """``{"value": "32929", "unit": "人"}``, with the words it was written in and its precision where those are known."""
    data = {"value": decimal_text(one.value), "unit": one.unit.symbol}
    data |= {"printed": one.printed} if one.printed else {}
    return data | ({} if one.tolerance is None else {"tolerance": decimal_text(one.tolerance)})


def quantity_of(data: Mapping[str, str]) -> Quantity:
    """The quantity that `quantity_data` wrote down."""
    tolerance = Fraction(data["tolerance"]) if "tolerance" in data else None
    return Quantity(Fraction(data["value"]), unit(data["unit"]), tolerance, data.get("printed", ""))


def _cell_data(value: Cell) -> Any:
    if isinstance(value, Quantity):
        return quantity_data(value)
    if isinstance(value, Below):
        return {"below": quantity_data(value.limit)}
    return {"date": value.isoformat()} if isinstance(value, date) else value


def _cell_of(data: Any) -> Cell:
    if not isinstance(data, Mapping):
        return data  # type: ignore[no-any-return] # a text, or None
    if "below" in data:
        return Below(quantity_of(data["below"]))
    return date.fromisoformat(data["date"]) if "date" in data else quantity_of(data)
