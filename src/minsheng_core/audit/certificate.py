"""Proofs as files: written beside an index, and decided again by another solver."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from attrs import evolve

from ..errors import MinshengError
from .ask import directions, questions
from .compare import version_questions
from .pool import Pool
from .promise import Said
from .prove import PART, statements
from .question import Question
from .result import Audit, Result
from .rule import Rule

__all__ = ["Checked", "recheck", "write_certificates"]

Checked = tuple[str, Literal["confirmed", "failed", "undecided"], Said]
INDEX = "index.json"
WORK = 20_000_000  # of z3's units, where cvc5 isn't there


def write_certificates(audit: Audit, folder: Path) -> list[Path]:
    """Each proof of the audit as a file in *folder*, and an index of them: question, rule, fingerprint, ranges, engine and version."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    entries: list[dict[str, Any]] = []
    for result in _proofs(audit):
        certificate = result.certificate
        assert certificate is not None
        name = f"{len(entries) + 1:04}.{'smt2' if certificate.kind == 'smt2' else 'txt'}"
        written.append(folder / name)
        written[-1].write_text(certificate.text, encoding="utf-8")
        entries.append({
            "key": result.key, "promise": result.promise.code, "rule": result.rule, "file": name, "kind": certificate.kind,
            "fingerprint": certificate.fingerprint, "rests": [list(one) for one in result.rests], "engine": result.by,
            "version": audit.engines.get(result.by, ""),
        })  # fmt: skip
    index = {"scheme": audit.scheme, "year": audit.year, "certificates": entries}
    (folder / INDEX).write_text(json.dumps(index, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [folder / INDEX, *written]


def _proofs(audit: Audit) -> list[Result]:
    results = [*audit.results, *(one.result for one in audit.differences)]
    return [result for result in results if result.certificate is not None]


def recheck(folder: Path, rules: Sequence[Rule], old: Sequence[Rule] = (), *, timeout: int = 20) -> list[Checked]:
    """Decide every certificate of *folder* again: by cvc5 within *timeout* seconds each, by z3 where cvc5 isn't there.

    One fails where its rule is gone or has changed, where it doesn't state the question that the rules put today, or where the solver
    finds a case; a solver without an answer leaves it undecided, as does a proof of another kind, or one of two versions without
    the *old* rules. Raises MinshengError for a folder without an index, or with an empty one.
    """
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        entries = [
            (str(one["key"]), str(one["rule"]), str(one["file"]), str(one["kind"]), str(one["fingerprint"]))
            for one in index["certificates"]
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MinshengError(f"{folder / INDEX} is not an index of certificates: {error}") from None
    if not entries:
        raise MinshengError(f"{folder / INDEX} holds no certificate")
    asked = _Asked(rules, old)
    return [_checked(folder, entry, asked, timeout) for entry in entries]


class _Asked:
    """The questions that the rules put today, by key; those of a rule are made when one of them is looked for."""

    def __init__(self, rules: Sequence[Rule], old: Sequence[Rule]) -> None:
        self.rules, self.old = {rule.id: rule for rule in rules}, {rule.id: rule for rule in old}
        self._known: dict[str, dict[str, Question]] = {}

    def question(self, id: str, key: str) -> Question | None:
        if id not in self._known:
            rule = self.rules[id]
            found = questions(rule, directions(rule, Pool(rule)))
            found += version_questions(rule, self.old[id]) if id in self.old else []
            self._known[id] = {one.key: one for one in found}
        return self._known[id].get(key)


def _checked(folder: Path, entry: tuple[str, str, str, str, str], asked: _Asked, timeout: int) -> Checked:
    key, rule, name, kind, fingerprint = entry
    versions = "::versions::" in key
    if rule not in asked.rules:
        return key, "failed", ("规则已不存在", "the rule is gone")
    if versions and rule not in asked.old:
        return (
            key,
            "undecided",
            ("两个版本的证明须同时给出旧版（--against）", "a proof of two versions needs the old rules, too (--against)"),
        )
    if not versions and asked.rules[rule].plan.fingerprint != fingerprint:
        return key, "failed", ("规则已改动，证明作废", "the rule has changed: its proof is void")
    try:
        if Path(name).name != name:
            raise OSError(f"{name} is not in the folder")
        text = (folder / name).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        return key, "failed", ("证明文件读不出", f"the proof can't be read: {error}")
    if kind != "smt2":
        return key, "undecided", ("这一证明须用计算器核对", "this proof is for a calculator, not for a solver")
    question = asked.question(rule, key)
    parts = text.split(PART)
    plans = (question.other, *question.further) if question else ()
    if (
        question is None
        or len(parts) != len(plans)
        or not all(part in statements(evolve(question, other=plan, further=())) for part, plan in zip(parts, plans, strict=True))
    ):
        return key, "failed", ("证明文件所说的不是规则现在的这个问题", "the proof doesn't state the question that the rules put today")
    answers = [_answered(part, timeout) for part in parts]
    by = answers[0][1]
    if all(answer == "unsat" for answer, _ in answers):
        return key, "confirmed", (f"{by} 复核无误", f"confirmed by {by}")
    if any(answer == "sat" for answer, _ in answers):
        return key, "failed", (f"{by} 找到反例", f"{by} finds a case")
    told = next(answer for answer, _ in answers if answer != "unsat")
    return key, "undecided", (f"{by} 没有结论：{told}", f"{by} has no answer: {told}")


def _answered(text: str, timeout: int) -> tuple[str, str]:
    """The solver's answer, and which solver it was."""
    try:
        import cvc5  # type: ignore[import-untyped] # it has no stubs
    except ImportError:
        from .smt import solve

        try:
            return solve(text, WORK)[0], "z3"
        except ImportError:
            return "neither cvc5 nor z3-solver is installed", "no solver"
    solver = cvc5.Solver()
    solver.setOption("tlimit-per", str(timeout * 1000))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "certificate")
    answer = "no question in it"
    try:
        while not (command := parser.nextCommand()).isNull():
            answer = str(command.invoke(solver, parser.getSymbolManager())).strip() or answer
    except RuntimeError as error:
        return f"error: {error}", "cvc5"
    return answer, "cvc5"
