"""Figures in running text: which of them are targets, of what, and which are something else; each with what a person should look at."""

import re
from collections.abc import Sequence

from attrs import evolve, frozen

from ..allocation.text import NUMBER, UNIT
from ..errors import QuantityError, ReportError
from ..quantity import Quantity, read_quantity
from .paper import Words

__all__ = ["Figure", "broken", "exact", "figures", "is_blank", "whole_figure"]

_FIGURE = re.compile(
    rf"(?<![\dA-Za-z.])(?P<number>{NUMBER})(?P<more>\s?[余多])?\s?(?P<unit>{UNIT})?(?P<after>[余多](?![种样元功])|(?:及)?以[上内下](?!旧)|左右)?"
)
_WHOLE = re.compile(rf"(?P<number>{NUMBER})\s?(?P<unit>{UNIT})?")
_RANGE = re.compile(r"\s?[-~～—–至到]+\s?")
_TIME = re.compile(
    r"\s?(?:年|月|日|号|期|时|点|分钟|小时|周|季度|届|级|条(?:措施|意见)|款|章|版|岁|世纪)|\s?个(?:月|年|工作日|小时|季度|自然日)"
)
_ODD_UNIT = re.compile(r"台套|台件|件套|人份|人天|人日|户次|班次|趟次|个标|套件")
_STOPS = "。；;，,：:、（(）)\n！？"
_VERB = (
    "新增|新建|新改建|新（改）建|新(改)建|新改扩建|改扩建|改（扩）建|改建|扩建|建成|建设|改造|完成|培训|达到|达|实现|提升|发放|救助|资助|修建|硬化|整治|治理|安装|开展|创建|打造|建立|增加|推进|实施|"
    "维修|加固|提供|覆盖|保障|解决|筹集|配备|更新|铺设|开工|竣工|招录|招聘|安置|转移|帮扶|扶持|引进|组织|举办|化解|消除|绿化|清理|拆除|供应|开通|新开|优化|设立|投入|争取|修复|接通|通达|受理|办理|检查|筛查|"
    "免费|安排|为|让|确保|力争|启动|推广|种植|造林|疏浚|布设|增设|添置|购置|迁建|重建|续建|支持|培养|培育|服务|减少|降低|控制"
)
_HAS_VERB = re.compile("|".join(re.escape(one) for one in _VERB.split("|") if len(one) > 1) + "|达(?!标)")
_ONLY_VERB = re.compile(
    rf"(?:{'|'.join(re.escape(one) for one in _VERB.split('|'))}|[、和及]|全[市县区年]|不少于|不低于|至少|约|共|计划|新|再|各|[对为在])+"
)
_NOT = re.compile(r"每(?!年)|已|截至|截止|现有|原有|目前|上年|去年|往年|同比|按照?|(?<!高)标准(?!化)|其余|以来|得分|扣|计分|满分|权重|罚")
_DOUBTFUL = re.compile(r"惠及|受益|涉及|预计|估算|总投资|概算|占|人均|户均|平均|补助|补贴|奖补|奖励|对|面向|各(?=[建新改完安])|各$")
_LEAD_IN = re.compile(
    r"^(?:[\s\u3000①-⑳]|\d{1,2}[.．、](?!\d)|全[市县区](?=[\u4e00-\u9fff]{3})|(?:到|截至)?(?:20\d\d年|\d{1,2}月)?(?:全年|年内|年底前?|底前?|末前?)|20\d\d年|全年|力争|计划|确保|其中|并|同时|继续|要|将|使|令|另|另外|共|总共|累计|一是|二是|三是|四是|五是|[和及与]|"
    r"(?:全[市县区])?(?:年度)?(?:目标)?任务(?:数|量)?为?(?=[\u4e00-\u9fff]))+"
)
_LEAD_OUT = re.compile(
    r"(?:[\s\u3000：:“≥＞>]|达到|达|为|至|到|不低于|不少于|至少|大于|高于|超过|约|共|控制在|保持在|稳定在|提高到|提升到|提高至|提升至|总数|(?:的?(?:目标|任务)(?:数|量)?)?(?:为|达|是)|目标|任务|计划|各|分别)+$"
)
_CEILING = re.compile(r"控制在|不超过|不高于|不多于|(?<!不)(?:低于|少于|小于)|降至|降到|下降到|以内|以下")
_COUNT_OF = re.compile(r"(?:大|类|个方面)?(?:项|件|个)?(?:重点)?(?:民生|实事|工作|任务|措施|工程(?!量)|行动|内容|方面|目标|指标)")
_SPELLED = re.compile(
    r"(?<![第之零一二三四五六七八九十百千万\d])(?:[二三四五六七八九十两][零一二三四五六七八九十百千万]{0,8}|一[百千万][零一二三四五六七八九十百千万]{0,7})(?:所|座|户|处|家|套|台|人|名|公里|亩|个(?!方面|层面|专项|月|年|百分点))"
)
MAX_FIGURES = 15_000  # of one clause or cell


