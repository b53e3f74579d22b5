"""A paper read whole: clauses, targets of the text and of the tables brought together, bodies, deadlines of reports; nothing is made up."""

import re
from collections.abc import Sequence

from attrs import define, evolve, field

from ..allocation.text import read_splits
from ..errors import ReportError
from ..finding import Place
from .bodies import Duty, Roll, duties, first_leads, kinds_of_all
from .figures import Figure
from .merge import merged, note_conflicts
from .paper import Paper, Words, join
from .prose import agrees, paired, targets_of
from .sections import Head, Section, head_of, sections_of
from .tables import body_table, captioned
from .target import Doubt, Spot, Target
from .tasks import Row, task_rows

__all__ = ["Found", "Report", "Task", "read_paper"]

_PROMISE = re.compile(r"目标|任务|指标|实事|项目|工程|分解")
_GENERIC = re.compile(r"(?:主要|年度|具体|工作|重点|项目|建设|总体)*(?:目标|任务|内容)(?:任务|分解|及|和|与|目标|内容|安排)*(?:分解)?")
_MANNER = re.compile(
    r"要求|保障措施|资金保障|经费保障|资金来源|资金筹措|组织领导|督导|督查|督办|考核|宣传|附则|原则|指导思想|总体思路|工作机制|加强|强化|严格|背景|基本情况|意义"
)
_DEADLINE = re.compile(
    r"(?:(?:力争|确保)?(?:在|于|到)?)(?P<day>(?:20\d\d年)?(?:\d{1,2}月(?:\d{1,2}日|底|末|份)?|年?底)(?:之?前|以前)|20\d\d年(?:底|末)前?|20\d\d年(?:\d{1,2}月)?(?=(?:全面|全部)?(?:完成|建成|竣工|投入使用)))"
)
_LIMIT = re.compile(r"(?:完成|办结|达标|竣工)?(?:时限|时间|期限)(?:要求)?[：:。]\s*(?P<day>[^。；;，,\n（）()]{2,20})")
_REPORT = re.compile(
    r"(?P<every>每月|每季度?(?:末月)?|每个?月|次月|季度?末月?|每季末)[^。；;\n]{0,12}?(?P<day>\d{1,2})日(?:之?前|以前)[^。；;\n]{0,40}?(?:报送|上报|报|填报|反馈|提交)"
)
_EVERY = re.compile(
    r"月专报|月报告|月报制|月调度|月通报|季总结|季报告|季调度|按月(?:报送|调度)|按季(?:报送|调度)|每月(?:报送|上报|调度)|每季度?(?:报送|上报|调度|总结)"
)

MAX_BARE = 5  # numbers without a unit in one clause that are listed one by one
MAX_CLAUSES, MAX_TARGETS, MAX_SHARES = 3_000, 1_500, 3_000  # a province has fewer; what has more is no such paper


@define(kw_only=True)
class Task:
    """A promise without a number."""

    title: str
    spot: str
    project: str
    lead: str = ""
    doubts: list[Doubt] = field(factory=list)


@define(kw_only=True)
class Report:
    """A requirement to report: every month or quarter, on a day of the following month, 0 where none is said or another is meant."""

    text: str
    every: str
    day: int
    spot: str
    doubts: list[Doubt] = field(factory=list)


@define(kw_only=True)
class Found:
    """All that was found in a paper. *unused* are figures that are no target, each with its clause, why, and its words."""

    paper: Paper
    head: Head
    roll: Roll
    spots: list[Spot] = field(factory=list)
    targets: list[Target] = field(factory=list)
    tasks: list[Task] = field(factory=list)
    reports: list[Report] = field(factory=list)
    unused: list[tuple[str, Doubt]] = field(factory=list)
    aside: list[Target] = field(factory=list)  # figures of the introduction and of requirements, which are no targets but may be totals
    doubts: list[Doubt] = field(factory=list)
    first_leads: bool = False


def read_paper(paper: Paper, roll: Roll) -> Found:
    """Everything that the paper prints and this can read; what isn't sure is a doubt with its place.

    Raises ReportError for what has so many clauses or figures that it is no such paper.
    """
    prose = [block for block in paper.blocks if isinstance(block, Words)]
    words = join(prose) if prose else Words("", ((0, Place(paper.name)),))
    found = Found(paper=paper, head=head_of(words), roll=roll, first_leads=first_leads(words.text))
    found.doubts += [Doubt(words_, place) for place, words_ in paper.unread]
    sections = sections_of(words)
    if len(sections) > MAX_CLAUSES:
        raise ReportError(f"{paper.name}：有{len(sections):,}条，不像任务分解方案；请只保留任务分解的部分")
    _clauses(found, words, sections)
    _tables(found)
    _bounded(found)
    _totals(found)
    found.targets = merged(found.targets)
    note_conflicts(found.targets)
    _mentioned(found, words)
    return found


