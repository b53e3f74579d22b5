"""The listening side: uvicorn's HTTP/1.1 by h11, with a limit on how long a request's head may take."""

import asyncio
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["listen"]

HEAD_SECONDS = 10
MOST_CONNECTIONS = 500


class Patient(H11Protocol):
    """A connection that is closed where its first request's head isn't there in time; between requests uvicorn itself closes it."""

    head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn itself has it
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.close()
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self.head is None and not self.transport.is_closing():
            self._wait()

    def on_response_complete(self) -> None:
        self._stop()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self.head = self.loop.call_later(HEAD_SECONDS, self._cut)

    def _stop(self) -> None:
        if self.head is not None:
            self.head.cancel()
            self.head = None

    def _cut(self) -> None:
        if self.transport.is_closing():
            return
        body = b"the request's head didn't arrive in time\n"
        head = f"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode() + body)
        self.transport.close()


def listen(application: Any, host: str, port: int, started: Callable[[str], None]) -> None:
    """Serve until told to stop. *started* is told the address once requests are taken."""
    config = uvicorn.Config(
        application, host=host, port=port, http=Patient, ws="none", lifespan="on", log_level="warning", access_log=False, server_header=False,
        date_header=True, proxy_headers=False, timeout_keep_alive=15, timeout_graceful_shutdown=5, backlog=1024,
    )  # fmt: skip
    server = _Server(config)
    server.told = started
    server.run()


class _Server(uvicorn.Server):
    told: Callable[[str], None]

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        for one in self.servers if self.started else ():
            for socket in one.sockets:
                address, port = socket.getsockname()[:2]
                self.told(f"http://{f'[{address}]' if ':' in address else address}:{port}")
