"""What is wrong with a clerk's file, written back into it: the cell marked, a comment that says what is expected, a column to filter on."""

import re
from collections.abc import Sequence
from pathlib import Path

from ..errors import ReportError
from ..finding import Finding
from .grid import Book
from .mark_new import new_workbook
from .mark_xlsx import marked_workbook
from .marks import Marks
from .package import sound_package
from .reports import FileIn
from .whole_file import write_whole

__all__ = ["mark_file"]


def mark_file(file: FileIn, findings: Sequence[Finding], out: Path) -> Path:
    """The file as it came with those of *findings* that are about it marked, written to *out*, a file or a folder.

    An .xlsx or .xlsm stays that very workbook, its checks and protection with it; any other file becomes a new .xlsx of the same
    rows, and one that can't be read a workbook that says why. Notes are listed, not marked. Gives the path that was written; raises
    ReportError where a package is absent or *out* is the clerk's own file, OSError where it can't be written.
    """
    own = [one for one in findings if one.place is None or one.place.file == str(file.path)]
    marks = Marks.of(own, file.headers)
    workbook = file.book is not None and file.content.startswith(b"PK\x03\x04")
    suffix = ".xlsm" if workbook and file.path.suffix.lower() == ".xlsm" else ".xlsx"
    stem = re.sub(r"(\.已标注)+$", "", file.path.stem)
    path = out / f"{stem}.已标注{suffix}" if out.is_dir() else out.with_suffix(suffix)
    if path.exists() and file.path.exists() and path.samefile(file.path):
        raise ReportError(f"{path}：这是报来的原件，不能覆盖；请另选文件名")
    content = marked_workbook(sound_package(file.content), marks) if workbook else new_workbook(file.book or Book(sheets=()), marks)
    write_whole(path, content)
    return path
