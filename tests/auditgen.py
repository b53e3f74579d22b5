"""An invented audit that holds everything a report may meet: every verdict, both languages, long titles, hostile strings."""

from fractions import Fraction

from attrs import evolve

from minsheng_core.audit.promise import PROMISES
from minsheng_core.audit.result import Audit, Case, Certificate, Difference, Line, Result, Verdict
from minsheng_core.finding import Place
from minsheng_core.scheme.facts import Exemption
from minsheng_core.scheme.model import Clause

HOSTILE = "<script>alert('x')</script> | a\nb \x1b[31m & \"q\" `c` **d** ]]> \u202e"
TOWN = "乡镇（街道）民生实事年度综合评估（含城乡居民基本养老保险参保任务完成情况、月度填报及时性和典型经验推广加分）"
RULES = {"township": TOWN, "department": "市直责任单位评估", "method rate.steps": "完成率分档计分（未用于评估表）"}
RANGES = (
    ("参保人数 0～99999999人，可以不填", "insured 0 to 99999999, may be left out"),
    ("任务数 1～99999999人", "target 1 to 99999999"),
    ("迟报天数 0～366天", "late_days 0 to 366"),
)


def place(line, column=1):
    return Place("rules/2023/assessment.toml", line, column)


def pair(rows, lines, replay=True):
    told = " | ".join(" ".join(f"{name}={value}" for name, value in row.items() if value is not None) for row in rows)
    made = tuple(
        Line(name=name, title=title, values=tuple(values), changed=len(set(values)) > 1, result=result)
        for name, title, values, result in lines
    )
    return Case(rows=tuple(rows), lines=made, replay=f"minsheng audit 2023 --replay 'township: {told}'" if replay else "")


def result(key, verdict, words, about=("总分", "the total"), **more):
    rule, code, _ = key.split("::")
    given = {"by": "probe", "probes": 608, "place": place(45, 3), "clause": "scheme/3.2", "rests": RANGES if rule == "township" else ()}
    return Result(key=key, promise=PROMISES[code], rule=rule, about=about, verdict=verdict, words=words, **(given | more))


DIP = pair(
    [{"insured": 949, "target": 1000, "late_days": 0}, {"insured": 950, "target": 1000, "late_days": 0}],
    [
        ("insured", "参保人数", ("949人", "950人"), False),
        ("target", "任务数", ("1000人", "1000人"), False),
        ("late_days", "迟报天数", ("0天", "0天"), False),
        ("item.completion", "城乡居民养老保险参保任务完成", ("≈85.1313分", "85分"), True),
        ("total", "总分", ("75.13分", "75分"), True),
        ("band", "完成率分档", ("第3档：80%～95%，按比例", "第4档：95%以上，85分起"), True),
    ],
)
SILENT = pair(
    [{"complaints": 3, "target": 1000}, {"complaints": None, "target": 1000}],
    [
        ("complaints", "经核实的群众投诉件数", ("3件", "—"), False),
        ("target", "任务数", ("1000人", "1000人"), False),
        ("adjustment.complaints", "群众投诉扣分", ("1.5分", "0分"), True),
        ("total", "总分", ("93.5分", "95分"), True),
    ],
)
ONE = pair([{"insured": 1200, "target": 1000}], [("insured", "参保人数", ("1200人",), False), ("total", "总分", ("112分",), True)])
STEP = pair(
    [{"insured": 799, "target": 1000}, {"insured": 800, "target": 1000}],
    [("insured", "参保人数", ("799人", "800人"), False), ("total", "总分", ("60分", "72.5分"), True)],
)
MOVED = pair(
    [{"typical_county": 1, "typical_city": 0}, {"typical_county": 0, "typical_city": 1}],
    [
        ("typical_county", "县级典型案例", ("1件", "0件"), False),
        ("typical_city", "市级典型案例", ("0件", "1件"), False),
        ("total", "总分", ("100.5分", "101分"), True),
    ],
    replay=False,
)
PLANS = Case(
    rows=({"insured": 950, "target": 1000},),
    heads=(("旧版", "before"), ("新版", "after")),
    lines=(
        Line(name="insured", title="参保人数", values=("950人", "950人")),
        Line(name="target", title="任务数", values=("1000人", "1000人")),
        Line(name="total", title="总分", values=("85分", "88分"), changed=True, result=True),
    ),
    replay="minsheng audit 2023 --replay 'township: insured=950 target=1000'",
)


