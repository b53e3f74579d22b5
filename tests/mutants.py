"""Single edits of rules, made mechanically: every number a step away or doubled, every sign, mode, function, branch and unit another."""

import ast
import re
from decimal import Decimal

from attrs import evolve, frozen

from minsheng_core.audit.rule import rules_of
from minsheng_core.finding import Severity
from minsheng_core.quantity import Quantity, read_quantity
from minsheng_core.rounding import Rounding

NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
SIGNS = [("<=", "<"), (">=", ">"), ("<", "<="), (">", ">="), ("==", "!="), ("!=", "==")]
WORDS = [("min", "max"), ("max", "min"), ("floor", "ceil"), ("ceil", "floor"), ("half_up", "half_even"), ("and", "or"), ("or", "and")]
UNITS = [("百分点", "%"), ("%", "百分点")]


@frozen
class Mutant:
    """One edit: *sheet* is what it is made to, *what* says which; *rule* is what comes of it."""

    sheet: str
    what: str
    rule: object


# -- edits of texts ------------------------------------------------------------------------------------------------


def numbers(text):
    """Each number of a text a step up, a step down, doubled."""
    for found in NUMBER.finditer(text):
        value = Decimal(found[0])
        step = Decimal(1).scaleb(value.as_tuple().exponent)
        for other in (value + step, value - step, value * 2):
            if other != value and other >= 0:
                yield text[: found.start()] + format(other, "f") + text[found.end() :]


def formulas(text):
    """A formula with one thing changed."""
    yield from numbers(text)
    for old, new in SIGNS:
        for found in re.finditer(rf"(?<![<>=!]){old}(?![=])", text):
            yield text[: found.start()] + new + text[found.end() :]
    for old, new in WORDS:
        for found in re.finditer(rf"\b{old}\b", text):
            yield text[: found.start()] + new + text[found.end() :]
    for old, new in ((" + ", " - "), (" - ", " + "), (" * ", " / "), (" / ", " * ")):
        for found in re.finditer(re.escape(old), text):
            yield text[: found.start()] + new + text[found.end() :]
    tree = _tree(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.IfExp):
            for kept in (node.body, node.orelse):
                yield ast.unparse(_Swap(node, kept).visit(_tree(text)))
            yield ast.unparse(_Swap(node, ast.IfExp(node.test, node.orelse, node.body)).visit(_tree(text)))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Sub):
            yield ast.unparse(_Swap(node, ast.BinOp(node.right, node.op, node.left)).visit(_tree(text)))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("min", "max", "floor", "ceil", "round", "clip"):
            for kept in node.args[: 2 if ast.unparse(node.func) in ("min", "max") else 1]:
                yield ast.unparse(_Swap(node, kept).visit(_tree(text)))


def _tree(text):
    return ast.parse(f"({text}\n)", mode="eval")  # a formula may run over several lines


class _Swap(ast.NodeTransformer):
    """Puts *new* where *old* stands."""

    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        at = (type(node).__name__, getattr(node, "lineno", 0), getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0))
        mine = (type(self.old).__name__, self.old.lineno, self.old.col_offset, self.old.end_col_offset)
        return self.new if at == mine else self.generic_visit(node)


def quantities(text):
    """A quantity with another number or, where that can be read, another unit."""
    yield from numbers(text)
    for old, new in UNITS:
        if text.endswith(old):
            yield text.removesuffix(old) + new


def tables(bands):
    """The tables of a method or an adjustment with one thing changed."""
    for name, band in bands.items():
        for index, row in enumerate(band["rows"]):
            for key, value in row.items():
                others = {"at": "above", "above": "at"}
                if key in others:
                    yield _with_row(bands, name, index, {others.get(one, one): text for one, text in row.items()})
                for text in quantities(str(value)) if key != "is" else ():
                    yield _with_row(bands, name, index, {**row, key: text})
            yield {**bands, name: {**band, "rows": [one for at, one in enumerate(band["rows"]) if at != index]}}
        if "below" in band:
            for text in quantities(str(band["below"])):
                yield {**bands, name: {**band, "below": text}}
        for old, new in (("step", "linear"), ("linear", "step")):
            if band["kind"] == old:
                yield {**bands, name: {**band, "kind": new}}


def _with_row(bands, name, index, row):
    band = bands[name]
    return {**bands, name: {**band, "rows": [row if at == index else one for at, one in enumerate(band["rows"])]}}


def parameters(held):
    """Parameters with one of them changed, dated ones by their rows."""
    for name, value in held.items():
        if isinstance(value, str):
            for text in quantities(value):
                yield {**held, name: text}
        elif isinstance(value, list | tuple):
            for index, row in enumerate(value):
                for text in quantities(str(row["value"])):
                    yield {**held, name: [{**one, "value": text} if at == index else one for at, one in enumerate(value)]}


