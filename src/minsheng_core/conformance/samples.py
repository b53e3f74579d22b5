"""Reports to try a plugin on: cells that its form allows, as a clerk writes them; round numbers first, then what hypothesis draws."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

from attrs import evolve, field, frozen

from ..errors import QuantityError
from ..field import Cell, Field, Form
from ..finding import Place
from ..period import Period
from ..protocols import Case, Indicator, Report
from ..quantity import Quantity, decimal_text, unit
from ..scheme import model

__all__ = ["Draft", "Row", "UnderTest", "case_of", "grid", "minimal_case", "samples", "show"]

PERIOD = Period(2023, 10)
ROUND = (0, 1, 29, 50, 100, 2, 10, 58, 99, 101, 1000, 10_000, 1_000_000, 10**8)
CELLS = 120  # of a form in all: the fewer its columns, the more for each
LONGEST = 10**29  # a form without an end still refuses more digits
SUBJECTS = ("甲", "乙", "丙")
STRANGER = "无此名"
CORE_COLUMNS = ("body", "period", "filed")


@frozen(kw_only=True)
class Row:
    """One row of a report: its cells as written, so many *months* before or after the case's period."""

    texts: Mapping[str, str]
    months: int = 0


@frozen(kw_only=True)
class Draft:
    """A case before it is read: rows in the order in which they stand in the file."""

    rows: tuple[Row, ...] = ()
    period: Period = PERIOD
    target: Quantity | None = None
    memo: dict[str, Any] = field(
        init=False, factory=dict, eq=False, repr=False
    )  # what was measured of it, for the checks that look at the same


@frozen(kw_only=True)
class UnderTest:
    """An indicator with what its author says of it.

    *template* is a case without rows: the indicator's options and subjects, the body, the target. *typical* are cells of a good
    row. *placeless* are codes of findings that are about the whole case. *reference* gives the primary measure again, another way.
    """

    indicator: Indicator
    template: Case
    typical: Mapping[str, str] = field(factory=dict)
    placeless: frozenset[str] = frozenset()
    reference: Callable[[Case], Quantity | None] | None = None
    form: Form = field(init=False, repr=False)
    _read: Callable[[str, str], tuple[bool, Cell]] = field(init=False, repr=False, eq=False)

    @form.default
    def _form(self) -> Form:
        return self.indicator.form

    @_read.default
    def _reader(self) -> Callable[[str, str], tuple[bool, Cell]]:
        def read(name: str, text: str) -> tuple[bool, Cell]:
            try:
                return True, self.form.field(name).read(text)
            except QuantityError:
                return False, None

        return lru_cache(maxsize=10_000)(read)

    def allows(self, name: str, text: str) -> bool:
        """Whether the form reads that cell."""
        return self._read(name, text)[0]

    def cell(self, name: str, text: str) -> Cell:
        """What the form reads there; None also where it refuses."""
        return self._read(name, text)[1]


def minimal_case(indicator: Indicator) -> Case:
    """A case without rows for an indicator that no scheme names: one body, a round target, three subjects, no options."""
    primary = next((one for one in indicator.measures if one.name == indicator.primary), None)
    target = None
    if primary is not None and primary.kind == "quantity":
        middle = max(Fraction(50), primary.minimum or Fraction(0))
        target = Quantity(middle if primary.maximum is None else min(middle, primary.maximum), unit(primary.unit))
    named = tuple(
        model.Subject(id=f"subject_{number}", name=name) for number, name in enumerate(SUBJECTS if indicator.form.subject else (), 1)
    )
    one = model.Indicator(
        id="conformance",
        title=indicator.title,
        project="conformance",
        kind=indicator.kind,
        lead="body",
        source="assumption",
        subjects=named,
    )
    return Case(indicator=one, body=model.Body(id="body", name="某单位", kind="township"), period=PERIOD, reports=(), target=target)


def case_of(under: UnderTest, draft: Draft) -> Case:
    """The draft as the core would hand it over: cells read, rows in order of period and line, nothing shared with another case."""
    form, template = under.form, under.template
    columns = {name: number for number, name in enumerate((*CORE_COLUMNS, *(one.name for one in form.fields)), 1)}
    reports = []
    for line, row in enumerate(draft.rows, 2):
        values: dict[str, Cell] = {one.name: under.cell(one.name, row.texts.get(one.name, "")) for one in form.fields}
        period = draft.period.following(row.months)
        reports.append(
            Report(
                indicator=template.indicator.id, body=template.body.id, period=period, values=values,
                place=Place("conformance.csv", line), subject=str(values.get(form.subject, "")) if form.subject else "",
                filed=period.following().day(3), columns=dict(columns),
            )
        )  # fmt: skip
    reports.sort(key=lambda report: (report.period, report.place))
    return evolve(template, period=draft.period, target=draft.target, reports=tuple(reports))


