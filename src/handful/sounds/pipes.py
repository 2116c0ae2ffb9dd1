"""Sound from a pipe: a container like WAV, or raw samples."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from handful.errors import InputError
from handful.sounds.base import Sound, check_rate, to_float
from handful.sounds.files import with_av

_PIECE = 1 << 15


class _Pipe:
    """Hands on whatever has come, so that nothing waits for a buffer to fill."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; none at the end."""
        read = getattr(self._stream, "read1", self._stream.read)
        return bytes(read(size if size > 0 else _PIECE))


def open_pipe(stream: BinaryIO | None = None, *, rate_hz: float | None = None) -> Sound:
    """The sound that comes through a pipe.

    Parameters
    ----------
    stream : binary file, optional
        By default standard input.
    rate_hz : float, optional
        Given, the pipe holds nothing but samples, 16 bit, little-endian, one channel; otherwise
        a container that says so itself, like WAV.

    Raises
    ------
    InputError
        Nothing is piped in.
    UnreadableError
        It is no sound.
    """
    if stream is None:
        if sys.stdin is None or sys.stdin.isatty():
            raise InputError("nothing is piped in: try `handful listen - < sound.wav`")
        stream = sys.stdin.buffer
    if rate_hz is None:
        sound = with_av(_Pipe(stream), "-")
        check_rate(sound.rate_hz, "the sound in the pipe")
    else:
        check_rate(rate_hz, "the sound in the pipe")
        sound = Sound("-", float(rate_hz), _raw(_Pipe(stream)))
    sound.live, sound.seconds = True, None
    return sound


def _raw(pipe: _Pipe) -> Iterator[np.ndarray]:
    rest = b""
    while piece := pipe.read(_PIECE):
        rest += piece
        whole = len(rest) // 2 * 2
        yield to_float(np.frombuffer(rest[:whole], "<i2"))
        rest = rest[whole:]
