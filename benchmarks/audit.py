"""Auditing: what each engine finds on planted defects and proves of their healthy twins, what an audit costs, how it grows.

``python -m benchmarks.audit`` prints the tables and writes nothing; with ``--quick`` for every eighth sheet.
"""

import argparse
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from attrs import evolve, field, frozen

from minsheng_core import load_plugins, load_scheme
from minsheng_core.audit.ask import directions, questions
from minsheng_core.audit.engines import Engines
from minsheng_core.audit.probe import Pool, probe
from minsheng_core.audit.question import Question, holds, related
from minsheng_core.audit.result import Verdict
from minsheng_core.audit.rule import Rule, rules_of
from minsheng_core.audit.run import audit_rule, audit_scheme
from minsheng_core.audit.verdict import answer

from .clock import interleaved, median, show

ROOT = Path(__file__).parents[1]
PLANTED, HEALTHY = ROOT / "examples/faulty-rules", ROOT / "tests/planted/healthy"
ROWS = ("one", "more", "silent", "scaled", "plans")  # relations of rows; what needs whole tables is left out
Row = tuple[str, ...]
Outcome = Literal["case", "none", ""]  # a case was found, there is none, not said


# -- a property test as a developer would write it ------------------------------------------------------------------


def sampled(question: Question, examples: int) -> Outcome:
    """Plain hypothesis: rows from the declared ranges of the columns, the second row's figure drawn as well, `holds` as the oracle.

    Rows that no report can amount to are refused and drawn again, not counted. A case is not made small.
    """
    from hypothesis import HealthCheck, Phase, assume, given, settings
    from hypothesis import strategies as st

    rule, names = question.rule, question.columns
    plans = [evolve(question, other=plan, further=()) for plan in (question.other, *question.further)]
    cells = {}
    for column in rule.columns:
        low, high = rule.ranges[column.name]
        inside: Any = st.sampled_from(range(low, high + 1)) if column.kind == "text" else st.integers(low, high)
        if column.name in question.fixed:
            inside = st.just(question.fixed[column.name])
        moved = column.name in names and question.relation in ("more", "silent")
        cells[column.name] = st.none() | inside if column.missing and not moved else inside
    second = st.integers(*rule.ranges[names[0]]) if question.relation == "more" else st.none()
    found = False

    @settings(
        max_examples=examples,
        database=None,
        derandomize=True,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.fixed_dictionaries(cells), second)
    def test(row: dict[str, int | None], other: int | None) -> None:
        nonlocal found
        rows = [row]
        if question.relation in ("more", "silent"):
            rows.append({**row, names[0]: other})
            if question.relation == "more":
                rows.sort(key=lambda one: one[names[0]])
        elif question.relation == "scaled":
            rows.append({**row, **{name: None if row[name] is None else row[name] * question.factor for name in names}})
            assume(
                all(one is None or rule.ranges[name][0] <= one <= rule.ranges[name][1] for name, one in rows[1].items() if name in names)
            )
        assume(len(rows) == 1 or related(question, rows[0], rows[1]))
        assume(all(rule.value(question.domain, rule.run(one)) for one in rows))
        if any(holds(one, rows) for one in plans):
            found = True
            raise AssertionError

    try:
        test()
    except AssertionError:
        return "case"
    except Exception as error:
        if type(error).__name__ not in ("Unsatisfiable", "FailedHealthCheck"):
            raise
    return "case" if found else ""


# -- ours -------------------------------------------------------------------------------------------------------------


def probed(question: Question, pool: Pool) -> Outcome:
    """Breakpoint probing alone."""
    for plan in (question.other, *question.further):
        if probe(evolve(question, other=plan), pool)[0] is not None:
            return "case"
    return ""


def proved(question: Question, pool: Pool) -> Outcome:
    """The exact engine alone."""
    return "none" if Engines.exact(question) is not None else ""


def without(question: Question, pool: Pool) -> Outcome:
    """Both: all there is without any extra."""
    return probed(question, pool) or proved(question, pool)


