"""Papers as files: Word documents with merged cells and automatic numbers, PDFs with ruled tables, scans, passwords."""

import io

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

FONT = "STSong-Light"  # a font of the standard's, which every reader has: nothing is embedded


def word(*parts):
    """A Word document of paragraphs (texts) and tables (lists of rows; None goes on from the left, ... from above)."""
    document = Document()
    for part in parts:
        if isinstance(part, str):
            document.add_paragraph(part)
            continue
        table = document.add_table(rows=len(part), cols=len(part[0]))
        for i, row in enumerate(part):
            for j, text in enumerate(row):
                if text is None:
                    left = max(k for k in range(j) if row[k] is not None)
                    table.cell(i, left).merge(table.cell(i, j))
                elif text is ...:
                    top = max(k for k in range(i) if part[k][j] is not ...)
                    table.cell(top, j).merge(table.cell(i, j))
                else:
                    table.cell(i, j).text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def numbered_word():
    """A Word document whose 一、 and （一） are automatic."""
    document = Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="{text}"/></w:lvl>'
        for level, text in enumerate(("%1、", "（%2）"))
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for level, text in (
        (None, "某县2024年民生实事任务分解方案（虚构）"), (0, "总体要求"), (0, "目标任务"), (1, "新建公厕30座。（责任单位：县城管局）"),
        (1, "改造危房50户：甲镇20户、乙镇30户。（责任单位：县住建局）"),
    ):  # fmt: skip
        paragraph = document.add_paragraph(text)
        if level is not None:
            properties = paragraph._p.get_or_add_pPr()
            properties.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>'))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf(*parts, password="", rule=True):
    """A PDF of paragraphs (texts) and ruled tables (lists of rows), as office programs print them."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    style = ParagraphStyle("text", fontName=FONT, fontSize=12, leading=20, wordWrap="CJK", firstLineIndent=24)
    story = []
    for part in parts:
        if isinstance(part, str):
            story.append(Paragraph(part, style))
        else:
            look = [("FONT", (0, 0), (-1, -1), FONT, 10)] + ([("GRID", (0, 0), (-1, -1), 1, colors.black)] if rule else [])
            cells = [
                [
                    Paragraph(cell, ParagraphStyle("cell", fontName=FONT, fontSize=10, wordWrap="CJK")) if len(cell) > 10 else cell
                    for cell in row
                ]
                for row in part
            ]
            story.append(Table(cells, style=TableStyle(look), repeatRows=1))
    out = io.BytesIO()
    document = SimpleDocTemplate(out, pagesize=A4, encrypt=StandardEncryption(password) if password else None, invariant=1)
    document.build(story)
    return out.getvalue()


def blank_pdf(pages, text=""):
    """So many pages with one line each, or with a picture only, as a scanner makes them."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for number in range(pages):
        if text:
            canvas.setFont(FONT, 12)
            canvas.drawString(72, 700, text.format(number=number))
        else:
            canvas.rect(72, 72, 300, 500, fill=1)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