# -- edits of the model ----------------------------------------------------------------------------------------------


def ruled(one):
    """A method or an adjustment with one thing changed: (what, the changed one)."""
    for kind, made in (("formula", formulas(str(one.formula))), ("parameters", parameters(one.parameters)), ("bands", tables(one.bands))):
        for value in made:
            yield f"{one.id}.{kind} {value}", evolve(one, **{kind: value})


def sheets(sheet):
    """A sheet with one thing changed: (what, the changed one)."""
    for name in ("floor", "ceiling", "base"):
        held = getattr(sheet, name)
        if isinstance(held, Quantity):
            for text in (*quantities(str(held)), None):
                yield f"{name} {text}", evolve(sheet, **{name: None if text is None else read_quantity(text)})
    rounding = sheet.rounding
    for places in (rounding.places - 1, rounding.places + 1):
        yield f"rounding to {places}", evolve(sheet, rounding=evolve(rounding, places=places))
    for mode in Rounding:
        if mode is not rounding.mode:
            yield f"rounding {mode.value}", evolve(sheet, rounding=evolve(rounding, mode=mode))
    yield "rounding when", evolve(sheet, rounding=evolve(rounding, when="total" if rounding.when == "item" else "item"))
    for index, one in enumerate(sheet.items[:-1]):  # two weights at once, so that the sum holds
        for by in (1, 5, -5):
            other = sheet.items[index + 1]
            moved = (evolve(one, full=_more(one.full, by)), evolve(other, full=_more(other.full, -by)))
            yield f"{one.id} {by} more", evolve(sheet, items=(*sheet.items[:index], *moved, *sheet.items[index + 2 :]))
    for index, item in enumerate(sheet.items):
        for held in parameters(getattr(item, "parameters", {}) or {}):
            changed = evolve(item, parameters=held)
            yield f"{item.id} {held}", evolve(sheet, items=(*sheet.items[:index], changed, *sheet.items[index + 1 :]))
    for index, one in enumerate(sheet.adjustments):
        rest = (sheet.adjustments[:index], sheet.adjustments[index + 1 :])
        yield f"without {one.id}", evolve(sheet, adjustments=(*rest[0], *rest[1]))
        made = list(ruled(one))
        for old, new in (("deduction", "bonus"), ("bonus", "deduction")):
            made += [(f"{one.id} as {new}", evolve(one, kind=new))] if one.kind == old else []
        for effect in ("zero", "cap", "bar"):
            if one.kind == "veto" and one.effect != effect and (effect != "cap" or one.cap):
                made.append((f"{one.id} by {effect}", evolve(one, effect=effect, cap=one.cap if effect == "cap" else None)))
        made += [(f"{one.id} cap {text}", evolve(one, cap=read_quantity(text))) for text in quantities(str(one.cap))] if one.cap else []
        for what, changed in made:
            yield what, evolve(sheet, adjustments=(*rest[0], changed, *rest[1]))


def _more(full, by):
    return read_quantity(f"{full.value + by}分")


# -- mutants ---------------------------------------------------------------------------------------------------------


def edits(scheme, plugins):
    """Every edit that is made, whether it loads or not: (sheet, what, scheme, plugins). A method that no sheet uses is a sheet of its own."""
    for sheet in scheme.sheets:
        for what, changed in sheets(sheet):
            yield sheet.id, what, evolve(scheme, sheets=(changed,)), plugins
    many = (*((one, True) for one in plugins.rules.methods), *((one, False) for one in scheme.methods))
    for method, shipped in many:
        users = [sheet for sheet in scheme.sheets if any(item.method == method.id for item in sheet.items)]
        id = users[-1].id if users else f"method {method.id}"
        for what, changed in ruled(method):
            mine = evolve(scheme, sheets=users[-1:])
            if shipped:
                methods = tuple(changed if one is method else one for one in plugins.rules.methods)
                yield id, what, mine, evolve(plugins, rules=evolve(plugins.rules, methods=methods))
            else:
                yield id, what, evolve(mine, methods=tuple(changed if one is method else one for one in scheme.methods)), plugins


def loaded(edit):
    """The mutant of an edit; None where that doesn't load."""
    sheet, what, scheme, plugins = edit
    rules, findings = rules_of(scheme, plugins)
    if any(one.severity is Severity.ERROR for one in findings):
        return None
    rule = next((one for one in rules if one.id == sheet), None)
    if rule is None:
        return None
    rule.method = False  # so that versions of it are compared, too
    return Mutant(sheet, what, rule)
