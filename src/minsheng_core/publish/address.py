"""What a bulletin's frame says: about which place and paper, from whom, to whom, by which number; all of it read from the scheme."""

import re
from collections.abc import Iterator

from ..scheme import model

__all__ = ["clause_words", "code", "copies", "issuer", "paper", "place", "receivers", "requests", "topic"]

PLACES = ("省", "自治区", "直辖市", "市", "州", "盟", "县", "区", "旗")
UNNAMED = "（发文机关）"  # where the scheme names no office that ranks: the bulletin shows the gap
ASKED = ("report", "funds", "safety")  # what of a paper's requirements a bulletin repeats


def place(scheme: model.Scheme) -> str:
    """The city or county that all is about: one that has bodies below it, or is itself not assessed; empty where there is none."""
    assessed = {one for sheet in scheme.sheets if sheet.ranking is not None for one in sheet.bodies}
    parents = {one.parent for one in scheme.bodies}
    found = (one for one in scheme.bodies if one.kind in PLACES and not {one.id, one.kind} & assessed)
    return next((one.name for one in sorted(found, key=lambda one: one.id not in parents)), "")


def paper(scheme: model.Scheme) -> str:
    """The title of the paper that the scheme is."""
    return next((one.title for one in scheme.documents if one.id == scheme.document), scheme.title)


def topic(scheme: model.Scheme) -> str:
    """What is assessed, as the paper's title calls it up to 项目 (省级重点监测民生项目); else the paper itself."""
    named = re.match(r"(?:\d{4}年)?度?(\w{2,}?项目)", paper(scheme))
    return named[1] if named else f"《{paper(scheme)}》"


def issuer(scheme: model.Scheme) -> str:
    """The office that ranks and publishes, with its place; a visible gap where the scheme names none."""
    process = next((one for one in scheme.processes if one.kind == "ranking" and one.bodies), None)
    name = next((one.name for one in scheme.bodies if process and one.id == process.bodies[0]), "")
    where = place(scheme)
    return (name if name.startswith(where) else f"{where}{name.removeprefix('市')}") if name else UNNAMED


def code(scheme: model.Scheme, number: int) -> str:
    """``民生通报2023年度第4号``: by the scheme's year, so that next year's scheme can't give the number again."""
    return f"民生通报{scheme.year}年度第{number}号"


def receivers(scheme: model.Scheme) -> str:
    """To whom it goes: the assessed bodies by their kinds, and whoever leads or helps."""
    assessed = {one for sheet in scheme.sheets for one in sheet.bodies}
    kinds = list(dict.fromkeys(one.kind for one in scheme.bodies if {one.id, one.kind} & assessed))
    rural, urban = {"乡", "镇"} & {*kinds}, "街道" in kinds
    told = ["各乡镇（街道）" if rural and urban else "各乡镇" if rural else "各街道"] if rural or urban else []
    told += [f"各{one}" for one in kinds if one in PLACES]
    working = {one.lead for one in scheme.indicators} | {body for one in scheme.indicators for body in one.joint}
    others = {one.kind for one in scheme.bodies if one.id in working} - {"乡", "镇", "街道", *PLACES}
    told += ["市直有关单位" if "市直" in others else "各有关单位"] if others or not told else []
    return "，".join(told)


def copies(scheme: model.Scheme) -> str:
    """Who gets a copy: whoever supervises, by the paper."""
    names = {one.id: one.name for one in scheme.bodies}
    found = [names[body] for one in scheme.processes if one.kind == "supervision" for body in one.bodies if body in names]
    return "、".join(dict.fromkeys(found)) or "各有关单位"


def requests(scheme: model.Scheme) -> Iterator[str]:
    """What the paper itself asks for, each with its place in it."""
    for one in scheme.processes:
        if one.kind in ASKED and not one.is_assumption:
            yield f"按原文{clause_words(scheme, one.source)}的要求：{one.text}。"


def clause_words(scheme: model.Scheme, id: str) -> str:
    """Where a clause stands, for readers: ``三、（二）`` of the scheme's own paper, others with their number or title; or 假定."""
    if id == model.ASSUMPTION:
        return "假定"
    clause = next((one for one in scheme.clauses if one.id == id), None)
    if clause is None:
        return id
    if clause.document == scheme.document:
        return clause.locator
    document = next(one for one in scheme.documents if one.id == clause.document)
    return f"{document.number or f'《{document.title}》'} {clause.locator}"
