"""What every table of a rule file has, and what a rule file tells an audit."""

from attrs import field, frozen

from ..finding import Place
from ..quantity import Quantity

__all__ = ["Exemption", "Facts", "Placed"]


@frozen(kw_only=True)
class Placed:
    """Fields that every table of a rule file has."""

    place: Place | None = field(default=None, eq=False, repr=False)


@frozen(kw_only=True)
class Exemption(Placed):
    """A promise that an audit does not ask of a rule, *of* one figure or part of it (of all where empty): why, and by which clause."""

    promise: str
    of: str = ""
    reason: str
    clause: str


@frozen(kw_only=True)
class Facts(Placed):
    """What an audit can't see in a rule: figures of which more never lowers (*rises*) or never raises (*falls*) the marks, how much
    one unit may move them at most (*largest*), what else holds of every report (*where*, a formula), and what is exempt."""

    rises: tuple[str, ...] = ()
    falls: tuple[str, ...] = ()
    largest: Quantity | None = None
    where: str = ""
    exempt: tuple[Exemption, ...] = ()
