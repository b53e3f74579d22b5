"""Promises that a sheet keeps by how it is made, each checked all the same: weights, one row a body, units, one rounding; and plateaus."""

from collections.abc import Iterator
from fractions import Fraction

from ..formula.analyse import pieces, written
from ..formula.bounds import walk
from ..formula.plan import Column
from ..formula.python import results_of
from ..quantity import Quantity, decimal_text, known_units, unit
from ..scoring.marks import cell
from .pool import Pool
from .promise import PROMISES, Said
from .regions import between
from .result import Result, Verdict
from .rule import Rule
from .tell import marks

__all__ = ["constructed"]


def constructed(rule: Rule, pool: Pool) -> Iterator[Result]:
    """The verdicts that need no search."""
    if not rule.method:
        yield _weights(rule)
        yield _split(rule, pool)
        yield from _rounded(rule)
        yield from _plateaus(rule)
    yield _units(rule)


def _result(rule: Rule, code: str, of: str, about: Said, kept: bool, words: Said, *, by: str = "construction") -> Result:
    return Result(
        key=f"{rule.id}::{code}::{of}", promise=PROMISES[code], rule=rule.id, about=about, verdict=Verdict.PROVED if kept else Verdict.REFUTED,
        by=by, words=words, place=rule.sheet.place, clause=rule.sheet.source,
    )  # fmt: skip


def _weights(rule: Rule) -> Result:
    """The items' full marks, and everybody's base, come to the sheet's."""
    sheet = rule.sheet
    parts = [one.full.base for one in sheet.items] + ([sheet.base.base] if sheet.base else [])
    total = sum(parts, Fraction(0))
    shown = " + ".join(decimal_text(one) for one in parts)
    kept = total == sheet.full.base
    words = (f"{shown} = {marks(total)}", f"{shown} = {marks(total)}")
    return _result(rule, "weights", "items", ("各项满分", "the items' full marks"), kept, words)


def _split(rule: Rule, pool: Pool) -> Result:
    """A second row of the same body and month is refused, so nothing can be split over rows or filed twice."""
    row = pool.usual()
    refused = rule.value("total", results_of(rule.plan)({**row, "copies": 2})) is None
    words = ("同一单位同一期只认一行，多报的整行退回", "a body has one row a month: a second one is refused, and with it the first")
    return _result(rule, "split", "rows", ("同一期分几行填报", "filing a month in several rows"), refused, words)


def _rounded(rule: Rule) -> Iterator[Result]:
    """Where no formula rounds marks, they are rounded where the sheet says, and nowhere else."""
    inner = [
        name
        for name in rule.readings
        for node in walk(rule.formula(name).root)
        if node.op in ("round", "floor", "ceil") and node.type.dimension == (("分", 1),) and not name.startswith("label.")
    ]
    if not inner:
        words = ("公式里没有对得分的修约，只在整表规定处修约一次", "no formula rounds marks: they are rounded once, where the sheet says")
        yield _result(rule, "rounding", "formulas", ("修约次数", "how often marks are rounded"), True, words)


def _units(rule: Rule) -> Result:
    """Every figure that is read in another unit of its kind fills the same cell."""
    columns = [
        one for one in rule.columns if one.kind == "number" and one.name not in ("period", "order") and not one.name.endswith(".applies")
    ]
    wrong = [f"{one.name} {spelled}" for one in columns for spelled in _spelled(one) if spelled]
    if wrong:
        words = (f"换了单位就不是同一个数：{'、'.join(wrong)}", f"not the same figure in another unit: {', '.join(wrong)}")
    else:
        words = (
            "各数按单位换算后填入，同量纲的单位互换不变",
            "figures are converted by exact factors when they are read; formulas are checked for units",
        )
    return _result(rule, "unit", "figures", ("计量单位", "units"), not wrong, words)


def _spelled(column: Column) -> Iterator[str]:
    """Other units in which the column's ends don't come back as they were."""
    own = unit(column.unit)
    for value in {column.low, column.high, 1}:
        if not column.low <= value <= column.high:
            continue
        figure = Quantity(Fraction(value, 10**column.decimals), own)
        for symbol in known_units():
            other = unit(symbol)
            if other.dimension == own.dimension and other.is_rate == own.is_rate and cell(column, figure.to(symbol)) != value:
                yield str(figure.to(symbol))


def _plateaus(rule: Rule) -> Iterator[Result]:
    """Where more changes nothing: the level stretches of each item that is a function of one ratio or figure."""
    for item in rule.sheet.items:
        name = f"item.{item.id}"
        made = pieces(rule.formula(name), rule.spans(name)) if name in rule.readings else None
        if made is None:
            continue
        driver, function = made
        level = [(between(one, driver.type, function.high), function.at((one.start + one.end) / 2)) for one in function.plateaus()]
        told = "；".join(f"{where} 得{marks(value)}" for where, value in level) or "没有"
        text = written(driver)
        words = (
            f"{text} 在下列区间里得分不变：{told}",
            f"level for {text} in: {', '.join(f'{where} ({marks(value)})' for where, value in level) or 'nowhere'}",
        )
        yield _result(rule, "plateau", item.id, (f"“{item.title}”", f"the item {item.id!r}"), True, words, by="exact")
