"""Loading a scheme: a folder of TOML files in, a `Scheme` out, or every mistake of every file with its place."""

import types
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import attrs
from cattrs import ClassValidationError, Converter, ForbiddenExtraKeysError, IterableValidationError

from ..errors import QuantityError, RuleError
from ..finding import Finding, Place
from ..quantity import Quantity, read_quantity
from ..rounding import Rounding
from . import model
from .check import check_scheme
from .facts import Placed
from .toml import Located, read_toml

__all__ = [
    "PLURAL",
    "SINGULAR",
    "TABLES",
    "Text",
    "installed_schemes",
    "known_keys",
    "load_rules",
    "load_scheme",
    "read_rules",
    "read_scheme",
    "scheme_folder",
]

# [[table]] of a rule file → the scheme's field that holds its entries, and their class
TABLES: dict[str, tuple[str, type[Any]]] = {
    "document": ("documents", model.Document),
    "clause": ("clauses", model.Clause),
    "defect": ("defects", model.Defect),
    "body": ("bodies", model.Body),
    "project": ("projects", model.Project),
    "indicator": ("indicators", model.Indicator),
    "task": ("tasks", model.Task),
    "process": ("processes", model.Process),
    "event": ("events", model.Event),
    "kind": ("kinds", model.Kind),
    "method": ("methods", model.Method),
    "sheet": ("sheets", model.Sheet),
    "example": ("examples", model.Example),
}
# Arrays of tables read better in the singular: [[sheet.item]] is the field `items`.
PLURAL = {
    "share": "shares", "subject": "subjects", "item": "items", "adjustment": "adjustments", "label": "labels", "field": "fields", "case": "cases",
}  # fmt: skip
SINGULAR = {many: one for one, many in PLURAL.items()}


def known_keys(cls: type[Any]) -> dict[str, str]:
    """The keys that a table of that class may have, each with the field that it fills; of ``[scheme]``, only its own."""
    elsewhere = {field for field, _ in TABLES.values()} if cls is model.Scheme else set()
    names = [one.name for one in attrs.fields(cls) if one.name != "place" and one.name not in elsewhere]
    return {SINGULAR[name]: name for name in names if name in SINGULAR} | {name: name for name in names}


class Text(str):
    """A string of a rule file that knows where it stands; equal to, and used as, any other string."""

    __slots__ = ("locate",)
    locate: Callable[[int], Place]

    def at(self, offset: int = 0) -> Place:
        """The place of the character at *offset*."""
        return self.locate(offset)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Pickled, it is any other string: what locates it holds whole files."""
        return str, (str(self),)


SCHEMES = "minsheng_core.schemes"  # entry points of other distributions: a year's name → a pathlib.Path to its folder of rules


def installed_schemes() -> tuple[str, ...]:
    """The names of the schemes that are installed, side by side: those of this package, ``2023``, and of other distributions."""
    own = {folder.name for folder in _rules_folder().iterdir() if folder.is_dir()}
    return tuple(sorted(own | {point.name for point in _points()}))


def _points() -> Sequence[Any]:
    from importlib.metadata import entry_points  # slow in the standard library: paid where a scheme isn't our own

    return tuple(entry_points(group=SCHEMES))


def scheme_folder(name: str) -> Path | None:
    """Where the rules of an installed scheme lie; None where there is none of that name. Raises RuleError for an entry point
    that doesn't lead to a folder."""
    own = _rules_folder() / name
    if name and Path(name).name == name and own.is_dir():
        return own
    for point in _points() if Path(name).name == name and not Path(name).exists() else ():
        if point.name == name:
            folder = point.load()
            if not isinstance(folder, Path) or not folder.is_dir():
                message = f"the scheme {name!r} is to lie in {folder!r}, which is no pathlib.Path to a folder"
                raise RuleError([Finding(code="rule.no_file", message=message, place=Place(str(folder)))])
            return folder
    return None


