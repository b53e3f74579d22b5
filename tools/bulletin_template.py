"""Makes the Word template of the bulletin, laid out by GB/T 9704-2012: ``python tools/bulletin_template.py``.

The template is an ordinary Word file that an office edits itself; this script is how the shipped one came about. A4, margins 37/35/28/26 mm, body
三号仿宋 on 29 pt so that a page holds 22 lines of 28 characters, title 二号小标宋, 一、黑体, （一）楷体, page numbers 四号 between dashes, odd right, even left.
Fonts are named and not embedded: an office has them.
"""

from datetime import datetime
from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

OUT = Path(__file__).parents[1] / "src/minsheng_core/publish/templates/bulletin.docx"
SONG, FANG, HEI, KAI, BIAO = "宋体", "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"
SIZES = {"二号": 22, "三号": 16, "四号": 14, "五号": 10.5}
LINE = Pt(29)
RED = RGBColor(0xC0, 0x00, 0x00)


def made():
    """The template."""
    document = Document()
    _page(document)
    _normal(document)
    put = _Writer(document)
    put("{{ issuer }}", BIAO, 32, centre=True, color=RED, line=Pt(52))
    put("{{ code }}", FANG, "三号", centre=True, line=LINE, border="C00000")
    put("")
    put("{%p for line in headline %}")
    put("{{ line }}", BIAO, "二号", centre=True, line=Pt(34))
    put("{%p endfor %}")
    put("{%p for line in marks %}")
    put("{{ line }}", KAI, "三号", centre=True)
    put("{%p endfor %}")
    put("")
    put("{{ to }}")
    put("{{ opening }}", indent=True)
    for number, (name, heading) in enumerate(SECTIONS):
        put(f"{'一二三四五'[number]}、{heading}", HEI, indent=True)
        put(f"{{%p for one in {name} %}}")
        paragraph = put("{{ one.heading }}", KAI, indent=True)
        _font(paragraph.add_run("{{ one.text }}"), FANG, SIZES["三号"])
        put("{%p endfor %}")
    put("")
    put("附件：1.{{ annexes[0].title }}", indent=True)
    put("　　　2.{{ annexes[1].title }}", indent=True)
    put("　　　3.{{ annexes[2].title }}", indent=True)
    put("")
    _right(put("{{ issuer }}", right=True)).paragraph_format.keep_with_next = True
    _right(put("{{ date }}", right=True))
    for number in range(3):
        _annex(document, put, number)
    _imprint(document)
    document.core_properties.author = document.core_properties.last_modified_by = "minsheng_core"
    document.core_properties.created = document.core_properties.modified = datetime(2023, 8, 2)
    document.core_properties.title = "通报模板"
    return document


SECTIONS = (
    ("overall", "总体情况"),
    ("indicators", "分项进展"),
    ("ranking", "评估排名"),
    ("problems", "存在的问题"),
    ("steps", "下一步要求"),
)


def _page(document):
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(25)
    document.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, WD_ALIGN_PARAGRAPH.RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        indent = OxmlElement("w:ind")
        indent.set(qn("w:rightChars" if side == WD_ALIGN_PARAGRAPH.RIGHT else "w:leftChars"), "100")
        paragraph._p.get_or_add_pPr().append(indent)
        for text in ("— ", None, " —"):
            run = paragraph.add_run(text or "")
            _font(run, SONG, SIZES["四号"])
            if text is None:
                _field(run, "PAGE")


def _field(run, code):
    for kind in ("begin", None, "end"):
        if kind is None:
            part = OxmlElement("w:instrText")
            part.set(qn("xml:space"), "preserve")
            part.text = f" {code} "
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)


def _normal(document):
    style = document.styles["Normal"]
    style.font.name, style.font.size = FANG, Pt(SIZES["三号"])
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FANG)
    form = style.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, LINE


def _font(run, name, size, color=None):
    run.font.name, run.font.size = name, Pt(size)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)
    if color is not None:
        run.font.color.rgb = color


class _Writer:
    def __init__(self, document):
        self.document = document

    def __call__(self, text, font=FANG, size="三号", *, centre=False, right=False, indent=False, color=None, line=None, border=""):
        paragraph = self.document.add_paragraph()
        _font(paragraph.add_run(text), font, SIZES.get(size, size), color)
        if centre or right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.RIGHT
        if indent:
            _first_line(paragraph)
        if line is not None:
            paragraph.paragraph_format.line_spacing = line
        if border:
            _border(paragraph, border)
        return paragraph


def _first_line(paragraph):
    indent = OxmlElement("w:ind")
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(2 * SIZES["三号"] * 20))
    paragraph._p.get_or_add_pPr().append(indent)


def _right(paragraph):
    """右空四字."""
    indent = OxmlElement("w:ind")
    indent.set(qn("w:rightChars"), "400")
    indent.set(qn("w:right"), str(4 * SIZES["三号"] * 20))
    paragraph._p.get_or_add_pPr().append(indent)
    return paragraph


def _border(paragraph, color, side="bottom", size="18"):
    borders = OxmlElement("w:pBdr")
    line = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", size), ("space", "6"), ("color", color)):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().append(borders)


def _imprint(document):
    """版记, the last on the last page: who gets a copy, who printed it and when; between lines of 0.35 and 0.25 mm."""
    document.add_paragraph()
    table = document.add_table(rows=2, cols=1)
    for row, text in zip(table.rows, ("　抄送：{{ copies }}。", "　{{ issuer }}\t{{ date }}印发　"), strict=True):
        paragraph = row.cells[0].paragraphs[0]
        _font(paragraph.add_run(text), FANG, SIZES["四号"])
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(155), WD_TAB_ALIGNMENT.RIGHT)
    borders = OxmlElement("w:tblBorders")
    for side, size in (("top", "8"), ("insideH", "6"), ("bottom", "8")):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", size), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)


def _annex(document, put, number):
    paragraph = put(f"附件{number + 1}", HEI)
    paragraph.paragraph_format.page_break_before = True
    put(f"{{{{ annexes[{number}].title }}}}", BIAO, "二号", centre=True, line=Pt(34))
    put("")
    table = document.add_table(rows=4, cols=3)
    table.style = "Table Grid"
    for row, texts in zip(
        table.rows,
        (
            (f"{{%tc for one in annexes[{number}].header %}}", "{{ one }}", "{%tc endfor %}"),
            (f"{{%tr for row in annexes[{number}].rows %}}", "", ""),
            ("{%tc for one in row %}", "{{ one }}", "{%tc endfor %}"),
            ("{%tr endfor %}", "", ""),
        ),
        strict=True,
    ):
        for cell, text in zip(row.cells, texts, strict=True):
            run = cell.paragraphs[0].add_run(text)
            _font(run, FANG, SIZES["五号"])
            cell.paragraphs[0].paragraph_format.line_spacing = Pt(17)
    for cell in table.rows[0].cells:
        _font(cell.paragraphs[0].runs[0], HEI, SIZES["五号"])
    _narrow(table)
    header = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(header)


def _narrow(table):
    """Little space beside the words, so that a township's name stands on one line."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "40")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)


if __name__ == "__main__":
    OUT.parent.mkdir(parents=True, exist_ok=True)
    made().save(OUT)
    print(OUT)