@frozen(kw_only=True)
class Figure:
    """A number of the text, from *start* to *end*. *quantity* is None where it can't be read exactly; *reason* says why it is no target
    (empty: it is one), *doubts* what isn't sure of it."""

    start: int
    end: int
    printed: str
    quantity: Quantity | None
    title: str
    reason: str = ""
    doubts: tuple[str, ...] = ()
    verb: str = ""


def exact(number: str, symbol: str, default: str = "") -> Quantity:
    """The quantity of a printed number and unit; ``3.2万`` for a default of 人 is 3.2万人, as precise as printed. Raises QuantityError."""
    plain = number.replace("，", ",").replace("．", ".").replace(",", "")
    symbol = symbol.replace("％", "%")
    if symbol in ("", "万"):
        if symbol == "万" and default[:1] in ("万", "亿", "千", "百"):
            raise QuantityError(f"“{number}万”在单位是{default}的栏里，分不清是不是乘了两次一万")
        symbol += default
    return read_quantity(plain + symbol)


def whole_figure(text: str, default: str = "") -> Quantity | None:
    """The quantity that a cell holds and nothing else; None where it holds anything else."""
    match = _WHOLE.fullmatch(text.strip().strip("≥").strip())
    if not match:
        return None
    try:
        return exact(match["number"], match["unit"] or "", default)
    except QuantityError:
        return None


def is_blank(text: str) -> bool:
    """Whether a cell says that there is nothing."""
    return text.strip() in ("", "/", "／", "-", "—", "——", "－", "–", "无", "--", "\\", "…")


def figures(words: Words, start: int, end: int, spans: Sequence[tuple[int, int]] = (), *, told: bool = False) -> list[Figure]:
    """The figures of that part of a text, without those inside *spans*. *told*: it is a place where only targets stand, like the cell of a table.

    Raises ReportError for more of them than any paper has.
    """
    text = words.text
    found: list[Figure] = []
    last = start
    for match in _FIGURE.finditer(text, start, end):
        if any(low <= match.start() < high for low, high in spans):
            last = match.end()
            continue
        if _is_no_figure(text, match, start):
            continue
        if len(found) > MAX_FIGURES:
            raise ReportError(f"一处有超过{MAX_FIGURES:,}个数，不像任务分解方案；请只保留任务分解的部分")
        figure = _figure(words, match, start, end, last, told, found[-1] if found else None)
        last = match.end()
        found.append(figure)
    found = _together(words, found)
    for match in _SPELLED.finditer(text, start, end):
        if not any(low <= match.start() < high for low, high in spans):
            found.append(
                Figure(start=match.start(), end=match.end(), printed=match.group(), quantity=None, title="", reason="是中文数字，没有读")
            )
    return found


def _is_no_figure(text: str, match: re.Match[str], start: int) -> bool:
    before = text[max(start, match.start() - 2) : match.start()]
    if before.endswith(("第", "〔", "[", "﹝", "附件", "附表", "表", "图")) or re.fullmatch(r".?[Nn][Oo]?", before):
        return True
    if re.search(r"电话|传真|联系|邮编|邮箱|手机", text[max(start, match.start() - 14) : match.start()]):
        return True
    if not match["unit"] or match["unit"] in ("个", "百"):
        if _TIME.match(text, match.end("number")):
            return True
        if re.match(r"[.．、）)](?!\d)", text[match.end() : match.end() + 1]) and not text[
            max(start, match.start() - 3) : match.start()
        ].strip("（( \t\n\u3000"):
            return True  # a clause's number
        if re.match(r"[〕\]﹞]|号", text[match.end() : match.end() + 1]):
            return True
    if match["unit"] in ("条", "口", "场", "间") and re.match(r"措施|意见|举措|规定", text[match.end() : match.end() + 2]):
        return True
    return len(match["number"]) >= 8 and not match["unit"]  # a telephone number


