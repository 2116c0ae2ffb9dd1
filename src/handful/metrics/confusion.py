"""Who was taken for whom: the confusion matrix and the ratios of its counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from handful.errors import InputError
from handful.metrics.checks import check_same_kind, check_same_length, weights_of

_DENSE_SPAN = 1 << 10  # tags as small integers this far apart are counted without sorting
_CHUNK = 1 << 20  # samples at once, so that the codes stay in the processor's cache


def confusion_matrix(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    *,
    labels: ArrayLike | None = None,
    sample_weight: np.ndarray | None = None,
) -> np.ndarray:
    """How often each tag was taken for each.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (n_samples,)
        Tags, of any one kind (strings, integers, booleans).
    labels : array_like, shape (n_tags,), optional
        The order of rows and columns; samples with another tag are left out. By default all
        tags that occur, sorted.
    sample_weight : ndarray, shape (n_samples,), optional

    Returns
    -------
    ndarray of int64 (float64 with weights), shape (n_tags, n_tags)
        Rows are actual, columns predicted.

    Raises
    ------
    InputError
        When the shapes differ, or a label stands twice.

    Examples
    --------
    >>> confusion_matrix(np.array(["a", "a", "b"]), np.array(["a", "b", "b"])).tolist()
    [[1, 1], [0, 1]]
    """
    found, counts = count_pairs(y_true, y_pred, sample_weight=sample_weight)
    return counts if labels is None else _arranged(counts, found, np.asarray(labels))


def count_pairs(
    y_true: np.ndarray, y_pred: np.ndarray, *, sample_weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Tags that occur, sorted, and their confusion matrix."""
    actual, predicted = tags_of(y_true, name="y_true"), tags_of(y_pred, name="y_pred")
    check_same_length(y_true=actual, y_pred=predicted)
    weights = weights_of(sample_weight, len(actual))
    span = _dense_span(actual, predicted)
    if span is None:
        return _count_any(actual, predicted, weights)
    return _count_integers(actual, predicted, weights, *span)


def tags_of(tags: np.ndarray, *, name: str) -> np.ndarray:
    """`tags` as an array of shape (n_samples,) without NaN; raises InputError otherwise."""
    array = np.asarray(tags)
    if array.ndim != 1:
        raise InputError(f"{name} must have one dimension, got shape {array.shape}.")
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise InputError(f"{name}, row {int(np.argmax(np.isnan(array)))}: NaN is not a tag.")
    return array


def _dense_span(actual: np.ndarray, predicted: np.ndarray) -> tuple[int, int] | None:
    """Smallest tag and number of tags where both are integers close together."""
    if not len(actual) or actual.dtype.kind not in "biu" or predicted.dtype.kind not in "biu":
        return None
    low = min(int(actual.min()), int(predicted.min()))
    high = max(int(actual.max()), int(predicted.max()))
    near_zero = low > -(1 << 62) and high < 1 << 62  # codes are computed in int64
    return (low, high - low + 1) if near_zero and high - low < _DENSE_SPAN else None


def _count_integers(
    actual: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None, low: int, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Tags that occur and their matrix, for integers from `low` to `low` + `width` - 1."""
    pairs = np.zeros(width * width, np.int64)
    weighted = np.zeros(width * width)
    for start in range(0, len(actual), _CHUNK):
        part = slice(start, start + _CHUNK)
        codes = actual[part].astype(np.int64)
        codes -= low
        codes *= width
        codes += predicted[part].astype(np.int64, copy=False)
        codes -= low
        pairs += np.bincount(codes, minlength=len(pairs))
        if weights is not None:
            weighted += np.bincount(codes, weights[part], minlength=len(pairs))
    square = pairs.reshape(width, width)
    kept = np.flatnonzero(square.any(axis=0) | square.any(axis=1))
    counts = square if weights is None else weighted.reshape(width, width)
    return kept + low, counts[np.ix_(kept, kept)]


def _count_any(
    actual: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Tags that occur, sorted, and their matrix."""
    found, codes = codes_of(actual, predicted)
    half = len(actual)
    if not half:
        return found, np.zeros((0, 0), np.int64 if weights is None else np.float64)
    kept, counts = _count_integers(codes[:half], codes[half:], weights, 0, len(found))
    return found[kept], counts


def codes_of(actual: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All tags that occur, sorted, and the number of each sample's tag among them.

    The codes of `actual` come first, those of `predicted` follow.

    Raises
    ------
    InputError
        When the tags are of different kinds, so that "1" would have to equal 1.
    """
    check_same_kind(y_true=actual, y_pred=predicted)
    try:
        found, codes = np.unique(np.concatenate([actual, predicted]), return_inverse=True)
    except TypeError as error:
        raise InputError(
            f"Tags must be of one kind, so that they can be sorted: {error}."
        ) from error
    return found, codes


def _arranged(counts: np.ndarray, found: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Give the matrix the rows and columns of `labels`; zeros for those that do not occur."""
    names = labels.tolist()
    if len(set(names)) < len(names):
        raise InputError(f"labels must all differ, got {names}.")
    places = {tag: i for i, tag in enumerate(found.tolist())}
    kept = [i for i, tag in enumerate(names) if tag in places]
    source = [places[names[i]] for i in kept]
    arranged = np.zeros((len(names), len(names)), counts.dtype)
    arranged[np.ix_(kept, kept)] = counts[np.ix_(source, source)]
    return arranged
