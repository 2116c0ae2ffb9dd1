"""Metrics of more scores than fit in memory: chunk by chunk, in bounded space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from handful.errors import InputError
from handful.metrics.checks import binary_of, check_same_length, scores_of
from handful.metrics.confusion import count_pairs
from handful.metrics.curves import RocCurve
from handful.metrics.order import ranked_counts
from handful.metrics.score_bins import ScoreBins, lowest_scores

_BINNED_AT_ONCE = 1 << 22  # scores, so that small chunks do not each walk over all bins


@dataclass(frozen=True)
class Confusion:
    """A confusion matrix with the tags of its rows and columns.

    Attributes
    ----------
    tags : ndarray, shape (n_tags,)
        Sorted.
    counts : ndarray of int64 (float64 with weights), shape (n_tags, n_tags)
        Rows are actual, columns predicted.
    """

    tags: np.ndarray
    counts: np.ndarray


@final
class StreamingConfusion:
    """Exact confusion matrix of chunks; memory grows with the number of tags only.

    Examples
    --------
    >>> stream = StreamingConfusion()
    >>> stream.update(np.array(["a", "b"]), np.array(["a", "a"]))
    >>> stream.update(np.array(["c"]), np.array(["c"]))
    >>> stream.result().counts.tolist()
    [[1, 0, 0], [1, 0, 0], [0, 0, 1]]
    """

    def __init__(self) -> None:
        self._found: Confusion | None = None

    def update(
        self, y_true: np.ndarray, y_pred: np.ndarray, *, sample_weight: np.ndarray | None = None
    ) -> None:
        """Count one more chunk; parameters as for `confusion_matrix`."""
        new = Confusion(*count_pairs(y_true, y_pred, sample_weight=sample_weight))
        if self._found is None or not len(self._found.tags):
            self._found = new
        elif len(new.tags):
            self._found = _merged(self._found, new)

    def result(self) -> Confusion:
        """Give the matrix of all chunks so far."""
        return self._found or Confusion(np.zeros(0), np.zeros((0, 0), np.int64))


def _merged(first: Confusion, second: Confusion) -> Confusion:
    if (first.tags.dtype.kind in "US") != (second.tags.dtype.kind in "US"):
        raise InputError("Tags must be of one kind in all chunks, all text or all numbers.")
    tags = np.union1d(first.tags, second.tags)
    counts = np.zeros((len(tags), len(tags)), np.result_type(first.counts, second.counts))
    for part in (first, second):
        places = np.searchsorted(tags, part.tags)
        counts[np.ix_(places, places)] += part.counts
    return Confusion(tags, counts)


@dataclass(frozen=True)
class StreamedRanking:
    """How well streamed scores rank.

    Attributes
    ----------
    auc : float or None
        None when one class is missing.
    auc_error : float
        The exact AUC lies within `auc` +- this, for certain; 0 where `auc` is exact.
    n_positive, n_negative : int
    curve : RocCurve or None
        A bounded number of points; each is exact for its threshold.
    """

    auc: float | None
    auc_error: float
    n_positive: int
    n_negative: int
    curve: RocCurve | None


@final
class StreamingRanking:
    """AUC and ROC curve of chunks of scores in bounded memory.

    Up to `exact_up_to` scores are kept, and everything is exact. Beyond, scores are counted in
    4 million bins that get finer towards 0 and 1 (6e-5 of the distance to the nearer of the
    two), 100 MB. Only pairs of different scores within one bin are then undecided: they count
    half, and half their share is the stated error, below 1e-5 for spread-out scores whatever
    their number, and 0 for scores rounded to four decimals.

    Parameters
    ----------
    exact_up_to : int
        Scores kept before binning starts; each takes 9 bytes, and as much again for `result`.
    n_points : int
        Most points of the curve.

    Examples
    --------
    >>> stream = StreamingRanking()
    >>> stream.update(np.array([0, 1]), np.array([0.1, 0.8]))
    >>> stream.update(np.array([0, 1]), np.array([0.4, 0.35]))
    >>> stream.result().auc
    0.75
    """

    def __init__(self, *, exact_up_to: int = 10_000_000, n_points: int = 1000) -> None:
        self._exact_up_to = exact_up_to
        self._n_points = n_points
        self._waiting: list[tuple[np.ndarray, np.ndarray]] = []
        self._n_waiting = 0
        self._n_seen = 0
        self._bins: ScoreBins | None = None

    def update(self, y_true: np.ndarray, y_score: np.ndarray) -> None:
        """Take one more chunk.

        Parameters
        ----------
        y_true : ndarray of bool or 0/1, shape (n_samples,)
        y_score : ndarray of float, shape (n_samples,)

        Raises
        ------
        InputError
            When a score is NaN or infinite: names its row, counted over all chunks.
        """
        truth = binary_of(y_true, first_row=self._n_seen)
        scores = scores_of(y_score, first_row=self._n_seen)
        check_same_length(y_true=truth, y_score=scores)
        self._waiting.append((truth.copy(), scores.copy()))
        self._n_waiting += len(truth)
        self._n_seen += len(truth)
        if self._n_waiting > (self._exact_up_to if self._bins is None else _BINNED_AT_ONCE):
            self._bin_waiting()

    def _bin_waiting(self) -> None:
        if self._bins is None:
            self._bins = ScoreBins()
        for truth, scores in self._waiting:
            for start in range(0, len(truth), _BINNED_AT_ONCE):
                part = slice(start, start + _BINNED_AT_ONCE)
                self._bins.add(truth[part], scores[part])
        self._waiting, self._n_waiting = [], 0

    def result(self) -> StreamedRanking:
        """Give the AUC, its error and the curve of all chunks so far."""
        if self._bins is not None:
            self._bin_waiting()
            return _binned_ranking(self._bins, self._n_points)
        return _exact_ranking(self._waiting, self._n_points)


def _exact_ranking(chunks: list[tuple[np.ndarray, np.ndarray]], n_points: int) -> StreamedRanking:
    truth = np.concatenate([np.zeros(0, bool), *(chunk[0] for chunk in chunks)])
    scores = np.concatenate([np.zeros(0, np.float32), *(chunk[1] for chunk in chunks)])
    ranked = ranked_counts(truth, scores)
    kept = _spread_points(ranked.tp, ranked.fp, n_points)
    area = _area(ranked.tp, ranked.fp, mixed=np.zeros(len(ranked.tp), bool))
    return _ranking(ranked.tp, ranked.fp, kept, ranked.thresholds[kept], area)


def _binned_ranking(bins: ScoreBins, n_points: int) -> StreamedRanking:
    filled = np.flatnonzero(bins.counts.any(axis=1))[::-1]
    tp, fp = np.cumsum(bins.counts[filled, 1]), np.cumsum(bins.counts[filled, 0])
    kept = _spread_points(tp, fp, n_points)
    area = _area(tp, fp, mixed=bins.mixed[filled])
    return _ranking(tp, fp, kept, lowest_scores(filled[kept]), area)


def _ranking(
    tp: np.ndarray,
    fp: np.ndarray,
    kept: np.ndarray,
    thresholds: np.ndarray,
    area: tuple[float | None, float],
) -> StreamedRanking:
    ends = (int(tp[-1]), int(fp[-1])) if len(tp) else (0, 0)
    if not len(kept):
        return StreamedRanking(None, 0.0, *ends, None)
    curve = RocCurve(
        np.concatenate([[0.0], fp[kept] / ends[1]]),
        np.concatenate([[0.0], tp[kept] / ends[0]]),
        np.concatenate([[np.inf], thresholds]),
    )
    return StreamedRanking(*area, *ends, curve)


def _area(tp: np.ndarray, fp: np.ndarray, *, mixed: np.ndarray) -> tuple[float | None, float]:
    """Area under the curve, pairs within one step counted half; the halves of mixed steps."""
    if not len(tp) or not tp[-1] or not fp[-1]:
        return None, 0.0
    up, right = np.diff(tp, prepend=0) / tp[-1], np.diff(fp, prepend=0) / fp[-1]
    halves = up * right / 2
    return float(up @ (1 - fp / fp[-1]) + halves.sum()), float(halves[mixed].sum())


def _spread_points(tp: np.ndarray, fp: np.ndarray, n_points: int) -> np.ndarray:
    """Places of at most `n_points` - 1 points, evenly spread along the curve, the end included."""
    if not len(tp) or not tp[-1] or not fp[-1]:
        return np.zeros(0, np.intp)
    along = tp / tp[-1] + fp / fp[-1]
    return np.unique(np.searchsorted(along, np.linspace(0, 2, n_points)[1:]))
