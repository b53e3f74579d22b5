"""The bulletin: what it says, in the words that such papers use; its layout by GB/T 9704-2012; and templates of an office's own."""

import io
import os
import re
import shutil
import subprocess
import zipfile
from datetime import date

import pytest
from attrs import evolve
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from minsheng_core import Period, assess, load_plugins, load_scheme, prepare
from minsheng_core.ledger.calendar import Due
from minsheng_core.period import Span
from minsheng_core.publish import address
from minsheng_core.publish.bulletin import BulletinError, bulletin, bulletin_pdf
from minsheng_core.publish.bulletin_words import context
from minsheng_core.publish.page import ranking_page
from minsheng_core.publish.publication import Publication, ends
from minsheng_core.publish.word_tables import shares
from minsheng_core.scoring.measure import Filed
from publications import made


@pytest.fixture(scope="module")
def publication():
    return made()


@pytest.fixture(scope="module")
def word(publication):
    return bulletin(publication)


def lines(word):
    document = Document(io.BytesIO(word))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + cells


# -- what it says ------------------------------------------------------------------------------------------------------


def test_it_goes_from_the_whole_to_indicators_ranking_problems_and_next_steps(word):
    said = lines(word)
    order = [
        said.index(f"{number}、{heading}")
        for number, heading in (("一", "总体情况"), ("二", "分项进展"), ("三", "评估排名"), ("四", "存在的问题"), ("五", "下一步要求"))
    ]
    assert order == sorted(order)
    text = "\n".join(said)
    assert "关于2023年第四季度省级重点监测民生项目\n评估排名情况的通报" in text  # broken between words
    assert "民生通报2023年度第4号" in text  # next year's scheme can't give that again
    assert "截至2023年12月底，5项指标中，已达到全年目标4项" in text
    assert "第1名花明楼镇102.00分；第2名灰汤镇101.00分" in text
    assert "上升最多的是老粮仓镇，上升10位" in text
    assert "一般安全生产事故：喻家坳乡。" in text
    assert "附件：1.乡镇（街道）评估排名表" in text
    assert "2024年1月10日" in text  # no 虚位


def test_a_count_is_a_share_of_its_target_and_a_rate_so_many_points(publication):
    said = {one["heading"].partition("）")[2]: one["text"] for one in context(publication)["indicators"]}
    assert said["工伤保险参保人数（市人社局牵头）。"] == "目标14.2万人，实际14.2414万人，完成率100.29%。"
    assert said["国考断面水质优良率（长沙市生态环境局宁乡分局牵头）。"] == "目标100%，实际100%，与目标持平。"
    october = evolve(publication, assessed=publication.months[0], months=publication.months[:1], before=None)
    (water,) = [one["text"] for one in context(october)["indicators"] if "水质" in one["heading"]]
    assert water == "目标100%，实际80%，低于目标，差20.0个百分点。"


def test_who_shares_a_rank_or_a_fault_is_named_together(publication):
    text = "\n".join(lines(bulletin(publication)))
    assert re.search(r"第\d+名[\w、]+、\w+各100\.00分", text)
    assert "牵头单位评估：市教育局100.00分。" in text
    october = Span.read("2023-10")
    gone = [
        Due(
            body=one.id,
            indicator="resident_pension",
            span=october,
            title="参保人数",
            deadline=None,
            state="missing",
            filed=None,
            late=3,
            waits=one.id,
        )
        for one in publication.scheme.bodies[-2:]
    ]
    text = "\n".join(lines(bulletin(evolve(publication, due=tuple(gone)))))
    assert re.search(r"未报送：\w+、\w+（2023年10月参保人数，已迟3天）。", text)


def test_what_is_provisional_invented_or_a_correction_says_so_on_the_first_page(publication, word):
    assert "（虚构数据，仅作演示）" in lines(word)
    assert "（暂列，尚未全部核验）" in lines(word)
    corrected = lines(bulletin(evolve(publication, number=5, corrects=4, reason="横市镇更正", sample=False)))
    assert "（更正第4号：横市镇更正）" in corrected
    assert "（虚构数据，仅作演示）" not in corrected


def test_every_body_stands_in_the_annexed_ranking_and_every_assumption_is_told(publication, word):
    said = lines(word)
    for one in publication.assessed.sheets[0].bodies:
        assert one.body.name in said
    assert any("原文要求“月专报”，未印扣分" in one for one in said)


