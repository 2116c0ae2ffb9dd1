"""Reads tagged sounds: whole where they are short, pieces from all over where they are long."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from handful.containers import shortage
from handful.errors import UnreadableError
from handful.sounds.base import Sound, check_rate
from handful.sounds.files import until_cut, with_av, with_soundfile
from handful.sounds.reading import resampled

WHOLE_S = 30.0  # what is longer is heard in pieces: time and memory stay bounded
PIECES, PIECE_S = 6, 5.0
SHORTEST_S = 0.05  # one syllable takes longer
_SILENT = 1e-4  # -80 dB of full scale: below what any microphone's own noise gives
_LARGEST = 2.0**31  # whole numbers of 32 bits kept as floats; the squares of more overflow
_FULL_SCALE, _CLIPPED_SHARE = 0.999, 1e-3
Value = TypeVar("Value")


@dataclass(frozen=True)
class Measure:
    """What hearing a sound once tells of it.

    Attributes
    ----------
    rate_hz : float
    seconds : float
    silent : bool
        Nothing in it is louder than -80 dB of full scale.
    clipped : bool
        One sample in a thousand or more lies at full scale: it was recorded too loud.
    """

    rate_hz: float
    seconds: float
    silent: bool
    clipped: bool


def measure(source: Path | bytes) -> Measure:
    """Rate, length, silence and clipping of a sound, in constant memory.

    Raises
    ------
    UnreadableError
        It is no sound, it is damaged, cut off before its header says, too short, or holds
        values that are no numbers.
    """
    return _heard(source, _measured)


def read_clip(source: Path | bytes, *, rate_hz: float) -> np.ndarray:
    """A sound's samples: all of up to 30 s, else six pieces of 5 s spread evenly over it.

    Parameters
    ----------
    source : Path or bytes
    rate_hz : float
        It is resampled to this rate.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        The mean of all channels, full scale -1 to 1.

    Raises
    ------
    UnreadableError
        As `measure`.
    """
    found = measure(source)
    if found.seconds <= WHOLE_S:
        samples = _heard(source, lambda sound: np.concatenate(list(sound.blocks())))
    else:
        samples = _heard(source, lambda sound: _pieces(sound, found.seconds))
    if found.rate_hz != rate_hz:
        samples = resampled(samples, found.rate_hz, rate_hz)
    return samples


def _heard(source: Path | bytes, hear: Callable[[Sound], Value]) -> Value:
    """What `hear` makes of a sound; every error in words that follow the file's name."""
    try:
        with _opened(source) as sound:
            heard = hear(sound)
            if sound.damage:
                raise UnreadableError(sound.damage)
            return heard
    except OSError as error:
        raise UnreadableError(f"cannot be opened: {(error.strerror or 'error').lower()}") from error
    except ValueError as error:
        raise UnreadableError(f"cannot be used as a sound: {error}") from error


@contextmanager
def _opened(source: Path | bytes) -> Iterator[Sound]:
    data = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    with data:
        if not data.read(1):
            raise UnreadableError("it is empty")
        lack = shortage(data)
        data.seek(0)
        sound = with_soundfile(data, "it")
        if sound is None:
            data.seek(0)
            sound = with_av(data, "it")
        check_rate(sound.rate_hz, "it")
        sound.source = until_cut(sound.source, sound, lambda: lack)
        yield sound


def _measured(sound: Sound) -> Measure:
    n_samples = n_full = 0
    peak = 0.0
    for block in sound.blocks():
        if not np.isfinite(block).all():
            raise UnreadableError("it holds values that are no numbers (NaN or infinity)")
        size = np.abs(block)
        n_samples += len(block)
        n_full += int((size >= _FULL_SCALE).sum())
        peak = max(peak, float(size.max(initial=0)))
        if peak > _LARGEST:
            raise UnreadableError(f"it holds values of {peak:.2g} times full scale: it is damaged")
    seconds = n_samples / sound.rate_hz
    if seconds < SHORTEST_S:
        raise UnreadableError(f"it lasts {seconds:.3f} s; {SHORTEST_S} s are the least")
    return Measure(sound.rate_hz, seconds, peak < _SILENT, n_full >= _CLIPPED_SHARE * n_samples)


def _pieces(sound: Sound, seconds: float) -> np.ndarray:
    """Pieces of a long sound, evenly spread, the first at its beginning, the last at its end."""
    length = int(PIECE_S * sound.rate_hz)
    last = round(seconds * sound.rate_hz) - length
    starts = np.linspace(0, last, PIECES).astype(np.int64)
    samples = np.zeros((PIECES, length), np.float32)
    at = 0
    for block in sound.blocks():
        for piece, start in zip(samples, starts, strict=True):
            begin, end = max(at, start), min(at + len(block), start + length)
            if begin < end:
                piece[begin - start : end - start] = block[begin - at : end - at]
        at += len(block)
    return samples.ravel()
