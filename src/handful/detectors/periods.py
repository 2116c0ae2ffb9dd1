"""How long one repetition takes: the likeness of a movement with itself some time later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FINER = 4  # lags are looked at in quarters of a slot
_NEARLY_BEST = 0.8  # the first peak this near to the best is the period, later ones multiples
# A rhythm of 4.5 slots is seen in other moments every second time, and looks less alike.
_FEW_SLOTS, _NEARLY_BEST_IN_FEW = 5.2, 0.6
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


def autocorrelation(flows: np.ndarray, longest: float) -> np.ndarray:
    """Likeness of a movement with itself later, summed over the blocks.

    Parameters
    ----------
    flows : ndarray of float, shape (n_slots, n_flows)
    longest : float
        Largest lag, in slots.

    Returns
    -------
    ndarray of float64, shape (longest * FINER + 1,)
        For each lag, in steps of 1 / FINER of a slot, the cosine between the parts that overlap,
        from -1 to 1; 0 where nothing moves. Between whole slots by the spectrum, because a rhythm
        of 4.5 slots would else seem less alike after one repetition than after two.
    """
    n = len(flows)
    size = 1 << (n + int(longest) + 1).bit_length()
    spectrum = np.fft.rfft(flows, size, axis=0)
    power = (np.square(spectrum.real) + np.square(spectrum.imag)).sum(axis=1)
    power[-1] *= 0.5  # the highest frequency stood for two
    lags = np.arange(int(longest * FINER) + 1) / FINER
    products = np.fft.irfft(power, size * FINER)[: len(lags)] * FINER
    energy = np.concatenate([[0.0], np.cumsum(np.einsum("ij,ij->i", flows, flows, dtype=float))])
    slots = np.arange(n + 1)
    both = np.interp(n - lags, slots, energy) * (energy[n] - np.interp(lags, slots, energy))
    floor = 1e-12 * energy[n] ** 2
    likeness: np.ndarray = np.where(both > floor, products / np.sqrt(both + (both <= floor)), 0.0)
    return likeness


def peaks(likeness: np.ndarray, first: float, last: float) -> tuple[np.ndarray, np.ndarray]:
    """Lags in slots and heights of the peaks from `first` to `last`, refined by parabolas."""
    at = np.arange(max(int(first * FINER), 1), min(int(last * FINER), len(likeness) - 1))
    at = at[(likeness[at] >= likeness[at - 1]) & (likeness[at] > likeness[at + 1])]
    left, middle, right = likeness[at - 1], likeness[at], likeness[at + 1]
    shift = 0.5 * (left - right) / (left - 2 * middle + right)
    return (at + shift) / FINER, middle - 0.25 * (left - right) * shift


def find_period(flows: np.ndarray, shortest: float, longest: float) -> Period | None:
    """The rhythm of a movement, None where there is none at all.

    Parameters
    ----------
    flows : ndarray of float, shape (n_slots, n_flows)
    shortest, longest : float
        Slots that a repetition may take.
    """
    last = min(longest, _MOST_OF_IT * len(flows))
    if last < 3:
        return None
    likeness = autocorrelation(flows - flows.mean(axis=0), last + 1)
    lags, heights = peaks(likeness, shortest, last)
    if not len(lags) or heights.max() <= 0:
        return None
    share = np.where(lags < _FEW_SLOTS, _NEARLY_BEST_IN_FEW, _NEARLY_BEST)
    first = int(np.argmax(heights >= share * heights.max()))
    return Period(float(lags[first]), float(heights[first]))


def near_period(flows: np.ndarray, period: float) -> Period | None:
    """How long repetitions take in a short stretch, known how long they take about there."""
    low, high = (factor * period for factor in _NEAR)
    last = min(high, len(flows) - 2)
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


def explained(flows: np.ndarray, causes: np.ndarray) -> float:
    """Share of the variance of flows that is a linear function of causes, 0 to 1.

    Parameters
    ----------
    flows, causes : ndarray of float, shape (n_slots, n_flows) and (n_slots, n_causes)

    >>> causes = np.array([[0.0], [1], [2], [3]])
    >>> round(explained(np.hstack([2 * causes, [[0], [3], [-3], [0]]]), causes), 3)
    0.574
    """
    flows, causes = flows - flows.mean(axis=0), causes - causes.mean(axis=0)
    weights, *_ = np.linalg.lstsq(causes, flows, rcond=None)
    total = float(np.vdot(flows, flows))
    return float(np.vdot(flows, causes @ weights)) / total if total else 0.0


def one_way(flows: np.ndarray) -> float:
    """Share of the way that leads on in one direction, 1 for what never turns back.

    Parameters
    ----------
    flows : ndarray of float, shape (n_slots, 2 * n_blocks)
        Movement down, then movement to the right.

    >>> there = np.tile([[1.0, 0.5]], (4, 1))
    >>> round(one_way(there), 3), round(one_way(np.concatenate([there, -there])), 3)
    (1.0, 0.0)
    """
    steps = flows.reshape(len(flows), 2, -1).sum(axis=2)
    way = np.sqrt(np.square(steps).sum(axis=1)).sum()
    return float(np.sqrt(np.square(steps.sum(axis=0)).sum()) / way) if way else 0.0


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
