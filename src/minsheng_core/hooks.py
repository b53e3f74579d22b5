"""The hooks of a plugin, and how plugins are found: by entry point, in name order, into a fresh manager."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pluggy

from .protocols import Allocation, Assessment, Indicator

__all__ = ["API_VERSION", "NAMESPACE", "Hooks", "hookimpl"]

NAMESPACE: Final = "minsheng_core"
API_VERSION: Final = (1, 0)  # a plugin says MINSHENG_API = (1, 0); same major, minor not above ours

hookspec = pluggy.HookspecMarker(NAMESPACE)
hookimpl = pluggy.HookimplMarker(NAMESPACE)


class Hooks:
    """What a plugin module may implement. Every hook returns data, asked for once when the plugin is loaded."""

    @hookspec
    def minsheng_indicators(self) -> Sequence[Indicator]:
        """The kinds of indicator that the plugin measures."""
        raise AssertionError("a specification is never called")

    @hookspec
    def minsheng_allocations(self) -> Sequence[Allocation]:
        """Further ways to split a target."""
        raise AssertionError("a specification is never called")

    @hookspec
    def minsheng_assessments(self) -> Sequence[Assessment]:
        """Further ways to turn a measurement into marks, where a formula doesn't serve."""
        raise AssertionError("a specification is never called")

    @hookspec
    def minsheng_rules(self) -> Sequence[Path]:
        """The plugin's rule files: TOML with ``[[document]]``, ``[[clause]]`` and ``[[method]]`` tables."""
        raise AssertionError("a specification is never called")
