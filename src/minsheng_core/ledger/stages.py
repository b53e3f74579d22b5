"""Who may do what next: filed → reviewed by the lead body → verified, with returns and corrections. Pure; raises in words for clerks."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from ..errors import LedgerError
from ..period import Span
from ..protocols import Stage
from ..scheme import model
from .book import Book, History, Recorded, Version
from .entry import KINDS, Draft, Entry, Kind, Signer, Unit
from .figures import quantity_of, same_figures, same_thing, shown

__all__ = ["draft_of", "permit"]

WORDS: Mapping[Stage, str] = {"filed": "填报", "reviewed": "审核", "verified": "核验"}
STATES = {"filed": "已填报，待审核", "reviewed": "已审核，待核验", "verified": "已核验", "returned": "已退回，待重报"}


def permit(scheme: model.Scheme, book: Book, draft: Draft) -> None:
    """Nothing where the entry may be made. Raises LedgerError: what hinders it, and what to do."""
    if not draft.by.person:
        raise LedgerError("没有写明经手人；请用 --by 姓名@单位")
    if not draft.by.name.isprintable():
        raise LedgerError(f"经手人姓名“{ascii(draft.by.name)[1:-1]}”中有换行或看不见的字符，请重新输入")
    if draft.by.body not in {one.id for one in scheme.bodies}:
        raise LedgerError(f"方案中没有单位“{draft.by.body}”，{draft.by.name}不能替它签字")
    _RULES[draft.kind](_Asked(scheme, book, draft))


def _moment(at: datetime) -> datetime:
    """The time as entries keep it: UTC, to the second."""
    if at.tzinfo is None:
        raise LedgerError("时间须带时区")
    try:
        return at.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise LedgerError(f"时间{at.isoformat()}超出了历法") from None


def draft_of(scheme: model.Scheme, book: Book, kind: Kind, by: Signer, at: datetime, unit: Unit | None, data: Mapping[str, Any]) -> Draft:
    """A draft that the rules allow."""
    by = Signer(" ".join(by.name.split()), by.body)
    draft = Draft(kind=kind, by=by, at=_moment(at), unit=unit, data=data)
    permit(scheme, book, draft)
    return draft


class _Asked:
    """A draft with what is known around it."""

    def __init__(self, scheme: model.Scheme, book: Book, draft: Draft) -> None:
        self.scheme, self.book, self.draft, self.by, self.data = scheme, book, draft, draft.by, draft.data
        self.office = scheme.body(draft.by.body)

    @property
    def unit(self) -> Unit:
        if self.draft.unit is None:
            raise LedgerError(f"{KINDS[self.draft.kind]}没有写明是哪个指标、哪个单位、哪一期")
        return self.draft.unit

    @property
    def indicator(self) -> model.Indicator:
        found = next((one for one in self.scheme.indicators if one.id == self.unit.indicator), None)
        if found is None:
            raise LedgerError(f"方案中没有指标“{self.unit.indicator}”")
        return found

    @property
    def history(self) -> History | None:
        return self.book.histories.get(self.unit)

    def title(self) -> str:
        return f"{self.scheme.body(self.unit.body).name}{self.unit.period}“{self.indicator.title}”"

    # -- who ---------------------------------------------------------------------------------------------------

    def stage(self, id: Stage) -> model.Process | None:
        """The scheme's own words on that stage; the stages of a scheme without any are free to all but `unlike`."""
        return next((one for one in self.scheme.processes if one.kind == "stage" and one.id == id), None)

    def verifiers(self) -> tuple[str, ...]:
        process = self.stage("verified")
        return process.bodies if process else ()

    def holds(self, bodies: tuple[str, ...]) -> bool:
        return not bodies or self.office.id in bodies or self.office.kind in bodies

    def names(self, bodies: tuple[str, ...]) -> str:
        known = {one.id: one.name for one in self.scheme.bodies}
        return "、".join(known.get(one, one) for one in bodies)

    def only(self, bodies: tuple[str, ...], what: str) -> None:
        if not self.holds(bodies):
            raise LedgerError(f"{what}由{self.names(bodies)}办理，{self.by.name}代表的是{self.office.name}")

    def unlike(self, id: Stage) -> None:
        """Nobody signs two stages of one figure, not even of an earlier version of it, and not under two offices."""
        process = self.stage(id)
        apart = process.unlike if process else ("filed", "reviewed")
        before = self.history.signers().get(self.by.person) if self.history else None
        if before is not None and before != id and before in apart:
            raise LedgerError(
                f"{self.title()}的{WORDS[before]}是{self.by.name}签的，{WORDS[id]}须由另一人签；同名不同人的，请在姓名后加工号"
            )

    def current(self, *states: str) -> Version:
        """The newest filing, which has to be in one of those states, and the one that was meant."""
        if self.history is None:
            raise LedgerError(f"{self.title()}还没有填报")
        version = self.history.current
        if version.seq != self.data["of"]:
            raise LedgerError(f"{self.title()}已有更新的填报（第{version.seq}条），请重新查看后再办")
        if version.state not in states:
            raise LedgerError(f"{self.title()}{STATES[version.state]}，不能{KINDS[self.draft.kind]}")
        self.after(version.last)
        return version

    def after(self, entry: Entry) -> None:
        """Nothing is done before what it is about."""
        if self.draft.at < entry.draft.at:
            done = f"第{entry.seq}条{KINDS[entry.draft.kind]}的时间{entry.draft.when}"
            raise LedgerError(f"{KINDS[self.draft.kind]}的时间{self.draft.when}早于{done}；请核对 --at 写的时间")

    def reason(self, what: str) -> None:
        if not str(self.data.get("reason", "")).strip():
            raise LedgerError(f"{what}必须写明理由")


