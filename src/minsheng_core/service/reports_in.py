"""Reports as a request carries them: clerks' files (one, or several in a form), or rows as JSON; all are read by `filing`."""

import io
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Any
from unicodedata import category

from attrs import frozen

from ..errors import ReportError
from ..filing.grid import Book, GridCell, GridRow, Sheet
from ..filing.reports import FileIn, read_book, read_content
from ..finding import Place
from ..scoring.measure import Filed
from ..scoring.prepare import Prepared
from .json_in import path_of, read_json
from .problem import Refused
from .shapes import FILE_MEDIA, JSON, MULTIPART, check_shape

__all__ = ["Sent", "read_sent"]

REQUEST = "request"  # what JSON rows are called where a file has its name
EVENTS = "events"
CELL = re.compile(rf"{REQUEST}!(?P<sheet>\w+)!(?P<column>[A-Z]{{0,4}})(?P<line>\d{{1,9}})")
MOST_FILES = 128
LONGEST_NAME = 255


@frozen(kw_only=True)
class Sent:
    """What a request carries: *files* as they were read; *columns* of JSON rows, by sheet, to give their places as JSON paths."""

    files: Sequence[FileIn]
    columns: Mapping[str, Sequence[str]] | None = None

    def path(self, place: Place | None) -> str | None:
        """Where in the request's JSON that is; None for a place in a file, or in the rules."""
        if self.columns is None or place is None or place.file != REQUEST:
            return None
        return self._path(place.sheet, place.line, place.column)

    def _path(self, sheet: str, line: int, column: int) -> str:
        parts: list[str | int] = []
        if sheet:
            parts += [EVENTS] if sheet == EVENTS else ["reports", sheet]
            if line > 1:  # the header is the first line
                parts += [line - 2, *self.columns[sheet][column - 1 : column]] if self.columns and column else [line - 2]
        return path_of(parts)

    def located(self, data: Any) -> Any:
        """The answer with every place in JSON rows that its texts name (``request!resident_pension!D7``) as a path."""
        if self.columns is None:
            return data
        if isinstance(data, str):
            return CELL.sub(self._told, data) if f"{REQUEST}!" in data else data
        if isinstance(data, dict):
            return {key: self.located(one) for key, one in data.items()}
        return [self.located(one) for one in data] if isinstance(data, list) else data

    def _told(self, found: re.Match[str]) -> str:
        if self.columns is None or found["sheet"] not in self.columns:
            return found[0]
        column = 0
        for letter in found["column"]:
            column = column * 26 + ord(letter) - ord("A") + 1
        return self._path(found["sheet"], int(found["line"]), column)

    @property
    def filed(self) -> Sequence[Filed]:
        """What each file files."""
        return [one.filed for one in self.files]


def read_sent(prepared: Prepared, media: str, parameters: Mapping[str, str], name: str, body: bytes) -> Sent:
    """What that body carries; *name* is what a single file is called. Raises Refused."""
    if media == JSON:
        return _rows(prepared, read_json(body))
    if media == MULTIPART:
        found = _form(parameters.get("boundary", ""), body)
    elif media in FILE_MEDIA:
        if not name:
            words = "say what the file is called: its name tells what it holds (resident_pension.csv), unless it was made from our template"
            raise Refused(422, "wrong", "the file has no name", [("query.file", words)])
        found = [(name, body)]
    else:  # the routes let nothing else through
        raise Refused(415, "media_type", f"{media!r} is not read here")
    named = sorted((_named(one), content) for one, content in found)
    twice = {one for (one, _), (other, _) in pairwise(named) if one == other}
    if twice:
        raise Refused(422, "wrong", "each file needs a name of its own", [(one, "this name stands twice") for one in sorted(twice)])
    return Sent(files=[read_content(Path(one), content, prepared) for one, content in named])


def _named(name: str) -> str:
    """The file's name without folders. Raises Refused for what is none."""
    plain = PurePath(name.replace("\\", "/")).name
    bad = [one for one in plain if category(one) in ("Cc", "Cf", "Cs", "Co", "Cn")]
    if not plain or bad or len(plain) > LONGEST_NAME or plain in (".", ".."):
        raise Refused(
            422, "wrong", "a file's name is no name", [("file", f"{name[:80]!a} is empty, too long, or holds what can't be printed")]
        )
    return plain


def _form(boundary: str, body: bytes) -> list[tuple[str, bytes]]:
    """The files of a form. Raises Refused."""
    from multipart import MultipartError, MultipartParser

    if not boundary:
        raise Refused(400, "malformed", "a form's Content-Type says its boundary", [("header.content-type", "no boundary")])
    size = len(body)
    try:
        parser = MultipartParser(
            io.BytesIO(body), boundary, size, part_limit=MOST_FILES, spool_limit=size + 1, memory_limit=size + 1, strict=True
        )  # fmt: skip
        parts = parser.parts()
    except (MultipartError, LookupError, UnicodeError) as error:
        raise Refused(400, "malformed", "this is no form of files", [("body", str(error))]) from None
    wrong = [(f"form.{part.name}", "only files are read; this field has no file name") for part in parts if not part.filename]
    if wrong or not parts:
        raise Refused(422, "wrong", "send one or more files, each with its name", wrong or [("body", "the form is empty")])
    return [(str(part.filename), part.raw) for part in parts]


def _rows(prepared: Prepared, data: Any) -> Sent:
    """Rows as the sheets of a book: the first line holds the columns' names, so that everything that holds for files holds here."""
    check_shape("Reports", data)
    tables: dict[str, list[dict[str, Any]]] = dict(data.get("reports", {}))
    known = {one.id for one in prepared.scheme.indicators}
    wrong = [
        (path_of(["reports", name]), f"no indicator {name!r}; one of {', '.join(sorted(known))}") for name in tables if name not in known
    ]
    if EVENTS in data:
        tables[EVENTS] = data["events"]
    if wrong:
        raise Refused(422, "wrong", "the request names indicators that the scheme doesn't have", wrong)
    sheets, columns = [], {}
    for name, rows in tables.items():
        columns[name] = list(dict.fromkeys(key for row in rows for key in row))
        header = GridRow(1, {at: GridCell(key, "text") for at, key in enumerate(columns[name], 1)})
        below = [GridRow(number, _cells(columns[name], row)) for number, row in enumerate(rows, 2)]
        sheets.append(Sheet(name=name, indicator=name, rows=(header, *(row for row in below if row.cells)) if rows else ()))
    try:
        return Sent(files=[read_book(Path(REQUEST), Book(sheets=tuple(sheets)), prepared)], columns=columns)
    except ReportError as error:
        raise Refused(422, "wrong", str(error)) from None


def _cells(columns: Sequence[str], row: Mapping[str, Any]) -> dict[int, GridCell]:
    """A row's cells as text, as a CSV file has them; null is an empty one."""
    texts = {at: str(row[key]) for at, key in enumerate(columns, 1) if row.get(key) is not None}
    return {at: GridCell(text, "text") for at, text in texts.items() if text.strip()}
