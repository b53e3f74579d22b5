"""Certificates: written, confirmed by another solver, and refused where the rule or the file is no longer what it was."""

import json

import pytest

from audits import audit, result_of, tiny
from minsheng_core import MinshengError, load_plugins, load_scheme
from minsheng_core.audit import certificate as certificates
from minsheng_core.audit.ask import directions, questions
from minsheng_core.audit.pool import Pool
from minsheng_core.audit.prove import decide
from minsheng_core.audit.rule import rules_of

pytest.importorskip("z3")
pytest.importorskip("cvc5")


def due(rule):
    """Every question that an audit puts to the rule."""
    return questions(rule, directions(rule, Pool(rule)))


@pytest.fixture
def folder(tmp_path):
    rule = tiny(tmp_path, "full * min(done / target, 1)")
    (question,) = (one for one in due(rule) if one.key.endswith("rises::done.total"))
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
    ("old", "new"),
    [("(check-sat)", ""), ("; question: towns", "; question: other"), ("(assert ", "; (assert "), ("(set-logic", "(set-logik")],
)
def test_a_certificate_that_was_tampered_with_is_not_confirmed(folder, old, new):
    rule, path = folder
    file = path / "0001.smt2"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert [one[1:] for one in certificates.recheck(path, [rule])] == [("failed", STATES_ANOTHER)]


STATES_ANOTHER = ("证明文件所说的不是规则现在的这个问题", "the proof doesn't state the question that the rules put today")


def test_a_forged_proof_under_a_true_head_is_not_confirmed(folder):
    rule, path = folder
    file = path / "0001.smt2"
    head = "".join(line for line in file.read_text(encoding="utf-8").splitlines(keepends=True) if line.startswith(";"))
    file.write_text(f"{head}(assert false)\n(check-sat)\n", encoding="utf-8")
    assert [one[1:] for one in certificates.recheck(path, [rule])] == [("failed", STATES_ANOTHER)]
    index = json.loads((path / "index.json").read_text(encoding="utf-8"))
    index["certificates"][0]["key"] = "towns::rises::nothing.total"  # a promise that nobody asks
    (path / "index.json").write_text(json.dumps(index), encoding="utf-8")
    assert [one[1] for one in certificates.recheck(path, [rule])] == ["failed"]


def test_an_empty_index_confirms_nothing(folder):
    rule, path = folder
    (path / "index.json").write_text('{"certificates": []}', encoding="utf-8")
    with pytest.raises(MinshengError, match="holds no certificate"):
        certificates.recheck(path, [rule])


def test_a_folder_without_an_index_is_refused(tmp_path):
    with pytest.raises(MinshengError, match="not an index"):
        certificates.recheck(tmp_path, [])


def test_what_is_proved_of_the_shipped_rules_another_solver_confirms(tmp_path):
    shipped, _ = rules_of(load_scheme("2023"), load_plugins())
    results = []
    for rule in shipped[:5]:
        for question in due(rule):
            proof = decide(question) if not question.further else None  # several plans have several proofs
            if proof is None:
                continue
            if proof.outcome == "none":
                results.append(result_of(question, proof))
    certificates.write_certificates(audit(results), tmp_path)
    checked = certificates.recheck(tmp_path, shipped, timeout=30)
    assert {verdict for _, verdict, _ in checked} == {"confirmed"}
    assert len(checked) == len(results) > 40
