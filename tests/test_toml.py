"""TOML with places: the real files against another parser, then what is refused, each at its place."""

import time
from decimal import Decimal
from pathlib import Path

import pytest
import tomli
import tree_sitter_toml
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Language, Parser

from minsheng_core import RuleError
from minsheng_core.scheme.toml import parse_toml, read_toml

RULES = sorted((Path(__file__).parents[1] / "rules/2023").glob("*.toml"))
PARSER = Parser(Language(tree_sitter_toml.language()))
SCALARS = {
    "string",
    "integer",
    "float",
    "boolean",
    "local_date",
    "local_date_time",
    "offset_date_time",
    "local_time",
    "array",
    "inline_table",
}


def peer_places(text):
    """(line, column) of every value that tree-sitter sees."""
    raw, places, nodes = text.encode(), set(), [PARSER.parse(text.encode()).root_node]
    while nodes:
        node = nodes.pop()
        nodes += node.children
        if node.type in SCALARS:
            row, column = node.start_point
            places.add((row + 1, len(raw.split(b"\n")[row][:column].decode()) + 1))
    return places


def our_places(located):
    """(line, column) of every value we know that is neither a [header] nor a table made by a dotted key."""
    lines, places = located.text.split("\n"), set()
    for path, offset in located._index.values.items():
        place = located.place(path)
        header = place.column == 1 and lines[place.line - 1].startswith("[")
        dotted = isinstance(path[-1], str) and located._index.keys[path] == offset
        if not header and not dotted:
            places.add((place.line, place.column))
    return places


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_the_places_of_the_shipped_rules_are_another_parsers(path):
    located = read_toml(path)
    assert our_places(located) == peer_places(located.text)


keys = st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True) | st.sampled_from(['"名称"', "'a b'", '"x.y"'])
texts = st.text(alphabet="ab 中\"\\'#[]{}=,.\t", max_size=12)


def basic(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


scalars = st.one_of(
    texts.map(basic),
    texts.filter(lambda text: "'" not in text).map(lambda text: f"'{text}'"),
    texts.map(lambda text: '"""\n' + text.replace("\\", "\\\\").replace('"', '\\"') + '\n"""'),
    st.integers(-99, 99).map(str),
    st.sampled_from(["1.50", "true", "2023-08-02", "1979-05-27T07:32:00"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda many: "[" + ", ".join(many) + "]"),
        st.lists(inner, max_size=3).map(lambda many: "[\n  " + ", # c ]\n  ".join(many) + "\n]"),
        st.lists(st.tuples(keys, inner), max_size=2, unique_by=lambda pair: pair[0]).map(
            lambda many: "{ " + ", ".join(f"{k} = {v}" for k, v in many) + " }"
        ),
    ),
    max_leaves=6,
)
pairs = st.lists(st.tuples(keys, values), max_size=4, unique_by=lambda pair: pair[0].strip("\"'"))
documents = st.lists(st.tuples(st.sampled_from(["[t{}]", "[[many]]", '[q{}."表"]']), pairs), max_size=4).map(
    lambda tables: (
        "\n".join(f"{head.format(i)} # h\n" + "\n".join(f"{k} = {v}" for k, v in body) for i, (head, body) in enumerate(tables)) + "\n"
    )
)


@given(documents)
def test_places_in_any_document_are_another_parsers(text):
    located = parse_toml(text)
    assert located.data == tomli.loads(text, parse_float=Decimal)
    assert our_places(located) == peer_places(text)


@given(texts.filter(bool), st.data())
def test_a_character_of_a_string_is_found_where_it_stands(text, data):
    at = data.draw(st.integers(0, len(text) - 1))
    for quoted in (basic(text), '"""\n' + basic(text)[1:-1] + '"""'):
        document = f"[a]\nk = {quoted}\n"
        place = parse_toml(document).text_place(("a", "k"), at)
        shown = document.split("\n")[place.line - 1][place.column - 1 :]
        expected = {"\\": "\\\\", '"': '\\"', "\t": "\\t"}.get(text[at], text[at])
        assert shown.startswith(expected)


def refused(text):
    with pytest.raises(RuleError) as caught:
        parse_toml(text, "f.toml")
    (finding,) = caught.value.findings
    return finding


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a = 1\na = 2\n", "f.toml:2", "Cannot overwrite"), ("a = nan\n", "f.toml:1:5", "nan is no number"), ("a = -inf\n", "f.toml:1:5", "-inf is no number"),
        ("a = 2023-02-30\n", "f.toml:1", "Invalid date"), ("a = \n", "f.toml:1:5", "Invalid value"), ("a = 1e400\n", "f.toml:1:5", "plain decimal"),
    ],
)  # fmt: skip
def test_what_is_no_rule_file_is_refused_at_its_place(text, place, message):
    finding = refused(text)
    assert str(finding.place).startswith(place)
    assert message in finding.message


@pytest.mark.parametrize("text", ["x = " + "[" * 9_000, "a." * 5_000 + "b = 1", "x = [" + "[" * 400 + "]" * 400 + "]", "#" * 100_000])
def test_a_hostile_file_is_refused_quickly(text):
    start = time.process_time()
    refused(text)
    assert time.process_time() - start < 2


def test_a_file_in_gbk_is_named_with_line_and_column(tmp_path):
    path = tmp_path / "gbk.toml"
    path.write_bytes('[scheme]\ntitle = "民生"\n'.encode("gbk"))
    with pytest.raises(RuleError, match=r"gbk\.toml:2:10: error: not UTF-8, it looks like GBK/GB18030; save the file as UTF-8"):
        read_toml(path)


def test_fifty_megabytes_are_not_even_read(tmp_path):
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(RuleError, match="50,000,000 bytes"):
        read_toml(path)
