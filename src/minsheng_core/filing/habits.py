"""A clerk's cell as the value it means: dates in their spellings, percentages, units of the header; what isn't sure is refused.

Each refusal is a QuantityError whose message, in Chinese, says what was expected.
"""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal

from ..errors import QuantityError
from ..field import BLANKS, Cell, Field
from ..period import Period
from ..quantity import Unit
from .grid import GridCell

__all__ = ["is_blank", "read_cell", "read_period"]

DITTO = frozenset({"同上", "〃", "″", "“", '"', "''", "同前"})
SERIALS = range(36_526, 73_415)  # 2000-01-01 to 2100-12-30: nothing else is taken for a day
NUMBER = re.compile(r"[+-]?[\d,]+(?:\.\d+)?")


def is_blank(cell: GridCell) -> bool:
    """Whether nothing was filed in it: empty, or one of the words for nothing (``/``, 无)."""
    return cell.kind == "blank" or (cell.kind == "text" and _plain(cell.text) in BLANKS)


def read_cell(field: Field, cell: GridCell, unit: Unit | None = None, since_1904: bool = False) -> tuple[Cell, str]:
    """The value, and a remark where it was read in a way that a person should know. *unit* is what the header gives for bare
    numbers. Raises QuantityError."""
    title = f"“{field.title}”"
    if cell.kind == "error":
        raise QuantityError(f"{title}是错误值 {cell.text}，不能当作没有填；请改正公式，或直接填写")
    if cell.kind == "uncached":
        raise QuantityError(
            f"{title}是公式（{cell.text[:40]}），但文件里没有算出的结果，不能当作没有填；请用 Excel 或 WPS 打开保存一次，或直接填数"
        )
    if cell.kind == "imprecise":
        raise QuantityError(f"{title}的数字超过15位（{cell.text}），表格软件保存时已失真；请把这一格设为文本后重新填写")
    if cell.kind == "text" and unicodedata.normalize("NFKC", cell.text).strip() in DITTO:
        raise QuantityError(f"{title}请写明内容，不要写“{cell.text.strip()}”")
    if field.kind == "date":
        return _day(field, cell, since_1904)
    if cell.kind == "date" and field.kind != "text":
        raise QuantityError(f"{title}应为数，这一格被设成了日期（{cell.text}）；请把格式改为“常规”后重新填写")
    text = _shown(cell)
    if NUMBER.fullmatch(_plain(text)):
        if field.kind == "quantity" and "%" in (field.unit, str(unit)):
            _sure_of_percent(field, _plain(text), cell)
        if unit is not None and str(unit) != field.unit:
            text = f"{_plain(text)}{unit}"
    elif field.kind == "detected" and unit is not None and str(unit) != field.unit and not is_blank(cell):
        raise QuantityError(f"{title}低于检出限的值请按{field.unit}填写（表头的单位是{unit}），填的是“{cell.text}”")
    return field.read(text), ""


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lstrip("'").strip()


def _shown(cell: GridCell) -> str:
    """The text; a number that is shown with % as it is seen: 0.985 is 98.5%."""
    if cell.kind != "number" or not cell.percent:
        return cell.text
    return f"{format((Decimal(cell.text) * 100).normalize(), 'f')}%"


def _sure_of_percent(field: Field, plain: str, cell: GridCell) -> None:
    """98.5 is 98.5%; 0.985 may be 0.985% or 98.5%, and nobody may guess."""
    value = Decimal(plain.replace(",", ""))
    if 0 < abs(value) <= 1 and (field.maximum is None or field.maximum > 1):
        hundred = format((value * 100).normalize(), "f")
        raise QuantityError(f"“{field.title}”填的是“{cell.text}”，分不清是{plain}%还是{hundred}%；请带百分号填写，如 {hundred}%")


def _day(field: Field, cell: GridCell, since_1904: bool) -> tuple[Cell, str]:
    text = re.sub(r"\s+(?:\d{1,2}:\d{2}(?::\d{2})?)$", "", _plain(cell.text))  # a time of day says nothing here
    text = "".join(text.split()).replace("号", "日")
    if re.fullmatch(r"\d{5}", text):
        number = int(text) + (1462 if since_1904 else 0)
        if number in SERIALS:
            day = date(1899, 12, 30) + timedelta(days=number)
            return day, f"“{field.title}”填的是日期序号{cell.text}，读作 {day}"
    if re.fullmatch(r"(?:\d{4}年)?\d{1,2}月(?:份|底|末|初|中旬|上旬|下旬)?", text):
        raise QuantityError(f"“{field.title}”只写到月份（“{cell.text}”），请写明是哪一天，如 2023-10-08")
    if re.fullmatch(r"\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?", text):
        raise QuantityError(f"“{field.title}”的年份请写四位，如 2023-10-08，填的是“{cell.text}”")
    return field.read(text), ""


def read_period(cell: GridCell) -> Period:
    """The month that a cell names. Raises ValueError where it names none, or might be another: ``2023.1`` is what a workbook makes
    of 2023.10."""
    text = "".join(_plain(cell.text).split()).removesuffix("份")
    if cell.kind in ("error", "uncached", "imprecise") or re.fullmatch(r"\d{4}\.1", text):
        raise ValueError(text)
    if match := re.fullmatch(r"(\d{4})(\d{2})", text):
        return Period.read(f"{match[1]}-{match[2]}")
    if match := re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text):
        day = date(int(match[1]), int(match[2]), int(match[3]))
        if day.day != 1 and (day + timedelta(days=1)).day != 1:
            raise ValueError(text)  # a day in the middle of a month is no month
        return Period(day.year, day.month)
    return Period.read(text)
