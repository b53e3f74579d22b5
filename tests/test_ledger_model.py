"""The ledger against a model that fits on a page: whatever people do in whatever order, the two agree on what stands and what is refused."""

import tempfile
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from minsheng_core import Period, Quantity, unit
from minsheng_core.errors import LedgerError
from minsheng_core.ledger import chain
from minsheng_core.ledger.book import fold
from minsheng_core.ledger.entry import Signer
from minsheng_core.ledger.round import close, confirm, give_back, publish, record, reject, sign
from minsheng_core.ledger.standing import filed_at
from minsheng_core.ledger.store import open_ledger
from minsheng_core.period import Span
from rounds import AT, LAOLIANGCANG, OCTOBER, WEISHAN, prepared, take, unit_of

PEOPLE = st.sampled_from(["甲", "乙", "丙", "丁"])
OFFICES = st.sampled_from(["hrss", "hrss", "hrss", "own", "edu"])
BODIES = st.sampled_from([WEISHAN, LAOLIANGCANG])
MONTHS = st.sampled_from([OCTOBER, Period(2023, 11)])
VALUES = st.sampled_from([9990, 9991, 9992])
REASONS = st.sampled_from(["", "更正"])


class Told:
    """One unit in the model: its versions, each [figures by stage, state, what it corrects], and who has signed which stage."""

    def __init__(self):
        self.versions, self.signed = [], {}

    def stands(self, stage):
        good = [rows for rows, state in self.versions if state != "returned" and stage in rows]
        return good[-1] if good else None


