"""Papers as files: Word and PDF give the same as text, and what can't be read is refused with words, in bounded time."""

import io
import random
import time
import zipfile
from contextlib import suppress

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from minsheng_core import ReportError
from minsheng_core.cli import main
from minsheng_core.draft.bodies import Roll
from minsheng_core.draft.find import read_paper
from minsheng_core.draft.open import MAX_CHARACTERS, open_paper, text_paper
from minsheng_core.draft.scheme import draft_of
from minsheng_core.draft.write import files_of
from paperfiles import blank_pdf, numbered_word, pdf, word


def told(folder, content, name):
    """(title, printed, shares, lead) of each target, and the doubts of the paper."""
    (folder / name).write_bytes(content)
    found = read_paper(open_paper(folder / name), Roll())
    return [
        (one.title, str(one.quantity), {piece.name: str(piece.quantity) for piece in one.pieces}, one.lead) for one in found.targets
    ], found


MERGED = [
    ["序号", "乡镇", "农村公路（公里）", None, "危房改造（户）"],
    [..., ..., "新建", "改建", ...],
    ["1", "甲镇", "3.5", "2", "30"],
    ["2", "乙镇", "4", "1.5", "20"],
    ["合计", None, "7.5", "3.5", "50"],
]
TASKS = [
    ["项目", "主要内容", "目标任务", "责任单位", "完成时限"],
    ["教育", "新建幼儿园", "3所", "县教育局", "8月底前"],
    [..., "新增学位", "1200个", ..., "12月"],
    ["交通", "改建桥梁", "5座", "县交通局", "/"],
]


def test_a_word_table_with_merged_cells(tmp_path):
    targets, found = told(tmp_path, word("2024年民生实事任务分解表（虚构）", MERGED, "二、项目", TASKS), "方案.docx")
    assert targets == [
        ("农村公路—新建", "7.5公里", {"甲镇": "3.5公里", "乙镇": "4公里"}, ""),
        ("农村公路—改建", "3.5公里", {"甲镇": "2公里", "乙镇": "1.5公里"}, ""),
        ("危房改造", "50户", {"甲镇": "30户", "乙镇": "20户"}, ""),
        ("新建幼儿园", "3所", {}, "县教育局"),
        ("新增学位", "1200个", {}, "县教育局"),
        ("改建桥梁", "5座", {}, "县交通局"),
    ]
    assert [one.deadline for one in found.targets[3:]] == ["8月底前", "12月", ""]
    assert [one.project for one in found.targets[3:]] == ["教育", "教育", "交通"]
    assert str(found.targets[0].place) == "方案.docx!表1!C5"


def test_a_figure_in_a_cell_merged_over_two_bodies_is_nobodys_share(tmp_path):
    rows = [["乡镇", "危房改造（户）"], ["甲镇", "30"], ["乙镇", ...], ["丙乡", "20"], ["合计", "50"]]
    ((_, total, shares, _),), found = told(tmp_path, word("任务表（虚构）", rows), "方案.docx")
    assert (total, shares) == ("50户", {"甲镇": "30户", "丙乡": "20户"})
    assert any("乙镇：是合并的格" in doubt.words for doubt in found.targets[0].doubts)


def test_the_numbers_that_word_makes_are_clauses(tmp_path):
    targets, found = told(tmp_path, numbered_word(), "方案.docx")
    assert [target.said for target in found.targets] == ["2.1", "2.2"]
    assert [spot.locator for spot in found.spots] == ["首部", "一", "二", "二、（一）", "二、（二）"]
    assert targets[1] == ("改造危房", "50户", {"甲镇": "20户", "乙镇": "30户"}, "县住建局")


