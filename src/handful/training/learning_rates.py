"""How large the steps are in the course of a training."""

from __future__ import annotations

import math

_START, _END = 1 / 25, 1 / 250_000  # shares of the highest rate, as in torch's OneCycleLR


def one_cycle(share: float, highest: float, *, warm: float = 0.3) -> float:
    """One cycle: up from a small rate, which steadies the start, then down to almost none.

    Parameters
    ----------
    share : float
        How much of the training is over, 0 to 1.
    highest : float
    warm : float
        Share of the training after which the highest rate is reached.

    References
    ----------
    Smith and Topin 2018, https://arxiv.org/abs/1708.07120

    Examples
    --------
    >>> [round(one_cycle(share, 1.0), 3) for share in (0, 0.15, 0.3, 0.65, 1)]
    [0.04, 0.52, 1.0, 0.5, 0.0]
    """
    if share < warm:
        return highest * _between(_START, 1.0, share / warm)
    return highest * _between(1.0, _END, min(1.0, (share - warm) / (1 - warm)))


def _between(start: float, end: float, share: float) -> float:
    """From start to end along half a cosine wave."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
