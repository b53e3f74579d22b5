"""The ledger's story: 三、（三）of the paper — filed by the township, reviewed by the lead body, verified by 市人社局 — and what it refuses."""

import json
import sqlite3
from datetime import date, timedelta
from fractions import Fraction

import pytest
from attrs import evolve

from minsheng_core import Period, Quantity, assess, read_reports, unit
from minsheng_core.errors import LedgerError
from minsheng_core.ledger import chain
from minsheng_core.ledger.book import fold
from minsheng_core.ledger.calendar import due
from minsheng_core.ledger.entry import Signer
from minsheng_core.ledger.figures import report_of, row_data
from minsheng_core.ledger.intake import examine, take_in
from minsheng_core.ledger.round import close, confirm, give_back, publish, record, reject, sign, summarise
from minsheng_core.ledger.standing import figures, filed_at
from minsheng_core.ledger.store import open_ledger
from minsheng_core.period import Span
from rounds import AT, FILER, LAOLIANGCANG, OCTOBER, REVIEWER, VERIFIER, WEISHAN, filed, prepared, take, unit_of

OCT = Span.read("2023-10")


@pytest.fixture
def ledger(tmp_path):
    with open_ledger(tmp_path / "ledger.db", prepared().scheme.id) as opened:
        yield opened


def book(ledger):
    return fold(ledger.entries())


def insured(ledger, stage, period=OCTOBER, body=WEISHAN):
    rows = [one for one in filed_at(book(ledger), prepared().scheme, stage, period).reports if (one.body, one.period) == (body, period)]
    return [str(one.values["insured"]) for one in rows]


def through(ledger, value, **more):
    """Filed, reviewed, verified."""
    take(ledger, value, **more)
    unit = unit_of(**{name: more[name] for name in ("body", "period") if name in more})
    sign(ledger, prepared(), "reviewed", unit, REVIEWER, AT)
    return sign(ledger, prepared(), "verified", unit, VERIFIER, AT)


def refused(words):
    return pytest.raises(LedgerError, match=words)


# -- the round of a figure -----------------------------------------------------------------------------------------------


def test_a_figure_is_filed_reviewed_and_verified_by_three_people_and_only_then_final(ledger):
    take(ledger, 10496)
    assert insured(ledger, "filed") == ["10496人"]
    assert insured(ledger, "verified") == []
    sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, AT)
    assert insured(ledger, "verified") == []
    sign(ledger, prepared(), "verified", unit_of(), VERIFIER, AT)
    assert insured(ledger, "verified") == ["10496人"]
    assert [one.draft.kind for one in ledger.entries()] == ["intake", "filed", "reviewed", "verified"]
    assert chain.verify(ledger, prepared().scheme) == ()


def test_the_sample_month_gives_the_same_marks_from_the_ledger_as_from_the_files(ledger, prepared):
    from conftest import ROOT

    for path in sorted((ROOT / "examples/2023-10").glob("*.csv")):
        rows = read_reports([path], prepared)
        rows = evolve(rows, findings=(*rows.findings, *examine(prepared, book(ledger), rows)))
        take_in(ledger, prepared, rows, path.name, path.read_bytes(), Signer("收件人", "hrss"), AT)
    mine = assess(prepared, filed_at(book(ledger), prepared.scheme, "filed", OCTOBER), OCTOBER)
    theirs = assess(prepared, read_reports([ROOT / "examples/2023-10"], prepared), OCTOBER)
    for one, other in zip(mine.sheets, theirs.sheets, strict=True):
        scored = {body.body.id: (body.total, body.rank) for body in other.bodies if body.total is not None}
        assert {body.body.id: (body.total, body.rank) for body in one.bodies if body.total is not None} == scored


def test_each_stage_keeps_its_own_figure(ledger):
    take(ledger, 10496)
    sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, AT, set={"参保人数": "10480"}, reason="社保系统为准")
    sign(ledger, prepared(), "verified", unit_of(), VERIFIER, AT, set={"insured": "1.0479万"}, reason="剔除重复参保1人")
    held = figures(book(ledger).histories[unit_of()])
    assert {stage: str(rows[0].values["insured"]) for stage, rows in held.items()} == {
        "filed": "10496人",
        "reviewed": "10480人",
        "verified": "10479人",
    }
    assert insured(ledger, "verified") == ["10479人"]


