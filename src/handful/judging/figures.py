"""What may be said of predictions that were made without seeing the samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from handful.metrics import (
    ASK,
    Interval,
    accuracy,
    auc,
    clopper_pearson,
    cluster_ratio,
    confusion_matrix,
    log_loss,
    mean_of_ratios,
    newcombe_auc,
)  # fmt: skip

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
    """What may be said of one tag: `support` samples have it, of `asked` a person is asked.

    Precision, recall, specificity and F1 are of the samples that were answered.
    """

    precision: Interval
    recall: Interval
    specificity: Interval
    f1: Interval
    auc: Interval
    support: int
    asked: int


@dataclass(frozen=True)
class Judgement:
    """How good a model is, from samples it had not seen.

    Attributes
    ----------
    tags : tuple of str
    y : ndarray of int, shape (n_samples,)
    groups : ndarray of int, shape (n_samples,)
    record : Predictions
        The first pass: every sample predicted once. All counts and shares come from it.
    passes : tuple of float
        Accuracy of every pass: how much the luck of the split matters.
    metrics : mapping of str to Interval
        Intervals of accuracy, balanced accuracy and macro F1 rest on the first pass and on the
        mean of all, for as many samples as there are: alone, each holds the truth less often
        than it says (benchmarks/intervals.py).
    per_tag : mapping of str to TagJudgement
    confusion : ndarray of int, shape (n_tags, n_tags)
        Rows are the actual tags; samples for which a person was asked are not in it.

    Where a person was asked of some samples, all shares are of the others; the AUC and the log
    loss are of all.
    """

    tags: tuple[str, ...]
    y: np.ndarray
    groups: np.ndarray
    record: Predictions
    passes: tuple[float, ...]
    metrics: Mapping[str, Interval]
    per_tag: Mapping[str, TagJudgement]
    confusion: np.ndarray

    @property
    def asked(self) -> int:
        """Samples for which the rule asks a person."""
        return sum(one.asked for one in self.per_tag.values())


def judgement(
    passes: Sequence[Predictions],
    y: np.ndarray,
    *,
    groups: np.ndarray,
    tags: Sequence[str],
) -> Judgement:
    """Everything that may be said of these predictions."""
    record = passes[0]
    predicted = record.predicted()
    said = predicted != ASK
    confusion = confusion_matrix(y[said], predicted[said], labels=range(len(tags)))
    aucs = [_fold_aucs(passes, y == tag, tag) for tag in range(len(tags))]
    per_tag = {
        name: _judge_tag(
            tag, y, predicted, groups, _auc(aucs[tag], y == tag, groups, record.folds)
        )
        for tag, name in enumerate(tags)
    }  # fmt: skip
    baseline = y[said] == confusion.sum(axis=1).argmax()
    return Judgement(
        tags=tuple(tags),
        y=y,
        groups=groups,
        record=record,
        passes=tuple(float(accuracy(y, p.probabilities.argmax(axis=1)) or 0) for p in passes),
        metrics={
            **_shares(np.stack([p.predicted()[said] for p in passes]), y[said], groups[said]),
            "auc": _mean_auc(aucs, groups, record.folds),
            "log_loss": _log_loss(record.probabilities, y),
            "baseline_accuracy": ratio(baseline, groups[said]),
        },
        per_tag=per_tag,
        confusion=confusion,
    )


def _judge_tag(
    tag: int, y: np.ndarray, predicted: np.ndarray, groups: np.ndarray, ranking: Interval
) -> TagJudgement:
    answered, support = predicted != ASK, int((y == tag).sum())
    y, predicted, groups = y[answered], predicted[answered], groups[answered]
    actual, said = y == tag, predicted == tag
    either = actual | said
    return TagJudgement(
        precision=ratio(actual[said], groups[said]),
        recall=ratio(said[actual], groups[actual]),
        specificity=ratio(~said[~actual], groups[~actual]),
        f1=_f1(ratio((actual & said)[either], groups[either])),
        auc=ranking,
        support=support,
        asked=support - int(actual.sum()),
    )


def ratio(hits: np.ndarray, groups: np.ndarray) -> Interval:
    """Share of hits; by whole groups where samples belong together."""
    if _distinct(groups) == len(groups):
        return clopper_pearson(float(hits.sum()), len(hits))
    return cluster_ratio(hits, groups)


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


def _shares(predicted: np.ndarray, y: np.ndarray, groups: np.ndarray) -> dict[str, Interval]:
    """Accuracy, balanced accuracy and macro F1; `predicted` is int (n_passes, n_samples).

    The figures are those of the first pass, which the confusion matrix shows; the intervals
    hold its own and that of the mean over all passes, each for as many samples as there are.
    """
    shown, pooled = (_mean_shares(some, y, groups) for some in (predicted[:1], predicted))
    return {name: _spanned(shown[name], pooled[name], len(predicted)) for name in shown}


def _mean_shares(predicted: np.ndarray, y: np.ndarray, groups: np.ndarray) -> dict[str, Interval]:
    hits = (predicted == y).mean(axis=0)
    return {
        "accuracy": ratio(hits, groups),
        "balanced_accuracy": _balanced(hits, y, groups),
        "macro_f1": _macro_f1(predicted, y, groups),
    }


def _spanned(shown: Interval, pooled: Interval, n_passes: int) -> Interval:
    """The shown figure with both intervals' hull: the luck of the split is uncertainty too."""
    ends = (shown.low, shown.high, pooled.low, pooled.high)
    known = [end for end in ends if end is not None]
    if n_passes == 1 or len(known) < len(ends):
        return shown
    method = f"{pooled.method}, of the first and of the mean of {n_passes} passes"
    return replace(shown, low=min(known), high=max(known), method=method)


