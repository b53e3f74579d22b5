"""Who answers: bodies by a given list or as the paper prints them, and the responsible ones of a clause. Never by the nearest name."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from attrs import define, evolve, field, frozen

from ..errors import ReportError
from ..filing.text import read_text
from ..finding import Place
from ..scheme.load import load_scheme
from ..scheme.model import Body
from ..scheme.names import Names
from .paper import Words

__all__ = ["AREAS", "Duty", "Roll", "duties", "first_leads", "kind_of", "kinds_of_all", "listed", "read_list"]

AREAS = {
    "街道办事处": "街道", "街道": "街道", "办事处": "街道", "民族乡": "乡", "苏木": "苏木", "镇": "镇", "乡": "乡", "县": "县", "市": "市", "旗": "旗", "自治州": "州", "盟": "盟",
    "管委会": "园区", "管理委员会": "园区", "开发区": "园区", "高新区": "园区", "经开区": "园区", "新区": "园区", "示范区": "园区", "管理区": "园区", "工业园": "园区",
    "园区": "园区", "特区": "园区", "高新园": "园区", "区": "区", "农场": "场", "林场": "场", "社区": "社区", "村": "村",
}  # fmt: skip
OFFICES = (
    "局",
    "委",
    "办",
    "厅",
    "中心",
    "公司",
    "集团",
    "院",
    "会",
    "室",
    "总队",
    "支队",
    "大队",
    "部",
    "办公室",
    "分局",
    "署",
    "社",
    "站",
    "处",
    "银行",
    "馆",
    "台",
    "企业",
    "学校",
    "大学",
    "专班",
    "指挥部",
)
# What ends like a body and is none.
NONE = re.compile(
    r"办事处|管委会|指挥部|办公室|党工委|党委|纪委|市委|县委|区委|省委|(?:建制|中心|重点|小城|城|乡|集|村)镇|城乡|城市|农村|县市|市县|县城|(?:主|中心|老|新)?城区|(?:贫困|高寒|边远)?(?:山|库|灾|牧|湖)区|全[省市县区州]|各[省市县区州镇乡村].*|[省市县区]直|本[级市县区镇乡]|市本级|"
    r".*(?:小区|校区|景区|学区|社区服务|示范[村镇]|美丽乡村|行政村|自然村|贫困村|超市|菜市|夜市)"
)
VERBS = re.compile(
    r"新[增建改]|[改扩建]建|建设|改造|完成|创建|培育|培训|实施|达到|提升|推进|治理|整治|发放|补助|救助|资助|就业|参保|硬化|安装|配备"
)
COLUMNS = {
    "name": ("name", "名称", "单位", "单位名称", "乡镇", "乡镇（街道）", "乡镇(街道)", "责任主体"), "kind": ("kind", "type", "类型", "类别"),
    "id": ("id", "code", "code9", "代码", "编码", "区划代码"), "printed": ("printed", "seed_name", "印作", "原文", "原文名称"), "aliases": ("aliases", "alias", "别名", "简称", "曾用名"),
}  # fmt: skip


def read_list(source: str) -> tuple[Body, ...]:
    """The bodies of a list: a CSV file with a column for names (名称), maybe 类型 代码 印作 别名; or those of a scheme.

    Raises ReportError for a file that is no such list, RuleError for a scheme that isn't there.
    """
    path = Path(source)
    if not path.is_file() or path.suffix.lower() == ".toml":
        return load_scheme(source).bodies
    rows = [row for row in csv.reader(io.StringIO(read_text(path))) if any(cell.strip() for cell in row) and not row[0].startswith("#")]
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    at = {key: next((head.index(title) for title in titles if title in head), -1) for key, titles in COLUMNS.items()}
    if at["name"] < 0:
        raise ReportError(f"{path}：名单的第一行要有“名称”一栏（可另有 类型、代码、印作、别名），读到的是 {'、'.join(head) or '空文件'}")
    found: dict[str, Body] = {}
    for number, row in enumerate(rows[1:], 2):
        cells = {key: row[index].strip() if 0 <= index < len(row) else "" for key, index in at.items()}
        name = cells["name"]
        if not name:
            raise ReportError(f"{path}：第{number}行没有名称")
        body = Body(
            id=cells["id"] or name,
            name=name,
            kind=cells["kind"] or kind_of(name) or "其他",
            printed="" if cells["printed"] == name else cells["printed"],
            aliases=tuple(one for one in re.split(r"[、;；|\s]+", cells["aliases"]) if one),
        )
        if body.id in found:
            raise ReportError(f"{path}：第{number}行的代码或名称 {body.id} 已经有了")
        found[body.id] = body
    return tuple(found.values())


def kind_of(name: str) -> str:
    """What sort of body a name says that it is, by how it ends; empty where it doesn't."""
    if not 2 <= len(name) <= 24 or NONE.fullmatch(name) or VERBS.match(name):
        return ""
    for suffix, kind in AREAS.items():
        if name.endswith(suffix) and len(name) > len(suffix) and not VERBS.search(name):
            return kind
    level = next((one for one in name[:4] if one in "省市县区州旗"), "")
    return f"{level or '市'}直" if name.endswith(OFFICES) and len(name) >= 3 else ""


