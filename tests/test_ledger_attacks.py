"""The ledger under attack: two signatures by one person, days that are made up, a file edited behind its back, hostile texts."""

import json
import os
import shutil
import sqlite3
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from attrs import evolve

import databases
from minsheng_core import Period, Quantity, unit
from minsheng_core.cli import main
from minsheng_core.errors import LedgerError
from minsheng_core.finding import Place
from minsheng_core.ledger import chain, store
from minsheng_core.ledger.book import fold
from minsheng_core.ledger.calendar import due
from minsheng_core.ledger.entry import Signer
from minsheng_core.ledger.intake import take_in
from minsheng_core.ledger.round import close, confirm, give_back, publish, record, sign, summarise
from minsheng_core.ledger.standing import filed_at
from minsheng_core.ledger.store import open_ledger
from minsheng_core.period import Span
from minsheng_core.scoring.measure import Event, Filed
from rounds import AT, FILER, OCTOBER, REVIEWER, VERIFIER, WEISHAN, filed, prepared, take, unit_of

OCT = Span.read("2023-10")
INSPECTOR = Signer("督查员", "inspection")


@pytest.fixture
def ledger(tmp_path):
    with open_ledger(tmp_path / "ledger.db", prepared().scheme.id) as opened:
        yield opened


def refused(words):
    return pytest.raises(LedgerError, match=words)


def day_of(ledger):
    """The day on which October's figure counts as filed, for the score and for the calendar."""
    book = fold(ledger.entries())
    (row,) = filed_at(book, prepared().scheme, "filed", OCTOBER).reports
    (one,) = (
        one for one in due(prepared().scheme, book, OCT, date(2023, 12, 1)) if (one.body, one.indicator) == (WEISHAN, "resident_pension")
    )
    assert one.filed == row.filed
    return row.filed


def count(number=1):
    return Quantity(number, unit("件"))


# -- one person, two signatures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["填 报 人", "填\N{IDEOGRAPHIC SPACE}报人", " 填报人 ", "填报人.", "(填报人)"])
def test_a_name_written_otherwise_is_still_the_same_person(ledger, name):
    take(ledger, 10496)
    with refused("须由另一人签"):
        sign(ledger, prepared(), "reviewed", unit_of(), Signer(name, "hrss"), AT)


@pytest.mark.parametrize(
    "name", ["填报\N{ZERO WIDTH SPACE}人", "填报人\N{ZERO WIDTH JOINER}", "填报\x00人", "\udcff填报人", "。", "\N{IDEOGRAPHIC SPACE}"]
)
def test_nor_does_a_sign_that_nobody_sees_make_another_one(ledger, name):
    take(ledger, 10496)
    with refused("看不见的字符|没有写明经手人"):
        sign(ledger, prepared(), "reviewed", unit_of(), Signer(name, "hrss"), AT)


def test_namesakes_are_told_apart_by_a_staff_number(ledger):
    take(ledger, 10496)
    sign(ledger, prepared(), "reviewed", unit_of(), Signer("填报人02", "hrss"), AT)


def test_a_line_break_in_a_name_stays_one_line_in_the_log(ledger):
    taken = take(ledger, 10496, by=Signer("填报\n人", WEISHAN))
    assert {one.draft.by.name for one in taken.entries} == {"填报 人"}


def test_a_recorder_does_not_confirm_under_another_spelling(ledger):
    entry = record(ledger, prepared(), "typical_city", WEISHAN, count(), FILER, AT, document="文", day=date(2023, 10, 18))
    with refused("须由另一人认定"):
        confirm(ledger, prepared(), entry.seq, Signer("填 报人", "hrss"), AT)


# -- days ------------------------------------------------------------------------------------------------------------------


