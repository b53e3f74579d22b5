"""Tables of a Word file fitted to the page: columns as wide as their words need, long words sharing what is left."""

from collections.abc import Sequence
from typing import Any

from .text import width

__all__ = ["fit_tables", "shares"]

HEADER_LINES = 3  # a header may be broken over so many lines


def fit_tables(document: Any) -> None:
    """Every table with a repeated header row: its columns by their contents, over the whole width of the text."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    section = document.sections[0]
    room = (section.page_width - section.left_margin - section.right_margin) // 635  # twentieths of a point
    for table in document.tables:
        rows = table._tbl.tr_lst
        if not rows or rows[0].trPr is None or rows[0].trPr.find(qn("w:tblHeader")) is None:
            continue
        texts = [["".join(cell.itertext()) for cell in row.tc_lst] for row in rows]
        if len({len(row) for row in texts}) != 1:
            continue  # merged cells: the office's own, left as it is
        widths = shares(texts, room)
        for column in list(table._tbl.tblGrid):
            table._tbl.tblGrid.remove(column)
        for wide in widths:
            column = OxmlElement("w:gridCol")
            column.set(qn("w:w"), str(wide))
            table._tbl.tblGrid.append(column)
        table.autofit = False
        for row in rows:
            for cell, wide in zip(row.tc_lst, widths, strict=True):
                cell.width = wide * 635


def shares(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """*room* split over columns: none narrower than its words where all fit; where they don't, the widest give way alike."""
    header, *below = rows
    needs = [max([4, -(-width(title) // HEADER_LINES), *(width(row[at]) for row in below)]) + 1 for at, title in enumerate(header)]
    total = 84 if sum(needs) > 84 else sum(needs)  # characters of half width in a line of 五号
    limit = max(needs)
    while sum(min(one, limit) for one in needs) > total:
        limit -= 1
    fitted = [min(one, limit) for one in needs]
    widths = [room * one // sum(fitted) for one in fitted]
    return [*widths[:-1], room - sum(widths[:-1])]
