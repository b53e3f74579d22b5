"""The linear abstraction: each quotient becomes a real variable with the linear facts that hold of it, each rounding a whole one.

Every assignment of the exact encoding gives one of this (a ratio takes the value of its quotient, a product that of its factors),
for every fact asserted here is true of real numbers; so what has no solution here has none there. The other way round it isn't so.
"""

from collections.abc import Iterable
from itertools import pairwise

from ..formula.plan import WINDOWS, Op
from .joint import Joint, Unfit, symbol
from .ratios import LARGE, MOST, PAIRS, Ratios
from .smt import expression, integer, variable

__all__ = ["Linear", "shared"]


def shared(joint: Joint) -> set[int]:
    """Of the operations that are hard to reckon, those that both rows reckon alike; for one row, every quotient. They may be taken for any
    number in their range."""
    if len(joint.moved) < 2:
        return {position for position, op in enumerate(joint.build.ops) if op.op == "//"}
    both = set(joint.moved[0].values()) & set(joint.moved[1].values())
    return {position for position in both if joint.build.ops[position].op in ("//", "lookup", "search") or _product(joint, position)}


def _product(joint: Joint, position: int) -> bool:
    op = joint.build.ops[position]
    return op.op == "*" and not any(joint.build.ops[arg].op == "literal" for arg in op.args)


