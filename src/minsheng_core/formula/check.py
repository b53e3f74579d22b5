"""From a formula's text to its typed tree: every mistake at once, each at its character.

The text is Python expression syntax, read with `ast` and never run as Python.
"""

import ast
from collections.abc import Callable, Mapping
from fractions import Fraction

from attrs import field, frozen

from ..errors import FormulaError, QuantityError
from ..field import Field
from ..quantity import Quantity, multiply, read_number, unit
from .band import Band
from .tree import BROKEN, TRUTH, UNDETERMINED, Node, Type, number

__all__ = ["Formula", "Scope", "check_formula", "compile_formula"]

MAX_LENGTH = 4000
MAX_DEPTH = 60
ROUNDINGS = ("half_up", "half_even", "down", "up")
LATER = frozenset(["last", "sum", "mean", "streak", "count", "rank", "best", "total", "share_of_best"])
POINTS = (("百分点", 1),)
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.And: "and", ast.Or: "or",
}  # fmt: skip


@frozen(kw_only=True)
class Scope:
    """What a formula may name: *fields* with their units, *constants* (parameters), and *bands*."""

    fields: Mapping[str, Field] = field(factory=dict)
    constants: Mapping[str, Quantity] = field(factory=dict)
    bands: Mapping[str, Band] = field(factory=dict)


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
        tree = _parse(text)
    except FormulaError as error:
        return None, (error,)
    checker = _Checker(text, scope)
    root = checker.visit(tree, frozenset())
    checker.demand_given(root)
    if result is not None and not checker.fits(root.type, result):
        checker.report(f"the formula gives {root.type}, but {result} is wanted", 0)
    if checker.errors:
        return None, tuple(sorted(checker.errors, key=lambda error: error.offset))
    return Formula(text=text, root=root, scope=scope), ()


def _parse(text: str) -> ast.expr:
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"a formula has at most {MAX_LENGTH} characters, this one {len(text)}; name its parts as methods")
    depth = 0
    for offset, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_DEPTH:
            raise FormulaError(f"brackets nest deeper than {MAX_DEPTH}", offset)
    try:
        # Brackets let the text run over several lines, as a TOML string may.
        tree = ast.parse(f"({text}\n)", mode="eval").body
    except SyntaxError as error:
        lines = text.split("\n")
        line = max(1, min(error.lineno or 1, len(lines)))
        column = max(0, (error.offset or 1) - 1 - (line == 1))
        offset = min(sum(len(before) + 1 for before in lines[: line - 1]) + column, len(text))
        raise FormulaError(f"not a formula: {error.msg}", offset) from None
    except (ValueError, RecursionError, MemoryError):
        raise FormulaError("not a formula: it nests too deep or holds a character no formula has") from None
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH * 2):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tree
    raise FormulaError(f"a formula nests at most {MAX_DEPTH * 2} deep; name its parts")