def load_scheme(source: str | Path) -> model.Scheme:
    """The scheme of that name (``"2023"``), or of a folder or file of rules.

    Raises RuleError with all mistakes of all files; notes and warnings don't hinder. Formulas are checked where
    they meet their plugins, by `minsheng_core.prepare`.
    """
    scheme, findings = read_scheme(source)
    errors = [finding for finding in findings if finding.severity.value == "error"]
    if not errors and not scheme.id:
        errors = [Finding(code="rule.no_scheme", message="these are rules without a [scheme]", place=Place(str(source)))]
    if errors:
        raise RuleError(errors)
    return scheme


def load_rules(paths: Sequence[Path]) -> model.Scheme:
    """The documents, clauses and methods of a plugin's rule files. Raises RuleError."""
    tables, findings, _ = read_rules(paths)
    if findings:
        raise RuleError(findings)
    return model.Scheme(id="", title="", year=0, document="", **tables)


def read_scheme(source: str | Path) -> tuple[model.Scheme, tuple[Finding, ...]]:
    """The scheme as far as it can be read (with an empty id where there is no ``[scheme]``), and everything found in its files.

    Files that hold only documents, clauses and methods need no ``[scheme]``: they are a plugin's rules.
    """
    paths = _files(source)
    tables, findings, lost = read_rules(paths)
    head = tables.pop("head", None)
    shared = all(field in ("documents", "clauses", "methods") for field, entries in tables.items() if entries) and any(tables.values())
    if head is None and not shared and not findings:
        message = "no [scheme] table with id, title, year and document"
        findings = (Finding(code="rule.no_scheme", message=message, place=Place(str(source))),)
    scheme = attrs.evolve(head or model.Scheme(id="", title="", year=0, document=""), **tables)
    return scheme, _sorted([*findings, *check_scheme(scheme, lost)])


def read_rules(paths: Sequence[Path]) -> tuple[dict[str, Any], tuple[Finding, ...], frozenset[str] | None]:
    """Every table of those files by the scheme's field (``head`` for ``[scheme]``), every mistake in their shape, and the
    ids of entries that could not be read (None where a whole file could not)."""
    tables: dict[str, Any] = {field: () for field, _ in TABLES.values()}
    findings: list[Finding] = []
    lost: set[str] | None = set()
    for path in paths:
        try:
            located = read_toml(path, _called(path))
        except RuleError as error:
            findings += [finding for finding in error.findings if isinstance(finding, Finding)]
            lost = None
            continue
        reader = _Reader(located)
        for key, value in located.data.items():
            if key == "scheme" and isinstance(value, dict):
                tables["head"] = reader.entry(value, model.Scheme, ("scheme",))
                if tables["head"] is None:
                    del tables["head"]
            elif key in TABLES and isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
                field, cls = TABLES[key]
                entries = [reader.entry(entry, cls, (key, index)) for index, entry in enumerate(value)]
                tables[field] += tuple(entry for entry in entries if entry is not None)
            else:
                known = ", ".join(["[scheme]", *(f"[[{name}]]" for name in TABLES)])
                findings.append(
                    Finding(
                        code="rule.unknown_table",
                        message=f"no table {key!r} in a rule file; known are {known}",
                        place=located.key_place((key,)),
                    )
                )
        findings += reader.findings
        lost = None if lost is None else lost | reader.lost
    return tables, tuple(findings), None if lost is None else frozenset(lost)


def _sorted(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.place or Place("")))


def _rules_folder() -> Path:
    """Where the rules that ship with the package lie."""
    inside = Path(__file__).parents[1] / "_rules"  # in a wheel
    return inside if inside.is_dir() else Path(__file__).parents[3] / "rules"  # in a checkout


def _called(path: Path) -> str:
    """What messages call a rule file: as it was given, but short and the same everywhere for files inside a package."""
    for root in (_rules_folder(), *(parent.parent for parent in path.parents if (parent / "__init__.py").is_file())):
        if path.is_relative_to(root):
            inside = path.relative_to(root)
            return (Path("rules") / inside if root == _rules_folder() else inside).as_posix()
    return str(path)


