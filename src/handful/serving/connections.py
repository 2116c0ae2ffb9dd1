"""Connections that do not wait for ever: for headers that trickle in, for readers that stall."""

from __future__ import annotations

import asyncio
import json

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

ENDING_S = 5.0  # for uploads that are under way when the server is to end


class PatientConnection(H11Protocol):
    """A connection with a limit on how long its client may take; abstract."""

    timeout_s: float
    _headers_timer: asyncio.TimerHandle | None = None
    _reader_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there; its headers are to follow."""
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        """Take what it sends."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._expect_headers()
        else:
            self._stop_expecting_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._stop_expecting_headers()
        self._stop_expecting_reader()
        super().connection_lost(exc)

    def eof_received(self) -> None:
        """It sends no more: a request that breaks off is told so."""
        if self._is_arriving():
            self._refuse(400, "the request breaks off before its end: send it again")

    def shutdown(self) -> None:
        """The server is to end."""
        super().shutdown()
        if self._is_arriving():
            self.loop.call_later(ENDING_S, self._end_upload)

    def pause_writing(self) -> None:
        """It takes its answer more slowly than it is sent."""
        super().pause_writing()
        self._expect_reader()

    def resume_writing(self) -> None:
        """It took enough of its answer."""
        self._stop_expecting_reader()
        super().resume_writing()

    def on_response_complete(self) -> None:
        """The answer is written, perhaps not yet taken."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._expect_reader()

    def send_400_response(self, msg: str) -> None:
        """Say in JSON that this is no HTTP."""
        self._refuse(400, "this is no valid HTTP request")

    def _is_arriving(self) -> bool:
        """Whether a request's headers are here and its body is not."""
        cycle = self.cycle
        return cycle is not None and cycle.more_body and not cycle.response_complete

    def _end_upload(self) -> None:
        if self._is_arriving() and not self.transport.is_closing():
            self._refuse(
                503, "the server is ending, and the request had not arrived: send it again"
            )

    def _expect_headers(self) -> None:
        if self._headers_timer is None:
            self._headers_timer = self.loop.call_later(self.timeout_s, self._late)

    def _stop_expecting_headers(self) -> None:
        if self._headers_timer is not None:
            self._headers_timer.cancel()
            self._headers_timer = None

    def _late(self) -> None:
        self._headers_timer = None
        if not self.transport.is_closing():
            self._refuse(408, f"the headers did not arrive within {self.timeout_s:g} s")

    def _expect_reader(self) -> None:
        if self._reader_timer is None:
            self._reader_timer = self.loop.call_later(self.timeout_s, self._give_up)

    def _stop_expecting_reader(self) -> None:
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None

    def _give_up(self) -> None:
        self._reader_timer = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _refuse(self, status: int, reason: str) -> None:
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        body = json.dumps({"error": reason, "files": []}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        start = h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES[status])
        for event in (start, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def connection_class(timeout_s: float) -> type[PatientConnection]:
    """The kind of connection that has this limit.

    Parameters
    ----------
    timeout_s : float
        For the headers to arrive, and for each stretch in which nothing of an answer is taken.
    """
    return type("Connection", (PatientConnection,), {"timeout_s": timeout_s})
