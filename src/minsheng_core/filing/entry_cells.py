"""The cells of a template that are filled in: what each may hold, as Excel checks it, and what is said beside it."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from ..field import Field
from ..quantity import decimal_text

__all__ = ["expected", "input_rule", "number_format"]

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 30)
MANY = 10**9  # a bound beyond it only keeps the reckoning sound, and tells a clerk nothing
LISTED = 250  # characters that a list written into a cell's rule may have


def expected(field: Field) -> str:
    """What the field may be, for a clerk: ``人，0 至 1,000,000，整数，必填``."""
    parts = [{"text": "文字", "date": "日期，如 2023-10-08"}.get(field.kind, "数字")]
    if field.choices:
        parts = [f"从{'、'.join(field.choices)}中选"]
    if field.kind in ("quantity", "detected"):
        parts = [f"以{field.unit}为单位的数字"] if field.unit else parts
        low = None if field.minimum is None else decimal_text(field.minimum)
        high = None if field.maximum is None or field.maximum >= MANY else decimal_text(field.maximum)
        if low and high:
            parts.append(f"{low} 至 {high}")
        elif low or high:
            parts.append(f"不小于 {low}" if low else f"不大于 {high}")
        parts.append(f"最多{field.decimals}位小数" if field.decimals else "整数")
    if field.kind == "detected":
        parts.append("低于检出限填检出限加L，如 0.002L")
    parts.append("可不填" if field.missing else "必填")
    return "，".join(parts)


def number_format(field: Field) -> str:
    """How Excel shows it. A percentage is a true one, so that 98.5 and 98.5% typed in are the same."""
    if field.kind == "date":
        return "yyyy-mm-dd"
    if field.kind != "quantity":
        return "@" if field.kind == "text" else "General"
    if field.unit == "%":
        return f"0.{'0' * field.decimals}%" if field.decimals else "0%"
    return "General"


def input_rule(field: Field, cell: str, options: Callable[[tuple[str, ...]], str]) -> dict[str, Any]:
    """The rule of a cell, as xlsxwriter takes it. *options* keeps a list of words and gives the name of the range that holds it."""
    rule: dict[str, Any] = {"validate": "any"}
    if field.choices:
        words = tuple(field.choices)
        short = len(",".join(words)) <= LISTED and not any("," in word for word in words)
        rule = {"validate": "list", "source": list(words) if short else f"={options(words)}"}
    elif field.kind == "date":
        rule = {"validate": "date", "criteria": "between", "minimum": FIRST_DAY, "maximum": LAST_DAY}
    elif field.kind == "quantity" and not field.decimals and field.unit != "%" and None not in (field.minimum, field.maximum):
        assert field.minimum is not None
        assert field.maximum is not None
        low, high = -(-field.minimum // 1), field.maximum // 1
        rule = {"validate": "integer", "criteria": "between", "minimum": int(low), "maximum": int(high)}
    elif field.kind in ("quantity", "detected"):
        rule = {"validate": "custom", "value": f"={_formula(field, cell)}"}
    said = expected(field)
    return {
        **rule, "ignore_blank": True, "input_title": field.title[:32], "input_message": said[:255],
        "error_title": "请核对", "error_message": f"“{field.title}”应为：{said}"[:255], "error_type": "stop",
    }  # fmt: skip


def _formula(field: Field, cell: str) -> str:
    scale = Fraction(1, 100) if field.unit == "%" else Fraction(1)
    places = field.decimals + (2 if field.unit == "%" else 0)
    parts = [f"ISNUMBER({cell})", f"ROUND({cell},{places})={cell}"]
    parts += [f"{cell}>={decimal_text(field.minimum * scale)}"] if field.minimum is not None else []
    parts += [f"{cell}<={decimal_text(field.maximum * scale)}"] if field.maximum is not None else []
    number = f"AND({','.join(parts)})"
    return f'OR({number},RIGHT({cell},1)="L",LEFT({cell},1)="<")' if field.kind == "detected" else number