def solved(question: Question, pool: Pool) -> Outcome:
    """The exact engine, then z3."""
    told = Engines().ask(question).outcome
    return told if told in ("case", "none") else ""


def whole(question: Question, pool: Pool) -> Outcome:
    """As `minsheng audit` decides it, the case made small included."""
    verdict = answer(question, pool, Engines(), "rules").verdict
    kept, broken = ("case", "none") if question.exists else ("none", "case")
    return kept if verdict is Verdict.PROVED else broken if verdict is Verdict.REFUTED else ""


@frozen
class Engine:
    """One way to decide; whether it needs a rule's pool of rows, which is then a part of its cost; whether it can say that there is none."""

    name: str
    ask: Callable[[Question, Pool], Outcome]
    pooled: bool = False
    proves: bool = True


ENGINES = (
    Engine("plain hypothesis, 200 examples", lambda question, pool: sampled(question, 200), proves=False),
    Engine("plain hypothesis, 2,000 examples", lambda question, pool: sampled(question, 2000), proves=False),
    Engine("probing alone", probed, pooled=True, proves=False),
    Engine("exact analysis alone", proved),
    Engine("exact + probing (no extra)", without, pooled=True),
    Engine("exact, then z3", solved),
    Engine("the whole audit", whole, pooled=True),
)


@frozen
class Tally:
    """What an engine said on one corpus: *found* and *due* sheets with a violation, *kept* of *true* questions, *false* accusations,
    the CPU milliseconds of each question."""

    found: set[str] = field(factory=set)
    due: set[str] = field(factory=set)
    kept: list[bool] = field(factory=list)
    false: list[str] = field(factory=list)
    times: list[float] = field(factory=list)


def ask_all(engine: Engine, folder: Path, tally: Tally, every: int, *, all_of_them: bool = False) -> None:
    """Every row question of the planted promise, or of *all_of_them*, put to the engine. Rules are prepared anew: nothing is known from
    another engine."""
    expected = tomllib.loads((ROOT / "tests/planted/expected.toml").read_text("utf-8"))
    for rule in rules_of(load_scheme(folder), load_plugins())[0][::every]:
        before = time.process_time()
        pool = Pool(rule)
        spent = time.process_time() - before
        asked = [one for one in questions(rule, directions(rule, pool)) if one.relation in ROWS]
        if not all_of_them:
            asked = [one for one in asked if one.promise.code == expected[rule.id]["promise"]]
        if asked and folder == PLANTED:
            tally.due.add(rule.id)
        for question in asked:
            if question.exists and folder == PLANTED and not engine.proves:
                continue  # the violation is that there is no case: no search can say so
            before = time.process_time()
            said = engine.ask(question, pool)
            tally.times.append((time.process_time() - before + (spent / len(asked) if engine.pooled else 0)) * 1000)
            broken = said == ("none" if question.exists else "case")
            if folder == PLANTED and broken:
                tally.found.add(rule.id)
            if folder == HEALTHY:
                tally.kept.append(bool(said) and not broken)
                tally.false.extend([question.key] * broken)


def planted(every: int = 1) -> Iterator[Row]:
    """Each engine on the planted defects and their twins."""
    yield ("row promises", "violations found", "true promises proved", "false accusations", "CPU ms, median", "p95")
    for engine in ENGINES:
        tally = Tally()
        for folder in (PLANTED, HEALTHY):
            ask_all(engine, folder, tally, every)
        found, kept = f"{len(tally.found)} of {len(tally.due)}", f"{sum(tally.kept)} of {len(tally.kept)}"
        yield (engine.name, found, kept, str(len(tally.false)), *_times(tally.times))


def shares(every: int = 1) -> Iterator[Row]:
    """Every row promise of the healthy twins: how much is proved without an extra, and with z3."""
    yield ("every row promise of the healthy twins", "proved", "share", "CPU ms, median", "p95")
    for engine in ENGINES[4:]:
        tally = Tally()
        ask_all(engine, HEALTHY, tally, every, all_of_them=True)
        share = sum(tally.kept) / len(tally.kept)
        yield (engine.name, f"{sum(tally.kept)} of {len(tally.kept)}", f"{share:.0%}", *_times(tally.times))


