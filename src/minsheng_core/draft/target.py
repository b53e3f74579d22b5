"""What a draft is made of before it is a scheme: targets with their parts, places and doubts, and the clauses that they stand in."""

from attrs import define, field, frozen

from ..allocation.reconcile import Reconciliation
from ..finding import Place
from ..quantity import Quantity

__all__ = ["Doubt", "Piece", "Spot", "Target"]

MOST_DOUBTS = 300  # of one target: nobody reads more, and the entry is one that is all wrong


@frozen
class Doubt:
    """What a person should look at: in words, where it stands, and the words that stand there."""

    words: str
    place: Place | None = None
    quote: str = ""


@frozen(kw_only=True)
class Spot:
    """A clause or a row of a table: *id*, *locator* and the words it begins with."""

    id: str
    locator: str
    summary: str
    place: Place


@frozen(kw_only=True)
class Piece:
    """One body's share as printed."""

    name: str
    quantity: Quantity
    printed: str
    place: Place


@define(kw_only=True)
class Target:
    """A target as far as it was found. *spot* is the clause of its figure, *said* that of its promise; *quantity* None where no total is printed."""

    title: str
    quantity: Quantity | None
    printed: str
    place: Place
    spot: str
    said: str = ""
    project: str = ""
    lead: str = ""
    joint: list[str] = field(factory=list)
    pieces: tuple[Piece, ...] = ()
    checked: Reconciliation | None = None
    above: "Target | None" = None  # the target that this one is a part of
    subjects: tuple[str, ...] = ()
    undistributed: str = ""
    deadline: str = ""
    row: int = 0
    offset: int = -1  # of its figure in the text; -1 in a table
    table: bool = False
    doubts: list[Doubt] = field(factory=list)

    def doubt(self, words: str, place: Place | None = None, quote: str = "") -> None:
        """Note something for a person, once."""
        one = Doubt(words, place or self.place, quote)
        if len(self.doubts) < MOST_DOUBTS and one not in self.doubts:
            self.doubts.append(one)
