"""Any paper's text with its places: plain text, .docx or a PDF that has text, by what the file holds and not by its name; within bounds."""

import unicodedata
from pathlib import Path

from ..errors import ReportError
from ..filing.text import decode, read_bytes
from ..finding import Place
from .layout import blocks_of_lines
from .paper import Grid, Paper, Words

__all__ = ["MAX_CHARACTERS", "open_paper"]

MAX_CHARACTERS = 200_000  # two hundred full pages; no paper of this sort has more
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FOREIGN = {
    OLE: "是旧版 Word（.doc）或 WPS 文件，读不了；请在 Word 或 WPS 中打开后另存为 .docx",
    b"{\\rtf": "是 RTF 文件，读不了；请在 Word 或 WPS 中打开后另存为 .docx",
    b"\x89PNG": "是图片，没有文字；请先做文字识别（OCR），存为文本或 .docx",
    b"\xff\xd8\xff": "是图片，没有文字；请先做文字识别（OCR），存为文本或 .docx",
    b"II*\0": "是图片，没有文字；请先做文字识别（OCR），存为文本或 .docx",
}


def open_paper(path: Path) -> Paper:
    """The paper. Raises ReportError, in Chinese, where it can't be read: what it is, and what to do."""
    content = read_bytes(path)
    try:
        paper = _opened(path, content)
    except ReportError as error:
        raise ReportError(str(error) if str(error).startswith(str(path)) else f"{path}：{error}") from None
    size = sum(len(block.raw) if isinstance(block, Words) else _size(block) for block in paper.blocks)
    if size > MAX_CHARACTERS:
        raise ReportError(f"{path}：有{size:,}字，超过{MAX_CHARACTERS:,}字的不读；请只保留任务分解的部分")
    if not size:
        raise ReportError(f"{path}：里面没有文字")
    return paper


def _size(grid: Grid) -> int:
    return sum(len(cell.words.raw) for row in grid.rows for cell in row)


def _opened(path: Path, content: bytes) -> Paper:
    if not content:
        raise ReportError("是空文件")
    for magic, words in FOREIGN.items():
        if content.startswith(magic):
            raise ReportError(words)
    if content.startswith(b"PK"):
        from .word import word_paper

        return word_paper(path.name, content)
    if b"%PDF-" in content[:1024]:
        from .pdf import pdf_paper

        return pdf_paper(path)
    return text_paper(path.name, content)


def text_paper(name: str, content: bytes) -> Paper:
    """Plain text: UTF-8, GB18030, or UTF-16 with its mark. Raises ReportError for what is no text."""
    try:
        text = content.decode("utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else decode(name, content)
    except (UnicodeDecodeError, ReportError):
        raise ReportError("不是纯文本、.docx 或 PDF（文本应为 UTF-8 或 GB18030），读不了") from None
    if len(text) > MAX_CHARACTERS:
        raise ReportError(f"有{len(text):,}字，超过{MAX_CHARACTERS:,}字的不读；请只保留任务分解的部分")
    odd = sum(unicodedata.category(one) in ("Cc", "Cn", "Co", "Cs") and one not in "\t\n\r\f\v" for one in text)
    if odd * 50 > len(text):
        raise ReportError("不是文本：里面多是乱码；文本应为 UTF-8 或 GB18030")
    if text.lstrip()[:200].lower().startswith(("<!doctype html", "<html", "<?xml")):
        raise ReportError("是网页源文件；请在浏览器中全选复制，存为纯文本或 .docx")
    lines = [(line, Place(name, number, 1), None) for number, line in enumerate(text.splitlines(), 1)]
    return Paper(name=name, blocks=tuple(blocks_of_lines(lines)))