def _times(times: list[float]) -> tuple[str, str]:
    return f"{median(times):.1f}", f"{sorted(times)[len(times) * 95 // 100]:.0f}"


# -- a whole audit, and growth ---------------------------------------------------------------------------------------


def audited(rounds: int = 3) -> Iterator[Row]:
    """The audit of the 2023 scheme from the prepared files to the last verdict."""
    scheme, plugins = load_scheme("2023"), load_plugins()
    told: dict[str, Any] = {}
    ways = {"without an extra": False, "with z3": True}

    def run(name: str) -> None:
        told[name], _ = audit_scheme(scheme, plugins, source="2023", solver=ways[name])

    times = interleaved(rounds, {name: lambda name=name: run(name) for name in ways})
    yield ("audit of 2023", "CPU s", "questions", *(one.value for one in Verdict))
    for name, (cpu, _) in times.items():
        counts = Counter(one.verdict for one in told[name].results)
        yield (name, f"{cpu:.1f}", str(told[name].due), *(str(counts[one]) for one in Verdict))


def growth(counts: tuple[int, ...] = (1, 5, 10, 20, 30)) -> Iterator[Row]:
    """So many items on one sheet, and so many sheets of one item, made from the item of the 2023 townships."""
    yield ("growth of an audit", "questions", "no extra: proved", "CPU s", "times one", "with z3: proved", "CPU s", "times one")
    for name, made in (("items on one sheet", _items), ("sheets of one item", _sheets)):
        base: list[float] = []
        for count in counts:
            told = [f"{count} {name}"]
            for index, solver in enumerate((False, True)):
                spent = []
                for _ in range(6 if count == counts[0] else 1):  # the small one again and again: first what is imported is a part of it
                    rules = made(count)
                    before = time.process_time()
                    results = [one for rule in rules for one in audit_rule(rule, Engines(solver=solver))]
                    spent.append(time.process_time() - before)
                cpu = median(spent)
                base += [cpu] * (count == counts[0])
                told += [str(len(results))] * (not solver)
                told += [str(sum(one.verdict is Verdict.PROVED for one in results)), f"{cpu:.2f}", f"{cpu / base[index]:.1f}"]
            yield tuple(told)


def _base() -> tuple[Any, Any]:
    """The 2023 scheme, and its townships' sheet without adjustments."""
    scheme = load_scheme("2023")
    sheet = next(one for one in scheme.sheets if one.id == "township")
    return scheme, evolve(sheet, adjustments=(), labels=(), ceiling=None)


def _items(count: int) -> list[Rule]:
    """One sheet of *count* items, each on an indicator of its own."""
    scheme, sheet = _base()
    (item,) = sheet.items
    indicator = scheme.indicator(item.indicator)
    items = tuple(evolve(item, id=f"item_{n}", indicator=f"made_{n}", title=f"{item.title}{n}") for n in range(count))
    indicators = (*scheme.indicators, *(evolve(indicator, id=f"made_{n}") for n in range(count)))
    made = evolve(sheet, items=items, full=evolve(sheet.full, value=item.full.value * count))
    return _rules(evolve(scheme, sheets=(made,), indicators=indicators))


def _sheets(count: int) -> list[Rule]:
    """*count* sheets of one item."""
    scheme, sheet = _base()
    return _rules(evolve(scheme, sheets=tuple(evolve(sheet, id=f"sheet_{n}", title=f"{sheet.title}{n}") for n in range(count))))


def _rules(scheme: Any) -> list[Rule]:
    return [one for one in rules_of(evolve(scheme, examples=()), load_plugins())[0] if not one.method]


def main() -> None:
    """The command."""

    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every eighth sheet, one round, small sheets")
    quick = parser.parse_args().quick
    for table in (planted(8), shares(8), audited(1), growth((1, 5))) if quick else (planted(), shares(), audited(), growth()):
        show(table)


if __name__ == "__main__":
    main()
