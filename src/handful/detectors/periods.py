"""How long one repetition takes: the likeness of a movement with itself some time later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_NEARLY_BEST = 0.87  # the first peak this near to the best is the period, later ones multiples
_MOST_OF_IT = 0.6  # of what is remembered: a longer period would be judged on too little
_NEAR = (0.75, 1.3)  # how far single repetitions may stray from the period, as factors


@dataclass(frozen=True)
class Period:
    """A rhythm.

    Attributes
    ----------
    length : float
        Of one repetition, in slots.
    likeness : float
        Of the movement with itself one repetition later, 1 at most.
    """

    length: float
    likeness: float


def autocorrelation(flows: np.ndarray, longest: int) -> np.ndarray:
    """Likeness of a movement with itself later, summed over the blocks.

    Parameters
    ----------
    flows : ndarray of float, shape (n_slots, n_flows)
    longest : int
        Largest lag, in slots.

    Returns
    -------
    ndarray of float64, shape (longest + 1,)
        For each lag the cosine between the parts that overlap, from -1 to 1; 0 where nothing
        moves.
    """
    n = len(flows)
    size = 1 << (n + longest).bit_length()
    spectrum = np.fft.rfft(flows, size, axis=0)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    products = np.fft.irfft(power.sum(axis=1), size)[: longest + 1]
    energy = np.concatenate([[0.0], np.cumsum(np.einsum("ij,ij->i", flows, flows, dtype=float))])
    lags = np.arange(longest + 1)
    both = energy[n - lags] * (energy[n] - energy[lags])
    floor = 1e-12 * energy[n] ** 2
    likeness: np.ndarray = np.where(both > floor, products / np.sqrt(both + (both <= floor)), 0.0)
    return likeness


def peaks(values: np.ndarray, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Places and heights of the peaks from `first` to `last`, between the samples (parabolas)."""
    at = np.arange(max(first, 1), min(last, len(values) - 1))
    at = at[(values[at] >= values[at - 1]) & (values[at] > values[at + 1])]
    left, middle, right = values[at - 1], values[at], values[at + 1]
    shift = 0.5 * (left - right) / (left - 2 * middle + right)
    return at + shift, middle - 0.25 * (left - right) * shift


def find_period(flows: np.ndarray, shortest: float, longest: float) -> Period | None:
    """The rhythm of a movement, None where there is none at all.

    Parameters
    ----------
    flows : ndarray of float, shape (n_slots, n_flows)
    shortest, longest : float
        Slots that a repetition may take.
    """
    last = int(min(longest, _MOST_OF_IT * len(flows)))
    if last < 3:
        return None
    likeness = autocorrelation(flows - flows.mean(axis=0), last + 1)
    lags, heights = peaks(likeness, int(shortest), last)
    if not len(lags) or heights.max() <= 0:
        return None
    first = int(np.argmax(heights >= _NEARLY_BEST * heights.max()))
    return Period(float(lags[first]), float(heights[first]))


def near_period(flows: np.ndarray, period: float) -> Period | None:
    """How long repetitions take in a short stretch, known how long they take about there."""
    low, high = (int(factor * period) for factor in _NEAR)
    last = min(high + 1, len(flows) - 2)
    likeness = autocorrelation(flows - flows.mean(axis=0), last + 1)
    lags, heights = peaks(likeness, low, last)
    if not len(lags):
        return None
    best = int(np.argmax(heights))
    return Period(float(lags[best]), float(heights[best]))


def likeness_to_neighbours(flows: np.ndarray, period: float) -> np.ndarray:
    """For each slot, how like the repetition around it is to the one before or after.

    Parameters
    ----------
    flows : ndarray of float, shape (n_slots, n_flows)
    period : float
        In slots, shorter than half of the slots.

    Returns
    -------
    ndarray of float64, shape (n_slots,)
        The better of both, from -1 to 1.
    """
    n, lag = len(flows), round(period)
    energy = np.einsum("ij,ij->i", flows, flows, dtype=float)
    products = np.einsum("ij,ij->i", flows[lag:], flows[:-lag], dtype=float)
    both = _around(energy[:-lag], lag) * _around(energy[lag:], lag)
    likeness = _around(products, lag) / np.sqrt(both + 1e-9)
    found = np.full(n, -1.0)
    found[: n - lag] = likeness
    found[lag:] = np.maximum(found[lag:], likeness)
    return found


def mean_around(values: np.ndarray, width: float) -> np.ndarray:
    """Mean over `width` slots around each slot, over fewer at both ends; shape (n_slots,)."""
    ones = np.ones(len(values))
    means: np.ndarray = _around(values, round(width)) / _around(ones, round(width))
    return means


def _around(values: np.ndarray, width: int) -> np.ndarray:
    width = max(width, 3)
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=float)])
    start = np.arange(len(values)) - width // 2
    last = len(values)
    around: np.ndarray = sums[(start + width).clip(0, last)] - sums[start.clip(0, last)]
    return around