def test_what_is_returned_is_filed_again_and_never_scored_meanwhile(ledger):
    take(ledger, 10496)
    give_back(ledger, prepared(), unit_of(), REVIEWER, AT, "佐证文号不清")
    assert insured(ledger, "filed") == []
    assert not take(ledger, 10496).entries  # the same again says nothing new
    take(ledger, 10490)
    assert insured(ledger, "filed") == ["10490人"]


def test_a_correction_replaces_the_verified_figure_only_when_it_is_verified_itself(ledger):
    through(ledger, 10496)
    take(ledger, 10600, correct="漏报一个村")
    assert insured(ledger, "verified") == ["10496人"]
    assert insured(ledger, "filed") == ["10600人"]
    sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, AT)
    sign(ledger, prepared(), "verified", unit_of(), VERIFIER, AT)
    assert insured(ledger, "verified") == ["10600人"]
    assert len(book(ledger).histories[unit_of()].versions) == 2


def test_a_file_taken_in_twice_changes_nothing(ledger):
    assert len(take(ledger, 10496).entries) == 2
    again = take(ledger, 10496)
    assert again.entries == ()
    assert again.unchanged == (unit_of(),)


def test_reports_come_back_from_the_ledger_as_they_went_in(prepared):
    from conftest import ROOT

    for folder in ("2023-09", "2023-10", "2023-11", "2023-12"):
        for report in read_reports([ROOT / "examples" / folder], prepared).reports:
            unit = unit_of(report.body, report.period)
            unit = evolve(unit, indicator=report.indicator)
            back = report_of(unit, json.loads(json.dumps(row_data(report))))
            assert back == report
            assert back.at("insured") == report.at("insured")
            for name, value in report.values.items():
                if isinstance(value, Quantity):
                    assert (back.values[name].printed, back.values[name].tolerance) == (value.printed, value.tolerance)


# -- who may sign ----------------------------------------------------------------------------------------------------------


def test_nobody_signs_two_stages_though_one_office_holds_both_roles(ledger):
    take(ledger, 10496)
    with refused("填报人签的，审核须由另一人签"):
        sign(ledger, prepared(), "reviewed", unit_of(), Signer("填报人", "hrss"), AT)
    sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, AT)
    with refused("审核是审核人签的，核验须由另一人签"):
        sign(ledger, prepared(), "verified", unit_of(), REVIEWER, AT)


def test_nor_in_another_role_on_a_later_version(ledger):
    through(ledger, 10496)
    with refused("不能再由同一人填报"):
        raise LedgerError(take(ledger, 10600, by=VERIFIER, correct="更正").refused[unit_of()])


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda ledger: sign(ledger, prepared(), "reviewed", unit_of(), Signer("外人", "edu"), AT), "由市人社局办理，外人代表的是市教育局"),
        (lambda ledger: sign(ledger, prepared(), "verified", unit_of(), VERIFIER, AT), "已填报，待审核，不能核验"),
        (lambda ledger: sign(ledger, prepared(), "reviewed", unit_of(LAOLIANGCANG), REVIEWER, AT), "还没有填报"),
        (lambda ledger: give_back(ledger, prepared(), unit_of(), REVIEWER, AT, " "), "退回必须写明理由"),
        (lambda ledger: give_back(ledger, prepared(), unit_of(), Signer("乡里", WEISHAN), AT, "不好"), "退回由市人社局"),
        (lambda ledger: sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, AT, set={"参保人数": "10480"}), "改动数据必须写明理由"),
        (lambda ledger: sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, AT, set={"参保人数": "一万"}, reason="x"), "应为以人为单位的数"),
        (lambda ledger: sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, AT, set={"人数": "1"}, reason="x"), "不知道“人数”指哪一格"),
        (lambda ledger: sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, AT, of=99), "已有更新的填报"),
        (lambda ledger: sign(ledger, prepared(), "reviewed", unit_of(), Signer(" ", "hrss"), AT), "没有写明经手人"),
        (lambda ledger: sign(ledger, prepared(), "reviewed", unit_of(), Signer("甲", "nowhere"), AT), "方案中没有单位"),
        (lambda ledger: sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, AT.replace(tzinfo=None)), "时间须带时区"),
    ],
)  # fmt: skip
def test_what_may_not_be_signed_is_refused_with_the_reason(ledger, act, words):
    take(ledger, 10496)
    before = len(ledger.entries())
    with refused(words):
        act(ledger)
    assert len(ledger.entries()) == before


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"insured": 10600}, "（参保人数原为10496人，现为10600人）"),
        ({"insured": 1, "body": "430182101", "by": FILER}, "由该单位填报，或由牵头单位、核验单位代录"),
        ({"insured": 1, "body": "edu", "by": REVIEWER}, "不在“城乡居民基本养老保险参保人数”的填报名单中"),
        ({"insured": 1, "period": Period(2024, 1)}, "方案是2023年的"),
    ],
)
def test_what_may_not_be_filed_is_refused_and_the_rest_of_the_file_stands(ledger, more, words):
    take(ledger, 10496)
    taken = take(ledger, **more)
    (why,) = taken.refused.values()
    assert words in why
    assert not [one for one in taken.entries if one.draft.kind == "filed"]