def _chunk(text: str, start: int, at: int) -> str:
    """What stands before a figure since the last stop."""
    low = at
    while low > start and text[low - 1] not in _STOPS:
        low -= 1
        if at - low > 60:
            break
    return text[low:at]


def _before(text: str, start: int, at: int) -> str:
    """The piece that a 、 parts from what stands at *at*, with that sign; empty where none does."""
    if at - 1 < start or text[at - 1] != "、":
        return ""
    return _chunk(text, start, at - 1) + "、"


def _sentence(text: str, start: int, at: int) -> str:
    """What the sentence says before *at*: 农村中小学改水改厕，计划安排200所."""
    start = max(start, at - 120)
    low = max(text.rfind(sign, start, at) for sign in "。；;：:\n")
    return _LEAD_OUT.sub("", _LEAD_IN.sub("", text[max(start, low + 1) : at])).strip("，,、 ")[:40]


def _noun_after(text: str, at: int, end: int) -> str:
    match = re.compile(rf"[^{re.escape(_STOPS)}\d]{{0,24}}").match(text, at, end)
    return re.split(r"责任|牵头", match.group().strip())[0] if match else ""


def _figure(words: Words, match: re.Match[str], start: int, end: int, last: int, told: bool, before: Figure | None) -> Figure:
    text = words.text
    chunk = _chunk(text, max(start, last), match.start())
    doubts: list[str] = []
    reason = ""
    symbol = match["unit"] or ""
    after = text[match.end() : match.end() + 12]
    quantity: Quantity | None = None
    try:
        quantity = exact(match["number"], symbol)
    except QuantityError as error:
        reason = f"读不出：{error}"
    while (above := _before(text, max(start, last), match.start() - len(chunk))) and _ONLY_VERB.fullmatch(above[:-1]):
        chunk = above + chunk  # 新建、改扩建学校
    clean = _LEAD_OUT.sub("", _LEAD_IN.sub("", chunk))
    title = clean
    verb = _HAS_VERB.match(clean)
    if _ONLY_VERB.fullmatch(clean) or len(clean) < 2:
        noun = _noun_after(text, match.end(), end)
        title = clean + noun if len(noun) >= 2 else _sentence(text, max(start, last), match.start() - len(chunk)) or clean
    if before and before.verb and not verb and _joined(text[before.end : match.start()]) and title:
        title = before.verb + title  # 新建幼儿园3所、小学2所
    head = text[match.end("number") : match.end() + 2]
    if re.search(r"\d[ \u3000]$", text[max(start, match.start() - 2) : match.start()]) or re.match(r"0\d", match["number"]):
        reason = "数字中间像是断开了，读不准"
    elif (_RANGE.fullmatch(text[last : match.start()]) and before and before.end == last) or (
        (gap := _RANGE.match(text, match.end())) and re.match(r"\d", text[gap.end() : gap.end() + 1])
    ):
        reason = "是范围的一头"
    elif quantity is not None and symbol in ("", "万"):
        reason = f"没有认得的单位（“{_around(text, match)}”）"
    elif _ODD_UNIT.match(head) or re.match(rf"{re.escape(symbol)}[次份]", head):
        reason = f"单位“{head}”不认得"
    elif after.startswith(("/", "／")) or re.match(r"(?:每|一)?(?:人|户|年|月)?的?(?:标准|补助|补贴|奖励)", after):
        reason = "是标准，不是任务数"
    elif (symbol in ("项", "件", "个", "大") and _COUNT_OF.match(after) and not told) or (
        symbol in ("项", "件") and re.match(r"[）)]", after)
    ):
        reason = "是事项的个数"
    elif _NOT.search(chunk) and not told:
        reason = f"前面有“{_NOT.search(chunk)[0]}”，不像今年的任务"  # type: ignore[index] # just found
    elif not told:
        if not verb and not _HAS_VERB.search(chunk) and (len(clean) < 2 or _DOUBTFUL.search(chunk)):
            doubts.append("看不出是不是任务数")
        elif _DOUBTFUL.search(chunk):
            doubts.append(f"前面有“{_DOUBTFUL.search(chunk)[0]}”，不一定是任务数")  # type: ignore[index] # just found
    if not reason:
        around = (chunk[-8:], match["after"] or "")
        if match["more"] or match["after"] in ("余", "多", "左右") or re.search(r"约|近$|左右|大约", chunk[-3:]):
            doubts.append("是约数，按印出的数写入")
        if _CEILING.search(around[0]) or around[1].endswith(("以内", "以下")):
            doubts.append("是上限（不超过），与“达到”相反")
        if _split_by_seam(words, match) or broken(text, match.start(), match.end()):
            doubts.append("这个数在原文中跨行，可能连错或断开")
    return Figure(
        start=match.start(), end=match.end(), printed=words.raw[match.start("number") : match.end("number")] + (words.raw[match.start("unit") : match.end("unit")] if symbol else ""),
        quantity=quantity, title=title.strip(" 　“”\"'*·"), reason=reason, doubts=tuple(doubts), verb=verb.group() if verb else "",
    )  # fmt: skip


