"""The Python reading: a plan as plain Python functions, compiled once. The explaining one runs the same operations and keeps them."""

import textwrap
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any

from attrs import frozen

from ..errors import FormulaError, QuantityError
from .build import assume, only
from .plan import READS, WINDOWS, Column, Op, Output, Plan
from .windows import reckon

__all__ = ["Compiled", "code_of", "compile_plan", "compile_rows", "refuse", "results_anew", "results_of", "run_rows", "source_of"]

Cells = Mapping[str, int | None]
DEEPEST = 40  # Python's parser takes brackets only so deep
_SIGNS = {"+": "+", "-": "-", "*": "*", "//": "//", "<": "<", "<=": "<=", "==": "==", "and": "and", "or": "or"}


@frozen(kw_only=True)
class Compiled:
    """A plan as functions of one row, a mapping from column name to the whole number the plan reads, or None.

    *score* gives the number of the first output, in units of its coefficient, or None where the row has no marks; *results*
    every operation's result by its position in *plan*. Both raise QuantityError for a cell that is no whole number, and
    KeyError for a column that isn't there.
    """

    plan: Plan
    score: Callable[[Cells], int | None]
    results: Callable[[Cells], tuple[int, ...]]


def compile_plan(plan: Plan, name: str | None = None) -> Compiled:
    """The functions for the output *name* (the first where None); of a plan that has windows, only what that output rests on.

    Raises FormulaError where the output itself looks at other rows: that takes all of them, see `run_rows`.
    """
    name = name or plan.outputs[0].name
    plan = only(plan, [name]) if plan.windows else plan
    if plan.windows:
        raise FormulaError(f"{name} looks at other bodies or months, so it can't be scored a row at a time")
    made = _functions(code_of(plan, name), plan)
    return Compiled(plan=plan, score=made["score"], results=made["results"])


def code_of(plan: Plan, name: str) -> dict[str, CodeType]:
    """The code of ``score`` and ``results``, by function."""
    return _code(source_of(plan, name), plan)


def _code(source: str, plan: Plan) -> dict[str, CodeType]:
    """The functions of a generated module. It holds integers, operators and column names as string literals, and is
    written from operations: no text of a rule ever becomes code."""
    whole = compile(source, f"<plan {plan.title}>", "exec")
    return {one.co_name: one for one in whole.co_consts if isinstance(one, CodeType)}


def _functions(code: Mapping[str, CodeType], plan: Plan) -> dict[str, Callable[..., Any]]:
    space: dict[str, Any] = {"search": bisect_right, "refuse": refuse, "type": type, "int": int, "TypeError": TypeError, **plan.tables}
    made: dict[str, Callable[..., Any]] = {name: FunctionType(one, space) for name, one in code.items()}
    space.update(made)
    return made


def refuse(name: str, value: object) -> None:
    """What generated code calls for a cell that is no whole number. Raises QuantityError."""
    raise QuantityError(f"the column {name!r} holds whole numbers (and None), got {value!r} ({type(value).__name__})")


def source_of(plan: Plan, name: str) -> str:
    """The generated module: ``score`` of the output *name* and ``results``; each tries a version without guards first."""
    read = {op.name for op in plan.ops if op.op in READS} - {"copies"}  # a row by itself is there once
    columns = [column for column in plan.columns if column.name in read]
    names = {column.name: f"c{index}" for index, column in enumerate(columns)}
    reads = "\n".join(f"{names[column.name]} = row[{column.name!r}]" for column in columns)
    clean = only(assume(plan, [*names, "copies"]), [name])
    fast, slow = _Emitter(clean, names, guarded=False), _Emitter(plan, names, guarded=True)
    guards = f"{reads}\n{slow.guards(columns)}"
    every = _Emitter(plan, names, guarded=False).everything()
    return "\n\n".join(
        f"def {function}(row):\n{_indented(body)}"
        for function, body in (
            ("score", _tried(reads, columns, names, fast.score(clean.output(name)), "guarded_score")),
            ("guarded_score", f"{guards}\n{slow.score(plan.output(name))}"),
            ("results", _tried(reads, columns, names, every, "guarded_results")),
            ("guarded_results", f"{guards}\n{slow.everything()}"),
        )
    )


