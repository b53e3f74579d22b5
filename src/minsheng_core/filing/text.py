"""The text of a clerk's file: UTF-8 with or without BOM, or GB18030."""

from pathlib import Path

from ..errors import ReportError

__all__ = ["MAX_BYTES", "decode", "read_bytes", "read_text"]

MAX_BYTES = 20_000_000


def read_bytes(path: Path) -> bytes:
    """The file's bytes. Raises ReportError where it can't be read, or is too large: then it is not even opened."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ReportError(f"{path}：有{size:,}字节，超过{MAX_BYTES:,}字节的不读；请只保留填报的内容另存后再报")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)  # it may have grown, or be a device that has no size
    except OSError as error:
        raise ReportError(f"{path}：打不开（can't be read: {error.strerror}）") from None
    if len(raw) > MAX_BYTES:
        raise ReportError(f"{path}：超过{MAX_BYTES:,}字节的不读")
    return raw


def decode(name: str, raw: bytes) -> str:
    """The text that those bytes are. Raises ReportError where they are none."""
    if b"\0" in raw:
        raise ReportError(f"{name}：不是文本文件；工作簿请用 .xlsx 结尾的文件名")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReportError(f"{name}：编码既不是 UTF-8 也不是 GB18030；请另存为 .xlsx 再报")


def read_text(path: Path) -> str:
    """The file's text. Raises ReportError where it can't be read, is too large, or is no text."""
    return decode(str(path), read_bytes(path))
