"""Reconciling a printed split: how many bodies, their sum, against the printed total within its printed precision."""

from collections.abc import Callable
from fractions import Fraction
from typing import Literal

from attrs import frozen

from ..errors import QuantityError
from ..finding import Finding, Severity
from ..quantity import Quantity, decimal_text, unit
from .text import PrintedSplit

__all__ = ["Reconciliation", "reconcile"]


@frozen(kw_only=True)
class Reconciliation:
    """What a split amounts to. *sum*, *printed* (with its tolerance) and *difference* are in one unit, the items'.

    *renamed* are names that a list of bodies knows otherwise: (as printed, as in the list).
    """

    split: PrintedSplit
    sum: Quantity
    printed: Quantity | None
    difference: Quantity | None
    verdict: Literal["consistent", "inconsistent", "no printed total"]
    renamed: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]


def reconcile(
    split: PrintedSplit,
    resolve: Callable[[str], str | None] | None = None,
    suggest: Callable[[str], tuple[str, ...]] = lambda name: (),
) -> Reconciliation:
    """The split held against its printed total. *resolve* gives the name in a list of bodies, None where it has none.

    Consistent means that the sum, rounded to the total's printed digits, gives the printed figure. Never raises.
    """
    findings: list[Finding] = []
    renamed, seen = [], dict[str, str]()
    for entry in split.entries:
        name = resolve(entry.name) if resolve else entry.name
        if name is None:
            close = "、".join(suggest(entry.name))
            hint = f"，是不是{close}？" if close else ""
            findings.append(Finding(code="reconcile.unknown", message=f"名单中没有“{entry.name}”{hint}", place=entry.place))
            name = entry.name
        elif name != entry.name:
            renamed.append((entry.name, name))
        if name in seen:
            findings.append(Finding(code="reconcile.twice", message=f"“{name}”出现两次（另一处印作“{seen[name]}”）", place=entry.place))
        seen[name] = entry.name
    shown = min((entry.quantity.unit for entry in split.entries), key=lambda one: one.scale)
    total = Quantity(sum((entry.quantity.base for entry in split.entries), Fraction(0)) / shown.scale, shown)
    if split.total is None:
        verdict: Literal["consistent", "inconsistent", "no printed total"] = "no printed total"
        return Reconciliation(
            split=split, sum=total, printed=None, difference=None, verdict=verdict, renamed=tuple(renamed), findings=tuple(findings)
        )
    try:
        printed = split.total.to(unit(shown.symbol))
    except QuantityError:
        words = f"总数{split.total}与各项的单位“{shown}”不能相比"
        findings.append(Finding(code="reconcile.unit", message=words, place=split.place))
        return Reconciliation(
            split=split,
            sum=total,
            printed=split.total,
            difference=None,
            verdict="inconsistent",
            renamed=tuple(renamed),
            findings=tuple(findings),
        )
    difference = Quantity(total.value - printed.value, shown)
    agrees = split.total.says(total.base / split.total.unit.scale)
    if not agrees or difference.value:
        more = "多" if difference.value > 0 else "少"
        words = f"{len(split.entries)}项之和{total}，比印刷总数{more}{decimal_text(abs(difference.value))}{shown}"
        precision = f"印刷精度 ± {decimal_text(printed.tolerance or Fraction(0))}{shown} 之"
        code, severity = ("reconcile.within", Severity.NOTE) if agrees else ("reconcile.sum", Severity.ERROR)
        findings.append(
            Finding(code=code, message=f"{words}，在{precision}{'内' if agrees else '外'}", place=split.place, severity=severity)
        )
    return Reconciliation(
        split=split, sum=total, printed=printed, difference=difference, verdict="consistent" if agrees else "inconsistent",
        renamed=tuple(renamed), findings=tuple(findings),
    )  # fmt: skip
