"""Quotients of operations as linear sums of real variables, one for each different ratio, with the linear facts that hold of them."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from fractions import Fraction
from math import gcd

from ..formula.plan import Op
from .joint import Free, Unfit
from .smt import integer, tree

__all__ = ["LARGE", "MOST", "PAIRS", "Ratios", "Sum", "rational"]

Sum = dict[str, Fraction]  # a linear sum of real terms; "" is the constant
NARROW = 16  # a figure of so few values is told apart value by value
LARGE = 128  # a table of more rows is known by its ends and by whether it rises or falls
MOST = 6_000  # lines of a script
TOGETHER = 2  # of so many tests in a sum each case is taken by itself
PAIRS = 24  # so many ratios are compared one by one


class Ratios:
    """Divides operations of *build*; those in *cut* are numbers of which only the range is known. *lines* is the script so far.

    A ratio stands for number ÷ below wherever below isn't 0; what is said of it is said where below is positive.
    """

    def __init__(self, build: Free, cut: Iterable[int]) -> None:
        self.build, self.cut = build, frozenset(cut)
        self.lines: list[str] = []
        self.below: set[int] = set()
        self.reals: dict[str, str] = {}  # definition → name
        self.ratios: dict[tuple[object, ...], tuple[str, int, int]] = {}  # key → (name, number, what it is over)
        self.quotients: dict[tuple[int, tuple[int, ...]], Sum] = {}
        self.assumed: dict[tuple[int, int, bool], int] = {}

    @abstractmethod
    def text(self, position: int) -> str:
        """The operation as a term."""

    def op(self, position: int) -> Op:
        return self.build.ops[position]

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
        parts = [(factor, part) for factor, part in self._summands(position) if not set(self._flat(part)[1]).isdisjoint(below)]
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
            narrow = self.op(one).low > 0 and self.op(one).high - self.op(one).low < NARROW and one not in self._gather(position, True)
            leaves = self._leaves(one) if narrow else None  # of one that is cut off nothing is told apart
            if leaves is not None:
                kept = self.over(position, (*below[:index], *below[index + 1 :]))
                return {self._named(leaves(lambda n, kept=kept: self.real(_scaled(kept, Fraction(1, n))))): Fraction(1)}  # type: ignore[misc] # bound now
        return self._parts(position, below)

    def _cancelled(self, position: int, below: tuple[int, ...]) -> Sum:
        """A product of which some factors stand below as well."""
        (factor, left), rest = self._flat(position), list(below)
        for one in below:
            if one in left:
                left.remove(one)
                rest.remove(one)
        return _scaled(self.over(self.build.product(left), tuple(rest)), Fraction(factor))

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
            times, left = self._flat(part)
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
                _add(total, {self._named(made): Fraction(1)}, Fraction(factor * times))
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
            self.lines.append(f"(assert (<= {rational(min(ends))} {name} {rational(max(ends))}))")
        for bound, against in (("0.0", "0"), ("1.0", d)):
            self._fact(here, f"(= (<= {name} {bound}) (<= {n} {against}))")
            self._fact(here, f"(= (< {name} {bound}) (< {n} {against}))")
        for known, number_2, below_2 in list(self.ratios.values())[-PAIRS:]:
            n2, d2 = self.text(number_2), self.text(below_2)
            both = [*here, *([] if self.op(below_2).low > 0 or below == below_2 else [f"(> {d2} 0)"])]
            if below == below_2:
                for sign in ("<=", "<"):  # as it is, and against its opposite
                    self._fact(both, f"(= ({sign} {n} {n2}) ({sign} {name} {known}))")
                    self._fact(both, f"(= ({sign} {n} (- {n2})) ({sign} {name} (- {known})))")
                continue
            for a, b, r, c, e, s in ((n, d, name, n2, d2, known), (n2, d2, known, n, d, name)):  # a / b = r and c / e = s
                self._fact([*both, f"(<= {a} {c})", f"(<= {e} {b})", f"(<= 0 {c})"], f"(<= {r} {s})")
                self._fact([*both, f"(<= {a} {c})", f"(<= {b} {e})", f"(<= {a} 0)"], f"(<= {r} {s})")
                self._fact([*both, f"(< {a} {c})", f"(<= {e} {b})", f"(<= 0 {c})"], f"(< {r} {s})")
        self.ratios[key] = (name, number, below)

    def _fact(self, where: list[str], fact: str) -> None:
        """What holds where all of those do."""
        self.lines.append(f"(assert (=> (and true {' '.join(where)}) {fact}))" if where else f"(assert {fact})")

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
                found |= {one for one in self._flat(at)[1] if one in self.below}
                stack += op.args
        return frozenset(found)

    def _flat(self, position: int) -> tuple[int, list[int]]:
        """A product as what its literals come to, and its other factors."""
        op = self.op(position)
        if op.op == "*" and position not in self.cut:
            (a, some), (b, more) = (self._flat(arg) for arg in op.args)
            return a * b, [*some, *more]
        return (op.value, []) if op.op == "literal" else (1, [position])

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
        terms = [rational(sum[""])] if sum.get("") else []
        terms += [one if factor == 1 else f"(* {rational(factor)} {one})" for one, factor in sorted(sum.items()) if one and factor]
        return "0.0" if not terms else terms[0] if len(terms) == 1 else f"(+ {' '.join(terms)})"


def rational(value: Fraction) -> str:
    text = f"{abs(value.numerator)}.0" if value.denominator == 1 else f"(/ {abs(value.numerator)}.0 {value.denominator}.0)"
    return f"(- {text})" if value < 0 else text


def _scaled(sum: Sum, factor: Fraction) -> Sum:
    return {one: value * factor for one, value in sum.items() if value * factor}


def _add(total: Sum, sum: Sum, factor: Fraction) -> None:
    for one, value in sum.items():
        total[one] = total.get(one, Fraction(0)) + value * factor
        if not total[one]:
            del total[one]
