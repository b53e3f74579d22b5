"""`minsheng plugins`: which plugins are installed, what each gives, and whether it works."""

import argparse

from ..hooks import API_VERSION, PluginInfo
from ..publish.text import table
from . import print_json
from .work import add_work_arguments, installed_plugins

HELP = "list the plugins: distribution, version, API, hooks, rule files, state and reason"
EXAMPLE = "minsheng plugins --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_work_arguments(parser, reports=False)


def run(args: argparse.Namespace) -> int:
    infos = installed_plugins().infos
    if args.json:
        print_json({"format": "minsheng.plugins/1", "api": list(API_VERSION), "plugins": [_json(one) for one in infos]})
    elif infos:
        header = ["name", "distribution", "version", "api", "state", "kinds", "hooks", "rule files", "reason"]
        print(table(header, [_row(one) for one in infos]))
    else:
        print("no plugin is installed; minsheng-insurance, minsheng-vocational and minsheng-water come with this project")
    return 1 if any(one.state == "failed" or one.state == "incompatible" for one in infos) else 0


def _api(one: PluginInfo) -> str:
    return ".".join(str(part) for part in one.api) if isinstance(one.api, tuple) else "—"


def _row(one: PluginInfo) -> list[str]:
    rules = ", ".join(path.name for path in one.rules)
    return [one.name, one.distribution, one.version, _api(one), one.state, ", ".join(one.kinds), ", ".join(one.hooks), rules, one.reason]


def _json(one: PluginInfo) -> dict[str, object]:
    return {
        "name": one.name, "distribution": one.distribution, "version": one.version, "api": _api(one), "hooks": list(one.hooks),
        "kinds": list(one.kinds), "rules": [path.name for path in one.rules], "state": one.state, "reason": one.reason,
    }  # fmt: skip
