"""The zip file that an .xlsx or .docx is: looked through before anything opens it, and rid of empty rows where they are thousands."""

import io
import zipfile
from collections.abc import Iterator
from xml.parsers import expat

from attrs import frozen

from ..errors import ReportError

__all__ = ["EXCEL", "WORD", "Program", "sound_package"]

MAX_PARTS = 2_000
MAX_INFLATED = 100_000_000  # bytes of all parts, as the directory says and as they really are
MAX_ROWS = 5_000  # of a sheet, empty ones too; beyond it empty ones are left out
MAX_CELLS = 300_000  # of a sheet, in rows that hold something
CHUNK = 1 << 20
HOLDS = frozenset({"v", "f", "is"})


@frozen
class Program:
    """What such a package is called, and how a person saves it anew: its main part, its name, who opens it, its suffix, what for."""

    main: str
    title: str
    opens: str
    suffix: str
    use: str


EXCEL = Program("xl/workbook.xml", "Excel 工作簿", "Excel 或 WPS", ".xlsx", "填报表")
WORD = Program("word/document.xml", "Word 文档", "Word 或 WPS", ".docx", "文件")


def sound_package(content: bytes, of: Program = EXCEL) -> bytes:
    """The package, safe to open: the same bytes, or with sheets freed of rows that hold nothing where there are too many.

    Raises ReportError, in Chinese, for what is no package *of* that program, inflates beyond bounds, or declares XML entities.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_INFLATED:
                keep = "填报的工作表" if of == EXCEL else "要读的内容"
                raise ReportError(f"解压后超过{MAX_INFLATED // 10**6}MB，不像{of.use}，没有打开；请只保留{keep}另存后再报")
            if not any(part.filename == of.main for part in parts):
                raise ReportError(f"不是 {of.title}；请用 {of.opens} 另存为 {of.suffix} 后再报")
            if any(part.flag_bits & 1 for part in parts):
                raise ReportError("文件有密码；请取消密码另存后再报")
            crowded = {}
            for part in parts:
                if part.filename.endswith((".xml", ".rels", ".vml")):
                    scan = _Scan(part.filename, of)
                    scan.read(_chunks(package, part))
                    if scan.crowded:
                        crowded[part.filename] = scan
            return _without_empty_rows(package, parts, crowded) if crowded else content
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        if isinstance(error, ReportError):
            raise
        raise ReportError(f"文件已损坏，无法打开；请在 {of.opens} 中打开后另存为 {of.suffix} 再报") from None
    except expat.ExpatError:
        raise ReportError(f"文件内部格式已损坏，无法打开；请在 {of.opens} 中打开后另存为 {of.suffix} 再报") from None


def _chunks(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part as it really inflates; never more than its directory entry promised (zipfile stops there)."""
    with package.open(part) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


class _Scan:
    """One pass over a part: no document type, no entity; in a sheet, where its rows stand that hold nothing."""

    def __init__(self, name: str, of: Program) -> None:
        self.of = of
        self.rows = self.used = self.unused = self.here = 0
        self.empty: list[tuple[int, int]] = []  # bytes from, to
        self.start, self.holds = -1, False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._doctype
        if name.startswith("xl/worksheets/"):
            self.parser.StartElementHandler = self._begin
            self.parser.EndElementHandler = self._end

    @property
    def crowded(self) -> bool:
        """Whether rows that hold nothing have to go."""
        return self.rows > MAX_ROWS or self.unused > MAX_CELLS // 3

    def read(self, chunks: Iterator[bytes]) -> None:
        for chunk in chunks:
            self.parser.Parse(chunk, False)
        self.parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        words = f"请在 {self.of.opens} 中另存为 {self.of.suffix} 再报"
        raise ReportError(f"文件里有不该出现的 XML 声明（DOCTYPE），为安全没有打开；{words}")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        short = name.rpartition(" ")[2]
        if short == "row":
            self._close()
            self.rows += 1
            self.start, self.holds, self.here = self.parser.CurrentByteIndex, False, 0
        elif self.start >= 0:
            self.here += short == "c"
            self.holds = self.holds or short in HOLDS

    def _end(self, name: str) -> None:
        if name.rpartition(" ")[2] == "sheetData":
            self._close()

    def _close(self) -> None:
        """The row that was open ends where the next thing begins."""
        if self.start >= 0 and self.holds:
            self.used += self.here
            if self.used > MAX_CELLS:
                raise ReportError(f"一个工作表里有超过{MAX_CELLS:,}个格子，不像填报表，没有打开；请只保留填报的行和栏另存后再报")
        elif self.start >= 0:
            self.unused += self.here
            self.empty.append((self.start, self.parser.CurrentByteIndex))
        self.start = -1


def _without_empty_rows(package: zipfile.ZipFile, parts: list[zipfile.ZipInfo], crowded: dict[str, _Scan]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as slim:
        for part in parts:
            raw = package.read(part)
            if part.filename in crowded:
                kept, at = [], 0
                for begin, end in crowded[part.filename].empty:
                    kept.append(raw[at:begin])
                    at = end
                raw = b"".join([*kept, raw[at:]])
            slim.writestr(part, raw)
    return out.getvalue()
