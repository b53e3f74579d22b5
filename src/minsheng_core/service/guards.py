"""What holds the service in bounds: who may ask, how much a request may carry and how long it may take, how many are worked on."""

import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from ipaddress import ip_address
from typing import Any

import anyio
import anyio.to_process
from attrs import define, field, frozen
from starlette.requests import ClientDisconnect, Request

from .answers import Answer, Call, answer
from .problem import Refused
from .served import Served

__all__ = ["Limits", "Work", "admit", "is_loopback", "read_body"]

LOG = logging.getLogger("minsheng.serve")
DRAINED = 1 << 20  # bytes of a refused body that are still read, so that the refusal gets through


@frozen(kw_only=True)
class Limits:
    """*body* bytes of a request, which must arrive within *body_seconds*; *seconds* from there to the answer; *workers* processes,
    with *waiting* requests before them; *held* bytes of bodies at once. All are assumptions of ours: change them by need."""

    body: int = 20_000_000
    body_seconds: int = 30
    seconds: int = 30
    workers: int = 2
    waiting: int = 16
    held: int = 100_000_000


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def admit(request: Request, token: str) -> None:
    """Let in who has the token; everybody where there is none. Raises Refused (401)."""
    if not token:
        return
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), token.encode())
    if scheme.lower() != "bearer" or not right:
        place = [("header.authorization", "Bearer and the token")]
        raise Refused(401, "no_token", "this service asks for a token", place, www_authenticate='Bearer realm="minsheng"')


@define
class Work:
    """The processes that answer, and what waits for them; *apart* is False for tests:
    then the answer is made in this process."""

    served: Served
    limits: Limits
    apart: bool = True
    held: int = 0
    inside: int = 0
    _limiter: Any = field(default=None)
    _group: Any = field(default=None)  # in which processes are started again
    _replacing: bool = False

    @property
    def limiter(self) -> anyio.CapacityLimiter:
        """Made where the loop runs."""
        self._limiter = self._limiter or anyio.CapacityLimiter(self.limits.workers)
        found: anyio.CapacityLimiter = self._limiter
        return found

    @asynccontextmanager
    async def started(self) -> AsyncIterator[None]:
        """While it lasts, the processes are there, each with its schemes loaded."""
        await self.warm()
        async with anyio.create_task_group() as group:
            self._group = group
            yield
            group.cancel_scope.cancel()

    async def warm(self) -> None:
        """Start the processes that aren't there. They may take as long as they need."""
        call = Call(operation="warm", path={}, query={}, parameters={})
        async with anyio.create_task_group() as group:
            for _ in range(self.limits.workers):  # each takes one that is idle, or starts one
                group.start_soon(partial(self.limited, call, None))

    async def limited(self, call: Call, seconds: int | None) -> Answer:
        """The answer of one of the processes; where it takes longer, the process is ended. Raises TimeoutError, BrokenWorkerProcess."""
        with anyio.fail_after(seconds):
            return await anyio.to_process.run_sync(answer, self.served, call, cancellable=True, limiter=self.limiter)

    async def again(self) -> None:
        """A process instead of one that ended; whoever asks next needn't wait for its rules to be loaded."""
        try:
            await self.warm()
        except* anyio.BrokenWorkerProcess:
            LOG.error("a process ended while it was being started again")
        finally:
            self._replacing = False

    async def run(self, call: Call) -> Answer:
        """The answer to that call. Raises Refused (503) where too many wait, or it isn't there in time."""
        if not self.apart:
            return answer(self.served, call)
        if self.inside >= self.limits.workers + self.limits.waiting:
            raise busy("busy", "too many requests at once; try again")
        self.inside += 1
        try:
            return await self.limited(call, self.limits.seconds)
        except TimeoutError:
            self._replace()
            raise busy("too_long", f"not answered within {self.limits.seconds} seconds; ask for less at once") from None
        except anyio.BrokenWorkerProcess:
            self._replace()
            raise busy("broken", "the process that worked on this ended; try again, or ask for less at once") from None
        finally:
            self.inside -= 1

    def _replace(self) -> None:
        if self._group is not None and not self._replacing:
            self._replacing = True
            self._group.start_soon(self.again)

    @asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[bytes]:
        """The request's body, counted while it is held. Raises Refused (408, 411, 413, 503)."""
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            if self.held + size > self.limits.held:
                raise busy("busy", "too much is being sent at once; try again")
            self.held, taken = self.held + size, taken + size

        try:
            yield await read_body(request, self.limits, take)
        finally:
            self.held -= taken


async def read_body(request: Request, limits: Limits, take: Any) -> bytes:
    """The body, read as it comes; each piece is told to *take*."""
    length = request.headers.get("content-length")
    if length is not None and not (length.isascii() and length.isdigit()):
        raise Refused(411, "length", "the Content-Length is no length", [("header.content-length", length[:40])])
    if length is not None and int(length[:30]) > limits.body:
        await drain(request)
        raise _too_large(limits)
    body = bytearray()
    try:
        with anyio.fail_after(limits.body_seconds):
            async for chunk in request.stream():
                take(len(chunk))
                body += chunk
                if len(body) > limits.body:
                    raise _too_large(limits)
    except TimeoutError:
        raise Refused(408, "slow", f"the body didn't arrive within {limits.body_seconds} seconds", connection="close") from None
    except ClientDisconnect:
        raise Refused(400, "gone", "the client went away", connection="close") from None
    return bytes(body)


async def drain(request: Request) -> None:
    """Read what a refused request still sends, a little and not for long: a connection that is cut while it sends loses the answer."""
    read = 0
    with anyio.move_on_after(2):
        try:
            async for chunk in request.stream():
                read += len(chunk)
                if read > DRAINED:
                    return
        except (ClientDisconnect, RuntimeError):
            return


def busy(code: str, words: str) -> Refused:
    return Refused(503, code, words, retry_after="1")


def _too_large(limits: Limits) -> Refused:
    return Refused(413, "too_large", f"at most {limits.body:,} bytes", [("body", "larger")], connection="close")
