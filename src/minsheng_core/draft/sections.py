"""A paper's head and its clauses: 一、（一）1.（1）, each with its number, its heading and from where to where it goes."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from attrs import frozen

from .paper import Words

__all__ = ["Head", "Section", "head_of", "sections_of"]

_CHINESE = "零一二三四五六七八九"
_LEVELS = (
    re.compile(r"(?P<n>第[一二三四五六七八九十百]{1,4}[条章项部]|[一二三四五六七八九十百]{1,4}(?=、))、?"),
    re.compile(r"[（(](?P<n>[一二三四五六七八九十]{1,4})[）)]、?"),
    re.compile(r"(?P<n>\d{1,2})[.．、](?!\d)"),
    re.compile(r"[（(](?P<n>\d{1,2})[）)]、?"),
    re.compile(r"(?P<n>[①-⑳])"),
)
_ANNEX = re.compile(r"附\s*[件表]\s*(?P<n>\d{0,2})\s*[：:]?")
_MARK = re.compile(r"(?m)^[ \t\u3000]*(?=[一二三四五六七八九十百第（(\d①-⑳附])")


@frozen(kw_only=True)
class Section:
    """A clause: its *id* (``2.1``), its *locator* as printed (``二、（一）``), its heading, and its own words from *start* to *end*,
    without those of the clauses below it."""

    id: str
    locator: str
    title: str
    start: int
    end: int
    path: tuple[str, ...]

    @property
    def parent(self) -> tuple[str, ...]:
        """The path of the clause that it stands in."""
        return self.path[:-1]


def number(text: str) -> int:
    """三十二 or 32 or ② as a number."""
    if text.isdecimal():
        return int(text)
    if len(text) == 1 and "①" <= text <= "⑳":
        return ord(text) - ord("①") + 1
    digits = text.strip("第条章项部")
    tens, ten, ones = digits.partition("十")
    if not ten:
        return _CHINESE.find(digits) if len(digits) == 1 else 0
    return (_CHINESE.find(tens) if tens else 1) * 10 + (_CHINESE.find(ones) if ones else 0)


def sections_of(words: Words) -> list[Section]:
    """The clauses of a text in order; before the first numbered one stands clause ``0``."""
    text = words.text
    marks: list[tuple[int, int, int, str, str]] = []  # offset, end of the mark, level, number, as printed
    for line in _MARK.finditer(text):
        annex = _ANNEX.match(text, line.end())
        if annex and not text[annex.end() : _line_end(text, annex.end())].strip(" \u3000：:"):
            marks.append((line.end(), annex.end(), -1, f"a{annex['n'] or '1'}", f"附件{annex['n']}"))
            continue
        for level, pattern in enumerate(_LEVELS):
            if match := pattern.match(text, line.end()):
                marks.append((line.end(), match.end(), level, str(number(match["n"])), match.group()))
                break
    found: list[Section] = []
    open_: list[tuple[int, str, str]] = []  # level, number, as printed
    taken: Counter[str] = Counter()
    first = marks[0][0] if marks else len(text)
    if text[:first].strip():
        found.append(Section(id="0", locator="首部", title="", start=0, end=first, path=("0",)))
        taken["0"] += 1
    for index, (start, body, level, own, printed) in enumerate(marks):
        while open_ and open_[-1][0] >= level:
            open_.pop()
        open_.append((level, own, printed))
        end = marks[index + 1][0] if index + 1 < len(marks) else len(text)
        base = ".".join(one for _, one, _ in open_)
        taken[base] += 1
        more = taken[base]
        id = f"{base}-{more}" if more > 1 else base
        if id != base:
            open_[-1] = (level, f"{own}-{more}", printed)
        locator = "".join(shown for _, _, shown in open_).rstrip("、.．")
        found.append(
            Section(id=id, locator=locator, title=_title(text, body, end), start=start, end=end, path=tuple(one for _, one, _ in open_))
        )
    return found


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _title(text: str, start: int, end: int) -> str:
    """The heading: the first line up to its first stop."""
    line = text[start : min(end, _line_end(text, start))].strip()
    title = re.split(r"[。：:；;（(〔]", line, maxsplit=1)[0].strip()
    return (
        title
        if len(title) >= 4 or not re.match(r"[（(〔]", line[len(title) :])
        else re.split(r"[。：:；;，,]", line, maxsplit=1)[0].strip()
    )[:60]


@frozen(kw_only=True)
class Head:
    """What a paper says of itself; empty or None where it doesn't."""

    title: str = ""
    issuer: str = ""
    number: str = ""
    issued: date | None = None
    year: int = 0
    at: int = 0  # where the title begins


_NAMED = re.compile(r"《([^》]{6,80})》")
_IS_TITLE = re.compile(r"(?:方案|分解表|任务书|通知|计划|意见|清单|任务|责任表|分解|安排|一览表|任务表)(?:[（(][^（）()]{1,10}[）)])?$")
_NUMBERED = re.compile(r"[\u4e00-\u9fffA-Za-z×]{2,12}[〔\[［【（(]\d{4}[〕\]］】）)]\s?\d{1,4}\s?号")
_DAY = re.compile(r"(?m)^[ \t\u3000]*(\d{4})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日[ \t\u3000]*$")
_HAN_DAY = re.compile(
    r"(?m)^[ \t\u3000]*([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日[ \t\u3000]*$"
)
_ISSUER = re.compile(r"(?:办公室|人民政府|委员会|领导小组|指挥部|工作专班|局|政府办|委|办公厅)$")
_YEAR = re.compile(r"(20\d\d)\s?年")


def head_of(words: Words) -> Head:
    """The paper's title, issuer, number, day and year, as far as they are printed."""
    text = words.text
    lines = list(_lines(text))
    title, at = "", 0
    for start, line in lines[:60]:
        if (
            _IS_TITLE.search(line) and len(line) <= 80 and not re.match(r"[一二三四五六七八九十]{1,3}、|[（(]|\d{1,2}[.．、]|附", line)
        ) and "。" not in line:
            title, at = "".join(line.split()), start
            break
    if named := _NAMED.search(title):
        title = "".join(named[1].split())
    issued = _day(text)
    before = [line for _, line in lines[:8]] + [
        text[text.rfind("\n", 0, max(0, match.start() - 1)) + 1 : match.start()].strip() for match in list(_DAY.finditer(text))[:1]
    ]
    issuer = next(
        (
            plain
            for line in reversed(before)
            if _ISSUER.search(plain := "".join(line.split())) and 4 <= len(plain) <= 40 and not re.search(r"[：:，。、]", plain)
        ),
        "",
    )
    printed = _NUMBERED.search(text[:3000])
    years = _YEAR.findall(title) or _YEAR.findall(text[:400]) or ([str(issued.year)] if issued else [])
    return Head(
        title=title, issuer=issuer, number=printed.group() if printed else "", issued=issued, year=int(years[0]) if years else 0, at=at
    )


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.split("\n"):
        if line.strip():
            yield at, line.strip()
        at += len(line) + 1


def _day(text: str) -> date | None:
    for match in _DAY.finditer(text):
        try:
            return date(*(int(part) for part in match.groups()))
        except ValueError:
            continue
    for match in _HAN_DAY.finditer(text):
        year = int("".join(str(max(0, _CHINESE.find(one))) for one in match[1].replace("〇", "零").replace("○", "零")))
        try:
            return date(year, number(match[2]), number(match[3]))
        except ValueError:
            continue
    return None
