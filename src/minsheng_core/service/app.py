"""The ASGI application: Starlette's routing over the list of operations; nothing is understood here, answers are made elsewhere."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from email.message import Message
from http import HTTPStatus

from attrs import evolve
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .answers import Answer, Call, refusal
from .guards import Limits, Work, admit, drain
from .openapi import document_text
from .operations import OPERATIONS, Operation
from .page import page, policy
from .problem import Refused
from .served import Served
from .shapes import JSON

__all__ = ["app"]

LOG = logging.getLogger("minsheng.serve")
SAFE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
Endpoint = Callable[[Request], Awaitable[Response]]


def app(served: Served, limits: Limits | None = None, token: str = "", *, apart: bool = True) -> Starlette:
    """The service of those schemes. With *token* everything but its health and its description asks for it; *apart* says whether
    answers are made in processes of their own, where they can be ended."""
    work = Work(served, limits or Limits(), apart)
    shown, told = page(), document_text()

    async def description(request: Request) -> Response:
        return Response(told, media_type=JSON, headers={**SAFE, "Access-Control-Allow-Origin": "*"})

    async def pages(request: Request) -> Response:
        return Response(shown, media_type="text/html; charset=utf-8", headers={**SAFE, "Content-Security-Policy": policy(shown)})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with work.started() if apart else nullcontext():
            yield

    routes = [Route(one.path, _endpoint(one, work, token), methods=[one.method.upper()]) for one in OPERATIONS]
    routes += [Route("/openapi.json", description), Route("/", pages)]
    handlers = {Refused: _refused, HTTPException: _http, Exception: _failed}
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)  # type: ignore[arg-type] # Starlette's own type is narrower than what it takes


def _endpoint(one: Operation, work: Work, token: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        if one.id == "health":
            return Response('{"status":"ok"}\n', media_type=JSON, headers=SAFE)
        try:
            admit(request, token)
            query = _query(request, one)
            media, parameters = _media(request, one)
        except Refused:
            await drain(request)
            raise
        call = Call(operation=one.id, path=dict(request.path_params), query=query, media=media, parameters=parameters)
        if one.method == "get":
            return _response(await work.run(call))
        async with work.body(request) as body:
            return _response(await work.run(evolve(call, body=body)))

    return endpoint


def _query(request: Request, one: Operation) -> dict[str, str]:
    """The query's parameters. Raises Refused (400, 422) for what isn't text, isn't known, or stands twice."""
    try:
        request.scope["query_string"].decode("ascii")
        pairs = request.query_params.multi_items()
        [text.encode() for pair in (*pairs, *request.path_params.items()) for text in pair]
    except (UnicodeError, ValueError):
        raise Refused(400, "malformed", "the address is not text", [("query", "percent-encoded UTF-8")]) from None
    wrong = [
        (f"query.{name[:80]}", f"not known here; {', '.join(one.query) or 'nothing'} is") for name, _ in pairs if name not in one.query
    ]
    names = [name for name, _ in pairs]
    wrong += [(f"query.{name[:80]}", "this stands twice") for name in dict.fromkeys(names) if names.count(name) > 1]
    wrong += [(f"query.{name}", "this is needed") for name in one.required if name not in names]
    for name, text in pairs:
        schema = one.query[name][0] if name in one.query else {}
        if text not in schema.get("enum", [text]):
            wrong.append((f"query.{name}", f"one of {', '.join(schema['enum'])}"))
        if "\0" in text or not schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", 2_000):
            wrong.append((f"query.{name[:80]}", "empty, too long, or with U+0000 in it"))
    if wrong:
        raise Refused(422, "wrong", "the address isn't as it should be", wrong[:50])
    return dict(pairs)


def _media(request: Request, one: Operation) -> tuple[str, dict[str, str]]:
    """The body's content type and its parameters. Raises Refused (415)."""
    if not one.media:
        return "", {}
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(415, "encoding", "bodies are taken as they are, not compressed", [("header.content-encoding", "leave it out")])
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    media = message.get_content_type()
    if "content-type" not in request.headers or media not in one.media:
        raise Refused(415, "media_type", "this content type isn't read here", [("header.content-type", f"one of {', '.join(one.media)}")])
    parameters = {str(name).lower(): str(text) for name, text in message.get_params([])[1:]}
    if media == JSON and parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise Refused(415, "encoding", "JSON is read as UTF-8", [("header.content-type", "charset=utf-8, or none")])
    return media, parameters


def _response(answer: Answer) -> Response:
    if answer.trouble:
        LOG.error("%s", answer.trouble)
    return Response(answer.body, status_code=answer.status, media_type=answer.media, headers={**SAFE, **answer.headers})


async def _refused(_: Request, error: Refused) -> Response:
    return _response(refusal(error))


async def _http(_: Request, error: HTTPException) -> Response:
    code = {404: "not_found", 405: "method"}.get(error.status_code, "http")
    told = refusal(Refused(error.status_code, code, HTTPStatus(error.status_code).description or str(error.detail)))
    return _response(evolve(told, headers=error.headers or {}))


async def _failed(_: Request, error: Exception) -> Response:
    return _response(refusal(Refused(500, "failed", "the service failed on this request; its log says where")))
