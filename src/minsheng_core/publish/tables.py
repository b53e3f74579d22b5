"""The annexed tables as an Excel workbook: every cell typed, no text ever a formula, the same publication the same bytes."""

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from attrs import frozen

from ..errors import MinshengError
from ..protocols import STAGES
from ..quantity import Quantity, decimal_text
from .address import clause_words
from .bulletin_words import context
from .publication import Publication, changed, late, missing, reached, stage_rows
from .text import STATES, share_text

__all__ = ["tables"]

LONGEST = 32_767  # UTF-16 units that a cell holds
DIGITS = 15  # that Excel keeps of a number; longer ones are written as text


@frozen
class Marks:
    """Marks of a sheet, shown with all their decimals."""

    value: Fraction
    places: int


Value = str | int | Quantity | Marks | None


def tables(publication: Publication) -> bytes:
    """The workbook: ranking, items, indicators, filing, figures at each stage, findings, assumptions. Raises MinshengError where
    XlsxWriter isn't installed."""
    try:
        import xlsxwriter
    except ImportError:
        raise MinshengError('附表需要另装：pip install "minsheng-core[publish]"') from None
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        issued = publication.issued
        book.set_properties(
            {"title": publication.title, "author": publication.issuer, "created": datetime(issued.year, issued.month, issued.day)}
        )
        book.set_size(1600, 1000)
        for name, header, rows, widths in _sheets(publication):
            _write(book, publication, name, header, rows, widths)
    return out.getvalue()


def _write(
    book: Any, publication: Publication, name: str, header: Sequence[str], rows: Sequence[Sequence[Value]], widths: Sequence[int]
) -> None:
    """A sheet: a line that says what it is, a header that stays, cells, made to be printed on A4."""
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bg_color": "#EDF1F6", "border": 1, "text_wrap": True, "valign": "vcenter"})
    plain = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    mark = "虚构数据，仅作演示 · " if publication.sample else ""
    sheet.write_string(0, 0, f"{publication.title} · {name} · {mark}{publication.stage_words}", book.add_format({"bold": True}))
    for column, (title, width) in enumerate(zip(header, widths, strict=True)):
        sheet.write_string(1, column, title, head)
        sheet.set_column(column, column, width)
    for line, row in enumerate(rows, 2):
        for column, value in enumerate(row):
            _cell(book, sheet, line, column, value, plain)
    sheet.set_row(1, 48)
    sheet.freeze_panes(2, 2)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)
    sheet.set_footer(
        "&L" + ("虚构数据 " if publication.sample else "") + ("暂列" if publication.assessed.provisional else "已核验") + "&R第&P页，共&N页"
    )


def _cell(book: Any, sheet: Any, line: int, column: int, value: Value, plain: Any) -> None:
    number = value.value if isinstance(value, Quantity | Marks) else Fraction(value) if isinstance(value, int) else None
    places = value.places if isinstance(value, Marks) else None
    text = decimal_text(number, places) if number is not None else str(value or "")
    if number is None or "/" in text or len(text.lstrip("-").replace(".", "")) > DIGITS:
        sheet.write_string(line, column, _whole(f"{text}{value.unit.symbol}" if isinstance(value, Quantity) else text), plain)
        return
    decimals = len(text.partition(".")[2])
    symbol = value.unit.symbol if isinstance(value, Quantity) else ""
    form = "0" + (f".{'0' * decimals}" if decimals else "") + (f'"{symbol}"' if symbol else "")
    sheet.write_number(line, column, Decimal(text), book.add_format({"border": 1, "valign": "top", "num_format": form}))


def _whole(text: str) -> str:
    """What a cell can hold; of a longer text its beginning, and where the rest stands: a spreadsheet would drop it whole."""
    return (
        text
        if len(text.encode("utf-16-le", "replace")) // 2 <= LONGEST
        else f"{text[: LONGEST // 2 - 100]}……（太长，全文见 publication.json）"
    )


