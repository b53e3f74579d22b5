"""What SQL engines call things, and how a table's keys and cells become the whole numbers that a plan reads."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from attrs import frozen

from ..errors import MinshengError
from ..formula.plan import INT64, LIMIT, Column, Op, Plan

__all__ = ["Dialect", "Reader", "dialect_of", "read_columns", "read_keys"]

WHOLE = frozenset({"TINYINT", "SMALLINT", "INT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"})
FLOATS = frozenset({"FLOAT", "DOUBLE", "REAL"})
TEXT = re.compile(r"VARCHAR|STRING|CHAR\(|ENUM\(")
DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


@frozen
class Dialect:
    """How one engine writes it. *wide* is its type of 38 digits, *words* its type of text, *quote* what names stand in."""

    name: str
    wide: str
    words: str
    quote: str

    def name_of(self, name: str) -> str:
        """A column's name, quoted."""
        return f"{self.quote}{name.replace(self.quote, self.quote * 2)}{self.quote}"

    def text(self, words: str) -> str:
        """A text literal."""
        if self.name == "spark":  # which reads backslashes, and joins two literals side by side
            return "'" + words.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return "'" + words.replace("'", "''") + "'"

    def pattern(self, regex: str) -> str:
        """A regular expression as a literal."""
        return f"r'{regex}'" if self.name == "spark" else f"'{regex}'"

    def whole(self, value: int, width: int = 64) -> str:
        """A whole number of that width, or wider where it needs it; never an engine's narrow default."""
        return f"CAST({value} AS {'BIGINT' if width <= 64 and abs(value) <= INT64 else self.wide})"

    def cast(self, text: str, width: int) -> str:
        """The whole number in another width."""
        return f"CAST({text} AS {'BIGINT' if width == 64 else self.wide})"

    def quotient(self, a: str, b: str, *, high: int, width: int) -> str:
        """a // b for a ≥ 0, b > 0."""
        if self.name == "duckdb":
            return f"({a} // {b})"
        if width == 64:
            return f"({a} div {b})"
        # div gives BIGINT only, and / keeps six decimals, so 32 digits before them: exact, since a − a % b divides.
        text = f"(({a} - {a} % {b}) / {b})"
        if high >= LIMIT:
            text = f"(CASE WHEN {b} = 1 THEN {a} ELSE CAST({text} AS {self.wide}) END)"
        return self.cast(text, 128)

    def element(self, numbers: Sequence[int], position: str) -> str:
        """The number at that 0-based position, in the width of the widest."""
        kind = "BIGINT" if max(map(abs, numbers)) <= INT64 else self.wide
        words = self.text(",".join(map(str, numbers)))  # one token and folded once: a parser chokes on ten thousand
        if self.name == "spark":
            return f"CAST(SPLIT({words}, ',') AS ARRAY<{kind}>)[CAST({position} AS INT)]"
        return f"LIST_EXTRACT(CAST(STRING_SPLIT({words}, ',') AS {kind}[]), {position} + 1)"

    def error(self, message: str, width: int) -> str:
        """A value of that width that stops the query."""
        return self.cast(f"{'raise_error' if self.name == 'spark' else 'error'}({self.text(message)})", width)

    def decimal(self, number: str, places: int, digits: int) -> str:
        """number · 10^-places, of a number of up to *digits* digits, exactly."""
        precision = 18 if digits <= 18 and places <= 18 else 38
        if places == 0:
            return f"CAST({number} AS DECIMAL({precision},0))"
        if digits + places + 1 > 38:  # the product's scale would be cut
            padded = f"CONCAT('{'0' * places}', CAST(ABS({number}) AS {self.words}))"
            parts = f"SUBSTR({padded}, 1, LENGTH({padded}) - {places}), '.', RIGHT({padded}, {places})"
            return f"CAST(CONCAT(CASE WHEN {number} < 0 THEN '-' ELSE '' END, {parts}) AS DECIMAL(38,{places}))"
        unit = f"CAST('0.{'1'.zfill(places)}' AS DECIMAL({places},{places}))"
        return f"CAST(CAST({number} AS DECIMAL({digits},0)) * {unit} AS DECIMAL({precision},{places}))"


DIALECTS = {
    "duckdb": Dialect("duckdb", "HUGEINT", "VARCHAR", '"'),
    "spark": Dialect("spark", "DECIMAL(38,0)", "STRING", "`"),
}  # fmt: skip


def dialect_of(name: str) -> Dialect:
    """The dialect of that name. Raises MinshengError for another than duckdb and spark."""
    if name not in DIALECTS:
        raise MinshengError(f"there is no SQL dialect {name!r}, only {' and '.join(DIALECTS)}")
    return DIALECTS[name]


