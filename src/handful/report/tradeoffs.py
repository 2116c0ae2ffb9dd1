"""What every threshold of every tag would do, as plain values of bounded size to look up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from handful.metrics import Interval, calibration_curve, clopper_pearson, cluster_ratio, roc_band
from handful.metrics.order import RankedCounts, ranked_counts
from handful.report.typical import independent_scores, short, typical

CONFIDENCE = 0.95  # of every interval and band
_FEW_TAGS = 12
_GROUPED_WORK = 4e6  # rows counted for the intervals of grouped samples: a few seconds
_FEWEST_INTERVALS = 16


@dataclass(frozen=True)
class _Room:
    """How much is kept of one tag: thresholds, of these for promises, points, intervals."""

    thresholds: int
    lowest: int
    band: int
    intervals: int


@dataclass(frozen=True)
class _Side:
    """Scores of the samples that have the tag, or of those that have it not.

    Attributes
    ----------
    scores : ndarray of float32, shape (n,)
    groups : ndarray of int64, shape (n,), or None where every sample stands alone
    """

    scores: np.ndarray
    groups: np.ndarray | None

    def above(self, threshold: float, count: int) -> Interval:
        """Share that scores at least the threshold; `count` of them do."""
        if self.groups is None:
            return _exact(count, len(self.scores))
        return cluster_ratio(self.scores >= threshold, self.groups, confidence=CONFIDENCE)

    def below(self, threshold: float, count: int) -> Interval:
        """Share that scores less; all but `count` do."""
        if self.groups is None:
            return _exact(len(self.scores) - count, len(self.scores))
        return cluster_ratio(self.scores < threshold, self.groups, confidence=CONFIDENCE)


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
        - ``sensitivity`` and ``specificity``: ``low`` and ``high`` for counts ``k`` of true
          positives, of false positives: all that occur, or a spread of them where many samples
          come in groups. For a count between two, the wider side of both holds.
        - ``promise``: ``n`` independent positives; for each number of ``misses`` below it, ``at``
          is the index of the threshold.
        - ``roc_band`` on an even grid from 0 to 1, ``reliability`` in ten bins, and ``typical``
          choices with what they do.
    """
    has_tag = np.asarray(y)[:, None] == np.arange(len(tags))
    return tradeoffs_of_several(has_tag, probabilities, groups, tags)


def tradeoffs_of_several(
    Y: np.ndarray, probabilities: np.ndarray, groups: np.ndarray, tags: Sequence[str]
) -> dict[str, Any]:
    """The same where a sample may have several tags, or none; Y is bool (n_samples, n_tags)."""
    scores = np.asarray(probabilities, np.float32)
    together = _together(np.asarray(groups))
    room = _room(len(tags), 0 if together is None else len(Y))
    found = [
        {"tag": name, **_values(Y[:, column], scores[:, column], together, room)}
        for column, name in enumerate(tags)
        if 0 < np.count_nonzero(Y[:, column]) < len(Y)
    ]
    rarest = min(found, key=lambda values: values["n_positive"], default=None)
    return {
        "confidence": CONFIDENCE,
        "positive": None if rarest is None else rarest["tag"],
        "tags": found,
    }


def _together(groups: np.ndarray) -> np.ndarray | None:
    """Groups as small numbers; None where every sample stands alone."""
    found, codes = np.unique(groups, return_inverse=True)
    return codes if len(found) < len(codes) else None


def _room(n_tags: int, n_grouped: int) -> _Room:
    intervals = int(_GROUPED_WORK / max(1, n_tags) / (n_grouped + 700)) if n_grouped else 400
    intervals = max(intervals, _FEWEST_INTERVALS)
    return _Room(400, 200, 51, intervals) if n_tags <= _FEW_TAGS else _Room(150, 60, 26, intervals)


def _values(
    truth: np.ndarray, scores: np.ndarray, groups: np.ndarray | None, room: _Room
) -> dict[str, Any]:
    """One tag against the rest; truth is bool (n_samples,), scores float32 (n_samples,)."""
    positives, negatives = _side(truth, scores, groups), _side(~truth, scores, groups)
    ranked = ranked_counts(truth, scores)
    lowest = independent_scores(positives.scores, positives.groups)
    misses = _misses(len(lowest), room.lowest)
    kept = _kept(ranked, lowest[misses], room)
    return {
        "n_positive": len(positives.scores),
        "n_negative": len(negatives.scores),
        "distinct": len(ranked.thresholds),
        "thresholds": [float(str(score)) for score in kept.thresholds],
        "tp": kept.tp.tolist(),
        "fp": kept.fp.tolist(),
        **_intervals(positives, negatives, kept, room.intervals),
        "promise": {
            "n": len(lowest),
            "misses": misses.tolist(),
            "at": np.searchsorted(-kept.thresholds, -lowest[misses]).tolist(),
        },
        "roc_band": _band(truth, scores, room.band),
        "reliability": _reliability(truth, scores, groups),
        "typical": typical(truth, scores, groups, lowest, confidence=CONFIDENCE),
    }


