"""How sure a single probability can be: Venn-Abers intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handful.errors import InputError
from handful.metrics.checks import binary_of, check_same_length, scores_of

_Point = tuple[float, float]


@dataclass(frozen=True)
class VennAbers:
    """Probabilities of the positive tag with their honest width.

    Attributes
    ----------
    low, high : ndarray of float64, shape (n_samples,)
        The calibrated probability if the sample were negative, and if it were positive. One of
        the two is calibrated; far apart means that few samples scored nearby.
    probability : ndarray of float64, shape (n_samples,)
        One number for both: high / (1 - low + high), which loses least in the worst case.
    """

    low: np.ndarray
    high: np.ndarray
    probability: np.ndarray


def venn_abers(
    y_true: np.ndarray,
    y_score: np.ndarray,
    *,
    scores: np.ndarray,
    folds: np.ndarray | None = None,
) -> VennAbers:
    """Calibrate scores by isotonic regression on known samples, twice for each new one.

    The new sample joins the known ones once as a negative and once as a positive; the isotonic
    regression's value there is `low` and `high`. Valid whatever the distribution, and without a
    parameter to choose.

    Parameters
    ----------
    y_true : ndarray of bool or 0/1, shape (n_known,)
    y_score : ndarray of float, shape (n_known,)
        Of known samples that the scoring model had not seen.
    scores : ndarray of float, shape (n_samples,)
        Of the samples to calibrate.
    folds : ndarray, shape (n_known,), optional
        Which model scored each known sample: each fold then calibrates alone, and the folds'
        answers are averaged geometrically (cross Venn-Abers).

    Raises
    ------
    InputError
        When there are no known samples, or a score is NaN or infinite (names the row).

    References
    ----------
    Vovk, Petej and Fedorova 2015, "Large-scale probabilistic predictors with and without
    guarantees of validity", NeurIPS; algorithms 1 and 2, equation 4.

    Examples
    --------
    >>> known = np.array([0.1, 0.2, 0.8, 0.9])
    >>> found = venn_abers(np.array([0, 0, 1, 1]), known, scores=np.array([0.15]))
    >>> found.low.tolist(), found.high.round(2).tolist()
    ([0.0], [0.5])
    """
    truth, known = binary_of(y_true), scores_of(y_score)
    new = scores_of(scores)
    check_same_length(y_true=truth, y_score=known)
    if not len(known):
        raise InputError("Venn-Abers intervals need known samples; there are none.")
    parts = [np.ones(len(known), bool)]
    if folds is not None:
        numbers = np.asarray(folds)
        check_same_length(y_score=known, folds=numbers)
        parts = [numbers == fold for fold in np.unique(numbers)]
    lows = [1 - _high(~truth[p], -known[p], -new) for p in parts]
    highs = [_high(truth[p], known[p], new) for p in parts]
    low, high = 1 - _geometric_mean(1 - np.array(lows)), _geometric_mean(np.array(highs))
    return VennAbers(low, high, high / (1 - low + high))


def _geometric_mean(values: np.ndarray) -> np.ndarray:
    """Along the first axis; 0 where one value is 0."""
    logs = np.log(values, out=np.full(values.shape, -np.inf), where=values > 0)
    return np.asarray(np.exp(logs.mean(axis=0)))


def _high(truth: np.ndarray, known: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Isotonic values at new scores, each added as one more positive."""
    places, codes = np.unique(known, return_inverse=True)
    weights = np.bincount(codes).astype(np.float64)
    table = _isotonic_with_a_positive(weights, np.bincount(codes, truth))
    # Between two known scores it joins the higher one; above all of them it stands alone at 1.
    return np.append(table, 1.0)[np.searchsorted(places, new)]


def _isotonic_with_a_positive(weights: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """Isotonic value at each place with one more positive there, float64 (n_places,).

    The isotonic fit is the slope of the greatest convex minorant of the cumulated hits over the
    cumulated weights. One more positive at place i shifts all earlier points by (-1, -1), so one
    walk from left to right, moving one point at a time, finds all of them in linear time.
    """
    xs = np.concatenate([[-1.0, 0.0], np.cumsum(weights)]).tolist()
    ys = np.concatenate([[-1.0, 0.0], np.cumsum(hits)]).tolist()
    points: list[_Point] = list(zip(xs, ys, strict=True))
    corners = _convex_corners(points)
    found = np.empty(len(weights))
    for i in range(len(weights)):
        (x0, y0), (x1, y1) = corners[-1], corners[-2]
        found[i] = (y1 - y0) / (x1 - x0)
        (x0, y0), (x1, y1), (x2, y2) = points[i : i + 3]
        moved = points[i + 1] = (x0 + x2 - x1, y0 + y2 - y1)
        if _turn(corners[-1], corners[-2], moved) >= 0:
            continue
        corners.pop()
        while len(corners) > 1 and _turn(moved, corners[-1], corners[-2]) <= 0:
            corners.pop()
        corners.append(moved)
    return found


def _convex_corners(points: list[_Point]) -> list[_Point]:
    """Corners of the greatest convex minorant, from right to left."""
    corners: list[_Point] = []
    for point in points:
        while len(corners) > 1 and _turn(corners[-2], corners[-1], point) <= 0:
            corners.pop()
        corners.append(point)
    return corners[::-1]


def _turn(a: _Point, b: _Point, c: _Point) -> float:
    """Above 0 where c lies to the left of the line from a to b."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
