"""What every way to split must keep: asked on the scheme's own shares, on classic instances and on generated ones; and what no way can have."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor

from attrs import evolve

from ..allocation.methods import Method
from ..allocation.reconcile import reconcile
from ..allocation.text import Entry, PrintedSplit
from ..errors import AllocationError
from ..finding import Place, Severity
from ..protocols import Allocation
from ..quantity import Quantity
from ..scheme import model
from ..scoring.prepare import Prepared
from .bodies import Dice
from .instances import Instance, classic, made, own
from .promise import PROMISES, Promise, Said
from .result import Case, Line, Result, Verdict

__all__ = ["Instance", "allocations", "broken", "printed_splits"]

RULE = "allocation"


def allocations(prepared: Prepared, budget: int = 80) -> list[Result]:
    """The promises ``conserve quota limits sequence house`` of every way to split, then the scheme's own printed splits."""
    results = []
    for method in prepared.plugins.allocations.values():
        instances = [*classic(), *own(prepared.scheme), *made(Dice(f"allocation::{method.name}"), budget)]
        units = [_units(method, one) for one in instances]
        results += [_asked(method, promise, instances, units) for promise in BROKEN]
    return [*results, *printed_splits(prepared.scheme)]


def broken(method: Allocation, promise: str, instance: Instance, units: Mapping[str, int] | None = None) -> Said | None:
    """How *method* breaks *promise* on that instance, by running it; None where it keeps it or refuses the instance. *units* are what it
    gives there, where that is known."""
    try:
        return BROKEN[promise](method, instance, method.allocate(instance.total, instance.claims) if units is None else units)
    except AllocationError:
        return None
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything; nothing is given out then
        said = f"{type(error).__name__}: {error}"
        return (f"出错：{said}", f"it raises {said}") if promise == "conserve" else None


# -- the promises ------------------------------------------------------------------------------------------------


def _conserve(method: Allocation, instance: Instance, units: Mapping[str, int]) -> Said | None:
    """Whole units, none below zero, to each claim once; their sum is the total, or what the caps leave room for."""
    if [claim.body for claim in instance.claims] != list(units):
        return ("有的单位没有分到结果，或次序变了", "not every claim has its units, in order")
    if any(type(count) is not int or count < 0 for count in units.values()):
        return ("分出的不是非负整数", "units that are no whole numbers, or below zero")
    total, sent = instance.total, sum(units.values())
    if sent > total:
        return (f"共分{total}，分出{sent}", f"{sent} given out of {total}")
    open_ = [
        claim.body for claim in instance.claims if (claim.weight or _even(method)) and (claim.cap is None or units[claim.body] < claim.cap)
    ]
    if sent < total and open_:
        return (
            f"共分{total}，只分出{sent}，{'、'.join(open_)}还能再分",
            f"{sent} of {total} given out, though {', '.join(open_)} may have more",
        )
    return None


def _quota(method: Allocation, instance: Instance, units: Mapping[str, int]) -> Said | None:
    """Asked where no floor or cap binds: then the quota is the share by weight."""
    if any(claim.floor or claim.cap is not None for claim in instance.claims):
        return None
    weights = {claim.body: Fraction(1) if _even(method) else Fraction(claim.weight) for claim in instance.claims}
    for body, weight in weights.items():
        quota = instance.total * weight / sum(weights.values())
        if not floor(quota) <= units[body] <= ceil(quota):
            return (f"{body}应得{_number(quota)}，分到{units[body]}", f"{body} has a quota of {_number(quota)} and gets {units[body]}")
    return None


def _limits(method: Allocation, instance: Instance, units: Mapping[str, int]) -> Said | None:
    for claim in instance.claims:
        count = units[claim.body]
        if count < claim.floor or (claim.cap is not None and count > claim.cap):
            most = "∞" if claim.cap is None else str(claim.cap)
            return (f"{claim.body}限{claim.floor}至{most}，分到{count}", f"{claim.body} may have {claim.floor} to {most} and gets {count}")
    return None


