"""An audit from start to end: every question to the engines in order, cheapest first, and one verdict for each."""

from collections.abc import Callable, Collection, Iterator, Sequence

from attrs import evolve

from ..errors import MinshengError
from ..finding import Finding, Severity
from ..hooks import Plugins
from ..scheme import model
from ..scheme.facts import Exemption, Facts
from .allocations import allocations
from .ask import directions, facts_of, questions, wrong_facts
from .clauses import asked_rows, long_tables
from .compare import Marks, compare
from .construction import constructed
from .engines import Engines
from .files import replays, round_trip
from .pool import Pool
from .promise import PROMISES
from .result import Audit, Difference, Result, Verdict
from .rule import Rule, rules_of
from .tables import table_promises
from .verdict import answer

__all__ = ["audit_rule", "audit_scheme"]

Progress = Callable[[int, int, str], object]


def audit_scheme(
    scheme: model.Scheme, plugins: Plugins, *, source: str = "", old: model.Scheme | None = None, only: Collection[str] | None = None,
    solver: bool = True, budget: int | None = None, certify: bool = False, marks: tuple[Marks, Marks] | None = None, progress: Progress | None = None,
) -> tuple[Audit, list[Finding]]:  # fmt: skip
    """The audit of every sheet of the scheme, of every method that no sheet uses, of its allocations and files, and, where there is an
    *old* version, of where the two differ; and what hindered a rule from being audited.

    *source* is what commands call the rules; *only* the ids of sheets; *marks* totals of given reports under both versions.
    Without a *solver*, or after *budget* seconds, what the exact engine can't prove is only probed; with *certify* every proof that a
    solver can repeat carries a certificate.
    """
    rules, findings = rules_of(scheme, plugins)
    findings += [finding for rule in rules for finding in wrong_facts(rule)]
    known = [rule.id for rule in rules]
    unknown = [id for id in only or () if id not in known]
    if unknown and not any(one.severity is Severity.ERROR for one in findings):
        raise MinshengError(f"no sheet or method {', '.join(map(repr, unknown))} to audit; there are {', '.join(known)}")
    chosen = [rule for rule in rules if only is None or rule.id in only]
    engines = Engines(solver=solver, budget=budget, certify=certify)
    results: list[Result] = []
    for number, rule in enumerate(chosen):
        if progress is not None:
            progress(number, len(chosen), rule.title)
        results += audit_rule(rule, engines, source)
    if only is None and rules:
        results += [*allocations(rules[0].prepared), round_trip(scheme, plugins)]
    differences: list[Difference] = []
    if old is not None:
        before, _ = rules_of(evolve(old, year=scheme.year), plugins)  # the older rules, were they this year's
        differences = compare([rule for rule in before if only is None or rule.id in only], chosen, engines, source, marks)
    results += [found for one in differences for found in (one.result, *one.others)]
    if progress is not None:
        progress(len(chosen), len(chosen), "")
    papers = (*scheme.documents, *plugins.rules.documents)
    return Audit(
        scheme=scheme.id, title=scheme.title, year=scheme.year, results=tuple(results), due=len(results), engines=engines.versions(),
        titles={rule.id: rule.title for rule in chosen}, fingerprints={rule.id: rule.lowered.plan.fingerprint for rule in chosen},
        clauses={one.id: one for one in (*scheme.clauses, *plugins.rules.clauses)}, documents={one.id: one.title for one in papers},
        differences=tuple(differences),
    ), findings  # fmt: skip


def audit_rule(rule: Rule, engines: Engines, source: str = "") -> list[Result]:
    """Every verdict on one rule."""
    pool = Pool(rule)
    asked = directions(rule, pool)
    results = [*constructed(rule, pool), *(answer(question, pool, engines, source) for question in questions(rule, asked))]
    results += _left_out(rule)
    results.append(replays(rule, [row for row, _ in pool.some(40)]))
    if not rule.method:
        better = {**dict.fromkeys(asked.up, 1), **{name: -1 for name in asked.down if name.rpartition(".")[2] != "target"}}
        results += table_promises(rule, monotone=_monotone(results), better=better, marks_of=pool.turns(), sampling=engines.sampling)
    order = list(PROMISES)
    told = sorted(results, key=lambda one: order.index(one.promise.code))
    return _exempted(rule, told)


