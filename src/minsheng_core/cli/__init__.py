"""The command line: one short module a command; each only calls the library."""

import argparse
import errno
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

COMMANDS = (
    "assess", "explain", "check", "audit", "plan", "score", "reconcile", "allocate", "template", "intake", "review", "verify", "record",
    "ledger", "due", "publish", "serve", "demo", "plugins", "conformance", "new-plugin", "draft", "new-year", "diff", "rulebook", "schema",
)  # fmt: skip
TROUBLE = {
    errno.ENOENT: "没有这个文件或文件夹", errno.EACCES: "没有权限", errno.EPERM: "没有权限", errno.EROFS: "只读，不能写入", errno.ENOSPC: "磁盘已满",
    errno.EFBIG: "磁盘已满", errno.EEXIST: "已经有同名的文件", errno.ENOTDIR: "不是文件夹", errno.EISDIR: "是文件夹，不是文件",
}  # fmt: skip
EPILOG = "exit codes: 0 fine, 1 findings of severity error, 2 can't run"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command. Returns 0 where all is fine, 1 where findings are errors, 2 where it can't run."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # a Windows console, a C locale, a file name in GBK
    args = _parser().parse_args(argv)
    from ..errors import MinshengError

    try:
        code: int = args.run(args)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader of a pipe went away: nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MinshengError as error:
        print(f"minsheng {args.command}: {error}", file=sys.stderr)
    except OSError as error:
        print(f"minsheng {args.command}: {_told(error)}", file=sys.stderr)
    return 2


def _told(error: OSError) -> str:
    """What the system refused, with the file, in both languages."""
    words = TROUBLE.get(error.errno or 0, "")
    return f"{error.filename or ''}: {words}{'（' if words else ''}{error.strerror or error}{'）' if words else ''}".removeprefix(": ")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="minsheng", description="Allocate, assess, rank and explain a year's livelihood promises, exactly.", epilog=EPILOG
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = import_module(f".{name.replace('-', '_')}", __name__)
        sub = commands.add_parser(
            name, help=module.HELP, description=module.HELP, epilog=f"example:\n  {module.EXAMPLE}\n\n{getattr(module, 'EPILOG', EPILOG)}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    return parser


def print_json(data: Any) -> None:
    """Data for programs, on standard output."""
    print(json.dumps(data, ensure_ascii=False, indent=2))