def test_a_day_is_a_day_in_beijing(ledger):
    """07:00 on the 6th in Beijing is the 5th in UTC: late all the same."""
    rows = filed(10496)
    rows = evolve(rows, reports=tuple(evolve(one, filed=None) for one in rows.reports))
    take_in(ledger, prepared(), rows, "a.csv", b"a", FILER, datetime(2023, 11, 5, 23, 0, tzinfo=UTC))
    assert day_of(ledger) == date(2023, 11, 6)
    summarise(ledger, prepared(), WEISHAN, Span.read("2023-Q4"), "总结", FILER, datetime(2024, 1, 10, 16, 0, tzinfo=UTC))
    found = due(prepared().scheme, fold(ledger.entries()), Span.read("2023-Q4"), date(2024, 2, 1))
    assert [(one.filed, one.late) for one in found if (one.body, one.indicator) == (WEISHAN, "")] == [(date(2024, 1, 11), 1)]


def test_a_correction_that_was_returned_once_is_not_late_either(ledger):
    take(ledger, 10496, day=3)
    sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, AT)
    sign(ledger, prepared(), "verified", unit_of(), VERIFIER, AT)
    take(ledger, 10600, day=20, correct="漏报")
    give_back(ledger, prepared(), unit_of(), REVIEWER, AT, "缺佐证")
    assert day_of(ledger) == date(2023, 11, 3)  # the verified figure stands, and came in time
    take(ledger, 10601, day=22)
    assert day_of(ledger) == date(2023, 11, 3)


def test_what_was_returned_counts_from_when_it_came_again_whatever_is_corrected_later(ledger):
    take(ledger, 10496, day=3)
    give_back(ledger, prepared(), unit_of(), REVIEWER, AT, "缺佐证")
    take(ledger, 10500, day=9)
    take(ledger, 10501, day=4, correct="笔误")  # an earlier day on the correction gains nothing
    assert day_of(ledger) == date(2023, 11, 9)


def test_the_same_figures_with_another_filing_day_are_said_to_differ_in_just_that(ledger):
    take(ledger, 10496, day=9)
    (why,) = take(ledger, 10496, day=3).refused.values()
    assert "填报日期原为2023-11-09，现为2023-11-03" in why


@pytest.mark.parametrize("year", [1, 9999])
def test_a_time_at_the_end_of_the_calendar_is_refused(ledger, year):
    at = (
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8)))
        if year == 1
        else datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-8)))
    )
    with refused("超出了历法"):
        record(ledger, prepared(), "typical_city", WEISHAN, count(), FILER, at, document="文", day=date(2023, 10, 18))


def test_a_document_of_tomorrow_neither_counts_nor_closes(ledger):
    with refused("文件日期2023-11-07晚于办理日期2023-11-06"):
        record(ledger, prepared(), "typical_city", WEISHAN, count(), FILER, AT, document="文", day=date(2023, 11, 7))
    told = {"document": "宁督函〔2023〕31号", "day": date(2023, 10, 9), "deadline": date(2023, 10, 25)}
    entry = record(ledger, prepared(), "supervision_open", WEISHAN, count(), INSPECTOR, AT, **told)
    with refused("销号日期2023-12-30晚于办理日期"):
        close(ledger, prepared(), entry.seq, INSPECTOR, AT, document="文", day=date(2023, 12, 30))


# -- what a file tells twice ------------------------------------------------------------------------------------------------


def events(ledger, *counts, content=b"e"):
    told = tuple(
        Event(
            kind="typical_city",
            body=WEISHAN,
            period=OCTOBER,
            count=count(one),
            place=Place("e.csv", line),
            document="文",
            day=date(2023, 10, 18),
        )
        for line, one in enumerate(counts, 2)
    )
    return take_in(ledger, prepared(), Filed(events=told), "e.csv", content, FILER, AT)


def test_two_rows_of_the_same_document_in_one_file_are_not_both_recorded(ledger):
    taken = events(ledger, 1, 1)
    assert [one.draft.kind for one in taken.entries] == ["intake", "record"]
    ((event, why),) = taken.not_recorded.items()
    assert event.place.line == 3
    assert "请合并为一行" in why
    assert chain.verify(ledger, prepared().scheme) == ()


def test_another_count_of_the_same_thing_is_said_and_not_swallowed(ledger):
    events(ledger, 1)
    assert events(ledger, 1).entries == ()  # the same again
    (why,) = events(ledger, 2, content=b"f").not_recorded.values()
    assert "记的是1件，这次是2件" in why


