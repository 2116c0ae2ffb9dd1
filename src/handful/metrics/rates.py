"""Accuracy, precision, recall and their kin; 0/0 is undefined, never 0."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, cast, get_args, overload

import numpy as np
from numpy.typing import ArrayLike

from handful.errors import InputError
from handful.metrics.checks import check_same_kind, check_same_shape, weights_of
from handful.metrics.confusion import codes_of, confusion_matrix, tags_of

Average = Literal["binary", "macro", "weighted", "micro"]


@dataclass(frozen=True)
class OneVsRest:
    """Each tag's counts, taking it as positive and all others as negative.

    Attributes
    ----------
    tags : ndarray, shape (n_tags,)
        Column numbers for several tags at once.
    tp, fp, fn, tn : ndarray of float64, shape (n_tags,)
    """

    tags: np.ndarray
    tp: np.ndarray
    fp: np.ndarray
    fn: np.ndarray
    tn: np.ndarray


def one_vs_rest(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    *,
    labels: ArrayLike | None = None,
    sample_weight: np.ndarray | None = None,
) -> OneVsRest:
    """Count the true and false positives and negatives of each tag.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (n_samples,) or (n_samples, n_tags)
        Tags that exclude each other, or one column of 0 and 1 for each of several tags.
    labels : array_like, optional
        Which tags, in which order; by default all that occur, sorted. Samples with another tag
        still count as negatives.
    sample_weight : ndarray, shape (n_samples,), optional

    Examples
    --------
    >>> counts = one_vs_rest(np.array(["a", "a", "b"]), np.array(["a", "b", "b"]))
    >>> counts.tp.tolist(), counts.fn.tolist()
    ([1.0, 1.0], [1.0, 0.0])
    """
    actual, predicted = np.asarray(y_true), np.asarray(y_pred)
    if actual.ndim == 2 or predicted.ndim == 2:
        return _several(actual, predicted, labels, sample_weight)
    actual, predicted = tags_of(actual, name="y_true"), tags_of(predicted, name="y_pred")
    found = codes_of(np.unique(actual), np.unique(predicted))[0]
    wanted = found if labels is None else np.asarray(labels)
    check_same_kind(tags=found, labels=wanted)
    extra = found[~np.isin(found, wanted)]
    counts = confusion_matrix(
        actual, predicted, labels=np.concatenate([wanted, extra]), sample_weight=sample_weight
    ).astype(np.float64)
    n = len(wanted)
    tp = counts.diagonal()[:n].copy()
    fp, fn = counts.sum(axis=0)[:n] - tp, counts.sum(axis=1)[:n] - tp
    return OneVsRest(wanted, tp, fp, fn, counts.sum() - tp - fp - fn)


def _several(
    actual: np.ndarray,
    predicted: np.ndarray,
    labels: ArrayLike | None,
    sample_weight: np.ndarray | None,
) -> OneVsRest:
    truth, said = indicators_of(actual, name="y_true"), indicators_of(predicted, name="y_pred")
    check_same_shape(truth, said)
    weights = weights_of(sample_weight, len(truth))
    tags = np.arange(truth.shape[1]) if labels is None else np.asarray(labels)
    truth, said = truth[:, tags], said[:, tags]
    mass = np.ones(len(truth)) if weights is None else weights
    tp, fp, fn = mass @ (truth & said), mass @ (~truth & said), mass @ (truth & ~said)
    return OneVsRest(tags, tp, fp, fn, mass @ (~truth & ~said))


def indicators_of(tags: np.ndarray, *, name: str) -> np.ndarray:
    """`tags` as booleans, one column a tag; raises InputError on anything but 0 and 1."""
    array = np.asarray(tags)
    if array.ndim != 2 or array.dtype.kind not in "biuf" or not np.isin(array, (0, 1)).all():
        raise InputError(
            f"{name} must hold 0 and 1, one row a sample and one column a tag, when several "
            f"tags may apply at once; got {array.dtype} {array.shape}."
        )
    return array.astype(bool)


class Rate(Protocol):
    """A ratio of each tag's counts: of one tag, of each, or averaged.

    With `average` "binary" the ratio of the tag `pos_label`; with None the ratio of each tag as
    float64 (n_tags,), NaN where undefined; with "macro" the mean over the tags where it is
    defined; with "weighted" the same, each tag counting as often as it occurs; with "micro" the
    ratio of the summed counts. A single number is None where undefined.
    """

    __name__: str

    @overload
    def __call__(
        self, y_true: np.ndarray, y_pred: np.ndarray, *, average: None,
        pos_label: object = 1, labels: ArrayLike | None = None,
        sample_weight: np.ndarray | None = None,
    ) -> np.ndarray: ...  # fmt: skip

    @overload
    def __call__(
        self, y_true: np.ndarray, y_pred: np.ndarray, *, average: Average = "binary",
        pos_label: object = 1, labels: ArrayLike | None = None,
        sample_weight: np.ndarray | None = None,
    ) -> float | None: ...  # fmt: skip


def _rate(fraction: Callable[[OneVsRest], tuple[np.ndarray, np.ndarray]]) -> Rate:
    """Make a metric of arrays from the numerator and denominator of each tag."""

    def rate(
        y_true: np.ndarray, y_pred: np.ndarray, *, average: Average | None = "binary",
        pos_label: object = 1, labels: ArrayLike | None = None,
        sample_weight: np.ndarray | None = None,
    ) -> np.ndarray | float | None:  # fmt: skip
        wanted = np.asarray([pos_label]) if average == "binary" else labels
        counts = one_vs_rest(y_true, y_pred, labels=wanted, sample_weight=sample_weight)
        return _averaged(*fraction(counts), average, support=counts.tp + counts.fn)

    rate.__name__, rate.__doc__ = fraction.__name__, fraction.__doc__
    rate.__qualname__ = fraction.__qualname__
    return cast("Rate", rate)


def _averaged(
    above: np.ndarray, below: np.ndarray, average: Average | None, *, support: np.ndarray
) -> np.ndarray | float | None:
    if average is not None and average not in get_args(Average):
        raise InputError(f"average must be None or one of {get_args(Average)}, got {average!r}.")
    if average in ("binary", "micro"):
        return ratio(float(above.sum()), float(below.sum()))
    defined = below > 0
    each: np.ndarray = np.divide(above, below, out=np.full(len(below), np.nan), where=defined)
    if average is None:
        return each
    mass = support[defined] if average == "weighted" else np.ones(int(defined.sum()))
    return ratio(float(mass @ each[defined]), float(mass.sum()))


def ratio(above: float, below: float) -> float | None:
    """`above` / `below`, or None for 0/0.

    Examples
    --------
    >>> ratio(1, 4), ratio(0, 0)
    (0.25, None)
    """
    return above / below if below > 0 else None


@_rate
def precision(counts: OneVsRest) -> tuple[np.ndarray, np.ndarray]:
    """Of the samples said to have the tag, the share that has it: TP / (TP + FP).

    Averages and undefined values: see `Rate`.

    Examples
    --------
    >>> precision(np.array([0, 1, 1]), np.array([1, 1, 1]))
    0.6666666666666666
    """
    return counts.tp, counts.tp + counts.fp


@_rate
def recall(counts: OneVsRest) -> tuple[np.ndarray, np.ndarray]:
    """Of the samples that have the tag, the share found: TP / (TP + FN); also sensitivity.

    Averages and undefined values: see `Rate`.

    Examples
    --------
    >>> recall(np.array(["a", "b", "b"]), np.array(["a", "a", "b"]), average=None).tolist()
    [1.0, 0.5]
    """
    return counts.tp, counts.tp + counts.fn


sensitivity = recall


@_rate
def specificity(counts: OneVsRest) -> tuple[np.ndarray, np.ndarray]:
    """Of the samples without the tag, the share left alone: TN / (TN + FP).

    Averages and undefined values: see `Rate`.

    Examples
    --------
    >>> specificity(np.array([0, 0, 1]), np.array([0, 1, 1]))
    0.5
    """
    return counts.tn, counts.tn + counts.fp


@_rate
def f1(counts: OneVsRest) -> tuple[np.ndarray, np.ndarray]:
    """Harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN).

    Averages and undefined values: see `Rate`.

    Examples
    --------
    >>> f1(np.array([0, 1, 1]), np.array([1, 1, 1]))
    0.8
    """
    return 2 * counts.tp, 2 * counts.tp + counts.fp + counts.fn


def likelihood_ratios(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    *,
    pos_label: object = 1,
    sample_weight: np.ndarray | None = None,
) -> tuple[float | None, float | None]:
    """How a positive and a negative answer change the odds: LR+ and LR-.

    LR+ = sensitivity / (1 - specificity), LR- = (1 - sensitivity) / specificity; None where a
    class is missing or the denominator is 0.

    Examples
    --------
    >>> likelihood_ratios(np.array([1, 1, 0, 0]), np.array([1, 1, 1, 0]))
    (2.0, 0.0)
    """
    wanted = np.asarray([pos_label])
    c = one_vs_rest(y_true, y_pred, labels=wanted, sample_weight=sample_weight)
    tp, fp, fn, tn = (float(count[0]) for count in (c.tp, c.fp, c.fn, c.tn))
    if tp + fn == 0 or tn + fp == 0:
        return None, None
    return ratio(tp * (tn + fp), fp * (tp + fn)), ratio(fn * (tn + fp), tn * (tp + fn))


def accuracy(
    y_true: np.ndarray, y_pred: np.ndarray, *, sample_weight: np.ndarray | None = None
) -> float | None:
    """Share of samples with the right tag; None without samples.

    With one column for each of several tags, a sample is right when all its columns are.

    Examples
    --------
    >>> accuracy(np.array(["a", "b"]), np.array(["a", "a"]))
    0.5
    """
    actual, predicted = np.asarray(y_true), np.asarray(y_pred)
    if actual.ndim == 2 or predicted.ndim == 2:
        actual, predicted = (
            indicators_of(actual, name="y_true"), indicators_of(predicted, name="y_pred")
        )  # fmt: skip
        check_same_shape(actual, predicted)
        right = (actual == predicted).all(axis=1)
    else:
        actual, predicted = tags_of(actual, name="y_true"), tags_of(predicted, name="y_pred")
        check_same_shape(actual, predicted)
        check_same_kind(y_true=actual, y_pred=predicted)
        right = actual == predicted
    weights = weights_of(sample_weight, len(right))
    if weights is None:
        return ratio(int(np.count_nonzero(right)), len(right))
    return ratio(float(weights @ right), float(weights.sum()))


def balanced_accuracy(
    y_true: np.ndarray, y_pred: np.ndarray, *, sample_weight: np.ndarray | None = None
) -> float | None:
    """Mean of the recalls of all tags that occur in `y_true`; None without samples.

    Examples
    --------
    >>> balanced_accuracy(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]))
    0.5
    """
    actual, predicted = tags_of(y_true, name="y_true"), tags_of(y_pred, name="y_pred")
    return recall(actual, predicted, average="macro", sample_weight=sample_weight)
