"""What every threshold of every tag would do, as plain values of bounded size to look up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.metrics import (
    Interval,
    calibration_curve,
    clopper_pearson,
    cluster_ratio,
    cost_threshold,
    outcome,
    promise,
    roc_band,
)
from handful.metrics.order import RankedCounts, ranked_counts

TYPICAL_COSTS = ((1, 1), (10, 1), (1, 10))  # of a miss, of a false alarm
TYPICAL_RECALL, TYPICAL_CONFIDENCE = 0.95, 0.9
_CONFIDENCE = 0.95
_FEW_TAGS = 12
_DECIMALS = 5  # of shares: a thousandth of a percent


@dataclass(frozen=True)
class _Room:
    """How much is kept of one tag."""

    thresholds: int
    lowest: int
    band: int


_AMPLE, _SCARCE = _Room(400, 200, 51), _Room(150, 60, 26)


@dataclass(frozen=True)
class _Tag:
    """One tag against the rest.

    Attributes
    ----------
    truth : ndarray of bool, shape (n_samples,)
    scores : ndarray of float32, shape (n_samples,)
    groups : ndarray of int64, shape (n_samples,), or None where every sample stands alone
    """

    truth: np.ndarray
    scores: np.ndarray
    groups: np.ndarray | None

    def share(self, hits: np.ndarray, among: np.ndarray) -> Interval:
        """Share of hits among some of the samples, as `outcome` computes it."""
        if self.groups is None:
            return clopper_pearson(int(hits[among].sum()), int(among.sum()), confidence=_CONFIDENCE)
        return cluster_ratio(hits[among], self.groups[among], confidence=_CONFIDENCE)

    def sensitivity(self, threshold: float) -> Interval:
        """Share of the positives that score at least the threshold."""
        return self.share(self.scores >= threshold, self.truth)

    def specificity(self, threshold: float) -> Interval:
        """Share of the negatives that score less."""
        return self.share(self.scores < threshold, ~self.truth)


def tradeoffs(
    y: np.ndarray, probabilities: np.ndarray, groups: np.ndarray, tags: Sequence[str]
) -> dict[str, Any]:
    """Everything the page needs to let a person choose a threshold.

    Parameters
    ----------
    y : ndarray of int64, shape (n_samples,)
        Column number of each sample's tag.
    probabilities : ndarray of float32, shape (n_samples, n_tags)
        Of samples that the model which gave them had not seen.
    groups : ndarray, shape (n_samples,)
        Samples with the same value belong together.
    tags : sequence of str

    Returns
    -------
    dict
        Plain JSON values. ``positive``: the rarest tag, to begin with. ``tags``: one entry for
        each tag that some samples have and some have not, with

        - ``thresholds`` (descending; the float32 scores themselves, in as few digits as name
          them), ``tp`` and ``fp``: the counts when everything from there up is called positive.
          ROC and precision-recall curve follow from these. All distinct scores up to 400 of
          them (150 where there are more than 12 tags), else the ends, those that the promises
          need, and a spread over both classes; ``distinct`` says how many there were.
        - ``sensitivity`` and ``specificity``: ``low`` and ``high`` for each count ``k`` of true
          positives, of false positives.
        - ``promise``: ``n`` independent positives; for each number of ``misses`` below it, ``at``
          is the index of the threshold.
        - ``roc_band`` on an even grid from 0 to 1, ``reliability`` in ten bins, and ``typical``
          choices with what they do.
    """
    scores = np.asarray(probabilities, np.float32)
    codes = np.unique(groups, return_inverse=True)[1]
    together = codes if len(codes) and codes.max() + 1 < len(codes) else None
    room = _AMPLE if len(tags) <= _FEW_TAGS else _SCARCE
    found = [
        {"tag": name, **_values(_Tag(y == column, scores[:, column], together), room)}
        for column, name in enumerate(tags)
        if 0 < np.count_nonzero(y == column) < len(y)
    ]
    rarest = min(found, key=lambda values: values["n_positive"], default=None)
    return {
        "confidence": _CONFIDENCE,
        "positive": None if rarest is None else rarest["tag"],
        "tags": found,
    }


def independent_scores(scores: np.ndarray, groups: np.ndarray | None) -> np.ndarray:
    """Scores that a promise may count: of positives that belong together only the lowest.

    Ten pictures of one patient are one chance to miss the patient, not ten.

    Parameters
    ----------
    scores : ndarray of float32, shape (n_positive,)
    groups : ndarray, shape (n_positive,), or None where every sample stands alone

    Returns
    -------
    ndarray of float32, shape (n_groups,)
        Ascending.

    Examples
    --------
    >>> independent_scores(np.array([0.9, 0.2, 0.5]), np.array([7, 7, 8])).tolist()
    [0.2, 0.5]
    """
    if groups is None:
        return np.sort(scores)
    codes = np.unique(groups, return_inverse=True)[1]
    lowest = np.full(codes.max(initial=-1) + 1, np.inf, scores.dtype)
    np.minimum.at(lowest, codes, scores)
    return np.sort(lowest)


def _values(tag: _Tag, room: _Room) -> dict[str, Any]:
    ranked = ranked_counts(tag.truth, tag.scores)
    lowest = _independent(tag)
    misses = _misses(len(lowest), room.lowest)
    places = _places(ranked, lowest[misses], room)
    thresholds = ranked.thresholds[places]
    tp, fp = ranked.tp[places].astype(int), ranked.fp[places].astype(int)
    at = np.searchsorted(-thresholds, -lowest[misses])
    return {
        "n_positive": int(ranked.n_positive),
        "n_negative": int(ranked.n_negative),
        "distinct": len(ranked.thresholds),
        "thresholds": [float(str(score)) for score in thresholds],
        "tp": tp.tolist(),
        "fp": fp.tolist(),
        "sensitivity": _limits(tp, thresholds, tag.sensitivity),
        "specificity": _limits(fp, thresholds, tag.specificity),
        "promise": {"n": len(lowest), "misses": misses.tolist(), "at": at.tolist()},
        "roc_band": _band(tag, room),
        "reliability": _reliability(tag),
        "typical": _typical(tag),
    }


def _independent(tag: _Tag) -> np.ndarray:
    groups = None if tag.groups is None else tag.groups[tag.truth]
    return independent_scores(tag.scores[tag.truth], groups)


def _misses(n_positive: int, most: int) -> np.ndarray:
    """Numbers of misses that a promise of half of them or more, as likely as not, may allow."""
    useful = n_positive // 2 + 1
    if useful <= most:
        return np.arange(useful)
    spread = np.geomspace(most // 2, useful - 1, most - most // 2)
    return np.unique(np.concatenate([np.arange(most // 2), spread.astype(int)]))


def _places(ranked: RankedCounts, lowest: np.ndarray, room: _Room) -> np.ndarray:
    """Which of the distinct scores are kept."""
    n = len(ranked.thresholds)
    if n <= room.thresholds:
        return np.arange(n)
    share = (room.thresholds - room.lowest) // 3 - 1
    even = np.linspace(0, ranked.n_negative, share)
    few = np.geomspace(1, ranked.n_negative, share)
    kept = [
        [0, n - 1],
        np.searchsorted(-ranked.thresholds, -lowest),
        np.searchsorted(ranked.tp, np.linspace(1, ranked.n_positive, share)),
        np.searchsorted(ranked.fp, np.concatenate([even, few]).astype(int), "right") - 1,
    ]
    return np.unique(np.concatenate(kept).clip(0).astype(int))


def _limits(
    counts: np.ndarray, thresholds: np.ndarray, share: Callable[[float], Interval]
) -> dict[str, list[Any]]:
    """Interval at each distinct count, 0 (nothing is called positive) included."""
    k, first = np.unique(np.concatenate([[0], counts]), return_index=True)
    ends = np.concatenate([[np.inf], thresholds]).astype(np.float32)
    intervals = [share(threshold) for threshold in ends[first]]
    return {
        "k": k.tolist(),
        "low": [_short(interval.low) for interval in intervals],
        "high": [_short(interval.high) for interval in intervals],
    }


def _short(share: float | None) -> float | None:
    return None if share is None else round(float(share), _DECIMALS)


def _band(tag: _Tag, room: _Room) -> dict[str, Any]:
    band = roc_band(tag.truth, tag.scores, confidence=_CONFIDENCE, n_points=room.band)
    return {"low": band.low.round(3).tolist(), "high": band.high.round(3).tolist()}


def _reliability(tag: _Tag) -> list[dict[str, Any]]:
    """What was said and what came true in ten bins, empty ones left out."""
    curve = calibration_curve(tag.truth, tag.scores)
    said = tag.scores.astype(np.float64)
    bins = []
    for i, (low, high) in enumerate(zip(curve.low, curve.high, strict=True)):
        interval = tag.share(tag.truth, (said > low) & (said <= high) | (low == 0) & (said == 0))
        bins.append(
            {
                "said": _short(curve.predicted[i]),
                "k": int(curve.successes[i]),
                "n": int(curve.counts[i]),
                "low": _short(interval.low),
                "high": _short(interval.high),
            }
        )
    return bins


def _typical(tag: _Tag) -> list[dict[str, Any]]:
    """A few choices with what they do, exactly."""
    given = promise(_independent(tag), recall=TYPICAL_RECALL, confidence=TYPICAL_CONFIDENCE)
    costs = [_by_costs(tag, miss=miss, alarm=alarm) for miss, alarm in TYPICAL_COSTS]
    asked = {
        "recall": TYPICAL_RECALL,
        "confidence": TYPICAL_CONFIDENCE,
        "kept": given.kept,
        "have": given.have,
        "need": given.need,
        "can_promise": given.can_promise,
    }
    return [*costs, {**asked, **_doing(tag, given.threshold or 0.0)}]


def _by_costs(tag: _Tag, *, miss: float, alarm: float) -> dict[str, Any]:
    threshold = cost_threshold(false_positive_cost=alarm, false_negative_cost=miss)
    return {"miss_costs": miss, "alarm_costs": alarm, **_doing(tag, threshold)}


def _doing(tag: _Tag, threshold: float) -> dict[str, Any]:
    done = outcome(
        tag.truth, tag.scores, threshold=threshold, groups=tag.groups, confidence=_CONFIDENCE
    )
    limits = {
        name: [_short(interval.low), _short(interval.high)]
        for name, interval in (("sensitivity", done.sensitivity), ("specificity", done.specificity))
    }
    counts = {"tp": done.tp, "fp": done.fp, "fn": done.fn, "tn": done.tn}
    return {"threshold": float(str(np.float32(threshold))), **counts, **limits}
