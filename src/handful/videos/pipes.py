"""Videos that come through a pipe, whose end cannot be looked at first."""

from __future__ import annotations

import tempfile
from typing import IO, Any

from handful.containers import Passed

_HEAD = 256  # bytes in which an MP4 file says in which order its parts come
_PIECE = 1 << 16


class Piped:
    """A stream as a decoder can read it, and what came through it.

    Most formats are read as they come. An MP4 file whose index stands behind its pictures cannot
    be: it is copied to a temporary file first, which goes away by itself.

    A decoder would turn Ctrl-C into an error of its own. Here the stream ends instead.

    Parameters
    ----------
    stream : binary file
        Its first bytes are read at once.

    Attributes
    ----------
    passed : Passed
    interrupted : bool
        Whether Ctrl-C came while the next bytes were waited for.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.passed = Passed()
        self._next = getattr(stream, "read1", stream.read)  # what is there, without waiting for all
        self.interrupted = False
        self._head = _read(stream, _HEAD)

    @property
    def empty(self) -> bool:
        """Whether nothing came at all."""
        return not self._head

    def stream(self) -> Any:
        """What the decoder reads."""
        if not _index_comes_last(self._head):
            return self
        copy = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the container that reads it
        while part := self.read(_PIECE):
            copy.write(part)
        copy.seek(0)
        return copy

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, as many as there are; none at the end."""
        part, self._head = self._head[:size], self._head[size:]
        if not part and not self.interrupted:
            try:
                part = self._next(size)
            except KeyboardInterrupt:
                self.interrupted = True
        self.passed.add(part)
        return part


def _read(stream: IO[bytes], size: int) -> bytes:
    parts = b""
    while len(parts) < size and (part := stream.read(size - len(parts))):
        parts += part
    return parts


def _index_comes_last(head: bytes) -> bool:
    """Whether an MP4's pictures (mdat) come before its index (moov); ISO/IEC 14496-12, 4.2."""
    at = 0
    while at + 8 <= len(head):
        size, kind = int.from_bytes(head[at : at + 4]), head[at + 4 : at + 8]
        if not at and kind != b"ftyp":
            return False
        if kind in (b"moov", b"mdat"):
            return kind == b"mdat"
        at += max(size, 8)
    return False
