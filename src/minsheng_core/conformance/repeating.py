"""The same case again: another time, another order, another process, other units, doubled, split, with months before it."""

import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from itertools import islice
from math import floor

from attrs import evolve

from ..protocols import Case
from ..quantity import Quantity, decimal_text, known_units, unit
from .measuring import found, measured, measured_once, primary
from .samples import Draft, Row, UnderTest, case_of, grid, show

# -- the same again ------------------------------------------------------------------------------------------------


def told(under: UnderTest, case: Case) -> str:
    """Everything that the plugin says of a case, as text."""
    measurement = measured(under, case)
    values = sorted((measurement.values if measurement else {}).items())
    return repr((values, measurement and measurement.step, measurement and measurement.details, found(under, case)))


def same_case_same_result(under: UnderTest, draft: Draft) -> str:
    """The same case twice, with another in between, gives the same."""
    first = told(under, case_of(under, draft))
    told(under, case_of(under, Draft(period=draft.period, rows=tuple(evolve(row, months=row.months - 1) for row in draft.rows))))
    return "" if told(under, case_of(under, draft)) == first else "the same case, measured again, gives something else"


def order_of_rows_does_not_matter(under: UnderTest, draft: Draft) -> str:
    """The rows of the file the other way round measure the same."""
    here, turned = _values(under, draft), _values(under, evolve(draft, rows=draft.rows[::-1]))
    return "" if here == turned else f"the rows in their order measure {_words(here)}, the other way round {_words(turned)}"


def _values(under: UnderTest, draft: Draft) -> dict[str, object] | None:
    measurement = measured_once(under, draft)
    return None if measurement is None else {name: value for name, value in sorted(measurement.values.items()) if value is not None}


def _words(values: dict[str, object] | None) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "nothing" if values is not None else "None"


def case_is_left_alone(under: UnderTest, draft: Draft) -> str:
    """Neither hook changes the case that it was given."""
    case = case_of(under, draft)
    before = copy.deepcopy((case, [dict(report.columns) for report in case.reports]))
    found(under, case)
    measured(under, case)
    return "" if (case, [dict(report.columns) for report in case.reports]) == before else "the case was changed"


_CHILD = """
import pickle, sys
from minsheng_core.conformance.repeating import told
from minsheng_core.conformance.samples import UnderTest
indicator, template, cases = pickle.load(sys.stdin.buffer)
under = UnderTest(indicator=indicator, template=template)
sys.stdout.buffer.write(pickle.dumps([told(under, case) for case in cases]))
"""


def other_process_same_result(under: UnderTest) -> str:
    """A new process with another PYTHONHASHSEED says the same of the same cases, to the last word."""
    cases = [case_of(under, draft) for draft in islice(grid(under), 300)]
    here = [told(under, case) for case in cases]
    for seed in ("1", "2"):
        there = _elsewhere(under, cases, seed)
        for draft, one, other in zip(grid(under), here, there or here, strict=False):
            if one != other:
                return f"another process (PYTHONHASHSEED={seed}) says something else of {show(under, draft)}"
    return ""


def _elsewhere(under: UnderTest, cases: Sequence[Case], seed: str) -> list[str] | None:
    given = pickle.dumps((under.indicator, under.template, cases))
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", _CHILD], input=given, capture_output=True, env=environment, check=False)
    if done.returncode:
        return None
    result: list[str] = pickle.loads(done.stdout)
    return result


def is_portable(under: UnderTest) -> str:
    try:
        told_there = _elsewhere(under, (), "0")
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        return f"a new process can't be given the object: {error}"
    return "a new process can't import the object's module" if told_there is None else ""


# -- units, doubles, splits ----------------------------------------------------------------------------------------


def unit_does_not_matter(under: UnderTest, draft: Draft) -> str:
    """The same figures in another unit or in full-width digits measure the same."""
    here = _values(under, draft)
    for spell in (_full_width, _with_unit, *map(_in_unit, range(3))):
        rows = tuple(_respelt(under, row, spell) for row in draft.rows)
        if rows != draft.rows and (there := _values(under, evolve(draft, rows=rows))) != here:
            return f"{_words(here)}; written as {show(under, evolve(draft, rows=rows))} it is {_words(there)}"
    return ""


