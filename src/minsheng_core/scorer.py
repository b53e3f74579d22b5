"""A sheet as one fast function for other systems: compiled once, kept on disk by the content of its rules, explained on request.

Nothing is imported here that a kept rule doesn't need: a first score in a new process costs little more than Python.
"""

import hashlib
import marshal
import os
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fractions import Fraction

    from .explanation import Step
    from .hooks import Plugins

__all__ = ["Explained", "Scorer", "cache_folder", "load_scorer"]

FORMAT = 1
Cells = Mapping[str, int | None]


class Scorer:
    """One sheet's total for one body and month.

    A row maps each of *columns* to a whole number (the figure times 10^decimals of its column) or None. `score` gives the
    total in units of 10^-*places* 分, or None where there are no marks; `explained` the same with its explanation. Both
    raise KeyError for a column that isn't there and QuantityError for a cell that is no whole number. What the group or the
    months before decide (ranks, streaks) needs a table: see `minsheng score`.
    """

    __slots__ = ("_made", "_results", "_source", "columns", "fingerprint", "places", "score", "sheet")

    def __init__(self, entry: dict[str, Any], source: str) -> None:
        self.sheet: str = entry["sheet"]
        self.fingerprint: str = entry["fingerprint"]
        self.places: int = entry["places"]
        # (name, title, unit, decimals, low, high, missing)
        self.columns: tuple[tuple[str, str, str, int, int, int, bool], ...] = entry["columns"]
        space: dict[str, Any] = {
            "search": bisect_right, "refuse": _refuse, "type": type, "int": int, "TypeError": TypeError, **entry["tables"],
        }  # fmt: skip
        space.update({name: FunctionType(code, space) for name, code in entry["functions"].items()})
        self.score: Callable[[Cells], int | None] = space["score"]
        self._results: Callable[[Cells], tuple[int, ...]] = space["results"]
        self._source = source
        self._made: Any = None  # the sheet lowered again, when an explanation is first read

    def explained(self, row: Cells) -> "Explained":
        """The total with everything that led to it, from one run; words are made when they are read."""
        return Explained(self, row, self._results(row))

    def rendered(self, results: tuple[int, ...]) -> "tuple[Fraction | None, Step]":
        """The total in 分 and its explanation. Raises RuleError where the rules have changed since the run."""
        if self._made is None:
            self._made = _lowered(self._source, self.sheet, None)
            if self._made[2].plan.fingerprint != self.fingerprint:
                from .errors import RuleError

                raise RuleError([f"the rules of {self._source} have changed since this scorer was loaded: load it again"])
        _, sheet, lowered = self._made
        return _explained(sheet, lowered, results)


class Explained:
    """One run: *results* of every operation; *total* in 分 (None where there are no marks) and *step* are made when read."""

    __slots__ = ("results", "row", "scorer")

    def __init__(self, scorer: Scorer, row: Cells, results: tuple[int, ...]) -> None:
        self.scorer, self.row, self.results = scorer, row, results

    @property
    def total(self) -> "Fraction | None":
        """The exact total in 分."""
        return self.scorer.rendered(self.results)[0]

    @property
    def step(self) -> "Step":
        """The explanation, from the total down to each figure and clause."""
        return self.scorer.rendered(self.results)[1]


def load_scorer(source: str | Path, sheet: str | None = None, *, cache: Path | None = None, plugins: "Plugins | None" = None) -> Scorer:
    """The scorer of a scheme's sheet (the first where None).

    *source* is an installed scheme's name, or a folder or file of rules. With *cache* (see `cache_folder`) the compiled
    functions are kept in that folder and used again while the rules, the plugins and this library are the same to the byte;
    the folder is safe to delete. It holds code: keep it where only you can write. Raises RuleError, PluginError, and
    MinshengError for a sheet that isn't there or that looks at other rows.
    """
    if cache is None or plugins is not None:
        return Scorer(_entry(str(source), sheet, plugins), str(source))
    named = os.path.abspath(source) if os.path.exists(source) else str(source)  # a relative path is another one elsewhere
    file = cache / f"{_sha([named, sheet or '', sys.version, str(FORMAT)])}.plan"
    entry = _kept(file)
    if entry is None:
        entry = _entry(str(source), sheet, None)
        _keep(file, entry)
    return Scorer(entry, str(source))


def cache_folder(environ: Mapping[str, str]) -> Path:
    """The user's folder for compiled rules: MINSHENG_CACHE, else ``minsheng`` in the platform's cache folder."""
    if environ.get("MINSHENG_CACHE"):
        return Path(environ["MINSHENG_CACHE"])
    base = environ.get("LOCALAPPDATA") or environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "minsheng"