class Rounds(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.ledger = open_ledger(Path(self.folder.name) / "ledger.db", prepared().scheme.id)
        self.told = {(body, month): Told() for body in (WEISHAN, LAOLIANGCANG) for month in (OCTOBER, Period(2023, 11))}
        self.records, self.published, self.count, self.day = {}, {}, 0, 0

    def teardown(self):
        if hasattr(self, "ledger"):
            self.ledger.close()
            self.folder.cleanup()

    def now(self):
        self.day += 1
        return AT + timedelta(minutes=self.day)

    def asked(self, act, allowed, entries=1):
        """Does it, and sees that it was allowed as the model says."""
        try:
            act()
        except LedgerError:
            assert not allowed
        else:
            assert allowed
            self.count += entries

    # -- figures -----------------------------------------------------------------------------------------------

    @rule(body=BODIES, month=MONTHS, name=PEOPLE, office=OFFICES, value=VALUES, reason=REASONS)
    def file(self, body, month, name, office, value, reason):
        told = self.told[body, month]
        last = told.versions[-1] if told.versions else None
        same = last is not None and last[0]["filed"] == value
        by = Signer(name, body if office == "own" else office)
        allowed = office != "edu" and told.signed.get(name, "filed") == "filed"
        allowed = allowed and (last is None or last[1] == "returned" or bool(reason))
        taken = take(self.ledger, value, by=by, at=self.now(), correct=reason, body=body, period=month)
        kinds = [one.draft.kind for one in taken.entries]
        self.count += kinds.count("intake")
        if same and not (reason and last[1] == "returned"):
            assert "filed" not in kinds
            assert taken.refused if last[1] == "returned" else taken.unchanged
            return
        assert ("filed" in kinds) == allowed
        assert bool(taken.refused) != allowed
        if allowed:
            self.count += 1
            told.versions.append(({"filed": value}, "filed"))
            told.signed.setdefault(name, "filed")

    @rule(
        body=BODIES,
        month=MONTHS,
        name=PEOPLE,
        office=OFFICES,
        stage=st.sampled_from(["reviewed", "verified"]),
        put=st.booleans(),
        reason=REASONS,
    )
    def sign(self, body, month, name, office, stage, put, reason):
        told = self.told[body, month]
        before = {"reviewed": "filed", "verified": "reviewed"}[stage]
        apart = {"reviewed": ("filed",), "verified": ("filed", "reviewed")}[stage]
        allowed = bool(told.versions) and told.versions[-1][1] == before and office == "hrss"
        changes = put and bool(told.versions) and told.versions[-1][0].get(before) != 9999
        allowed = allowed and told.signed.get(name) not in apart and (not changes or bool(reason))
        by = Signer(name, body if office == "own" else office)
        put_right = {"参保人数": "9999"} if put else None
        self.asked(
            lambda: sign(self.ledger, prepared(), stage, unit_of(body, month), by, self.now(), set=put_right, reason=reason), allowed
        )
        if allowed:
            rows, _ = told.versions[-1]
            told.versions[-1] = ({**rows, stage: 9999 if put else rows[before]}, stage)
            told.signed.setdefault(name, stage)

    @rule(body=BODIES, month=MONTHS, put=st.booleans(), reason=REASONS)
    def go_on(self, body, month, put, reason):
        """The next step by somebody who may take it, so that figures come far."""
        told = self.told[body, month]
        state = told.versions[-1][1] if told.versions else ""
        stage = {"filed": "reviewed", "reviewed": "verified"}.get(state)
        names = {"reviewed": ("乙", "filed"), "verified": ("丙", "reviewed")}
        if stage is None:
            self.file(body, month, "甲", "own", 9990, "")
        elif told.signed.get(names[stage][0]) in (None, stage):
            self.sign(body, month, names[stage][0], "hrss", stage, put, reason)

    @rule(body=BODIES, month=MONTHS, name=PEOPLE, office=OFFICES, reason=REASONS)
    def give_back(self, body, month, name, office, reason):
        told = self.told[body, month]
        allowed = bool(told.versions) and told.versions[-1][1] in ("filed", "reviewed") and office == "hrss" and bool(reason)
        by = Signer(name, body if office == "own" else office)
        self.asked(lambda: give_back(self.ledger, prepared(), unit_of(body, month), by, self.now(), reason), allowed)
        if allowed:
            told.versions[-1] = (told.versions[-1][0], "returned")

    # -- records -----------------------------------------------------------------------------------------------

    @rule(body=BODIES, name=PEOPLE, overdue=st.booleans())
    def record(self, body, name, overdue):
        event, office = ("supervision_open", "inspection") if overdue else ("typical_city", body)
        deadline = date(2023, 10, 20) if overdue else None
        made = record(
            self.ledger, prepared(), event, body, Quantity(Fraction(1), unit("件")), Signer(name, office), self.now(), document=f"文{self.day}",
            day=date(2023, 10, 9), deadline=deadline,
        )  # fmt: skip
        self.count += 1
        self.records[made.seq] = {"by": name, "overdue": overdue, "confirmed": False, "rejected": False, "closed": False}

    @rule(number=st.integers(0, 3), name=PEOPLE, what=st.sampled_from(["confirm", "reject", "close"]))
    def judge(self, number, name, what):
        if not self.records:
            return
        seq = sorted(self.records)[number % len(self.records)]
        one, by = self.records[seq], Signer(name, "hrss")
        if what == "confirm":
            self.asked(
                lambda: confirm(self.ledger, prepared(), seq, by, self.now()),
                not one["confirmed"] and not one["rejected"] and one["by"] != name,
            )
            one["confirmed"] = one["confirmed"] or (not one["rejected"] and one["by"] != name)
        elif what == "reject":
            self.asked(lambda: reject(self.ledger, prepared(), seq, by, self.now(), "重复"), not one["rejected"])
            one["rejected"] = True
        else:
            self.asked(
                lambda: close(self.ledger, prepared(), seq, by, self.now(), document="销号", day=date(2023, 10, 28)),
                one["overdue"] and not one["closed"] and not one["rejected"],
            )
            one["closed"] = one["closed"] or (one["overdue"] and not one["rejected"])

    # -- publications ------------------------------------------------------------------------------------------

    @rule(span=st.sampled_from(["2023-10", "2023-Q4"]), result=st.sampled_from("ab"), reason=REASONS, right=st.booleans())
    def publish(self, span, result, reason, right):
        held, number = self.published.get(span), sum(map(len, self.published.values())) + 1
        corrects = held[-1][0] if held and right else 0
        allowed = (not held and not corrects) or bool(held and right and reason and held[-1][1] != result)
        prints = {"result": result * 64}
        self.asked(
            lambda: publish(
                self.ledger,
                prepared(),
                Span.read(span),
                "verified",
                prints,
                {},
                Signer("丁", "hrss"),
                self.now(),
                number=number,
                corrects=corrects,
                reason=reason,
            ),
            allowed,
        )
        if allowed:
            self.published.setdefault(span, []).append((number, result))

    # -- what always holds -------------------------------------------------------------------------------------

    @invariant()
    def nothing_vanishes_and_what_is_scored_is_what_stands(self):
        if not hasattr(self, "ledger"):
            return
        entries = self.ledger.entries()
        assert len(entries) == self.count
        assert chain.verify(self.ledger, prepared().scheme) == ()
        book, scheme = fold(entries), prepared().scheme
        final = {(one.body, one.period): one for one in filed_at(book, scheme, "verified", Period(2023, 11)).reports}
        latest = {(one.body, one.period): one for one in filed_at(book, scheme, "filed", Period(2023, 11)).reports}
        for key, told in self.told.items():
            verified, filed = told.stands("verified"), told.stands("filed")
            assert (None if verified is None else verified["verified"]) == _figure(final.get(key))
            furthest = None if filed is None else next(filed[stage] for stage in ("verified", "reviewed", "filed") if stage in filed)
            assert furthest == _figure(latest.get(key))
        counted = sum(event.count.value for event in filed_at(book, scheme, "verified", OCTOBER).events)
        assert counted == sum(
            one["confirmed"] and not one["rejected"] and not (one["overdue"] and one["closed"]) for one in self.records.values()
        )


def _figure(report):
    return None if report is None else int(report.values["insured"].value)


TestRounds = Rounds.TestCase
TestRounds.settings = settings(max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