@define
class Roll:
    """The bodies met in a paper, by the *given* list where there is one, else as printed. *unsure* says of an id what a person should look at."""

    given: Sequence[Body] = ()
    met: dict[str, Body] = field(factory=dict)
    places: dict[str, Place] = field(factory=dict)
    unsure: dict[str, str] = field(factory=dict)
    names: Names | None = None

    def __attrs_post_init__(self) -> None:
        self.names = Names(self.given) if self.given else None

    def known(self, name: str) -> Body | None:
        """The body of the list that has that name; None where there is none, or no list."""
        return self.names.resolve(name) if self.names else None

    def likely(self, name: str) -> bool:
        """Whether a name is a body's, by the list or by how it ends."""
        return self.known(name) is not None or bool(kind_of(name))

    def meet(self, name: str, place: Place) -> str:
        """The id of the body of that name, entered with where it stands."""
        body = self.known(name)
        if body is None:
            plain = "".join(name.split())
            body = Body(id=plain, name=plain, kind=kind_of(plain) or "其他")
            offices = any(one.kind.endswith("直") for one in self.given)
            if self.names and (offices or not body.kind.endswith("直")):  # a list of townships says nothing of departments
                close = self.names.suggest(plain)
                self.unsure.setdefault(plain, f"名单中没有“{plain}”{'，是不是' + '、'.join(close) + '？' if close else ''}，照印写入")
            elif body.kind == "其他":
                self.unsure.setdefault(plain, f"从字面看不出“{plain}”是哪一类单位，照印写入")
        self.met.setdefault(body.id, body)
        self.places.setdefault(body.id, place)
        return body.id

    def bodies(self) -> tuple[Body, ...]:
        """The bodies met: areas first, then offices, each in the paper's order; with a list, what it says of their parents is kept where they were met."""
        areas = [body for body in self.met.values() if body.kind in set(AREAS.values())]
        rest = [body for body in self.met.values() if body not in areas]
        return tuple(evolve(body, place=None, parent=body.parent if body.parent in self.met else "") for body in (*areas, *rest))


# -- responsible bodies ------------------------------------------------------------------------------------------------

