"""The linear abstraction: each quotient becomes a real variable with the linear facts that hold of it, each rounding a whole one.

Every assignment of the exact encoding gives one of this (a ratio takes the value of its quotient, a product that of its factors),
for every fact asserted here is true of real numbers; so what has no solution here has none there. The other way round it isn't so.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import pairwise
from math import gcd

from ..formula.plan import WINDOWS, Op
from .smt import Joint, Unfit, expression, integer, needed, symbol, tree, variable

__all__ = ["Linear", "shared"]

Sum = dict[str, Fraction]  # a linear sum of real terms; "" is the constant
NARROW = 16  # a figure of so few values is told apart value by value
LARGE = 128  # a table of more rows is known by its ends and by whether it rises or falls
MOST = 6_000  # lines of a script
TOGETHER = 2  # of so many tests in a sum each case is taken by itself
PAIRS = 24  # so many ratios are compared one by one


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


class Linear:
    """Writes a joint's operations as linear SMT-LIB. Operations in *cut* are taken for any number in their range."""

    def __init__(self, joint: Joint, cut: Iterable[int] = ()) -> None:
        self.build, self.held, self.cut = joint.build, joint.held, frozenset(cut)
        self.lines: list[str] = []
        self.names: dict[int, str] = {}
        self.below: set[int] = set()
        self.products: list[tuple[str, str, str]] = []  # (factor, factor, name), both at least 0
        self.reals: dict[str, str] = {}  # definition → name
        self.ratios: dict[tuple[object, ...], tuple[str, int, int]] = {}  # key → (name, number, what it is over)
        self.steps: dict[tuple[str, bool], str] = {}  # a quotient's text, rounded up or down → name
        self.quotients: dict[tuple[int, tuple[int, ...]], Sum] = {}
        self.assumed: dict[tuple[int, int, bool], int] = {}
        for position in joint.below:
            self._divisors(position)

    def script(self) -> list[str]:
        """Declarations and assertions. Raises Unfit where they are too many."""
        for position in needed(self.build.ops, self.held):
            self.text(position) if position not in self.cut else None
            if len(self.lines) > MOST:
                raise Unfit("规则过大，不交求解器", "the rule is too large for a solver")
        return [*self.lines, *(f"(assert {self.text(position)})" for position in self.held)]

    def op(self, position: int) -> Op:
        return self.build.ops[position]

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

    def _leaves(self, position: int) -> Callable[[Callable[[int], str]], str] | None:
        """For a number of few values: how a text is chosen by it, given the text for each value."""
        op = self.op(position)
        if position in self.cut or op.op == "literal":
            return None if position in self.cut else lambda leaf: leaf(op.value)
        if op.op == "case":
            sides = [self._leaves(arg) for arg in op.args[1:]]
            then, other = sides
            if then is not None and other is not None:
                return lambda leaf: f"(ite {self.text(op.args[0])} {then(leaf)} {other(leaf)})"
        if op.op == "lookup" and self.op(op.args[0]).high - self.op(op.args[0]).low <= LARGE // 2:
            at, table = op.args[0], self.build.tables[op.name]
            return lambda leaf: tree(self.op(at).low, self.op(at).high, lambda n: f"(>= {self.text(at)} {n})", lambda n: leaf(table[n]))
        if op.high - op.low < NARROW and not op.truth:
            return lambda leaf: tree(op.low, op.high, lambda n: f"(>= {self.text(position)} {integer(n)})", leaf)
        return None

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

    def _gather(self, position: int, factors: bool) -> frozenset[int]:
        found, seen, stack = set(), set(), [position]
        while stack:
            at = stack.pop()
            op = self.op(at)
            if at in seen or at in self.cut:
                continue
            seen.add(at)
            if at in self.below and not factors:
                found.add(at)
            if op.op in ("+", "-"):
                stack += op.args
            elif op.op == "case":
                stack += op.args[1:]
            elif op.op == "*" and any(self.op(arg).op == "literal" for arg in op.args):
                stack += op.args
            elif op.op == "*" and factors:
                found |= {one for one in self._flat(at) if one in self.below}
                stack += op.args
        return frozenset(found)

    def _flat(self, position: int) -> list[int]:
        """The factors of a product, but for literals."""
        op = self.op(position)
        if op.op == "*" and position not in self.cut:
            return [one for arg in op.args for one in self._flat(arg)]
        return [] if op.op == "literal" else [position]

    # -- quotients ---------------------------------------------------------------------------------------------

    def over(self, position: int, below: tuple[int, ...]) -> Sum:
        """The operation divided by the product of those, as a linear sum of real terms."""
        key = (position, below)
        if key not in self.quotients:
            if len(self.quotients) > MOST:
                raise Unfit("规则过大，不交求解器", "the rule is too large for a solver")
            self.quotients[key] = self._over(position, below)
        return self.quotients[key]

    def _over(self, position: int, below: tuple[int, ...]) -> Sum:
        for index, one in enumerate(below):
            op, rest = self.op(one), (*below[:index], *below[index + 1 :])
            if op.op == "literal":
                return _scaled(self.over(position, rest), Fraction(1, op.value)) if op.value > 0 else {}
            if op.op == "*" and one not in self.cut:
                return self.over(position, tuple(sorted((*rest, *op.args))))
        parts = [(factor, part) for factor, part in self._summands(position) if not set(self._flat(part)).isdisjoint(below)]
        if parts and parts != [(1, position)]:  # what can be taken from below is, before that is told apart by its cases
            build, whole, total = self.build, self.build.literal(0), Sum()
            for factor, part in self._summands(position):
                if (factor, part) in parts:
                    _add(total, self.over(part, below), Fraction(factor))
                else:
                    whole = build.plus(whole, build.scale(part, factor))
            _add(total, self.over(whole, below), Fraction(1))
            return total
        if parts:
            return self._cancelled(position, below)
        for index, one in enumerate(below):
            op, rest = self.op(one), (*below[:index], *below[index + 1 :])
            if op.op == "case" and one not in self.cut:
                then, other = (
                    self.over(
                        self.assume(position, op.args[0], holds), tuple(sorted((*(self.assume(d, op.args[0], holds) for d in rest), arg)))
                    )
                    for holds, arg in ((True, op.args[1]), (False, op.args[2]))
                )
                return self._either(op.args[0], then, other)
        if not below:
            op = self.op(position)
            return {"": Fraction(op.value)} if op.op == "literal" else {f"(to_real {self.text(position)})": Fraction(1)}
        for index, one in enumerate(below):
            if self.op(one).low > 0 and self.op(one).high - self.op(one).low < NARROW and one not in self._gather(position, True):
                kept = self.over(position, (*below[:index], *below[index + 1 :]))
                leaves = self._leaves(one)
                assert leaves is not None
                return {self._named(leaves(lambda n: self.real(_scaled(kept, Fraction(1, n))))): Fraction(1)}
        return self._parts(position, below)

    def _cancelled(self, position: int, below: tuple[int, ...]) -> Sum:
        """A product of which some factors stand below as well."""
        left, rest = self._flat(position), list(below)
        for one in below:
            if one in left:
                left.remove(one)
                rest.remove(one)
        return self.over(self.build.product(left), tuple(rest))

    def _parts(self, position: int, below: tuple[int, ...]) -> Sum:
        """Summand by summand; those that nothing can be taken from together are one ratio."""
        total: Sum = {}
        kept: dict[int, int] = {}
        constant = 0
        summands = self._summands(position)
        tests = {self.op(part).args[0] for _, part in summands if self.op(part).op == "case" and part not in self.cut}
        if 0 < len(tests) <= TOGETHER and len(summands) > 1:  # told apart as a whole, so that what is left stays one ratio
            test = min(tests)
            return self._either(test, *(self.over(self.assume(position, test, holds), below) for holds in (True, False)))
        for factor, part in summands:
            op = self.op(part)
            if op.op == "literal":
                constant += factor * op.value
                continue
            left = self._flat(part)
            if op.op == "case" and part not in self.cut:
                then, other = (
                    self.over(self.assume(arg, op.args[0], holds), below) for holds, arg in ((True, op.args[1]), (False, op.args[2]))
                )
                _add(total, self._either(op.args[0], then, other), Fraction(factor))
            elif len(left) > 1 and (chosen := next((one for one in left if self._leaves(one) is not None), None)) is not None:
                left.remove(chosen)
                whole, leaves = self.over(self.build.product(left), below), self._leaves(chosen)
                assert leaves is not None
                made = leaves(lambda n: self.real(_scaled(whole, Fraction(n))))  # noqa: B023 - used at once
                _add(total, {self._named(made): Fraction(1)}, Fraction(factor))
            else:
                kept[part] = kept.get(part, 0) + factor
        if constant or kept:
            _add(total, self._ratio(kept, constant, below), Fraction(1))
        return total

    def _summands(self, position: int) -> list[tuple[int, int]]:
        found, stack = [], [(1, position)]
        while stack:
            factor, at = stack.pop()
            op = self.op(at)
            if at in self.cut or op.op not in ("+", "-", "*"):
                found.append((factor, at))
            elif op.op == "*":
                literal = next((arg for arg in op.args if self.op(arg).op == "literal"), None)
                if literal is None:
                    found.append((factor, at))
                else:
                    stack.append((factor * self.op(literal).value, op.args[0] if op.args[1] == literal else op.args[1]))
            else:
                stack += [(factor, op.args[0]), (factor if op.op == "+" else -factor, op.args[1])]
        return found

    def assume(self, position: int, test: int, holds: bool) -> int:
        """The same number where it is known whether *test* holds."""
        op, key = self.op(position), (position, test, holds)
        if position in self.cut or op.op not in ("+", "-", "*", "case"):
            return position
        if key not in self.assumed:
            build = self.build
            if op.op == "case" and op.args[0] == test:
                made = self.assume(op.args[1] if holds else op.args[2], test, holds)
            elif op.op == "case":
                made = build.case(op.args[0], *(self.assume(arg, test, holds) for arg in op.args[1:]))
            else:
                make = {"+": build.plus, "-": build.minus, "*": build.times}[op.op]
                made = make(*(self.assume(arg, test, holds) for arg in op.args))
            self.assumed[key] = made
        return self.assumed[key]

    def _ratio(self, kept: dict[int, int], constant: int, below: tuple[int, ...]) -> Sum:
        """The variable for a sum over a product, times what it was divided by to be the same for all its multiples."""
        size = gcd(constant, *kept.values())
        size = -size if (next((one for _, one in sorted(kept.items()) if one), constant)) < 0 else size
        if not size:
            return {}
        key = (tuple(sorted((part, factor // size) for part, factor in kept.items() if factor)), constant // size, below)
        if key not in self.ratios:
            build, number = self.build, self.build.literal(constant // size)
            for part, factor in sorted(kept.items()):
                number = build.plus(number, build.scale(part, factor // size))
            self._fresh(key, number, build.product(below))
        return {self.ratios[key][0]: Fraction(size)}

    def _fresh(self, key: tuple[object, ...], number: int, below: int) -> None:
        name = f"r{len(self.ratios)}"
        n, d = self.text(number), self.text(below)
        x, y = self.op(number), self.op(below)
        self.lines.append(f"(declare-const {name} Real)")
        here = [] if y.low > 0 else [f"(> {d} 0)"]
        if y.low > 0:
            ends = [Fraction(bound, edge) for bound in (x.low, x.high) for edge in (y.low, y.high)]
            self.lines.append(f"(assert (<= {_rational(min(ends))} {name} {_rational(max(ends))}))")
        for bound, against in (("0.0", "0"), ("1.0", d)):
            self._fact(here, f"(= (<= {name} {bound}) (<= {n} {against}))")
            self._fact(here, f"(= (< {name} {bound}) (< {n} {against}))")
        for known, number_2, below_2 in list(self.ratios.values())[-PAIRS:]:
            n2, d2 = self.text(number_2), self.text(below_2)
            both = [*here, *([] if self.op(below_2).low > 0 or below == below_2 else [f"(> {d2} 0)"])]
            if below == below_2:
                self._fact(both, f"(= (<= {n} {n2}) (<= {name} {known}))")
                self._fact(both, f"(= (< {n} {n2}) (< {name} {known}))")
                continue
            for a, b, r, c, e, s in ((n, d, name, n2, d2, known), (n2, d2, known, n, d, name)):  # a / b = r and c / e = s
                self._fact([*both, f"(<= {a} {c})", f"(<= {e} {b})", f"(<= 0 {c})"], f"(<= {r} {s})")
                self._fact([*both, f"(<= {a} {c})", f"(<= {b} {e})", f"(<= {a} 0)"], f"(<= {r} {s})")
                self._fact([*both, f"(< {a} {c})", f"(<= {e} {b})", f"(<= 0 {c})"], f"(< {r} {s})")
        self.ratios[key] = (name, number, below)

    def _fact(self, where: list[str], fact: str) -> None:
        """What holds where all of those do."""
        self.lines.append(f"(assert (=> (and true {' '.join(where)}) {fact}))" if where else f"(assert {fact})")

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

    # -- real terms --------------------------------------------------------------------------------------------

    def _either(self, test: int, then: Sum, other: Sum) -> Sum:
        if then == other:
            return then
        if self.op(test).op == "literal":
            return then if self.op(test).value else other
        return {self._named(f"(ite {self.text(test)} {self.real(then)} {self.real(other)})"): Fraction(1)}

    def _named(self, text: str) -> str:
        if text not in self.reals:
            self.reals[text] = f"t{len(self.reals)}"
            self.lines.append(f"(define-fun {self.reals[text]} () Real {text})")
        return self.reals[text]

    def real(self, sum: Sum) -> str:
        """A sum as a term."""
        terms = [_rational(sum[""])] if sum.get("") else []
        terms += [one if factor == 1 else f"(* {_rational(factor)} {one})" for one, factor in sorted(sum.items()) if one and factor]
        return "0.0" if not terms else terms[0] if len(terms) == 1 else f"(+ {' '.join(terms)})"


def _rational(value: Fraction) -> str:
    text = f"{abs(value.numerator)}.0" if value.denominator == 1 else f"(/ {abs(value.numerator)}.0 {value.denominator}.0)"
    return f"(- {text})" if value < 0 else text


def _scaled(sum: Sum, factor: Fraction) -> Sum:
    return {one: value * factor for one, value in sum.items() if value * factor}


def _add(total: Sum, sum: Sum, factor: Fraction) -> None:
    for one, value in sum.items():
        total[one] = total.get(one, Fraction(0)) + value * factor
        if not total[one]:
            del total[one]