def test_what_was_deleted_under_tracking_is_not_read_and_what_was_inserted_is(tmp_path):
    with zipfile.ZipFile(io.BytesIO(word("一、任务", "新建公厕30座（责任单位：县城管局）"))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    body = parts["word/document.xml"].decode()
    changed = body.replace(
        "新建公厕30座",
        "新建公厕</w:t></w:r><w:del><w:r><w:delText>30</w:delText></w:r></w:del><w:ins><w:r><w:t>40</w:t></w:r></w:ins><w:r><w:t>座",
    )
    assert changed != body
    targets, _ = told(tmp_path, zipped(parts | {"word/document.xml": changed.encode()}), "方案.docx")
    assert targets == [("新建公厕", "40座", {}, "县城管局")]


LONG = (
    "（一）扩大社会保险覆盖面。城乡居民基本养老保险参保人数达到75.743万人，失业保险参保人数达到9.8万人，工伤保险参保人数达到14.2万人，"
    "新开工改造城镇老旧小区123个，新增公共停车位2500个。（责任单位：市人社局、市住建局）"
)


def test_lines_that_wrap_in_a_pdf_are_put_together(tmp_path):
    table = [
        ["序号", "乡镇", "农村公路（公里）", "危房改造（户）"],
        ["1", "甲镇", "3.5", "30"],
        ["2", "乙镇", "4", "20"],
        ["合计", "", "7.5", "50"],
    ]
    targets, found = told(tmp_path, pdf("某市2024年民生实事任务分解方案（虚构）", "一、目标任务", LONG, "附件", table), "方案.pdf")
    assert targets == [
        ("城乡居民基本养老保险参保人数", "75.743万人", {}, "市人社局"),
        ("失业保险参保人数", "9.8万人", {}, "市人社局"),
        ("工伤保险参保人数", "14.2万人", {}, "市人社局"),
        ("新开工改造城镇老旧小区", "123个", {}, "市人社局"),
        ("新增公共停车位", "2500个", {}, "市人社局"),
        ("农村公路", "7.5公里", {"甲镇": "3.5公里", "乙镇": "4公里"}, ""),
        ("危房改造", "50户", {"甲镇": "30户", "乙镇": "20户"}, ""),
    ]
    assert found.targets[0].place.sheet == "第1页"


def test_a_table_over_several_pages_is_one(tmp_path):
    names = [f"{left}{right}镇" for left in "甲乙丙丁戊己庚辛壬" for right in "东西南北中上下左右前"]
    rows = [["序号", "乡镇", "危房改造（户）"], *([str(n), name, str(n)] for n, name in enumerate(names, 1)), ["", "合计", "4095"]]
    ((_, total, shares, _),), _ = told(tmp_path, pdf("任务表（虚构）", rows), "方案.pdf")
    assert total == "4095户"
    assert shares == {name: f"{n}户" for n, name in enumerate(names, 1)}


# -- refused ------------------------------------------------------------------------------------------------------------


def zipped(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def bomb():
    """30 kB that inflate to 120 MB."""
    return zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x>" + b" " * 120_000_000 + b"</x>"})


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
REFUSED = {
    "empty": (b"", "空文件"),
    "random bytes": (random.Random(0).randbytes(50_000), "不是纯文本"),
    "random bytes without zeros": (bytes(b or 1 for b in random.Random(1).randbytes(50_000)), "读不了|乱码"),
    "control characters": ("甲\x01\x02\x03乙\x04\x05".encode() * 50, "乱码"),
    "only spaces": (b" \n\t \n", "没有文字"),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096, "旧版 Word（.doc）"),
    "RTF": (b"{\\rtf1\\ansi ...}", "RTF"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "OCR"),
    "a web page": ("<!DOCTYPE html><html><body>新建公厕30座</body></html>".encode(), "网页"),
    "a workbook": (zipped({"xl/workbook.xml": b"<x/>"}), "不是 Word 文档"),
    "a zip bomb": (bomb, "解压后超过"),
    "entities": (zipped({"word/document.xml": ENTITIES}), "DOCTYPE"),
    "half a Word document": (word("新建公厕30座")[:2000], "损坏"),
    "a Word document without words": (word(""), "没有文字"),
    "a broken PDF": (b"%PDF-1.7\n" + random.Random(3).randbytes(5000), "损坏|没有文字"),
    "an encrypted PDF": (lambda: pdf("新建公厕30座", password="geheim"), "有密码"),
    "a scan": (lambda: blank_pdf(3), "扫描件；请先做文字识别（OCR）"),
    "too long": (("新建公厕30座。" * MAX_CHARACTERS)[: MAX_CHARACTERS + 1].encode(), "的不读"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_words_and_nothing_is_written(name, tmp_path, capsys):
    content, words = REFUSED[name]
    path = tmp_path / ("方案.docx" if "Word" in name else "方案")
    path.write_bytes(content() if callable(content) else content)
    began = time.monotonic()
    assert main(["draft", str(path), "--out", str(tmp_path / "rules")]) == 2
    assert time.monotonic() - began < 60
    told = capsys.readouterr().err
    assert any(one in told for one in words.split("|")), told
    assert "Traceback" not in told
    assert not (tmp_path / "rules").exists()


def test_what_is_not_there_or_a_folder_is_refused(tmp_path, capsys):
    for path in (tmp_path / "nowhere", tmp_path):
        assert main(["draft", str(path), "--out", str(tmp_path / "rules")]) == 2
        assert str(path) in capsys.readouterr().err


def test_a_password_of_the_owner_alone_does_not_hinder(tmp_path):
    """Such a PDF opens without a password; it only asks not to be changed."""
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("", ownerPassword="geheim"), invariant=1)
    canvas.drawString(72, 700, "30 schools")
    canvas.save()
    (tmp_path / "x.pdf").write_bytes(out.getvalue())
    assert open_paper(tmp_path / "x.pdf").blocks


@pytest.mark.slow
def test_five_hundred_pages_are_answered_in_bounded_time_and_what_was_not_read_is_said(tmp_path, capsys):
    path = tmp_path / "方案.pdf"
    path.write_bytes(blank_pdf(500, "（{number}）新建公厕30座。（责任单位：县城管局）"))
    began = time.monotonic()
    assert main(["draft", str(path), "--out", str(tmp_path / "rules")]) == 1
    assert time.monotonic() - began < 120
    assert "共500页，只读了前200页" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    ["9" * 190_000, "镇" * 190_000, "甲镇1、" * 47_000, "，" * 190_000, "（" * 190_000, "\t" * 190_000, "1\t" * 95_000 + "\n", "甲镇\t1\n" * 39_000, "责任单位：" * 38_000,
     "新建、" * 63_000 + "3所", "一、新建公厕3座\n" * 21_000, "甲牵头" * 62_000, "1-" * 95_000, "分别达到" * 45_000 + "1人、2人", " " * 190_000 + "1 2", "每月" * 95_000],
    ids=range(16),
)  # fmt: skip
def test_hostile_text_takes_bounded_time(text):
    began = time.process_time()
    with suppress(ReportError):
        draft_of(read_paper(text_paper("x.txt", text.encode()), Roll()))
    assert time.process_time() - began < 20


@given(st.binary(max_size=300))
def test_random_bytes_are_never_a_traceback(content):
    with suppress(ReportError):
        read_paper(text_paper("x.txt", content), Roll())


@given(st.text(alphabet="甲乙镇县1２3.，、：；。（）其中共计个户万人%\n\t 责任单位牵头一二、新建每分别达到", max_size=120))
def test_random_words_are_never_a_traceback_and_what_is_written_is_toml(text):
    with suppress(ReportError):
        found = read_paper(text_paper("x.txt", text.encode()), Roll())
        for content in files_of(draft_of(found), "x.txt").values():
            tomli.loads(content)