class Linear(Ratios):
    """Writes a joint's operations as linear SMT-LIB. Operations in *cut* are taken for any number in their range."""

    def __init__(self, joint: Joint, cut: Iterable[int] = ()) -> None:
        super().__init__(joint.build, cut)
        self.held = joint.held
        self.names: dict[int, str] = {}
        self.products: list[tuple[str, str, str]] = []  # (factor, factor, name), both at least 0
        self.steps: dict[tuple[str, bool], str] = {}  # a quotient's text, rounded up or down → name
        for position in joint.below:
            self._divisors(position)

    def script(self) -> list[str]:
        """Declarations and assertions. Raises Unfit where they are too many."""
        claims = [f"(assert {self.text(position)})" for position in self.held]
        return [*self.lines, *claims]

    def _divisors(self, position: int) -> None:
        """What stands below, and the factors and branches that it is made of."""
        op = self.op(position)
        if op.op == "literal" or position in self.below:
            return
        if op.op != "*":
            self.below.add(position)
        for arg in op.args if op.op == "*" else op.args[1:] if op.op == "case" else ():
            self._divisors(arg)

    # -- whole numbers and truths ------------------------------------------------------------------------------

    def text(self, position: int) -> str:
        """The operation as a term."""
        if position not in self.names:
            stack = [position]
            while stack:  # arguments first, however deep
                at = stack[-1]
                waiting = [arg for arg in self.op(at).args if arg not in self.names] if at not in self.cut else []
                stack += waiting
                if not waiting:
                    stack.pop()
                    if len(self.lines) > MOST:
                        raise Unfit("规则过大，不交求解器", "the rule is too large for a solver")
                    if at not in self.names:
                        self.names[at] = self._made(at)
        return self.names[position]

    def _made(self, position: int) -> str:
        op, name = self.op(position), f"v{position}"
        if op.op == "literal":
            return ("true" if op.value else "false") if op.truth else integer(op.value)
        if op.op == "given":
            self.lines.append(f"(declare-const {symbol('given ' + op.name)} Bool)")
            return symbol("given " + op.name)
        if not op.args or op.op in WINDOWS or position in self.cut:
            name = symbol("in " + op.name) if not op.args else name
            self.lines += variable(name, "Int", op.low, op.high)
            return name
        args = [self.text(arg) for arg in op.args]
        reach = self.op(op.args[0]) if op.op == "lookup" else op
        if op.op in ("search", "lookup") and reach.high - reach.low > LARGE:
            return self._table(position, name, args[0])
        if op.op == "//" and self.op(op.args[1]).op != "literal":
            return self._divided(position, op)
        if op.op == "*" and not any(self.op(arg).op == "literal" for arg in op.args):
            made = self._multiplied(position, op)
        elif op.op in ("<", "<=", "==") and not self.op(op.args[0]).truth:
            made = self._compared(op, args)
        else:
            made = expression(op, args, self.build)
        self.lines.append(f"(define-fun {name} () {'Bool' if op.truth else 'Int'} {made})")
        return name

    def _table(self, position: int, name: str, at: str) -> str:
        """A large table: its ends, and that it never falls or never rises, for every pair of places asked for."""
        op, table = self.op(position), self.build.tables[self.op(position).name]
        self.lines += variable(name, "Int", op.low, op.high)
        rising = op.op == "search" or all(one <= other for one, other in pairwise(table))
        falling = op.op == "lookup" and all(one >= other for one, other in pairwise(table))
        for other, known in [*self.names.items()]:
            if (rising or falling) and self.op(other).op == op.op and self.op(other).name == op.name and other not in self.cut:
                here = self.text(self.op(other).args[0])
                for x, y, a, b in ((at, here, name, known), (here, at, known, name)):
                    self.lines.append(f"(assert (=> (<= {x} {y}) ({'<=' if rising else '>='} {a} {b})))")
        return name

    def _multiplied(self, position: int, op: Op) -> str:
        """A product: value by value where one factor has few, else a number that lies in the corners of its factors."""
        for one, other in (op.args, op.args[::-1]):
            if (leaves := self._leaves(one)) is not None:
                self.text(other)
                return leaves(lambda n, other=other: self._times(n, self.text(other)))  # type: ignore[misc] # bound now
        x, y = (self.op(arg) for arg in op.args)
        a, b = (self.text(arg) for arg in op.args)
        name = f"p{position}"
        self.lines += variable(name, "Int", op.low, op.high)
        for i, j, sign in (
            (x.low, y.low, ">="),
            (x.high, y.high, ">="),
            (x.low, y.high, "<="),
            (x.high, y.low, "<="),
        ):  # (x − i)(y − j) ≷ 0
            rest = f"(- (+ {self._times(j, a)} {self._times(i, b)}) {integer(i * j)})"
            self.lines.append(f"(assert ({sign} {name} {rest}))")
        if x.low >= 0 and y.low >= 0:
            for c, d, known in self.products[-PAIRS:]:
                for e, f in ((c, d), (d, c)):
                    self.lines.append(f"(assert (=> (and (<= {a} {e}) (<= {b} {f})) (<= {name} {known})))")
                    self.lines.append(f"(assert (=> (and (<= {e} {a}) (<= {f} {b})) (<= {known} {name})))")
            self.products.append((a, b, name))
        return name

    @staticmethod
    def _times(factor: int, text: str) -> str:
        return "0" if factor == 0 else text if factor == 1 else f"(* {integer(factor)} {text})"

    # -- comparing ---------------------------------------------------------------------------------------------

    def _compared(self, op: Op, args: list[str]) -> str:
        """A comparison of whole numbers; where it is one of products with what is divided by, of the quotients instead."""
        a, b = op.args
        sign = {"<": "<", "<=": "<=", "==": "="}[op.op]
        products = self._factors(a) | self._factors(b)
        positive = sorted(one for one in products if self.op(one).low > 0)
        plain = f"({sign} {args[0]} {args[1]})"
        if positive:
            below = tuple(positive)
            return f"({sign} {self.real(self.over(a, below))} {self.real(self.over(b, below))})"
        difference = self.build.minus(a, b)
        for one in sorted(self._mentioned(a) | self._mentioned(b))[:4]:
            if self.op(one).op == "case" or not self._positive(one):
                continue
            ratio = self.over(difference, (one,))
            if set(ratio) - {""}:
                self.lines.append(f"(assert {self._where(one)}(= {plain} ({sign} {self.real(ratio)} 0.0)){self._end(one)})")
        return plain

    def _positive(self, position: int) -> bool:
        return self.op(position).high > 0

    def _where(self, position: int) -> str:
        return "" if self.op(position).low > 0 else f"(=> (> {self.text(position)} 0) "

    def _end(self, position: int) -> str:
        return "" if self.op(position).low > 0 else ")"

    def _factors(self, position: int) -> frozenset[int]:
        """What is divided by, where it is a factor of a product in a sum."""
        return self._gather(position, True)

    def _mentioned(self, position: int) -> frozenset[int]:
        """What is divided by, where it is a part of a sum."""
        return self._gather(position, False)

    def _divided(self, position: int, op: Op) -> str:
        """A quotient without its rest: the whole number just under the ratio; or just above it, where a ÷ b was written (a + b − 1) ÷ b."""
        number, below = op.args
        up = False
        for one, other in (self.op(number).args, self.op(number).args[::-1]) if self.op(number).op == "+" else ():
            less = self.op(other)
            if less.op == "-" and less.args[0] == below and self.op(less.args[1]).op == "literal" and self.op(less.args[1]).value == 1:
                number, up = one, True
                break
        ratio = self.real(self.over(number, (below,)))
        name = self.steps.get((ratio, up))
        if name is None:
            name = f"q{len(self.steps)}"
            self.lines.append(f"(declare-const {name} Int)")
            whole = f"(to_real {name})"
            least, most = (
                (f"(< (- {whole} 1.0) {ratio})", f"(<= {ratio} {whole})")
                if up
                else (f"(<= {whole} {ratio})", f"(< {ratio} (+ {whole} 1.0))")
            )
            guard = f"(=> (> {self.text(below)} 0) " if self.op(below).low <= 0 else ""
            self.lines.append(f"(assert {guard}(and {least} {most}){')' if guard else ''})")
            for (known, also), other_name in list(self.steps.items())[-PAIRS:]:
                if also == up:
                    self.lines.append(f"(assert (=> (<= {ratio} {known}) (<= {name} {other_name})))")
                    self.lines.append(f"(assert (=> (<= {known} {ratio}) (<= {other_name} {name})))")
            self.steps[ratio, up] = name
        self.lines.append(f"(assert (<= {integer(op.low)} {name} {integer(op.high)}))")
        return name
