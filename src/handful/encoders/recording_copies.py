"""Sensor recordings that are copies of one another: the same ups and downs."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from handful.encoders.sketches import N_BITS, shared, sketch

DIGITS = 5  # that count
STEPS = 24  # that are looked at together
TURNS = 8  # between up, down and level in such steps at least: smooth steps occur anywhere
SHARED = 0.5  # of the runs of steps that two recordings hold together


class RecordingCopies:
    """Compares recordings by runs of 24 ups and downs, or by all their values.

    The latter where the former say little: smooth ones, or the same over and over. What noise
    makes of a recording is its own, and neither an offset nor another unit changes it.
    docs/near-copies.md shows how the bounds were found and what slips through.

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
    ways = np.ascontiguousarray(np.sign(np.diff(values)).astype(np.int8).T)
    turns = np.pad(np.cumsum(np.diff(ways, axis=0) != 0, axis=0), ((1, 0), (0, 0)))
    ends = np.arange(STEPS - 1, len(turns))
    telling = ends[(turns[ends] - turns[ends - STEPS + 1]).max(axis=1) >= TURNS]
    runs = {ways[end - STEPS + 1 : end + 1].tobytes() for end in telling}
    if 2 * len(runs) <= len(telling):  # smooth, or the same over and over
        runs = {_rounded(values).tobytes()}
    return np.array([crc32(run) for run in runs], np.uint32)


def _rounded(values: np.ndarray) -> np.ndarray:
    """Values to `DIGITS` digits that count, float32 of the same shape; never -0."""
    exact = values.astype(np.float64)
    size = np.floor(np.log10(np.maximum(np.abs(exact), 1e-30)))
    unit = 10.0 ** (size - DIGITS + 1)
    return np.asarray(np.rint(exact / unit) * unit + 0.0, np.float32)