# -- clauses -----------------------------------------------------------------------------------------------------------


def _clauses(found: Found, words: Words, sections: Sequence[Section]) -> None:
    text = words.text
    splits = read_splits(text)
    by_path = {section.path: section for section in sections}
    said = {section.path: duties(words, section.start, section.end) for section in sections}
    limits = {section.path: match["day"] for section in sections if (match := _LIMIT.search(text, section.start, section.end))}
    for section in sections:  # （二）责任单位：… is said of the clause that it stands in
        if _is_label(text, section) and section.parent in said:
            said[section.parent] = _as_one([*said[section.parent], *said.pop(section.path)])
            if section.path in limits:
                limits.setdefault(section.parent, limits.pop(section.path))
    for section in sections:
        place = words.at(section.start)
        summary = " ".join(text[section.start : section.end].split())[:60]
        if not _is_label(text, section):
            found.spots.append(Spot(id=section.id, locator=section.locator, summary=summary, place=place))
        chain = [by_path[section.path[:length]] for length in range(len(section.path), 0, -1) if section.path[:length] in by_path]
        manner = (any(_MANNER.search(one.title) for one in chain) or (section.id == "0" and len(sections) > 1)) and not said.get(
            section.path
        )
        home = next((one for one in chain if not _is_label(text, one)), section)
        targets, skipped = targets_of(words, section.start, section.end, splits, found.roll, home.id)
        _reports(found, words, section, home.id)
        if manner and not any(target.pieces for target in targets):
            found.aside += targets
            for target in targets:
                found.unused.append((home.id, Doubt("在引言或工作要求里，没有当作目标", target.place, f"{target.title}{target.printed}")))
            targets = []
        bare = [figure for figure in skipped if figure.reason.startswith("没有认得")]
        if len(bare) > MAX_BARE:
            reason = f"这里有{len(bare)}个没有单位的数，像是没有读出的表"
            found.unused.append((home.id, Doubt(reason, words.at(bare[0].start), _near(words, bare[0]))))
        for figure in skipped:
            if len(bare) <= MAX_BARE or not figure.reason.startswith("没有认得"):
                found.unused.append((home.id, Doubt(figure.reason, words.at(figure.start), _near(words, figure))))
        for target in targets:
            target.said = home.id
            target.project = _project(chain, text) or found.head.title or target.title
            _limit(target, words, section, limits, chain)
            _duty(found, target, _nearest(target, said.get(section.path, ())) or _inherited(said, chain), words)
            found.targets.append(target)
        _bounded(found)
        if said.get(section.path) and not manner and not _is_label(text, section) and (section.id != "0" or len(sections) == 1):
            _unquantified(found, words, section, targets, home.id, said[section.path])


def _bounded(found: Found) -> None:
    """Raise ReportError where there are more figures than any such paper has."""
    if (
        len(found.targets) > MAX_TARGETS
        or len(found.unused) > 10 * MAX_TARGETS
        or any(len(one.pieces) > MAX_SHARES for one in found.targets[-MAX_TARGETS:])
    ):
        raise ReportError(f"{found.paper.name}：带单位的数太多，不像任务分解方案；请只保留任务分解的部分")


def _as_one(said: Sequence[Duty]) -> list[Duty]:
    """责任单位 and 协办单位 of two clauses are said of one thing."""
    roles = {role: next((getattr(one, role) for one in said if getattr(one, role)), ()) for role in ("lead", "joint", "plain")}
    return [Duty(**roles, span=said[0].span)] if said else []


def _is_label(text: str, section: Section) -> bool:
    """Whether a clause only says who answers or by when: （三）协办单位：…"""
    own = text[section.start : section.end]
    body = own[len(section.locator) and re.match(r"[\s\u3000]*(?:[一二三四五六七八九十]+、|[（(].{1,4}?[）)]|\d+[.．、])?", own).end() :]  # type: ignore[union-attr] # always matches
    return bool(
        re.match(
            r"[\s\u3000]*(?:主要|牵头|协办|配合|责任|主管|承办|完成)?(?:责任)?(?:单位|部门|领导|时限|时间|人|分工)(?:及[^：:]{1,6})?[：:。]",
            body,
        )
    )


def _near(words: Words, figure: Figure) -> str:
    return " ".join(words.raw[max(0, figure.start - 12) : figure.end + 8].split())


