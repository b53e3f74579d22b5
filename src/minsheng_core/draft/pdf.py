"""A PDF that has text as a paper. It is read in a process of its own, which is given so much time and memory and no more.

Run as a module it is that process: the path of a PDF in, a line of JSON for each page out.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from ..errors import ReportError
from ..finding import Place
from .figures import whole_figure
from .layout import blocks_of_lines
from .paper import Cell, Grid, Paper, Words, join

__all__ = ["pdf_paper"]

MAX_PAGES = 200
SECONDS = 60  # after which no further page is begun
MOST = 90  # after which the process is ended, in the middle of a page
MEMORY = 2_000_000_000  # bytes
CROWDED = 20_000  # characters, lines and rectangles of a page: a map, not a table
CUT = 12  # characters of a cell from which on it may go on behind the end of a page
PASSWORD, BROKEN, NO_LIBRARY = 3, 4, 5
FOOT = re.compile(r"[-—－–\s·第]*\d{1,3}[-—－–\s·页]*")


def pdf_paper(path: Path) -> Paper:
    """The paper. Raises ReportError for a PDF with a password, without text (a scan), broken, or that takes too long."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "minsheng_core.draft.pdf", str(path)],
            capture_output=True,
            timeout=MOST,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise ReportError(f"这份 PDF 读了{MOST}秒还没有读完，已停下；请另存为 .docx 或纯文本") from None
    if done.returncode == PASSWORD:
        raise ReportError("这份 PDF 有密码，读不了；请取消密码另存")
    if done.returncode == NO_LIBRARY:
        raise ReportError('读 PDF 需要安装 pdfplumber：pip install "minsheng-core[draft]"')
    if done.returncode:
        raise ReportError("这份 PDF 已损坏或太复杂，读不了；请另存为 .docx 或纯文本")
    pages = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    return _paper(path.name, pages[:-1], pages[-1])


def _paper(name: str, pages: list[dict[str, Any]], end: dict[str, Any]) -> Paper:
    blocks: list[Any] = []  # Words and Grid
    unread: list[tuple[Place, str]] = []
    lines: list[tuple[str, Place, bool | None]] = []
    tables = 0
    last: dict[str, Any] = {}  # the table that the page before ended with

    def closed() -> None:
        nonlocal tables
        found = list(blocks_of_lines(lines, tables + 1))
        tables += sum(isinstance(one, Grid) for one in found)
        blocks.extend(found)
        lines.clear()

    for page in pages:
        title = f"第{page['page']}页"
        parts = _without_foot(page["parts"])
        if not parts:
            unread.append((Place(name, 1, sheet=title), "这一页没有文字，可能是扫描的图" if page["images"] else "这一页是空的"))
        for number, part in enumerate(parts, 1):
            if "line" in part:
                lines.append((part["line"], Place(name, number, sheet=title), part["fills"]))
                last = {}
                continue
            rows = part["rows"]
            closed()
            if last and len(rows[0]) == last["width"]:  # a table goes on from the page before
                before = blocks[last["at"]]
                blocks[last["at"]] = _gone_on(blocks[last["at"]], _grid(rows, name, f"表{tables}", len(blocks[last["at"]].rows)))
                if len(blocks[last["at"]].rows) == len(before.rows) + len(rows) and _fewer(rows[0], before.rows[-1]):
                    place = Place(name, len(before.rows) + 1, 1, before.name)
                    unread.append((place, "表在这里换页，下页首行的格子比上一行少，可能是被截断的一行，请核对这两行"))
            else:
                tables += 1
                blocks.append(_grid(rows, name, f"表{tables}", 0))
                last = {"width": len(rows[0]), "at": len(blocks) - 1}
    closed()
    if end["pages"] > len(pages):
        unread.append((Place(name, 1, sheet=f"第{len(pages) + 1}页"), f"共{end['pages']}页，只读了前{len(pages)}页"))
    if not blocks:
        raise ReportError("这份 PDF 里没有文字，像是扫描件；请先做文字识别（OCR），或找它的 Word 版")
    return Paper(name=name, blocks=tuple(blocks), unread=tuple(one for one in unread if one[1] != "这一页是空的"))


def _gone_on(grid: Grid, more: Grid) -> Grid:
    """A table with its part on the next page: the header that is printed again is left out, a row that the page's end cut is made whole."""
    rows = list(more.rows)
    if [cell.text for cell in rows[0]] == [cell.text for cell in grid.rows[0]]:
        del rows[0]
    if not rows:
        return grid
    last, following = grid.rows[-1], rows[0]
    here, there = ({at for at, cell in enumerate(row) if cell.text and not cell.covered} for row in (last, following))
    long = any(len(last[at].text) >= CUT and last[at].text[-1] not in "。；" for at in there & here)
    counted = any(
        re.search(r"序号|编号", grid.rows[0][at].text) for at in here - there
    )  # a row has its number, and what only goes on has none
    if there and there < here and (long or counted) and not any(whole_figure(following[at].text) for at in there):
        whole = [
            Cell(join([cell.words, more.words], ""), cell.covered) if more.text else cell
            for cell, more in zip(last, following, strict=True)
        ]
        return Grid(name=grid.name, rows=(*grid.rows[:-1], tuple(whole), *rows[1:]), ragged=grid.ragged)
    return Grid(name=grid.name, rows=(*grid.rows, *rows), ragged=grid.ragged)


