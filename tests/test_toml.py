"""TOML with places: the real files against another parser, then what is refused, each at its place."""

import sys
import time
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import tomli
import tree_sitter_toml
from hypothesis import given, reject
from hypothesis import strategies as st
from tree_sitter import Language, Parser

from minsheng_core import MinshengError, RuleError
from minsheng_core.scheme.toml import parse_toml, read_toml
from minsheng_core.scheme.write import write_toml

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


def peer_index(text):
    """{path: (line, column)} of every value and of every key, as tree-sitter sees them."""
    raw = text.encode()
    values, explicit, implied, counts = {}, {}, {}, {}

    def at(node):
        row, column = node.start_point
        return row + 1, len(raw.split(b"\n")[row][:column].decode()) + 1

    def parts(node):
        if node.type == "dotted_key":
            return [part for child in node.children for part in parts(child)]
        if node.type == "bare_key":
            return [(node.text.decode(), at(node))]
        return [(next(iter(tomli.loads(f"{node.text.decode()} = 0"))), at(node))] if node.type == "quoted_key" else []

    def value(node, path):
        values[path] = at(node)
        if node.type == "array":
            for index, item in enumerate(child for child in node.children if child.type in SCALARS):
                value(item, (*path, index))
                explicit[(*path, index)] = at(item)
        for pair in node.children if node.type == "inline_table" else ():
            entry(pair, path)

    def entry(node, prefix):
        if node.type != "pair":
            return
        key, _, item = (child for child in node.children if child.type != "comment")
        path = prefix
        for name, place in parts(key):
            path += (name,)
            explicit.setdefault(path, place)
        value(item, path)

    for node in PARSER.parse(raw).root_node.children:
        prefix = ()
        if node.type in ("table", "table_array_element"):
            names = [part for child in node.children for part in parts(child)]
            for index, (name, place) in enumerate(names):
                prefix += (name,)
                last = index == len(names) - 1
                (explicit if last else implied).setdefault(prefix, place)
                if node.type == "table_array_element" and last:
                    counts[prefix] = counts.get(prefix, -1) + 1
                if prefix in counts:
                    prefix += (counts[prefix],)
                    explicit.setdefault(prefix, place)
            for child in node.children:
                entry(child, prefix)
        entry(node, prefix)
    return values, implied | explicit


def check_against_peer(text, located):
    values, keys = peer_index(text)
    assert {path: spot(located.place(path)) for path in values} == values
    assert {path: spot(located.key_place(path)) for path in keys} == keys
    assert set(paths(located.data)) == set(values) | set(keys)


def spot(place):
    return place.line, place.column