def _project(chain: Sequence[Section], text: str) -> str:
    """The heading that a clause stands under: its own where it is short, else the next one above."""
    for section in chain:
        if (
            not _is_label(text, section)
            and not _GENERIC.fullmatch(section.title)
            and 2 <= len(section.title) <= 30
            and not re.search(r"\d{2,}|[，,]", section.title)
        ):
            return section.title
    return next((re.split(r"[，,]", one.title)[0][:30] for one in chain if one.title and not _is_label(text, one)), "")


def _nearest(target: Target, said: Sequence[Duty]) -> Duty | None:
    """Who is named next after the figure; where nobody is, who is named before it."""
    after = [duty for duty in said if duty.span[0] >= target.offset]
    return after[0] if after else (said[-1] if said else None)


def _inherited(said: dict[tuple[str, ...], list[Duty]], chain: Sequence[Section]) -> Duty | None:
    return next((said[one.path][-1] for one in chain[1:] if said.get(one.path)), None)


def _limit(target: Target, words: Words, section: Section, limits: dict[tuple[str, ...], str], chain: Sequence[Section]) -> None:
    at, text = target.offset, words.text
    low = max(text.rfind(sign, section.start, at) for sign in "。；;\n") + 1
    high = min((end for sign in "。；;\n" if (end := text.find(sign, at, section.end)) >= 0), default=section.end)
    match = _DEADLINE.search(text, max(low, section.start), high)
    days = {one["day"] for one in _DEADLINE.finditer(text, section.start, section.end)}
    if not match and len(days) == 1:
        target.deadline = days.pop()
    else:
        target.deadline = match["day"] if match else next((limits[one.path] for one in chain if one.path in limits), "")


def _duty(found: Found, target: Target | Task, duty: Duty | None, words: Words) -> None:
    if duty is None:
        return
    named = {role: [(name, words.at(offset)) for name, offset in getattr(duty, role)] for role in ("lead", "joint", "plain")}
    _answer(found, target, named)


def _answer(found: Found, target: Target | Task, named: dict[str, list[tuple[str, Place]]]) -> None:
    """Who leads and who joins in, by the labels; the first of 责任单位 leads where the paper says so, or where it is alone."""
    lead = [*named["lead"]]
    rest = [*named["plain"], *named["joint"]]
    if not lead and named["plain"]:
        lead, rest = named["plain"][:1], [*named["plain"][1:], *named["joint"]]
        if len(named["plain"]) > 1 and not found.first_leads:
            first = named["plain"][0]
            target.doubts.append(
                Doubt(
                    f"原文没有说哪一个牵头，先把排第一的“{first[0]}”写作牵头单位",
                    first[1],
                    "、".join(name for name, _ in named["plain"])[:60],
                )
            )
    if lead and kinds_of_all(lead[0][0]):
        target.doubts.append(Doubt(f"责任单位是“{lead[0][0]}”，没有牵头单位", lead[0][1], lead[0][0]))
        rest, lead = [*lead, *rest], []
    if lead:
        if not found.roll.likely(lead[0][0]):
            target.doubts.append(Doubt(f"牵头单位读作“{lead[0][0]}”，从字面看不出是单位", lead[0][1], lead[0][0]))
        target.lead = found.roll.meet(*lead[0])
    if isinstance(target, Task):
        return
    for name, place in [*lead[1:], *rest]:
        kinds = kinds_of_all(name)
        ids = list(kinds) if kinds else [found.roll.meet(name, place)]
        target.joint += [id for id in ids if id not in target.joint and id != target.lead]


def _unquantified(found: Found, words: Words, section: Section, targets: Sequence[Target], spot: str, said: Sequence[Duty]) -> None:
    """Sentences of a clause with responsible bodies that promise something without a number."""
    text = words.text
    at = section.start
    project = targets[0].project if targets else section.title
    lines = {target.offset for target in targets}
    for sentence in re.finditer(r"[^。；;\n]+", text[section.start : section.end]):
        low, high = at + sentence.start(), at + sentence.end()
        plain = re.sub(r"[（(〔].*", "", sentence.group()).strip()
        plain = re.sub(r"^(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d+[.．、])", "", plain).strip()
        labelled = re.search(r"(?:单位|部门|领导|时限)[：:]|牵头|责任人", plain)
        if len(plain) < 6 or re.search(r"\d", plain) or labelled or any(low <= one < high for one in lines) or plain == section.title:
            continue
        task = Task(title=plain[:80], spot=spot, project=project)
        _duty(found, task, next((duty for duty in said if duty.span[0] >= low), said[-1]), words)
        found.tasks.append(task)