def broken(text: str, start: int, end: int) -> bool:
    """Whether a line ends in the middle of digits right before or after a figure."""
    return bool(re.search(r"[\d.,，]\s*\n\s*$", text[max(0, start - 4) : start]) or re.match(r"\s*\n\s*[\d.万亿]", text[end : end + 4]))


def _split_by_seam(words: Words, match: re.Match[str]) -> bool:
    """Whether two lines were put together inside a number, or right before it or its unit."""
    return any(
        match.start() <= seam <= match.end("number") and (words.text[seam - 1 : seam] + words.text[seam : seam + 1]).strip("，。；、") and
        (words.text[seam - 1 : seam].isdigit() or words.text[seam - 1 : seam] in ".,") for seam in words.seams
    )  # fmt: skip


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 6) : match.end() + 6].replace("\n", " ").strip()


def _joined(between: str) -> bool:
    """Whether only 、or 和 lies between two figures, so that the second shares the verb of the first."""
    return bool(re.match(r"[\u4e00-\u9fff“”]{0,12}?[、和及]", between)) and not re.search(r"[。；;，,：:]", between)


_RESPECTIVE = re.compile(r"分别(?:达到|达|为|完成|新增|是|不低于|控制在)?[\s\u3000]*$")


def _together(words: Words, found: list[Figure]) -> list[Figure]:
    """``养老、工伤和失业保险参保人数分别达到…、…和…``: each figure its own name, where there are as many."""
    text, out, at = words.text, list(found), 0
    while at < len(out):
        low = max(0, out[at].start - 200)
        if "分别" not in text[low : out[at].start]:
            at += 1
            continue
        chunk_start = max(low - 1, *(text.rfind(sign, low, out[at].start) for sign in "。；;\n")) + 1
        chunk = text[chunk_start : out[at].start]
        if not (match := _RESPECTIVE.search(chunk)):
            at += 1
            continue
        run = [at]
        while run[-1] + 1 < len(out) and re.fullmatch(r"[\s、和及，,]{1,3}", text[out[run[-1]].end : out[run[-1] + 1].start]):
            run.append(run[-1] + 1)
        phrase = _LEAD_IN.sub("", re.split(r"[，,：:]", chunk[: match.start()])[-1])
        names = [one for one in re.split(r"[、和及与]", phrase) if one.strip()]
        if len(names) == len(run):
            for name, index in zip(names, run, strict=True):
                full = name if name == names[-1] else f"{name}（{phrase}）"
                doubts = tuple(one for one in out[index].doubts if "看不出" not in one)
                out[index] = evolve(out[index], title=full.strip(), doubts=doubts)
        else:
            for index in run:
                out[index] = evolve(
                    out[index],
                    title=phrase.strip(),
                    doubts=(*out[index].doubts, f"“分别”前有{len(names)}个名称、后有{len(run)}个数，对不上"),
                )
        at = run[-1] + 1
    return out
