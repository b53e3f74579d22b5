"""Clerks' files in: first the figures of the paper in the shapes that clerks send them, then every habit, then what must be refused."""

import io
import zipfile
from datetime import date
from fractions import Fraction as F
from pathlib import Path

import openpyxl
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from minsheng_core import FileIn, Period, ReportError, Severity, load_plugins, load_scheme, mark_file, prepare, read_file, read_reports
from minsheng_core.field import Field
from minsheng_core.filing.grid import Book, GridCell, GridRow, Sheet, is_percent, number_text
from minsheng_core.filing.habits import read_cell, read_period
from minsheng_core.finding import Place

READY = prepare(load_scheme("2023"), load_plugins())  # for tests of hypothesis, which would print it whole
OCTOBER = Period(2023, 10)
WEISHAN = "430182218"
HEAD = ["单位", "期间", "填报日期", "参保人数"]
ROW = ["沩山乡", "2023-10", date(2023, 11, 3), 11037]


@pytest.fixture
def sheet(prepared, tmp_path):
    """A workbook of those rows, read: ``sheet([[…]], change=lambda ws: …)``."""

    def made(rows, name="resident_pension.xlsx", title="Sheet1", change=None):
        workbook = openpyxl.Workbook()
        workbook.active.title = title
        for row in rows:
            workbook.active.append(row)
        if change:
            change(workbook.active)
        workbook.save(tmp_path / name)
        return read_file(tmp_path / name, prepared)

    return made


def insured(file):
    return [report.values["insured"].value for report in file.filed.reports]


def found(file, *severities):
    wanted = severities or (Severity.ERROR, Severity.WARNING)
    return [(one.code, one.place.cell) for one in file.filed.findings if one.severity in wanted]


# ---- the figures of the paper, in a clerk's workbook -----------------------------------------------------------


def test_a_plain_workbook_is_read_with_the_cell_of_each_figure(sheet):
    file = sheet([HEAD, ROW])
    (report,) = file.filed.reports
    assert (report.indicator, report.body, report.period, report.filed) == ("resident_pension", WEISHAN, OCTOBER, date(2023, 11, 3))
    assert report.values["insured"].value == 11037
    assert report.at("insured") == Place(str(file.path), 2, 4, "Sheet1")
    assert str(report.at("insured")).endswith("resident_pension.xlsx!Sheet1!D2")
    assert found(file) == []


def test_the_sample_month_as_workbooks_scores_as_it_does_as_csv(prepared, sample, tmp_path):
    import csv

    from minsheng_core import assess

    for path in (Path(__file__).parents[1] / "examples/2023-10").glob("*.csv"):
        workbook = openpyxl.Workbook()
        for row in csv.reader(path.read_text(encoding="utf-8").splitlines()):
            workbook.active.append(row)
        workbook.active.delete_rows(1)  # the remark
        workbook.save(tmp_path / path.with_suffix(".xlsx").name)
    again = assess(prepared, read_reports([tmp_path], prepared), OCTOBER)
    assert again.fingerprints == sample.fingerprints


@pytest.mark.parametrize("title", ["城乡居民基本养老保险参保人数", "resident_pension", " 城乡居民基本养老保险参保人数 "])
def test_a_sheet_is_known_by_its_title(sheet, title):
    assert insured(sheet([HEAD, ROW], name="十月.xlsx", title=title)) == [11037]


def test_a_sheet_that_nobody_knows_is_said_and_not_guessed(sheet):
    file = sheet([HEAD, ROW], name="十月.xlsx", title="养老")
    assert insured(file) == []
    assert [(one.code, one.place.sheet) for one in file.filed.findings] == [("report.unknown_sheet", "养老")]