def paths(data, prefix=()):
    """The path of everything in *data*."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield (*prefix, key)
        yield from paths(value, (*prefix, key))


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_the_places_of_the_shipped_rules_are_another_parsers(path):
    located = read_toml(path)
    check_against_peer(located.text, located)


def test_a_share_of_the_paper_and_each_character_of_its_words_have_their_place():
    located = read_toml(next(path for path in RULES if path.stem == "insurance"), "insurance.toml")
    lines = located.text.split("\n")
    number = next(number for number, line in enumerate(lines) if "浏山乡" in line)
    row = next(row for row, share in enumerate(located.data["indicator"][1]["share"]) if share["printed"] == "浏山乡11037人")
    path = ("indicator", 1, "share", row)
    assert str(located.place(path)) == f"insurance.toml:{number + 1}:5"
    assert located.place((*path, "no such key", 3)) == located.place(path)
    assert lines[number][located.text_place((*path, "printed"), 3).column - 1 :].startswith("11037人")
    assert located.text_place(("indicator", 1, "row"), 0) == located.place(("indicator", 1, "row"))


def test_inline_tables_over_several_lines_and_late_headers_have_their_place():
    located = parse_toml('[a.b]\nc = 1\n[a]\nd = {\n  e = 1, # }\n  "目 标".f = 2,\n}\n', "f")
    wanted = {("a",): "f:3:1", ("a", "b"): "f:1:1", ("a", "d", "e"): "f:5:7", ("a", "d", "目 标", "f"): "f:6:13"}
    assert {path: str(located.place(path)) for path in wanted} == wanted
    assert str(located.key_place(("a", "d", "目 标", "f"))) == "f:6:9"


def test_a_byte_order_mark_and_windows_line_ends_move_no_place(tmp_path):
    path = tmp_path / "windows.toml"
    path.write_bytes("\ufeffa = 1\r\nb = '''\r\n中\r\n文'''\r\n".encode())
    located = read_toml(path, "w")
    assert [str(located.place(("a",))), str(located.place(("b",))), str(located.text_place(("b",), 2))] == ["w:1:5", "w:2:5", "w:4:1"]


keys = st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True) | st.sampled_from(['"名称"', "'a b'", '"x.y"', '"\\u4e2d"', '""'])
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
dotted = st.sampled_from(["dot.ted", 'dot . "中"', "dot.'a.b'.c"])
pairs = st.lists(st.tuples(keys | dotted, values), max_size=4, unique_by=lambda pair: pair[0].strip("\"'"))
HEADERS = ["[t{}]", "[[many]]", '[q{}."表"]', "[q0]", "[ many . x{} ]", "[[q.'列']]", "[q.列.子{}]", "[[many.sub]]"]
documents = st.lists(st.tuples(st.sampled_from(HEADERS), pairs), max_size=4).map(
    lambda tables: (
        "\n".join(f"{head.format(i)} # h\n" + "\n".join(f"{k} = {v}" for k, v in body) for i, (head, body) in enumerate(tables)) + "\n"
    )
)


@given(documents)
def test_places_in_any_document_are_another_parsers(text):
    try:
        data = tomli.loads(text, parse_float=Decimal)
    except tomli.TOMLDecodeError:
        reject()  # tables and keys that don't fit together
    located = parse_toml(text)
    assert located.data == data
    check_against_peer(text, located)


# What stands in a string, and the character that it is ("" for none).
COMMON = [(one, one) for one in ("a", "中", "#", "]", "\U0001f600")]
ESCAPED = [("\\\\", "\\"), ('\\"', '"'), ("\\n", "\n"), ("\\u4e2d", "中"), ("\\U0001F600", "\U0001f600"), ("\\x41", "A"), ("\\e", "\x1b")]
ENDS = [("\n", "\n"), ("\\\n  ", ""), ("\\  \n\n\t", "")]
RAW = [("\\", "\\"), ('"', '"')]
KINDS = {'"': COMMON + ESCAPED, "'": COMMON + RAW, '"""': COMMON + ESCAPED + ENDS, "'''": [*COMMON, *RAW, ("\n", "\n")]}


@given(st.sampled_from(sorted(KINDS)), st.booleans(), st.data())
def test_each_character_of_a_string_is_found_where_it_stands(quote, trimmed, data):
    drawn = data.draw(st.lists(st.sampled_from(KINDS[quote]), max_size=12))
    pieces = []
    for piece in drawn:
        if piece[0] != "\n" or not pieces or pieces[-1][1]:  # a backslash at a line's end eats the line ends after it
            pieces.append(piece)
    blank = "\n" if len(quote) == 3 and (trimmed or pieces[:1] == [("\n", "\n")]) else ""  # no part of the string
    document = f"[a]\nk = {quote}{blank}{''.join(source for source, _ in pieces)}{quote}\n"
    located = parse_toml(document)
    assert located.data["a"]["k"] == "".join(character for _, character in pieces)
    at, number = document.index(quote) + len(quote + blank), 0
    for source, character in pieces:
        if character:
            place = located.text_place(("a", "k"), number)
            assert spot(place) == (document.count("\n", 0, at) + 1, at - document.rfind("\n", 0, at))
            number += 1
        at += len(source)


