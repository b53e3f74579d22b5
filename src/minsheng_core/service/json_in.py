"""JSON from strangers, read strictly: UTF-8, exact numbers only, no key twice, bounded in depth and digits; every mistake with its path."""

import json
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from .problem import Refused

__all__ = ["MOST_DEEP", "MOST_DIGITS", "path_of", "read_json"]

MOST_DEEP = 16  # levels; what this service reads has at most five
MOST_DIGITS = 40  # of a whole number; no figure of a report has more
MOST_TOLD = 50  # mistakes in one answer


@frozen
class _Wrong:
    """What stands where nothing exact could be read."""

    message: str


def read_json(body: bytes) -> Any:
    """The value that those bytes are, without floats. Raises Refused (400)."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _malformed(f"byte {error.start}", "this is not UTF-8, which JSON is written in") from None
    try:
        value = json.loads(text, parse_int=_whole, parse_float=_float, parse_constant=_float, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise _malformed(f"line {error.lineno}, column {error.colno}", f"this is not JSON: {error.msg}") from None
    except RecursionError:
        raise _malformed("$", f"nested deeper than {MOST_DEEP} levels") from None
    wrong = [found for found, _ in zip(_wrong(value), range(MOST_TOLD), strict=False)]
    if wrong:
        raise Refused(400, "malformed", "the request's JSON can't be taken as it is", wrong)
    return value


def path_of(parts: list[str | int] | tuple[str | int, ...]) -> str:
    """A JSON path: ``$.rows[3].insured``."""
    return "$" + "".join(
        f"[{one}]" if isinstance(one, int) else f".{one}" if one.isidentifier() else f"[{json.dumps(one)}]" for one in parts
    )


def _malformed(place: str, message: str) -> Refused:
    return Refused(400, "malformed", message, [(place, message)])


def _whole(digits: str) -> int | _Wrong:
    if len(digits.lstrip("-")) > MOST_DIGITS:
        return _Wrong(f"a whole number of {len(digits)} digits; at most {MOST_DIGITS}")
    return int(digits)


def _float(text: str) -> _Wrong:
    shown = text if len(text) <= MOST_DIGITS else f"{text[:MOST_DIGITS]}…"
    return _Wrong(f'{shown} would be read as a binary fraction; write an exact number as text: "98.5"')


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = _Wrong("this key stands twice") if key in found else value
    return found


def _wrong(value: Any) -> Iterator[tuple[str, str]]:
    """Every mistake, in reading order."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while waiting:
        path, one = waiting.pop()
        if isinstance(one, _Wrong):
            yield path_of(path), one.message
        elif isinstance(one, str):
            if message := _text(one):
                yield path_of(path), message
        elif isinstance(one, dict | list) and len(path) >= MOST_DEEP:
            yield path_of(path), f"nested deeper than {MOST_DEEP} levels"
        elif isinstance(one, dict):
            for key in one:
                if message := _text(key):
                    yield path_of(path), f"in a key: {message}"
            waiting += [((*path, key), below) for key, below in reversed(one.items()) if not _text(key)]
        elif isinstance(one, list):
            waiting += [((*path, number), below) for number, below in reversed(list(enumerate(one)))]


def _text(text: str) -> str:
    """Why that text can't be kept; empty where it can."""
    if text.isascii() and text.isprintable():
        return ""
    if "\0" in text:
        return "the character U+0000 is in this text"
    surrogate = next((one for one in text if "\ud800" <= one <= "\udfff"), "")
    return f"half a character (U+{ord(surrogate):04X}) is in this text" if surrogate else ""
