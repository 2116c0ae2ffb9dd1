"""How sure one probability can be: Venn-Abers intervals as small tables that travel in the card."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Any

import numpy as np

_STEPS = 100  # ends are rounded outwards to whole percents: the table stays small
_ROUNDING = 1e-9


def width_table(truth: np.ndarray, scores: np.ndarray) -> dict[str, list[float]]:
    """Where one tag's probability can lie, for every score.

    `low` and `high` are step functions of the score (Vovk, Petej and Fedorova 2015): the table
    holds their steps alone. ``high[i]`` holds up to and including the score ``high_to[i]``,
    ``low[i]`` from the score ``low_from[i]`` on.

    Parameters
    ----------
    truth : ndarray of bool, shape (n_samples,)
        Which samples have the tag.
    scores : ndarray of float32, shape (n_samples,)
        The tag's probability, said by models that had not seen the sample.
    """
    from handful.metrics import venn_abers

    places = np.unique(scores)
    known = venn_abers(truth, scores, scores=places)
    high = np.ceil(known.high * _STEPS - _ROUNDING) / _STEPS
    low = np.floor(known.low * _STEPS + _ROUNDING) / _STEPS
    last = np.append(high[1:] != high[:-1], True)
    first = np.append(True, low[1:] != low[:-1])
    return {
        "high_to": [float(str(place)) for place in places[last]],
        "high": high[last].tolist(),
        "low_from": [float(str(place)) for place in places[first]],
        "low": low[first].tolist(),
    }


def width(table: Mapping[str, Any], score: float) -> tuple[float, float]:
    """Lowest and highest honest probability for a score, from its tag's table."""
    above = bisect_left(table["high_to"], score)
    high = table["high"][above] if above < len(table["high"]) else 1.0
    below = bisect_right(table["low_from"], score)
    low = table["low"][below - 1] if below else 0.0
    return low, high
