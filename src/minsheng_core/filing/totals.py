"""Rows of totals: no body's, but held against the sum of the rows."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from attrs import evolve

from ..errors import QuantityError
from ..finding import Severity
from ..period import Period
from ..protocols import Report
from ..quantity import MAX_DIGITS, Quantity, decimal_text
from .habits import is_blank, read_period
from .labels import PERIOD
from .rows import SheetRows

__all__ = ["check_totals"]


def check_totals(sheet: SheetRows, indicator: str, reports: Sequence[Report]) -> None:
    """Findings where a 合计 row isn't the sum of the month's rows, for each column that it fills."""
    sums: dict[tuple[Period, str], Fraction] = defaultdict(Fraction)
    for report in reports:
        for name, value in report.values.items():
            if isinstance(value, Quantity):
                sums[report.period, name] += value.value
    months = {report.period for report in reports}
    for row in sheet.totals:
        try:
            period = read_period(sheet.cell(row, PERIOD.name))
        except ValueError:
            if len(months) != 1 or not is_blank(sheet.cell(row, PERIOD.name)):
                sheet.find("report.period", "合计行没有期间，无法核对", sheet.at(row, PERIOD.name), Severity.WARNING)
                continue
            (period,) = months
        for one in sheet.fields:
            cell = sheet.cell(row, one.name)
            if one.kind != "quantity" or one.unit in ("%", "‰") or "/" in one.unit or is_blank(cell):  # a rate has no sum
                continue
            try:
                value, _ = sheet.read(evolve(one, minimum=None, maximum=None, decimals=MAX_DIGITS), cell)
                assert isinstance(value, Quantity)
                printed = value.value
            except QuantityError:
                words = f"合计行的“{one.title}”不是数：“{cell.text}”"
                sheet.find("report.cell", words, sheet.at(row, one.name), Severity.WARNING)
                continue
            total = sums[period, one.name]
            if printed != total:
                words = f"合计行的“{one.title}”为{decimal_text(printed)}，各行相加为{decimal_text(total)}，相差{decimal_text(printed - total)}{one.unit}"
                place = sheet.at(row, one.name)
                sheet.find("report.checksum", f"{words}；请核对有无漏行、错行", place, Severity.WARNING, indicator=indicator)