# -- figures -------------------------------------------------------------------------------------------------------


def _filed(asked: _Asked) -> None:
    unit, indicator, data = asked.unit, asked.indicator, asked.data
    if asked.scheme.parts(indicator.id):
        raise LedgerError(f"“{indicator.title}”由各分项相加得出，不单独填报")
    shares = {share.body for share in indicator.shares}
    if unit.body not in (shares or {indicator.lead}):
        raise LedgerError(f"{asked.scheme.body(unit.body).name}不在“{indicator.title}”的填报名单中")
    if unit.period.year != asked.scheme.year:
        raise LedgerError(f"方案是{asked.scheme.year}年的，{unit.period}不能填报")
    if asked.office.id not in (unit.body, indicator.lead, *asked.verifiers()):
        raise LedgerError(f"{asked.title()}由该单位填报，或由牵头单位、核验单位代录；{asked.by.name}代表的是{asked.office.name}")
    signed = asked.history.signers().get(asked.by.person) if asked.history else None
    if signed not in (None, "filed"):
        raise LedgerError(f"{asked.title()}的{WORDS[signed]}是{asked.by.name}签的，不能再由同一人填报；同名不同人的，请在姓名后加工号")
    last = asked.history.current if asked.history else None
    if last is not None:
        asked.after(last.last)
    if data["corrects"] != (last.seq if last else 0):
        raise LedgerError(f"{asked.title()}在此期间有了新的填报，请重新收文")
    same = last is not None and same_figures(last.rows["filed"], data["rows"])
    if last is None or (last.state == "returned" and not same):
        return
    if not data["reason"]:
        stands = f"{asked.title()}{STATES[last.state]}（第{last.seq}条）"
        if last.returned:
            raise LedgerError(
                f"与退回的所报相同，仍须改正后重报（退回理由：{last.returned.draft.data['reason']}）；数据确实无误的，请注明理由"
            )
        raise LedgerError(f"{stands}，" + ("与这次所报相同，没有新内容" if same else "这次所报不同；确要更正的，请注明更正理由"))


def _returned(asked: _Asked) -> None:
    if asked.draft.unit is None:
        recorded = _record_of(asked)
        asked.only(asked.verifiers(), "不予采信")
        asked.reason("不予采信")
        if recorded.rejected:
            raise LedgerError(f"第{asked.data['of']}条已经不予采信")
        return
    version = asked.current("filed", "reviewed")
    lead = (asked.indicator.lead,) if version.state == "filed" else ()
    asked.only((*lead, *asked.verifiers()), "退回")
    asked.reason("退回")


