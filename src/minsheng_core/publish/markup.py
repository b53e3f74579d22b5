"""HTML that can't be broken out of: every text is escaped on its way in, only what was made here is markup."""

from collections.abc import Iterable
from html import escape

from .audit_words import clean

__all__ = ["Markup", "tag"]

EMPTY = frozenset({"br", "input", "meta"})


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


def _inside(one: "str | Iterable[Markup]") -> str:
    if isinstance(one, Markup):
        return one
    if isinstance(one, str):
        return escape(clean(one))
    return "".join(_inside(part) for part in one)