def test_a_unit_with_an_error_goes_back_and_is_not_entered(ledger, prepared):
    from minsheng_core import Finding

    wrong = filed(10496, findings=(Finding(code="x", message="相加不符", body=WEISHAN, indicator="resident_pension"),))
    taken = take_in(ledger, prepared, wrong, "a.csv", b"a", FILER, AT)
    assert taken.refused == {unit_of(): "相加不符"}
    assert [one.draft.kind for one in taken.entries] == ["intake"]  # nothing of the file is lost
    assert ledger.attachment(taken.entries[0].draft.data["sha256"]) == b"a"


# -- records -----------------------------------------------------------------------------------------------------------------

INSPECTOR, CLERK = Signer("督查员", "inspection"), Signer("另一人", "hrss")


def pieces(number):
    return Quantity(Fraction(number), unit("件"))


def found(ledger, **more):
    told = {"document": "宁督函〔2023〕31号", "day": date(2023, 10, 9), "deadline": date(2023, 10, 25)} | more
    return record(ledger, prepared(), "supervision_open", WEISHAN, pieces(1), INSPECTOR, AT, **told)


def counted(ledger, stage="filed", period=OCTOBER):
    return {one.kind: str(one.count) for one in filed_at(book(ledger), prepared().scheme, stage, period).events}


def test_a_finding_counts_while_it_is_overdue_and_no_longer_once_it_is_closed(ledger):
    entry = found(ledger)
    assert counted(ledger) == {"supervision_open": "1件"}
    later = AT + timedelta(days=2)
    with refused("销号日期2023-11-08晚于办理日期2023-11-06"):
        close(ledger, prepared(), entry.seq, INSPECTOR, AT, document="宁督函〔2023〕40号", day=date(2023, 11, 8))
    close(ledger, prepared(), entry.seq, INSPECTOR, later, document="宁督函〔2023〕40号", day=date(2023, 11, 8))
    assert counted(ledger) == {"supervision_open": "1件"}  # at the end of October it was open
    assert counted(ledger, period=Period(2023, 11)) == {}
    with refused("已经销号"):
        close(ledger, prepared(), entry.seq, INSPECTOR, later, document="x", day=date(2023, 11, 8))


def test_a_finding_whose_deadline_has_not_come_does_not_count_yet(ledger):
    found(ledger, deadline=date(2023, 11, 10))
    assert counted(ledger) == {}
    assert counted(ledger, period=Period(2023, 11)) == {"supervision_open": "1件"}


def test_a_record_counts_for_final_marks_when_somebody_else_has_confirmed_it(ledger):
    case = record(
        ledger,
        prepared(),
        "typical_city",
        WEISHAN,
        pieces(1),
        FILER,
        AT,
        document="长民生〔2023〕12号",
        day=date(2023, 10, 18),
        files={"简报.pdf": b"%PDF"},
    )
    assert counted(ledger) == {"typical_city": "1件"}
    assert counted(ledger, "verified") == {}
    with refused("须由另一人认定"):
        confirm(ledger, prepared(), case.seq, Signer("填报人", "hrss"), AT)
    confirm(ledger, prepared(), case.seq, VERIFIER, AT)
    assert counted(ledger, "verified") == {"typical_city": "1件"}
    assert ledger.attachment(case.draft.data["attachments"][0]) == b"%PDF"
    reject(ledger, prepared(), case.seq, VERIFIER, AT, "同一件已由市里记过")
    assert counted(ledger) == {}


def test_money_planned_arrived_and_paid_is_exact(ledger):
    for event, text in (("funds_planned", "36.50"), ("funds_arrived", "36.50"), ("funds_paid", "31.2")):
        record(
            ledger,
            prepared(),
            event,
            WEISHAN,
            Quantity(Fraction(text), unit("万元")),
            FILER,
            AT,
            document="宁财〔2023〕7号",
            day=date(2023, 10, 8),
        )
    assert counted(ledger) == {"funds_planned": "36.5万元", "funds_arrived": "36.5万元", "funds_paid": "31.2万元"}


