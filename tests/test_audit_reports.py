"""Reports of an audit: what failed comes first, nothing is merged or lost, and no string of a rule breaks out of a format."""

import json
import re
from hashlib import sha256
from html.parser import HTMLParser
from xml.etree import ElementTree as Xml

import pytest
from attrs import evolve

from auditgen import HOSTILE, hostile, result, rich
from minsheng_core.audit.result import Audit, Verdict
from minsheng_core.finding import Place
from minsheng_core.publish.audit.html import audit_html
from minsheng_core.publish.audit.json import audit_data, audit_json
from minsheng_core.publish.audit.junit import audit_junit
from minsheng_core.publish.audit.markdown import audit_markdown, plain
from minsheng_core.publish.audit.sarif import audit_sarif
from minsheng_core.publish.audit.text import audit_text, case_text, wrapped
from minsheng_core.publish.audit.words import MARKS, SECTIONS, SHORT, clean, counts, heading, section_of, sections
from minsheng_core.publish.text import width

WRITTEN = {"text": audit_text, "html": audit_html, "junit": audit_junit, "sarif": audit_sarif, "markdown": audit_markdown}
READ = {"text": audit_text, "html": audit_html, "markdown": audit_markdown}
LANGS = ("zh", "en")
EMPTY = Audit(scheme="s", title="t", year=2023, results=(), due=0, engines={})


def visible(page):
    """What of an HTML page is text."""
    reader = Reader()
    reader.feed(page)
    return reader.text


