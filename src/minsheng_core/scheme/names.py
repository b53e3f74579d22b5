"""Bodies by the names people write: exactly, by alias, by short name; never by the nearest name."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from attrs import define

from ..errors import MinshengError
from .model import Body

__all__ = ["Names", "plain_name"]

OFFICES = ("人民政府", "党工委", "党委", "办事处", "政府")
LONGEST = 200  # characters; no body is called more, and prefixes are taken off one at a time
KINDS = ("街道", "镇", "乡")


@define(slots=False)
class Names:
    """The names of *bodies*: canonical, as printed, aliases, and the short name without 镇/乡/街道 where it is one body's."""

    bodies: Sequence[Body]

    @cached_property
    def _known(self) -> dict[str, set[str]]:
        known: dict[str, set[str]] = defaultdict(set)
        for body in self.bodies:
            for name in (body.name, body.printed, *body.aliases):
                if name:
                    known[plain_name(name)].add(body.id)
        for body in self.bodies:  # a short name never takes a full name's place
            for name in (body.name, body.printed, *body.aliases):
                short = _short(plain_name(name))
                if short and body.kind in KINDS and (short not in known or short in self._shorts):
                    known[short].add(body.id)
                    self._shorts.add(short)
        return dict(known)

    @cached_property
    def _shorts(self) -> set[str]:
        return set()

    @cached_property
    def _prefixes(self) -> tuple[str, ...]:
        """The names of whole cities and counties, which clerks put before a township's."""
        return tuple(plain_name(name) for body in self.bodies if body.kind in ("市", "县", "区") for name in (body.name, *body.aliases))

    def resolve(self, name: str) -> Body | None:
        """The body that *name* stands for; None where it is unknown, or stands for more than one."""
        if len(name) > LONGEST:
            return None
        for spelling in self._spellings(plain_name(name)):
            ids = self._known.get(spelling, set())
            if len(ids) == 1:
                (id,) = ids
                return next(body for body in self.bodies if body.id == id)
        return None

    def find(self, text: str) -> Body:
        """The body of that code, or that *text* names. Raises MinshengError with names that look like it."""
        body = next((one for one in self.bodies if one.id == text), None) or self.resolve(text)
        if body is None:
            close = ", ".join(self.suggest(text))
            raise MinshengError(f"no body {text!r}" + (f"; did you mean {close}?" if close else ""))
        return body

    def _spellings(self, plain: str) -> Iterator[str]:
        yield plain
        for prefix in self._prefixes:
            if plain.startswith(prefix) and plain != prefix:
                yield from self._spellings(plain.removeprefix(prefix))
        for office in OFFICES:
            if plain.endswith(office) and plain != office:
                yield from self._spellings(plain.removesuffix(office))
        if plain.endswith("街道办"):
            yield plain.removesuffix("办")

    def suggest(self, name: str) -> tuple[str, ...]:
        """Names that look like it, for a person to choose from."""
        from difflib import get_close_matches  # only needed to word an error

        close = get_close_matches(plain_name(name), [body.name for body in self.bodies])
        return tuple(close)

    def ambiguous(self) -> tuple[str, ...]:
        """The names that two bodies share: they resolve to none."""
        return tuple(sorted(name for name, ids in self._known.items() if len(ids) > 1 and name not in self._shorts))


def plain_name(name: str) -> str:
    """A name without blanks, in letters of plain width: what it is compared by."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def _short(name: str) -> str:
    for kind in KINDS:
        if name.endswith(kind) and len(name) > len(kind) + 1:
            return name.removesuffix(kind)
    return ""
