"""What must hold of whole tables of bodies: order, group, own, others and delay, and the promises of rows under rules that look at other rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal

from ..formula.plan import RUNNING, WINDOWS, Column
from .bodies import Choice, Dice, Ground, Pair, Played, Watch, changes, ground_of
from .promise import PROMISES, Said
from .result import Result, Verdict
from .rule import Rule
from .search import Draw, Found, search
from .table_case import table_case

__all__ = ["Monotone", "improving", "order", "places", "table_promises"]

# Whether the total was proved never to fall where that column rises (or never to rise, for one of which less is better).
Monotone = Callable[[str], bool | None] | bool | None
SHOWN = ("total", "rank", "group_rank")
WHOLE: Said = ("整张表", "whole tables")


def table_promises(
    rule: Rule, *, monotone: Monotone = None, better: Mapping[str, int] | None = None,
    marks_of: Mapping[str, Sequence[int]] | None = None, budget: int = 200, sampling: int = 0,
) -> list[Result]:  # fmt: skip
    """The promises ``order group own others delay`` of a rule, each once (``own`` and ``delay`` for each figure).

    *better* says which way a column is better (1 more, -1 less; see `improving`), *marks_of* where marks bend, by column.
    *budget* is how many tables are tried where nothing is proved, *sampling* how many more by hypothesis.
    """
    asked = _Asked(rule, ground_of(rule, marks_of), monotone, improving(rule) if better is None else better, budget, sampling)
    found = [asked.group(), *asked.delay()]
    if rule.sheet.ranking is not None:
        found = [order(rule, asked.ground, budget), *found, *asked.own(), asked.others()]
    return found


def improving(rule: Rule) -> dict[str, int]:
    """Which way a body's own figures are better: as declared, else more of an indicator's primary measure (where it has a target, is the only
    one, or is in marks or per cent: else it may be a base), and fewer late days."""
    found: dict[str, int] = {}
    columns = {one.name for one in rule.columns if one.kind == "number"}
    facts = [(None, rule.sheet.audit)]
    for item in rule.sheet.items:
        method = next((one for one in rule.prepared.scheme.methods if one.id == item.method), None)
        facts += [(item.id, method.audit)] if method else []  # type: ignore[list-item] # the first is of no item
    for of, one in facts:
        for way, names in ((1, one.rises), (-1, one.falls)):
            for name in names:
                column = rule.lowered.columns.get((of or name.partition(".")[0], name.rpartition(".")[2]), name)
                if column in columns and not column.endswith("target"):
                    found.setdefault(column, way)
    for item in rule.sheet.items:
        kind, indicator = rule.kind(item), rule.prepared.scheme.indicator(item.indicator)
        column = rule.lowered.columns.get((item.id, kind.primary), "")
        alone = sum(not one.formula for one in kind.measures) == 1
        unit = next(one.unit for one in kind.measures if one.name == kind.primary)
        if column in columns and (indicator.target or alone or unit in ("分", "%")):
            found.setdefault(column, 1)
    if "late_days" in columns:
        found.setdefault("late_days", -1)
    return found


# -- the order of rows and ties ----------------------------------------------------------------------------------


def places(method: Literal["competition", "dense", "ordinal"], marks: Sequence[tuple[Fraction, int]]) -> list[int]:
    """Ranks by counting, apart from every engine; *marks* are (marks, the body's place in the paper)."""
    found = []
    for value, place in marks:
        above = [one for one, _ in marks if one > value]
        before = sum(one == value and other < place for one, other in marks)
        found.append(1 + (len(set(above)) if method == "dense" else len(above) + (before if method == "ordinal" else 0)))
    return found


def order(rule: Rule, ground: Ground, budget: int = 200) -> Result:
    """Proved from the plan, which has no operation that knows where a row stands; and held against shuffled tables with ties."""
    assert rule.sheet.ranking is not None
    method, dice, tried = rule.sheet.ranking.method, Dice(f"{rule.id}::order::"), 0
    windows = {ground.plan.ops[ground.plan.output(name).number].op for name in _ranks(ground)}
    wanted = {"group_dense" if method == "dense" else "group_rank"}
    for _ in range(budget // 4):
        pair = ground.table(dice, bodies=(2, 5))
        if pair is None:
            continue
        tried += 1
        played = ground.played(pair.a, pair.keys)
        if _misplaced(ground, pair, played, method):
            case = table_case(ground, pair, SHOWN)
            words = (f"名次不是规定的并列办法（{method}）应有的", f"ranks are not those of the declared method {method}")
            return _of(rule, "order", "", Verdict.REFUTED, "probe", words, tried, case=case)
        shuffled = sorted(range(len(pair.keys)), key=lambda _: dice.between(0, 10**6))
        other = pair.kept(shuffled)
        again = ground.played(other.a, other.keys)
        if any(played.value(one.name, row) != again.value(one.name, at) for at, row in enumerate(shuffled) for one in ground.plan.outputs):
            words = ("调换行的先后，结果不同：引擎有误", "shuffled rows give other results: a fault of the engine")
            return _of(rule, "order", "", Verdict.CONFLICT, "probe", words, tried, case=table_case(ground, pair, SHOWN))
    ties = {
        "competition": ("并列后名次不连续（1-2-2-4）", "1-2-2-4: 1 + how many have more"),
        "dense": ("并列后名次连续（1-2-2-3）", "1-2-2-3: 1 + how many different marks are more"),
        "ordinal": ("并列按文件列名先后（1-2-3-4）", "1-2-3-4: inside a tie by the column order"),
    }[method]
    words = (
        f"运算中没有一步知道某行在表中的位置：名次只由同期各单位的总分数出{'和文件次序' if method == 'ordinal' else ''}。{ties[0]}；打乱{tried}张表核对一致",
        f"no operation knows where a row stands: a rank is counted from the totals of the month. {ties[1]}; {tried} shuffled tables agree",
    )
    verdict = Verdict.PROVED if windows <= wanted | {"literal"} else Verdict.NOT_REFUTED
    return _of(rule, "order", "", verdict, "construction" if verdict is Verdict.PROVED else "probe", words, tried)


def _misplaced(ground: Ground, pair: Pair, played: Played, method: Literal["competition", "dense", "ordinal"]) -> bool:
    for name in _ranks(ground):
        sets: dict[tuple[int, str], list[int]] = {}
        for row, key in enumerate(pair.keys):
            if played.value("total", row) is not None:
                sets.setdefault((pair.a[row]["period"] or 0, key[1] if name == "group_rank" else ""), []).append(row)
            elif played.value(name, row) is not None:
                return True
        for rows in sets.values():
            marks = [(Fraction(str(played.value("total", row))), pair.a[row].get("order") or 0) for row in rows]
            if [played.value(name, row) for row in rows] != places(method, marks):
                return True
    return False


def _ranks(ground: Ground) -> list[str]:
    return [one.name for one in ground.plan.outputs if one.name in ("rank", "group_rank")]


# -- the others --------------------------------------------------------------------------------------------------


class _Asked:
    def __init__(self, rule: Rule, ground: Ground, monotone: Monotone, better: Mapping[str, int], budget: int, sampling: int) -> None:
        self.rule, self.ground, self.monotone, self.better = rule, ground, monotone, better
        self.budget, self.sampling = budget, sampling
        total = rule.plan.output("total")
        under = {part: [rule.plan.ops[one] for one in rule.plan.needed([part])] for part in total.positions}
        self.windows = [op for ops in under.values() for op in ops if op.op in WINDOWS]
        self.among = [op for op in self.windows if op.op not in RUNNING]  # the total looks at other bodies
        self.number = [op for op in under[total.number] if op.op in WINDOWS]  # … and what its number alone looks at
        self.titles = {one.name: one.title or one.name for one in rule.columns}

    def proved(self, column: str) -> bool | None:
        return self.monotone(column) if callable(self.monotone) else self.monotone

    def look(self, promise: str, of: str, draw: Draw, watch: Watch) -> Found:
        return search(self.ground, f"{self.rule.id}::{promise}::{of}", draw, watch, budget=self.budget, sampling=self.sampling)

    def verdict(self, promise: str, of: str, found: Found, broken: Said) -> Result:
        """The result of a search: broken with its case, not broken in so many tables, or no table at all."""
        if found.pair is not None:
            case = table_case(self.ground, found.pair, SHOWN)
            return self.result(promise, of, Verdict.REFUTED, found.by, broken, found.tried, case=case)
        if not found.tried:
            return self.result(promise, of, Verdict.UNKNOWN, "probe", ("造不出一张合规的表", "no valid table could be made"))
        words = (f"试了{found.tried}张表，未见违反；不是证明", f"no breach in {found.tried} tables; no proof")
        return self.result(promise, of, Verdict.NOT_REFUTED, found.by, words, found.tried)

    def result(self, promise: str, of: str, verdict: Verdict, by: str, words: Said, tried: int = 0, **more: object) -> Result:
        return _of(self.rule, promise, of, verdict, by, words, tried, title=self.titles.get(of, ""), **more)

    def group(self) -> Result:
        """Whether a body of another group can move the marks."""
        if not self.among:
            words = ("总分不看其他单位", "the total looks at no other body")
        elif all(op.name == "group" for op in self.among):
            words = ("总分只与同组单位相比，每一步都限在组内", "every comparison under the total stays inside the group")
        elif self.rule.sheet.ranking is None or not self.rule.sheet.ranking.groups:
            words = ("本表不分组，全体即为一组", "the sheet has no groups: everybody is the group")
        else:
            broken = ("组外单位改了数字，本组单位的得分跟着变", "figures of a body outside the group move the marks")
            return self.verdict("group", "", self.look("group", "", _third((2, 4)), _outsider), broken)
        return self.result("group", "", Verdict.PROVED, "construction", words)

    def own(self) -> Iterator[Result]:
        """Whether a better figure of one's own can cost a rank."""
        for column, way in self.better.items():
            if not self.windows and self.proved(column):
                words = (
                    "总分只看本单位自己的数字，且已证明不会因此降低；别人的总分不变，名次就不会更低",
                    "the total rests on the body's own figures and is proved not to fall; others' totals stay, so the rank can't get worse",
                )
                rests = (
                    ("总分单调（rises、falls）已证明", "the total is proved monotone (rises, falls)"),
                    ("总分都有结果", "totals are determined"),
                )
                yield self.result("own", column, Verdict.PROVED, "construction", words, rests=rests)
                continue
            title = self.titles[column]
            broken = (f"“{title}”改好，自己的名次反而更低", f"a better {column} of one's own lowers one's rank")
            yield self.verdict("own", column, self.look("own", column, _better(column, way), _sinks(column, way)), broken)

    def others(self) -> Result:
        """Whether a third body's figures swap two others."""
        if not [op for op in self.number if op.op not in RUNNING]:
            words = (
                "总分的数值只看各自的数字，第三方改什么都不动另外两家的总分",
                "each total is a number of the body's own figures: a third can't move two others",
            )
            return self.result("others", "", Verdict.PROVED, "construction", words)
        broken = (
            "第三方改了数字，另外两家的先后颠倒：相对评分就会如此",
            "a third body's figures swap two others, as marks that compare bodies do",
        )
        return self.verdict("others", "", self.look("others", "", _third((3, 5)), _swapped), broken)

    def delay(self) -> Iterator[Result]:
        """Whether figures that stand in a later month than they should pay."""
        months = any(op.op in RUNNING for op in self.number)
        for column in (one for one in self.rule.columns if self.better.get(one.name, 0) > 0 and one.unit not in ("%", "‰", "百分点")):
            name = column.name
            if months:
                moved = _summed(self.rule, name)
                broken = (
                    f"把较早月份的“{column.title}”挪到以后月份填，年末得分更高",
                    f"some of {name} moved to a later month scores more at the end",
                )
                yield self.verdict("delay", name, self.look("delay", name, _later(name, moved), _pays(name, moved)), broken)
            elif self.proved(name):
                words = (
                    "各月按当月数字单独计分，少报的月份得分不升（rises已证明），其余月份不变",
                    "each month is scored by its own row: with less in it its marks don't rise (proved), the other months' stay",
                )
                late = (("迟报天数只扣分（falls）", "late days only ever deduct (falls)"),) if "late_days" in self.rule.ranges else ()
                yield self.result("delay", name, Verdict.PROVED, "construction", words, rests=(("rises已证明", "rises is proved"), *late))
            else:
                words = ("取决于rises，它未获证明", "rests on rises, which is not proved")
                yield self.result("delay", name, Verdict.UNKNOWN, "construction", words)


def _of(
    rule: Rule, promise: str, of: str, verdict: Verdict, by: str, words: Said, tried: int = 0, *, title: str = "", **more: object
) -> Result:  # fmt: skip
    at = rule.sheet.ranking if rule.sheet.ranking is not None and promise in ("order", "own", "others") else rule.sheet
    return Result(
        key=f"{rule.id}::{promise}::{of}", promise=PROMISES[promise], rule=rule.id, about=(title, of) if of else WHOLE, verdict=verdict, by=by,
        words=words, probes=tried, place=at.place, clause=at.source, **more,  # type: ignore[arg-type] # case and rests, as the callers give them
    )  # fmt: skip


# -- which tables are tried, and what is looked for --------------------------------------------------------------


def _edit(ground: Ground, choice: Choice, pair: Pair, row: int, column: Column) -> Pair:
    return pair.edited(row, {column.name: ground.near(choice, column, pair.a[row])})


def _third(bodies: tuple[int, int]) -> Draw:
    """Some figures of one row changed."""

    def draw(ground: Ground, choice: Choice) -> Pair | None:
        pair = ground.table(choice, bodies=bodies)
        if pair is None or not ground.columns:
            return None
        row = choice.between(0, len(pair.keys) - 1)
        for _ in range(choice.between(1, 3)):
            pair = _edit(ground, choice, pair, row, choice.one(ground.columns))
        return pair

    return draw


def _better(column: str, way: int) -> Draw:
    """One figure of one row better."""

    def draw(ground: Ground, choice: Choice) -> Pair | None:
        pair = ground.table(choice, bodies=(2, 5))
        if pair is None:
            return None
        row = choice.between(0, len(pair.keys) - 1)
        before = pair.a[row][column]
        one = next(one for one in ground.columns if one.name == column)
        after = None if before is None else (ground.more if way > 0 else ground.less)(choice, one, before)
        return None if after is None else pair.edited(row, {column: after})

    return draw


def _later(column: str, moved: bool) -> Draw:
    """Some of an earlier month's figure gone, and where it is *moved* standing in a later month; else the figures are of the year so far
    and never fall."""

    def draw(ground: Ground, choice: Choice) -> Pair | None:
        pair = ground.table(choice, bodies=(1, 2), whole=True)
        if pair is None or len(pair.keys) < 2:
            return None
        pair = pair if moved else _rising(pair, column)
        early = choice.between(0, len(pair.keys) - 2)
        late = choice.between(early + 1, len(pair.keys) - 1)
        one = next(one for one in ground.columns if one.name == column)
        have, there = pair.a[early][column], pair.a[late][column]
        less = None if have is None else ground.less(choice, one, have)
        if have is None or there is None or less is None or pair.keys[early] != pair.keys[late]:
            return None
        less = max(less, have - (ground.rule.ranges[column][1] - there)) if moved else less
        pair = pair.edited(early, {column: less})
        return pair.edited(late, {column: there + have - less}) if moved else pair

    return draw


def _rising(pair: Pair, column: str) -> Pair:
    """With each body's figures in that column in order over its months."""
    rows = list(pair.a)
    for body in dict.fromkeys(key[0] for key in pair.keys):
        mine = [row for row, key in enumerate(pair.keys) if key[0] == body]
        for row, value in zip(mine, sorted(rows[row][column] or 0 for row in mine), strict=True):
            rows[row] = {**rows[row], column: value}
    return Pair(pair.keys, tuple(rows), tuple(rows))


def _summed(rule: Rule, column: str) -> bool:
    """Whether the rule adds the column up over months: then a month's figure is of that month alone."""
    ops = rule.plan.ops
    for position in rule.windows:
        arg = ops[position].args[0]
        if ops[position].op != "running_sum" or (ops[arg].low, ops[arg].high) == (0, 1):  # a count, or which months are known
            continue
        if any(ops[one].op == "column" and ops[one].name == column for one in rule.plan.needed([arg])):
            return True
    return False


def _sinks(column: str, way: int) -> Watch:
    def watch(pair: Pair, a: Played, b: Played) -> bool:
        changed = changes(pair)
        if len(changed) != 1 or changed[0][1] != column:
            return False
        row = changed[0][0]
        before, after = pair.a[row][column], pair.b[row][column]
        if before is None or after is None or (after - before) * way <= 0:
            return False
        names = [one.name for one in a.plan.outputs if one.name in ("rank", "group_rank")]
        return any(_less(a.value(name, at), b.value(name, at)) for at in pair.later(row) for name in names)

    return watch


def _swapped(pair: Pair, a: Played, b: Played) -> bool:
    bodies = {pair.keys[row][0] for row, _ in changes(pair)}
    if len(bodies) != 1:
        return False
    rows = [row for row, key in enumerate(pair.keys) if key[0] not in bodies]
    return any(
        pair.a[one]["period"] == pair.a[other]["period"]
        and _less(a.value("total", one), a.value("total", other))
        and _less(b.value("total", other), b.value("total", one))
        for one in rows for other in rows
    )  # fmt: skip


def _outsider(pair: Pair, a: Played, b: Played) -> bool:
    groups = {pair.keys[row][1] for row, _ in changes(pair)}
    return len(groups) == 1 and any(
        key[1] not in groups and a.value("total", row) != b.value("total", row) for row, key in enumerate(pair.keys)
    )


def _pays(column: str, moved: bool) -> Watch:
    def watch(pair: Pair, a: Played, b: Played) -> bool:
        changed = sorted(changes(pair), key=lambda one: pair.a[one[0]]["period"] or 0)
        if len(changed) != 1 + moved or {name for _, name in changed} != {column} or len({pair.keys[row][0] for row, _ in changed}) != 1:
            return False
        steps = [(pair.b[row][column] or 0) - (pair.a[row][column] or 0) for row, _ in changed]
        given = all(table[row][column] is not None for table in (pair.a, pair.b) for row, _ in changed)
        last = max(pair.later(changed[0][0]), key=lambda row: pair.a[row]["period"] or 0)
        rising = all(_rising(Pair(pair.keys, table, table), column).a == table for table in (pair.a, pair.b))
        ordered = steps[0] < 0 and (sum(steps) == 0 if moved else rising and last != changed[0][0])
        return given and ordered and _less(a.value("total", last), b.value("total", last))

    return watch


def _less(one: object, other: object) -> bool:
    return isinstance(one, Fraction) and isinstance(other, Fraction) and one < other
