"""Where the ledger is kept: the same on both databases, exact, guarded; and what goes wrong with a database, said in plain words."""

import json
import os
import resource
import sqlite3
import subprocess
import sys
import threading
from fractions import Fraction

import pytest

import databases
from minsheng_core import Quantity, unit
from minsheng_core.errors import LedgerError
from minsheng_core.ledger import chain, store, tables
from minsheng_core.ledger.book import fold
from minsheng_core.ledger.figures import quantity_data, quantity_of
from minsheng_core.ledger.round import sign
from minsheng_core.ledger.store import open_ledger
from rounds import AT, REVIEWER, VERIFIER, WEISHAN, prepared, take, unit_of


@pytest.fixture(params=databases.BOTH)
def place(request, tmp_path):
    return databases.place(request.param, tmp_path)


def opened(place, **more):
    return open_ledger(place, prepared().scheme.id, **more)


# -- the same on both ------------------------------------------------------------------------------------------------------


def test_a_round_is_kept_and_read_again_by_another_connection(place):
    with opened(place) as ledger:
        take(ledger, 10496)
        sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, AT)
        sign(ledger, prepared(), "verified", unit_of(), VERIFIER, AT)
        entries = ledger.entries()
    with opened(place, create=False) as ledger:
        assert ledger.entries() == entries
        assert chain.verify(ledger, prepared().scheme) == ()
        assert [one.seq for one in ledger.entries([unit_of()])] == [1, 2, 3, 4]
        assert [one.seq for one in ledger.entries([])] == [1]  # what is about no unit


@pytest.mark.parametrize("value", [Fraction("123456789012.123456"), Fraction(2, 3), Fraction(10**28 + 1), Fraction(-1, 10**9), Fraction(0)])
def test_numbers_are_kept_exactly(place, value):
    quantity = Quantity(value, unit("万元"), Fraction(1, 2000), "一百二十三")
    with opened(place) as ledger:
        made = ledger.append(lambda entries: [_note(quantity_data(quantity))])
        back = quantity_of(ledger.entries()[-1].draft.data["count"])
    assert (back, back.tolerance, back.printed) == (quantity, quantity.tolerance, quantity.printed)
    assert made[0].draft.data["count"]["unit"] == "万元"


def _note(count):
    from minsheng_core.ledger.entry import Draft

    return Draft(kind="record", by=REVIEWER, at=AT, data={"count": count, "text": "“引号”\n'换行'; DROP TABLE entry;--"})


def test_the_database_itself_refuses_to_change_or_delete_an_entry(place):
    with opened(place) as ledger:
        take(ledger, 10496)
        for statement in ("UPDATE entry SET name = 'x'", "DELETE FROM entry", "UPDATE attachment SET name = 'x'", "DELETE FROM attachment"):
            with pytest.raises(LedgerError, match="只能续记"), store._told(ledger.place), ledger.engine.connect() as connection:
                connection.exec_driver_sql(statement)
        assert len(ledger.entries()) == 2


def test_a_refusal_inside_a_transaction_leaves_nothing_behind(place):
    with opened(place) as ledger:

        def half(entries):
            raise LedgerError("不行")

        with pytest.raises(LedgerError, match="不行"):
            ledger.append(half, files={"a.pdf": b"a"})
        assert ledger.entries() == ()
        assert ledger.attachments() == {}
        take(ledger, 10496)  # and the ledger goes on


def test_another_schemes_ledger_is_refused(place):
    opened(place).close()
    with pytest.raises(LedgerError, match="是方案 ningxiang-2023 的台账，不能记 other-2024 的事"):
        open_ledger(place, "other-2024")


