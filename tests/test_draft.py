"""A paper becomes a draft of its scheme: the 2023 paper first, other places' styles, then random papers, and what must be refused."""

import pytest

from minsheng_core import check_rules, load_plugins, load_scheme
from minsheng_core.draft.bodies import Roll
from minsheng_core.draft.find import read_paper
from minsheng_core.draft.open import text_paper
from minsheng_core.draft.scheme import draft_of
from minsheng_core.draft.write import write_draft
from papers import SAMPLES

SHIPPED = load_scheme("2023")


def read(text, given=()):
    return read_paper(text_paper("方案（虚构）.txt", text.encode()), Roll(given=given))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_styles_of_other_places(name, tmp_path):
    sample = SAMPLES[name]
    found = read(sample.text)
    told = [
        (words, target.printed.translate(str.maketrans("０１２３４５６７８９．", "0123456789.")) or None, {one.name: str(one.quantity) for one in target.pieces}, target.lead or None)
        for target in found.targets
        for words in [max((words for words, *_ in sample.targets if words in target.title), key=len, default=target.title)]
    ]  # fmt: skip
    wanted = [(words, printed, shares, lead) for words, printed, shares, lead in sample.targets]
    assert sorted(told, key=str) == sorted(wanted, key=str)
    draft = draft_of(found)
    doubts = [f"{one.words} {one.quote}" for one in draft.pending]
    for words in sample.unsure:
        assert any(words in one for one in doubts), doubts
    unused = " ".join(doubt.quote for _, doubt in found.unused)
    for words in sample.unused:
        assert words in unused
    assert set(sample.deadlines) <= {target.deadline for target in found.targets}
    for title, joint in sample.joint.items():
        assert next(target.joint for target in found.targets if title in target.title) == list(joint)
    if not sample.unsure and not sample.unused:
        assert doubts == [one for one in doubts if "印发" in one]
    loads(draft, tmp_path / "rules")


def loads(draft, folder):
    """The written draft loads, but for what is marked as missing."""
    write_draft(draft, "方案（虚构）.txt", folder)
    scheme, findings = check_rules(folder, load_plugins())
    codes = {one.code for one in findings if one.severity.value == "error"}
    for one in findings:
        if one.severity.value == "error":
            assert (
                one.code in ("rule.sum", "rule.twice") or "待核" in one.message or "is missing" in one.message or "no target" in one.message
            ), one
    return scheme, codes