class Reader(HTMLParser):
    """Holds a page to balance, and collects what it names."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.text, self.tags, self.ids, self.links, self.wrong = [], "", [], [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given[name] for name in ("href", "src", "srcset", "action", "data", "poster") if name in given]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        self.text += "" if self.open and self.open[-1] == "style" else data


def page_of(text):
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader


# -- order and words -----------------------------------------------------------------------------------------------


def test_every_result_is_in_exactly_one_section():
    audit = rich()
    found = sections(audit)
    assert sorted(one.key for results in found.values() for one in results) == sorted(one.key for one in audit.results)
    assert all(found.values()), "the example has every section"
    assert [one.promise.severity.value for one in found["failed"]] == ["error"] * 4 + ["warning"]
    assert {section_of(one) for one in audit.results if one.fails} == {"failed"}
    n = counts(audit)
    assert n["fails"] + n["exempt"] + n["risks"] == n["refuted"]
    assert n["due"] - n["asked"] == 2


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", READ)
def test_conflicts_come_first_then_errors_then_warnings_then_the_rest(name, lang):
    audit = rich()
    text = READ[name](audit, lang=lang)
    text = visible(text) if name == "html" else text
    found = sections(audit)
    keys = [one.key for section in ("conflict", "failed", "exempt", "risks") for one in found[section] if section != "risks" or one.risk]
    places = [text.index(key) for key in keys]
    assert places == sorted(places)
    titles = [words[LANGS.index(lang)] for words in SECTIONS.values()]
    at = [
        re.search(rf"(?m)(?:^|[、. ]){re.escape(title)}", text[places[0] :] if number > 1 else text) for number, title in enumerate(titles)
    ]
    assert all(at), "each section has its title"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", WRITTEN)
def test_all_figures_of_every_refuted_case_are_told(name, lang):
    audit = rich()
    text = WRITTEN[name](audit, lang=lang, **({"width": 200} if name == "text" else {}))
    text = visible(text) if name == "html" else "\n".join(Xml.fromstring(text).itertext()) if name == "junit" else text
    for one in audit.results:
        if one.verdict in (Verdict.REFUTED, Verdict.CONFLICT) and one.case and (name != "sarif" or one.exemption is None):
            for line in one.case.lines:
                for shown in (line.title, *line.values):
                    assert (plain(shown) if name == "markdown" else shown) in text, (one.key, shown)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", READ)
def test_each_verdict_has_its_own_word_and_none_is_merged_into_another(name, lang):
    at = LANGS.index(lang)
    text = READ[name](rich(), lang=lang)
    text = visible(text) if name == "html" else text
    words = [one.words[at] for one in Verdict]
    assert len(set(words)) == len(words)
    assert len(set(MARKS.values())) == len(MARKS)
    assert len({one[at] for one in SHORT.values()}) == len(SHORT)
    assert all(word in text for word in words)
    assert "不是证明" in text if lang == "zh" else "no proof" in text


@pytest.mark.parametrize("name", READ)
def test_exemption_versions_clauses_and_what_was_not_asked_are_told(name):
    text = READ[name](rich(), lang="zh", **({"width": 200} if name == "text" else {}))
    text = visible(text) if name == "html" else text
    for shown in (
        "人口不足一千的乡，按绝对数考核，《细则》第九条已有规定", "《2023年省级重点监测民生项目指标任务分解方案》三、（三）：严禁弄虚作假", "〔假定〕原文没有规定",
        "rules/2022/assessment.toml:120:9", "rules/2023/assessment.toml:131:12", "参保人数／任务数在95%（含）与110%之间", "白马桥街道", "88.25分", "87.25分",
        "未安装（not installed）", "还有2题没有问", "2000", "z3 超出步数上限",
    ):  # fmt: skip
        assert shown in text, shown
    assert text.count("任务数 1～99999999人") == 1, "the ranges of a rule are told once"


@pytest.mark.parametrize("name", [*WRITTEN, "json"])
@pytest.mark.parametrize("make", [rich, hostile, lambda: EMPTY], ids=["rich", "hostile", "empty"])
def test_the_same_audit_gives_the_same_bytes(name, make):
    write = WRITTEN.get(name) or (lambda audit, lang: audit_json(audit))
    for lang in LANGS:
        once = write(make(), lang=lang)
        assert once == write(make(), lang=lang)
        assert once.endswith("\n")
        assert once.encode()


# -- text ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("room", [44, 70, 100, 160])
def test_columns_of_a_case_line_up_whatever_the_width(lang, room):
    for one in rich().results:
        if one.case:
            lines = case_text(one, one.case, lang=lang, width=room)
            rules = [line for line in lines if "──" in line]
            assert len(rules) == 2
            assert rules[0] == rules[1]
            ends, at = [], 0
            for part in re.findall(r" +|─+", rules[0]):
                at += width(part)
                ends += [at] if part[0] == "─" else []
            cells = [line for line in lines if "──" not in line]
            for line in cells:  # between two columns there is always room, and values end where their column ends
                spread = "".join(character * width(character) for character in line)
                assert all(spread[end : end + 2].strip() == "" for end in ends)
            marked = {width(line[: line.index("←")]) for line in cells if "←" in line}
            assert len(marked) <= 1


@pytest.mark.parametrize("room", [40, 60, 100])
def test_no_line_is_wider_than_the_terminal_but_places_commands_and_keys(room):
    for line in audit_text(rich(), lang="zh", width=room).splitlines():
        assert width(line) <= room or line.split()[0] in ("位置", "豁免处", "重算", "编号")


def test_lines_break_between_words_and_never_before_closing_punctuation():
    lines = wrapped("得分不低于零分，不超过满分（含加分）。marks stay within bounds", 16, hang=2)
    assert all(width(line) <= 16 for line in lines)
    assert not any(line.strip()[0] in "，。）" or line.endswith("（") for line in lines)
    assert "stay" in " ".join(lines).split()
    assert "bounds" in " ".join(lines).split()
    assert "".join(wrapped("9" * 50, 20)).replace(" ", "") == "9" * 50


def test_a_string_of_a_rule_commands_no_terminal():
    text = audit_text(hostile(), lang="zh")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert clean("a\nb\x1b\u202e\ud800\ufffe") == "a b" + "\ufffd" * 4


def test_the_last_line_counts():
    assert audit_text(rich(), lang="zh", width=200).splitlines()[-1].startswith("23题中判定16题；已推翻8（不合格5、豁免1、风险2），已证明8")
    assert (
        audit_text(rich(), lang="en", width=200)
        .splitlines()[-1]
        .startswith("16 of 23 questions decided; 8 refuted (5 failures, 1 exempt, 2 risks)")
    )
    assert audit_text(EMPTY, lang="zh").splitlines()[-1].startswith("0题中判定0题")


def test_headings_are_numbered_as_papers_number_theirs():
    assert [heading(number, "", "zh")[:-1] for number in (1, 10, 11, 20, 21)] == ["一", "十", "十一", "二十", "二十一"]


# -- HTML ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("make", [rich, hostile, lambda: EMPTY], ids=["rich", "hostile", "empty"])
def test_the_page_is_well_formed_and_nothing_leaves_the_machine(make, lang):
    text = audit_html(make(), lang=lang)
    page = page_of(text)
    assert page.open == []
    assert page.wrong == []
    assert all(link.startswith("#") for link in page.links)
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert len(set(page.ids)) == len(page.ids)
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, given in page.tags for name in given)
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "http" not in text.replace("http-equiv", "")
    assert {"lang": "zh-CN" if lang == "zh" else "en"} == page.tags[0][1]
    assert any(given.get("http-equiv") == "Content-Security-Policy" and "default-src 'none'" in given["content"] for _, given in page.tags)


def test_tables_of_the_page_say_what_their_heads_are_for():
    page = page_of(audit_html(rich(), lang="zh"))
    assert all(given.get("scope") in ("row", "col", "rowgroup") for tag, given in page.tags if tag == "th")
    assert all("aria-label" in given and given["tabindex"] == "0" for tag, given in page.tags if given.get("role") == "region")


def test_every_cell_of_the_matrix_leads_to_its_result():
    audit = rich()
    text = audit_html(audit, lang="zh")
    page = page_of(text)
    for one in audit.results:
        anchor = "q" + sha256(one.key.encode()).hexdigest()[:12]
        assert anchor in page.ids
        assert f"#{anchor}" in page.links
    matrix = text[text.index('id="matrix"') : text.index("</table>", text.index('id="matrix"'))]
    assert all(f">{mark}<" in matrix for mark in MARKS.values())


# -- for programs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [rich, hostile], ids=["rich", "hostile"])
def test_json_holds_everything_but_the_text_of_certificates(make):
    audit = make()
    data = json.loads(audit_json(audit))
    assert data == audit_data(audit)
    assert data["format"] == "minsheng.audit/1"
    assert data["exit"] == {"code": 3, "strict": 3}
    assert [one["key"] for one in data["results"]] == [one.key for one in audit.results]
    assert [one["verdict"] for one in data["results"]] == [one.verdict.value for one in audit.results]
    assert data["results"][0]["certificate"] == {
        "kind": "pieces",
        "fingerprint": "ab" * 32,
        "sha256": sha256(b"0..1000: 0.1*x").hexdigest(),
    }
    assert data["counts"]["due"] == audit.due
    assert data["counts"]["refuted"] == sum(one["verdict"] == "refuted" for one in data["results"])
    assert data["results"][4]["case"]["rows"][0] == {"insured": "949", "target": "1000", "late_days": "0"}
    assert data["results"][4]["case"]["lines"][0]["values"] == ["949人", "950人"]
    assert data["results"][6]["place"] is None
    assert data["results"][9]["exemption"]["clause"] == "scheme/3.3"
    assert not re.search(r"(?<![\w\"])\d+\.\d+(?=[,\s])", re.sub(r'"(?:[^"\\]|\\.)*"', '""', audit_json(audit))), "no float"


def test_json_of_versions_is_exact():
    one = audit_data(rich())["differences"][0]
    assert one["affected"][0] == {"body": "白马桥街道", "before": "91.5", "after": "94.5"}
    assert one["affected"][2]["before"] is None
    assert one["changes"][1]["new_place"] is None
    assert one["changes"][0]["old_place"] == {
        "file": "rules/2022/assessment.toml",
        "line": 120,
        "column": 9,
    }
    assert audit_data(hostile())["differences"][0]["affected"][0]["before"] == "2/3"


ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors"}, "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "properties": set(), "property": {"name", "value"}, "testcase": {"name", "classname"}, "skipped": {"message"},
    "failure": {"message", "type"}, "error": {"message", "type"}, "system-out": set(),
}  # fmt: skip
CHILDREN = {
    "testsuites": ["testsuite"], "testsuite": ["properties", "testcase"], "properties": ["property"],
    "testcase": ["skipped", "error", "failure", "system-out"],
}  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("make", [rich, hostile, lambda: EMPTY], ids=["rich", "hostile", "empty"])
def test_junit_is_what_build_servers_read(make, lang):
    audit = make()
    root = Xml.fromstring(audit_junit(audit, lang=lang).encode())
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        order = [CHILDREN[element.tag].index(child.tag) for child in element] if len(element) else []
        assert order == sorted(order)
    cases = root.findall(".//testcase")
    assert len(cases) == len(audit.results) + (audit.due > len(audit.results)) == int(root.get("tests"))
    assert len({(one.get("classname"), one.get("name")) for one in cases}) == len(cases)
    n = counts(audit)
    assert int(root.get("failures")) == n["fails"] == len(root.findall(".//failure"))
    assert int(root.get("errors")) == n["conflict"] == len(root.findall(".//error"))


def test_junit_never_lets_silence_read_as_proof():
    root = Xml.fromstring(audit_junit(rich(), lang="zh").encode())
    case = next(one for one in root.iter("testcase") if one.get("classname").endswith(".falls"))
    assert [one.tag for one in case] == ["system-out"]
    assert "不是证明" in case[0].text
    case = next(one for one in root.iter("testcase") if one.get("classname").endswith(".neutral"))
    assert "人口不足一千" in case.find("skipped").get("message")
    assert [one.get("name") for one in root.iter("testcase") if one.get("classname") == "minsheng.audit"] == ["没有问"]


@pytest.mark.parametrize("make", [rich, hostile], ids=["rich", "hostile"])
def test_sarif_marks_the_lines_at_fault(make):
    audit = make()
    log = json.loads(audit_sarif(audit, lang="zh"))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert {"id", "shortDescription", "defaultConfiguration"} == set(rules[0])
    assert rules[0]["id"] == "audit.bounds"
    assert len({one["id"] for one in rules}) == len(rules)
    expected = [one for one in audit.results if one.fails or one.verdict is Verdict.CONFLICT or (one.risk and not one.exemption)]
    assert sorted(one["properties"]["key"] for one in run["results"]) == sorted(clean(one.key) for one in expected)
    for one in run["results"]:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
        assert one["level"] in ("error", "warning", "note")
        assert len(one["partialFingerprints"]["minshengKey/v1"]) == 64
        (location,) = one["locations"]
        if "physicalLocation" in location:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert re.fullmatch(r"[A-Za-z0-9._~%/-]+", uri)
            assert not uri.startswith("/")
            assert all(number >= 1 for number in location["physicalLocation"].get("region", {}).values())
    level = {one["properties"]["key"]: one["level"] for one in run["results"]}
    assert level["township::split::insured"] == "error"
    assert level["township::dead::completion.2"] == "warning"
    assert level["township::plateau::insured"] == "note"


@pytest.mark.parametrize(
    ("file", "uri"),
    [("/home/a/rules/x.toml", "rules/x.toml"), ("/else/规则.toml", "file:///else/%E8%A7%84%E5%88%99.toml"), ("rules\\x.toml", "rules/x.toml"), ("C:\\r\\x.toml", "file:///C:/r/x.toml")],
)  # fmt: skip
def test_sarif_files_are_relative_to_the_checkout_where_they_are_in_it(file, uri):
    one = evolve(result("township::bounds::total", Verdict.REFUTED, ("", "")), place=Place(file, 3))
    told = json.loads(audit_sarif(evolve(rich(), results=(one,)), root="/home/a/"))["runs"][0]["results"][0]["locations"][0][
        "physicalLocation"
    ]
    assert told["artifactLocation"]["uri"] == uri
    assert told["region"] == {"startLine": 3}


# -- Markdown ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("make", [rich, hostile], ids=["rich", "hostile"])
def test_markdown_tables_keep_their_columns_and_no_string_is_markup(make, lang):
    text = audit_markdown(make(), lang=lang)
    bars = None
    for line in text.splitlines():
        if line.startswith("|"):
            here = len(re.findall(r"(?<!\\)\|", line))
            assert bars in (None, here), line
            bars = here
        else:
            bars = None
            outside = re.sub(r"(`+) ?.*?\1", "", line) if "`" in line else line
            assert "<script" not in outside
            assert not re.search(r"(?<!\\)\*\*d", outside)
    assert text.startswith("# ")
    assert "signature" not in text.lower()


def test_the_hostile_string_is_still_readable_in_every_format():
    shown = clean(HOSTILE)
    assert shown in visible(audit_html(hostile(), lang="zh"))
    assert shown in audit_text(hostile(), lang="zh", width=200)
    assert shown in "\n".join(Xml.fromstring(audit_junit(hostile(), lang="zh").encode()).itertext())
    assert plain(HOSTILE) in audit_markdown(hostile(), lang="zh")
    assert HOSTILE in {one["words"]["zh"] for one in json.loads(audit_json(hostile()))["results"]}
