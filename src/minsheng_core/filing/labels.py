"""The words of a sheet that are no figures: its fixed columns, headings, totals, footers; and what names what."""

import re
import unicodedata

from ..errors import QuantityError
from ..field import Field, Form
from ..quantity import Unit, unit

__all__ = [
    "BODY", "EVENT_FIELDS", "FILED", "FOOTERS", "LAST_MONTH", "OURS", "PERIOD", "PROBLEM", "SUMMARY", "TOTALS", "bracketed_unit", "is_named", "LONGEST_NAME", "known_unit",
    "plain", "sheet_name",
]  # fmt: skip

TOTALS = frozenset({"合计", "小计", "总计", "全市", "全市合计", "累计"})
NOT_IN_NAMES = str.maketrans("[]:*?/\\", "（）：＊？／＼")
LONGEST_NAME = 31
BODY = Field(name="body", title="单位", kind="text", aliases=("责任单位", "乡镇（街道）", "乡镇(街道)", "填报单位", "乡镇街道"))
PERIOD = Field(name="period", title="期间", kind="text", aliases=("月份", "填报月份", "所属期"))
FILED = Field(name="filed", title="填报日期", kind="date", missing=True, aliases=("上报日期",))
EVENT_FIELDS = Form(
    fields=(
        Field(name="event", title="事件", kind="text", aliases=("事项",)),
        Field(name="count", title="数量", kind="text", aliases=("金额", "数量或金额")),
        Field(name="document", title="文号", kind="text", missing=True),
        Field(name="date", title="日期", kind="date", missing=True),
        Field(name="deadline", title="整改期限", kind="date", missing=True),
        Field(name="note", title="说明", kind="text", missing=True),
    )
)
LAST_MONTH = "上月核验数"  # a column of our templates, there to be read only
PROBLEM = "问题（系统填写）"  # the column in which a marked file says what is wrong
SUMMARY = "问题清单（系统填写）"  # the sheet of a marked file that lists them all
OURS = (LAST_MONTH, "问题(系统", "序号", "编号")  # columns that nobody files, and that need no remark
FOOTERS = re.compile(
    r"\(?(填报人|填表人|制表|经办人|审核人|审核|复核|负责人|单位负责人|分管领导|联系电话|电话|盖章|公章|备注|注[:：]|说明[:：]|填报日期|填表日期)"
)


def sheet_name(title: str) -> str:
    """The title as the name of a sheet: without what Excel forbids in one, and not too long."""
    return title.translate(NOT_IN_NAMES).strip("'")[:LONGEST_NAME] or "表"


def plain(text: str) -> str:
    """A heading as it is compared: full-width forms made half-width, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).replace("\ufeff", "").split())


def is_named(field: Field, text: str) -> bool:
    """Whether a header names that field; a unit in brackets and spaces are passed over."""
    whole = plain(text)
    shorter = [whole[:at] for at, character in enumerate(whole) if character == "("]  # 铬（六价）（mg/L）
    return any(plain(name) in (whole, *shorter) for name in (field.title, field.name, *field.aliases))


def known_unit(symbol: str) -> Unit | None:
    """The unit of that symbol, or None where it is none."""
    try:
        return unit(symbol) if symbol else None
    except QuantityError:
        return None


def bracketed_unit(text: str) -> Unit | None:
    """The unit in a header's brackets: ``参保人数（万人）``, ``投入（单位：万元）``; None where there is none."""
    for inside in re.findall(r"\(([^()]*)\)", plain(text)):
        if found := known_unit(inside.removeprefix("单位").lstrip(":")):
            return found
    return None