# ---- where the table stands ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "figures"),
    [
        ([["宁乡市城乡居民养老保险参保情况表"], ["填报单位（盖章）：", None, "2023年11月"], [], HEAD, ROW], [11037]),
        ([["单位：沩山乡", "期间：2023年10月"], ["参保人数", "缴费人数"], [11037, 7000]], [11037]),
        ([["填报单位：", "沩山乡", "期间：", "2023-10", "填报日期：", date(2023, 11, 3)], ["参保人数", "缴费人数"], [11037, 7000]], [11037]),
        ([["单位：万人"], HEAD, ["沩山乡", "2023-10", None, 1.1037]], [11037]),
        ([[*HEAD[:3], "参保人数（万人）"], ["沩山乡", "2023-10", None, 1.1037]], [11037]),
        ([[*HEAD[:3], "参保人数\n（人）"], ROW], [11037]),
        ([HEAD, [None, None, None, "万人"], ["沩山乡", "2023-10", None, 1.1037]], [11037]),
        ([["单位", "期间", "参保情况", None], [None, None, "参保人数", "缴费人数"], ["沩山乡", "2023-10", 11037, 7000]], [11037]),
        ([["单位", "期间", "参保人数", "年初"], [None, None, "（人）", "参保人数"], ["沩山乡", "2023-10", 11037, 10900]], [11037]),
        ([["序号", *HEAD], [1, *ROW], ["填报人：张三", None, "联系电话：", "0731-1234567"], ["填报日期：", date(2023, 11, 5)]], [11037]),
        ([HEAD, ROW, HEAD, ["道林镇", "2023-10", date(2023, 11, 3), 31908]], [11037, 31908]),
    ],
    ids=["title", "said above", "said beside", "unit above", "unit in header", "unit below", "unit row", "two rows", "two rows joined", "footer", "header again"],
)  # fmt: skip
def test_a_table_is_found_wherever_it_stands(sheet, rows, figures):
    file = sheet(rows)
    assert insured(file) == figures
    assert found(file, Severity.ERROR) == []


def test_what_is_said_once_counts_for_every_row(sheet):
    file = sheet([["单位：沩山乡", "期间：2023-10"], ["参保人数", "缴费人数"], [11037, 7000], ["填报日期：2023年11月5日"]])
    assert [(one.body, one.period, one.filed) for one in file.filed.reports] == [(WEISHAN, OCTOBER, date(2023, 11, 5))]


def test_a_unit_that_cannot_be_is_refused_not_passed_over(sheet):
    file = sheet([[*HEAD[:3], "参保人数（万元）"], ROW])
    assert insured(file) == []
    assert ("report.unit", "D1") in found(file)


def test_merged_cells_count_for_all_their_rows_but_a_merged_figure_for_none(sheet):
    def merge(ws):
        ws.merge_cells("B2:B3")
        ws.merge_cells("C2:C3")

    rows = [HEAD, ["沩山乡", "2023-10", date(2023, 11, 3), 11037], ["道林镇", None, None, 31908]]
    file = sheet(rows, change=merge)
    assert [(one.period, one.filed) for one in file.filed.reports] == [(OCTOBER, date(2023, 11, 3))] * 2
    torn = sheet([*rows[:2], ["道林镇", "2023-10", None, None]], change=lambda ws: ws.merge_cells("D2:D3"))
    assert insured(torn) == []
    assert found(torn) == [("report.cell", "D2"), ("report.cell", "D3")]
    assert len(torn.filed.refused) == 2


def test_hidden_rows_columns_and_sheets_are_read_and_said(sheet):
    def hide(ws):
        ws.row_dimensions[3].hidden = True
        ws.column_dimensions["D"].hidden = True

    file = sheet([HEAD, ROW, ["道林镇", "2023-10", date(2023, 11, 3), 31908]], change=hide)
    assert insured(file) == [11037, 31908]
    assert found(file) == [("report.hidden", "D1"), ("report.hidden", "3")]


def test_a_total_is_a_checksum_and_no_body(sheet):
    rows = [HEAD, ROW, ["道林镇", "2023-10", date(2023, 11, 3), 31908]]
    assert found(sheet([*rows, ["合计", "2023-10", None, 42945]])) == []
    assert found(sheet([*rows, ["合 计", None, None, "4.2945万"]])) == []
    assert found(sheet([HEAD, ["合计", "2023-10", None, 42944], *rows[1:]])) == [("report.checksum", "D2")]