def show(under: UnderTest, draft: Draft) -> str:
    """The draft in words: the filled cells of every row by title."""
    titles = {one.name: one.title for one in under.form.fields}
    rows = [
        f"[{draft.period.following(row.months)} " + ", ".join(f"{titles[name]}={text}" for name, text in row.texts.items() if text) + "]"
        for row in draft.rows
    ]
    return f"{draft.period}, 目标{draft.target or '无'}: " + ("; ".join(rows) or "没有填报")


# -- cells ---------------------------------------------------------------------------------------------------------


def cells(under: UnderTest, one: Field, period: Period = PERIOD) -> tuple[str, ...]:
    """Cells that the field allows, the telling ones: blanks, round numbers, the ends of its range, below detection, edges of the month."""
    allowed = dict.fromkeys(text for text in _cells(under, one, period) if under.allows(one.name, text))
    return tuple(allowed)[: max(8, CELLS // len(under.form.fields))]


def _cells(under: UnderTest, one: Field, period: Period) -> Iterator[str]:
    yield from filter(None, [under.typical.get(one.name, "")])
    yield ""
    if one.name == under.form.subject:
        yield from subjects(under)
    elif one.kind == "text":
        yield from one.choices or ("某某〔2023〕1号", "甲")
    elif one.kind == "date":
        first, after = period.day(1), period.following().day(1)
        days = (first, after - timedelta(1), after, first - timedelta(1), period.following(-12).day(1))
        yield from (day.isoformat() for day in days)
        yield "2024-02-29"
    else:
        for index, number in enumerate(_numbers(one)):
            yield decimal_text(number)
            if one.kind == "detected" and index % 3 == 0:
                yield f"{decimal_text(number)}L"


def _numbers(one: Field) -> Iterator[Fraction]:
    """Numbers of the field, the telling ones first: nothing, the ends, one step off them, and round ones."""
    step = Fraction(1, 10**one.decimals)
    low = Fraction(-LONGEST if one.minimum is None else one.minimum)
    high = Fraction(LONGEST if one.maximum is None else one.maximum)
    yield from (Fraction(0), low, high, Fraction(1), low + step, high - step, 29 * step, Fraction(-1))
    yield from (Fraction(number) for number in ROUND)


def subjects(under: UnderTest) -> tuple[str, ...]:
    """Names of what rows are about: the scheme's, or made-up ones where it lists none; and one that it does not list."""
    listed = tuple(subject.name for subject in under.template.indicator.subjects)
    return (*(listed or SUBJECTS)[:4], STRANGER)


def typical_row(under: UnderTest, subject: int = 0) -> Row:
    """A good row: the author's cells, and the first cell that the form allows where a field must be filled."""
    texts = {one.name: under.typical.get(one.name, "") for one in under.form.fields}
    for one in under.form.fields:
        if one.name == under.form.subject:
            texts[one.name] = subjects(under)[subject]
        elif not texts[one.name] and (not one.missing or (not under.typical and one.kind in ("quantity", "detected"))):
            allowed = [text for text in cells(under, one) if text]
            preferred = [text for text in ("29", "10", "1") if text in allowed]
            texts[one.name] = (preferred or allowed or [""])[0]
    return Row(texts=texts)


# -- the grid ------------------------------------------------------------------------------------------------------


def grid(under: UnderTest) -> Iterator[Draft]:
    """The same drafts every time: nothing, every cell of every field by itself, all fields at once, targets, months, subjects, doubles."""
    blank, good, target = Draft(target=under.template.target, period=under.template.period), typical_row(under), under.template.target
    others = [typical_row(under, index) for index in range(1, len(subjects(under)))] if under.form.subject else []
    yield blank
    yield evolve(blank, rows=(evolve(good, months=-1),))
    yield evolve(blank, rows=(good,))
    yield from _pairs(under, blank, good)
    tables = {one.name: cells(under, one, blank.period) for one in under.form.fields}
    for name, texts in tables.items():
        yield from (evolve(blank, rows=(_with(good, name, text),)) for text in texts)
    for index in range(max(map(len, tables.values()), default=0)):  # all fields at once: the first cells, the second, …
        nth = {name: several[index % len(several)] for name, several in tables.items() if several}
        yield evolve(blank, rows=(evolve(good, texts={**good.texts, **nth, **_subject(under, good)}),))
    empty = {one.name: "" for one in under.form.fields if one.missing}
    yield evolve(blank, rows=(evolve(good, texts={**good.texts, **empty}),))
    yield from (evolve(blank, rows=(row,)) for row in others)
    yield evolve(blank, rows=(good, *others))
    yield evolve(blank, rows=(good, good))
    yield from (evolve(blank, rows=(good, _with(good, name, text))) for name, texts in tables.items() for text in texts[:4])
    yield from (evolve(blank, rows=rows) for row in others[:1] for rows in ((good, row, good), (row, good, row)))
    for months in (-1, -2, 1 - blank.period.month, -12):
        yield evolve(blank, rows=(evolve(good, months=months), good))
        yield evolve(blank, rows=(good, evolve(good, months=months), evolve(good, months=months)))
    for period in (Period(blank.period.year, 1), Period(blank.period.year, 12)):
        yield evolve(blank, period=period, rows=(good, *others[:-1]))
    for other in _targets(target):
        yield evolve(blank, target=other, rows=(good,))


def _pairs(under: UnderTest, blank: Draft, good: Row) -> Iterator[Draft]:
    """Round figures of the first numbers of the form against each other: 29 of 50 is where floats show."""
    numbers = [one.name for one in under.form.fields if one.kind == "quantity"][:2]
    texts = [text for text in ("29", "50", "57", "58", "100", "0") if all(under.allows(name, text) for name in numbers)]
    for name in numbers:
        for other in numbers:
            if name != other:
                yield from (
                    evolve(blank, rows=(_with(_with(good, name, text), other, second),))
                    for text in texts
                    for second in texts
                    if text != second
                )


def _targets(target: Quantity | None) -> Iterator[Quantity | None]:
    yield None
    if target is not None:
        yield from (Quantity(Fraction(number), target.unit) for number in (0, 1, 29, 50, 100, 10_000))


def _subject(under: UnderTest, row: Row) -> dict[str, str]:
    return {under.form.subject: row.texts[under.form.subject]} if under.form.subject else {}


def _with(row: Row, name: str, text: str) -> Row:
    return evolve(row, texts={**row.texts, name: text})


# -- what hypothesis draws -------------------------------------------------------------------------------------------


def samples(under: UnderTest) -> Any:
    """A strategy of drafts: up to five rows of any cells that the form allows, of this month and others, in any order."""
    from hypothesis import strategies as st

    def cell(one: Field) -> Any:
        listed = st.sampled_from(cells(under, one, under.template.period) or ("",))
        if one.kind not in ("quantity", "detected"):
            return listed
        scale = 10**one.decimals
        low = -LONGEST if one.minimum is None else int(one.minimum * scale)
        high = LONGEST if one.maximum is None else int(one.maximum * scale)
        near = st.integers(max(low, min(0, high)), max(low, min(high, 1000 * scale)))
        written = (near | st.integers(low, max(low, high))).map(lambda number: decimal_text(Fraction(number, scale)))
        if one.kind == "detected":
            written = written | written.map(lambda text: f"{text}L")
        return listed | written.filter(lambda text: under.allows(one.name, text))

    columns = {one.name: cell(one) for one in under.form.fields}
    change = st.sampled_from(list(columns)).flatmap(lambda name: st.tuples(st.just(name), columns[name]))
    good = typical_row(under)
    blank = evolve(good, texts={name: "" if under.allows(name, "") else text for name, text in good.texts.items()})
    row = st.builds(
        lambda base, changes, months: Row(texts={**base.texts, **dict(changes)}, months=months),
        st.sampled_from((good, blank)), st.lists(change, max_size=6), st.sampled_from((0, 0, 0, 0, -1, -2, -9)),
    )  # fmt: skip
    rows = st.lists(row, max_size=4).flatmap(lambda several: st.sampled_from((several, several + several[:1]))).map(tuple)
    targets = st.sampled_from([under.template.target, *_targets(under.template.target)])
    return st.builds(lambda rows, target: Draft(rows=rows, target=target, period=under.template.period), rows, targets)
