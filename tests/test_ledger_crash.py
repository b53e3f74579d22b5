"""Kill -9 at any moment, and many writers at once: what was acknowledged is there, whole and once; the chain holds. On both databases."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

import databases
from minsheng_core.ledger import chain
from minsheng_core.ledger.book import fold
from minsheng_core.ledger.store import open_ledger
from rounds import prepared

pytestmark = pytest.mark.slow
KILLS = 12  # of a child, on each database

WORKER = """
import sys
sys.path.insert(0, "tests")
from minsheng_core.ledger.entry import Signer
from minsheng_core.ledger.round import give_back, sign
from minsheng_core.ledger.store import open_ledger
from rounds import AT, FILER, REVIEWER, VERIFIER, prepared, take, unit_of

place, mine, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
scheme = prepared().scheme
bodies = [share.body for share in scheme.indicator("resident_pension").shares]
body = bodies[int(mine) % len(bodies)]
with open_ledger(place, scheme.id) as ledger:
    print("ready", flush=True)
    sys.stdin.readline()
    start = len(ledger.entries())
    for number in range(count):
        taken = take(ledger, 5000 + start + number, body=body, by=Signer(f"填报人{mine}", body), correct=f"第{start + number}次")
        assert not taken.refused, taken.refused
        for entry in taken.entries:
            print(entry.seq, entry.hash, flush=True)
        entry = sign(ledger, prepared(), "reviewed", unit_of(body), REVIEWER, AT)
        print(entry.seq, entry.hash, flush=True)
        entry = sign(ledger, prepared(), "verified", unit_of(body), VERIFIER, AT)
        print(entry.seq, entry.hash, flush=True)
print("done", flush=True)
"""


def start(place, mine, count):
    command = [sys.executable, "-c", WORKER, place, str(mine), str(count)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def acknowledged(lines):
    return {int(seq): hash for seq, hash in (line.split() for line in lines if line.count(" ") == 1 and line.endswith("\n"))}


def whole(place, acked):
    """The ledger holds every acknowledged entry, its chain and rules are right, and nothing is half there."""
    with open_ledger(place, prepared().scheme.id) as ledger:
        entries = ledger.entries()
        held = {one.seq: one.hash for one in entries}
        assert all(held.get(seq) == hash for seq, hash in acked.items())
        assert chain.verify(ledger, prepared().scheme) == ()
        kinds = Counter(one.draft.kind for one in entries)
        assert kinds["intake"] == kinds["filed"]  # one transaction: both or none
        return entries


@pytest.mark.parametrize("kind", databases.BOTH)
def test_kill_9_at_any_moment_loses_nothing_that_was_acknowledged(kind, tmp_path):
    place = databases.place(kind, tmp_path)
    draw, acked, seen = random.Random(kind), {}, set()
    for number in range(KILLS):
        child = start(place, number, 100)
        child.stdout.readline()
        child.stdin.write("go\n")
        child.stdin.flush()
        time.sleep(draw.uniform(0.005, 0.25))
        os.kill(child.pid, signal.SIGKILL)
        told = child.stdout.readlines()
        child.wait()
        child.stdin.close()
        child.stdout.close()
        acked |= acknowledged(told)
        entries = whole(place, acked)
        seen.add(entries[-1].draft.kind if entries else "")
    assert len(acked) > KILLS
    assert len(seen) > 1  # it was hit in different places


@pytest.mark.parametrize(("kind", "writers", "each"), [("sqlite", 4, 8), ("postgresql", 20, 3)])
def test_writers_at_once_lose_and_double_nothing(kind, writers, each, tmp_path):
    place = databases.place(kind, tmp_path)
    children = [start(place, number, each) for number in range(writers)]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    acked = {}
    for child in children:
        told = child.stdout.readlines()
        child.wait()
        child.stdin.close()
        child.stdout.close()
        assert told[-1:] == ["done\n"]
        assert not acked.keys() & acknowledged(told).keys()  # no number was given twice
        acked |= acknowledged(told)
    entries = whole(place, acked)
    assert len(entries) == len(acked) == writers * each * 4
    book = fold(entries)
    assert len(book.histories) == writers
    assert {history.current.state for history in book.histories.values()} == {"verified"}
    assert {len(history.versions) for history in book.histories.values()} == {each}