@frozen(kw_only=True)
class Reader:
    """One column on its way in, as three steps of columns to add (name → SQL): as read, tested, usable."""

    raw: Mapping[str, str]
    tested: Mapping[str, str]
    usable: Mapping[str, str]


def read_keys(types: Mapping[str, str], dialect: Dialect, *, grouped: bool) -> dict[str, str]:
    """``k_body``, ``k_period`` as given, ``k_index`` (year · 12 + month − 1, NULL where it can't be read), ``k_group``.

    Raises MinshengError for missing ones, all at once, and for types that can't be keys.
    """
    _refuse([f"{name} is missing" for name in ("body", "period", *(["group"] if grouped else [])) if name not in types])
    texts = [name for name in ("body", "group") if name in types]
    faults = [f"{name} is {types[name]}, and should be text" for name in texts if not TEXT.match(types[name].upper())]
    period, kind = dialect.name_of("period"), types["period"].upper()
    if TEXT.match(kind):
        year, month = (f"CAST(SUBSTR({period}, {start}, {length}) AS BIGINT)" for start, length in ((1, 4), (6, 2)))
        index = f"CASE WHEN {_matches(dialect, period, '^[0-9]{4}-(0[1-9]|1[0-2])')} THEN {year} * 12 + {month} - 1 END"
    elif kind == "DATE":
        index = f"CAST(YEAR({period}) AS BIGINT) * 12 + MONTH({period}) - 1"
    else:
        index = f"CASE WHEN {period} BETWEEN 0 AND {12 * 10_000 - 1} THEN {dialect.cast(period, 64)} END"
        if kind not in WHOLE:
            faults.append(f"period is {types['period']}, and should be text like 2023-10, a date, or the whole number year·12+month−1")
    _refuse(faults)
    keys = {"k_body": dialect.name_of("body"), "k_period": period, "k_index": index}
    return {**keys, "k_group": dialect.name_of("group")} if "group" in types else keys


def read_columns(plan: Plan, names: Sequence[str], types: Mapping[str, str], dialect: Dialect) -> dict[str, Reader]:
    """How each of the plan's columns *names* is read. Raises MinshengError for those that can't be, all at once."""
    faults, readers = [], {}
    for index, column in enumerate(plan.columns):
        name, kind, called = column.name, types.get(column.name, "").upper(), f"c{index}"
        if name not in names:
            continue
        if name == "period":
            readers[name] = _reader(column, dialect, called, f"{dialect.name_of(name)} IS NOT NULL", held="k_index")
        elif name == "copies":
            readers[name] = _reader(column, dialect, called, "TRUE", held="k_copies")
        elif kind and (fault := _unfit(column, kind, types[name])):
            faults.append(fault)
        elif kind:
            cell, width = dialect.name_of(name), _width(column, kind)
            raw = _CELL[column.kind](column, cell, kind, dialect, width)
            readers[name] = _reader(column, dialect, called, f"{cell} IS NOT NULL", raw, width)
        elif column.missing:
            readers[name] = _reader(column, dialect, called, "FALSE", "CAST(NULL AS BIGINT)")
        else:
            faults.append(f"{name} is missing{f' ({column.title})' if column.title else ''}")
    _refuse(faults)
    return readers


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise MinshengError(f"the table can't be scored: {'; '.join(faults)}")


def _unfit(column: Column, kind: str, type_: str) -> str:
    """What is wrong with the type of the column's cells, '' where nothing is."""
    name = column.name
    if column.kind == "text":
        return "" if TEXT.match(kind) else f"{name} is {type_}, and should be text"
    if column.kind == "date":
        return "" if kind == "DATE" or TEXT.match(kind) else f"{name} is {type_}, and should be a date, or text like 2023-10-31"
    if kind in FLOATS:
        return f"{name} is {type_}, which holds no exact decimals: cast it to DECIMAL(38,{column.decimals}) where it is made"
    whole = kind in WHOLE or DECIMAL.match(kind) or TEXT.match(kind)
    return "" if whole else f"{name} is {type_}, and should be whole numbers, DECIMAL or decimal text"


def _width(column: Column, kind: str) -> Literal[64, 128]:
    """How many bits its cells need on their way in: 64 where no number with fewer than 19 digits is left out."""
    if column.kind != "number":
        return 64
    found = DECIMAL.match(kind)
    fits = int(found[1]) + column.decimals <= 18 if found else kind not in ("HUGEINT", "UBIGINT")
    return 64 if fits and _most(column) < 10**18 else 128