def test_nothing_of_a_file_is_lost(sheet):
    """What isn't understood is said, with its cell."""
    file = sheet([[*HEAD, "备用"], [*ROW, "x", "y"], ["以上数据已核对"], ["浏阳市", "2023-10", None, 5], ["道林镇"]])
    assert insured(file) == [11037]
    assert found(file) == [
        ("report.unknown_column", "E1"), ("report.extra_cells", "F2"), ("report.beside", "A3"), ("report.unknown_body", "A4"), ("report.unfilled", "5"),
    ]  # fmt: skip


STRAY = [
    ["宁乡市参保情况表"],
    [],
    HEAD,
    ROW,
    ["道林镇", "2023-10", date(2023, 11, 3), 31908],
    ["合计", None, None, 42945],
    [],
    ["填报人：张三"],
]


@settings(max_examples=60)
@given(st.integers(3, 12), st.integers(1, 9), st.sampled_from(["某某", 9, "=1+", "２３", "合计的一半"]))
def test_a_stray_cell_anywhere_below_the_title_is_said_in_its_row(tmp_path_factory, row, column, stray):
    workbook = openpyxl.Workbook()
    for one in STRAY:
        workbook.active.append(one)
    cell = workbook.active.cell(row, column)
    if cell.value is not None or row == 8 or (row == 6 and column <= 3):  # the footer, and words in a row of totals, are understood
        return
    cell.value = stray
    path = tmp_path_factory.getbasetemp() / "resident_pension.stray.xlsx"
    workbook.save(path)
    file = read_file(path, READY)
    assert [one for one in file.filed.findings if one.place.line == row], (row, column, [str(one) for one in file.filed.findings])
    assert insured(file)[:2] == [11037, 31908]


def test_the_same_body_twice_is_found_when_the_file_is_assessed(prepared, sheet):
    from minsheng_core import assess

    file = sheet([HEAD, ROW, ["沩山", "2023-10", date(2023, 11, 3), 11037]])
    (twice,) = [one for one in assess(prepared, file.filed, OCTOBER).findings if one.code == "insurance.duplicate"]
    assert str(twice.place).endswith("!Sheet1!A3")


@pytest.mark.parametrize(("name", "refused"), [("道林镇-2023-10.xlsx", True), ("沩山乡-2023-10.xlsx", False), ("市人社局-2023-10.xlsx", False), ("十月.xlsx", False)])  # fmt: skip
def test_a_body_in_a_file_of_another_one_is_refused(sheet, name, refused):
    """Last month's file of a neighbour, renamed and sent: the lead body alone may send in others' rows."""
    file = sheet([HEAD, ROW], name=name, title="resident_pension")
    assert insured(file) == ([] if refused else [11037])
    assert found(file) == ([("report.other_body", "A2")] if refused else [])


def test_a_month_that_the_name_does_not_say_is_a_warning(sheet):
    assert found(sheet([HEAD, ROW], name="沩山乡202309.xlsx", title="resident_pension")) == [("report.other_period", "B2")]


# ---- cells -----------------------------------------------------------------------------------------------------

PEOPLE = Field(name="n", title="参保人数", unit="人", minimum=F(0), maximum=F(1_000_000), missing=True)
RATE = Field(name="n", title="覆盖率", unit="%", minimum=F(0), maximum=F(100), decimals=2, missing=True)
DAY = Field(name="n", title="日期", kind="date", missing=True)
WORDS = Field(name="n", title="文号", kind="text", missing=True)


