"""Videos that come through a pipe, whose end cannot be looked at first."""

from __future__ import annotations

import shutil
import tempfile
from typing import IO, Any

_HEAD = 256  # bytes in which an MP4 file says in which order its parts come


def piped(stream: IO[bytes]) -> Any:
    """The stream as a decoder can read it.

    Most formats are read as they come. An MP4 file whose index stands behind its pictures cannot
    be: it is copied to a temporary file first, which goes away by itself.
    """
    head = _read(stream, _HEAD)
    if not _index_comes_last(head):
        return _Begun(head, stream)
    copy = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the container that reads it
    copy.write(head)
    shutil.copyfileobj(stream, copy)
    copy.seek(0)
    return copy


class _Begun:
    """A stream of which the first bytes were read already."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self._head = head
        self._next = getattr(stream, "read1", stream.read)  # what is there, without waiting for all

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, as many as there are."""
        if self._head:
            part, self._head = self._head[:size], self._head[size:]
            return part
        rest: bytes = self._next(size)
        return rest


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