# -- making an entry ----------------------------------------------------------------------------------------------


def _lowered(source: str, sheet: str | None, plugins: "Plugins | None") -> tuple[Any, Any, Any]:
    """(prepared, sheet, its plan without a ranking)."""
    from attrs import evolve

    from .errors import MinshengError
    from .hooks import load_plugins
    from .scheme.load import load_scheme
    from .scoring.prepare import prepare

    scheme = load_scheme(source)
    wanted = [one for one in scheme.sheets if sheet in (None, one.id)][:1]
    if not wanted:
        raise MinshengError(f"no sheet {sheet!r} in {scheme.id}; there are {', '.join(one.id for one in scheme.sheets) or 'none'}")
    alone = evolve(scheme, sheets=(evolve(wanted[0], ranking=None),), examples=())
    prepared = prepare(alone, plugins or load_plugins())
    lowered = prepared.sheets[wanted[0].id]
    if lowered.plan.windows:
        raise MinshengError(f"the sheet {wanted[0].id!r} looks at other bodies or months; score a table, as `minsheng score` does")
    return prepared, alone.sheets[0], lowered


def _entry(source: str, sheet: str | None, plugins: "Plugins | None") -> dict[str, Any]:
    from .formula.python import code_of
    from .scheme.load import scheme_folder

    prepared, found, lowered = _lowered(source, sheet, plugins)
    plan = lowered.plan
    packages = {Path(sys.modules[kind.__class__.__module__].__file__ or "").parent for kind in prepared.plugins.indicators.values()}
    paths = [path.parent for info in prepared.plugins.infos for path in info.rules]
    rules = scheme_folder(source) or Path(source)
    watched = sorted({str(path.resolve()) for path in (*packages, *paths, rules, Path(__file__).parent)})
    return {
        "sheet": str(found.id),
        "fingerprint": plan.fingerprint,
        "places": found.rounding.places,
        "columns": tuple(
            (str(one.name), str(one.title), str(one.unit), one.decimals, one.low, one.high, one.missing)
            for one in plan.columns
            if one.name != "copies"
        ),
        "tables": dict(plan.tables),
        "functions": code_of(plan, "total"),
        "watched": watched,
        "state": _state(watched),
    }


def _explained(sheet: Any, lowered: Any, results: tuple[int, ...]) -> "tuple[Fraction | None, Step]":
    from attrs import evolve

    from .explanation import Step
    from .quantity import Quantity, unit

    total = lowered.plan.output("total").value(results)
    readings = {**lowered.items, **lowered.adjustments}
    parts = [
        evolve(readings[one.id].step(results, {}), label=one.title) for one in (*sheet.items, *sheet.adjustments) if one.id in readings
    ]
    how = "" if total is not None else lowered.plan.reason(results)
    value = None if total is None else Quantity(total, unit("分"))
    return total, Step(label=sheet.title, value=value, how=how, place=sheet.place, clause=sheet.source, parts=tuple(parts))


# -- keeping entries ----------------------------------------------------------------------------------------------


def _kept(file: Path) -> dict[str, Any] | None:
    """The entry in *file*, if it is whole, ours alone to write, and of the rules as they are now."""
    try:
        status = file.stat()
        if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
            return None
        entry = marshal.loads(file.read_bytes())
        return entry if entry["state"] == _state(entry["watched"]) else None
    except (OSError, ValueError, EOFError, TypeError, KeyError):
        return None


def _keep(file: Path, entry: dict[str, Any]) -> None:
    """Written whole or not at all; a folder that can't be written only costs the time."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as temporary:
            temporary.write(marshal.dumps(entry))
        os.replace(temporary.name, file)
    except OSError:
        return


def _state(watched: list[str]) -> str:
    """A digest of every file that decides a plan: rules, plugins, this library; and of what is installed beside them."""
    digest = hashlib.sha256()
    for folder in sys.path:
        if os.path.isdir(folder):
            digest.update("\n".join(sorted(name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-link")))).encode())
    for root in watched:
        for path in _files(root):
            digest.update(path.encode())
            with open(path, "rb") as file:
                digest.update(file.read())
    return digest.hexdigest()


def _files(root: str) -> Iterator[str]:
    if os.path.isfile(root):
        yield root
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if name != "__pycache__")
        yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith((".py", ".toml", ".csv")))


def _sha(parts: list[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _refuse(name: str, value: object) -> None:
    from .formula.python import refuse

    refuse(name, value)