def text(words):
    return GridCell(words, "text")


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        (PEOPLE, number_text(32929), 32929), (PEOPLE, text("３２，９２９"), 32929), (PEOPLE, text("32，929人"), 32929), (PEOPLE, text("3.2929万"), 32929),
        (PEOPLE, text("'32929"), 32929), (PEOPLE, text("\u300032929\u00a0"), 32929), (PEOPLE, number_text(0), 0), (PEOPLE, text("0"), 0),
        (PEOPLE, GridCell(), None), (PEOPLE, text("/"), None), (PEOPLE, text("无"), None), (PEOPLE, text("－"), None), (PEOPLE, text("暂无"), None),
        (RATE, text("98.5%"), F("98.5")), (RATE, text("９８．５％"), F("98.5")), (RATE, number_text(98.5), F("98.5")), (RATE, GridCell("0.985", "number", percent=True), F("98.5")),
        (DAY, text("2023-08-31"), date(2023, 8, 31)), (DAY, text("2023.8.31"), date(2023, 8, 31)), (DAY, text("2023/8/31"), date(2023, 8, 31)),
        (DAY, text("20230831"), date(2023, 8, 31)), (DAY, number_text(20230831), date(2023, 8, 31)), (DAY, text("2023年8月31日"), date(2023, 8, 31)),
        (DAY, text("2023 年 8 月 31 号"), date(2023, 8, 31)), (DAY, GridCell("2023-08-31", "date"), date(2023, 8, 31)), (DAY, number_text(45169), date(2023, 8, 31)),
        (DAY, text("45169"), date(2023, 8, 31)), (DAY, text("2023-08-31 10:30"), date(2023, 8, 31)), (DAY, text("/"), None),
        (WORDS, number_text(2023), "2023"), (WORDS, GridCell("2023-08-31", "date"), "2023-08-31"),
    ],
)  # fmt: skip
def test_a_habit_is_read_as_what_it_means(field, cell, value):
    got, _ = read_cell(field, cell)
    assert (got.value if hasattr(got, "value") else got) == value


@pytest.mark.parametrize(
    ("field", "cell", "message"),
    [
        (PEOPLE, GridCell("#N/A", "error"), "错误值 #N/A"), (PEOPLE, GridCell("=B2+B3", "uncached"), "没有算出的结果"), (PEOPLE, number_text(4.30124e17), "超过15位"),
        (PEOPLE, GridCell("1990-02-25", "date"), "被设成了日期"), (PEOPLE, text("同上"), "不要写"), (PEOPLE, text("〃"), "不要写"), (PEOPLE, number_text(1.5), "小数"),
        (PEOPLE, text("约3万"), "应为"), (PEOPLE, GridCell("0.985", "number", percent=True), "应为"), (PEOPLE, number_text(-1), "不小于0"),
        (RATE, number_text(0.985), "分不清是0.985%还是98.5%"), (RATE, text("0.985"), "分不清"), (RATE, number_text(1), "分不清"), (RATE, number_text(101), "不大于100"),
        (DAY, text("2023年8月"), "只写到月份"), (DAY, text("8月底"), "只写到月份"), (DAY, text("23.8.31"), "四位"), (DAY, text("2023-02-30"), "存在的日期"),
        (DAY, number_text(451), "存在的日期"), (DAY, GridCell("#VALUE!", "error"), "错误值"), (WORDS, text("同上"), "不要写"),
    ],
)  # fmt: skip
def test_what_is_not_sure_is_refused_in_words(field, cell, message):
    with pytest.raises(ValueError, match=message):
        read_cell(field, cell)


@pytest.mark.parametrize(
    "words", ["2023-10", "2023.10", "2023年10月", "2023年10月份", "202310", "２０２３－１０", "2023/10", "2023-10-01", "2023年10月31日"]
)
def test_a_month_in_its_spellings(words):
    assert read_period(text(words)) == OCTOBER


@pytest.mark.parametrize(
    "cell",
    [number_text(2023.1), text("2023.1"), text("2023-10-15"), text("10月"), text("第四季度"), text("202313"), GridCell("#N/A", "error")],
)
def test_a_month_that_may_be_another_is_refused(cell):
    """A workbook turns 2023.10 into 2023.1: January or October, nobody knows."""
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the reader's
        read_period(cell)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=5))
def test_a_workbook_s_number_is_the_number_that_was_typed(number):
    """Fifteen digits are kept by a workbook and by a binary float; what a float adds behind them never comes in."""
    cell = number_text(float(number))
    assert (cell.kind, F(cell.text)) == ("number", F(number))


@pytest.mark.parametrize(
    ("shown", "percent"),
    [("0.00%", True), ("0%;[Red]-0%", True), ('0.0"%"', False), ("0.0\\%", False), ("General", False), ("0.0_%", False)],
)
def test_a_percent_sign_that_is_only_words_scales_nothing(shown, percent):
    assert is_percent(shown) is percent