def _tried(reads: str, columns: Sequence[Column], names: Mapping[str, str], fast: str, slow: str) -> str:
    """*fast* where every cell is a whole number in its range, else *slow*."""
    if not columns:
        return fast
    joined = " | ".join(names.values())  # an int only if all are; below 0 if one of them is
    tests = [f"type({joined}) is int"]
    signless = all(column.low >= 0 for column in columns)
    tests += [f"({joined}) >= 0"] if signless else []
    for column in columns:
        low = f"{column.low} <= " if column.low > 0 or not signless else ""
        tests.append(f"{low}{names[column.name]} <= {column.high}")
    guard = " and ".join(tests)
    return f"try:\n{_indented(reads)}\n    if {guard}:\n{_indented(fast, 2)}\nexcept TypeError:\n    pass\nreturn {slow}(row)"


def _indented(text: str, levels: int = 1) -> str:
    return textwrap.indent(text, "    " * levels)


class _Emitter:
    """Writes operations as Python expressions; one that is used twice gets a name of its own."""

    def __init__(self, plan: Plan, names: Mapping[str, str], *, guarded: bool) -> None:
        self.plan, self.names, self.guarded = plan, names, guarded
        self.named: dict[int, str] = {}
        self.lines: list[str] = []

    def guards(self, columns: Iterable[Column]) -> str:
        """For each column: g (given), w (within) and the guarded value v."""
        lines = []
        for column in columns:
            c, low, high = self.names[column.name], column.low, column.high
            lines.append(f"g_{c} = {c} is not None")
            lines.append(f"if g_{c} and type({c}) is not int: refuse({column.name!r}, {c})")
            lines.append(f"w_{c} = not g_{c} or {low} <= {c} <= {high}")
            lines.append(f"v_{c} = {c} if g_{c} and w_{c} else {low}")
        return "\n".join(lines)

    def score(self, output: Output) -> str:
        """Statements that return the output's number, or None."""
        self.named, self.lines = {}, []
        uses = [0] * len(self.plan.ops)
        needed = self.plan.needed((output.number, output.undetermined))
        for position in needed:
            for arg in self.plan.ops[position].args:
                uses[arg] += 1
        uses[output.number] += 1
        uses[output.undetermined] += 1
        depths = [0] * len(self.plan.ops)
        for position in needed:
            args = self.plan.ops[position].args
            depths[position] = 1 + max((depths[arg] for arg in args), default=0)
            if args and (uses[position] > 1 or depths[position] > DEEPEST):
                depths[position] = 0
                self.lines.append(f"t{position} = {self._expression(position)}")
                self.named[position] = f"t{position}"
        doubt = self._text(output.undetermined)
        number = self._text(output.number)
        returned = f"return {number}" if doubt == "False" else f"return None if {doubt} else {number}"
        return "\n".join([*self.lines, returned])

    def everything(self) -> str:
        """Statements that return every operation's result."""
        self.named, self.lines = {}, []
        for position, op in enumerate(self.plan.ops):
            if op.args:
                self.lines.append(f"t{position} = {self._expression(position)}")
                self.named[position] = f"t{position}"
        return "\n".join([*self.lines, f"return ({''.join(f'{self._text(position)}, ' for position in range(len(self.plan.ops)))})"])

    def _text(self, position: int) -> str:
        return self.named[position] if position in self.named else self._expression(position)

    def _expression(self, position: int) -> str:
        op = self.plan.ops[position]
        return expression(op, [self._text(arg) for arg in op.args], self.names, guarded=self.guarded)


