"""Reading TOML with the place of every key and value.

TOML libraries tell places only of syntax errors, so an index of places is built here, over text that tomli has
accepted, and only when the first place is asked for.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import tomli
from attrs import define, field, frozen

from ..errors import RuleError
from ..finding import Finding, Place

__all__ = ["Located", "MAX_BYTES", "parse_toml", "read_toml"]

MAX_BYTES = 2_000_000  # a year's rules are some 50 KB
MAX_LINE = 20_000
MAX_DEPTH = 64
MAX_DIGITS = 40  # of a number; a longer one is no figure of a paper
MAX_FINDINGS = 100  # of one file
MAX_DOTS = 400  # in one line: a key of thousands of parts is an attack, not a rule

TomlPath = tuple[str | int, ...]


def read_toml(path: Path, name: str | None = None) -> "Located":
    """The file's data with its places, in which the file is called *name* (default: its path).

    Raises RuleError, each finding with its place, for anything that isn't TOML in UTF-8 of a sensible size.
    """
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
    _check_brackets(text, name)
    try:
        located = Located(tomli.loads(text, parse_float=_exact), text, name)
    except tomli.TOMLDecodeError as error:
        raise _refused(*_twice(text, name, error) or (Place(name, error.lineno, error.colno), f"not TOML: {error.msg}")) from None
    except (RecursionError, ValueError) as error:  # a limit of tomli's own, below ours in some version
        raise _refused(Place(name), f"can't be read: {error}") from None
    unfit = [(located.place(path), message) for path, message in islice(_unfit(located.data), MAX_FINDINGS)]
    if unfit:
        raise RuleError([_finding(place, message) for place, message in sorted(unfit)])
    return located


_TOKEN = re.compile(
    r"""\"{3}(?:[^\\]|\\.)*?(?:"{3,5}|\Z)|'{3}.*?(?:'{3,5}|\Z)|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|\#[^\n]*|[\[{]|[\]}]|\d[\d_]{4000,}""",
    re.DOTALL,
)


def _check_brackets(text: str, name: str) -> None:
    """Refuses, in one pass, what a recursive parser should never see: deep nesting, and numbers too long to convert."""
    depth = 0
    for token in _TOKEN.finditer(text):
        first = token.group()[0]
        depth = max(0, depth + (first in "[{") - (first in "]}"))
        if depth > MAX_DEPTH:
            raise _refused(_place_in(text, name, token.start()), f"arrays or tables nest deeper than {MAX_DEPTH}")
        if first.isdigit():
            raise _refused(_place_in(text, name, token.start()), f"a number of {len(token.group()):,} digits is no figure of a rule")


def _twice(text: str, name: str, error: tomli.TOMLDecodeError) -> tuple[Place, str] | None:
    """The place of a key or table that is defined again (tomli tells the end of its value), and where it was first."""
    if not error.msg.startswith(("Cannot", "Duplicate")):
        return None
    scanner = _Scanner(text[: error.pos] + ("]]" if text.startswith("]", error.pos) else ""))  # a header is read to its end
    with suppress(IndexError):  # cut off inside a table or array: what was read last is what tomli refused
        scanner.document()
    path, start = scanner.last
    first = next((scanner.keys[path[:n]] for n in range(len(path), 0, -1) if scanner.keys.get(path[:n], start) < start), None)
    told = "" if first is None else f"; first defined at {_place_in(text, name, first)}"
    return _place_in(text, name, start), f"not TOML: {error.msg}{told}"


@frozen
class _Unfit:
    """Stands in the data for a number that no rule may have, until its place is known."""

    message: str


def _exact(text: str) -> Decimal | _Unfit:
    if text.lstrip("+-") in ("nan", "inf"):
        return _Unfit(f"{text} is no number of a rule")
    if "e" in text.lower() or len(text) > MAX_DIGITS:
        return _Unfit(f"write {text[:MAX_DIGITS]} in plain decimal digits, {MAX_DIGITS} at most")
    return Decimal(text)