def refused(text):
    with pytest.raises(RuleError) as caught:
        parse_toml(text, "f.toml")
    (finding,) = caught.value.findings
    return finding


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a = 1\na = 2\n", "f.toml:2:1", "Cannot overwrite a value; first defined at f.toml:1:1"),
        ("a = 1\n'a' = [\n1,\n2]\n", "f.toml:2:1", "first defined at f.toml:1:1"),
        ("[x]\n[y]\n[x]\n", "f.toml:3:2", "Cannot declare ('x',) twice; first defined at f.toml:1:2"),
        ("x = [\n {b = 1, c = 2, b = {d = 1}}]\n", "f.toml:2:17", "Duplicate inline table key 'b'; first defined at f.toml:2:3"),
        ("a = nan\n", "f.toml:1:5", "nan is no number"),
        ("# nan\na = [1,\n -inf]\n", "f.toml:3:2", "-inf is no number"),
        ("a = 1e400\n", "f.toml:1:5", "plain decimal"),
        ("a = 1.0e+9223372036854775808", "f.toml:1:5", "plain decimal"),
        ("[t]\na = 0x" + "f" * 99, "f.toml:2:5", "whole number of more than 40 digits"),
        ("a = 1\nb = " + "7" * 5000, "f.toml:2:5", "5,000 digits"),
        ("a = 2023-02-30\n", "f.toml:1:5", "Invalid date"),
        ("a = \n", "f.toml:1:5", "Invalid value"),
        ("a = '中\0'\n", "f.toml:1:7", "character '\\x00'"),
        ("x = [\n" + "[" * 80 + "]" * 80 + "]", "f.toml:2:64", "deeper than 64"),
        ("a." * 80 + "b = 1", "f.toml:1:129", "deeper than 64"),
    ],
)
def test_what_is_no_rule_file_is_refused_at_its_place(text, place, message):
    finding = refused(text)
    assert str(finding.place) == place
    assert message in finding.message


def test_all_numbers_that_no_rule_may_have_are_told_at_once():
    with pytest.raises(RuleError) as caught:
        parse_toml("a = nan\n[[b]]\nc = inf\n[[b]]\nc = [1.5, 1e3]\n", "f")
    assert [str(finding.place) for finding in caught.value.findings] == ["f:1:5", "f:3:5", "f:5:11"]


NONSENSE = {
    "one line of brackets": "[" * 4_000_000,
    "one endless key": "a." * 2_000_000,
    "a bracket a line": "x = " + "[\n" * 900_000,
    "strings never closed": ('"""\\' * 4_000 + "\n") * 100,
    "nothing but nan": "a = [" + "nan,\n" * 300_000 + "]",
}


@pytest.mark.parametrize("text", NONSENSE.values(), ids=NONSENSE)
def test_megabytes_of_nonsense_are_refused_quickly(text):
    start = time.process_time()
    with pytest.raises(RuleError) as caught:
        parse_toml(text)
    assert len(caught.value.findings) <= 100
    assert time.process_time() - start < 10  # it takes under two seconds; a quadratic pass would take minutes


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


def test_fractions_that_have_decimals_are_written_exactly_and_others_refused():
    text = write_toml({"half": Fraction(1, 2), "whole": Fraction(4), "rates": [Decimal("1.50")], "t": {"issued": date(2023, 8, 2)}})
    assert parse_toml(text).data == {
        "half": Decimal("0.5"), "whole": 4, "rates": [Decimal("1.50")], "t": {"issued": date(2023, 8, 2)}
    }  # fmt: skip
    with pytest.raises(MinshengError, match="1/3 has no exact decimals"):
        write_toml({"third": Fraction(1, 3)})


def test_without_the_extra_writing_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tomli_w", None)
    with pytest.raises(MinshengError, match=r"install minsheng-core\[toml\]"):
        write_toml({})
