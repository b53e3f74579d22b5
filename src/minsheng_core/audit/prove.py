"""Proof by SMT: one question decided by z3, by a linear abstraction first and exactly after, and every case replayed."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import islice
from math import lcm
from typing import Literal

from attrs import evolve, frozen

from ..errors import MinshengError
from .apart import apart
from .joint import SECOND, Unfit, join, needed, symbol
from .linear import Linear, shared
from .promise import Said
from .question import Question, holds
from .result import Certificate
from .rule import Cells
from .smt import direct, script, solve

__all__ = ["PART", "Proof", "available", "decide", "statements"]

WORK = 4_000_000  # of z3's units, about a second
LARGEST = 4_000  # operations that are given to it
PART = "\n; ---- and under the other plan ----\n"  # between the proofs of a certificate that holds several
TRIES = 12  # cases with fixed divisors that are looked for


@frozen(kw_only=True)
class Proof:
    """What came of a question: *none* (there is no case, by the *certificate*), a *case* of *rows* that has been replayed, *unknown* for a
    *reason*, or a *conflict*: an exact case that the plan doesn't confirm, which is a mistake of this engine. *way* says what decided."""

    outcome: Literal["none", "case", "unknown", "conflict"]
    certificate: Certificate | None = None
    rows: tuple[Cells, ...] = ()
    reason: Said = ("", "")
    way: str = ""


def available() -> tuple[bool, str]:
    """Whether z3 is there: its version, or why not."""
    try:
        import z3  # type: ignore[import-untyped] # it has no stubs
    except ImportError:
        return False, "z3-solver is not installed: pip install 'minsheng-core[prove]'"
    return True, str(z3.get_version_string())


def decide(question: Question, *, rlimit: int = WORK) -> Proof:
    """Whether a case of the question exists, within so much work for each try. The same question gets the same answer."""
    there, version = available()
    if not there:
        return Proof(outcome="unknown", reason=("未安装 z3-solver", version))
    try:
        return _Decision(question, rlimit).proof()
    except Unfit as unfit:
        return Proof(outcome="unknown", reason=unfit.words)