# -- the file edited behind the ledger's back -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A ledger with an entry of every kind, its guards taken off, as who means to edit it would; and a head signed before."""
    place = tmp_path_factory.mktemp("ledger") / "base.db"
    with open_ledger(place, prepared().scheme.id) as made:
        take(made, 10496)
        sign(made, prepared(), "reviewed", unit_of(), REVIEWER, AT)
        sign(made, prepared(), "verified", unit_of(), VERIFIER, AT)
        told = {"document": "宁督函〔2023〕31号", "day": date(2023, 10, 9), "deadline": date(2023, 10, 25), "files": {"a.pdf": b"abc"}}
        found = record(made, prepared(), "supervision_open", WEISHAN, count(), INSPECTOR, AT, **told)
        close(made, prepared(), found.seq, INSPECTOR, AT, document="文", day=date(2023, 10, 20))
        summarise(made, prepared(), WEISHAN, Span.read("2023-Q4"), "总结", FILER, AT, {"b.doc": b"b"})
        publish(made, prepared(), OCT, "verified", {"result": "a" * 64}, {"x": b"x"}, VERIFIER, AT, number=1)
        take(made, 10500, correct="更正")
        private, public = chain.new_key()
        head = chain.signed_head(made.entries(), prepared().scheme.id, private)
    return place, head, public


def edited(whole, tmp_path, statement):
    place = shutil.copy(whole[0], tmp_path / "ledger.db")
    with sqlite3.connect(place) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for _, sql in triggers:  # and put back again, so that nothing is noticed
            with suppress(sqlite3.OperationalError):  # the table itself is gone
                connection.execute(sql)
    connection.close()
    return place


VALUES = ("'x'", "5", "x'00ff'", "'null'", "'[]'", "'{}'", """'{"of": 99}'""")


@pytest.mark.parametrize("column", ["at", "kind", "name", "body", "unit", "data", "previous", "hash"])
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("seq", [1, 2, 5, 6, 7, 8])
def test_every_column_of_every_kind_of_entry_is_held_and_nothing_rests_on_a_changed_one(whole, tmp_path, capsys, column, value, seq):
    place = edited(whole, tmp_path, f"UPDATE entry SET {column} = {value} WHERE seq = {seq}")
    with open_ledger(place, prepared().scheme.id, create=False) as opened:
        assert {one.place.line for one in chain.verify(opened, prepared().scheme)} >= {seq}
        with refused("被改过"):
            opened.entries()
    assert main(["ledger", "log", "--ledger", str(place)]) == 0  # the log is read on
    assert "记入之后被改过" in capsys.readouterr().out
    assert main(["due", "--period", "2023-10", "--ledger", str(place)]) == 2
    assert "minsheng ledger verify" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM entry WHERE seq >= 7", "没有一条提到：提到它的那条被删掉了"),
        ("DELETE FROM entry", "没有一条提到"),
        ("UPDATE entry SET seq = 0 WHERE seq = 1", "第0条不是台账记入的：编号从1起"),
        ("UPDATE entry SET seq = 100 WHERE seq = 10", "第10条至第99条不见了"),
        ("DELETE FROM entry WHERE seq = 4", "第4条不见了"),
        ("UPDATE entry SET seq = CASE seq WHEN 3 THEN -3 ELSE seq END", "第3条不见了"),
        ("UPDATE attachment SET content = 'text'", "内容被改过"),
        ("UPDATE attachment SET size = 1", "内容被改过"),
        ("UPDATE attachment SET sha256 = 'q' || sha256", "不见了"),
    ],
)
def test_entries_taken_out_or_moved_and_attachments_swapped_are_found(whole, tmp_path, statement, words):
    with open_ledger(edited(whole, tmp_path, statement), prepared().scheme.id) as opened:
        assert any(words in one.message for one in chain.verify(opened, prepared().scheme))