def _sequence(method: Allocation, instance: Instance, units: Mapping[str, int]) -> Said | None:
    """Reversed and rotated claims get the same; but where the order decided a tie, as declared, only the bodies in the tie may differ."""
    claims = instance.claims
    for other in (claims[::-1], claims[1:] + claims[:1], tuple(sorted(claims, key=lambda claim: (claim.weight, claim.body)))):
        again = method.allocate(instance.total, other)
        moved = {body for body in units if again.get(body) != units[body]}
        if moved and not moved <= set(_tied(method, instance)):
            names = "、".join(claim.body for claim in other)
            return (
                f"名单改为{names}后，{'、'.join(sorted(moved))}分到的不同",
                f"with the claims in another order {', '.join(sorted(moved))} get something else",
            )
        if moved and any(abs(again[body] - units[body]) > 1 for body in moved):
            return ("并列时差了不止一个单位", "a tie moves more than one unit")
    return None


def _house(method: Allocation, instance: Instance, units: Mapping[str, int]) -> Said | None:
    if not instance.more:
        return None
    after = method.allocate(instance.more, instance.claims)
    for body, count in units.items():
        if after[body] < count:
            return (
                f"总数由{instance.total}增到{instance.more}，{body}由{count}减到{after[body]}",
                f"with the total up from {instance.total} to {instance.more}, {body} goes down from {count} to {after[body]}",
            )
    return None


BROKEN = {"conserve": _conserve, "quota": _quota, "limits": _limits, "sequence": _sequence, "house": _house}
# By theorem of Balinski and Young (1982); a breach of one of these is a fault, though it's found on no more than examples.
KEEPS = {"remainder": ("quota",), "divisor": ("house",), "even": ("quota", "house")}


def _kind(method: Allocation) -> str:
    """``remainder``, ``divisor`` or ``even`` for the core's own ways; empty for a plugin's."""
    if not isinstance(method, Method):
        return ""
    return "even" if method.even else "remainder" if method.rounding == "remainder" else "divisor"


def _even(method: Allocation) -> bool:
    return isinstance(method, Method) and method.even


def _tied(method: Allocation, instance: Instance) -> tuple[str, ...]:
    """Who is in a tie that the rule broke. Of a plugin's own way nothing is known but equal weights and bounds."""
    if isinstance(method, Method):
        return method.tied(instance.total, instance.claims)
    alike = [(claim.weight, claim.floor, claim.cap) for claim in instance.claims]
    return tuple(claim.body for claim, one in zip(instance.claims, alike, strict=True) if alike.count(one) > 1)


# -- verdicts ----------------------------------------------------------------------------------------------------


def _units(method: Allocation, instance: Instance) -> Mapping[str, int] | None:
    """What it gives; None where it raises."""
    try:
        return method.allocate(instance.total, instance.claims)
    except Exception:  # noqa: BLE001 - asked for again, and told of, with the promise
        return None


def _asked(method: Allocation, name: str, instances: Sequence[Instance], units: Sequence[Mapping[str, int] | None]) -> Result:
    """One promise of one way to split. What its kind can't give by theorem is a note."""
    keeps = KEEPS.get(_kind(method), ())
    promise = PROMISES[name]
    if name in ("quota", "house"):
        promise = promise if name in keeps else _note(promise)
        if name in keeps:
            promise = evolve(promise, severity=Severity.WARNING)  # it is promised, then
    about: Said = (method.title, method.name)
    found = [one for one, given in zip(instances, units, strict=True) if broken(method, name, one, given)]
    key = f"{RULE}::{name}::{method.name}"
    if not found:
        words = (f"试了{len(instances)}例，未见违反；不是证明", f"no breach in {len(instances)} instances; no proof")
        proof = _argument(method, name)
        if proof:
            return Result(
                key=key,
                promise=promise,
                rule=RULE,
                about=about,
                verdict=Verdict.PROVED,
                by="construction",
                words=proof,
                probes=len(instances),
            )
        return Result(
            key=key, promise=promise, rule=RULE, about=about, verdict=Verdict.NOT_REFUTED, by="probe", words=words, probes=len(instances)
        )
    one = min((_small(method, name, one) for one in sorted(found, key=_size)[:4]), key=lambda one: (bool(_tied(method, one)), _size(one)))
    said = broken(method, name, one)
    assert said is not None
    if promise.severity is Severity.NOTE:
        said = (f"{said[0]}（{_THEOREM[0]}）", f"{said[1]} ({_THEOREM[1]})")
    return Result(
        key=key, promise=promise, rule=RULE, about=about, verdict=Verdict.REFUTED, by="probe", words=said, case=_case(method, one),
        probes=1 + instances.index(found[0]),
    )  # fmt: skip


