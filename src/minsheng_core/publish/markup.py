"""HTML that can't be broken out of: every text is escaped on its way in, only what was made here is markup."""

from collections.abc import Container, Iterable
from html import escape
from unicodedata import category

__all__ = ["Markup", "clean", "table", "tag"]

SPACES = frozenset("\n\r\t\u2028\u2029")
EMPTY = frozenset({"br", "input", "meta"})


def clean(text: str) -> str:
    """One line that can't command a terminal, turn a line's direction or break XML: what would becomes a space or �."""
    shown = []
    for character in text:
        kind = category(character)
        if character in SPACES:
            shown.append(" ")
        else:
            never = ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
            shown.append("\ufffd" if kind in ("Cc", "Cf", "Cs") or never else character)
    return "".join(shown)


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *inside: "str | Iterable[Markup]", **attributes: str | int | None) -> Markup:
    """An element; *inside* are texts, elements, and lists of elements. An attribute's trailing underscore falls away, others become ``-``."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(clean(str(value)))}"' for key, value in attributes.items() if value is not None
    )
    if name in EMPTY:
        return Markup(f"<{name}{told}>")
    return Markup(f"<{name}{told}>{''.join(_inside(one) for one in inside)}</{name}>")


def table(head: Iterable[str], rows: Iterable[Markup], numbers: Container[str] = (), caption: str = "") -> Markup:
    """A table with a header row, the columns named in *numbers* set right; too wide for a screen, it scrolls by itself."""
    cells = [tag("th", word, scope="col", class_="n" if word in numbers else None) for word in head]
    above = [tag("caption", caption)] if caption else []
    return tag("div", tag("table", above, tag("thead", tag("tr", cells)), tag("tbody", list(rows))), class_="wide")


def _inside(one: "str | Iterable[Markup]") -> str:
    if isinstance(one, Markup):
        return one
    if isinstance(one, str):
        return escape(clean(one))
    return "".join(_inside(part) for part in one)