def results():
    V = Verdict
    exemption = Exemption(
        promise="neutral",
        of="completion",
        reason="人口不足一千的乡，按绝对数考核，《细则》第九条已有规定",
        clause="scheme/3.3",
        place=place(88, 5),
    )
    return (
        result("township::bounds::completion", V.PROVED, ("取值在0～100分之间", "between 0 and 100"), ("“城乡居民养老保险参保任务完成”", "the item 'completion'"),
               by="exact", certificate=Certificate(kind="pieces", text="0..1000: 0.1*x", fingerprint="ab" * 32)),
        result("township::bounds::total", V.REFUTED, ("总分112分，超出0～110分", "the total: 112, outside 0 to 110"), case=ONE, clause="assumption"),
        result("township::attainable::total.full", V.UNKNOWN, ("608次试探没有找到实例；没有可用的证明引擎", "608 probes found no witness; no engine that proves is installed"), ("总分得满分", "full marks of the total")),
        result("township::veto::falsified", V.PROVED, ("没有反例", "there is no case against it"), ("“弄虚作假”", "the veto 'falsified'"), by="z3",
               certificate=Certificate(kind="smt2", text="(check-sat)", fingerprint="ab" * 32)),
        result("township::rises::insured.total", V.REFUTED,
               ("参保人数949人→950人，总分反而由75.13分降到75分；出错条款：第3档止于85.3分，第4档始于85分", "insured 949人 → 950人: the total goes down from 75.13分 to 75分"),
               ("“参保人数”，总分", "insured, the total"), by="z3", case=DIP, place=place(131, 12)),
        result("township::falls::late_days.total", V.NOT_REFUTED, ("2000次试探没有找到反例", "2000 probes found no case"), ("“迟报天数”，总分", "late_days, the total"), probes=2000),
        result("township::silence::complaints", V.REFUTED, ("“经核实的群众投诉件数”如实填3件得93.5分，不填得95分", "complaints given as 3 scores 93.5, left out 95"),
               ("“经核实的群众投诉件数”", "complaints"), case=SILENT, clause="scheme/3.5", place=None),
        result("township::split::insured", V.CONFLICT, ("精确推算说没有反例，求解器找到一例", "exact reckoning says there is none, the solver found one"), ("“参保人数”", "insured"), by="exact+z3", case=DIP),
        result("township::relabel::typical_county.typical_city", V.REFUTED, ("县级典型案例1件改报为市级，总分由100.5分升到101分", "one county case filed as a city case moves the total from 100.5 to 101"),
               ("“县级典型案例”改报为“市级典型案例”", "typical_county filed as typical_city"), case=MOVED),
        result("township::neutral::completion", V.REFUTED, ("规模变为2倍，该项得分由85分变为88分", "twice the size moves the marks from 85 to 88"), ("“城乡居民养老保险参保任务完成”", "the item 'completion'"),
               case=STEP, exemption=exemption),
        result("township::step::insured", V.PROVED, ("最大影响12.5分", "at most 12.5"), ("“参保人数”", "insured"), by="exact", case=STEP),
        result("township::plateau::insured", V.REFUTED, ("参保人数超过任务数的110%以后得分不变", "beyond 110% of the target nothing changes"), ("“参保人数”", "insured"), by="exact"),
        result("township::dead::completion.2", V.REFUTED, ("第2档不起作用：删去或改动它，任何填报的结果都不变", "row 2 has no effect"), ("分档表第2档", "row 2 of the table"), by="exact", place=place(128, 5)),
        result("township::rounding::total", V.PROVED, ("没有反例", "there is no case against it"), ("按项修约", "rounding of items"), by="construction", probes=0),
        result("township::exemption::neutral.completion", V.PROVED, ("仍有必要", "still needed"), ("豁免“完成率相同，得分相同”", "the exemption from 'neutral'"), by="construction", probes=0),
        result("department::weights::total", V.PROVED, ("各项满分之和为100分", "the items sum to 100"), by="construction", probes=0),
        result("department::bounds::total", V.PROVED, ("没有反例", "there is no case against it"), by="exact"),
        result("department::order::rank", V.NOT_REFUTED, ("300张表未见反例", "300 tables kept it"), ("名次", "the rank"), by="sampling", probes=300),
        result("department::delay::total", V.UNKNOWN, ("规则看其他月份，引擎不能判定；z3 超出步数上限", "the rule looks at other months: the engines can't decide; z3 ran out of steps")),
        result("method rate.steps::bounds::marks", V.PROVED, ("没有反例", "there is no case against it"), ("“完成率分档计分”", "the item 'marks'"), by="exact"),
        result("method rate.steps::total::marks", V.REFUTED, ("“完成率分档计分”没有结果：95%不在任何一档", "marks has no answer: 95% is in no row"), ("“完成率分档计分”", "the item 'marks'"), place=place(0, 0)),
    )  # fmt: skip