def _unfit(data: dict[str, Any]) -> Iterator[tuple[TomlPath, str]]:
    """Path and mistake of everything in *data* that is TOML but fit for no rule."""
    level: list[tuple[TomlPath, Any]] = [((), data)]
    while level:
        path, value = level.pop()
        if isinstance(value, _Unfit):
            yield path, value.message
        elif isinstance(value, int) and abs(value) >= 10**MAX_DIGITS:
            yield path, f"a whole number of more than {MAX_DIGITS} digits is no figure of a rule"
        elif isinstance(value, dict | list):
            if len(path) > MAX_DEPTH:
                yield path, f"arrays or tables nest deeper than {MAX_DEPTH}"
                return
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            level += reversed([((*path, key), one) for key, one in inner])


def _refused(place: Place, message: str) -> RuleError:
    return RuleError([_finding(place, message)])


def _finding(place: Place, message: str) -> Finding:
    return Finding(code="toml.syntax", message=message, place=place)


def _place_in(text: str, name: str, offset: int) -> Place:
    return _place(name, [match.end() for match in re.finditer("\n", text)], offset)


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
        if start is None or self.text[start] not in "\"'":
            return self.place(path)
        return _place(self.name, self._line_starts, _source_offset(self.text, start, offset))

    def _nearest(self, offsets: dict[TomlPath, int], path: TomlPath) -> Place:
        for length in range(len(path), 0, -1):
            if path[:length] in offsets:
                return _place(self.name, self._line_starts, offsets[path[:length]])
        return Place(self.name)


_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:\'{0,2})|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_SPACE = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
_SIMPLE = re.compile(r"([A-Za-z0-9_-]+)[ \t]*=[ \t]*")  # a bare key up to its value: nearly all keys
_BLANK = re.compile(r"[ \t]*")
_BARE = re.compile(r"[^\s.=\]\"'#,{}\[]+")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[ \t]*\n[ \t\n]*|.)", re.DOTALL)


def _source_offset(text: str, start: int, offset: int) -> int:
    """The source offset of a string's character, the string's opening quote standing at *start*."""
    quote = text[start]
    multi = text.startswith(quote * 3, start)
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
        self.last: tuple[TomlPath, int] = ((), 0)  # the key or header read last, and its offset
        self._counts: dict[TomlPath, int] = {}  # arrays of tables: how many so far
        self._implied: set[TomlPath] = set()  # tables that only headers of tables inside them have named

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
            if not last and path not in self.values:
                self._implied.add(path)
            elif last and path in self._implied:  # [a] after [a.b]: its own header is the better place
                self._implied.discard(path)
                del self.keys[path], self.values[path]
            self.keys.setdefault(path, offset)
            self.values.setdefault(path, start)
            if path in self._counts:
                path += (self._counts[path] - 1,)
                self.values.setdefault(path, start)
                self.keys.setdefault(path, offset)
        self._skip(_BLANK)
        self.at += 2 if many else 1
        self.last = path, parts[0][1]
        return path

    def _dotted(self) -> Iterator[tuple[str, int]]:
        """The parts of a dotted key, each with its offset; stops at what ends the key."""
        while True:
            start = self._skip(_BLANK)
            if self.text[start] in "\"'":
                part = self.text[start + 1 : self._skip(_STRING) - 1]
                if "\\" in part and self.text[start] == '"':
                    (part,) = tomli.loads(f"{self.text[start : self.at]} = 0")
            else:
                self._skip(_BARE)
                part = self.text[start : self.at]
            yield part, start
            if self.text[self._skip(_BLANK)] != ".":
                return
            self.at += 1

    def _pair(self, prefix: TomlPath) -> None:
        start = self.at
        if simple := _SIMPLE.match(self.text, start):
            path = (*prefix, simple[1])
            self.keys.setdefault(path, start)
            self.at = simple.end()
            self._value(path)
            self.last = path, start
            return
        path = prefix
        for part, offset in self._dotted():
            path += (part,)
            self.keys.setdefault(path, offset)
            self.values.setdefault(path, offset)  # a table that a dotted key makes
        self.at += 1  # the equals sign
        self._skip(_BLANK)
        self._value(path)
        self.last = path, start

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