def test_bodies_without_a_total_are_named_with_the_reason(publication):
    october = evolve(publication, assessed=publication.months[0], months=publication.months[:1], before=None)
    text = "\n".join(lines(bulletin(october)))
    assert "不参加排名的是：横市镇（" in text
    assert "龙田镇（城乡居民养老保险参保任务完成：未填报）" in text


def test_whoever_shares_the_last_place_named_is_named_too(publication):
    """Five at either end, and nobody is cut off who has the same rank."""
    sheet = publication.assessed.sheets[0]
    tied = evolve(sheet, bodies=tuple(evolve(one, rank=min(one.rank, 20)) for one in sheet.bodies if one.rank))
    ahead, behind = ends(tied, 5)
    assert [one.rank for one in ahead] == [1, 2, 3, *[4] * 7]
    assert [one.rank for one in behind] == [20] * 10
    assert ends(evolve(sheet, bodies=sheet.bodies[:3]), 5)[1] == ()


def test_what_was_added_and_taken_off_is_told_by_name(publication, word):
    text = "\n".join(lines(word))
    assert "典型案例加分：花明楼镇2分；灰汤镇1分；大屯营镇0.5分。" in text
    assert "迟报扣分：沙田乡2分。" in text


def test_what_a_body_owes_for_a_year_is_said_at_once(publication):
    months = [Span(kind="month", end=Period(2023, month)) for month in (8, 9, 10, 12)]
    due = [
        Due(
            body="430182218",
            indicator="resident_pension",
            span=one,
            title="参保人数",
            deadline=None,
            state="missing",
            filed=None,
            late=late,
            waits="",
        )
        for one, late in zip(months, (137, 107, 76, 15), strict=True)
    ]
    assert "未报送：沩山乡（2023年8月至10月、12月参保人数，最多已迟137天）。" in "\n".join(
        lines(bulletin(evolve(publication, due=tuple(due))))
    )


OTHERS = sorted(path.stem for path in (ROOT / "examples/rules").glob("*.toml"))


@pytest.mark.parametrize("name", OTHERS)
def test_the_frame_of_a_bulletin_is_read_from_its_own_paper(name):
    """No other place gets the offices, the projects or the requests of 宁乡; an office that no paper names is left open to see."""
    scheme = load_scheme(ROOT / f"examples/rules/{name}.toml")
    said = [address.issuer(scheme), address.topic(scheme), address.receivers(scheme), address.copies(scheme), *address.requests(scheme)]
    assert not [
        one for one in said for foreign in ("宁乡", "人社局", "督查室", "重点监测") if foreign in one and foreign not in scheme.title
    ]
    assert said[0] == "（发文机关）"
    assessed = {one.name for sheet in scheme.sheets for one in scheme.bodies if sheet.ranking and {one.id, one.kind} & {*sheet.bodies}}
    assert address.place(scheme) not in assessed
    assert address.code(scheme, 4) == f"民生通报{scheme.year}年度第4号"


def test_a_traffic_light_is_published_with_the_marks():
    prepared = prepare(load_scheme(ROOT / "examples/rules/traffic-lights.toml"), load_plugins(only=[]))
    year = prepared.scheme.year
    assessed = assess(prepared, Filed(), Period(year, 10))
    sheet = next(one for one in assessed.sheets if one.sheet.labels)
    label = sheet.sheet.labels[0]
    lit = evolve(
        sheet, bodies=tuple(evolve(one, labels={label.id: word}) for one, word in zip(sheet.bodies, ("红灯", *["绿灯"] * 99), strict=False))
    )
    made = Publication(
        prepared=prepared, assessed=evolve(assessed, sheets=(lit,)), span=Span.read(f"{year}-10"), number=1, issued=date(year, 11, 12)
    )
    red, *green = [one.body.name for one in lit.bodies]
    if sheet.sheet.ranking is not None:
        assert f"{label.title}：红灯：{red}；绿灯：{'、'.join(green)}。" in "\n".join(lines(bulletin(made)))
    assert f"{label.title}：红灯" in ranking_page(made)


# -- how it is laid out -------------------------------------------------------------------------------------------------


