"""When something moves in its rhythm: from where to where a bout of repetitions goes."""

from __future__ import annotations

import numpy as np

from handful.detectors.flow_memory import USUAL
from handful.detectors.periods import likeness_to_neighbours, mean_around

_ACTIVE = 0.1  # of the usual energy
_MOVING = 0.15  # of a bout's mean energy; below it has not begun, or is over
_LIKE_NEIGHBOUR = 0.15  # a moment counts where it is like the one a repetition before or after


def active_slots(flows: np.ndarray, period: float) -> np.ndarray:
    """Which slots move about as strongly as usual and are like the repetition before or after.

    Parameters
    ----------
    flows : ndarray of float, shape (n_slots, n_flows)
    period : float
        Slots that a repetition takes.

    Returns
    -------
    ndarray of bool, shape (n_slots,)
    """
    energy = mean_around(np.einsum("ij,ij->i", flows, flows), period)
    strong = energy > _ACTIVE * np.quantile(energy, USUAL)
    alike = likeness_to_neighbours(flows - flows.mean(axis=0), period) > _LIKE_NEIGHBOUR
    both: np.ndarray = strong & alike
    return both


def trimmed_bouts(active: np.ndarray, flows: np.ndarray, period: float) -> np.ndarray:
    """Bouts without the still slots at both ends, which lie within a repetition of movement."""
    quick = mean_around(np.einsum("ij,ij->i", flows, flows), 3)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(int)))
    trimmed, most = active.copy(), max(1, round(period))
    for start, end in edges.reshape(-1, 2):
        moving = quick[start:end] > _MOVING * quick[start:end].mean()
        trimmed[start : start + min(_still(moving), most)] = False
        trimmed[end - min(_still(moving[::-1]), most) : end] = False
    return trimmed


def _still(moving: np.ndarray) -> int:
    """Slots before the first that moves; smoothing made it one too few, where there are any."""
    first = int(np.argmax(moving))
    return first + 1 if first else 0
