"""Sounds that are copies of one another: the same course of levels, wherever it begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from handful.encoders.spectra import mel_bands

RATE_HZ = 8000
SAME_COURSE = 0.7  # correlation of the levels' fine course at the best shift
_N_FRAMES, _N_BANDS = 256, 24
_FRAME, _HOP = 512, 160  # samples: 64 ms every 20 ms
_RANGE_DB = 40.0  # what lies further below the loudest is not looked at
_AROUND = (7, 3)  # frames and bands whose mean is taken away: what is left is the fine course
_STEADY_DB = 0.1  # sounds that waver less have no course that could be told from another
_LEAST_FRAMES = 6.0  # over which its energy is spread, at least
_APART, _REPEATS = 4, 0.6  # frames from which on it must not be like itself, and how much
_CANDIDATES = 16  # sounds that each is compared with at every shift
_BLOCK, _PAIRS_AT_ONCE = 512, 256


class SoundCopies:
    """Compares sounds by how the levels of 24 bands waver as time passes, at every shift.

    Loudness and the course as a whole, which all barks share, are not seen. What is longer than
    7 s is looked at in steps twice, four times ... as long. Every sound is compared with the 16
    whose levels waver at the most similar rates, so time and memory stay bounded.
    docs/near-copies.md shows how the bound was found and what slips through.
    """

    key = "sound-copies-1"
    width = _N_FRAMES * _N_BANDS

    def transform(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """Levels of sounds at 8 kHz, of length 1 together, float32 (n_samples, width)."""
        return np.stack([_levels(samples).ravel() for samples in batch])

    def pairs(self, prints: np.ndarray) -> np.ndarray:
        """Pairs of sounds that are copies of one another, int64 (n_pairs, 2)."""
        maps = prints.reshape(len(prints), _N_BANDS, _N_FRAMES)
        pairs = _candidates(maps)
        pairs = pairs[_is_telling(maps)[pairs].all(axis=1)]
        parts = np.array_split(pairs, len(pairs) // _PAIRS_AT_ONCE + 1)
        return np.concatenate([part[_at_best(maps, part) >= SAME_COURSE] for part in parts])


def _levels(samples: np.ndarray) -> np.ndarray:
    """Decibels of mel bands less the mean around each, float32 (_N_BANDS, _N_FRAMES)."""
    whole = np.pad(samples, (0, max(0, _FRAME - len(samples))))
    frames = sliding_window_view(whole, _FRAME)[::_HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(_FRAME), axis=1)) ** 2
    bands = power @ mel_bands(rate_hz=RATE_HZ, length=_FRAME, n_mels=_N_BANDS).T
    together = 1 << max(0, round(np.log2(len(bands) / _N_FRAMES)))
    bands = np.add.reduceat(bands, np.arange(0, len(bands), together), axis=0)
    floor = max(bands.max() * 10 ** (-_RANGE_DB / 10), 1e-20)
    level_db = 10 * np.log10(bands + floor)
    fine = level_db - _around(level_db, _AROUND[0])
    fine = (fine.T - _around(fine.T, _AROUND[1]))[:, :_N_FRAMES]
    found = np.zeros((_N_BANDS, _N_FRAMES), np.float32)
    found[:, : fine.shape[1]] = fine
    return found / np.float32(max(np.linalg.norm(fine), _STEADY_DB * np.sqrt(fine.size)))


def _around(values: np.ndarray, n: int) -> np.ndarray:
    """The mean of each row and those around it, n in all."""
    edged = np.pad(values, ((n // 2, n // 2), (0, 0)), mode="edge")
    return np.asarray(sliding_window_view(edged, n, axis=0).mean(axis=-1))


def _is_telling(maps: np.ndarray) -> np.ndarray:
    """Whether the course of each is like no other's by nature, bool (n,).

    A single knock is over in a few frames, and what repeats (ticks, a motor) fits every other of
    its kind: such sounds agree without being copies.
    """
    energy = np.square(maps).sum(axis=1, dtype=np.float64)
    frames = energy.sum(axis=1) ** 2 / np.maximum(np.square(energy).sum(axis=1), 1e-12)
    places = np.arange(len(maps))
    own = [_courses(maps, np.stack([part, part], axis=1))
           for part in np.array_split(places, len(places) // _PAIRS_AT_ONCE + 1)]  # fmt: skip
    course = np.concatenate(own)
    again = course[:, _APART : _N_FRAMES - _APART + 1].max(axis=1)
    return np.asarray((frames >= _LEAST_FRAMES) & (again < _REPEATS * course[:, 0]))


def _candidates(maps: np.ndarray) -> np.ndarray:
    """Pairs of sounds whose levels change at similar rates, which no shift alters."""
    n = len(maps)
    rates = np.concatenate([np.abs(np.fft.rfft(part)).reshape(len(part), -1).astype(np.float32)
                            for part in np.array_split(maps, n // _BLOCK + 1)])  # fmt: skip
    rates -= rates.mean(axis=0)
    rates /= np.maximum(np.linalg.norm(rates, axis=1, keepdims=True), 1e-9)
    most = min(_CANDIDATES, n - 1)
    pairs = [np.empty((0, 2), np.int64)]
    for start in range(0, n if most else 0, _BLOCK):
        alike = rates[start : start + _BLOCK] @ rates.T
        own = np.arange(len(alike))
        alike[own, start + own] = -np.inf
        nearest = np.argpartition(alike, -most, axis=1)[:, -most:]
        pairs.append(np.stack([np.repeat(start + own, most), nearest.ravel()], axis=1))
    return np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0)


def _at_best(maps: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Correlation of each pair at the shift where it is highest, float (n_pairs,)."""
    return np.asarray(_courses(maps, pairs).max(axis=1)) if len(pairs) else np.empty(0)


def _courses(maps: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Correlation of each pair at every shift, float (n_pairs, _N_FRAMES)."""
    left, right = np.fft.rfft(maps[pairs[:, 0]]), np.fft.rfft(maps[pairs[:, 1]])
    return np.asarray(np.fft.irfft((left * right.conj()).sum(axis=1), n=_N_FRAMES))
