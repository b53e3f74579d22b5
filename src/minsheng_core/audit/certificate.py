"""Proofs as files: written beside an index, and decided again by another solver."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from ..errors import MinshengError
from .promise import Said
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


def recheck(folder: Path, rules: Iterable[Rule], *, timeout: int = 20) -> list[Checked]:
    """Decide every certificate of *folder* again: by cvc5 within *timeout* seconds each, by z3 where cvc5 isn't there.

    One fails where its rule is gone or has changed, where its file doesn't say what the index says, or where the solver finds a case;
    a solver without an answer leaves it undecided, as does a proof of another kind. Raises MinshengError for a folder without an index.
    """
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        entries = [
            (str(one["key"]), str(one["rule"]), str(one["file"]), str(one["kind"]), str(one["fingerprint"]))
            for one in index["certificates"]
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MinshengError(f"{folder / INDEX} is not an index of certificates: {error}") from None
    fingerprints = {rule.id: rule.plan.fingerprint for rule in rules}
    return [_checked(folder, entry, fingerprints, timeout) for entry in entries]


def _checked(folder: Path, entry: tuple[str, str, str, str, str], fingerprints: Mapping[str, str], timeout: int) -> Checked:
    key, rule, name, kind, fingerprint = entry
    if fingerprints.get(rule) != fingerprint:
        gone = rule not in fingerprints
        words = ("规则已不存在", "the rule is gone") if gone else ("规则已改动，证明作废", "the rule has changed: its proof is void")
        return key, "failed", words
    try:
        if Path(name).name != name:
            raise OSError(f"{name} is not in the folder")
        text = (folder / name).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        return key, "failed", ("证明文件读不出", f"the proof can't be read: {error}")
    if kind != "smt2":
        return key, "undecided", ("这一证明须用计算器核对", "this proof is for a calculator, not for a solver")
    said = {line[2:].partition(": ")[::2] for line in text.splitlines() if line.startswith("; ")}
    if ("plan", fingerprint) not in said or ("question", " ".join(key.split())) not in said:
        return key, "failed", ("证明文件与索引不符", "the proof speaks of another question or plan than the index says")
    answer, by = _answered(text, timeout)
    if answer == "unsat":
        return key, "confirmed", (f"{by} 复核无误", f"confirmed by {by}")
    if answer == "sat":
        return key, "failed", (f"{by} 找到反例", f"{by} finds a case")
    return key, "undecided", (f"{by} 没有结论：{answer}", f"{by} has no answer: {answer}")


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
    solver: Any = cvc5.Solver()
    solver.setOption("tlimit-per", str(timeout * 1000))
    parser: Any = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "certificate")
    answer = "no question in it"
    try:
        while not (command := parser.nextCommand()).isNull():
            answer = str(command.invoke(solver, parser.getSymbolManager())).strip() or answer
    except RuntimeError as error:
        return f"error: {error}", "cvc5"
    return answer, "cvc5"
