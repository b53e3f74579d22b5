"""Writing a file whole or not at all: a full disk or a kill leaves no half of one."""

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(path: Path, content: bytes) -> None:
    """The content at *path*, in place of what was there. Raises OSError; then *path* is as it was."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # the name that was asked for, and not that of the part
        raise
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