class _Checker:
    """Walks the syntax tree once, giving each part its type; *errors* collects what is wrong."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text, self.scope = text, scope
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
            case ast.Name():
                return self._name(tree, known)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.wanted_number(self.visit(operand, known))
                return self._node(tree, "neg", inner.type.given(), inner)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.wanted_number(self.visit(operand, known))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._node(tree, "not", TRUTH, self.wanted_truth(self.visit(operand, known)))
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

    def _node(self, tree: ast.expr, op: str, type_: Type, *parts: Node, name: str = "", value: Fraction = Fraction(0)) -> Node:
        start, end = self.span(tree)
        if any(part.type.kind == "broken" for part in parts):
            type_ = BROKEN
        return Node(op=op, type=type_, start=start, end=end, parts=parts, name=name, value=value)

    def _literal(self, tree: ast.Constant) -> Node:
        start, end = self.span(tree)
        if isinstance(tree.value, bool) or not isinstance(tree.value, int | float):
            return self.broken(tree, f"{self.text[start:end]} is not a number; texts and True/False are not part of the rule language")
        try:  # from the source text, so that 0.1 is one tenth
            value = read_number(self.text[start:end].replace("_", ""))
        except QuantityError:
            return self.broken(tree, f"write {self.text[start:end]} in plain decimal digits")
        return self._node(tree, "number", Type(zero=value == 0), value=value)

    def _name(self, tree: ast.Name, known: frozenset[str]) -> Node:
        name = tree.id
        if name == "undetermined":
            return self._node(tree, "undetermined", UNDETERMINED)
        if name in self.scope.fields:
            declared = self.scope.fields[name]
            if declared.kind not in ("quantity", "detected"):
                return self.broken(tree, f"{name} is a {declared.kind}, not a number")
            type_ = number(unit(declared.unit), missing=declared.missing and name not in known)
            return self._node(tree, "name", type_, name=name)
        if name in self.scope.constants:
            return self._node(tree, "name", number(self.scope.constants[name].unit), name=name)
        try:
            one = unit(name)
        except QuantityError:
            return self.broken(tree, f"unknown name {name!r}{self._meant(name)}")
        return self._node(tree, "number", number(one), name=name, value=one.scale)

    def _meant(self, name: str) -> str:
        from difflib import get_close_matches  # slow to import, and only needed to word an error

        names = [*self.scope.fields, *self.scope.constants, *self.scope.bands, *_FUNCTIONS]
        close = get_close_matches(name, names, 1)
        return (
            f"; did you mean {close[0]!r}?"
            if close
            else f"; known here are {', '.join(sorted([*self.scope.fields, *self.scope.constants]))}"
        )

    def _arithmetic(self, tree: ast.BinOp, op: str, known: frozenset[str]) -> Node:
        left = self.wanted_number(self.visit(tree.left, known))
        right = self.wanted_number(self.visit(tree.right, known))
        if op in "*/":
            type_ = self._product(left.type, right.type, -1 if op == "/" else 1)
            if op == "/" and right.op == "number" and right.value == 0:
                self.report("division by zero", right.start)
        else:
            type_ = self._sum(tree, op, left.type, right.type)
        return self._node(tree, op, type_, left, right)

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
        if any(type_.kind == "truth" for type_ in rest):
            if all(type_.kind == "truth" for type_ in rest):
                return TRUTH
            self.report(f"can't {what} a truth value and a number", self.span(tree)[0])
            return BROKEN
        firm = [type_ for type_ in rest if not type_.zero] or rest
        for other in firm[1:]:
            if other.dimension != firm[0].dimension:
                hint = "; a share (%) and percentage points are different things" if POINTS in (other.dimension, firm[0].dimension) else ""
                self.report(f"can't {what} {firm[0]} and {other}{hint}", self.span(tree)[0])
                return BROKEN
        return Type(dimension=firm[0].dimension, rate=any(type_.rate for type_ in firm), zero=firm == rest and all(t.zero for t in rest))

    def _comparison(self, tree: ast.Compare, known: frozenset[str]) -> Node:
        parts = [self.wanted_number(self.visit(part, known)) for part in (tree.left, *tree.comparators)]
        links = []
        for op, left, right in zip(tree.ops, parts, parts[1:], strict=False):
            if type(op) not in _OPERATORS:
                return self.broken(tree, f"{type(op).__name__} is not part of the rule language")
            self.common(tree, left.type, right.type, what="compare")
            links.append(self._node(tree, _OPERATORS[type(op)], TRUTH, left, right))
        return links[0] if len(links) == 1 else self._node(tree, "and", TRUTH, *links)

    def _logic(self, tree: ast.BoolOp, known: frozenset[str]) -> Node:
        op, parts = _OPERATORS[type(tree.op)], []
        for value in tree.values:
            part = self.wanted_truth(self.visit(value, known))
            known |= _present(part, when=op == "and")
            parts.append(part)
        return self._node(tree, op, TRUTH, *parts)

    def _choice(self, tree: ast.IfExp, known: frozenset[str]) -> Node:
        test = self.wanted_truth(self.visit(tree.test, known))
        then = self.visit(tree.body, known | _present(test, when=True))
        other = self.visit(tree.orelse, known | _present(test, when=False))
        for branch in (then, other):
            self.demand_given(branch)
        type_ = self.common(tree, then.type, other.type, what="choose between")
        return self._node(tree, "if", type_, test, then, other)

    def _call(self, tree: ast.Call, known: frozenset[str]) -> Node:
        if not isinstance(tree.func, ast.Name):
            return self.broken(tree, "only the rule language's functions can be called")
        name = tree.func.id
        if name in LATER:
            return self.broken(tree, f"{name}() reads other periods or bodies, which formulas can't do in this version")
        if name not in _FUNCTIONS:
            return self.broken(tree, f"unknown function {name!r}{self._meant(name)}")
        if tree.keywords or any(isinstance(argument, ast.Starred) for argument in tree.args):
            return self.broken(tree, f"{name}() takes its arguments by place only")
        least, most, build = _FUNCTIONS[name]
        if not least <= len(tree.args) <= most:
            count = f"{least}" if least == most else f"{least} or more" if most > 9 else f"{least} to {most}"
            return self.broken(tree, f"{name}() takes {count} arguments, got {len(tree.args)}")
        return build(self, tree, known)

    # -- demands -------------------------------------------------------------------------------------------

    def wanted_number(self, node: Node) -> Node:
        if node.type.kind == "truth":
            self.report("a number is wanted here, this is a truth value", node.start)
        self.demand_given(node)
        return node

    def wanted_truth(self, node: Node) -> Node:
        if node.type.kind == "number":
            self.report("a truth value (a comparison) is wanted here, this is a number", node.start)
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
        case "not":
            return _present(node.parts[0], when=not when)
        case "and" | "or" if (node.op == "and") == when:
            return frozenset().union(*(_present(part, when=when) for part in node.parts))
    return frozenset()


# -- functions: how many arguments, and how the call is typed --------------------------------------------------


def _alike(checker: _Checker, tree: ast.Call, known: frozenset[str]) -> Node:
    assert isinstance(tree.func, ast.Name)
    parts = [checker.wanted_number(checker.visit(argument, known)) for argument in tree.args]
    type_ = checker.common(tree, *(part.type for part in parts), what="compare")
    return checker._node(tree, tree.func.id, type_, *parts)


def _rounding(checker: _Checker, tree: ast.Call, known: frozenset[str]) -> Node:
    inner = checker.wanted_number(checker.visit(tree.args[0], known))
    places, mode = tree.args[1:]
    if not (isinstance(places, ast.Constant) and type(places.value) is int and 0 <= places.value <= 9):
        return checker.broken(places, "how many decimals to round to is a whole number from 0 to 9")
    if not (isinstance(mode, ast.Name) and mode.id in ROUNDINGS):
        return checker.broken(mode, f"the rounding mode is one of {', '.join(ROUNDINGS)}")
    return checker._node(tree, "round", inner.type, inner, name=mode.id, value=Fraction(places.value))


def _banded(checker: _Checker, tree: ast.Call, known: frozenset[str]) -> Node:
    inner = checker.wanted_number(checker.visit(tree.args[0], known))
    table = tree.args[1]
    if not (isinstance(table, ast.Name) and table.id in checker.scope.bands):
        names = ", ".join(sorted(checker.scope.bands)) or "none"
        return checker.broken(table, f"the second argument of band() is a table of this rule; there are: {names}")
    band = checker.scope.bands[table.id]
    checker.common(tree.args[0], inner.type, number(band.input), what="look up in one table")
    return checker._node(tree, "band", number(band.output), inner, name=table.id)


def _missing(checker: _Checker, tree: ast.Call, known: frozenset[str]) -> Node:
    name = tree.args[0]
    if not (isinstance(name, ast.Name) and name.id in checker.scope.fields):
        return checker.broken(name, "missing() asks about a field by its name")
    if not checker.scope.fields[name.id].missing:
        return checker.broken(name, f"{name.id} is never missing: this test can't come true")
    return checker._node(tree, "missing", TRUTH, name=name.id)


_Builder = Callable[[_Checker, ast.Call, frozenset[str]], Node]
_FUNCTIONS: dict[str, tuple[int, int, _Builder]] = {
    "min": (2, 99, _alike),
    "max": (2, 99, _alike),
    "clip": (3, 3, _alike),
    "abs": (1, 1, _alike),
    "floor": (1, 1, _alike),
    "ceil": (1, 1, _alike),
    "round": (3, 3, _rounding),
    "band": (2, 2, _banded),
    "missing": (1, 1, _missing),
}
