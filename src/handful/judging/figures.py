"""What may be said of predictions that were made without seeing the samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from handful.metrics import (
    ASK,
    Interval,
    accuracy,
    auc,
    clopper_pearson,
    cluster_bootstrap_ratio,
    confusion_matrix,
    log_loss,
    mean_of_ratios,
    newcombe_auc,
)  # fmt: skip

_RESAMPLES = 2000
_MOST_CELLS = 20_000_000  # of the table of draws: 80 MB, however many samples
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Predictions:
    """What was predicted for samples that the predicting model had not seen.

    Attributes
    ----------
    probabilities : ndarray of float32, shape (n_samples, n_tags)
    folds : ndarray of int64, shape (n_samples,)
        Which model predicted each sample: scores of different models are not ranked together.
    answers : ndarray of int64, shape (n_samples,), optional
        What the model's rule answered; ASK (-1) where it asked a person. Without them the most
        probable tags.
    """

    probabilities: np.ndarray
    folds: np.ndarray
    answers: np.ndarray | None = None

    def predicted(self) -> np.ndarray:
        """Number of the answered tag, int64 (n_samples,), or ASK."""
        return self.probabilities.argmax(axis=1) if self.answers is None else self.answers


@dataclass(frozen=True)
class TagJudgement:
    """What may be said of one tag."""

    precision: Interval
    recall: Interval
    specificity: Interval
    f1: Interval
    auc: Interval
    support: int


@dataclass(frozen=True)
class Judgement:
    """How good a model is, from samples it had not seen.

    Attributes
    ----------
    tags : tuple of str
    y : ndarray of int, shape (n_samples,)
    groups : ndarray of int, shape (n_samples,)
    record : Predictions
        The first pass: every sample predicted once. All counts come from it.
    passes : tuple of float
        Accuracy of every pass: how much the luck of the split matters.
    metrics : mapping of str to Interval
    per_tag : mapping of str to TagJudgement
    confusion : ndarray of int, shape (n_tags, n_tags)
        Rows are the actual tags; samples for which a person was asked are not in it.
    """

    tags: tuple[str, ...]
    y: np.ndarray
    groups: np.ndarray
    record: Predictions
    passes: tuple[float, ...]
    metrics: Mapping[str, Interval]
    per_tag: Mapping[str, TagJudgement]
    confusion: np.ndarray


def judgement(
    passes: Sequence[Predictions],
    y: np.ndarray,
    *,
    groups: np.ndarray,
    tags: Sequence[str],
    seed: int,
) -> Judgement:
    """Everything that may be said of these predictions."""
    record = passes[0]
    predicted = record.predicted()
    said = predicted != ASK
    confusion = confusion_matrix(y[said], predicted[said], labels=range(len(tags)))
    aucs = [_fold_aucs(passes, y == tag, tag) for tag in range(len(tags))]
    per_tag = {
        name: _judge_tag(tag, y[said], predicted[said], groups[said], aucs[tag], seed)
        for tag, name in enumerate(tags)
    }
    return Judgement(
        tags=tuple(tags),
        y=y,
        groups=groups,
        record=record,
        passes=tuple(float(accuracy(y, p.probabilities.argmax(axis=1)) or 0) for p in passes),
        metrics=_metrics(record, y, groups, confusion, aucs, seed),
        per_tag=per_tag,
        confusion=confusion,
    )


def _metrics(
    record: Predictions,
    y: np.ndarray,
    groups: np.ndarray,
    confusion: np.ndarray,
    aucs: Sequence[float | None],
    seed: int,
) -> dict[str, Interval]:
    support = confusion.sum(axis=1)
    predicted = record.predicted()
    said = predicted != ASK
    hits = (predicted == y)[said]
    weights = _resampled_groups(groups, seed)
    return {
        "accuracy": ratio(hits, groups[said], seed),
        "balanced_accuracy": _balanced(hits, y[said], groups[said], support, seed),
        "macro_f1": _macro_f1(confusion, y[said], predicted[said], weights[:, said]),
        "auc": _mean_auc(aucs, y, groups),
        "log_loss": _log_loss(record.probabilities, y, weights),
        "baseline_accuracy": ratio(y == support.argmax(), groups, seed),
    }


def _judge_tag(
    tag: int,
    y: np.ndarray,
    predicted: np.ndarray,
    groups: np.ndarray,
    tag_auc: float | None,
    seed: int,
) -> TagJudgement:
    actual, said = y == tag, predicted == tag
    either = actual | said
    return TagJudgement(
        precision=ratio(actual[said], groups[said], seed),
        recall=ratio(said[actual], groups[actual], seed),
        specificity=ratio(~said[~actual], groups[~actual], seed),
        f1=_f1(ratio((actual & said)[either], groups[either], seed)),
        auc=newcombe_auc(tag_auc, _distinct(groups[actual]), _distinct(groups[~actual])),
        support=int(actual.sum()),
    )


def ratio(hits: np.ndarray, groups: np.ndarray, seed: int) -> Interval:
    """Share of hits; by whole groups where samples belong together."""
    if _distinct(groups) == len(groups):
        return clopper_pearson(int(hits.sum()), len(hits))
    return cluster_bootstrap_ratio(hits, groups, seed=seed)


def _f1(overlap: Interval) -> Interval:
    """F1 from the share of samples in both among those in either: F1 = 2 J / (1 + J)."""

    def transform(share: float | None) -> float | None:
        return None if share is None else 2 * share / (1 + share)

    return Interval(
        transform(overlap.value),
        transform(overlap.low),
        transform(overlap.high),
        overlap.confidence,
        f"{overlap.method} on the overlap",
    )


def _balanced(
    hits: np.ndarray, y: np.ndarray, groups: np.ndarray, support: np.ndarray, seed: int
) -> Interval:
    recalled = np.bincount(y, weights=hits, minlength=len(support))
    if _distinct(groups) == len(groups):
        return mean_of_ratios(recalled, support)
    present = support > 0
    weight = (1 / np.maximum(support, 1) / present.sum())[y]
    return cluster_bootstrap_ratio(hits, groups, weights=weight, seed=seed)


def _macro_f1(
    confusion: np.ndarray, y: np.ndarray, predicted: np.ndarray, weights: np.ndarray
) -> Interval:
    """Mean F1 of the tags; bootstrap over groups, Clopper-Pearson where that stands still."""
    tags = np.eye(len(confusion), dtype=np.float32)
    actual, said = tags[y], tags[predicted]
    drawn = _mean_f1(weights @ (actual * said), weights @ (actual + said))
    value = _mean_f1(np.diag(confusion), confusion.sum(axis=0) + confusion.sum(axis=1))
    low, high = np.quantile(drawn, [0.025, 0.975])
    if low == high:
        still = mean_of_ratios(np.diag(confusion), confusion.sum(axis=1))
        return Interval(float(value), still.low, still.high, _CONFIDENCE, still.method)
    return Interval(float(value), float(low), float(high), _CONFIDENCE, "bootstrap")


def _mean_f1(hits: np.ndarray, actual_and_said: np.ndarray) -> np.ndarray:
    return np.asarray((2 * hits / np.maximum(actual_and_said, 1)).mean(axis=-1))


def _log_loss(probabilities: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Interval:
    own = probabilities[np.arange(len(y)), y].astype(np.float64)
    losses = -np.log(np.maximum(own, np.finfo(np.float32).tiny))
    means = weights @ losses / weights.sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(log_loss(y, probabilities), float(low), float(high), _CONFIDENCE, "bootstrap")


def _resampled_groups(groups: np.ndarray, seed: int) -> np.ndarray:
    """How often each sample is drawn when whole groups are drawn, float32 (n_draws, n_samples)."""
    _, members = np.unique(groups, return_inverse=True)
    n_groups = int(members.max()) + 1
    n_draws = min(_RESAMPLES, _MOST_CELLS // len(groups) + 200)
    draws = np.random.default_rng(seed).integers(0, n_groups, (n_draws, n_groups))
    flat = (draws + np.arange(n_draws)[:, None] * n_groups).ravel()
    counts = np.bincount(flat, minlength=n_draws * n_groups).reshape(n_draws, n_groups)
    return counts.astype(np.float32)[:, members]


def _fold_aucs(passes: Sequence[Predictions], truth: np.ndarray, tag: int) -> float | None:
    """AUC of one tag against the rest: within folds, weighted by their pairs, over all passes."""
    total, pairs = 0.0, 0
    for one in passes:
        for fold in range(int(one.folds.max()) + 1):
            inside = one.folds == fold
            value = auc(truth[inside], one.probabilities[inside, tag])
            if value is not None:
                n_pairs = int(truth[inside].sum()) * int((~truth[inside]).sum())
                total, pairs = total + value * n_pairs, pairs + n_pairs
    return total / pairs if pairs else None


def _mean_auc(aucs: Sequence[float | None], y: np.ndarray, groups: np.ndarray) -> Interval:
    """Mean AUC of the tags, with the interval of a tag of average size: wider than needed."""
    known = [value for value in aucs if value is not None]
    if not known:
        return newcombe_auc(None, 0, 0)
    n_groups = _distinct(groups)
    n_positive = max(1, round(n_groups / len(aucs)))
    return newcombe_auc(float(np.mean(known)), n_positive, max(1, n_groups - n_positive))


def _distinct(groups: np.ndarray) -> int:
    return len(np.unique(groups))
