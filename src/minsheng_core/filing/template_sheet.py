"""Drawing a template's sheets: headings, instructions, the cells to fill in (unlocked, checked), last month's beside them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from attrs import evolve, frozen

from ..field import Below, Cell, Field, Form
from ..finding import Place
from ..period import Period, Span
from ..quantity import Quantity, decimal_text
from .entry_cells import expected, input_rule, number_format
from .labels import FILED, LAST_MONTH, LONGEST_NAME, sheet_name
from .stamp import HELP, HIDDEN

__all__ = ["Drawn", "Sheets"]

LIST = "minsheng_list_"
HEADER = 3  # the header's row, from 0
ON_A_PAGE = 16  # columns that can still be read when printed on one sheet's width
FONT = "宋体"
FILL_IN, LOCKED, HEAD = "#FFF9DB", "#F1F3F5", "#DCE6F1"
GENERAL = (
    "只填浅黄色的格子，其余格子已锁定。带（必填）的栏必须填；没有发生填 0，没有统计的栏空着，不要填“无”“同上”。",
    "数字按表头的单位填，不要合并单元格，不要增删表头和栏；需要加行的，用下面的空白行。",
    "填好后原样保存为 .xlsx 报送。有问题的格子会标红退回，改正后用退回的文件再报即可。",
)


@frozen(kw_only=True)
class Drawn:
    """A sheet that was drawn: what it *holds* (an indicator's id, events, help), its *title* and *form*."""

    sheet: Any
    holds: str
    title: str
    form: Form


class Sheets:
    """The sheets of one template."""

    def __init__(self, workbook: Any, body: str, period: Period, due: date | None) -> None:
        self.workbook, self.body, self.period, self.due = workbook, body, period, due
        self.names: set[str] = {HIDDEN}
        self.options: list[tuple[str, ...]] = []
        self.formats: dict[str, Any] = {}

    def format(self, **more: Any) -> Any:
        """A cell format, each made once."""
        wanted = {"font_name": FONT, "font_size": 11, "valign": "vcenter", **more}
        key = repr(sorted(wanted.items()))
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format(wanted)
        return self.formats[key]

    def keep(self, words: tuple[str, ...]) -> str:
        """The name of the range on the hidden sheet that will hold those words.

        A name, because Excel keeps a rule that points into another sheet in a form that other programs lose."""
        if words not in self.options:
            self.options.append(words)
        return f"{LIST}{self.options.index(words) + 1}"

    def write_options(self, hidden: Any) -> None:
        """The lists of words, into the hidden sheet."""
        for column, words in enumerate(self.options, 3):
            for row, word in enumerate(words):
                hidden.write_string(row, column, word)
            letters = cell_name(0, column)[:-1]
            self.workbook.define_name(f"{LIST}{column - 2}", f"={HIDDEN}!${letters}$1:${letters}${len(words)}")

    def add(self, title: str) -> Any:
        """A new sheet; a name that Excel can't have is made one that it can."""
        plain = sheet_name(title)
        name, number = plain, 1
        while name.lower() in {one.lower() for one in self.names}:
            number += 1
            name = f"{plain[: LONGEST_NAME - 4]}（{number}）"
        self.names.add(name)
        sheet = self.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.set_landscape()
        return sheet

    def help(self) -> Drawn:
        """The sheet of instructions, to be filled by `explain`."""
        return Drawn(sheet=self.add("填报说明"), holds=HELP, title="填报说明", form=Form(fields=()))

    def explain(self, drawn: Drawn, tables: Sequence[tuple[str, Sequence[Field]]], more: Sequence[str]) -> None:
        """What is filed on which sheet, in which unit, and what it may be."""
        sheet = drawn.sheet
        sheet.fit_to_pages(1, 0)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 24)
        sheet.set_column(2, 2, 70)
        sheet.write_string(0, 0, f"{Span(kind='month', end=self.period).title}填报说明", self.format(bold=True, font_size=16))
        due = [f"请于 {self.due} 前报送。"] if self.due else []
        row = 1
        for line in [f"填报单位：{self.body}    期间：{self.period}", *due, *GENERAL]:
            sheet.merge_range(row, 0, row, 2, "", self.format(text_wrap=True))
            sheet.write_string(row, 0, line, self.format(text_wrap=True))
            row += 1
        row += 1
        for column, text in enumerate(("工作表", "栏", "怎么填")):
            sheet.write_string(row, column, text, self.format(bold=True, bg_color=HEAD, border=1))
        for title, fields in tables:
            for field in fields:
                row += 1
                for column, text in enumerate(
                    (
                        title,
                        field.title,
                        expected(field) if len(field.choices) < 6 else f"从下拉框中选，{'可不填' if field.missing else '必填'}",
                    )
                ):
                    sheet.write_string(row, column, text, self.format(border=1, text_wrap=True))
        for line in more:
            row += 1
            sheet.merge_range(row, 0, row, 2, "", self.format(text_wrap=True))
            sheet.write_string(row, 0, line, self.format(text_wrap=True))
        sheet.protect("", {"format_columns": True, "format_rows": True})

    def table(self, holds: str, title: str, form: Form, subjects: Sequence[str], before: Mapping[str, Mapping[str, Cell]] | None) -> Drawn:
        """A sheet with a row for each of *subjects* (empty: any). *before* are last month's values by subject; None shows no such
        columns."""
        sheet = self.add(title)
        columns = self._columns(form, before is not None)
        width = max(len(columns), 6)
        self._heading(sheet, title, width)
        known = tuple(one for one in subjects if one)
        for column, (field, last) in enumerate(columns):
            header = _header(field, last)
            style = self.format(
                bold=True, bg_color=LOCKED if last else HEAD, border=1, align="center", text_wrap=True, font_size=9 if last else 11
            )
            sheet.write_string(HEADER, column, header, style)
            sheet.set_column(column, column, _width(field, last, known))
        for number, subject in enumerate(subjects):
            row = HEADER + 1 + number
            for column, (field, last) in enumerate(columns):
                if last:
                    shown = _shown((before or {}).get(subject, {}).get(field.name)) if subject or not form.subject else ""
                    sheet.write_string(row, column, shown, self.format(bg_color=LOCKED, border=1, font_color="#666666", align="right"))
                elif field.name == form.subject and subject:
                    sheet.write_string(row, column, subject, self.format(bg_color=LOCKED, border=1))
                else:
                    self._fill_in(sheet, row, column, evolve(field, choices=known) if field.name == form.subject and known else field)
        self._footer(sheet, HEADER + len(subjects) + 2)
        sheet.set_row(HEADER, 34)
        sheet.freeze_panes(HEADER + 1, 1 if form.subject else 0)
        sheet.repeat_rows(HEADER)
        if len(columns) <= ON_A_PAGE:
            sheet.fit_to_pages(1, 0)
        elif form.subject:
            sheet.repeat_columns(0)
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{HEADER + len(subjects) + 3}"})
        sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
        return Drawn(sheet=sheet, holds=holds, title=title, form=form)

    def _columns(self, form: Form, last: bool) -> list[tuple[Field, bool]]:
        """Each field, and beside each figure the one of last month."""
        columns = []
        for field in form.fields:
            if field.formula:
                continue
            columns.append((field, False))
            if last and field.kind in ("quantity", "detected"):
                columns.append((field, True))
        return columns

    def _heading(self, sheet: Any, title: str, width: int) -> None:
        when = Span(kind="month", end=self.period).title
        sheet.merge_range(0, 0, 0, width - 1, "", self.format(bold=True, font_size=16, align="center"))
        sheet.write_string(0, 0, f"{title}填报表（{when}）", self.format(bold=True, font_size=16, align="center"))
        sheet.set_row(0, 30)
        for column, text in enumerate(("填报单位：", self.body, "期间：", str(self.period), "填报日期：")):
            sheet.write_string(1, column, text, self.format(bold=column % 2 == 0, align="right" if column % 2 == 0 else "left"))
        self._fill_in(sheet, 1, 5, FILED)
        due = f"请于 {self.due} 前报送。" if self.due else ""
        sheet.merge_range(2, 0, 2, width - 1, "", self.format(text_wrap=True, font_color="#7A4B00"))
        sheet.write_string(2, 0, f"{due}{GENERAL[0]}", self.format(text_wrap=True, font_color="#7A4B00"))
        sheet.set_row(2, 34)

    def _footer(self, sheet: Any, row: int) -> None:
        for at, label in enumerate(("填报人：", "审核人：", "联系电话：")):
            sheet.write_string(row, at * 2, label, self.format(align="right"))
            sheet.write_blank(row, at * 2 + 1, None, self.format(locked=False, bottom=1, num_format="@"))

    def _fill_in(self, sheet: Any, row: int, column: int, field: Field) -> None:
        """An unlocked cell, its rule, and what is said when it is chosen."""
        wrap = field.kind == "text" and not field.choices
        style = self.format(locked=False, bg_color=FILL_IN, border=1, num_format=number_format(field), text_wrap=wrap)
        sheet.write_blank(row, column, None, style)
        sheet.data_validation(row, column, row, column, input_rule(field, cell_name(row, column), self.keep))


def cell_name(row: int, column: int) -> str:
    """The cell as Excel names it; *row* and *column* count from 0."""
    return Place("", row + 1, column + 1).cell


def _header(field: Field, last: bool) -> str:
    unit = f"（{field.unit}）" if field.unit else ""
    return f"{LAST_MONTH}{unit}" if last else f"{field.title}{unit}{'' if field.missing else '（必填）'}"


def _width(field: Field, last: bool, known: Sequence[str]) -> int:
    if last:
        return 11
    longest = max((len(one) for one in (*known, *field.choices)), default=0) if not field.missing and field.kind == "text" else 0
    return max(13, min(36, 2 * len(field.title) + 4), min(40, 2 * longest + 4), 18 if field.kind == "text" else 0)


def _shown(value: Cell) -> str:
    """Last month's value as it is shown; 暂无 where there is none."""
    if isinstance(value, Below):
        return f"{decimal_text(value.limit.value)}L"
    return decimal_text(value.value) if isinstance(value, Quantity) else "暂无"