class _Decision:
    def __init__(self, question: Question, rlimit: int) -> None:
        self.question, self.rlimit = question, rlimit
        self.hindered: Said | None = None  # why nothing can be proved
        try:
            self.joint = join(question)
        except Unfit as unfit:
            self.hindered, self.joint = unfit.words, join(question, alone=True)
        self.alone = join(question, alone=True) if self.joint.windows else self.joint  # cases are rows by themselves
        self.unfit: Said | None = None
        self.ratios: list[Fraction] = []
        self.seen: list[Mapping[str, int]] = []  # models that might be cases

    def proof(self) -> Proof:
        joint = self.joint
        ops = needed(joint.build.ops, joint.held)
        if not self.hindered and any(
            joint.build.ops[position].op == "literal" and not joint.build.ops[position].value for position in joint.held
        ):
            return self._none("construction", direct(joint))
        if len(ops) > LARGEST:
            raise Unfit(f"规则过大（{len(ops)}步），不交求解器", f"the rule is too large for a solver ({len(ops)} operations)")
        exact = needed(self.alone.build.ops, self.alone.held)
        likely = self.question.exists or self.question.relation == "plans"  # there, a case is what is to be expected
        found = self._fixed(exact, 3, self.rlimit // 16) if likely else None
        try:
            found = found or (None if self.hindered else self._linear())
        except Unfit as unfit:  # the abstraction is too large
            self.unfit = unfit.words
        return found or self._fixed(exact, TRIES, self.rlimit // 4) or self._exact() or self._given_up()

    def _linear(self) -> Proof | None:
        """By the abstraction: with what both rows share cut off, then whole."""
        before: list[str] = []
        for cut in (shared(self.joint), set()):
            lines = Linear(self.joint, cut).script()
            if lines == before:
                continue
            before = lines
            answer, values, ratios = solve(script(lines), self.rlimit)
            if answer == "unsat":
                return self._attacked() or self._none("linear", lines)
            if answer == "sat":
                self.ratios = ratios
                self.seen.append(values)
                if (found := self._replayed(values)) is not None:
                    return found
        return None

    def _attacked(self) -> Proof | None:
        """A proof by the abstraction is tried on exact cases: one that is found all the same is a mistake of this engine."""
        found = self._fixed(needed(self.alone.build.ops, self.alone.held), 3, self.rlimit // 16)
        words = (
            "抽象证明与精确反例矛盾，属本工具的错误",
            "an exact case stands against a proof by the abstraction: a mistake of this engine",
        )
        return evolve(found, outcome="conflict", reason=words) if found else None

    def _fixed(self, ops: list[int], tries: int, rlimit: int) -> Proof | None:
        """By exact cases in which what is divided by is fixed, so that nothing is left but linear steps."""
        columns = self._divisors(ops)
        if not columns:
            return None
        for fixed in islice(self._choices(columns), tries):
            answer, found, _ = solve(script(direct(self.alone, fixed)), rlimit)
            if answer == "sat":
                found |= {symbol("in " + name)[1:-1]: value for name, value in fixed.items()}
                return self._replayed(found) or self._refused(found)
        return None

    def _exact(self) -> Proof | None:
        text = direct(self.alone)
        answer, found, _ = solve(script(text), self.rlimit)
        if answer == "sat":
            return self._replayed(found) or self._refused(found)
        if answer == "unsat" and self.alone is not self.joint and not self.hindered:  # none of a row by itself: any at all?
            text = direct(self.joint)
            answer, _, _ = solve(script(text), self.rlimit)
        return self._none("direct", text) if answer == "unsat" and not self.hindered else None

    def _divisors(self, ops: list[int]) -> list[str]:
        """The figures that stand below, or are multiplied with others."""
        build = self.alone.build
        below = self._columns(self.alone.below)
        for position in ops:
            op = build.ops[position]
            if op.op == "*" and not any(build.ops[arg].op == "literal" for arg in op.args):
                sides = [self._columns([arg]) for arg in op.args]
                if not any(side <= below for side in sides):
                    below |= min(sides, key=len)
        mine = {build.ops[position].name for position in ops if build.ops[position].op == "column"}
        return sorted(below & mine)

    def _columns(self, positions: Iterable[int]) -> set[str]:
        """The figures under those operations."""
        build = self.alone.build
        return {build.ops[at].name for at in needed(build.ops, positions) if build.ops[at].op == "column"}

    def _choices(self, columns: list[str]) -> Iterator[dict[str, int]]:
        """Values for those figures: of the abstraction's model, then such as make its ratios whole, then round ones."""
        build = self.alone.build
        ends = {op.name: (op.low, op.high) for op in build.ops if op.op == "column"}
        below = lcm(*(ratio.denominator for ratio in self.ratios[:4]), 1)
        round_ones: list[tuple[int, int]] = [
            (1000, 0),
            (997, 0),
            (512, 0),  # many ties of a rounding
            (1000, 1),
            *[(100 * below, 0), (below, 0)][: 2 * (1 < below < 10**6)],
            (100, 0),
            (3, 1),
            (1, 0),
            (10**9, 0),
        ]
        tried: list[dict[str, int]] = []
        guesses: list[Mapping[str, int] | tuple[int, int]] = [*self.seen[-1:], *round_ones]
        for values in guesses:
            chosen = {}
            for name in columns:
                low, high = ends[name]
                if isinstance(values, tuple):  # the figure that is changed, just under the others or like them, and just over them
                    number = values[0] + name.endswith(SECOND) - values[1] * (name in self.question.columns)
                else:
                    number = values.get(symbol("in " + name)[1:-1], low)
                chosen[name] = min(max(number, low), high)
            if chosen not in tried:
                tried.append(chosen)
                yield chosen

    # -- answers -------------------------------------------------------------------------------------------

    def _replayed(self, values: Mapping[str, int]) -> Proof | None:
        rows = tuple(self.alone.rows(values))
        try:
            return Proof(outcome="case", rows=rows, way="z3") if holds(self.question, rows) else None
        except (KeyError, MinshengError):
            return None

    def _refused(self, values: Mapping[str, int]) -> Proof:
        words = ("求解器给出的例子重算不符，属本工具的错误", "the solver's exact case does not replay: a mistake of this engine")
        return Proof(outcome="conflict", rows=tuple(self.alone.rows(values)), reason=words)

    def _none(self, way: str, lines: list[str]) -> Proof:
        rule = self.question.rule
        certificate = Certificate(kind="smt2", text=_stated(self.question, way, lines), fingerprint=rule.fingerprint)
        return Proof(outcome="none", certificate=certificate, way=way)

    def _given_up(self) -> Proof:
        if self.hindered or self.unfit:
            return Proof(outcome="unknown", reason=self.hindered or self.unfit or ("", ""))
        return Proof(outcome="unknown", reason=("在规定的工作量内没有结论", f"no answer within {self.rlimit} units of work"))


def _stated(question: Question, way: str, lines: list[str]) -> str:
    """The question in SMT-LIB, with what it is about: it has no model if, and only if, there is no case."""
    rule = question.rule
    comments = [
        f"question: {question.key}", f"rule: {rule.id}", f"plan: {rule.fingerprint}",
        *([f"against: {question.other.fingerprint}"] if question.other else []),
        *(f"range: {name} {low} {high}" for name, (low, high) in rule.ranges.items()),
        *(f"apart: {name}" for name in apart(question)[0]), f"encoding: {way}", "expected: unsat",
    ]  # fmt: skip
    return script(lines, (" ".join(one.split()) for one in comments))


def statements(question: Question) -> Iterator[str]:
    """Every text by which the question might have been decided: what a certificate must be one of."""
    try:
        joint = join(question)
    except Unfit:
        return
    alone = join(question, alone=True) if joint.windows else joint
    yield _stated(question, "direct", direct(joint))
    yield _stated(question, "construction", direct(joint))
    yield _stated(question, "direct", direct(alone))
    for cut in (shared(joint), set[int]()):
        try:
            yield _stated(question, "linear", Linear(joint, cut).script())
        except Unfit:
            continue
