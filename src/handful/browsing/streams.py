"""What a page's camera and microphone send: who sends it, and the pages of what came of it."""

from __future__ import annotations

import threading
import time
import uuid
from typing import Any, Protocol

from handful.browsing.refusals import Refused

_MOST_OPEN, _PAGES = 8, 8
_SILENT_S = 120.0  # a page that went away; one that is open sends something every few seconds


class Stream(Protocol):
    """Something that comes piece by piece."""

    def take(self, data: bytes) -> dict[str, Any]:
        """How things stand after more of it."""
        ...

    def end(self) -> tuple[dict[str, Any], str]:
        """What came of it, as the command prints it with --json and as its page."""
        ...

    def drop(self) -> None:
        """Leave nothing behind."""
        ...


class Streams:
    """The streams that are open, and the pages of those that ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}
        self._pages: dict[str, str] = {}

    def open(self, stream: Stream) -> str:
        """The name under which it goes on.

        Raises
        ------
        Refused
            Too many are open.
        """
        with self._lock:
            self._sweep()
            if len(self._open) >= _MOST_OPEN:
                stream.drop()
                raise Refused(429, f"{_MOST_OPEN} cameras and microphones are open already: close "
                                   "some of the pages.")  # fmt: skip
            name = uuid.uuid4().hex
            self._open[name] = _Open(stream)
            return name

    def take(self, name: str, data: bytes) -> dict[str, Any]:
        """How things stand after more of it."""
        found = self._found(name)
        with found.lock:
            found.asked_s = time.monotonic()
            return found.stream.take(data)

    def end(self, name: str) -> dict[str, Any]:
        """What came of it, with the address of its page."""
        found = self._found(name, last=True)
        with found.lock:
            try:
                result, page = found.stream.end()
            finally:
                found.stream.drop()
        return {"result": result, "page": self.keep(page)}

    def drop(self, name: str) -> None:
        """Forget it."""
        with self._lock:
            found = self._open.pop(name, None)
        if found is not None:
            with found.lock:
                found.stream.drop()

    def keep(self, page: str) -> str:
        """The address of a page; the last few are kept."""
        name = uuid.uuid4().hex
        with self._lock:
            self._pages[name] = page
            while len(self._pages) > _PAGES:
                del self._pages[next(iter(self._pages))]
        return f"/seen/{name}"

    def page(self, name: str) -> str:
        """A page that was kept.

        Raises
        ------
        Refused
            It is no longer kept.
        """
        with self._lock:
            if name not in self._pages:
                raise Refused(404, "this page is no longer kept.")
            return self._pages[name]

    def _found(self, name: str, *, last: bool = False) -> _Open:
        with self._lock:
            self._sweep()
            if name not in self._open:
                raise Refused(410, "the studio no longer knows this recording: start it anew.")
            return self._open.pop(name) if last else self._open[name]

    def _sweep(self) -> None:
        """Forget those of pages that went away without a word."""
        now_s = time.monotonic()
        for name, found in list(self._open.items()):
            if now_s - found.asked_s > _SILENT_S:
                del self._open[name]
                found.stream.drop()


class _Open:
    def __init__(self, stream: Stream) -> None:
        self.stream, self.lock, self.asked_s = stream, threading.Lock(), time.monotonic()
