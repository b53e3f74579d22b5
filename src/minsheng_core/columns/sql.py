"""A plan as one SQL query of nested selects, for DuckDB (a second opinion) and Apache Spark (a cluster).

Whole numbers only: BIGINT where 64 bits are proven to do, HUGEINT or DECIMAL(38,0) where not. NULL never flows into an
operation: a column stands at its low end where there is no usable value, as the plan says.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod

from ..errors import MinshengError
from ..formula.build import only
from ..formula.plan import READS, RUNNING, WINDOWS, Op, Output, Plan
from .cells import KEY_FAULTS
from .sql_input import Dialect, dialect_of, read_columns, read_keys

__all__ = ["select"]

DEEPEST = 24  # an expression nested deeper becomes a column: parsers descend once a level
SMALL = 32  # a table of so many numbers is a balanced CASE, a longer one an array
WIDEST = 10**38  # neither DECIMAL(38,0) nor HUGEINT holds more


def select(plan: Plan, outputs: Iterable[str] | None, source: str, types: Mapping[str, str], dialect: str = "duckdb") -> str:
    """The query that scores the rows of *source* (a relation, as SQL), one row out for each row in.

    *outputs* are names of results, all where None; *types* is the type of each column of *source*, as the engine calls it;
    *dialect* is "duckdb" or "spark", which must run in ANSI mode, so that what can't be held raises.
    Columns of the result: ``body``, ``period`` as given, ``group`` where the source has it, ``state``, ``reason`` and the
    results, one with a denominator as two columns, ``x.numerator`` and ``x.denominator``. Raises MinshengError for columns
    that are missing or have a type without exact values, all of them at once.
    """
    wanted = only(plan, outputs)
    return _Query(wanted, source, types, dialect_of(dialect)).text()


class _Query:
    """Writes the nested selects: keys and raw values, whether the keys are sound, values, operations by level, results."""

    def __init__(self, plan: Plan, source: str, types: Mapping[str, str], dialect: Dialect) -> None:
        self.plan, self.source, self.types, self.dialect = plan, source, types, dialect
        self.uses = Counter(arg for op in plan.ops for arg in op.args)
        for reason in plan.reasons:
            self.uses[reason.test] += 2
        for output in plan.outputs:
            self.uses.update((output.number, output.undetermined, *output.denominators, output.undetermined))
        self.called = {column.name: f"c{index}" for index, column in enumerate(plan.columns)}
        self.named: dict[int, str] = {}
        self.levels: list[int] = []
        self.depths: list[int] = []

    def text(self) -> str:
        """The query."""
        names = sorted({op.name for op in self.plan.ops if op.op in READS})
        grouped = any(op.name == "group" for op in self.plan.windows)
        running = any(op.op in RUNNING for op in self.plan.windows)
        keys = read_keys(self.types, self.dialect, grouped=grouped)
        values = read_columns(self.plan, names, self.types, self.dialect).values()
        self.grouped = "k_group" in keys
        hint = "/*+ REPARTITION(k_body) */ " if running and self.dialect.name == "spark" else ""
        query = f"SELECT {hint}{_listed(keys | _joined(one.raw for one in values))}\nFROM {self.source}"
        query = _wrapped(query, {"k_copies": "COUNT(*) OVER (PARTITION BY k_body, k_index)"})
        query = _wrapped(query, {"k_fault": self._fault()})
        query = _wrapped(query, {"k_ok": "k_fault = ''"} | _joined(one.tested for one in values))
        query = _wrapped(query, _joined(one.usable for one in values))
        for columns in self._operations():
            query = _wrapped(query, columns)
        results = {self.dialect.name_of(name): text for name, text in self._results().items()}
        return f"SELECT {_listed(results)}\nFROM (\n{query}\n)"

    def _fault(self) -> str:
        """The words for what is wrong with the row's keys, '' where nothing is."""
        period = next((one for one in self.plan.columns if one.name == "period"), None)
        low, high = (period.low, period.high) if period else (0, 12 * 10_000 - 1)
        tests = {"body": "k_body IS NULL", "period": "k_period IS NULL"}
        if self.grouped:
            tests["group"] = "k_group IS NULL"
        tests["range"] = f"k_index IS NULL OR k_index NOT BETWEEN {low} AND {high}"
        tests["copies"] = "k_copies <> 1"
        return f"CASE {' '.join(f'WHEN {test} THEN {self.dialect.text(KEY_FAULTS[name])}' for name, test in tests.items())} ELSE '' END"

    # -- operations ----------------------------------------------------------------------------------------

    def _operations(self) -> list[dict[str, str]]:
        """The columns to add, level by level: what is used twice, what looks at other rows and what nests too deep."""
        levels: dict[int, dict[str, str]] = {}
        searched = {op.args[0] for op in self.plan.ops if op.op in ("search", "lookup")}
        for position, op in enumerate(self.plan.ops):
            level = max((self.levels[arg] for arg in op.args), default=0)
            depth = 1 + max((self.depths[arg] for arg in op.args), default=0)
            name, text = f"t{position}", "" if op.op == "search" and op.high - op.low > SMALL else self._expression(op)
            if op.op in WINDOWS:
                levels.setdefault(level, {})[f"t{position}_raw"] = text
                levels.setdefault(level + 1, {})[name] = self._proven(op, f"t{position}_raw")
                level, depth = level + 2, 0
            elif op.op == "search" and op.high - op.low > SMALL:
                for step, text in self._steps(op, name):
                    levels.setdefault(level, {})[step] = text
                    level, depth = level + 1, 0
            elif op.args and (self.uses[position] > 1 or depth > DEEPEST or position in searched):
                levels.setdefault(level, {})[name] = text
                level, depth = level + 1, 0
            else:
                name = text
            self.named[position] = name
            self.levels.append(level)
            self.depths.append(depth)
        return [levels[level] for level in sorted(levels)]

    def _expression(self, op: Op) -> str:
        match op.op:
            case "literal":
                return ("TRUE" if op.value else "FALSE") if op.truth else self.dialect.whole(op.value, op.width)
            case "column":
                return self.called[op.name]
            case "given" | "within":
                return f"{self.called[op.name]}_{op.op}"
            case "not":
                return f"(NOT {self._truth(op.args[0])})"
            case "and" | "or":
                return f"({self._truth(op.args[0])} {op.op.upper()} {self._truth(op.args[1])})"
            case "case" if op.truth:
                return f"(CASE WHEN {' '.join(self._branches(op, self._truth))} END)"
            case "search":
                numbers = self.plan.tables[op.name]
                return self._tree(op, op.low, op.high, lambda count: self.dialect.whole(numbers[count - 1]), self.dialect.whole)
            case "lookup":
                return self._lookup(op)
        if op.op in WINDOWS:
            return self._window(op)
        width = max(op.width, *(self.plan.ops[arg].width for arg in op.args), 64)
        if op.op == "case":
            text = f"(CASE WHEN {' '.join(self._branches(op, lambda arg: self._number(arg, width)))} END)"
        elif op.op == "//":
            text = self.dialect.quotient(*(self._number(arg, width) for arg in op.args), high=op.high, width=width)
        else:
            a, b = (self._number(arg, width) for arg in op.args)
            text = f"({a} {'=' if op.op == '==' else op.op} {b})"
        return self.dialect.cast(text, 64) if op.width == 64 < width else text

    def _branches(self, op: Op, write: Callable[[int], str]) -> tuple[str, ...]:
        test, then, other = op.args
        return (self._truth(test), "THEN", write(then), "ELSE", write(other))

    def _truth(self, position: int) -> str:
        return self.named[position] if self.plan.ops[position].truth else f"({self.named[position]} <> 0)"

    def _number(self, position: int, width: int) -> str:
        op, text = self.plan.ops[position], self.named[position]
        if op.truth:
            return f"(CASE WHEN {text} THEN {self.dialect.whole(1, width)} ELSE {self.dialect.whole(0, width)} END)"
        if op.op == "literal":
            return self.dialect.whole(op.value, width)
        return self.dialect.cast(text, width) if op.width < width else text

    def _tree(self, op: Op, low: int, high: int, edge: Callable[[int], str], leaf: Callable[[int], str]) -> str:
        """A balanced decision over the positions from *low* to *high*: position p holds where x ≥ edge(p)."""
        if low == high:
            return leaf(low)
        middle = (low + high + 1) // 2
        above, below = self._tree(op, middle, high, edge, leaf), self._tree(op, low, middle - 1, edge, leaf)
        return f"(CASE WHEN {self.named[op.args[0]]} >= {edge(middle)} THEN {above} ELSE {below} END)"

    def _lookup(self, op: Op) -> str:
        numbers, at = self.plan.tables[op.name], self.plan.ops[op.args[0]]
        if at.high - at.low < SMALL:
            return self._tree(op, at.low, at.high, self.dialect.whole, lambda position: self.dialect.whole(numbers[position], op.width))
        return self.dialect.cast(self.dialect.element(numbers, self.named[op.args[0]]), op.width)

    def _steps(self, op: Op, name: str) -> Iterable[tuple[str, str]]:
        """A search in a long table: one column for each halving, the last called *name*."""
        x = self.plan.ops[op.args[0]]
        reached = self.plan.tables[op.name][op.low : op.high]
        bits = len(reached).bit_length()
        numbers = [*reached, *[x.high + 1] * (2**bits - 1 - len(reached))]
        found = self.dialect.whole(op.low)
        for bit in reversed(range(bits)):
            probe = self.dialect.element(numbers, f"({found} + {2**bit - 1 - op.low})")
            step = f"{self.dialect.whole(2**bit)} ELSE {self.dialect.whole(0)}"
            text = f"{found} + CASE WHEN {self.named[op.args[0]]} >= {probe} THEN {step} END"
            found = f"{name}_{bit}" if bit else name
            yield found, text

    # -- windows -------------------------------------------------------------------------------------------

    def _window(self, op: Op) -> str:
        """Rows with unsound keys stand apart, and add nothing: `_proven` gives them the low end."""
        x = self._number(op.args[0], max(self.plan.ops[op.args[0]].width, 64))
        if op.op in ("running_sum", "running_max", "lag"):
            over = "OVER (PARTITION BY k_body, k_ok ORDER BY k_index"
            if op.op == "lag":
                width = max(64, op.width, self.plan.ops[op.args[0]].width)
                return f"LAG({self._number(op.args[0], width)}, 1, {self.dialect.whole(op.value, width)}) {over})"
            over += " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
        else:
            over = f"OVER (PARTITION BY k_index, k_ok{', k_group' if op.name == 'group' else ''})"
        if op.op in ("running_sum", "group_sum"):
            return (
                f"SUM(CASE WHEN k_ok THEN {self._number(op.args[0], max(op.width, 64))} ELSE {self.dialect.whole(0, op.width)} END) {over}"
            )
        if op.op in ("running_max", "group_max"):
            return f"MAX({x}) {over}"
        valid = self._truth(op.args[1])
        ranked = "DENSE_RANK" if op.op == "group_dense" else "RANK"
        number = f"{ranked}() {over[:-1]}, {valid} ORDER BY {x} DESC)"
        return f"CASE WHEN {valid} THEN {number} ELSE 1 END"

    def _proven(self, op: Op, text: str) -> str:
        """The window's result, held to its interval: a group of more rows than the plan allows for is an error."""
        low = self.dialect.whole(op.low, op.width)
        if op.op in ("running_max", "group_max", "lag"):
            return f"CASE WHEN k_ok THEN {self.dialect.cast(text, op.width)} ELSE {low} END"
        error = self.dialect.error(f"minsheng: {op.op} leaves its proven range; there are more rows than the plan was built for", op.width)
        inside = f"{text} BETWEEN {low} AND {self.dialect.whole(op.high, op.width)}"
        return f"CASE WHEN NOT k_ok THEN {low} WHEN {inside} THEN {self.dialect.cast(text, op.width)} ELSE {error} END"

    # -- what comes out ------------------------------------------------------------------------------------

    def _results(self) -> dict[str, str]:
        columns = {"body": "k_body", "period": "k_period"}
        if self.grouped:
            columns["group"] = "k_group"
        told = [(self._truth(reason.test), reason.state, reason.words) for reason in self.plan.reasons]
        states = " ".join(f"WHEN {test} THEN '{state}'" for test, state, _ in told)
        words = " ".join(f"WHEN {test} THEN {self.dialect.text(words)}" for test, _, words in told)
        columns["state"] = f"CASE WHEN NOT k_ok THEN 'refused' {states} ELSE 'scored' END"
        columns["reason"] = f"CASE WHEN NOT k_ok THEN k_fault {words} END"
        for output in self.plan.outputs:
            doubt = f"NOT k_ok OR {self._truth(output.undetermined)}"
            for name, text in self._output(output).items():
                columns[name] = f"CASE WHEN {doubt} THEN NULL ELSE {text} END"
        return columns

    def _output(self, output: Output) -> dict[str, str]:
        """The columns of one result, and each as an expression that is never NULL."""
        op, name = self.plan.ops[output.number], output.name
        if output.labels:
            words = {position: self.dialect.text(output.labels[position]) for position in range(op.low, op.high + 1)}
            text = self._number(output.number, 64)
            return {name: f"CASE {text} {' '.join(f'WHEN {position} THEN {word}' for position, word in words.items())} END"}
        if output.truth:
            return {name: self._truth(output.number)}
        below, most = output.coefficient.denominator, max(abs(op.low), abs(op.high))
        places = len(str(below)) - 1
        if output.coefficient.numerator == 1 and below == 10**places and not output.denominators and places <= 37:
            return {name: self.dialect.decimal(self._number(output.number, max(64, op.width)), places, len(str(most)))}
        above = self._product(output, [output.number], output.coefficient.numerator)
        return {f"{name}.numerator": above, f"{name}.denominator": self._product(output, output.denominators, below)}

    def _product(self, output: Output, positions: Sequence[int], factor: int) -> str:
        most = abs(factor) * prod(max(abs(self.plan.ops[one].low), abs(self.plan.ops[one].high)) for one in positions)
        if most >= WIDEST:
            raise MinshengError(
                f"{output.name} is a ratio whose numerator or denominator could reach 10^{len(str(most)) - 1}, and a table's "
                "column holds 38 digits: round it in the rule, or leave it out of outputs"
            )
        width = Op("literal", low=-most, high=most).width
        factors = [self._number(one, width) for one in positions]
        return " * ".join([*factors, *([self.dialect.whole(factor, width)] if factor != 1 or not factors else [])])


def _joined(steps: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {name: text for step in steps for name, text in step.items()}


def _listed(columns: Mapping[str, str]) -> str:
    return ",\n  ".join(f"{text} AS {name}" for name, text in columns.items())


def _wrapped(query: str, columns: Mapping[str, str]) -> str:
    return f"SELECT *,\n  {_listed(columns)}\nFROM (\n{query}\n)" if columns else query
