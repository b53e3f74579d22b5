"""`minsheng serve`: the library over HTTP, for systems that aren't Python."""

import argparse
import os
from importlib.util import find_spec
from pathlib import Path

from ..errors import MinshengError
from ..scheme.load import installed_schemes

HELP = "answer over HTTP: score, explain, check reports, list schemes and forms; described by OpenAPI 3.1"
EXAMPLE = "minsheng serve 2023 --port 8323"
EPILOG = "exit codes: 0 stopped, 2 can't run. GET / shows the API, /openapi.json describes it. No TLS: put it behind a reverse proxy. See docs/serving.md"
NEEDED = ("starlette", "uvicorn", "multipart", "jsonschema")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "schemes", nargs="*", metavar="SCHEME", help="installed schemes, or folders of rules (default: all that are installed)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1, this machine only)")
    parser.add_argument("--port", type=_number(0, 65_535), default=8323, help="the port (default: 8323; 0: any that is free)")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="a file whose first line clients must send (or $MINSHENG_TOKEN)")
    parser.add_argument("--workers", type=_number(1, 64), metavar="N", help="processes that reckon (default: one for each processor)")
    parser.add_argument("--waiting", type=_number(0, 10_000), default=16, metavar="N", help="requests that may wait for them (default: 16)")
    parser.add_argument("--max-body", type=_number(1, 10**9), default=20_000_000, metavar="BYTES", help="of a request (default: 20000000)")
    parser.add_argument("--body-seconds", type=_number(1, 3_600), default=30, metavar="S", help="for a body to arrive (default: 30)")
    parser.add_argument("--seconds", type=_number(1, 3_600), default=30, metavar="S", help="for an answer (default: 30)")
    parser.add_argument("--openapi", type=Path, metavar="FILE", help="write the OpenAPI document there, and don't serve")


def _number(low: int, high: int) -> "type[int]":
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or len(text) > 12 or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"a whole number from {low} to {high}, got {text[:40]!r}")
        return int(text)

    return read  # type: ignore[return-value] # argparse takes any function


def run(args: argparse.Namespace) -> int:
    if absent := [name for name in NEEDED if find_spec(name) is None]:
        raise MinshengError(f'serving needs {", ".join(absent)}: pip install "minsheng-core[serve]"')
    if args.openapi:
        from ..service.openapi import document_text

        args.openapi.write_text(document_text(), encoding="utf-8")
        return 0
    from ..service.app import app
    from ..service.guards import Limits, is_loopback
    from ..service.http import listen
    from ..service.served import serve

    token = _token(args.token_file)
    if not token and not is_loopback(args.host):
        raise MinshengError(f"{args.host} can be reached from other machines: give --token-file, or set MINSHENG_TOKEN")
    only = os.environ.get("MINSHENG_PLUGINS")
    served = serve(
        args.schemes or installed_schemes(), None if only is None else [name.strip() for name in only.split(",") if name.strip()]
    )
    limits = Limits(
        body=args.max_body, body_seconds=args.body_seconds, seconds=args.seconds, workers=args.workers or os.cpu_count() or 2,
        waiting=args.waiting, held=max(100_000_000, args.max_body),
    )  # fmt: skip
    listen(
        app(served, limits, token),
        args.host,
        args.port,
        lambda address: print(f"{address} serves {', '.join(one for one, _ in served.rules)}", flush=True),
    )
    return 0


def _token(file: Path | None) -> str:
    """The token, from the file or the environment; empty where there is none. Raises MinshengError for one that is too easy."""
    text = file.read_text(encoding="utf-8").split("\n", 1)[0] if file else os.environ.get("MINSHENG_TOKEN", "")
    token = text.strip()
    if (file or text) and (len(token) < 16 or not token.isascii() or not token.isprintable() or " " in token):
        raise MinshengError("a token is at least 16 printable ASCII characters without spaces; make one with: openssl rand -hex 32")
    return token