def difference():
    words = ("8个单位得分不同：参保人数超过任务95%的", "eight bodies differ: above 95% of the target")
    one = result("township::versions::total", Verdict.REFUTED, words, case=PLANS)
    changes = (
        ("完成率分档第4档的起分", "85分", "88分", Place("rules/2022/assessment.toml", 120, 9), place(131, 12)),
        ("迟报扣分条", "每迟一天扣0.5分", "（删去）", Place("rules/2022/assessment.toml", 140, 1), None),
    )
    regions = (("参保人数／任务数在95%（含）与110%之间，其余不限", "insured / target from 95% (included) to 110%, anything else whatever"),)
    affected = (
        ("白马桥街道", Fraction("91.5"), Fraction("94.5")), ("沩山乡", Fraction(85), Fraction(88)),
        ("老粮仓镇", None, Fraction(60)), ("金洲镇", Fraction("88.25"), Fraction("87.25")),
    )  # fmt: skip
    return Difference(rule="township", result=one, changes=changes, regions=regions, affected=affected)


def rich():
    """The audit that reports are looked at with."""
    clauses = {
        "scheme/3.2": Clause(
            id="scheme/3.2", document="scheme", locator="三、（二）", summary="市绩效办会同有关部门按月督查、按季考核、年终排名并予通报"
        ),
        "scheme/3.3": Clause(id="scheme/3.3", document="scheme", locator="三、（三）", summary="严禁弄虚作假，违者取消评先评优资格"),
        "scheme/3.5": Clause(id="scheme/3.5", document="scheme", locator="三、（五）", summary="群众投诉查实的，每件扣0.5分"),
    }
    found = results()
    return Audit(
        scheme="ningxiang-2023", title="2023年省级重点监测民生项目指标任务分解方案（宁乡市）", year=2023, results=found, due=len(found) + 2,
        engines={"exact": "0.1.0", "probe": "0.1.0", "z3": "5.4.1.0", "cvc5": "未安装（not installed）"}, titles=RULES,
        fingerprints={rule: (f"{number:x}" * 64)[:64] for number, rule in enumerate(RULES, 10)}, clauses=clauses,
        documents={"scheme": "2023年省级重点监测民生项目指标任务分解方案"}, differences=(difference(),), against="rules/2022",
    )  # fmt: skip


def hostile():
    """The same with strings that try to break out of every format."""
    audit = rich()
    line = Line(name=HOSTILE, title=HOSTILE, values=(HOSTILE, "2"), changed=True, result=False)
    bad = evolve(
        result(f"township::rises::{HOSTILE}", Verdict.REFUTED, (HOSTILE, HOSTILE), (HOSTILE, HOSTILE)),
        case=Case(rows=({HOSTILE: 1}, {HOSTILE: 2}), lines=(line,), replay=HOSTILE), place=Place(f"rules/{HOSTILE}.toml", 3, 4), clause="evil",
        rests=((HOSTILE, HOSTILE),), exemption=None, by=HOSTILE,
    )  # fmt: skip
    exempt = evolve(
        bad, key="x::silence::y", promise=PROMISES["silence"], exemption=Exemption(promise="silence", reason=HOSTILE, clause=HOSTILE)
    )
    clause = Clause(id="evil", document=HOSTILE, locator=HOSTILE, summary=HOSTILE)
    found = (*audit.results, bad, exempt, *(evolve(bad, key=f"v::rises::{one.value}{HOSTILE}", verdict=one) for one in Verdict))
    one = audit.differences[0]
    spoilt = evolve(
        one, changes=((HOSTILE, HOSTILE, HOSTILE, None, None),), regions=((HOSTILE, HOSTILE),), affected=((HOSTILE, Fraction(2, 3), None),)
    )
    return evolve(
        audit, title=HOSTILE, scheme=HOSTILE, against=HOSTILE, results=found, titles={**audit.titles, "township": HOSTILE}, engines={HOSTILE: HOSTILE},
        fingerprints={HOSTILE: HOSTILE}, clauses={**audit.clauses, "evil": clause}, documents={HOSTILE: HOSTILE}, differences=(spoilt,),
    )  # fmt: skip
