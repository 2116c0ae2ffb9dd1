"""Every request passes here: it is timed, counted, logged; a refused one is read to its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handful.serving.counters import Counters
from handful.serving.logs import tell

_DRAIN_B = 1_000_000_000  # beyond, a client is cut off though it may miss the reason
_PAUSE_S = 1.0  # a client that sends nothing for so long is reading already, or not at all
_UNKNOWN = "unknown"
_LATE = 408  # then enough was waited
_QUIET = ("/health", "/ready", "/metrics")  # asked every few seconds: counted, not logged
_METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")


@dataclass
class Passage:
    """One request on its way through.

    Attributes
    ----------
    status : int
        0 before there is an answer.
    body_b : int
        Bytes of the body that arrived.
    arrived : bool
        Whether the body is complete, or its sender gone.
    """

    scope: Scope
    started_s: float
    status: int = 0
    body_b: int = 0
    arrived: bool = False


class Gate:
    """The outermost part of the application.

    Parameters
    ----------
    app : ASGI application
    counters : Counters
    timeout_s : float
        For the rest of a refused request to arrive.
    stopping : callable
        Whether the server is ending: then connections are not kept.
    """

    def __init__(
        self,
        app: ASGIApp,
        counters: Counters,
        timeout_s: float,
        stopping: Callable[[], bool],
    ) -> None:
        self._app, self._counters, self._timeout_s = app, counters, timeout_s
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["handful"] = {"id": secrets.token_hex(8)}
        passage = Passage(scope, time.perf_counter(), arrived=_has_no_body(scope))

        async def received() -> Message:
            message = await receive()
            _note(passage, message)
            return message

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                passage.status = message["status"]
                message["headers"] = [*message.get("headers", []), *self._headers(passage)]
                if not passage.arrived and passage.status != _LATE:
                    await self._drain(passage, received)
            await send(message)

        try:
            await self._app(scope, received, sent)
        except Exception as error:  # the last resort: one answer, one line
            logging.getLogger(__name__).error("fault", exc_info=error)
            if not passage.status:
                await _send_fault(sent)
        finally:
            self._note_end(passage)

    def _headers(self, passage: Passage) -> list[tuple[bytes, bytes]]:
        headers = [
            (b"x-request-id", passage.scope["handful"]["id"].encode()),
            (b"x-content-type-options", b"nosniff"),
        ]
        if self._stopping() or not passage.arrived:
            headers.append((b"connection", b"close"))
        return headers

    async def _drain(self, passage: Passage, received: Receive) -> None:
        """Read what is still coming and forget it.

        A client that is answered while it sends, and cut off, often never sees the answer.
        """
        headers = dict(passage.scope["headers"])
        if b"100-continue" in headers.get(b"expect", b"").lower() and not passage.body_b:
            return  # it asked before it sends
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._timeout_s):
                while not passage.arrived and passage.body_b < _DRAIN_B:
                    async with asyncio.timeout(_PAUSE_S):
                        await received()

    def _note_end(self, passage: Passage) -> None:
        scope = passage.scope
        route = getattr(scope.get("route"), "path", _UNKNOWN)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        status = str(passage.status or "gone")
        seconds = time.perf_counter() - passage.started_s
        self._counters.add("handful_requests_total", route=route, method=method, status=status)
        self._counters.took(route, seconds)
        if route in _QUIET and passage.status == 200:
            return
        tell(
            "request",
            **scope["handful"],
            method=method,
            route=route,
            status=passage.status or None,
            seconds=round(seconds, 4),
            bytes=passage.body_b,
        )


def _has_no_body(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" not in headers and headers.get(b"content-length", b"0") == b"0"


def _note(passage: Passage, message: Message) -> None:
    if message["type"] == "http.disconnect":
        passage.arrived = True
    else:
        passage.body_b += len(message.get("body", b""))
        passage.arrived = passage.arrived or not message.get("more_body", False)


async def _send_fault(send: Callable[[Message], Any]) -> None:
    body = json.dumps({"error": "the server failed; its log says where", "files": []}).encode()
    headers = [(b"content-type", b"application/json"),
               (b"content-length", str(len(body)).encode())]  # fmt: skip
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