def _sheets(publication: Publication) -> list[tuple[str, list[str], list[list[Value]], list[int]]]:
    said = context(publication)
    standings, _, assumed = said["annexes"]
    width = len(standings["header"])
    assessed, scheme = publication.assessed, publication.scheme
    found: list[tuple[str, list[str], list[list[Value]], list[int]]] = [
        ("排名", standings["header"], _standings(publication), [8, 16, *[14] * (width - 2)]),
        ("得分", ["评分表", "单位", "项目", "实绩", "目标", "完成", "得分", "满分", "说明"], _items(publication), [24, 16, 28, 14, 14, 12, 10, 10, 40]),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for one in scheme.indicators:
        measured = assessed.indicators[one.id]
        rows.append(
            [
                one.title,
                one.target.value if one.target else "—",
                reached(one, measured) or STATES[measured.state],
                share_text(measured),
                scheme.body(one.lead).name,
                clause_words(scheme, one.source),
            ]
        )
    found.append(("指标", ["指标", "目标", "实绩", "完成", "牵头单位", "依据"], rows, [36, 14, 14, 18, 26, 18]))
    owed = [*missing(publication), *late(publication)]
    rows = [
        [scheme.body(one.body).name, f"{one.span} {one.title}", str(one.deadline or "未定"), str(one.filed or "—"), one.late, one.reason]
        for one in owed
    ]
    found.append(("报送", ["单位", "应报", "期限", "报送日期", "迟报天数", "退回理由"], rows, [26, 40, 14, 14, 10, 40]))
    found.append(("各阶段数据", ["单位", "指标", "栏目", "填报数", "审核数", "核验数"], _stages(publication), [26, 34, 30, 16, 16, 16]))
    rows = [[one.severity.word, one.message, str(one.place or ""), one.code] for one in assessed.findings]
    found.append(("问题", ["轻重", "问题", "位置", "代号"], rows, [8, 80, 50, 24]))
    found.append(("假定", assumed["header"], assumed["rows"], [26, 28, 90]))
    return found


def _standings(publication: Publication) -> list[list[Value]]:
    """The bulletin's first annex, its numbers as numbers."""
    sheet = next((one for one in publication.assessed.sheets if one.sheet.ranking is not None), publication.assessed.sheets[0])
    places = sheet.sheet.rounding.places
    rows: list[list[Value]] = []
    for one in sheet.bodies:
        items = {item.item.id: item.rounded for item in one.items}
        values = {rule.id: step.value for rule, step in one.adjustments}
        cells: list[Value] = [_marks(items.get(item.id), places) for item in sheet.sheet.items]
        cells += [_marks(values.get(rule.id), places) for rule in sheet.sheet.adjustments if rule.kind != "veto"]
        cells += [_marks(one.total, places), *(one.labels.get(label.id, "—") for label in sheet.sheet.labels)]
        rows.append([one.rank or STATES[one.state], one.body.name, *cells, changed(publication, sheet.sheet.id, one)])
    return rows


def _marks(value: object, places: int) -> Value:
    """Marks that end within the sheet's decimals with all of them; others, of a sheet that rounds the total only, as they are."""
    if not isinstance(value, Quantity):
        return "—"
    return Marks(value.value, places) if (value.value * 10**places).denominator == 1 else value


def _items(publication: Publication) -> list[list[Value]]:
    rows: list[list[Value]] = []
    for sheet in publication.assessed.sheets:
        for body in sheet.bodies:
            for item in body.items:
                one = item.measured
                why = "" if item.state == "scored" else item.step.how or one.step.how
                rows.append(
                    [
                        sheet.sheet.title,
                        body.body.name,
                        item.item.title,
                        one.actual,
                        one.target,
                        share_text(one),
                        item.rounded or STATES[item.state],
                        item.item.full,
                        why,
                    ]
                )
            rows += [
                [sheet.sheet.title, body.body.name, one.title, None, None, "", body.labels.get(one.id), None, ""]
                for one in sheet.sheet.labels
            ]
            for rule, step in body.adjustments:
                value = step.value if isinstance(step.value, Quantity) else "是" if step.value else "否"
                rows.append([sheet.sheet.title, body.body.name, rule.title, None, None, "", value, None, ""])
    return rows


def _stages(publication: Publication) -> list[list[Value]]:
    rows: list[list[Value]] = []
    for unit in sorted(publication.figures):
        whose = [publication.scheme.body(unit.body).name, publication.scheme.indicator(unit.indicator).title]
        for title, stages in stage_rows(publication, unit):
            values = [stages.get(stage) for stage in STAGES]
            rows.append([*whose, title, *(one if one is None or isinstance(one, Quantity) else str(one) for one in values)])
    return rows
