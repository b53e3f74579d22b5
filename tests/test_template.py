"""Templates out: what a body gets, then that whatever it may fill in comes back as the same figures, then what is refused."""

import io
import zipfile
from datetime import date
from fractions import Fraction as F

import openpyxl
import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import ROOT
from minsheng_core import (
    Below,
    Filed,
    Form,
    Names,
    Period,
    Quantity,
    ReportError,
    Severity,
    decimal_text,
    filing_bodies,
    load_plugins,
    load_scheme,
    mark_file,
    prepare,
    read_file,
    template_workbook,
    unit,
    write_templates,
)  # fmt: skip
from minsheng_core.cli import main
from minsheng_core.field import Field
from minsheng_core.finding import Place
from minsheng_core.protocols import Report

READY = prepare(load_scheme("2023"), load_plugins())
NAMES = Names(READY.scheme.bodies)
OCTOBER = Period(2023, 10)
PENSION = "城乡居民基本养老保险参保人数"


def template(name="沩山乡", before=None, ready=READY):
    return template_workbook(ready, Names(ready.scheme.bodies).resolve(name), OCTOBER, before)


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def headers(ws):
    return {str(cell.value).partition("（")[0]: cell.column for cell in ws[4] if cell.value}


# ---- what a body gets ------------------------------------------------------------------------------------------


def test_a_township_gets_its_indicator_its_events_and_instructions():
    workbook = opened(template())
    assert workbook.sheetnames == ["填报说明", PENSION, "事项", "_minsheng"]
    assert workbook["_minsheng"].sheet_state == "veryHidden"
    ws = workbook[PENSION]
    assert [ws.cell(2, column).value for column in range(1, 6)] == ["填报单位：", "沩山乡", "期间：", "2023-10", "填报日期："]
    assert [cell.value for cell in ws[4] if "上月" not in cell.value] == [
        "参保人数（人）（必填）", "缴费人数（人）", "领取待遇人数（人）", "年初参保人数（人）", "佐证文号",
    ]  # fmt: skip
    assert [ws[f"{letter}5"].value for letter in "BDFH"] == ["暂无"] * 4
    assert "2023-11-05" in ws["A3"].value


def test_a_town_gets_the_roads_that_are_its_own_and_is_told_what_it_may_leave_out():
    roads = prepare(load_scheme(ROOT / "examples/invented-roads"), load_plugins())
    workbook = opened(template("道林镇", ready=roads))
    assert [cell.value for cell in workbook["新改建农村公路"]["A"][4:7] if cell.value] == ["Y901", "C902"]
    told = {row[1].value: row[2].value for row in workbook["填报说明"].iter_rows(min_row=8)}
    assert told["技术等级"] == "从下拉框中选，可不填"
    assert opened(template("灰汤镇", ready=roads))["新改建农村公路"]["A5"].value == "X901"


def test_only_the_cells_to_be_filled_in_are_unlocked():
    ws = opened(template())[PENSION]
    assert ws.protection.sheet
    unlocked = {cell.coordinate for row in ws.iter_rows() for cell in row if not cell.protection.locked}
    assert unlocked == {"F2", "A5", "C5", "E5", "G5", "I5", "B7", "D7", "F7"}


def test_every_cell_to_be_filled_in_says_what_it_takes_and_checks_it():
    ws = opened(template())[PENSION]
    (rule,) = [one for one in ws.data_validations.dataValidation if "A5" in str(one.sqref).split()]
    assert (rule.type, rule.formula1, rule.errorStyle, rule.promptTitle) == ("whole", "0", None, "参保人数")
    assert "以人为单位的数字" in rule.prompt
    assert "必填" in rule.error
    covered = {str(part) for one in ws.data_validations.dataValidation for part in str(one.sqref).split()}
    assert covered == {"F2", "A5", "C5", "E5", "G5", "I5"}


