"""A file's name as text, whatever the archive that it came out of wrote it in."""

import os
from pathlib import Path

__all__ = ["named"]


def named(path: Path) -> Path:
    """The path in text that can be written and printed: bytes that are no UTF-8 are read as GBK, as offices' archives have them."""
    return Path(*map(_text, path.parts))


def _text(part: str) -> str:
    raw = os.fsencode(part)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")