def test_the_end_cut_off_is_told_by_the_head(whole, tmp_path):
    place = edited(whole, tmp_path, "DELETE FROM entry WHERE seq = 10")
    with open_ledger(place, prepared().scheme.id) as opened, refused("签名时台账有10条，现在没有这么多了"):
        chain.check_head(opened, whole[1], whole[2])


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM meta", "版本号被改坏了"),
        ("UPDATE meta SET value = 'x' WHERE key = 'version'", "版本号被改坏了"),
        ("DELETE FROM meta WHERE key = 'scheme'", "没有写明是哪个方案"),
        ("DROP TABLE meta", "不是台账"),
        ("DROP TABLE entry", "出错"),
    ],
)
def test_a_ledger_whose_frame_is_broken_is_refused(whole, tmp_path, statement, words):
    with refused(words), open_ledger(edited(whole, tmp_path, statement), prepared().scheme.id) as opened:
        opened.entries()


@pytest.mark.parametrize("kind", databases.BOTH)
def test_guards_that_were_taken_off_are_noticed(kind, tmp_path):
    with open_ledger(databases.place(kind, tmp_path), prepared().scheme.id) as opened:
        take(opened, 10496)
        assert chain.verify(opened, prepared().scheme) == ()
        with opened.engine.connect() as connection:
            connection.exec_driver_sql("DROP TRIGGER entry_update" if kind == "sqlite" else "ALTER TABLE entry DISABLE TRIGGER entry_kept")
        assert [one.code for one in chain.verify(opened, prepared().scheme)] == ["ledger.guards"]


# -- addresses and texts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("", "没有写明台账"),
        ("  ", "没有写明台账"),
        (":memory:", "没有写明台账"),  # acknowledged, and gone with the process
        ("mysql://me@here/x", "不能放在 mysql 里"),
        ("sqlite:///x.db", "不能放在 sqlite 里"),
        ("postgresql://me@here:port/x", "地址写得不对"),
        ("://", "地址写得不对"),
    ],
)
def test_a_place_that_keeps_nothing_is_refused(place, words):
    with refused(words):
        open_ledger(place, "x")


def test_a_file_may_be_called_like_a_server(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_ledger("postgres.db", prepared().scheme.id) as opened:
        take(opened, 10496)
    assert Path("postgres.db").is_file()


@pytest.mark.parametrize("kind", databases.BOTH)
def test_hostile_texts_are_kept_as_they_are_or_refused_whole(kind, tmp_path):
    told = {"document": "文'\"\\\n\t%s{}\x00<script>", "day": date(2023, 10, 18)}
    with open_ledger(databases.place(kind, tmp_path), prepared().scheme.id) as opened:
        entry = record(opened, prepared(), "typical_city", WEISHAN, count(), FILER, AT, note="'; DROP TABLE entry;--\u2028😀", **told)
        with refused("不是文字"):
            record(opened, prepared(), "typical_county", WEISHAN, count(), FILER, AT, note="\udcff", **told)
        assert opened.entries() == (entry,)
        assert chain.verify(opened, prepared().scheme) == ()


def test_another_writer_that_never_ends_is_not_waited_for_without_end(tmp_path, monkeypatch):
    place = databases.place("postgresql", tmp_path)
    monkeypatch.setattr(store, "WAIT", 0.2)
    with open_ledger(place, prepared().scheme.id) as opened, open_ledger(place, prepared().scheme.id) as other:
        with other._writing(), refused("正被别人写入"):
            take(opened, 10496)
        assert take(opened, 10496).entries


# -- commands --------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MINSHENG_LEDGER", raising=False)

    def call(*words):
        code = main(list(words))
        told = capsys.readouterr()
        return code, told.out + told.err

    return call


@pytest.fixture
def filings(run, tmp_path):
    """Two townships' figures for October, one of them taken in by 李四; and one of them alone for November."""
    other = prepared().scheme.indicator("resident_pension").shares[0].body
    with open_ledger(tmp_path / "ledger.db", prepared().scheme.id) as opened:
        take(opened, 10496)
        take(opened, 10497, body=other, by=Signer("李四", other))
        take(opened, 10498, period=Period(2023, 11))
    return run


def kinds(tmp_path):
    with open_ledger(tmp_path / "ledger.db", prepared().scheme.id) as opened:
        return [one.draft.kind for one in opened.entries() if one.draft.kind not in ("intake", "filed")]


WHO = ("--by", "李四@市人社局")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--period", "2023-11", "--return", ""), 2, "退回必须写明理由"),  # and not: signed, as an empty reason is none
        (("--period", "2023-11"), 0, "共1项。要签字的，用 --all，或用 --body 和 --period 指明"),  # who looks doesn't sign
        (("--all", "--set", "参保人数=1", "--because", "x"), 2, "共3项。用 --body"),  # one figure for every township
        (("--body", "沩山乡", "--set", "参保人数=1", "--return", "x"), 2, "不能同用"),
        (("--period", "2023-11", "--set", "参保人数=10499"), 2, "改动数据必须写明理由"),
    ],
)
def test_what_was_not_clearly_asked_for_is_not_signed(filings, tmp_path, words, code, told):
    found, said = filings("review", *WHO, *words)
    assert (found, told in said) == (code, True), said
    assert kinds(tmp_path) == []