def test_error_cells_and_formulas_without_result_are_never_blank(sheet):
    def spoil(ws):
        ws["D2"] = "=NA()"  # openpyxl saves no result
        ws["D3"] = "#REF!"
        ws["D3"].data_type = "e"

    file = sheet([HEAD, ROW, ["道林镇", "2023-10", date(2023, 11, 3), 1]], change=spoil)
    assert insured(file) == []
    assert found(file) == [("report.cell", "D2"), ("report.cell", "D3")]
    assert [one.place.line for one in file.filed.refused] == [2, 3]


def test_an_old_workbook_keeps_its_errors_hidden_rows_and_merged_cells(prepared):
    """Made by LibreOffice from invented figures."""
    file = read_file(Path(__file__).parent / "workbooks/resident_pension.habits.xls", prepared)
    assert insured(file) == [11037, 31908]
    assert [one.period for one in file.filed.reports] == [OCTOBER] * 2  # merged
    assert [one.filed for one in file.filed.reports] == [date(2023, 11, 3), date(2023, 11, 4)]
    assert found(file) == [("report.hidden", "4"), ("report.cell", "D5")]
    assert "#N/A" in next(one.message for one in file.filed.findings if one.code == "report.cell")


# ---- events ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "count", "header", "value", "code"),
    [
        ("市级典型案例", 1, "数量", 1, None), ("到位资金", 125.5, "数量", F("125.5"), None), ("到位资金（万元）", "125.5万元", "数量", F("125.5"), None),
        ("到位资金", 1255000, "金额（元）", F("125.5"), None), ("市级典型案例", 1.5, "数量", None, "report.cell"), ("市级典型案例", 20_000, "数量", None, "report.cell"),
        ("到位资金", "12所", "数量", None, "report.cell"), ("大会", 1, "数量", None, "report.unknown_event"),
    ],
)  # fmt: skip
def test_an_event_is_counted_in_its_own_unit(sheet, event, count, header, value, code):
    rows = [["单位", "期间", "事件", header, "文号", "日期"], ["沩山乡", "2023-10", event, count, "宁财社〔2023〕1号", "2023.10.8"]]
    file = sheet(rows, name="events.xlsx")
    assert [(one.count.value, one.day) for one in file.filed.events] == ([(value, date(2023, 10, 8))] if value else [])
    assert [code for code, _ in found(file)] == ([code] if code else [])


# ---- files that can't be taken ---------------------------------------------------------------------------------


