"""Reading TOML with the place of every key and value.

TOML libraries tell places only of syntax errors, so an index of places is built here, over text that tomli has
accepted, and only when the first place is asked for.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import tomli
from attrs import define, field

from ..errors import RuleError
from ..finding import Finding, Place

__all__ = ["Located", "MAX_BYTES", "parse_toml", "read_toml"]

MAX_BYTES = 2_000_000  # a year's rules are some 50 KB
MAX_LINE = 20_000
MAX_DEPTH = 30
MAX_DOTS = 400  # in one line: a key of thousands of parts is an attack, not a rule

TomlPath = tuple[str | int, ...]


def read_toml(path: Path, name: str | None = None) -> "Located":
    """The file's data with its places, in which the file is called *name* (default: its path). Raises RuleError (one finding, with its place) for anything that isn't TOML in UTF-8."""
    name = str(path) if name is None else name
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _refused(Place(name), f"the file has {size:,} bytes, a rule file at most {MAX_BYTES:,}; split it")
        raw = path.read_bytes()
    except OSError as error:
        raise _refused(Place(name), f"can't be read: {error.strerror}") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = raw[: error.start].decode("utf-8-sig", errors="replace")
        place = Place(name, good.count("\n") + 1, len(good) - (good.rfind("\n") + 1) + 1)
        raise _refused(place, f"not UTF-8{_looks_like(raw)}; save the file as UTF-8") from None
    return parse_toml(text, name)


def _looks_like(raw: bytes) -> str:
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return ", it looks like GBK/GB18030"


def parse_toml(text: str, name: str = "<text>") -> "Located":
    """The text's data with its places; numbers are ints and Decimals, never floats. Raises RuleError as `read_toml` does."""
    text = text.replace("\r\n", "\n")
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE or line.count(".") > MAX_DOTS:
            raise _refused(Place(name, number), f"a line of {len(line):,} characters with {line.count('.'):,} dots is no rule; break it up")
    try:
        located = Located(tomli.loads(text, parse_float=_exact), text, name)
    except tomli.TOMLDecodeError as error:
        raise _refused(Place(name, error.lineno, error.colno), f"not TOML: {error.msg}") from None
    except RecursionError:
        raise _refused(Place(name), "arrays or tables nest too deep") from None
    except ValueError as error:  # NaN, Infinity, a date that does not exist
        raise _refused(_guess(text, name, error), str(error)) from None
    if not _shallow(located.data):
        raise _refused(Place(name), f"arrays or tables nest deeper than {MAX_DEPTH}")
    return located


def _shallow(data: Any) -> bool:
    """Whether nothing in *data* nests deeper than MAX_DEPTH."""
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one) if isinstance(inner, dict | list)]
        if not level:
            return True
    return False


