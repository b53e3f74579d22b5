"""`minsheng schema`: the JSON Schema of rule files, for editors."""

import argparse
from pathlib import Path

from ..scheme.schema import shipped_schema

HELP = "the JSON Schema of rule files, so that an editor completes and checks them"
EXAMPLE = "minsheng schema --out rules.schema.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it to this file (default: print it)")


def run(args: argparse.Namespace) -> int:
    text = shipped_schema()
    if args.out is None:
        print(text, end="")
    else:
        args.out.write_text(text, encoding="utf-8", newline="\n")
        print(f"规则文件的 JSON Schema 已写入 {args.out}；在规则文件第一行写 #:schema ./{args.out.name}，编辑器即按它补全和检查")
    return 0