@pytest.mark.parametrize(
    ("event", "count", "more", "words"),
    [
        ("nothing", pieces(1), {}, "不认识的事项"),
        ("typical_city", pieces(1), {"document": " "}, "必须有文号和日期"),
        ("typical_city", pieces(Fraction(1, 2)), {}, "最多0位小数"),
        ("typical_city", pieces(20_000), {}, "应为0到10000件"),
        ("typical_city", Quantity(Fraction(1), unit("万元")), {}, "应为0到10000件"),
        ("supervision_open", pieces(1), {}, "必须有整改期限"),
        ("typical_city", pieces(1), {"deadline": date(2023, 11, 1)}, "没有整改期限"),
        ("typical_city", pieces(1), {"day": date(2022, 12, 31)}, "方案是2023年的"),
        ("supervision_open", pieces(1), {"deadline": date(2023, 11, 1)}, "由市政府督查室"),
    ],
)
def test_a_record_without_evidence_or_outside_its_kind_is_refused(ledger, event, count, more, words):
    told = {"document": "文", "day": date(2023, 10, 18)} | more
    with refused(words):
        record(ledger, prepared(), event, WEISHAN, count, FILER, AT, **told)


def test_the_same_thing_is_recorded_once_unless_it_was_rejected(ledger):
    entry = found(ledger)
    for typed in ("宁督函〔2023〕31号", "宁督函〔2023〕３１号 "):
        with refused("已经记过这件事"):
            found(ledger, document=typed)
    reject(ledger, prepared(), entry.seq, VERIFIER, AT, "文号写错")
    found(ledger)


# -- the calendar ------------------------------------------------------------------------------------------------------------


def state(ledger, body=WEISHAN, span=OCT, today=date(2023, 11, 8)):
    found = [one for one in due(prepared().scheme, book(ledger), span, today) if one.body == body and one.indicator == "resident_pension"]
    return [(one.state, one.late, one.waits) for one in found]


def test_who_owes_what_by_when_and_what_waits_for_whom(ledger):
    assert state(ledger) == [("missing", 3, WEISHAN)]
    assert state(ledger, today=date(2023, 11, 5)) == [("missing", 0, WEISHAN)]
    take(ledger, 10496, day=7)
    assert state(ledger) == [("filed", 2, "hrss")]
    give_back(ledger, prepared(), unit_of(), REVIEWER, AT, "不清")
    assert state(ledger) == [("returned", 3, WEISHAN)]
    take(ledger, 10490, day=8)
    assert state(ledger) == [("filed", 3, "hrss")]  # it had to come again
    sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, AT)
    sign(ledger, prepared(), "verified", unit_of(), VERIFIER, AT)
    assert state(ledger) == [("verified", 3, "")]


def test_a_correction_is_not_late_but_counts_from_what_it_corrects(ledger):
    take(ledger, 10496, day=3)
    take(ledger, 10600, day=28, correct="漏报")
    assert state(ledger) == [("filed", 0, "hrss")]
    (row,) = filed_at(book(ledger), prepared().scheme, "filed", OCTOBER).reports
    assert row.filed == date(2023, 11, 3)


def test_nothing_was_owed_for_the_time_before_the_paper(ledger):
    """It was issued on 2023-08-02: nobody is late with January, but who reports July all the same is seen."""
    year = Span.read("2023")
    found = due(prepared().scheme, book(ledger), year, date(2024, 1, 20))
    assert {str(one.span) for one in found} == {"2023-08", "2023-09", "2023-10", "2023-11", "2023-12", "2023-Q3", "2023-Q4"}
    take(ledger, 10496, period=Period(2023, 7), day=28)
    (july,) = [one for one in due(prepared().scheme, book(ledger), year, date(2024, 1, 20)) if str(one.span) == "2023-07"]
    assert (july.state, july.deadline, july.late) == ("filed", None, 0)