def test_a_form_with_subjects_has_a_row_for_each_and_some_to_spare():
    ws = opened(template("长沙市生态环境局宁乡分局"))["国考断面水质优良率"]
    names = [one.name for one in READY.scheme.indicator("water_quality").subjects]
    assert [ws.cell(row, 1).value for row in range(5, 16)] == [*names, *[None] * (11 - len(names))]
    assert ws["A5"].protection.locked
    assert not ws.cell(5 + len(names), 1).protection.locked
    (rule,) = [one for one in ws.data_validations.dataValidation if f"A{5 + len(names)}" in str(one.sqref).split()]
    assert rule.type == "list"


def test_events_are_chosen_from_the_scheme_s_with_their_unit():
    workbook = opened(template())
    (rule,) = [one for one in workbook["事项"].data_validations.dataValidation if "A5" in str(one.sqref).split()[0:1]]
    assert rule.type == "list"
    assert rule.formula1.strip('"').split(",") == [f"{one.title}（{one.unit}）" for one in READY.scheme.events]


def test_a_list_too_long_for_a_rule_is_kept_on_the_hidden_sheet():
    events = tuple(evolve(one, title=f"{one.title}，名称很长的一种事项{number}" * 2) for number, one in enumerate(READY.scheme.events))
    ready = evolve(READY, scheme=evolve(READY.scheme, events=events))
    workbook = opened(template(ready=ready))
    (rule,) = [one for one in workbook["事项"].data_validations.dataValidation if "A5" in str(one.sqref).split()]
    assert workbook.defined_names[rule.formula1].attr_text == f"_minsheng!$D$1:$D${len(events)}"
    assert [cell.value for cell in workbook["_minsheng"]["D"] if cell.value] == [f"{one.title}（{one.unit}）" for one in events]


def test_last_month_s_verified_figure_stands_beside_the_new_one():
    said = {"insured": Quantity(F(10990), unit("人")), "paying": None}
    september = Report(
        indicator="resident_pension", body="430182218", period=Period(2023, 9), values=said, place=Place("x"), stage="verified"
    )
    ws = opened(template(before=Filed(reports=(september,))))[PENSION]
    assert [ws.cell(4, column).value for column in (1, 2, 3, 4)] == [
        "参保人数（人）（必填）",
        "上月核验数（人）",
        "缴费人数（人）",
        "上月核验数（人）",
    ]
    assert [ws.cell(5, column).value for column in (2, 4)] == ["10990", "暂无"]
    assert ws["B5"].protection.locked
    only_filed = opened(template(before=Filed(reports=(evolve(september, stage="filed"),))))[PENSION]
    assert only_filed["B5"].value == "暂无"  # what nobody verified is not called verified


def test_everybody_who_files_gets_one(tmp_path):
    made = write_templates(READY, OCTOBER, tmp_path / "all")
    assert [path.name for path in made] == [f"{body.name}-2023-10.xlsx" for body in filing_bodies(READY)]
    assert len(made) == 32  # 29 townships and the three lead bodies
    lead = openpyxl.load_workbook(tmp_path / "all/市人社局-2023-10.xlsx")
    assert lead.sheetnames[1:4] == [
        "城镇职工基本养老保险参保人数",
        "工伤保险参保人数",
        "失业保险参保人数",
    ]  # not 基本养老保险: it is their sum


def test_the_same_template_is_the_same_bytes_whenever_it_is_made():
    import time

    first = template()
    time.sleep(2.1)  # a zip file keeps times by two seconds
    assert template() == first
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert {part.date_time[:3] for part in package.infolist()} == {(1980, 1, 1)}


def test_an_empty_template_sent_back_files_nothing_and_accuses_nobody(tmp_path):
    for path in write_templates(READY, OCTOBER, tmp_path):
        filed = read_file(path, READY).filed
        assert (filed.reports, filed.refused, filed.events) == ((), (), ())
        assert {one.severity for one in filed.findings} <= {Severity.NOTE}, [str(one) for one in filed.findings]


# ---- filled in and sent back -----------------------------------------------------------------------------------