def test_one_that_somebody_else_has_to_sign_does_not_keep_the_others_waiting(filings, tmp_path):
    code, said = filings("review", *WHO, "--all")
    assert code == 1
    assert "填报是李四签的，审核须由另一人签" in said
    assert "共3项，已审核2项，未审核1项" in said
    assert kinds(tmp_path) == ["reviewed", "reviewed"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("verify", "--by", "王五@市人社局", "--record", "1", "--all"), "请分两次办"),
        (("verify", "--by", "王五@市人社局", "--reject", "0"), "第0条不是记事"),
        (("ledger", "verify", "--public-key", "none.pub"), "--public-key 要与 --head 同用"),
        (("due", "--period", "2024"), "方案是2023年的，2024没有应报的"),
        (("ledger", "log", "--ledger", ""), "没有写明台账"),
    ],
)
def test_flags_that_cannot_be_meant_are_refused(filings, words, told):
    code, said = filings(*words)
    assert (code, told in said) == (2, True), said


def test_a_file_whose_name_is_in_gbk_is_taken_in_under_its_name(filings, tmp_path):
    from conftest import ROOT

    name = os.fsdecode("工伤保险参保人数.csv".encode("gbk"))
    shutil.copy(ROOT / "examples/2023-10/work_injury.invented.csv", tmp_path / name)
    code, said = filings("intake", name, *WHO)
    assert (code, "工伤保险参保人数.csv：记入填报1项" in said) == (0, True), said
    assert "工伤保险参保人数.csv（1项）" in filings("ledger", "log")[1]


def test_a_filing_day_within_the_deadline_of_a_file_that_came_after_it_is_pointed_out(filings, tmp_path):
    from conftest import ROOT

    source = ROOT / "examples/2023-10/work_injury.invented.csv"
    assert "注意" in filings("intake", str(source), *WHO, "--at", "2023-11-20T09:00+08:00")[1]


def test_a_head_without_a_key_to_hold_it_against_says_what_it_does_not_show(filings):
    filings("ledger", "key", "--out", "k")
    filings("ledger", "export", "--out", "x", "--key", "k")
    code, said = filings("ledger", "verify", "--head", "x.head.json")
    assert code == 0
    assert "只核对了签名文件自带的公钥" in said
    data = json.loads(Path("x.head.json").read_text(encoding="utf-8"))
    Path("y").write_text(json.dumps(data | {"seq": 3}), encoding="utf-8")
    code, said = filings("ledger", "verify", "--head", "y")
    assert (code, "签名不对" in said) == (1, True)


def test_a_publication_is_made_again_from_what_it_rested_on_though_others_wrote_meanwhile(ledger):
    take(ledger, 10496)
    rested = len(ledger.entries())
    take(ledger, 10600, correct="漏报")
    entry = publish(ledger, prepared(), OCT, "filed", {"result": "a" * 64}, {}, VERIFIER, AT + timedelta(days=1), number=1, rests_on=rested)
    assert entry.draft.data["rests_on"] == rested < entry.seq - 1