Spelling = Callable[[Quantity], str]


def _respelt(under: UnderTest, row: Row, spell: Spelling) -> Row:
    """The row with each number written another way, where the form reads that as the same."""
    texts = dict(row.texts)
    for one in under.form.fields:
        value = under.cell(one.name, texts.get(one.name, ""))
        if isinstance(value, Quantity) and under.cell(one.name, text := spell(value)) == value:
            texts[one.name] = text
    return evolve(row, texts=texts)


def _full_width(value: Quantity) -> str:
    return decimal_text(value.value).translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})


def _with_unit(value: Quantity) -> str:
    return str(value)


def _in_unit(index: int) -> Spelling:
    """Written in the *index*-th other unit of the same dimension: 万人, ‰, 公顷, μg/L."""

    def spell(value: Quantity) -> str:
        others = _others(value.unit.symbol)
        return str(value.to(others[index])) if index < len(others) else ""

    return spell


@cache
def _others(symbol: str) -> tuple[str, ...]:
    above, slash, below = symbol.partition("/")
    if not above:
        return ()
    one = unit(above)
    multiples = [f"万{above}"] if one.dimension and not one.is_rate and above in known_units() else []
    same = [other for other in sorted(known_units()) if unit(other).dimension == one.dimension and other != above]
    return tuple(f"{other}{slash}{below}" for other in (*multiples, *same))


def filing_twice_never_pays(under: UnderTest, draft: Draft) -> str:
    """The same row filed twice never measures more than once, and never says what filed once could not be said."""
    current = [row for row in draft.rows if not row.months]
    if not current:
        return ""
    once, twice = primary(under, draft), primary(under, evolve(draft, rows=(*draft.rows, current[0])))
    if twice is not None and (once is None or twice > once):
        return f"filed once: {_base(once)}; with the row {current[0].texts} twice: {_base(twice)} (base units)"
    return ""


def _base(value: Fraction | None) -> str:
    return "undetermined" if value is None else decimal_text(value)


def splitting_never_pays(under: UnderTest, draft: Draft) -> str:
    """A count split over two rows of one body, month and subject never measures more than the two parts together."""
    name = under.indicator.primary
    if len(draft.rows) != 1:
        return ""
    row = draft.rows[0]
    value = under.cell(name, row.texts.get(name, ""))
    if not isinstance(value, Quantity) or value.value < 2:
        return ""
    half = Quantity(Fraction(floor(value.value) // 2), value.unit)
    parts = [decimal_text(half.value), decimal_text(value.value - half.value)]
    if not all(isinstance(under.cell(name, text), Quantity) for text in parts):
        return ""
    rows = tuple(evolve(row, texts={**row.texts, name: text}) for text in parts)
    split = primary(under, evolve(draft, rows=rows))
    return f"{value} split into {' and '.join(parts)} measures {_base(split)} (base units)" if split and split > value.base else ""


def is_counted(under: UnderTest) -> str:
    one = next((one for one in under.form.fields if one.name == under.indicator.primary), None)
    plain = one is not None and one.kind == "quantity" and not unit(one.unit).is_rate and "/" not in one.unit
    return "" if plain else "the primary measure is not a count that is filed as it stands"


def months_of_a_stock_are_not_added(under: UnderTest, draft: Draft) -> str:
    """Of a stock the latest month replaces: with earlier months before it, it measures the same, or can't be said."""
    if all(row.months for row in draft.rows):
        return ""
    alone = primary(under, evolve(draft, rows=tuple(row for row in draft.rows if not row.months)))
    whole = primary(under, draft)
    return f"{_base(alone)} by itself, with earlier months {_base(whole)} (base units)" if whole is not None and whole != alone else ""


def is_stock(under: UnderTest) -> str:
    if under.indicator.flow:
        return "a flow: whether its months add up or the latest replaces is its own to say"
    counted = any(one.name == under.indicator.primary and not unit(one.unit).is_rate for one in under.indicator.measures)
    return "" if counted else "a share, which may be that of several months"
