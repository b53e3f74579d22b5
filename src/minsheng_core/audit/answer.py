"""What an engine says of a question."""

from collections.abc import Sequence

from attrs import frozen

from .promise import Said
from .result import Certificate
from .rule import Cells

__all__ = ["Answer"]


@frozen(kw_only=True)
class Answer:
    """``none`` (proved: there is no case), ``case`` with its *rows*, ``unknown`` with the reason, or ``conflict``; *by* names the engine."""

    outcome: str
    by: str
    words: Said = ("", "")
    rows: Sequence[Cells] | None = None
    certificate: Certificate | None = None
