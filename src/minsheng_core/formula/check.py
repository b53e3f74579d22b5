"""From a formula's text to its typed tree: every mistake at once, each at its character.

The text is Python expression syntax, read with `ast` and never run as Python.
"""

import ast
from fractions import Fraction

from attrs import evolve, frozen

from ..errors import FormulaError, QuantityError
from ..field import Field
from ..quantity import multiply, read_number, unit
from .functions import FUNCTIONS
from .parse import parse
from .tree import BROKEN, DAY, DAYS, TEXT, TRUTH, UNDETERMINED, Node, Scope, Type, number

__all__ = ["Formula", "Scope", "check_formula", "compile_formula"]

POINTS = (("百分点", 1),)
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.And: "and", ast.Or: "or",
}  # fmt: skip


@frozen(kw_only=True)
class Formula:
    """A checked formula: its text, its typed tree and the scope it was checked in."""

    text: str
    root: Node
    scope: Scope


def compile_formula(text: str, scope: Scope, result: Type | None = None) -> Formula:
    """The checked formula. Raises FormulaError (the first mistake) where it doesn't hold in *scope*."""
    formula, errors = check_formula(text, scope, result)
    if formula is None:
        raise errors[0]
    return formula


def check_formula(text: str, scope: Scope, result: Type | None = None) -> tuple[Formula | None, tuple[FormulaError, ...]]:
    """The formula, or every mistake in it. *result* is the type it must have: ``number(unit("分"))``, ``TRUTH``."""
    try:
        tree = parse(text)
    except FormulaError as error:
        return None, (error,)
    checker = Checker(text, scope)
    root = checker.visit(tree, frozenset())
    checker.demand_given(root)
    if result is not None and not checker.fits(root.type, result):
        checker.report(f"the formula gives {root.type}, but {result} is wanted", 0)
    if checker.errors:
        return None, tuple(sorted(checker.errors, key=lambda error: error.offset))
    return Formula(text=text, root=root, scope=scope), ()