_THEOREM: Said = (
    "Balinski–Young：守配额与总数单调不可兼得，此法取其一", "Balinski-Young: no way keeps both quota and house monotony with shares by weight; this one gives up this"
)  # fmt: skip


def _note(promise: Promise) -> Promise:
    return evolve(promise, severity=Severity.NOTE)


def _argument(method: Allocation, name: str) -> Said | None:
    """Why one of the core's own ways keeps a promise on every instance; the instances tried are a check of the code."""
    kind = _kind(method)
    if not isinstance(method, Method):
        return None
    if name in ("conserve", "limits"):
        return {
            "conserve": {
                True: ("余数之和恰为余下的单位数，每个余数小于一，逐家加一正好分完", "the remainders sum to the units left and each is below one: one each gives out exactly those"),
                False: ("逐个单位增减，直到总和等于总数", "units are added and taken one by one until their sum is the total"),
            },
            "limits": {
                True: ("份额先在上下限内取定，到限的没有余数，不再加", "shares are first held inside the limits; one at its limit has no remainder and gets no more"),
                False: ("到上限的不再加，到下限的不再减", "nothing is added at a cap nor taken at a floor"),
            },
        }[name][kind != "divisor"]  # fmt: skip
    if name == "sequence" and method.tie == "order":
        return (
            "余数或均数不同，先后由数值定，与名单次序无关；完全相等时，规定由名单在前的先得，此时且仅此时次序起作用",
            "what is served first is decided by values; in an exact tie, and only there, the declared rule serves the earlier claim",
        )
    if name == "quota" and kind in ("remainder", "even"):
        return ("每家先得配额的整数部分，余下至多再得一个", "each gets the whole part of its quota, and of the rest at most one")
    if name == "house" and kind == "divisor":
        return ("均数法逐个单位分出：多分一个，不收回已分的", "averages give a unit at a time: one more takes none back")
    if name == "house" and kind == "even":
        return ("平均分配时多一个单位只会加给一家", "of equal claims one more unit goes to one more")
    return None


def _case(method: Allocation, one: Instance) -> Case:
    """The claims, and what each gets."""
    units = _given(method, one.total, one)
    weights = sum(Fraction(claim.weight) for claim in one.claims) or 1
    lines = [
        Line(name="body", title="单位", values=tuple(claim.body for claim in one.claims)),
        Line(name="weight", title="权重", values=tuple(_number(Fraction(claim.weight)) for claim in one.claims)),
    ]
    if any(claim.floor or claim.cap is not None for claim in one.claims):
        lines.append(Line(name="floor", title="下限", values=tuple(str(claim.floor) for claim in one.claims)))
        lines.append(Line(name="cap", title="上限", values=tuple("" if claim.cap is None else str(claim.cap) for claim in one.claims)))
    else:
        lines.append(
            Line(name="quota", title="应得", values=tuple(_number(one.total * Fraction(claim.weight) / weights) for claim in one.claims))
        )
    lines.append(Line(name=str(one.total), title=f"共{one.total}，分到", values=tuple(units), result=True))
    if one.more:
        after = _given(method, one.more, one)
        lines.append(Line(name=str(one.more), title=f"共{one.more}，分到", values=tuple(after), changed=True, result=True))
    return Case(rows=(), lines=tuple(lines), replay=f"minsheng allocate {one.total} --method {method.name} --weights W.csv")