def _reviewed(asked: _Asked) -> None:
    asked.current("filed")
    asked.only((asked.indicator.lead,), f"“{asked.indicator.title}”的审核")
    process = asked.stage("reviewed")
    if process:
        asked.only(process.bodies, "审核")
    asked.unlike("reviewed")
    _changed(asked, "filed")


def _verified(asked: _Asked) -> None:
    asked.only(asked.verifiers(), "核验")
    if asked.draft.unit is None:
        recorded = _record_of(asked)
        if recorded.confirmed or recorded.rejected:
            raise LedgerError(f"第{asked.data['of']}条已经{'认定' if recorded.confirmed else '不予采信'}")
        if recorded.entry.draft.by.person == asked.by.person:
            raise LedgerError(f"第{asked.data['of']}条是{asked.by.name}记的，须由另一人认定；同名不同人的，请在姓名后加工号")
        return
    asked.current("reviewed")
    asked.unlike("verified")
    _changed(asked, "reviewed")


def _changed(asked: _Asked, before: Stage) -> None:
    """A figure set by who signs needs a reason; rows are neither added nor lost."""
    version = asked.current(before)
    rows, held = asked.data["rows"], version.rows[before]
    if [row["subject"] for row in rows] != [row["subject"] for row in held]:
        raise LedgerError(f"{asked.title()}签字时行数变了")
    if not same_figures(rows, held):
        asked.reason("改动数据")


# -- records, summaries, publications --------------------------------------------------------------------------------


def _recorded(asked: _Asked) -> None:
    scheme, data = asked.scheme, asked.data
    event = next((one for one in scheme.events if one.id == data["event"]), None)
    if event is None or not event.record:
        known = "、".join(f"{one.title}（{one.id}）" for one in scheme.events if one.record)
        raise LedgerError(f"不认识的事项“{data['event']}”；方案中有：{known}")
    if data["body"] not in {one.id for one in scheme.bodies}:
        raise LedgerError(f"方案中没有单位“{data['body']}”")
    if not data["document"].strip() or not data["date"]:
        raise LedgerError(f"“{event.title}”必须有文号和日期")
    if not data["period"].startswith(f"{scheme.year}-"):
        raise LedgerError(f"方案是{scheme.year}年的，{data['period']}的事项不能记入")
    _not_ahead(asked, "文件日期")
    count = quantity_of(data["count"])
    if (
        count.unit.symbol != event.unit
        or count.value < 0
        or count.value > event.most
        or (count.value * 10**event.decimals).denominator != 1
    ):
        raise LedgerError(f"“{event.title}”应为0到{event.most}{event.unit}，最多{event.decimals}位小数，填的是{count}")
    if (event.counts == "overdue") != bool(data.get("deadline")):
        raise LedgerError(f"“{event.title}”{'必须有' if event.counts == 'overdue' else '没有'}整改期限")
    if data.get("deadline") and date.fromisoformat(data["deadline"]) < date.fromisoformat(data["date"]):
        raise LedgerError(f"整改期限{data['deadline']}早于发文日期{data['date']}")
    for seq, recorded in asked.book.records.items():
        held = recorded.entry.draft.data
        if recorded.rejected is None and same_thing(held, data):
            told = f"第{seq}条已经记过这件事（{data['document']}）"
            if quantity_of(held["count"]) != count:
                told += f"，记的是{shown(held['count'])}，这次是{count}；要改的，先由核验单位不予采信，再重新记"
            raise LedgerError(told)
    process = next((one for one in scheme.processes if one.kind == event.record), None)
    if process and event.record == "supervision":
        asked.only((*process.bodies, *asked.verifiers()), f"“{event.title}”")
    elif asked.office.id != data["body"]:
        asked.only((*asked.verifiers(), *_inspectors(scheme)), f"别的单位的“{event.title}”")