def filled(path, sheet, rows, day=date(2023, 11, 3), before=None, body="沩山乡", ready=READY, rename=""):
    """A template filled in as a clerk would, row by row; values by field title."""
    path.write_bytes(template(body, before, ready))
    workbook = openpyxl.load_workbook(path)
    ws = workbook[sheet]
    ws["F2"] = day
    at = headers(ws)
    for number, row in enumerate(rows, 5):
        for title, value in row.items():
            cell = ws.cell(number, at[title])
            assert not cell.protection.locked, title
            cell.value = value
    if rename:
        ws.title = rename
        for one in workbook.defined_names.values():  # Excel does this by itself
            one.attr_text = one.attr_text.replace(f"'{sheet}'", f"'{rename}'")
    workbook.save(path)
    return read_file(path, ready)


def test_what_is_filled_in_comes_back_with_its_cell(tmp_path):
    file = filled(tmp_path / "沩山乡-2023-10.xlsx", PENSION, [{"参保人数": 11037, "缴费人数": 7000, "佐证文号": "宁人社统〔2023〕10号"}])
    (report,) = file.filed.reports
    assert (report.body, report.period, report.filed) == ("430182218", OCTOBER, date(2023, 11, 3))
    assert (report.values["insured"].value, report.values["drawing"]) == (11037, None)
    assert str(report.at("paying")).endswith(f"!{PENSION}!C5")
    assert file.filed.findings == ()


def test_a_sheet_is_known_after_it_was_renamed(tmp_path):
    file = filled(tmp_path / "x.xlsx", PENSION, [{"参保人数": 11037}], rename="我的表'1")
    assert [one.indicator for one in file.filed.reports] == ["resident_pension"]
    assert file.filed.reports[0].place.sheet == "我的表'1"


def test_a_template_of_another_body_month_or_scheme_is_refused(tmp_path):
    path = tmp_path / "沩山乡-2023-10.xlsx"
    file = filled(path, PENSION, [{"参保人数": 11037}], body="道林镇")
    assert [one.code for one in file.filed.findings] == ["report.other_body"]
    assert file.filed.reports == ()
    workbook = openpyxl.load_workbook(path)
    workbook[PENSION]["B2"] = "沩山乡"  # the protection was taken off
    workbook[PENSION]["D2"] = "2023-09"
    workbook.save(path)
    assert {one.code for one in read_file(path, READY).filed.findings} == {"report.other_body"}
    workbook[PENSION]["B2"] = "道林镇"
    workbook.save(tmp_path / "x.xlsx")
    assert [one.code for one in read_file(tmp_path / "x.xlsx", READY).filed.findings] == ["report.other_period"]
    other = evolve(READY, scheme=evolve(READY.scheme, id="elsewhere"))
    assert [one.code for one in read_file(path, other).filed.findings] == ["report.other_scheme"]


def test_a_marked_template_keeps_its_checks_lists_and_protection_and_is_read_again(tmp_path):
    before = Filed(reports=(), stage="verified")
    file = filled(tmp_path / "沩山乡-2023-10.xlsx", PENSION, [{"参保人数": "一万多"}], before=before)
    path = mark_file(file, file.filed.findings, tmp_path)
    old, new = openpyxl.load_workbook(file.path), openpyxl.load_workbook(path)
    assert new.sheetnames == ["问题清单（系统填写）", *old.sheetnames]
    for name in old.sheetnames:
        assert [(one.type, str(one.sqref), one.formula1, one.prompt) for one in new[name].data_validations.dataValidation] == [
            (one.type, str(one.sqref), one.formula1, one.prompt) for one in old[name].data_validations.dataValidation
        ]
        assert new[name].protection.sheet == old[name].protection.sheet
        assert {cell.coordinate for row in old[name].iter_rows() for cell in row if not cell.protection.locked} == {
            cell.coordinate for row in new[name].iter_rows() for cell in row if not cell.protection.locked
        }
    assert new["_minsheng"].sheet_state == "veryHidden"
    assert new[PENSION]["A5"].comment
    new[PENSION]["A5"] = 11037
    new.save(path)
    right = read_file(path, READY)
    assert [one.values["insured"].value for one in right.filed.reports] == [11037]
    assert [one for one in right.filed.findings if one.severity is Severity.ERROR] == []