def zipped(parts, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def parts_of(rows):
    workbook, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        workbook.active.append(row)
    workbook.save(out)
    with zipfile.ZipFile(out) as package:
        return {name: package.read(name) for name in package.namelist()}


BOMB = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
HOSTILE = {
    "empty": (b"", "空文件"),
    "truncated": (zipped(parts_of([HEAD, ROW]))[:3000], "损坏"),
    "noise": (b"PK\x03\x04" + bytes(range(256)) * 20, "损坏"),
    "no workbook": (zipped({"a.txt": b"hello"}), "不是 Excel 工作簿"),
    "html": (b"<html><table><tr><td>1</td></tr></table></html>", "扩展名与内容不符"),
    "entities": (zipped({**parts_of([HEAD, ROW]), "xl/worksheets/sheet1.xml": BOMB}), "DOCTYPE"),
    "entities in strings": (zipped({**parts_of([HEAD, ROW]), "xl/sharedStrings.xml": BOMB}), "DOCTYPE"),
    "bad xml": (zipped({**parts_of([HEAD, ROW]), "xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row>"}), "损坏"),
    "bad workbook": (zipped({**parts_of([HEAD, ROW]), "xl/workbook.xml": b"<workbook/>"}), "没有任何内容"),
    "encrypted": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "密码"),
    "broken xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 8, "xls"),
    "many parts": (zipped({**{f"p{n}.xml": b"<a/>" for n in range(2001)}, "xl/workbook.xml": b"<a/>"}), "解压后"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_a_finding(prepared, tmp_path, kind):
    content, words = HOSTILE[kind]
    path = tmp_path / "resident_pension.xlsx"
    path.write_bytes(content)
    (finding,) = read_file(path, prepared).filed.findings
    assert finding.code == ("report.empty" if kind == "bad workbook" else "report.unreadable")
    assert words in finding.message


def test_a_file_of_a_hundred_megabytes_is_not_opened(prepared, tmp_path):
    path = tmp_path / "resident_pension.xlsx"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    file = read_file(path, prepared)
    assert file.content == b""
    assert "20,000,000" in file.filed.findings[0].message


def test_a_zip_bomb_is_seen_before_it_goes_off(prepared, tmp_path):
    path = tmp_path / "resident_pension.xlsx"
    path.write_bytes(zipped({**parts_of([HEAD, ROW]), "xl/media/big.bin": bytes(150_000_000)}))
    assert path.stat().st_size < 1_000_000
    assert "解压后超过" in read_file(path, prepared).filed.findings[0].message


def test_a_directory_that_lies_about_sizes_gains_nothing(prepared, tmp_path):
    raw = zipped({**parts_of([HEAD, ROW]), "xl/worksheets/sheet1.xml": b"<worksheet>" + b" " * 5_000_000 + b"</worksheet>"})
    path = tmp_path / "resident_pension.xlsx"
    path.write_bytes(raw.replace((5_000_023).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    assert path.read_bytes() != raw
    assert "损坏" in read_file(path, prepared).filed.findings[0].message


def test_a_sheet_of_a_million_empty_rows_costs_little(prepared, tmp_path):
    parts = parts_of([HEAD, ROW])
    empty = b"".join(b'<row r="%d" ht="20" customHeight="1"/>' % number for number in range(3, 1_048_576))
    last = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>%s</t></is></c><c r="B1048576" t="inlineStr"><is><t>2023-10</t></is></c><c r="D1048576"><v>31908</v></c></row>'  # fmt: skip
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", empty + last % "道林镇".encode() + b"</sheetData>")
    path = tmp_path / "resident_pension.xlsx"
    path.write_bytes(zipped({**parts, "xl/worksheets/sheet1.xml": sheet}))
    file = read_file(path, prepared)
    assert insured(file) == [11037, 31908]
    assert file.filed.reports[1].place.line == 1_048_576


def test_a_sheet_full_of_cells_is_refused(prepared, tmp_path):
    parts = parts_of([HEAD, ROW])
    many = b"".join(b"<row>" + b"<c><v>1</v></c>" * 1000 + b"</row>" for _ in range(301))
    path = tmp_path / "resident_pension.xlsx"
    path.write_bytes(
        zipped({**parts, "xl/worksheets/sheet1.xml": parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", many + b"</sheetData>")})
    )
    assert "格子" in read_file(path, prepared).filed.findings[0].message


@pytest.mark.parametrize(("name", "words"), [("a.et", "另存为"), ("a.ods", "另存为"), ("a.xlsb", "另存为")])
def test_a_format_that_is_not_read_says_how_to_save_it(prepared, tmp_path, name, words):
    (tmp_path / name).write_bytes(b"x")
    (finding,) = read_reports([tmp_path], prepared).findings
    assert words in finding.message


def test_a_path_in_a_sheet_s_name_leads_nowhere(sheet, tmp_path):
    def rename(ws):
        ws._WorkbookChild__title = "../../etc/passwd"  # Excel would not; a program may

    file = sheet([HEAD, ROW], change=rename)
    assert [one.code for one in file.filed.findings] == ["report.unreadable"]
    assert mark_file(file, file.filed.findings, tmp_path).parent == tmp_path
    old = evolve(file, book=Book(sheets=(Sheet(name="../../etc/passwd", rows=(GridRow(1, {1: text("x")}),)),)), content=b"old")
    assert openpyxl.load_workbook(mark_file(old, (), tmp_path)).sheetnames == ["..／..／etc／passwd"]


def test_locks_of_open_files_are_passed_over(prepared, tmp_path):
    (tmp_path / "~$resident_pension.xlsx").write_bytes(b"lock")
    (tmp_path / "resident_pension.csv").write_text("单位,期间,参保人数\n沩山乡,2023-10,11037\n", encoding="utf-8")
    assert len(read_reports([tmp_path], prepared).reports) == 1


@settings(max_examples=30)
@given(
    st.binary(max_size=400),
    st.sampled_from([".xlsx", ".xls", ".csv"]),
    st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]),
)
def test_noise_never_raises(tmp_path_factory, noise, suffix, magic):
    prepared, tmp_path = READY, tmp_path_factory.getbasetemp()
    path = tmp_path / f"resident_pension{suffix}"
    path.write_bytes(magic + noise)
    file = read_file(path, prepared)
    assert file.filed.findings
    mark_file(file, file.filed.findings, tmp_path / "marked.xlsx")


# ---- back into the clerk's own file ----------------------------------------------------------------------------


def faulty(ws):
    ws["D3"] = "很多"
    ws["D3"].fill = openpyxl.styles.PatternFill("solid", start_color="FFF9DB")
    ws["D2"].comment = openpyxl.comments.Comment("去年底数", "张三")
    ws.column_dimensions["A"].width = 33
    rule = openpyxl.worksheet.datavalidation.DataValidation(type="whole", operator="between", formula1="0", formula2="99")
    rule.add("D2:D3")
    ws.add_data_validation(rule)
    ws.protection.sheet = True


def test_errors_go_back_into_the_clerk_s_own_file(sheet, prepared, tmp_path):
    file = sheet([HEAD, ROW, ["道林镇", "2023-10", date(2023, 11, 3), 31908], ["浏山", "2023-10", None, 5]], change=faulty)
    path = mark_file(file, file.filed.findings, tmp_path)
    assert path.name == "resident_pension.已标注.xlsx"
    workbook = openpyxl.load_workbook(path)
    assert workbook.sheetnames == ["问题清单（系统填写）", "Sheet1"]
    ws = workbook["Sheet1"]
    assert ws["D3"].fill.start_color.rgb.endswith("FFC7CE")
    assert "“参保人数”应为以人为单位的数，填的是“很多”" in ws["D3"].comment.text
    assert ws["E1"].value == "问题（系统填写）"
    assert (ws["E2"].value, ws["E3"].value[:4]) == (None, "【错误】")
    assert ws.auto_filter.ref == "A1:E4"
    assert not ws.protection.autoFilter
    assert (ws.protection.sheet, ws.column_dimensions["A"].width, ws["D2"].comment.text) == (True, 33, "去年底数")
    assert [str(one.sqref) for one in ws.data_validations.dataValidation] == ["D2:D3"]
    assert [cell.value for cell in workbook.worksheets[0][2]][:2] == ["错误", "Sheet1 D3"]


def test_a_marked_file_corrected_and_sent_again_is_clean(sheet, prepared, tmp_path):
    file = sheet([HEAD, ROW, ["道林镇", "2023-10", date(2023, 11, 3), 31908]], change=faulty)
    path = mark_file(file, file.filed.findings, tmp_path)
    again = read_file(path, prepared)
    assert [one.code for one in again.filed.findings if one.severity is Severity.ERROR] == ["report.cell"]  # marks add nothing
    workbook = openpyxl.load_workbook(path)
    workbook["Sheet1"]["D3"] = 31908
    workbook.save(path)
    right = read_file(path, prepared)
    assert (insured(right), found(right)) == ([11037, 31908], [])
    clean = openpyxl.load_workbook(mark_file(right, right.filed.findings, tmp_path / "again.xlsx"))
    assert clean["Sheet1"]["D3"].comment is None
    assert clean["Sheet1"]["E3"].value is None
    assert not clean["Sheet1"]["D3"].fill.start_color.rgb.endswith("FFC7CE")
    assert clean["Sheet1"]["D2"].comment.text == "去年底数"


@pytest.mark.parametrize("name", ["resident_pension.csv", "resident_pension.xls"])
def test_a_file_that_is_no_workbook_of_ours_comes_back_as_one(prepared, tmp_path, name):
    source = Path(__file__).parent / "workbooks/resident_pension.habits.xls"
    csv = "# 虚构\n单位,期间,填报日期,参保人数\n沩山乡,2023-10,2023-11-03,11037\n\n道林镇,2023-10,2023-11-04,很多\n".encode("gb18030")
    (tmp_path / name).write_bytes(source.read_bytes() if name.endswith("xls") else csv)
    file = read_file(tmp_path / name, prepared)
    path = mark_file(file, file.filed.findings, tmp_path)
    assert path.name == "resident_pension.已标注.xlsx"
    ws = openpyxl.load_workbook(path).worksheets[1]
    assert ws["D5"].fill.start_color.rgb.endswith("FFC7CE")
    assert ws["D5"].comment
    assert ws.auto_filter.ref.startswith("A2:")
    again = read_file(path, prepared)
    assert (insured(again), [one.place.cell for one in again.filed.refused]) == (insured(file), ["5"])


@pytest.mark.parametrize("cell", ["=cmd|'/C calc'!A0", "+1+cmd", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x","y")', "\t=1+1"])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_words_that_look_like_a_formula_stay_words_on_the_way_out(prepared, tmp_path, cell, suffix):
    path = tmp_path / f"resident_pension{suffix}"
    if suffix == ".csv":
        quoted = cell.replace('"', '""')
        path.write_text(f'单位,期间,填报日期,参保人数\n沩山乡,2023-10,,"{quoted}"\n"{quoted}",2023-10,,5\n', encoding="utf-8")
    else:
        workbook = openpyxl.Workbook()
        for row in [HEAD, ["沩山乡", "2023-10", None, None], [None, "2023-10", None, 5]]:
            workbook.active.append(row)
        for place in ("D2", "A3"):
            workbook.active[place] = cell
            workbook.active[place].data_type = "s"
        workbook.save(path)
    file = read_file(path, prepared)
    assert [one.code for one in file.filed.findings if one.severity is Severity.ERROR] == ["report.cell", "report.unknown_body"]
    out = openpyxl.load_workbook(mark_file(file, file.filed.findings, tmp_path / "out.xlsx"))
    kinds = {one.data_type for ws in out.worksheets for row in ws.iter_rows() for one in row if one.value is not None}
    assert "f" not in kinds
    texts = [one.value for ws in out.worksheets for row in ws.iter_rows() for one in row if one.value is not None]
    assert any(cell.strip() in str(one) for one in texts)


def test_a_formula_that_reaches_out_of_the_workbook_comes_back_as_words(sheet, tmp_path):
    file = sheet([[*HEAD, "备注"], [*ROW, "=cmd|'/C calc'!A0"], [*ROW[:3], "=1+1", "=A1"]])
    ws = openpyxl.load_workbook(mark_file(file, file.filed.findings, tmp_path))["Sheet1"]
    assert (ws["E2"].data_type, ws["D3"].data_type) == ("s", "f")
    assert ws["E2"].quotePrefix


def test_pictures_are_not_kept_and_the_copy_says_so(sheet, prepared, tmp_path):
    plain = sheet([HEAD, [*ROW[:3], "很多"]])
    with zipfile.ZipFile(plain.path, "a") as package:
        package.writestr("xl/media/image1.png", b"stamp")
    file = read_file(plain.path, prepared)
    listed = openpyxl.load_workbook(mark_file(file, file.filed.findings, tmp_path / "out.xlsx")).worksheets[0]
    assert [row[0].value for row in listed.iter_rows()] == ["级别", "错误", "提示"]
    assert "图片" in listed["C3"].value


def test_a_day_of_filing_before_the_month_is_doubted(sheet):
    assert found(sheet([HEAD, ["沩山乡", "2023-10", date(2013, 11, 3), 11037]])) == [("report.early", "C2")]


def test_the_clerk_s_own_file_is_never_written_over(sheet, tmp_path):
    file = sheet([HEAD, ROW])
    with pytest.raises(ReportError, match="原件"):
        mark_file(file, [], file.path)
    assert read_file(file.path, prepare(load_scheme("2023"), load_plugins())).sha256 == file.sha256


def test_a_file_knows_its_hash_and_that_it_was_read_once(sheet):
    import hashlib

    file = sheet([HEAD, ROW])
    assert isinstance(file, FileIn)
    assert file.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()


def test_without_the_extra_it_says_what_to_install(sheet, prepared, monkeypatch):
    import sys

    file = sheet([HEAD, ROW])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    (finding,) = read_file(file.path, prepared).filed.findings
    assert "minsheng-core[excel]" in finding.message