def _files(source: str | Path) -> list[Path]:
    named = (scheme_folder(source) if isinstance(source, str) else None) or Path(source)
    if named.is_file():
        return [named]
    if not named.is_dir():
        known = ", ".join(installed_schemes())
        raise RuleError(
            [
                Finding(
                    code="rule.no_file", message=f"no such scheme, folder or file; installed schemes are {known}", place=Place(str(source))
                )
            ]
        )
    paths = sorted(named.glob("*.toml"))
    if not paths:
        raise RuleError([Finding(code="rule.no_file", message="no .toml file in this folder", place=Place(str(named)))])
    return paths


# -- one entry: places put in, structured, mistakes turned into findings -------------------------------------


class _Reader:
    """Turns the tables of one file into model values; *findings* collects what is wrong with them."""

    def __init__(self, located: Located) -> None:
        self.located = located
        self.findings: list[Finding] = []
        self.lost: set[str] = set()  # ids of entries that can't be read: a reference to them is no further mistake

    def entry(self, raw: dict[str, Any], cls: type[Any], path: tuple[str | int, ...]) -> Any:
        """The entry, or None. Where keys are wrong but not needed, it is read without them, so that the rest is checked too."""
        data = self._placed(raw, cls, path)
        try:  # the converter that stops at the first mistake is made in half the time, and rules have few
            return _converter(detailed=False).structure(data, cls)
        except (TypeError, ValueError, KeyError, AttributeError, QuantityError, ForbiddenExtraKeysError):
            pass
        try:
            return _converter(detailed=True).structure(data, cls)
        except ClassValidationError as error:
            for where, what in list(_problems(error, ())):
                self.findings.append(self._finding(where, what, path))
                _drop(data, where)
        try:
            return _converter(detailed=True).structure(data, cls)
        except ClassValidationError:  # what was dropped is needed: said already
            self.lost |= {raw["id"]} if isinstance(raw.get("id"), str) else set()
            return None

    def _finding(self, where: tuple[str | int, ...], what: str, path: tuple[str | int, ...]) -> Finding:
        full = path + tuple(SINGULAR.get(part, part) if isinstance(part, str) else part for part in where)
        at = self.located.key_place(full) if what.startswith("unknown key") else self.located.place(full)
        return Finding(code="rule.shape", message=what, place=at)

    def _placed(self, raw: dict[str, Any], cls: type[Any], path: tuple[str | int, ...]) -> dict[str, Any]:
        """A copy of *raw* with the place of each table in it, field names in the plural, and located strings."""
        data: dict[str, Any] = {}
        fields = {field.name: field.type for field in attrs.fields(attrs.resolve_types(cls))}
        keys = known_keys(cls)
        for key, value in raw.items():
            name = keys.get(key, key)
            if name in data or (key not in keys and name in fields):  # a field that isn't for files, or one that is given twice
                what = f"{SINGULAR.get(name, name)!r} is given twice" if name in data else f"unknown key {key!r}{_meant(key, sorted(keys))}"
                self.findings.append(Finding(code="rule.shape", message=what, place=self.located.key_place((*path, key))))
                continue
            inner = _placed_class(fields.get(name))
            at = (*path, key)
            if inner and isinstance(value, dict):
                data[name] = self._placed(value, inner, at)
            elif inner and isinstance(value, list):
                data[name] = [self._placed(one, inner, (*at, i)) if isinstance(one, dict) else one for i, one in enumerate(value)]
            else:
                data[name] = self._texts(value, at)
        return data | {"place": self.located.place(path)}

    def _texts(self, value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, str):
            text = Text(value)
            text.locate = lambda offset: self.located.text_place(path, offset)
            return text
        if isinstance(value, dict):
            return {key: self._texts(one, (*path, key)) for key, one in value.items()}
        if isinstance(value, list):
            return [self._texts(one, (*path, index)) for index, one in enumerate(value)]
        return value