class Checker:
    """Walks the syntax tree once, giving each part its type; *errors* collects what is wrong."""

    def __init__(self, text: str, scope: Scope, inside: tuple[str, ...] = ()) -> None:
        self.text, self.scope = text, scope
        self.inside = inside  # the derived fields whose formulas led here
        self.errors: list[FormulaError] = []
        # `ast` counts columns in UTF-8 bytes of a line; we count characters of the text.
        self._lines = f"({text}\n)".split("\n")
        self._bytes = [line.encode() for line in self._lines]
        self._starts = [sum(len(line) + 1 for line in self._lines[:index]) - 1 for index in range(len(self._lines))]

    def report(self, message: str, offset: int) -> None:
        self.errors.append(FormulaError(message, max(0, offset)))

    def broken(self, tree: ast.expr, message: str) -> Node:
        start, end = self.span(tree)
        self.report(message, start)
        return Node(op="undetermined", type=BROKEN, start=start, end=end)

    def span(self, tree: ast.expr) -> tuple[int, int]:
        return self._at(tree.lineno, tree.col_offset), self._at(tree.end_lineno or 1, tree.end_col_offset or 0)

    def _at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._bytes[line - 1][:column].decode(errors="replace"))

    # -- one method for each kind of part ------------------------------------------------------------------

    def visit(self, tree: ast.expr, known: frozenset[str]) -> Node:
        """The typed node; *known* are the names that can't be missing here."""
        match tree:
            case ast.Constant():
                return self._literal(tree)
            case ast.Name(id=name):
                return self._name(tree, name, known)
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if f"{owner}.{name}" in self.scope.fields:
                return self._name(tree, f"{owner}.{name}", known)
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owners := self._owners():
                fields = sorted(one.partition(".")[2] for one in self.scope.fields if one.startswith(f"{owner}."))
                what = f"{owner} has {', '.join(fields)}" if fields else f"the items here are {', '.join(owners)}"
                return self.broken(tree, f"unknown name '{owner}.{name}'; {what}")
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.wanted_number(self.visit(operand, known))
                return self.node(tree, "neg", inner.type.given(), inner)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.wanted_number(self.visit(operand, known))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.node(tree, "not", TRUTH, self.wanted_truth(self.visit(operand, known)))
            case ast.BinOp(op=op) if type(op) in _OPERATORS:
                return self._arithmetic(tree, _OPERATORS[type(op)], known)
            case ast.Compare():
                return self._comparison(tree, known)
            case ast.BoolOp():
                return self._logic(tree, known)
            case ast.IfExp():
                return self._choice(tree, known)
            case ast.Call():
                return self._call(tree, known)
        what = type(tree.op if isinstance(tree, ast.BinOp | ast.UnaryOp) else tree).__name__
        return self.broken(tree, f"{what} is not part of the rule language; see docs/rules.md")

    def node(self, tree: ast.expr, op: str, type_: Type, *parts: Node, name: str = "", value: Fraction = Fraction(0)) -> Node:
        start, end = self.span(tree)
        if any(part.type.kind == "broken" for part in parts):
            type_ = BROKEN
        return Node(op=op, type=type_, start=start, end=end, parts=parts, name=name, value=value)

    def _literal(self, tree: ast.Constant) -> Node:
        start, end = self.span(tree)
        if isinstance(tree.value, str):
            return self.node(tree, "text", TEXT, name=tree.value)
        if isinstance(tree.value, bool) or not isinstance(tree.value, int | float):
            return self.broken(tree, f"{self.text[start:end]} is not a number or a word; True and False are not part of the rule language")
        try:  # from the source text, so that 0.1 is one tenth
            value = read_number(self.text[start:end].replace("_", ""))
        except QuantityError:
            return self.broken(tree, f"write {self.text[start:end]} in plain decimal digits")
        return self.node(tree, "number", Type(zero=value == 0), value=value)

    def _name(self, tree: ast.expr, name: str, known: frozenset[str]) -> Node:
        if name == "undetermined":
            return self.node(tree, "undetermined", UNDETERMINED)
        if name in self.scope.fields:
            declared = self.scope.fields[name]
            if declared.formula:
                return self._derived(tree, declared, known)
            missing = declared.missing and name not in known
            if declared.kind == "date":
                return self.node(tree, "name", evolve(DAY, missing=missing), name=name)
            if declared.kind == "text":
                if not declared.choices:
                    return self.broken(tree, f"{name} is free text; only a text field with choices can be used in a formula")
                return self.node(tree, "name", evolve(TEXT, missing=missing), name=name)
            return self.node(tree, "name", number(unit(declared.unit), missing=missing), name=name)
        if name in self.scope.constants:
            return self.node(tree, "name", number(self.scope.constants[name].unit), name=name)
        try:
            one = unit(name)
        except QuantityError:
            return self.broken(tree, f"unknown name {name!r}{self._meant(name)}")
        return self.node(tree, "number", number(one), name=name, value=one.scale)

    def _derived(self, tree: ast.expr, declared: Field, known: frozenset[str]) -> Node:
        """A field that has a formula of its own."""
        name = declared.name
        if name in self.inside:
            return self.broken(tree, f"{name} is defined by itself: {' → '.join([*self.inside, name])}")
        try:
            inner = Checker(declared.formula, self.scope, (*self.inside, name))
            root = inner.visit(parse(declared.formula), frozenset())
            inner.demand_given(root)
            errors = inner.errors
        except FormulaError as error:
            errors = [error]
        if errors:
            return self.broken(tree, f"in the formula of {name}, {declared.formula!r}: {errors[0].message}")
        type_ = evolve(root.type if declared.kind == "text" or root.type.kind != "number" else number(unit(declared.unit)))
        if root.type.kind == "number" and not self.fits(root.type, type_):
            return self.broken(tree, f"the formula of {name} gives {root.type}, and it is declared in {declared.unit or 'plain numbers'}")
        type_ = evolve(type_, missing=declared.missing and name not in known)
        start, end = self.span(tree)
        return Node(op="derived", type=type_, start=start, end=end, parts=(root,), name=name, text=declared.formula)

    def _owners(self) -> list[str]:
        """The items whose figures can be named, as ITEM.MEASURE."""
        return sorted({name.partition(".")[0] for name in self.scope.fields if "." in name})

    def _meant(self, name: str) -> str:
        from difflib import get_close_matches  # slow to import, and only needed to word an error

        names = [*self.scope.fields, *self.scope.constants, *self.scope.bands, *FUNCTIONS]
        close = get_close_matches(name, names, 1)
        return (
            f"; did you mean {close[0]!r}?"
            if close
            else f"; known here are {', '.join(sorted([*self.scope.fields, *self.scope.constants]))}"
        )

    def _arithmetic(self, tree: ast.BinOp, op: str, known: frozenset[str]) -> Node:
        left, right = self.visit(tree.left, known), self.visit(tree.right, known)
        if op in "+-" and "date" in (left.type.kind, right.type.kind):
            return self._days(tree, op, left, right)
        left, right = self.wanted_number(left), self.wanted_number(right)
        if op == "**":
            return self._power(tree, left, right)
        if op in "*/":
            type_ = self._product(left.type, right.type, -1 if op == "/" else 1)
            if op == "/" and right.op == "number" and right.value == 0:
                self.report("division by zero", right.start)
        else:
            type_ = self._sum(tree, op, left.type, right.type)
        return self.node(tree, op, type_, left, right)

    def _days(self, tree: ast.BinOp, op: str, left: Node, right: Node) -> Node:
        """A day minus a day is a number of days; a day and a number of days are a day."""
        for one in (left, right):
            self.demand_given(one)
        if op == "-" and left.type.kind == right.type.kind == "date":
            return self.node(tree, "-", DAYS, left, right)
        if left.type.kind == "date" and self.fits(right.type, DAYS):
            return self.node(tree, op, DAY, left, right)
        return self.broken(tree, f"can't {'add' if op == '+' else 'subtract'} {left.type} and {right.type}")

    def _power(self, tree: ast.BinOp, left: Node, right: Node) -> Node:
        """A whole number to a whole power, which the plan looks up; both are plain."""
        if left.op != "number" or left.value.denominator != 1 or left.value < 0 or left.type.dimension or right.type.dimension:
            return self.broken(tree, "a power is a plain whole number ** a plain whole number of steps, like 2 ** streak(…)")
        return self.node(tree, "**", number(unit("")), left, right)

    def _product(self, left: Type, right: Type, power: int) -> Type:
        if UNDETERMINED in (left, right):
            return UNDETERMINED
        rate = power == 1 and left.rate and right.rate
        return Type(dimension=multiply(left.dimension, right.dimension, power), rate=rate)

    def _sum(self, tree: ast.BinOp, op: str, left: Type, right: Type) -> Type:
        if op == "-" and left.rate and right.rate:
            return Type(dimension=POINTS)
        if left.rate and right.dimension == POINTS:
            return left.given()
        if op == "+" and right.rate and left.dimension == POINTS:
            return right.given()
        return self.common(tree, left, right, what={"+": "add", "-": "subtract"}[op])

    def common(self, tree: ast.expr, *types: Type, what: str) -> Type:
        """The one type of parts that stand side by side; a mistake is reported at *tree*."""
        rest = [type_ for type_ in types if type_.kind not in ("undetermined", "broken")]
        if not rest:
            return types[0]
        if any(type_.kind != "number" for type_ in rest):
            different = next((type_ for type_ in rest if type_.kind != rest[0].kind), None)
            if different is None:
                return rest[0].given()
            self.report(f"can't {what} {rest[0]} and {different}", self.span(tree)[0])
            return BROKEN
        firm = [type_ for type_ in rest if not type_.zero] or rest
        for other in firm[1:]:
            if other.dimension != firm[0].dimension:
                hint = "; a share (%) and percentage points are different things" if POINTS in (other.dimension, firm[0].dimension) else ""
                self.report(f"can't {what} {firm[0]} and {other}{hint}", self.span(tree)[0])
                return BROKEN
        return Type(dimension=firm[0].dimension, rate=any(type_.rate for type_ in firm), zero=firm == rest and all(t.zero for t in rest))

    def _comparison(self, tree: ast.Compare, known: frozenset[str]) -> Node:
        parts = [self.visit(part, known) for part in (tree.left, *tree.comparators)]
        for part in parts:
            self.wanted_number(part, or_else=("text", "date"))
        links = []
        for op, left, right in zip(tree.ops, parts, parts[1:], strict=False):
            if type(op) not in _OPERATORS:
                return self.broken(tree, f"{type(op).__name__} is not part of the rule language")
            self.comparable(tree, _OPERATORS[type(op)], left, right)
            links.append(self.node(tree, _OPERATORS[type(op)], TRUTH, left, right))
        return links[0] if len(links) == 1 else self.node(tree, "and", TRUTH, *links)

    def comparable(self, tree: ast.expr, op: str, left: Node, right: Node) -> None:
        """Words are only equal or not, and the word must be one that the other side can be."""
        self.common(tree, left.type, right.type, what="compare")
        if left.type.kind == right.type.kind == "text":
            if op not in ("==", "!="):
                self.report(f"words have no order: {op} compares numbers", left.start)
            words, others = self.words(left), self.words(right)
            if words.isdisjoint(others):
                self.report(f"these are never equal: {'、'.join(sorted(words))} and {'、'.join(sorted(others))}", left.start)

    def words(self, node: Node) -> frozenset[str]:
        """The words a text node can be."""
        if node.op == "text":
            return frozenset({node.name})
        if node.op == "name":
            return frozenset(self.scope.fields[node.name].choices)
        return frozenset().union(*(self.words(part) for part in node.parts if part.type.kind == "text"))

    def _logic(self, tree: ast.BoolOp, known: frozenset[str]) -> Node:
        op, parts = _OPERATORS[type(tree.op)], []
        for value in tree.values:
            part = self.wanted_truth(self.visit(value, known))
            known |= _present(part, when=op == "and")
            parts.append(part)
        return self.node(tree, op, TRUTH, *parts)

    def _choice(self, tree: ast.IfExp, known: frozenset[str]) -> Node:
        test = self.wanted_truth(self.visit(tree.test, known))
        then = self.visit(tree.body, known | _present(test, when=True))
        other = self.visit(tree.orelse, known | _present(test, when=False))
        for branch in (then, other):
            self.demand_given(branch)
        type_ = self.common(tree, then.type, other.type, what="choose between")
        return self.node(tree, "if", type_, test, then, other)

    def _call(self, tree: ast.Call, known: frozenset[str]) -> Node:
        if not isinstance(tree.func, ast.Name):
            return self.broken(tree, "only the rule language's functions can be called")
        name = tree.func.id
        if name not in FUNCTIONS:
            return self.broken(tree, f"unknown function {name!r}{self._meant(name)}")
        if tree.keywords or any(isinstance(argument, ast.Starred) for argument in tree.args):
            return self.broken(tree, f"{name}() takes its arguments by place only")
        least, most, build = FUNCTIONS[name]
        if not least <= len(tree.args) <= most:
            count = f"{least}" if least == most else f"{least} or more" if most > 9 else f"{least} to {most}"
            return self.broken(tree, f"{name}() takes {count} arguments, got {len(tree.args)}")
        return build(self, tree, known)

    # -- demands -------------------------------------------------------------------------------------------

    def wanted_number(self, node: Node, or_else: tuple[str, ...] = ()) -> Node:
        if node.type.kind not in ("number", "undetermined", "broken", *or_else):
            self.report(f"a number is wanted here, this is {node.type}", node.start)
        self.demand_given(node)
        return node

    def wanted_truth(self, node: Node) -> Node:
        if node.type.kind not in ("truth", "undetermined", "broken"):
            what = "a number" if node.type.kind == "number" else str(node.type)
            self.report(f"a truth value (a comparison) is wanted here, this is {what}", node.start)
        return node

    def demand_given(self, node: Node) -> None:
        if node.type.missing:
            self.report(f"{node.name} may be missing; say what then: … if missing({node.name}) else …", node.start)

    @staticmethod
    def fits(type_: Type, wanted: Type) -> bool:
        if type_.kind in ("undetermined", "broken"):
            return True
        return type_.kind == wanted.kind and (type_.zero or type_.dimension == wanted.dimension)


def _present(node: Node, *, when: bool) -> frozenset[str]:
    """The names that are known to be given where the truth value *node* came out as *when*."""
    match node.op:
        case "missing":
            return frozenset() if when else frozenset({node.name})
        case "known":
            return frozenset({node.parts[0].name}) if when and node.parts[0].op in ("name", "derived") else frozenset()
        case "not":
            return _present(node.parts[0], when=not when)
        case "and" | "or" if (node.op == "and") == when:
            return frozenset().union(*(_present(part, when=when) for part in node.parts))
    return frozenset()