def _left_out(rule: Rule) -> Iterator[Result]:
    """Tables with too many rows to ask about each."""
    for name, table, count, owner in long_tables(rule):
        asked = len(asked_rows(count))
        yield Result(
            key=f"{rule.id}::dead::{name}.{table}", promise=PROMISES["dead"], rule=rule.id, verdict=Verdict.UNKNOWN, by="construction",
            about=(f"表 {table} 的其余各行", f"{name}: the other rows of the table {table}"), place=owner.place, clause=owner.source,
            words=(f"表有{count}行，只逐行查了{asked}行", f"the table has {count} rows, and only {asked} were asked about"),
        )  # fmt: skip


def _monotone(results: Sequence[Result]) -> Callable[[str], bool | None]:
    """Whether the total was proved to go one way with a column."""
    proved = {one.key.partition("::")[2]: one.verdict for one in results if one.key.endswith(".total")}

    def known(column: str) -> bool | None:
        verdict = proved.get(f"rises::{column}.total") or proved.get(f"falls::{column}.total")
        return True if verdict is Verdict.PROVED else False if verdict is Verdict.REFUTED else None

    return known


# -- exemptions ----------------------------------------------------------------------------------------------------


def _exempted(rule: Rule, results: list[Result]) -> list[Result]:
    """The results with the exemptions that apply, and a result for each exemption: whether it is still needed."""
    told = list(results)
    for method, items, facts in _facts(rule):
        for one in facts.exempt:
            mine = [at for at, result in enumerate(told) if result.promise.code == one.promise and _about(rule, one, result.key, items)]
            needed = [at for at in mine if told[at].verdict is Verdict.REFUTED]
            for at in needed:
                told[at] = evolve(told[at], exemption=one)
            told.append(_exemption(rule, one, method, bool(needed), bool(mine)))
    return told


def _facts(rule: Rule) -> Iterator[tuple[str, Sequence[model.Item], Facts]]:
    """The audit facts of each method with the items that use it, then the sheet's."""
    for id in dict.fromkeys(item.method for item, _ in facts_of(rule) if item is not None):
        items = [item for item in rule.sheet.items if item.method == id]
        yield f"{id}.", items, next(facts for item, facts in facts_of(rule) if item is items[0])
    yield "", (), rule.sheet.audit


def _about(rule: Rule, one: Exemption, key: str, items: Sequence[model.Item]) -> bool:
    """Whether an exemption speaks of the question *key*; a method's, only of questions about its *items* and their figures."""
    of = key.split("::", 2)[2]
    named = not one.of or one.of in of.split(".") or one.of == of
    if not items:
        return named
    mine = {item.id for item in items}
    columns = [column for (id, _), column in rule.lowered.columns.items() if id in mine]
    own = bool(mine & set(of.split("."))) or any(f"{of}.".startswith(f"{column}.") for column in columns)
    return own and (named or any(of.startswith(f"{id}.{one.of}") for id in mine))


def _exemption(rule: Rule, one: Exemption, method: str, needed: bool, asked: bool) -> Result:
    of = f"（{one.of}）" if one.of else ""
    promise = PROMISES.get(one.promise)
    about = (f"豁免“{promise.says[0] if promise else one.promise}”{of}", f"the exemption from {one.promise!r} {one.of}".rstrip())
    if promise is None or not asked:
        words = ("没有这样的问题可豁免", f"there is no such question to be exempt from; the promises are {', '.join(PROMISES)}")
    elif needed:
        words = (f"仍有必要：{one.reason}", f"still needed: {one.reason}")
    else:
        words = ("不再需要：这项承诺没有被推翻，请删去", "no longer needed: the promise is not refuted; take the exemption out")
    return Result(
        key=f"{rule.id}::exemption::{method}{one.promise}.{one.of}", promise=PROMISES["exemption"], rule=rule.id, about=about,
        verdict=Verdict.PROVED if needed else Verdict.REFUTED, by="construction", words=words, place=one.place, clause=one.clause,
    )  # fmt: skip
