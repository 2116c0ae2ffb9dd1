"""Sound from a pipe: a container like WAV, or raw samples."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy as np

from handful.containers import Passed
from handful.errors import InputError, UnreadableError
from handful.sounds.base import PIPE, Sound, check_rate, to_float
from handful.sounds.files import until_cut, with_av

_PIECE = 1 << 15
_EMPTY = "nothing comes out of the pipe: not a single byte of sound"


class _Pipe:
    """Hands on whatever has come, so that nothing waits for a buffer to fill.

    A decoder would turn Ctrl-C into an error of its own: here the stream ends, and the
    interruption is raised behind the last block.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.passed = Passed()
        self._interrupted = False

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; none at the end."""
        read = getattr(self._stream, "read1", self._stream.read)
        try:
            piece = b"" if self._interrupted else bytes(read(size if size > 0 else _PIECE))
        except KeyboardInterrupt:
            self._interrupted, piece = True, b""
        self.passed.add(piece)
        return piece

    def shortage(self) -> str:
        """What is missing of a stream that ended by itself."""
        return "" if self._interrupted else self.passed.shortage()

    def checked(self, blocks: Iterable[np.ndarray], sound: Sound) -> Iterator[np.ndarray]:
        """The blocks; then the interruption, if there was one."""
        yield from blocks
        if self._interrupted:
            sound.damage = ""
            raise KeyboardInterrupt
        if not self.passed.size:
            raise UnreadableError(_EMPTY)


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
    pipe = _Pipe(stream)
    if rate_hz is None:
        try:
            sound = with_av(pipe, "standard input")
        except UnreadableError as error:
            raise UnreadableError(_EMPTY) if not pipe.passed.size else error from None
        check_rate(sound.rate_hz, "the sound in the pipe")
        sound.name = PIPE
        sound.source = until_cut(sound.source, sound, pipe.shortage)
    else:
        check_rate(rate_hz, "the sound in the pipe")
        sound = Sound(PIPE, float(rate_hz), _raw(pipe))
    sound.source = pipe.checked(sound.source, sound)
    sound.live, sound.seconds = True, None
    return sound


def _raw(pipe: _Pipe) -> Iterator[np.ndarray]:
    rest = b""
    while piece := pipe.read(_PIECE):
        rest += piece
        whole = len(rest) // 2 * 2
        yield to_float(np.frombuffer(rest[:whole], "<i2"))
        rest = rest[whole:]