def test_events_are_filled_in_with_money_in_its_unit(tmp_path):
    row = {"事件": "到位资金（万元）", "数量": 125.5, "文号": "宁财社〔2023〕1号", "日期": date(2023, 10, 8)}
    file = filled(tmp_path / "x.xlsx", "事项", [row, {**row, "事件": "市级典型案例（件）", "数量": 1}, {**row, "文号": None}])
    assert [(one.kind, one.body, one.count) for one in file.filed.events] == [
        ("funds_arrived", "430182218", Quantity(F("125.5"), unit("万元"))), ("typical_city", "430182218", Quantity(F(1), unit("件"))),
    ]  # fmt: skip
    assert [(one.code, one.place.cell) for one in file.filed.findings] == [("report.no_evidence", "C7")]


def figures(field):
    """What a field of figures may be, as it is typed: a workbook keeps fifteen digits."""
    scale = 10**field.decimals
    low = max(field.minimum if field.minimum is not None else F(-(10**9)), F(-(10**9)))
    high = min(field.maximum if field.maximum is not None else F(10**9), F(10**9))
    return st.integers(-(-low * scale // 1), high * scale // 1).map(lambda whole: F(whole, scale))


def typed(field, value):
    """The cell that a clerk would leave: a binary float for a fraction, as every workbook has it; a percentage as Excel keeps it."""
    if isinstance(value, F):
        shown = value / 100 if field.unit == "%" else value
        return int(shown) if shown.denominator == 1 else float(decimal_text(shown))
    return value


def cells(field):
    if field.kind == "date":
        inside = st.dates(date(2000, 1, 1), date(2100, 1, 1))
    elif field.kind == "text":
        free = st.text("甲乙丙丁〔2023〕号ABC=+-@ ", min_size=1, max_size=12).map(str.strip).filter(lambda one: len(one) > 2)
        inside = st.sampled_from(field.choices) if field.choices else free
    elif field.kind == "detected":
        inside = figures(field) | figures(field).map(lambda one: f"{decimal_text(one)}L")
    else:
        inside = figures(field)
    return st.none() | inside if field.missing else inside


def columns(form):
    """The column of each field: beside a figure stands the one of last month."""
    at, column = {}, 1
    for field in form.fields:
        at[field.name] = column
        column += 2 if field.kind in ("quantity", "detected") else 1
    return at


def meant(field, value):
    if isinstance(value, F):
        return Quantity(value, unit(field.unit))
    if field.kind == "detected" and isinstance(value, str):
        return Below(Quantity(F(value[:-1]), unit(field.unit)))
    return value


RATES = Form(
    fields=(
        Field(name="rate", title="覆盖率", unit="%", minimum=F(0), maximum=F(100), decimals=2, missing=True),
        Field(name="money", title="投入", unit="万元", minimum=F(-1000), maximum=F(10**7), decimals=4, missing=True),
        Field(name="kept", title="达标", kind="text", choices=("是", "否"), missing=True),
    )
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large])
@pytest.mark.parametrize("indicator", ["resident_pension", "work_injury", "vocational_schools", "water_quality", "rates"])
@given(data=st.data())
def test_whatever_the_form_allows_comes_back_the_same(tmp_path, monkeypatch, indicator, data):
    """Template → filled in → intake: the same figures, exactly, each at the cell that it was typed into."""
    ready, id = READY, indicator
    if indicator == "rates":  # a form with a percentage, money and choices, in place of a plugin's
        id = "resident_pension"
        plugin = READY.plugins.indicator("insurance.stock")
        monkeypatch.setattr(type(plugin), "form", RATES)
    one = ready.scheme.indicator(id)
    form = ready.plugins.indicator(one.kind).form
    body = "沩山乡" if one.shares else ready.scheme.body(one.lead).name
    subjects = [subject.name for subject in one.subjects][:3] if form.subject else [""]
    fields = [field for field in form.fields if field.name != form.subject]
    rows = [{field.name: data.draw(cells(field), label=field.name) for field in fields} for _ in subjects]
    day = data.draw(st.dates(date(2023, 11, 1), date(2024, 3, 1)))
    path = tmp_path / "x.xlsx"
    path.write_bytes(template(body, None, ready))
    workbook = openpyxl.load_workbook(path)
    ws = workbook[one.title]
    ws["F2"] = day
    at = columns(form)
    for number, row in enumerate(rows, 5):
        for field in fields:
            cell = ws.cell(number, at[field.name])
            cell.value = typed(field, row[field.name])
            if isinstance(cell.value, str):
                cell.data_type = "s"
    workbook.save(path)
    file = read_file(path, ready)
    errors = [str(one) for one in file.filed.findings if one.severity is not Severity.NOTE]
    assert errors == []
    wanted = [(subject, row) for subject, row in zip(subjects, rows, strict=True) if any(value is not None for value in row.values())]
    assert len(file.filed.reports) == len(wanted)
    for report, (subject, row) in zip(file.filed.reports, wanted, strict=True):
        assert (report.subject, report.filed) == (subject, day)
        for field in fields:
            assert report.values[field.name] == meant(field, row[field.name]), field.name
            assert report.at(field.name).column == at[field.name]


# ---- as a command, and refused ---------------------------------------------------------------------------------


def test_the_command_makes_one_or_all(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["template", "2023", "--body", "沩山乡", "--period", "2023-10"]) == 0
    assert main(["template", "2023", "--all", "--period", "2023-10", "--out", "all"]) == 0
    assert capsys.readouterr().out.splitlines() == ["沩山乡-2023-10.xlsx", "all：32 个模板（道林镇-2023-10.xlsx 等）"]
    assert (tmp_path / "沩山乡-2023-10.xlsx").read_bytes() == (tmp_path / "all/沩山乡-2023-10.xlsx").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--body", "浏阳市"], "方案中没有“浏阳市”"), (["--body", "沩山乡", "--period", "2024-10"], "方案是2023年的"), (["--body", "市委宣传部"], "方案中没有"),
        (["--body", "沩山乡", "--out", "a.csv"], ".xlsx"), (["--body", "沩山乡", "--out", "nowhere/a.xlsx"], "nowhere"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_said(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    given_period = [] if "--period" in arguments else ["--period", "2023-10"]
    assert main(["template", "2023", *arguments, *given_period]) == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_half_of_a_file(tmp_path, monkeypatch, capsys):
    from pathlib import Path

    monkeypatch.chdir(tmp_path)
    Path("沩山乡-2023-10.xlsx").write_bytes(b"old")
    real = Path.write_bytes

    def full(path, content):
        real(path, content[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert main(["template", "2023", "--body", "沩山乡", "--period", "2023-10"]) == 2
    assert "No space left" in capsys.readouterr().err
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("沩山乡-2023-10.xlsx", b"old")]


def test_a_body_that_is_asked_for_nothing_has_no_template():
    silent = evolve(READY.scheme.bodies[0], id="nobody", name="无名", kind="其他", aliases=())
    with pytest.raises(ReportError, match="没有要求"):
        template_workbook(READY, silent, OCTOBER)


def test_a_title_that_no_sheet_may_have_is_made_one():
    odd = evolve(READY.scheme.indicator("resident_pension"), title="参保/缴费[人数]：" + "很长" * 20)
    indicators = tuple(odd if one.id == odd.id else one for one in READY.scheme.indicators)
    ready = evolve(READY, scheme=evolve(READY.scheme, indicators=indicators))
    name = opened(template(ready=ready)).sheetnames[1]
    assert len(name) == 31
    assert name.startswith("参保／缴费（人数）")
