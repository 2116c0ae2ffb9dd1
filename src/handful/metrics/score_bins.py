"""Bins for scores of unknown range: fine near 0 and near 1, where probabilities crowd."""

from __future__ import annotations

from typing import final

import numpy as np

_BITS = 14  # of the fraction: each power of two is cut into 2^14 bins
_FIRST, _LAST = -53, 20  # powers of two told apart: from the rounding of 1 to a million
_FRACTION_BITS = 52  # of a float64, IEEE 754
_BIAS = 1023  # of its exponent
_REACH = (_LAST - _FIRST) << _BITS  # bins on one side of 0
_TO_HALF = (-1 - _FIRST) << _BITS  # bins from 0 to 1/2

N_BINS = 2 * (_REACH + _TO_HALF + 1)


@final
class ScoreBins:
    """Counts of both classes in each bin.

    Attributes
    ----------
    counts : ndarray of int64, shape (N_BINS, 2)
        Negatives and positives.
    mixed : ndarray of bool, shape (N_BINS,)
        Whether a bin holds different scores: where it does not, ties within it are real.
    """

    def __init__(self) -> None:
        self.counts = np.zeros((N_BINS, 2), np.int64)
        self.mixed = np.zeros(N_BINS, bool)
        self._first = np.full(N_BINS, np.nan)

    def add(self, truth: np.ndarray, scores: np.ndarray) -> None:
        """Count booleans and scores, both of shape (n_samples,)."""
        bins = bins_of(scores)
        new = np.isnan(self._first[bins])
        self._first[bins[new]] = scores[new]
        self.mixed[bins[self._first[bins] != scores]] = True
        self.counts += np.bincount(2 * bins + truth, minlength=2 * N_BINS).reshape(-1, 2)


def bins_of(scores: np.ndarray) -> np.ndarray:
    """Bin of each score, int64 (n_samples,), never falling as the score rises.

    The leading bits of a float are the bin: its power of two and 14 more. Scores from 1/2 up are
    taken by their distance to 1, which is exact there, so that 0.99999 and 0.999999 differ.

    Examples
    --------
    >>> bool(np.all(np.diff(bins_of(np.array([-5.0, 0.0, 1e-6, 0.5, 0.999999, 1.0, 7.0]))) > 0))
    True
    """
    wide = scores.astype(np.float64, copy=False)
    upper = wide >= 0.5
    distance = np.where(upper, 1 - wide, wide)
    bits = distance.view(np.int64)
    places = (bits & 0x7FFFFFFFFFFFFFFF) >> (_FRACTION_BITS - _BITS)
    np.clip(places, (_BIAS + _FIRST) << _BITS, (_BIAS + _LAST) << _BITS, out=places)
    places -= (_BIAS + _FIRST) << _BITS
    np.negative(places, out=places, where=bits < 0)
    # Signed, -_REACH to _TO_HALF: rising from the bottom up to 1/2, then falling from the top.
    return np.asarray(np.where(upper, N_BINS - 1 - _REACH - places, _REACH + places))


def lowest_scores(bins: np.ndarray) -> np.ndarray:
    """Lowest float64 of each bin, (n_bins,): from there up is what that bin and all above hold.

    Found by bisection over all floats, so that it is the inverse of `bins_of` by construction.

    Examples
    --------
    >>> float(lowest_scores(bins_of(np.array([0.25])))[0])
    0.25
    """
    below = np.full(len(bins), _place(-np.inf), np.int64)
    reached = np.full(len(bins), _place(np.inf), np.int64)
    for _ in range(64):  # as many bits as a float has
        middle = below // 2 + reached // 2 + (below & reached & 1)
        inside = bins_of(_float_at(middle)) >= bins
        reached = np.where(inside, middle, reached)
        below = np.where(inside, below, middle)
    return _float_at(reached)


def _place(value: float) -> int:
    """Rank of a float64 among all of them, 0 for 0."""
    return int(np.float64(value).view(np.int64)) if value >= 0 else -_place(-value)


def _float_at(places: np.ndarray) -> np.ndarray:
    """Float64 of each rank."""
    sizes = np.abs(places).view(np.float64)
    return np.asarray(np.where(places < 0, -sizes, sizes))