def test_after_a_return_what_comes_again_counts_anew_unless_a_verified_figure_stands(ledger):
    """Else garbage in time, "corrected" and sent back, would buy any number of days."""
    take(ledger, 10496, day=3)
    take(ledger, 10600, day=4, correct="漏报")
    give_back(ledger, prepared(), unit_of(), REVIEWER, AT, "不清")
    assert state(ledger) == [("returned", 3, WEISHAN)]  # nothing that anybody stands by has come
    take(ledger, 10500, day=12)
    assert state(ledger) == [("filed", 7, "hrss")]
    sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, AT)
    sign(ledger, prepared(), "verified", unit_of(), VERIFIER, AT)
    take(ledger, 10501, day=20, correct="补录")
    give_back(ledger, prepared(), unit_of(), REVIEWER, AT, "不清")
    assert state(ledger) == [("returned", 7, WEISHAN)]  # the verified figure stands, as late as it was
    take(ledger, 10502, day=28)
    assert state(ledger) == [("filed", 7, "hrss")]


def test_nothing_is_done_before_what_it_is_about(ledger):
    take(ledger, 10496)
    early = AT - timedelta(minutes=1)
    with refused("审核的时间2023-11-06 08:59早于第2条填报的时间2023-11-06 09:00"):
        sign(ledger, prepared(), "reviewed", unit_of(), REVIEWER, early)
    with refused("早于第2条填报的时间"):
        give_back(ledger, prepared(), unit_of(), REVIEWER, early, "不清")
    assert "早于第2条" in "".join(take(ledger, 10600, at=early, correct="漏报").refused.values())
    entry = found(ledger)
    for act in (confirm, lambda *given: reject(*given, "重复")):
        with refused(f"早于第{entry.seq}条记事的时间"):
            act(ledger, prepared(), entry.seq, VERIFIER, early)
    with refused("早于它所依据的第1条收文的时间"):
        publish(ledger, prepared(), OCT, "filed", {"result": "a"}, {}, VERIFIER, early, number=1, rests_on=entry.seq)


def test_a_rejected_finding_is_not_closed(ledger):
    entry = found(ledger)
    reject(ledger, prepared(), entry.seq, VERIFIER, AT, "重复")
    with refused("已经不予采信，不需要销号"):
        close(ledger, prepared(), entry.seq, INSPECTOR, AT, document="x", day=date(2023, 11, 5))


def test_what_was_returned_and_comes_unchanged_is_told_that_it_still_stands_returned(ledger):
    take(ledger, 10496)
    give_back(ledger, prepared(), unit_of(), REVIEWER, AT, "与社保系统不符")
    again = take(ledger, 10496)
    assert list(again.refused.values()) == ["与退回的所报相同，仍须改正后重报（退回理由：与社保系统不符）；数据确实无误的，请注明理由"]
    assert again.unchanged == ()
    assert [one.draft.kind for one in take(ledger, 10496, correct="已核对无误").entries] == ["filed"]


def test_other_figures_without_a_reason_are_refused_and_both_are_shown_by_the_names_of_the_form(ledger):
    take(ledger, 10496)
    (told,) = take(ledger, 10600, day=4).refused.values()
    assert told.endswith(
        "已填报，待审核（第2条），这次所报不同；确要更正的，请注明更正理由（填报日期原为2023-11-03，现为2023-11-04；参保人数原为10496人，现为10600人）"
    )


def test_a_quarter_asks_for_its_months_and_its_summaries(ledger):
    quarter = Span.read("2023-Q4")
    found = due(prepared().scheme, book(ledger), quarter, date(2024, 1, 20))
    monthly = [one for one in found if one.indicator == "resident_pension" and one.body == WEISHAN]
    assert [str(one.span) for one in monthly] == ["2023-10", "2023-11", "2023-12"]
    (summary,) = [one for one in found if not one.indicator and one.body == WEISHAN]
    assert (summary.state, summary.deadline, summary.late) == ("missing", date(2024, 1, 10), 10)
    summarise(ledger, prepared(), WEISHAN, quarter, "四季度总结", FILER, AT + timedelta(days=64))
    (summary,) = [
        one for one in due(prepared().scheme, book(ledger), quarter, date(2024, 1, 20)) if not one.indicator and one.body == WEISHAN
    ]
    assert (summary.state, summary.late) == ("filed", 0)
    for span, words in ((quarter, "没有新内容"), (OCT, "总结按季度或年度报")):
        with refused(words):
            summarise(ledger, prepared(), WEISHAN, span, "四季度总结", FILER, AT)


# -- publishing --------------------------------------------------------------------------------------------------------------


def issue(ledger, number, result="a" * 64, **more):
    return publish(ledger, prepared(), OCT, "verified", {"result": result}, {"排名.html": b"x"}, VERIFIER, AT, number=number, **more)


