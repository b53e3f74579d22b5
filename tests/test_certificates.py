"""Certificates: written, confirmed by another solver, and refused where the rule or the file is no longer what it was."""

import pytest

from audits import ask, audit, promises, result_of, tiny
from minsheng_core import MinshengError, load_plugins, load_scheme
from minsheng_core.audit import certificate as certificates
from minsheng_core.audit.prove import decide
from minsheng_core.audit.rule import rules_of

pytest.importorskip("z3")
pytest.importorskip("cvc5")


@pytest.fixture
def folder(tmp_path):
    rule = tiny(tmp_path, "full * min(done / target, 1)")
    question = ask(rule, "rises", "more", "total", "falls", "done")
    certificates.write_certificates(audit([result_of(question, decide(question))]), tmp_path / "certs")
    return rule, tmp_path / "certs"


def test_a_certificate_is_confirmed(folder):
    rule, path = folder
    text = (path / "0001.smt2").read_text(encoding="utf-8")
    assert f"; plan: {rule.plan.fingerprint}" in text
    assert "; expected: unsat" in text
    assert [one[1] for one in certificates.recheck(path, [rule])] == ["confirmed"]


def test_a_certificate_of_a_changed_or_vanished_rule_fails(folder, tmp_path):
    _, path = folder
    changed = tiny(tmp_path, "full * min(done / target, 0.99)")
    assert [one[1:] for one in certificates.recheck(path, [changed])] == [
        ("failed", ("规则已改动，证明作废", "the rule has changed: its proof is void"))
    ]
    assert [one[1] for one in certificates.recheck(path, [])] == ["failed"]


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [("(check-sat)", "", "undecided"), ("; question: towns", "; question: other", "failed"), ("(assert (< |in done| |in done'|))", "", "failed"), ("(set-logic", "(set-logik", "undecided")],
)  # fmt: skip
def test_a_certificate_that_was_tampered_with_is_not_confirmed(folder, old, new, verdict):
    rule, path = folder
    file = path / "0001.smt2"
    text = file.read_text(encoding="utf-8")
    text = text if old in text else text.replace("(assert v", "; (assert v")
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert [one[1] for one in certificates.recheck(path, [rule])] == [verdict]


def test_a_folder_without_an_index_is_refused(tmp_path):
    with pytest.raises(MinshengError, match="not an index"):
        certificates.recheck(tmp_path, [])


def test_what_is_proved_of_the_shipped_rules_another_solver_confirms(tmp_path):
    shipped, _ = rules_of(load_scheme("2023"), load_plugins())
    results = []
    for rule in shipped[:5]:
        for question in promises(rule):
            proof = decide(question)
            if proof.outcome == "none":
                results.append(result_of(question, proof))
    certificates.write_certificates(audit(results), tmp_path)
    checked = certificates.recheck(tmp_path, shipped, timeout=30)
    assert {verdict for _, verdict, _ in checked} == {"confirmed"}
    assert len(checked) == len(results) > 40
