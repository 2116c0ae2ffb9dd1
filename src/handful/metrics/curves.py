"""What every threshold would give: ROC and precision-recall curves, average precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handful.errors import InputError
from handful.metrics.order import RankedCounts, ranked_counts


@dataclass(frozen=True)
class RocCurve:
    """Sensitivity against 1 - specificity.

    Attributes
    ----------
    false_positive_rate, true_positive_rate : ndarray of float64, shape (n_points,)
        Rising from (0, 0) to (1, 1).
    thresholds : ndarray of float, shape (n_points,)
        Falling from infinity; positive is what scores at least the threshold.
    """

    false_positive_rate: np.ndarray
    true_positive_rate: np.ndarray
    thresholds: np.ndarray


@dataclass(frozen=True)
class PrecisionRecallCurve:
    """Precision against recall.

    Attributes
    ----------
    precision, recall : ndarray of float64, shape (n_points,)
        The last point is (1, 0) and has no threshold, as in scikit-learn.
    thresholds : ndarray of float, shape (n_points - 1,)
        Rising; positive is what scores at least the threshold.
    """

    precision: np.ndarray
    recall: np.ndarray
    thresholds: np.ndarray


def roc_curve(
    y_true: np.ndarray,
    y_score: np.ndarray,
    *,
    sample_weight: np.ndarray | None = None,
    drop_intermediate: bool = True,
) -> RocCurve:
    """Sensitivity and 1 - specificity at every threshold.

    Parameters
    ----------
    y_true : ndarray of bool or 0/1, shape (n_samples,)
    y_score : ndarray of float, shape (n_samples,)
    sample_weight : ndarray, shape (n_samples,), optional
    drop_intermediate : bool
        Leave out points in the middle of a straight line: the curve looks the same.

    Raises
    ------
    InputError
        When a class is missing, or a score is NaN or infinite (names the row).

    Examples
    --------
    >>> curve = roc_curve(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    >>> curve.false_positive_rate.tolist(), curve.true_positive_rate.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    ranked = ranked_counts(
        y_true, y_score, sample_weight=sample_weight, corners_only=drop_intermediate
    )
    if not ranked.n_positive or not ranked.n_negative:
        raise InputError("A ROC curve needs samples of both classes; one of them is missing.")
    return RocCurve(
        np.concatenate([[0.0], ranked.fp / ranked.n_negative]),
        np.concatenate([[0.0], ranked.tp / ranked.n_positive]),
        np.concatenate([[np.inf], ranked.thresholds]),
    )


def precision_recall_curve(
    y_true: np.ndarray, y_score: np.ndarray, *, sample_weight: np.ndarray | None = None
) -> PrecisionRecallCurve:
    """Precision and recall at every threshold.

    Parameters as for `roc_curve`.

    Raises
    ------
    InputError
        When there are no positives, or a score is NaN or infinite (names the row).

    Examples
    --------
    >>> curve = precision_recall_curve(np.array([0, 1, 1]), np.array([0.1, 0.4, 0.8]))
    >>> curve.precision.round(2).tolist(), curve.recall.tolist()
    ([0.67, 1.0, 1.0, 1.0], [1.0, 1.0, 0.5, 0.0])
    """
    ranked = ranked_counts(y_true, y_score, sample_weight=sample_weight)
    if not ranked.n_positive:
        raise InputError("Precision and recall need positive samples; there are none.")
    precision, recall = _precision_recall(ranked)
    return PrecisionRecallCurve(
        np.concatenate([precision[::-1], [1.0]]),
        np.concatenate([recall[::-1], [0.0]]),
        ranked.thresholds[::-1],
    )


def _precision_recall(ranked: RankedCounts) -> tuple[np.ndarray, np.ndarray]:
    said = ranked.tp + ranked.fp
    # Samples of weight 0 may come first: nothing said yet, nothing to be wrong about.
    precision = np.divide(ranked.tp, said, out=np.zeros(len(said)), where=said > 0)
    return precision, ranked.tp / ranked.n_positive


def average_precision(
    y_true: np.ndarray, y_score: np.ndarray, *, sample_weight: np.ndarray | None = None
) -> float | None:
    """Mean of the precisions at each step of the recall; None without positives.

    The sum of (recall_n - recall_{n-1}) precision_n, without interpolation between thresholds.
    Parameters as for `roc_curve`.

    Examples
    --------
    >>> average_precision(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.8333333333333333
    """
    ranked = ranked_counts(y_true, y_score, sample_weight=sample_weight)
    if not ranked.n_positive:
        return None
    precision, recall = _precision_recall(ranked)
    return float(np.diff(recall, prepend=0) @ precision)