def _exact(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(f"{text} is no number of a rule")
    if "e" in text.lower() or len(text) > 40:
        raise ValueError(f"write {text[:40]} in plain decimal digits")
    return value


def _guess(text: str, name: str, error: ValueError) -> Place:
    """The place of the first word of the message that stands in the text: the value a converter refused."""
    for word in str(error).split():
        found = re.search(rf"(?<![\w.+-]){re.escape(word)}(?![\w.])", text)
        if found:
            return _place(name, [match.end() for match in re.finditer("\n", text)], found.start())
    return Place(name)


def _refused(place: Place, message: str) -> RuleError:
    return RuleError([Finding(code="toml.syntax", message=message, place=place)])


def _place(name: str, line_starts: Sequence[int], offset: int) -> Place:
    line = bisect_right(line_starts, offset)
    return Place(name, line + 1, offset - (line_starts[line - 1] if line else 0) + 1)


@define(slots=False, eq=False)
class Located:
    """TOML data, and where each part of it stands. Paths are keys and indexes: ``("indicator", 0, "target")``."""

    data: dict[str, Any]
    text: str = field(repr=False)
    name: str

    @cached_property
    def _index(self) -> "_Scanner":
        scanner = _Scanner(self.text)
        scanner.document()
        return scanner

    @cached_property
    def _line_starts(self) -> list[int]:
        return [match.end() for match in re.finditer("\n", self.text)]

    def place(self, path: TomlPath) -> Place:
        """Where the value at *path* starts; where there is none, its nearest enclosing one."""
        return self._nearest(self._index.values, path)

    def key_place(self, path: TomlPath) -> Place:
        """Where the key of that path stands; where there is none, its nearest enclosing one."""
        return self._nearest(self._index.keys, path)

    def text_place(self, path: TomlPath, offset: int) -> Place:
        """Where the character at *offset* of the string at *path* stands in the file, escapes counted."""
        start = self._index.values.get(path)
        if start is None:
            return self.place(path)
        return _place(self.name, self._line_starts, _source_offset(self.text, start, offset))

    def _nearest(self, offsets: dict[TomlPath, int], path: TomlPath) -> Place:
        for length in range(len(path), 0, -1):
            if path[:length] in offsets:
                return _place(self.name, self._line_starts, offsets[path[:length]])
        return Place(self.name)


_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:\'{0,2})|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_BARE = re.compile(r"[^\s.=\]\"'#,{}\[]+")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[ \t]*\n[ \t\n]*|.)", re.DOTALL)


def _source_offset(text: str, start: int, offset: int) -> int:
    """The source offset of a string's character, the string's opening quote standing at *start*."""
    quote = text[start]
    multi = text.startswith(quote * 3, start) and not (text.startswith(quote * 2, start) and text[start + 2 : start + 3] != quote)
    at = start + (3 if multi else 1)
    if multi and text[at : at + 1] == "\n":
        at += 1  # a newline right after the opening quotes is trimmed
    while quote == '"' and text[at : at + 1] == "\\":
        escape = _ESCAPE.match(text, at)
        if escape is None or "\n" not in escape.group():
            break
        at = escape.end()
    for _ in range(offset):
        escape = _ESCAPE.match(text, at) if quote == '"' and text[at : at + 1] == "\\" else None
        at = escape.end() if escape else at + 1
        while quote == '"' and text[at : at + 1] == "\\" and (follow := _ESCAPE.match(text, at)) and "\n" in follow.group():
            at = follow.end()  # a backslash at the end of a line is no character
    return at


class _Scanner:
    """Notes the offset of every key and value. The text is known to be TOML, so nothing is checked again."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.values: dict[TomlPath, int] = {}
        self.keys: dict[TomlPath, int] = {}
        self._counts: dict[TomlPath, int] = {}  # arrays of tables: how many so far

    def document(self) -> None:
        prefix: TomlPath = ()
        while self._skip(_SPACE) < len(self.text):
            if self.text[self.at] == "[":
                prefix = self._header()
            else:
                self._pair(prefix)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def _header(self) -> TomlPath:
        start, many = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        parts = list(self._dotted())
        path: TomlPath = ()
        for index, (part, offset) in enumerate(parts):
            path += (part,)
            last = index == len(parts) - 1
            if many and last:
                self._counts[path] = self._counts.get(path, 0) + 1
            self.keys.setdefault(path, offset)
            self.values.setdefault(path, start)
            if path in self._counts:
                path += (self._counts[path] - 1,)
                self.values.setdefault(path, start)
                self.keys.setdefault(path, offset)
        self._skip(_BLANK)
        self.at += 2 if many else 1
        return path

    def _dotted(self) -> Iterator[tuple[str, int]]:
        """The parts of a dotted key, each with its offset; stops at what ends the key."""
        while True:
            start = self._skip(_BLANK)
            if self.text[start] in "\"'":
                self._skip(_STRING)
                (part,) = tomli.loads(f"{self.text[start : self.at]} = 0")
            else:
                self._skip(_BARE)
                part = self.text[start : self.at]
            yield part, start
            if self.text[self._skip(_BLANK)] != ".":
                return
            self.at += 1

    def _pair(self, prefix: TomlPath) -> None:
        path = prefix
        for part, offset in self._dotted():
            path += (part,)
            self.keys.setdefault(path, offset)
            self.values.setdefault(path, offset)  # a table that a dotted key makes
        self.at += 1  # the equals sign
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: TomlPath) -> None:
        self.values[path] = self.at
        self.keys.setdefault(path, self.at)
        match self.text[self.at]:
            case "[":
                self._items(path)
            case "{":
                self.at += 1
                while self.text[self._skip(_SPACE)] != "}":
                    self._pair(path)
                    self.at += self.text[self._skip(_SPACE)] == ","
                self.at += 1
            case '"' | "'":
                self._skip(_STRING)
            case _:
                self._skip(_SCALAR)

    def _items(self, path: TomlPath) -> None:
        self.at += 1
        index = 0
        while self.text[self._skip(_SPACE)] != "]":
            self._value((*path, index))
            self.at += self.text[self._skip(_SPACE)] == ","
            index += 1
        self.at += 1
