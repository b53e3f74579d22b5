"""The promises of a rule set: each a stable code, a sentence in Chinese and English, and how bad a breach of it is."""

from attrs import frozen

from ..finding import Severity

__all__ = ["PROMISES", "Promise", "Said"]

Said = tuple[str, str]  # the same words in Chinese and in English
ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


@frozen
class Promise:
    """One promise. A breach of severity *error* or *warning* fails an audit; one of *note* is a risk by design, told and counted apart.
    Of what is *sampled* nothing can be proved: not to be refuted is the best it can get."""

    code: str
    severity: Severity
    says: Said
    sampled: bool = False


PROMISES: dict[str, Promise] = {
    one.code: one
    for one in (
        # of one row
        Promise("bounds", ERROR, ("得分不低于零分、不超过满分", "marks stay within their bounds")),
        Promise("attainable", WARNING, ("满分和零分都能得到", "full marks and no marks can both be reached")),
        Promise("total", ERROR, ("每份合规的填报都有且只有一个结果", "every valid report gets exactly one answer")),
        Promise("veto", ERROR, ("一票否决压过其他一切得分", "a veto dominates everything else")),
        Promise("weights", ERROR, ("各项满分之和恰为总分", "the items' full marks sum to the sheet's exactly")),
        Promise("rounding", ERROR, ("只按规定修约一次", "marks are rounded once, as declared")),
        Promise("replay", ERROR, ("按说明重算，得分不变", "the explanation replays to the same marks"), sampled=True),
        # of two or three rows
        Promise("rises", ERROR, ("做得更多，得分不会更低", "more achieved never scores less")),
        Promise("falls", ERROR, ("问题更多、更迟或任务更重，得分不会更高", "more faults, delay or target never score more")),
        Promise("silence", ERROR, ("不填报不会比如实填报得分更高", "leaving a figure out never pays")),
        Promise("split", ERROR, ("拆分或合并填报不会多得分", "splitting or merging reports never pays")),
        Promise("delay", ERROR, ("推迟到以后月份填报不会多得分", "reporting in a later month never pays")),
        Promise("relabel", NOTE, ("改填到另一类不会多得分", "filing under another label never pays")),
        Promise("shave", NOTE, ("缩小分母不会多得分", "shaving the denominator never pays")),
        Promise("neutral", WARNING, ("完成率相同，得分相同，与单位大小无关", "the same rate scores the same, whatever the size")),
        Promise("unit", ERROR, ("换用计量单位，得分不变", "a change of unit changes no marks")),
        Promise("step", NOTE, ("单个数字多一个单位对得分的最大影响", "the largest effect of one unit of a figure")),
        Promise("plateau", NOTE, ("得分不随工作变化的区间", "where more work changes nothing")),
        # of the rule itself
        Promise("dead", WARNING, ("每个条款都能起作用", "every clause can fire and can matter")),
        # of a table of bodies
        Promise(
            "order", ERROR, ("名次与表中先后无关，并列按规定处理", "the ranking doesn't depend on the order of rows, ties as declared")
        ),
        Promise("group", ERROR, ("得分不受组外单位影响", "marks don't depend on bodies outside the group")),
        Promise("own", ERROR, ("自己做得更好，名次不会更低", "improving one's own figures never lowers one's rank")),
        Promise("others", NOTE, ("第三方的数字不会颠倒另外两家的先后", "a third body's figures never swap two others")),
        # of an allocation
        Promise("conserve", ERROR, ("分解之和等于总任务", "an allocation gives out exactly the total"), sampled=True),
        Promise("quota", WARNING, ("各单位所分与其应得份额相差不到一个单位", "every share is within one unit of its quota"), sampled=True),
        Promise("limits", ERROR, ("分解不突破规定的上下限", "shares stay within floors and caps"), sampled=True),
        Promise("sequence", ERROR, ("分解结果与名单先后无关", "an allocation doesn't depend on the order of claims"), sampled=True),
        Promise("house", NOTE, ("总任务增加，没有单位的任务减少", "a larger total takes nothing from anybody"), sampled=True),
        # of the files
        Promise("files", ERROR, ("规则写出再读入，内容不变", "rules survive being written and read again"), sampled=True),
        Promise("exemption", ERROR, ("每项豁免仍有必要", "every exemption is still needed")),
        Promise("versions", WARNING, ("两个版本的得分相同", "two versions of a rule give the same marks")),
    )
}