def test_a_ledger_of_the_first_version_is_brought_up_and_one_of_a_newer_program_refused(place, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(tables, "MIGRATIONS", tables.MIGRATIONS[:1])
        with opened(place) as ledger:
            take(ledger, 10496)
    with opened(place) as ledger:
        assert len(ledger.entries()) == 2
        with pytest.raises(LedgerError, match="只能续记"), store._told(ledger.place), ledger.engine.connect() as connection:
            connection.exec_driver_sql("DELETE FROM entry")
    monkeypatch.setattr(tables, "MIGRATIONS", tables.MIGRATIONS[:1])
    with pytest.raises(LedgerError, match=r"更新版本的程序建的（第2版，本程序认到第1版）"):
        opened(place)


# -- what goes wrong ---------------------------------------------------------------------------------------------------------


def test_a_ledger_that_is_not_there_is_said_to_be_so(tmp_path):
    with pytest.raises(LedgerError, match="没有台账文件"):
        opened(tmp_path / "none.db", create=False)
    with pytest.raises(LedgerError, match="文件夹不存在，或没有权限"):
        opened(tmp_path / "nowhere/ledger.db")
    with pytest.raises(LedgerError, match="打不开"):
        opened(tmp_path)


def test_a_file_that_is_no_ledger_is_left_alone(tmp_path):
    (tmp_path / "a.db").write_bytes(b"this is no database at all, but long enough to look at" * 20)
    with pytest.raises(LedgerError, match="不是台账文件"):
        opened(tmp_path / "a.db")
    with sqlite3.connect(tmp_path / "b.db") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(LedgerError, match="是别的程序的数据库"):
        opened(tmp_path / "b.db")


def test_a_ledger_that_somebody_is_writing_is_waited_for_and_then_said_to_be_locked(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "WAIT", 0.2)
    with opened(tmp_path / "a.db") as ledger, sqlite3.connect(tmp_path / "a.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="正被别人写入"):
            take(ledger, 10496)
        other.execute("ROLLBACK")
        assert take(ledger, 10496).entries
    other.close()


def test_a_read_only_ledger_is_said_to_be_so(tmp_path):
    with opened(tmp_path / "a.db") as ledger:
        with ledger.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
        with pytest.raises(LedgerError, match="只读"):
            take(ledger, 10496)


def test_a_copy_that_nobody_may_write_can_still_be_read(tmp_path):
    with opened(tmp_path / "a.db") as ledger:
        take(ledger, 10496)
    with opened(tmp_path / "a.db") as reader, sqlite3.connect(tmp_path / "a.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")  # and while somebody writes
        with opened(tmp_path / "a.db", create=False) as again:
            assert again.entries() == reader.entries()
        other.execute("ROLLBACK")
    other.close()


def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path):
    with opened(tmp_path / "a.db") as ledger:
        take(ledger, 10496)
        with ledger.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        before = ledger.entries()
        with pytest.raises(LedgerError, match="磁盘满了；这一笔没有记入，已记的都在"):
            ledger.append(lambda entries: [_note({"value": "1", "unit": "件"})], files={"big.bin": os.urandom(200_000)})
        assert ledger.entries() == before
    with opened(tmp_path / "a.db") as ledger:
        assert chain.verify(ledger, prepared().scheme) == ()


CHILD = """
import resource, sys
sys.path.insert(0, "tests")
from rounds import prepared, take
from minsheng_core.errors import LedgerError
from minsheng_core.ledger.store import open_ledger
ledger = open_ledger(sys.argv[1], prepared().scheme.id)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    for number in range(200):
        take(ledger, 10000 + number, correct="更正")
        print(number, flush=True)
except LedgerError as error:
    print("LEDGER", error, flush=True)
"""


def test_a_disk_that_fills_up_for_real_ends_in_plain_words_with_the_chain_whole(tmp_path):
    place = tmp_path / "a.db"
    opened(place).close()
    limit = place.stat().st_size + 60_000
    told = subprocess.run([sys.executable, "-c", CHILD, str(place), str(limit)], capture_output=True, text=True, check=False)
    lines = told.stdout.splitlines()
    assert lines[-1].startswith("LEDGER"), told
    with opened(place) as ledger:
        assert chain.verify(ledger, prepared().scheme) == ()
        filed = [one for one in ledger.entries() if one.draft.kind == "filed"]
        assert len(filed) == len(lines) - 1  # every one that was acknowledged, and no other


def test_the_limit_of_this_process_is_untouched():
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] in (resource.RLIM_INFINITY, resource.getrlimit(resource.RLIMIT_FSIZE)[1])


def test_an_attachment_that_is_too_large_is_refused(place, monkeypatch):
    monkeypatch.setattr(store, "MOST", 10)
    with opened(place) as ledger, pytest.raises(LedgerError, match="最多10字节"):
        ledger.append(lambda entries: [_note({})], files={"大.pdf": b"x" * 11})


def test_a_server_that_is_not_there_is_said_to_be_so_without_the_password():
    pytest.importorskip("psycopg")
    with pytest.raises(LedgerError, match="连不上数据库") as told:
        open_ledger("postgresql://minsheng:geheim@127.0.0.1:1/none", "x")
    assert "geheim" not in str(told.value)


# -- several at once -----------------------------------------------------------------------------------------------------------


def test_of_two_who_sign_the_same_filing_one_is_refused(place):
    with opened(place) as ledger:
        take(ledger, 10496)
    outcomes = []

    def act(name):
        with opened(place) as mine:
            try:
                from minsheng_core.ledger.entry import Signer

                outcomes.append(sign(mine, prepared(), "reviewed", unit_of(), Signer(name, "hrss"), AT).seq)
            except LedgerError as error:
                outcomes.append(str(error))

    threads = [threading.Thread(target=act, args=(name,)) for name in ("审核人甲", "审核人乙")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(map(str, outcomes))[0] == "3"
    assert [one for one in outcomes if isinstance(one, str) and "已审核，待核验，不能审核" in one]
    with opened(place) as ledger:
        assert len(ledger.entries()) == 3
        assert fold(ledger.entries()).histories[unit_of()].current.state == "reviewed"


def test_an_entry_reads_as_json_whoever_looks(tmp_path):
    with opened(tmp_path / "a.db") as ledger:
        take(ledger, 10496)
    with sqlite3.connect(tmp_path / "a.db") as connection:
        ((data,),) = connection.execute("SELECT data FROM entry WHERE kind = 'filed'").fetchall()
    connection.close()
    assert json.loads(data)["rows"][0]["values"]["insured"] == {"value": "10496", "unit": "人", "printed": "10496"}
    assert WEISHAN not in data  # whose it is, the entry itself says