def _reports(found: Found, words: Words, section: Section, spot: str) -> None:
    text = words.text
    for match in _REPORT.finditer(text, section.start, section.end):
        every = "quarter" if "季" in match["every"] else "month"
        day = int(match["day"])
        report = Report(text=" ".join(match.group().split())[:80], every=every, day=0, spot=spot)
        if re.search(r"次月|上月|上季|下月", text[max(0, match.start() - 6) : match.end()]) and 1 <= day <= 28:
            report.day = day
        else:
            report.doubts.append(Doubt("是当月还是次月的期限，要由人定（day 是次月几日）", words.at(match.start()), report.text))
        found.reports.append(report)
    for match in _EVERY.finditer(text, section.start, section.end):
        every = "quarter" if "季" in match.group() else "month"
        if not any(one.spot == spot and one.every == every for one in found.reports):
            found.reports.append(Report(text=match.group(), every=every, day=0, spot=spot))


def _totals(found: Found) -> None:
    """A split without a total of its own is of a figure of the introduction, where its sum agrees with that one alone."""
    for target in found.targets:
        if target.quantity is not None or target.checked is None:
            continue
        agreeing = [one for one in found.aside if one.quantity and agrees(one, target.checked.split.entries)]
        if len(agreeing) == 1:
            (one,) = agreeing
            found.aside.remove(one)
            found.unused = [entry for entry in found.unused if entry[1].place != one.place]
            target.quantity, target.printed, target.place, target.spot = one.quantity, one.printed, one.place, one.spot
            target.title = one.title if "没有印名称" in target.title else target.title
            target.doubts = [doubt for doubt in target.doubts if "没有印总数" not in doubt.words and "没有读出指标名称" not in doubt.words]
            paired(target, evolve(target.checked.split, total=one.quantity), found.roll)


# -- tables ------------------------------------------------------------------------------------------------------------


def _tables(found: Found) -> None:
    before: list[str] = []
    for block in found.paper.blocks:
        if isinstance(block, Words):
            before.append(block.text)
            continue
        grid, caption, unit_all, _ = captioned(block, before)
        before = []
        if grid is None:
            continue
        spot = f"table{block.name.removeprefix('表')}"
        rows: list[Row] = []
        over = body_table(grid, caption, unit_all, found.roll, spot)
        if over is None:
            rows = task_rows(grid, found.roll, spot)
        else:
            targets, spots = over
            found.spots += spots
            for target in targets:
                target.said, target.project = target.spot, caption or target.title
                found.targets.append(target)
            continue
        for row in rows:
            _row(found, row, caption)
        if not rows:
            figures = [cell for line in grid.rows for cell in line if re.search(r"\d", cell.text)]
            if figures:
                found.doubts.append(Doubt(f"{block.name}没有读懂，里面有{len(figures)}格带数", grid.place, grid.rows[0][0].text[:20]))


def _row(found: Found, row: Row, caption: str) -> None:
    summary = "，".join(dict.fromkeys(filter(None, [row.project, row.title])))
    found.spots.append(Spot(id=row.spot.id, locator=row.spot.locator, summary=summary[:60] or row.spot.locator, place=row.spot.place))
    named = {role: [(name, cell.place) for name, cell in getattr(row, role)] for role in ("lead", "joint", "plain")}
    for target in row.targets:
        target.said = target.spot
        target.project = row.project or caption or target.title
        target.deadline = target.deadline or row.deadline
        _answer(found, target, named)
        found.targets.append(target)
    for cell, figure in row.skipped:
        found.unused.append(
            (row.spot.id, Doubt(figure.reason, cell.place, " ".join(cell.text[max(0, figure.start - 12) : figure.end + 8].split())[:60]))
        )
    if not row.targets and not row.skipped and (row.title or row.project):
        task = Task(title=row.title or row.project, spot=row.spot.id, project=row.project or caption or row.title)
        _answer(found, task, named)
        found.tasks.append(task)


def _mentioned(found: Found, words: Words) -> None:
    """The bodies of splits; and with a list, every other one whose name stands anywhere in the paper."""
    for target in found.targets:
        for piece in target.pieces:
            found.roll.meet(piece.name, piece.place)
    if found.roll.names is None:
        return
    for body in found.roll.given:
        for name in (body.name, body.printed, *body.aliases):
            if name and len(name) >= 3 and body.id not in found.roll.met and (at := words.text.find(name)) >= 0:
                found.roll.meet(name, words.at(at))