def _placed_class(hint: Any) -> type[Any] | None:
    """The model class inside a field's type: ``tuple[Share, ...]``, ``Figure``, ``Ranking | None``."""
    for part in (hint, *get_args(hint)):
        if isinstance(part, type) and issubclass(part, Placed):
            return part
    return None


def _drop(data: Any, where: tuple[Any, ...]) -> None:
    for part in where[:-1]:
        data = data[part] if isinstance(data, list) or (isinstance(data, dict) and part in data) else {}
    if where and isinstance(data, dict):
        data.pop(where[-1], None)


def _problems(error: BaseException, path: tuple[str | int, ...]) -> Any:
    """(path, message) of each mistake in cattrs' tree of errors."""
    match error:
        case ClassValidationError() | IterableValidationError():
            noted, bare = error.group_exceptions()
            for inner, note in noted:
                step = note.name if hasattr(note, "name") else note.index
                yield from _problems(inner, (*path, step))
            for inner in bare:
                yield from _problems(inner, path)
        case ForbiddenExtraKeysError():
            known = sorted(SINGULAR.get(field.name, field.name) for field in attrs.fields(error.cl) if field.name != "place")
            for key in sorted(error.extra_fields):
                yield (*path, key), f"unknown key {key!r}{_meant(key, known)}"
        case KeyError():
            name = str(error.args[0])
            yield path[:-1] if path and path[-1] == name else path, f"{SINGULAR.get(name, name)!r} is missing"
        case _:
            yield path, str(error)


def _meant(word: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # only needed to word an error

    close = get_close_matches(word, known, 1)
    return f"; did you mean {close[0]!r}?" if close else f"; known here are {', '.join(known)}"


# -- cattrs ------------------------------------------------------------------------------------------------------


@cache
def _converter(*, detailed: bool) -> Converter:
    """Strict: a number where words are wanted is a mistake, not a text of digits. *detailed*: every mistake, not the first."""
    converter = Converter(forbid_extra_keys=True, detailed_validation=detailed)
    for cls, wanted in ((str, "a text in quotes"), (int, "a whole number"), (bool, "true or false"), (date, "a date like 2023-08-02")):
        converter.register_structure_hook(cls, _exactly(cls, wanted))
    converter.register_structure_hook(Place, lambda value, _: value)
    converter.register_structure_hook(Quantity, _quantity)
    converter.register_structure_hook(Rounding, _rounding)
    converter.register_structure_hook_func(lambda hint: hint is Any, lambda value, _: value)
    converter.register_structure_hook_func(lambda hint: _origin(hint) is tuple, lambda value, hint: _list(converter, value, hint))
    converter.register_structure_hook_func(lambda hint: _origin(hint) is Literal, _literal)
    converter.register_structure_hook_func(
        lambda hint: _origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint),
        lambda value, hint: converter.structure(value, next(one for one in get_args(hint) if one is not type(None))),
    )
    return converter


def _origin(hint: Any) -> Any:
    return get_origin(hint)


def _exactly(cls: type[Any], wanted: str) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, cls) or (cls is int and isinstance(value, bool)) or (cls is date and hasattr(value, "hour")):
            raise TypeError(f"expected {wanted}, got {value!r}")
        return value

    return structure


def _quantity(value: Any, _: Any) -> Quantity:
    if not isinstance(value, str):
        raise TypeError(f'expected a number with its unit in quotes, like "80分", got {value!r}')
    return read_quantity(value)


def _rounding(value: Any, _: Any) -> Rounding:
    names = [mode.value for mode in Rounding]
    if value not in names:
        raise ValueError(f"a rounding mode is one of {', '.join(names)}, got {value!r}")
    return Rounding(value)


def _literal(value: Any, hint: Any) -> Any:
    if value not in get_args(hint):
        raise ValueError(f"expected one of {', '.join(repr(one) for one in get_args(hint))}, got {value!r}")
    return value


def _list(converter: Converter, value: Any, hint: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list, got {value!r}")
    inside: Any = list[get_args(hint)[0]]  # type: ignore[misc] # a type made at run time
    return tuple(converter.structure(value, inside))
