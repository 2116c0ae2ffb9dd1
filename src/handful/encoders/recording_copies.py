"""Sensor recordings that are copies of one another: the same values, or most of them in a row."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from handful.encoders.sketches import N_BITS, shared, sketch

DIGITS = 5  # that count
STEPS = 16  # that are looked at together
VALUES = 8  # different ones that such steps hold at least: simple steps occur anywhere
SHARED = 0.7  # of the runs of steps that two recordings hold together


class RecordingCopies:
    """Compares recordings by their runs of 16 steps, or as a whole where all runs are simple.

    Parameters
    ----------
    every : int
        How many steps were averaged into one.
    """

    width = N_BITS

    def __init__(self, every: int) -> None:
        self.key = f"recording-copies-1-{every}"

    def transform(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """The sketch of each recording's runs, float32 (n_samples, width)."""
        return np.stack([sketch(_members(values)) for values in batch])

    def pairs(self, prints: np.ndarray) -> np.ndarray:
        """Pairs of recordings that are copies of one another, int64 (n_pairs, 2)."""
        found = [np.empty((0, 2), np.int64)]
        for start, share in shared(prints):
            left, right = np.nonzero(np.triu(share >= SHARED, 1))
            found.append(np.stack([left, right], axis=1) + start)
        return np.concatenate(found)


def _members(values: np.ndarray) -> np.ndarray:
    """Hashes of the runs of a recording (n_channels, n_steps), uint32 (n_members,)."""
    steps = np.ascontiguousarray(rounded(values).T)
    runs = [steps[at : at + STEPS] for at in range(len(steps) - STEPS + 1)]
    telling = [run for run in runs if len(np.unique(run)) >= VALUES] or [steps]
    return np.array([crc32(run.tobytes()) for run in telling], np.uint32)


def rounded(values: np.ndarray) -> np.ndarray:
    """Values to `DIGITS` digits that count, float32 of the same shape; never -0."""
    exact = values.astype(np.float64)
    size = np.floor(np.log10(np.maximum(np.abs(exact), 1e-30)))
    unit = 10.0 ** (size - DIGITS + 1)
    return np.asarray(np.rint(exact / unit) * unit + 0.0, np.float32)