def _not_ahead(asked: _Asked, what: str) -> None:
    """A document is there before it is entered: one of tomorrow would close a finding, or count a case, that isn't."""
    if asked.data["date"] > asked.draft.day.isoformat():
        raise LedgerError(f"{what}{asked.data['date']}晚于办理日期{asked.draft.day}")


def _inspectors(scheme: model.Scheme) -> tuple[str, ...]:
    return tuple(body for one in scheme.processes if one.kind == "supervision" for body in one.bodies)


def _record_of(asked: _Asked) -> Recorded:
    found = asked.book.records.get(asked.data["of"])
    if found is None:
        raise LedgerError(f"第{asked.data['of']}条不是记事")
    asked.after(found.entry)
    return found


def _closed(asked: _Asked) -> None:
    recorded = _record_of(asked)
    said = recorded.entry.draft.data
    if not said.get("deadline"):
        raise LedgerError(f"第{asked.data['of']}条没有整改期限，不需要销号")
    if recorded.rejected:
        raise LedgerError(f"第{asked.data['of']}条已经不予采信，不需要销号")
    if recorded.closed:
        raise LedgerError(f"第{asked.data['of']}条已经销号（第{recorded.closed.seq}条）")
    if not asked.data["document"].strip() or not asked.data["date"]:
        raise LedgerError("销号必须有文号和日期")
    if asked.data["date"] < said["date"]:
        raise LedgerError(f"销号日期{asked.data['date']}早于发文日期{said['date']}")
    _not_ahead(asked, "销号日期")
    asked.only((*_inspectors(asked.scheme), *asked.verifiers()), "销号")


def _summary(asked: _Asked) -> None:
    data = asked.data
    span = Span.read(data["span"])
    if span.kind == "month":
        raise LedgerError(f"总结按季度或年度报，如 2023-Q4；写的是{span}")
    if span.end.year != asked.scheme.year:
        raise LedgerError(f"方案是{asked.scheme.year}年的，{span}不能报总结")
    if asked.office.id not in (data["body"], *asked.verifiers()):
        raise LedgerError(f"总结由该单位报送；{asked.by.name}代表的是{asked.office.name}")
    if not str(data["text"]).strip() and not data["attachments"]:
        raise LedgerError("总结没有正文，也没有附件")
    for one in asked.book.summaries:
        if all(one.draft.data[name] == data[name] for name in ("body", "span", "text", "attachments")):
            raise LedgerError(f"与第{one.seq}条相同，没有新内容")


def _published(asked: _Asked) -> None:
    data, before = asked.data, asked.book.published
    process = next((one for one in asked.scheme.processes if one.kind == "ranking"), None)
    asked.only(process.bodies if process else (), "排名和通报")
    if data["number"] != len(before) + 1:
        raise LedgerError(f"下一期通报应为第{len(before) + 1}号，给出的是第{data['number']}号")
    same = [one for one in before if one.draft.data["span"] == data["span"]]
    if not same:
        if data["corrects"]:
            raise LedgerError(f"{data['span']}还没有发布过，无从更正")
        return
    last = same[-1].draft.data
    if (last["fingerprints"]["result"], last["stage"]) == (data["fingerprints"]["result"], data["stage"]):
        raise LedgerError(f"{data['span']}的结果与第{last['number']}号通报相同，没有新内容")
    if data["corrects"] != last["number"]:
        raise LedgerError(f"{data['span']}已由第{last['number']}号通报发布，结果有变：须作为对第{last['number']}号的更正发布，并写明理由")
    asked.reason("更正通报")


def _intake(asked: _Asked) -> None:
    if asked.data["sha256"] in asked.book.hashes:
        raise LedgerError("这个文件已经收过，内容一字不差")


_RULES: Mapping[str, Callable[[_Asked], None]] = {
    "intake": _intake, "filed": _filed, "returned": _returned, "reviewed": _reviewed, "verified": _verified, "record": _recorded,
    "closed": _closed, "summary": _summary, "published": _published,
}  # fmt: skip