_LEAD = r"(?:牵头(?:责任)?|责任牵头|主要责任|第一责任|主管|主办|承办|主责)(?:单位|部门)"
_JOINT = r"(?:配合|协办|协同|协作|参与|参加|支持|共同|协助)(?:责任)?(?:单位|部门)"
_PLAIN = r"(?:责任|实施|负责|承担)(?:单位|部门|主体)"
_LABEL = re.compile(rf"(?P<lead>{_LEAD})|(?P<joint>{_JOINT})|(?P<plain>{_PLAIN})")
_MARKED = re.compile(
    rf"(?:{_LEAD}|{_JOINT}|{_PLAIN})(?:及(?:配合|责任)单位)?(?:[：:]|。(?=[\u4e00-\u9fff]{{2,12}}(?:局|委|办|厅|中心|政府)))"
)
_FIRST = re.compile(
    r"(?:排(?:名|列|在)?|列)(?:在)?第[一1]?(?:位|个)?(?:的|者)?(?:单位)?[^。；）)]{0,4}?为?牵头(?:责任)?(?:单位|部门)|排名第一的?[^。；）)]{0,6}牵头"
)
_SAID = re.compile(
    r"(?:由|请)?(?P<lead>[\u4e00-\u9fff（）()]{2,20}?)(?:负责)?牵头(?:负责|组织实施|实施)?[，,、；;]\s*(?P<joint>[\u4e00-\u9fff、（）()]{2,80}?)(?:等)?(?:配合|协办|参与|参加)"
)
_HAN = r"(?:(?![由请])[\u4e00-\u9fff])"
_ALONE = re.compile(
    rf"(?:^|(?<=[。；;，,（(\n由请]))(?P<lead>{_HAN}{{2,16}}?)(?:负责牵头|牵头(?:负责|组织实施|实施)?|负责(?:组织)?(?:实施|落实)?)(?=[。；;，,）)\n]|$)"
)
_BRACKET = re.compile(r"[（(](?P<plain>[\u4e00-\u9fff]{2,16}(?:[、，,][\u4e00-\u9fff]{2,16}){0,12})[）)](?=[。；;，,\n]|$)")
_NOTHING = re.compile(r"[/／\-—－无]*|等|有关单位|相关(?:单位|部门)|(?:市|县|区)?(?:各)?(?:有关|相关)(?:单位|部门)|下同")
_LIMITED = re.compile(r"(?:完成|办结)?时(?:限|间)[：:]")
SIGNS = "、，,;；\n\u3000"
ROLES = ("lead", "joint", "plain")


@frozen(kw_only=True)
class Duty:
    """Who answers for what stands around *span*: names as printed by role, each with its offset, and what of it isn't sure."""

    lead: tuple[tuple[str, int], ...] = ()
    joint: tuple[tuple[str, int], ...] = ()
    plain: tuple[tuple[str, int], ...] = ()
    span: tuple[int, int]


def first_leads(text: str) -> bool:
    """Whether the paper says that the first named is the lead body."""
    return bool(_FIRST.search(text))


def duties(words: Words, start: int = 0, end: int | None = None) -> list[Duty]:
    """The responsible bodies that a part of a text names, by label (``责任单位：``) or sentence (``…牵头，…配合``)."""
    text = words.text
    end = len(text) if end is None else end
    found: list[Duty] = []
    for match in _MARKED.finditer(text, start, end):
        label = _LABEL.match(match.group())
        role = label.lastgroup if label else None
        inside = text[match.start() - 1 : match.start()] in ("（", "(", "〔", "[", "【")  # then a line that ends ends no list
        stop = _stop(text, match.end(), end, inside)
        names = _names(text, match.end(), stop, "、，,;；\u3000" if inside else SIGNS)
        if not role or not names:
            continue
        last = found[-1] if found else None
        if (
            last
            and not getattr(last, role)
            and not re.search(r"[。\n]", text[last.span[1] : match.start()])
            and match.start() - last.span[1] < 4
        ):
            found[-1] = evolve(last, **{role: names}, span=(last.span[0], stop))  # 牵头单位：…；配合单位：…
        else:
            found.append(Duty(**{role: names}, span=(match.start(), stop)))
    for said in _SAID.finditer(text, start, end):
        if not any(one.span[0] <= said.start() < one.span[1] for one in found) and not _cut(text, said.start("lead")):
            lead, joint = (_names(text, said.start(role), said.end(role)) for role in ("lead", "joint"))
            if len(lead) == 1 and kind_of(lead[0][0]):
                found.append(Duty(lead=lead, joint=joint, span=said.span()))
    for pattern, role in ((_ALONE, "lead"), (_BRACKET, "plain")):  # 由县住建局负责。 and （县文旅局、县教体局）
        for said in pattern.finditer(text, start, end):
            names = _names(text, said.start(role), said.end(role))
            free = not any(one.span[0] <= said.start(role) < one.span[1] for one in found) and not _cut(text, said.start(role))
            if free and names and all(len(name) > 2 and kind_of(name).endswith("直") for name, _ in names):
                found.append(Duty(**{role: names}, span=said.span(role)))
    return sorted(found, key=lambda duty: duty.span)


