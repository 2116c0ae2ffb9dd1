"""Opens whatever can be listened to: a file, a microphone, a pipe, samples from Python."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

import numpy as np

from handful.errors import InputError
from handful.sounds.base import Sound, check_rate, to_float
from handful.sounds.files import open_file, with_av, with_soundfile
from handful.sounds.microphone import WORD, open_microphone
from handful.sounds.mixing import mixed
from handful.sounds.pipes import open_pipe

Source = str | Path | IO[bytes] | Iterable[np.ndarray]
_MOST_CHANNELS = 64  # more are samples: the array lies on its side


def open_sound(source: Source, *, rate_hz: float | None = None) -> Sound:
    """The sound of a source.

    Parameters
    ----------
    source : str, Path or iterable of ndarray
        A file, or one that is open for reading bytes; ``microphone`` or ``microphone:NAME``;
        ``-`` for standard input; or blocks of samples of any size, shape (n_samples,) or
        (n_samples, n_channels).
    rate_hz : float, optional
        Needed for blocks; for a pipe it says that raw 16-bit samples come.

    Raises
    ------
    InputError
        With what to do.
    """
    if isinstance(source, str | os.PathLike):
        text = os.fspath(source)
        if text == "-":
            return open_pipe(rate_hz=rate_hz)
        word, _, device = text.partition(":")
        if word == WORD and not Path(text).exists():
            return open_microphone(device, rate_hz=rate_hz)
        if rate_hz is not None:
            raise InputError("a file says its rate itself: leave out --rate-hz")
        return open_file(Path(text))
    if hasattr(source, "read"):
        return _open_stream(cast(IO[bytes], source), rate_hz)
    if rate_hz is None:
        raise InputError("blocks of samples do not say their rate: give rate_hz, like 48000")
    check_rate(rate_hz, "the sound")
    sound = Sound("samples", float(rate_hz), (), live=True)
    sound.source = mixed(_blocks(source), sound)
    return sound


def _open_stream(stream: IO[bytes], rate_hz: float | None) -> Sound:
    if isinstance(stream, io.TextIOBase):
        raise InputError("the file is open as text: open it for bytes, like open(name, 'rb')")
    name = str(getattr(stream, "name", "stream"))
    if rate_hz is None and stream.seekable():
        sound = with_soundfile(stream, name)
        if sound is None:
            stream.seek(0)
            sound = with_av(stream, name)
        check_rate(sound.rate_hz, name)
        return sound
    sound = open_pipe(cast("io.BufferedReader", stream), rate_hz=rate_hz)
    sound.name = name
    return sound


def _blocks(source: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    if isinstance(source, np.ndarray):
        source = [source]
    for block in source:
        samples = to_float(block)
        if samples.ndim not in (1, 2):
            raise InputError(
                f"a block of samples has the shape {samples.shape}; it takes (n_samples,) or "
                "(n_samples, n_channels)"
            )
        if samples.ndim == 2 and samples.shape[1] > _MOST_CHANNELS:
            raise InputError(
                f"a block of the shape {samples.shape} would have {samples.shape[1]} channels; it "
                "takes (n_samples, n_channels): turn it with .T"
            )
        yield samples