def _given(method: Allocation, total: int, one: Instance) -> list[str]:
    """What each claim gets, in words; nothing where the way to split raises."""
    try:
        units = method.allocate(total, one.claims)
    except Exception:  # noqa: BLE001 - the result's words say what it raised
        return ["" for _ in one.claims]
    return [str(units.get(claim.body, "")) for claim in one.claims]


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def _small(method: Allocation, name: str, one: Instance) -> Instance:
    """The same breach with fewer claims, smaller weights and a smaller total."""
    tied = bool(_tied(method, one))  # a breach that rests on no tie stays one

    def holds(tried: Instance) -> bool:
        return _size(tried) < _size(one) and bool(broken(method, name, tried)) and (tied or not _tied(method, tried))

    for _ in range(60):
        smaller = next(filter(holds, _smaller(one)), None)
        if smaller is None:
            break
        one = smaller
    return one


def _size(one: Instance) -> tuple[int, int, Fraction]:
    return len(one.claims), one.total, sum((Fraction(claim.weight) for claim in one.claims), Fraction(0))


def _smaller(one: Instance) -> Iterator[Instance]:
    step = one.more - one.total
    for part in (1000, 100, 50, 45, 10, 5, 3, 2):
        yield evolve(one, claims=tuple(evolve(claim, weight=max(round(Fraction(claim.weight) / part), 1)) for claim in one.claims))
    for i in range(len(one.claims) if len(one.claims) > 1 else 0):
        yield evolve(one, claims=one.claims[:i] + one.claims[i + 1 :])
    for total in (*range(1, 12), one.total // 2, one.total - 1):
        if 0 < total < one.total:
            yield evolve(one, total=total, more=total + step if one.more else 0)
    for i, claim in enumerate(one.claims):
        weight = Fraction(claim.weight)
        for rounder in (
            1,
            2,
            5,
            10,
            floor(weight / 2),
            10 * floor(weight / 10),
            100 * floor(weight / 100),
            floor(weight),
            floor(weight) - 1,
        ):
            if 0 < rounder < weight:
                yield evolve(one, claims=(*one.claims[:i], evolve(claim, weight=rounder), *one.claims[i + 1 :]))


# -- the scheme's own splits -------------------------------------------------------------------------------------


def printed_splits(scheme: model.Scheme) -> Iterator[Result]:
    """Each indicator's printed shares against its printed total, within its printed precision."""
    for one in scheme.indicators:
        if not one.shares or one.target is None:
            continue
        nowhere = Place("", 0, 0)
        entries = tuple(
            Entry(name=scheme.body(share.body).name, quantity=share.value, place=share.place or nowhere) for share in one.shares
        )
        held = reconcile(PrintedSplit(label=one.title, total=one.target.value, entries=entries, place=one.place or nowhere))
        said = (
            f"{len(entries)}项之和{held.sum}，印{_printed(one.target.value)}",
            f"{len(entries)} shares sum to {held.sum}, printed {_printed(one.target.value)}",
        )
        exact = held.difference is not None and held.difference.value == 0
        within = (
            ""
            if exact
            else f"；差{held.difference}，在印刷精度之内"
            if held.verdict == "consistent"
            else f"；差{held.difference}，超出印刷精度"
        )
        english = (
            "" if exact else f"; {held.difference} apart, {'within' if held.verdict == 'consistent' else 'beyond'} the printed precision"
        )
        kept = held.verdict == "consistent"
        lines = (
            Line(name="sum", title="各项之和", values=(str(held.sum),)),
            Line(name="total", title="印刷总数", values=(_printed(one.target.value),)),
        )
        yield Result(
            key=f"{RULE}::conserve::{one.id}", promise=PROMISES["conserve"], rule=RULE, about=(one.title, one.id),
            verdict=Verdict.PROVED if kept else Verdict.REFUTED, by="exact", words=(said[0] + within, said[1] + english),
            case=None if kept else Case(rows=(), lines=lines), probes=1, place=one.place, clause=one.target.source,
        )  # fmt: skip


def _printed(value: Quantity) -> str:
    return value.printed or str(value)