def _fewer(row: list[Any], above: Sequence[Cell]) -> bool:
    """Whether a row has something only where the row above has, and not everywhere."""
    there, here = (
        {at for at, text in enumerate(row) if text and isinstance(text, str)},
        {at for at, cell in enumerate(above) if cell.text and not cell.covered},
    )
    return there < here


def _without_foot(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the page's number, first or last on it."""
    for end in (-1, 0):
        if parts and "line" in parts[end] and FOOT.fullmatch(parts[end]["line"]):
            del parts[end]
    return parts


def _grid(rows: list[list[Any]], name: str, title: str, above: int) -> Grid:
    grid: list[tuple[Cell, ...]] = []
    for i, row in enumerate(rows):
        cells: list[Cell] = []
        for j, value in enumerate(row):
            if isinstance(value, list):  # covered by a cell above or to the left
                other = grid[value[0]][value[1]] if value[0] < i else cells[value[1]]
                cells.append(Cell(other.words, covered=True))
            else:
                place = Place(name, above + i + 1, j + 1, title)
                cells.append(Cell(join([Words(line, ((0, place),)) for line in value.split("\n")], "")))
        grid.append(tuple(cells))
    return Grid(name=title, rows=tuple(grid))


# -- the process of its own ------------------------------------------------------------------------------------------


def main(path: str) -> int:
    """Print the pages of the PDF at *path*; the last line says how many there are."""
    try:
        import pdfplumber
        from pdfplumber.utils.exceptions import PdfminerException
    except ImportError:
        return NO_LIBRARY
    _bound()
    began = monotonic()
    try:
        with pdfplumber.open(path) as pdf:
            count = len(pdf.pages)
            for number, page in enumerate(pdf.pages[:MAX_PAGES], 1):
                if monotonic() - began > SECONDS:
                    break
                print(json.dumps({"page": number, "images": len(page.images), "parts": list(_parts(page))}))
                page.close()
            print(json.dumps({"pages": count}))
    except PdfminerException as error:
        return PASSWORD if "Password" in repr(error) or "Encryption" in repr(error) else BROKEN
    return 0


def _bound() -> None:
    try:
        import resource
    except ImportError:  # no such bound on Windows; the time is bounded there, too
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _parts(page: Any) -> Iterator[dict[str, Any]]:
    """The lines and tables of a page from top to bottom."""
    tables = page.find_tables() if len(page.objects.get("char", ())) + len(page.edges) < CROWDED else []
    tables = [table for table in tables if len(table.rows[0].cells) > 1]
    boxes = [table.bbox for table in tables]

    def outside(one: Any) -> bool:
        x, y = (one["x0"] + one["x1"]) / 2, (one["top"] + one["bottom"]) / 2
        return not any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes)

    lines = page.filter(outside).extract_text_lines(return_chars=False)
    left, right = min((line["x0"] for line in lines), default=0), max((line["x1"] for line in lines), default=0)
    parts: list[tuple[Any, dict[str, Any]]] = []
    for line in lines:
        high = line["bottom"] - line["top"]
        indent = "\u3000\u3000" if high < line["x0"] - left < 4 * high else ""  # the first line of a paragraph
        parts.append((line["top"], {"line": indent + line["text"], "fills": line["x1"] > right - 2 * high}))
    parts += [(table.bbox[1], {"rows": _rows(table)}) for table in tables]
    for _, part in sorted(parts, key=lambda one: one[0]):
        yield part


def _rows(table: Any) -> list[list[Any]]:
    """The cells' texts; for a covered cell the row and column (from 0) of the one that covers it."""
    texts = table.extract()
    boxes = {(i, j): box for i, row in enumerate(table.rows) for j, box in enumerate(row.cells) if box}
    columns = {
        j: min((box for (_, k), box in boxes.items() if k == j), key=lambda box: box[2] - box[0], default=None)
        for j in range(len(texts[0]))
    }
    rows: list[list[Any]] = []
    for i, row in enumerate(texts):
        out: list[Any] = []
        for j, text in enumerate(row):
            cover = None
            narrow = columns[j]
            if (i, j) not in boxes and narrow:
                y = (table.rows[i].bbox[1] + table.rows[i].bbox[3]) / 2
                x = (narrow[0] + narrow[2]) / 2
                cover = next(
                    (at for at, box in boxes.items() if at < (i, j) and at[1] <= j and box[0] <= x <= box[2] and box[1] <= y <= box[3]),
                    None,
                )
            out.append(list(cover) if cover else text or "")
        rows.append(out)
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
