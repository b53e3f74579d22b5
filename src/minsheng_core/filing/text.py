"""The text of a clerk's file: UTF-8 with or without BOM, or GB18030."""

from pathlib import Path

from ..errors import ReportError

__all__ = ["MAX_BYTES", "read_text"]

MAX_BYTES = 20_000_000


def read_text(path: Path) -> str:
    """The file's text. Raises ReportError where it can't be read, is too large, or is no text."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ReportError(f"{path}: {size:,} bytes; at most {MAX_BYTES:,} are read")
        raw = path.read_bytes()
    except OSError as error:
        raise ReportError(f"{path}: can't be read: {error.strerror}") from None
    if b"\0" in raw:
        raise ReportError(f"{path}: this is no text file (save a workbook as CSV)")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReportError(f"{path}: neither UTF-8 nor GB18030")
