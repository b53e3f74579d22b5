"""Worked examples in rule files: each case is reckoned again by the sheet's plan and held against what it says."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from ..errors import QuantityError
from ..finding import Finding, Place
from ..formula.plan import Column, Output, Plan
from ..formula.python import run_rows
from ..period import Period
from ..quantity import Quantity, decimal_text, read_quantity, unit
from ..scheme import model
from .marks import cell
from .prepare import Prepared

__all__ = ["Reckoned", "check_examples", "reckoned_example", "shown_output"]

Reckoned = tuple[Mapping[str, Any], dict[str, int | None], Sequence[int]]  # a case, its row of the sheet's plan, every operation's result
KEYS = ("body", "period", "group", "expect")
UNDETERMINED = "未定"
PROMISED = {
    "not_less": "no less", "not_more": "no more", "same": "the same", "answered": "an answer", "within": "what is within its bounds",
}  # fmt: skip


def check_examples(prepared: Prepared) -> Iterator[Finding]:
    """A finding for each case that doesn't come to what it says, or can't be read."""
    for example in prepared.scheme.examples:
        lowered = prepared.sheets.get(example.sheet)
        if lowered is not None:
            yield from _Example(example, lowered.plan, prepared.scheme).check()


def reckoned_example(example: model.Example, plan: Plan, scheme: model.Scheme) -> list[Reckoned]:
    """Each case of an example with its row and the results of the sheet's *plan* on it; empty where a case can't be read."""
    return _Example(example, plan, scheme).reckoned()


class _Example:
    def __init__(self, example: model.Example, plan: Plan, scheme: model.Scheme) -> None:
        self.example, self.plan, self.scheme = example, plan, scheme
        self.findings: list[Finding] = []

    def reckoned(self) -> list[Reckoned]:
        for case in self.example.cases:
            if not isinstance(case, Mapping) or not isinstance(case.get("expect", {}), Mapping):
                self._report("a case is a table { body, period, …, expect = { total = … } }", case)
                return []
        rows = [self._row(case, index) for index, case in enumerate(self.example.cases)]
        keys = [(str(case.get("body", index)), str(case.get("group", ""))) for index, case in enumerate(self.example.cases)]
        if self.findings:
            return []
        copies = Counter((body, row["period"]) for row, (body, _) in zip(rows, keys, strict=True))
        rows = [row | {"copies": copies[body, row["period"]]} for row, (body, _) in zip(rows, keys, strict=True)]
        return list(zip(self.example.cases, rows, run_rows(self.plan, rows, keys), strict=True))

    def check(self) -> Sequence[Finding]:
        reckoned = self.reckoned()
        for case, _, results in reckoned:
            for name, wanted in dict(case.get("expect", {})).items():
                self._hold(case, name, wanted, results)
        if self.example.holds and reckoned:
            self._promised([results for *_, results in reckoned])
        return self.findings

    def _promised(self, reckoned: Sequence[Sequence[int]]) -> None:
        """Whether the promise that the example pins holds from its first case to its last."""
        example, outputs = self.example, {one.name: one for one in self.plan.outputs}
        if example.output not in outputs:
            self._report(f"the sheet {example.sheet!r} gives no {example.output!r}; it gives {', '.join(outputs)}", example.output)
            return
        output = outputs[example.output]
        first, last = (output.value(results) for results in (reckoned[0], reckoned[-1]))
        shown = " → ".join(shown_output(output, value) for value in (first, last)[: len(reckoned)])
        if not _kept(example, first, last):
            self._report(f"{example.title}: {example.output} is {shown}, where {PROMISED[example.holds]} was promised", example.holds)

    def _row(self, case: Mapping[str, Any], index: int) -> dict[str, int | None]:
        if "period" not in case:
            self._report('a case says its period, like period = "2023-10"', case)
        columns = {column.name: column for column in self.plan.columns}
        known = [name for name in columns if name != "copies"]
        for key in case:
            if key not in columns and key not in KEYS:
                self._report(f"no column {key!r} on the sheet {self.example.sheet!r}; it has {', '.join(known)}", case[key])
        row: dict[str, int | None] = {}
        for name, column in columns.items():
            default = 1 if name == "copies" or name.endswith(".applies") else index + 1 if name == "order" else None
            row[name] = self._cell(column, case[name], case) if name in case else default
        return row

    def _cell(self, column: Column, given: object, case: Mapping[str, Any]) -> int | None:
        text = given.isoformat() if isinstance(given, date) else str(given).strip()
        try:
            if column.name == "period":
                period = Period.read(text)
                return period.year * 12 + period.month - 1
            if text == "" or column.kind == "text":
                return cell(column, text or None)
            return cell(column, date.fromisoformat(text) if column.kind == "date" else read_quantity(text, column.unit).to(column.unit))
        except (QuantityError, ValueError) as error:
            self._report(f"{column.name}: {error}", given)
            return None

    def _hold(self, case: Mapping[str, Any], name: str, wanted: object, results: Sequence[int]) -> None:
        outputs = {one.name: one for one in self.plan.outputs}
        if name not in outputs:
            self._report(f"the sheet {self.example.sheet!r} gives no {name!r}; it gives {', '.join(outputs)}", wanted)
            return
        found = outputs[name].value(results)
        if not _says(outputs[name], str(wanted).strip(), found):
            reason = self.plan.reason(results) if found is None else ""
            shown = shown_output(outputs[name], found) + (f" ({reason})" if reason else "")
            who = f"{case.get('body', '')} {case.get('period', '')}".strip()
            self._report(f"{self.example.title}: for {who} {name} comes to {shown}, the example says {wanted}", wanted)

    def _report(self, message: str, at: object) -> None:
        place: Place | None = at.at() if hasattr(at, "at") else self.example.place
        self.findings.append(Finding(code="rule.example", message=message, place=place))


def _kept(example: model.Example, first: Fraction | bool | str | None, last: Fraction | bool | str | None) -> bool:
    if example.holds in ("same", "answered"):
        return first == last if example.holds == "same" else first is not None and last is not None
    if not isinstance(first, Fraction) or not isinstance(last, Fraction):
        return False
    if example.holds == "within":
        above = example.low is None or min(first, last) >= example.low.base
        return above and (example.high is None or max(first, last) <= example.high.base)
    return last >= first if example.holds == "not_less" else last <= first


def _says(output: Output, wanted: str, found: Fraction | bool | str | None) -> bool:
    if found is None or wanted == UNDETERMINED:
        return found is None and wanted == UNDETERMINED
    if isinstance(found, bool):
        return wanted.lower() == str(found).lower()
    if isinstance(found, str):
        return wanted == found
    try:
        return read_quantity(wanted, output.unit).to(output.unit).base == found
    except QuantityError:
        return False


def shown_output(output: Output, found: Fraction | bool | str | None) -> str:
    """An output's value in its unit; ``未定`` where there is none."""
    if found is None:
        return UNDETERMINED
    if isinstance(found, Fraction):
        return str(Quantity(found / unit(output.unit).scale, unit(output.unit))) if output.unit else decimal_text(found)
    return str(found).lower() if isinstance(found, bool) else found
