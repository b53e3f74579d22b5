"""From a formula's text to Python's syntax tree, within bounds that no honest formula reaches. It is never run as Python."""

import ast
import re

from ..errors import FormulaError

__all__ = ["parse"]

MAX_LENGTH = 4000
MAX_DEPTH = 60
# A figure as papers write it, with its sign or unit joined on: 80%, 3项.
JOINED = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(?:\s*([%‰])|([^\W\d_a-zA-Z]+))")


def parse(text: str) -> ast.expr:
    """The syntax tree of the whole text, its columns counted from one bracket before it. Raises FormulaError."""
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
        if joined := JOINED.search(re.sub(r"'[^']*'|\"[^\"]*\"", lambda quoted: "_" * len(quoted[0]), text)):
            said = f"{joined[1]} * {joined[3]}" if joined[3] else "a plain number, like 0.8"
            raise FormulaError(f"a formula writes {joined[0]} as {said}, or names a parameter that says it", joined.start()) from None
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