def expression(op: Op, args: Sequence[str], names: Mapping[str, str], *, guarded: bool) -> str:
    """One operation as a Python expression over the texts of its arguments."""
    match op.op:
        case "literal":
            return str(bool(op.value)) if op.truth else f"({op.value})" if op.value < 0 else str(op.value)
        case "column":
            return f"v_{names[op.name]}" if guarded else names[op.name]
        case "given" | "within":
            return f"{op.op[0]}_{names[op.name]}" if guarded and op.name in names else "True"
        case "not":
            return f"(not {args[0]})"
        case "case":
            return f"({args[1]} if {args[0]} else {args[2]})"
        case "search":
            return f"search({op.name}, {args[0]})"
        case "lookup":
            return f"{op.name}[{args[0]}]"
    return f"({args[0]} {_SIGNS[op.op]} {args[1]})"


# -- many rows: for plans that look at other rows ----------------------------------------------------------------


Rows = Callable[[Sequence[Cells], Sequence[tuple[str, str]]], list[list[int]]]


def run_rows(plan: Plan, rows: Sequence[Cells], keys: Sequence[tuple[str, str]]) -> list[list[int]]:
    """Every operation's result on every row, by position. *keys* gives each row's (body, group); its period is its cell.

    Rows of one body are taken in order of period, rows without a usable period as nobody's.
    """
    return compile_rows(plan)(rows, keys)


def compile_rows(plan: Plan) -> Rows:
    """`run_rows` of that plan, compiled once for many tables."""
    run = _compiled(plan, range(len(plan.ops)))
    return lambda rows, keys: run(rows, keys, [[0] * len(plan.ops) for _ in rows])


def _compiled(
    plan: Plan, positions: Iterable[int]
) -> Callable[[Sequence[Cells], Sequence[tuple[str, str]], list[list[int]]], list[list[int]]]:
    """A function that fills in those operations, in results that hold the others that they rest on."""
    stages, staged = plan.stages() if plan.windows else (), defaultdict[int, list[int]](list)
    for position in positions:
        staged[stages[position] if stages else 0].append(position)
    steps = []
    for _, mine in sorted(staged.items()):
        windows = [position for position in mine if plan.ops[position].op in WINDOWS]
        steps.append((_stage(plan, [position for position in mine if position not in windows]), windows))

    def run(rows: Sequence[Cells], keys: Sequence[tuple[str, str]], results: list[list[int]]) -> list[list[int]]:
        for step, windows in steps:
            for row, known in zip(rows, results, strict=True):
                step(row, known)
            for position in windows:
                reckon(plan, position, rows, keys, results)
        return results

    return run


def _stage(plan: Plan, positions: Sequence[int]) -> Callable[[Cells, list[int]], None]:
    """A function of (row, results) that fills in those operations."""
    read = {plan.ops[position].name for position in positions if plan.ops[position].op in READS}
    columns = [column for column in plan.columns if column.name in read]
    names = {column.name: f"c{index}" for index, column in enumerate(columns)}
    lines = [f"{names[column.name]} = row[{column.name!r}]" for column in columns]
    lines.append(_Emitter(plan, names, guarded=True).guards(columns))
    for position in positions:
        op = plan.ops[position]
        lines.append(f"r[{position}] = {expression(op, [f'r[{arg}]' for arg in op.args], names, guarded=True)}")
    return _functions(_code(f"def step(row, r):\n{_indented(chr(10).join([*lines, 'pass']))}\n", plan), plan)["step"]


def results_of(plan: Plan) -> Callable[[Cells], list[int]]:
    """A function that gives every operation's result for one row (for a table of that row alone, where the plan looks at other
    rows): made faster than `compile_plan`'s, and run a little slower."""
    anew = results_anew(plan, range(len(plan.ops)))
    return lambda row: anew(row, [0] * len(plan.ops))


def results_anew(plan: Plan, positions: Sequence[int]) -> Callable[[Cells, Sequence[int]], list[int]]:
    """The same where only the operations at *positions*, in order, are to be reckoned: a function of the row and the results of those
    that come before them, or of all, where what it gives of the others is known from another row."""
    run, alone, more = _compiled(plan, positions), [("", "")], [0] * len(plan.ops)

    def anew(row: Cells, known: Sequence[int]) -> list[int]:
        return run([row], alone, [[*known, *more[len(known) :]]])[0]

    return anew