def _most(column: Column) -> int:
    """A number beyond its range, whole in its unit."""
    scale: int = 10**column.decimals
    return (max(abs(column.low), abs(column.high)) // scale + 1) * scale


def _reader(column: Column, dialect: Dialect, called: str, given: str, raw: str = "", width: int = 64, held: str = "") -> Reader:
    """From *raw*: a whole number of *width* bits, NULL where the cell can't be read as one; or from the column *held*."""
    read = {} if held else {f"{called}_raw": raw}
    held = held or f"{called}_raw"
    low, high = dialect.whole(column.low, width), dialect.whole(column.high, width)
    stands = Op("column", low=column.low, high=column.high).width
    value = held if stands == width else dialect.cast(held, stands)
    return Reader(
        raw={f"{called}_given": given, **read},
        tested={f"{called}_sure": f"({held} IS NOT NULL AND {held} BETWEEN {low} AND {high})"},
        usable={
            f"{called}_within": f"(NOT {called}_given OR {called}_sure)",
            called: f"CASE WHEN {called}_sure THEN {value} ELSE {dialect.whole(column.low, stands)} END",
        },
    )


# -- cells: each gives a whole number of *width* bits, NULL for what can't be read as one ---------------------------


def _matches(dialect: Dialect, cell: str, regex: str) -> str:
    name = "REGEXP_LIKE" if dialect.name == "spark" else "REGEXP_MATCHES"
    return f"{name}({cell}, {dialect.pattern(regex + chr(92) + 'z')})"  # $ would let a line end pass


def _number(column: Column, cell: str, kind: str, dialect: Dialect, width: int) -> str:
    places = column.decimals
    if kind in WHOLE:
        whole = dialect.cast(cell, width)
        if not places:
            return whole
        most = _most(column) // 10**places  # beyond it the product could overflow
        inside = f"{whole} BETWEEN {dialect.whole(-most, width)} AND {dialect.whole(most, width)}"
        return f"CASE WHEN {inside} THEN {whole} * {dialect.whole(10**places, width)} END"
    found = DECIMAL.match(kind)
    if not found:
        return _decimal_text(column, cell, dialect, width)
    precision, scale = int(found[1]), int(found[2])
    if scale == places == 0:
        return dialect.cast(cell, width)
    if precision + places + scale + 3 > 38:  # an engine would cut the product
        return _decimal_text(column, f"CAST({cell} AS {dialect.words})", dialect, width)
    if dialect.name == "duckdb":  # its products stay in the 18 digits of their factors
        cell = f"CAST({cell} AS DECIMAL(38,{scale}))"
    product = f"({cell} * CAST({10**places} AS DECIMAL({places + 1},0)))"
    if scale <= places:
        return dialect.cast(product, width)
    return f"CASE WHEN CAST({dialect.cast(product, 128)} AS DECIMAL(38,{scale})) = {product} THEN {dialect.cast(product, width)} END"


def _decimal_text(column: Column, cell: str, dialect: Dialect, width: int) -> str:
    """Digits with an optional sign and decimals, of which those beyond the column's are zero."""
    places, most = column.decimals, 18 if width == 64 else 37
    whole = f"REGEXP_EXTRACT({cell}, {dialect.pattern('^[+-]?0*([0-9]*)')}, 1)"
    rest = f"REGEXP_EXTRACT({cell}, {dialect.pattern('^[+-]?[0-9]+[.]([0-9]*?)0*$')}, 1)"
    sign = f"CASE WHEN {cell} LIKE '-%' THEN '-' ELSE '' END"
    fits = f"LENGTH({whole}) <= {most - places} AND LENGTH({rest}) <= {places}"
    digits = [sign, "'0'", whole, *([f"RPAD({rest}, {places}, '0')"] if places else [])]
    number = f"TRY_CAST(CONCAT({', '.join(digits)}) AS {dialect.wide if width == 128 else 'BIGINT'})"
    return f"CASE WHEN {_matches(dialect, cell, '^[+-]?[0-9]+([.][0-9]+)?')} AND {fits} THEN {number} END"


def _choice(column: Column, cell: str, kind: str, dialect: Dialect, width: int) -> str:
    words = " ".join(f"WHEN {dialect.text(word)} THEN {dialect.whole(index)}" for index, word in enumerate(column.choices))
    return f"CASE CAST({cell} AS {dialect.words}) {words} END" if words else "CAST(NULL AS BIGINT)"


def _date(column: Column, cell: str, kind: str, dialect: Dialect, width: int) -> str:
    if kind != "DATE":
        cell = f"CASE WHEN {_matches(dialect, cell, '^[0-9]{4}-[0-9]{2}-[0-9]{2}')} THEN TRY_CAST({cell} AS DATE) END"
    if dialect.name == "spark":
        return dialect.cast(f"UNIX_DATE({cell})", 64)
    return f"CASE WHEN ISFINITE({cell}) THEN {cell} - DATE '1970-01-01' END"


_CELL = {"number": _number, "text": _choice, "date": _date}
