"""Every exception of the library, one tree.

MinshengError
├── QuantityError     a text is not a number with a known unit, or two units don't fit
├── FormulaError      a formula can't be read or typed; carries the offset in its text
├── RuleError         rule files can't be loaded; carries every finding, each with its place
├── AllocationError   a target can't be split as asked
├── ReportError       a folder of reports can't be read at all (what is wrong *in* a report is a finding)
├── LedgerError       the ledger refuses an entry, or can't be read or written; in Chinese, for clerks
└── PluginError       a plugin that a scheme needs is missing or broken
"""

from collections.abc import Sequence


class MinshengError(Exception):
    """Anything this library raises on purpose."""


class QuantityError(MinshengError, ValueError):
    """A text is not a number with a known unit, or two units don't fit together."""


class FormulaError(MinshengError, ValueError):
    """A formula can't be read or typed.

    *offset* is the 0-based character in the formula's text where the mistake is.
    """

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class RuleError(MinshengError, ValueError):
    """Rule files can't be loaded. *findings* are all the mistakes, in file order."""

    def __init__(self, findings: Sequence[object]) -> None:
        self.findings = tuple(findings)
        count = len(self.findings)
        lines = "\n".join(f"  {finding}" for finding in self.findings)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in the rule files:\n{lines}")


class AllocationError(MinshengError, ValueError):
    """A target can't be split as asked: bounds, weights or ties do not allow it."""


class ReportError(MinshengError, ValueError):
    """A folder of reports can't be read at all."""


class LedgerError(MinshengError, RuntimeError):
    """The ledger refuses an entry, or can't be read or written. The words are for clerks: what is wrong, and what to do."""


class PluginError(MinshengError, RuntimeError):
    """A plugin that a scheme needs is missing, blocked or broken."""