def test_bulletins_are_numbered_and_a_changed_result_is_a_numbered_correction(ledger):
    issue(ledger, 1)
    with refused("与第1号通报相同，没有新内容"):
        issue(ledger, 2)
    with refused("须作为对第1号的更正发布"):
        issue(ledger, 2, "b" * 64)
    with refused("更正通报必须写明理由"):
        issue(ledger, 2, "b" * 64, corrects=1)
    with refused("下一期通报应为第2号"):
        issue(ledger, 7, "b" * 64, corrects=1, reason="更正")
    issue(ledger, 2, "b" * 64, corrects=1, reason="横市镇更正参保人数")
    with refused("排名和通报由市人社局办理"):
        publish(ledger, prepared(), Span.read("2023-11"), "verified", {"result": "c" * 64}, {}, FILER, AT, number=3)


# -- was anything changed? ---------------------------------------------------------------------------------------------------


def tampered(ledger, *statements):
    """The file changed behind the ledger's back, its own guards taken off."""
    ledger.close()
    with sqlite3.connect(ledger.place) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return [one.code for one in chain.verify(ledger, prepared().scheme)]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE entry SET data = replace(data, '10496', '10497') WHERE kind = 'filed'", "ledger.changed"),
        ("UPDATE entry SET name = '别人' WHERE kind = 'verified'", "ledger.changed"),
        ("UPDATE entry SET at = '2023-11-01T00:00:00+00:00' WHERE seq = 2", "ledger.changed"),
        ("DELETE FROM entry WHERE seq = 3", "ledger.gap"),
        ("UPDATE attachment SET content = x'00'", "ledger.attachment"),
        ("DELETE FROM attachment", "ledger.attachment"),
    ],
)
def test_any_later_change_is_found(ledger, statement, code):
    through(ledger, 10496)
    assert code in tampered(ledger, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET data = '{' WHERE seq = 2",
        "UPDATE entry SET unit = 'nothing' WHERE seq = 2",
        "UPDATE entry SET at = 'x' WHERE seq = 2",
    ],
)
def test_an_entry_that_was_broken_is_named_and_nothing_rests_on_it(ledger, statement):
    take(ledger, 10496)
    assert "ledger.unreadable" in tampered(ledger, statement)
    with refused("第2条读不出来：记入之后被改过；用 minsheng ledger verify 查明"):
        ledger.entries()


def test_a_rewritten_chain_is_told_by_a_head_that_was_signed_before(ledger):
    through(ledger, 10496)
    private, public = chain.new_key()
    head = json.loads(json.dumps(chain.signed_head(ledger.entries(), prepared().scheme.id, private)))
    take(ledger, 10600, correct="漏报")
    chain.check_head(ledger, head, public)  # it has only grown
    assert "ledger.rule" not in tampered(ledger, "DELETE FROM entry WHERE seq >= 4")
    with refused("签名时台账有4条，现在没有这么多了"):
        chain.check_head(ledger, head, public)
    for wrong, words in (
        ({**head, "hash": "0" * 64}, "签名不对"),
        ({**head, "format": "x"}, "不是台账的签名文件"),
        ({**head, "signature": "zz"}, "签名不对"),
    ):
        with refused(words):
            chain.check_head(ledger, wrong)
    with refused("不是给出的那把公钥"):
        chain.check_head(ledger, head, chain.new_key()[1])
    with refused("不是 Ed25519 私钥"):
        chain.signed_head(ledger.entries(), "x", b"nothing")


def test_an_entry_that_no_rule_allowed_is_found_though_its_hashes_are_right(ledger):
    take(ledger, 10496)
    from minsheng_core.ledger.entry import Draft

    version = book(ledger).histories[unit_of()].current
    data = {"of": version.seq, "rows": list(version.rows["filed"]), "reason": ""}
    ledger.append(lambda entries: [Draft(kind="reviewed", by=FILER, at=AT, unit=unit_of(), data=data)])  # past the rules
    (finding,) = chain.verify(ledger, prepared().scheme)
    assert finding.code == "ledger.rule"
    assert "第3条不合规则" in finding.message


def test_the_export_can_be_checked_without_this_library(ledger):
    import hashlib

    through(ledger, 10496)
    previous = "0" * 64
    for text in chain.export(ledger.entries()).splitlines():
        entry = json.loads(text)
        held = entry.pop("hash")
        assert entry["previous"] == previous
        assert hashlib.sha256(json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest() == held
        previous = held
