"""Where the true ROC curve lies: a band around the observed one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from handful.metrics.checks import binary_of, check_confidence
from handful.metrics.curves import RocCurve, roc_curve


@dataclass(frozen=True)
class RocBand:
    """A band that holds the whole true ROC curve with the given confidence.

    Attributes
    ----------
    false_positive_rate : ndarray of float64, shape (n_points,)
        From 0 to 1.
    low, high : ndarray of float64, shape (n_points,)
        Least and highest sensitivity there.
    confidence : float
    """

    false_positive_rate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    confidence: float


def roc_band(
    y_true: np.ndarray, y_score: np.ndarray, *, confidence: float = 0.95, n_points: int = 201
) -> RocBand:
    """Give the band around the ROC curve, for all thresholds at once.

    Each class's scores are distributed as observed, give or take sqrt(ln(2 / a) / (2 n)) at
    every threshold (the Dvoretzky-Kiefer-Wolfowitz inequality), except with probability a. The
    observed curve moved by both errors, one along each axis, bounds the true one, whatever the
    distributions. It is wide with few samples because it holds everywhere at once; for a single
    threshold chosen beforehand, the intervals of `outcome` are narrower.

    Parameters
    ----------
    y_true : ndarray of bool or 0/1, shape (n_samples,)
    y_score : ndarray of float, shape (n_samples,)
    confidence : float
    n_points : int
        Points of the band, evenly spread.

    Raises
    ------
    InputError
        When a class is missing, or a score is NaN or infinite (names the row).

    References
    ----------
    Campbell 1994, "Advances in statistical methodology for the evaluation of diagnostic and
    laboratory tests", Statistics in Medicine 13, 499-508; Massart 1990 for the constant.

    Examples
    --------
    >>> band = roc_band(np.arange(200) >= 100, np.arange(200.0))
    >>> band.low[100].round(2), band.high[100]
    (np.float64(0.85), np.float64(1.0))
    """
    check_confidence(confidence)
    curve = roc_curve(y_true, y_score, drop_intermediate=False)
    truth = binary_of(y_true)
    n_positive = int(np.count_nonzero(truth))
    risk = 1 - math.sqrt(confidence)  # for each class; the two are independent
    up = math.sqrt(math.log(2 / risk) / (2 * n_positive))
    aside = math.sqrt(math.log(2 / risk) / (2 * (len(truth) - n_positive)))
    grid = np.linspace(0, 1, n_points)
    return RocBand(
        grid,
        np.maximum(_sensitivity(curve, grid - aside, highest=False) - up, 0),
        np.minimum(_sensitivity(curve, grid + aside, highest=True) + up, 1),
        confidence,
    )


def _sensitivity(curve: RocCurve, at: np.ndarray, *, highest: bool) -> np.ndarray:
    """Highest sensitivity observed up to a false positive rate, or lowest from it on."""
    if highest:
        places = np.searchsorted(curve.false_positive_rate, at, side="right") - 1
    else:
        places = np.searchsorted(curve.false_positive_rate, at, side="left")
    return curve.true_positive_rate[places]