def _side(truth: np.ndarray, scores: np.ndarray, groups: np.ndarray | None) -> _Side:
    return _Side(scores[truth], None if groups is None else _together(groups[truth]))


def _misses(n_positive: int, most: int) -> np.ndarray:
    """Numbers of misses that a promise of half of them or more, as likely as not, may allow."""
    useful = n_positive // 2 + 1
    if useful <= most:
        return np.arange(useful)
    spread = np.geomspace(most // 2, useful - 1, most - most // 2)
    return np.unique(np.concatenate([np.arange(most // 2), spread.astype(int)]))


def _kept(ranked: RankedCounts, lowest: np.ndarray, room: _Room) -> RankedCounts:
    """Only the distinct scores that are kept."""
    places = np.arange(len(ranked.thresholds))
    if len(places) > room.thresholds:
        places = _spread(ranked, lowest, (room.thresholds - room.lowest) // 3 - 1)
    tp, fp = ranked.tp[places].astype(int), ranked.fp[places].astype(int)
    return RankedCounts(ranked.thresholds[places], tp, fp, ranked.n_positive, ranked.n_negative)


def _spread(ranked: RankedCounts, lowest: np.ndarray, share: int) -> np.ndarray:
    """Places of both ends, of the promises, and evenly over found, alarms, and few alarms."""
    even = np.linspace(0, ranked.n_negative, share)
    few = np.geomspace(1, ranked.n_negative, share)
    places = [
        np.array([0, len(ranked.thresholds) - 1]),
        np.searchsorted(-ranked.thresholds, -lowest),
        np.searchsorted(ranked.tp, np.linspace(1, ranked.n_positive, share)),
        np.searchsorted(ranked.fp, np.concatenate([even, few]).astype(int), "right") - 1,
    ]
    return np.unique(np.concatenate(places).clip(0))


def _intervals(
    positives: _Side, negatives: _Side, kept: RankedCounts, most: int
) -> dict[str, dict[str, list[Any]]]:
    """Intervals at each distinct count, 0 (nothing is called positive) included."""
    tables = {}
    sides = (("sensitivity", kept.tp, positives.above), ("specificity", kept.fp, negatives.below))
    ends = np.append(np.float32(np.inf), kept.thresholds)
    for name, counts, interval in sides:
        k, first = np.unique(np.append(0, counts), return_index=True)
        few = np.unique(np.linspace(0, len(k) - 1, min(len(k), most)).astype(int))
        found = [interval(ends[first[i]], int(k[i])) for i in few]
        low, high = [short(i.low) for i in found], [short(i.high) for i in found]
        tables[name] = {"k": k[few].tolist(), "low": low, "high": high}
    return tables


@lru_cache(maxsize=1 << 14)
def _exact(successes: int, trials: int) -> Interval:
    """Clopper-Pearson's interval; tags of equal size share theirs."""
    return clopper_pearson(successes, trials, confidence=CONFIDENCE)


def _band(truth: np.ndarray, scores: np.ndarray, n_points: int) -> dict[str, Any]:
    band = roc_band(truth, scores, confidence=CONFIDENCE, n_points=n_points)
    return {"low": band.low.round(3).tolist(), "high": band.high.round(3).tolist()}


def _reliability(
    truth: np.ndarray, scores: np.ndarray, groups: np.ndarray | None
) -> list[dict[str, Any]]:
    """What was said and what came true in ten bins, empty ones left out."""
    curve = calibration_curve(truth, scores)
    said, bins = scores.astype(np.float64), []
    for i, (low, high) in enumerate(zip(curve.low, curve.high, strict=True)):
        inside = (said > low) & (said <= high) | (low == 0) & (said == 0)
        interval = _share(truth[inside], None if groups is None else groups[inside])
        ends = {"low": short(interval.low), "high": short(interval.high)}
        counts = {"k": int(curve.successes[i]), "n": int(curve.counts[i])}
        bins.append({"said": short(curve.predicted[i]), **counts, **ends})
    return bins


def _share(hits: np.ndarray, groups: np.ndarray | None) -> Interval:
    if groups is None:
        return _exact(int(hits.sum()), len(hits))
    return cluster_ratio(hits, groups, confidence=CONFIDENCE)
