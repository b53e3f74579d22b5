"""`minsheng conformance`: whether an installed plugin keeps what the protocols promise, for people without pytest."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import PluginError
from ..hooks import Plugins, load_plugins
from . import print_json
from .work import add_work_arguments

if TYPE_CHECKING:
    from ..conformance.suite import Outcome

HELP = "try an installed plugin on every check of its protocols: round numbers first, then random reports"
EXAMPLE = "minsheng conformance insurance"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plugin", help="the plugin's name, as `minsheng plugins` lists it")
    parser.add_argument("--examples", type=int, default=50, metavar="N", help="random cases for each check (default: 50)")
    add_work_arguments(parser, reports=False)


def run(args: argparse.Namespace) -> int:
    from ..conformance.suite import INSTALL, can_sample, ran  # other commands don't pay for it

    plugins = load_plugins(only=[args.plugin])
    (info,) = [one for one in plugins.infos if one.name == args.plugin]
    if info.state != "active":
        raise PluginError(f"the plugin {args.plugin!r} is {info.state}: {info.reason}; see `minsheng plugins`")
    tried = list(_tried(plugins, args.examples))
    if not tried:
        raise PluginError(f"the plugin {args.plugin!r} gives no indicator, allocation or assessment to try")
    broken = sum(one.state == "broken" for _, outcomes in tried for one in outcomes)
    if args.json:
        print_json(
            {
                "format": "minsheng.conformance/1",
                "plugin": args.plugin,
                "sampled": bool(args.examples) and can_sample(),
                "tried": [_json(*one) for one in tried],
            }
        )
        return 1 if broken else 0
    for name, outcomes in tried:
        print(name)
        for one in outcomes:
            print("  " + f"{'ok' if one.state == 'held' else 'failed' if one.state == 'broken' else '--'}  {one}".replace("\n", "\n    "))
        print(f"  {ran(outcomes)}" + (f", {failed} failed" if (failed := sum(one.state == "broken" for one in outcomes)) else ""))
    if not can_sample():
        print(f"random cases were skipped: hypothesis isn't installed ({INSTALL})")
    return 1 if broken else 0


def _tried(plugins: Plugins, examples: int) -> "Iterator[tuple[str, tuple[Outcome, ...]]]":
    from ..conformance.classes import check_allocation, check_assessment, check_indicator

    own = load_plugins(only=[]).allocations
    for kind, indicator in plugins.indicators.items():
        yield kind, check_indicator(indicator, examples=examples)
    for name, allocation in plugins.allocations.items():
        if name not in own:
            yield name, check_allocation(allocation, examples=examples)
    for id, assessment in plugins.assessments.items():
        indicators = plugins.indicators if assessment.kind in plugins.indicators else load_plugins().indicators
        if assessment.kind not in indicators:
            raise PluginError(f"the assessment {id!r} is for {assessment.kind!r}, and no installed plugin gives that indicator")
        yield id, check_assessment(assessment, indicators[assessment.kind], examples=examples)


def _json(name: str, outcomes: "tuple[Outcome, ...]") -> dict[str, object]:
    checks = [
        {
            "check": one.check.name, "chinese": one.check.chinese, "english": one.check.english, "state": one.state, "why": one.why,
            "example": one.example, "tried": one.tried, "sampled": one.sampled,
        }
        for one in outcomes
    ]  # fmt: skip
    return {"name": name, "ran": sum(one.state != "not asked" for one in outcomes), "checks": checks}
