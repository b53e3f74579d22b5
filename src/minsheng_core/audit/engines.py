"""The engines that are there: the exact one always, the solver and hypothesis where they are installed."""

import time
from importlib.util import find_spec

from attrs import evolve

from .answer import Answer
from .exact import decide as decide_exactly
from .prove import PART, Proof, available, decide
from .question import Question
from .regions import piece_table
from .result import Certificate

__all__ = ["Engines"]

SAMPLES = 60  # tables that hypothesis makes for a question


class Engines:
    """Asked in turn for a proof. After *budget* seconds the solver is not asked any more. Where proofs are to be *certified*, the
    solver is asked for what the exact engine proves as well."""

    def __init__(self, *, solver: bool = True, budget: int | None = None, certify: bool = False) -> None:
        self.certify = certify
        self.solver, self._version = available() if solver else (False, "not asked for")
        self._until = None if budget is None else time.monotonic() + budget
        self.sampling = SAMPLES if find_spec("hypothesis") else 0

    def versions(self) -> dict[str, str]:
        """What decided, by name: a version, or why it was not there."""
        from importlib.metadata import version

        own = version("minsheng-core")
        hypothesis = version("hypothesis") if self.sampling else "not installed: pip install 'minsheng-core[test]'"
        return {"exact": own, "probe": own, "z3": self._version, "hypothesis": hypothesis}

    @staticmethod
    def exact(question: Question) -> Answer | None:
        """What the exact engine proves."""
        return decide_exactly(question)

    def ask(self, question: Question) -> Answer:
        """A proof that there is no case, a case that the solver found, or why neither."""
        exact = decide_exactly(question)
        if exact is not None and not (self.certify and self.solver):
            return evolve(exact, certificate=_table(question)) if self.certify else exact
        if not self.solver:
            return Answer(
                outcome="unknown",
                by="exact",
                words=("精确引擎不能判定，没有求解器", f"the exact engine can't say, and there is no solver: {self._version}"),
            )
        if self._until is not None and time.monotonic() > self._until:
            return Answer(outcome="unknown", by="exact", words=("时间预算已用完", "the time budget is used up"))
        proofs = [decide(evolve(question, other=plan, further=())) for plan in (question.other, *question.further)]
        told = _together(proofs)
        if exact is None:
            return told
        if told.outcome == "case":
            words = (
                "精确推算说没有，求解器找到一例：这是本程序的错误",
                "the exact engine proves that there is none, and the solver found one: a mistake of this program",
            )
            return Answer(outcome="conflict", by="exact+z3", words=words)
        return evolve(exact, certificate=exact.certificate or told.certificate)


def _table(question: Question) -> Certificate | None:
    """A proof about one item's marks as a table for a calculator, where they are a function of one ratio or figure."""
    kind, _, id = question.output.partition(".")
    text = piece_table(question.rule, f"item.{id}") if kind in ("exact", "item") else ""
    return Certificate(kind="pieces", text=text, fingerprint=question.rule.fingerprint) if text else None


def _together(proofs: list[Proof]) -> Answer:
    """Of several plans that serve as well: a case under one is a case, a proof is of all."""
    for outcome in ("conflict", "case", "unknown"):
        for one in proofs:
            if one.outcome == outcome:
                return Answer(outcome=outcome, by="z3", words=one.reason, rows=one.rows or None)
    words = ("求解器证明没有反例", "the solver proves that there is no case")
    texts = [one.certificate.text for one in proofs if one.certificate]
    certificate = evolve(proofs[0].certificate, text=PART.join(texts)) if proofs[0].certificate and len(texts) == len(proofs) else None
    return Answer(outcome="none", by="z3", words=words, certificate=certificate)