def test_page_type_and_lines_are_those_of_gbt_9704(word):
    document = Document(io.BytesIO(word))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert [round(side.mm) for side in (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)] == [
        37,
        35,
        28,
        26,
    ]
    normal = document.styles["Normal"]
    assert normal.font.size == Pt(16)
    assert "仿宋_GB2312" in normal.element.xml
    assert round((297 - 37 - 35) / normal.paragraph_format.line_spacing.mm) == 22
    title = next(one for one in document.paragraphs if one.text.startswith("关于"))
    assert title.runs[0].font.size == Pt(22)
    assert title.runs[0].font.name == "方正小标宋简体"
    heading = next(one for one in document.paragraphs if one.text == "一、总体情况")
    assert heading.runs[0].font.name == "黑体"
    assert document.settings.odd_and_even_pages_header_footer
    assert section.footer.paragraphs[0].text.startswith("— ")
    last = document.element.body[-2]  # before the section's own properties: the imprint, after the annexes
    assert "抄送：市政府督查室。" in "".join(last.itertext())
    for table in document.tables[:3]:
        assert abs(sum(int(one.get(qn("w:w"))) for one in table._tbl.tblGrid) - (210 - 28 - 26) / 25.4 * 1440) < 2


@given(st.lists(st.lists(st.text("一a", max_size=120), min_size=3, max_size=3), min_size=1, max_size=6))
def test_columns_fill_the_page_whatever_stands_in_them(rows):
    widths = shares(rows, 8845)
    assert sum(widths) == 8845
    assert min(widths) > 300


def test_the_template_that_ships_is_what_its_script_makes(tmp_path):
    from importlib.util import module_from_spec, spec_from_file_location
    from pathlib import Path

    root = Path(__file__).parents[1]
    spec = spec_from_file_location("bulletin_template", root / "tools/bulletin_template.py")
    script = module_from_spec(spec)
    spec.loader.exec_module(script)
    script.made().save(tmp_path / "made.docx")
    shipped = root / "src/minsheng_core/publish/templates/bulletin.docx"
    assert zipfile.ZipFile(tmp_path / "made.docx").read("word/document.xml") == zipfile.ZipFile(shipped).read("word/document.xml")


def test_the_same_publication_gives_the_same_bytes(publication, word):
    assert bulletin(publication) == word
    assert {one.date_time for one in zipfile.ZipFile(io.BytesIO(word)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


# -- an office's own template, and what must be refused ------------------------------------------------------------------


def template(*texts):
    document = Document()
    for text in texts:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_an_office_may_bring_its_own_template(publication):
    said = lines(bulletin(publication, template("本局{{ title }}", "{%p for one in ranking %}", "{{ one.text }}", "{%p endfor %}")))
    assert said[0].startswith("本局关于2023年")
    assert len(said) > 5


@pytest.mark.parametrize("text", ["{{ titel }}", "{{ annexes[7].title }}", "{% if %}", "{{ title"])
def test_a_template_that_cannot_be_filled_is_refused_with_what_it_may_name(publication, text):
    with pytest.raises(BulletinError, match=r"通报模板里有认不出的内容.*可用的名称有.*title"):
        bulletin(publication, template(text))


@pytest.mark.parametrize(
    "text",
    [
        "{{ title.__class__.__mro__[1].__subclasses__() }}",
        "{{ title.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ 'x' * 10 ** 9 }}",
        "{{ title() }}",
        "{% include '/etc/passwd' %}",
        "a template that names nothing",
    ],
)
def test_a_template_from_anywhere_runs_nothing_and_is_never_printed_empty(publication, text):
    with pytest.raises(BulletinError, match=r"通报模板.*可用的名称有.*title"):
        bulletin(publication, template(text))


def test_what_is_no_word_file_is_refused(publication):
    with pytest.raises(BulletinError, match="不是 Word 文件"):
        bulletin(publication, b"PK nothing of the kind")


def test_markup_in_a_clerks_words_stays_words(publication):
    evil = "<w:p/>&{{ title }}{% raw %}"
    told = lines(bulletin(evolve(publication, corrects=3, reason=evil)))
    assert f"（更正第3号：{evil}）" in told


@pytest.mark.slow
def test_libreoffice_opens_it_and_the_pdf_holds_the_ranking(word, tmp_path):
    if not shutil.which("soffice") or not shutil.which("pdftotext"):
        assert not os.environ.get("CI"), "CI has no LibreOffice or pdftotext"
        pytest.skip("no LibreOffice or pdftotext on this machine: apt install libreoffice-writer poppler-utils")
    (tmp_path / "bulletin.pdf").write_bytes(bulletin_pdf(word))
    said = subprocess.run(["pdftotext", str(tmp_path / "bulletin.pdf"), "-"], capture_output=True, text=True, check=True).stdout
    plain = re.sub(r"\s+", "", said)
    assert "第1名花明楼镇102.00分" in plain
    assert "—1—" in plain


def test_without_libreoffice_it_says_what_to_do(word, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(BulletinError, match="另存为 PDF"):
        bulletin_pdf(word)