def _balanced(hits: np.ndarray, y: np.ndarray, groups: np.ndarray) -> Interval:
    support = np.bincount(y)
    if _distinct(groups) == len(groups):
        return mean_of_ratios(np.bincount(y, weights=hits), support)
    return cluster_ratio(hits, groups, weights=1 / support[y])


def _macro_f1(predicted: np.ndarray, y: np.ndarray, groups: np.ndarray) -> Interval:
    """Mean F1 of the tags that occur, as the weighted share of hits that it is.

    F1 = 2 TP / (actual + said), so each sample counts 1 / (actual + said) for the tag it has
    and as much for the tag it was said to have.
    """
    n_tags = int(max(y.max(initial=0), predicted.max(initial=0))) + 1
    mass = np.zeros(predicted.shape)
    for number, said in enumerate(predicted):
        counts = np.bincount(y, minlength=n_tags) + np.bincount(said, minlength=n_tags)
        mass[number] = (1 / counts[y] + 1 / counts[said]) / max(np.count_nonzero(counts), 1)
    weights = mass.mean(axis=0)
    hits = (mass * (predicted == y)).mean(axis=0) / weights
    return cluster_ratio(hits, groups, weights=weights)


def _log_loss(probabilities: np.ndarray, y: np.ndarray) -> Interval:
    """Without an interval.

    How sure the final model is differs from how sure the folds' models were by more than the
    samples' own spread tells. Bootstrap intervals, tried on the sets of
    benchmarks/intervals.py, held the truth in 65 to 90 % of cases.
    """
    return Interval(log_loss(y, probabilities), None, None, _CONFIDENCE, "no interval holds")


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


def _auc(value: float | None, truth: np.ndarray, groups: np.ndarray, folds: np.ndarray) -> Interval:
    n_folds = len(np.unique(folds))
    return newcombe_auc(value, _distinct(groups[truth]), _distinct(groups[~truth]), n_folds=n_folds)


def _mean_auc(aucs: Sequence[float | None], groups: np.ndarray, folds: np.ndarray) -> Interval:
    """Mean AUC of the tags, with the interval of a tag of average size: wider than needed."""
    known = [value for value in aucs if value is not None]
    if not known:
        return newcombe_auc(None, 0, 0)
    n_groups = _distinct(groups)
    n_positive = max(1, round(n_groups / len(aucs)))
    n_negative = max(1, n_groups - n_positive)
    n_folds = len(np.unique(folds))
    return newcombe_auc(float(np.mean(known)), n_positive, n_negative, n_folds=n_folds)


def _distinct(groups: np.ndarray) -> int:
    return len(np.unique(groups))