def listed(words: Words) -> tuple[tuple[str, int], ...]:
    """The names in a cell that lists bodies."""
    return _names(words.text, 0, min(len(words.text), 4000), "、，,;； \t\n\u3000")


def _cut(text: str, at: int) -> bool:
    """Whether the line before *at* stops in the middle of a sentence: what begins here may only be the end of a name."""
    line = text[max(0, at - 200) : at].rpartition("\n")[0].rpartition("\n")[2] if text[at - 1 : at] == "\n" else ""
    return bool(re.search(r"[，。；：、]", line) and re.search(r"[\u4e00-\u9fff、]$", line))


def _stop(text: str, start: int, end: int, inside: bool) -> int:
    """Where a list that begins at *start* ends: at a full stop, a bracket that closes what is around it, or the next label."""
    depth = 0
    for at in range(start, min(end, start + 600)):
        sign = text[at]
        if sign in "（(〔[【":
            depth += 1
        elif sign in "）)〕]】":
            depth -= 1
            if depth < 0:
                return at
        elif depth:
            continue
        elif (
            sign in "。；;"
            or (sign == "\n" and not inside and text[start:at].strip())
            or (sign in "牵责主第承配协参支共实负" and _MARKED.match(text, at))
            or (sign in "完办时" and _LIMITED.match(text, at))
        ):
            return at
    return min(end, start + 600)


def _names(text: str, start: int, end: int, signs: str = SIGNS) -> tuple[tuple[str, int], ...]:
    """The names of a list with their offsets: parted by signs outside brackets."""
    names: list[tuple[str, int]] = []
    depth, begin = 0, start
    parts: list[tuple[int, int]] = []
    for at in range(start, end):
        sign = text[at]
        depth += (sign in "（(〔") - (sign in "）)〕")
        if depth <= 0 and sign in signs:
            parts.append((begin, at))
            begin = at + 1
    parts.append((begin, end))
    for low, high in parts:
        raw = re.sub(r"[（(][^（）()]*(?:牵头|下同|排)[^（）()]*[）)]", "", text[low:high])  # （排在第一位的为牵头单位，下同）
        if re.search(r"排名|牵头单位|下同", raw):
            continue
        name = raw.replace("\n", "").strip(" \t\u3000。.")
        offset = low + len(raw) - len(raw.lstrip())
        pair = re.fullmatch(r"(.+?)(?:和|及|以及|与)(各.+|.+)", name)
        if pair and (
            pair[2].startswith("各") or (kind_of(pair[1]) and kind_of(pair[2]) and not kind_of(name) == kind_of(pair[2]) == "市直")
        ):
            names += [(pair[1], offset), (pair[2], offset + name.rindex(pair[2]))]
        elif name and not _NOTHING.fullmatch(name) and len(name) <= 30:
            names.append((name.removesuffix("等"), offset))
    return tuple(names)


def kinds_of_all(name: str) -> tuple[str, ...]:
    """The kinds that ``各乡镇（街道）`` means; none for the name of one body."""
    if not re.match(r"(?:全[市县区]|市?辖?)?各", name):
        return ()
    kinds = []
    for word, kind in (
        ("乡", "乡"),
        ("镇", "镇"),
        ("街道", "街道"),
        ("办事处", "街道"),
        ("县", "县"),
        ("市", "市"),
        ("区", "区"),
        ("旗", "旗"),
        ("苏木", "苏木"),
        ("园区", "园区"),
        ("开发区", "园区"),
        ("村", "村"),
        ("社区", "社区"),
    ):
        rest = name.replace("园区", "园").replace("开发区", "开发").replace("社区", "社") if word == "区" else name
        if word in rest and kind not in kinds:
            kinds.append(kind)
    return tuple(kinds)
