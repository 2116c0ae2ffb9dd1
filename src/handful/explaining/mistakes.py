"""The worst mistakes, each beside the training samples that it resembles most; doubtful hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from handful.metrics import ASK

SHOWN = 24
_SIMILAR = 2
_OF_A_TAG = 3


@dataclass(frozen=True)
class Lookalike:
    """A training sample that resembles a mistaken one; similarity is a cosine, at most 1."""

    index: int
    similarity: float


@dataclass(frozen=True)
class Mistake:
    """A sample that was taken for another tag by a model that had not seen it.

    Attributes
    ----------
    index : int
    taken_for : int
        Number of the tag.
    probability : float
        How surely.
    similar : tuple of Lookalike
        Most alike among the samples of the tag it was taken for, which that model had seen.
    """

    index: int
    taken_for: int
    probability: float
    similar: tuple[Lookalike, ...]


def worst_mistakes(
    probabilities: np.ndarray,
    y: np.ndarray,
    *,
    features: np.ndarray,
    apart: Sequence[np.ndarray],
    predicted: np.ndarray | None = None,
) -> list[Mistake]:
    """The surest mistakes first, at most `SHOWN`.

    Parameters
    ----------
    probabilities : ndarray of float32, shape (n_samples, n_tags)
        Of models that had not seen the sample.
    y : ndarray of int, shape (n_samples,)
    features : ndarray of float32, shape (n_samples, n_features)
        In which samples resemble one another.
    apart : sequence of ndarray of int, shape (n_samples,)
        Numbers (of folds, of groups) that a lookalike must not share with the sample.
    predicted : ndarray of int, shape (n_samples,), optional
        What was answered, ASK (-1) where a person was; default: the most probable.
    """
    if predicted is None:
        predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero((predicted != y) & (predicted != ASK))
    surest = probabilities[wrong, predicted[wrong]]
    away = features - features.mean(axis=0)
    away = away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
    mistakes = []
    for index in wrong[np.argsort(-surest, kind="stable")][:SHOWN]:
        eligible = y == predicted[index]
        for numbers in apart:
            eligible &= numbers != numbers[index]
        similar = _most_similar(away, int(index), np.flatnonzero(eligible))
        taken_for = int(predicted[index])
        sure = float(probabilities[index, taken_for])
        mistakes.append(Mistake(int(index), taken_for, sure, similar))
    return mistakes


@dataclass(frozen=True)
class Hit:
    """A sample whose tag was told right, and how surely, 0 to 1."""

    index: int
    tag: int
    probability: float


def doubtful_hits(
    probabilities: np.ndarray, y: np.ndarray, predicted: np.ndarray | None = None
) -> list[Hit]:
    """The least sure right answers, a few of each tag, at most `SHOWN`.

    Parameters are as in `worst_mistakes`. By tag, the least sure of each first.
    """
    if predicted is None:
        predicted = probabilities.argmax(axis=1)
    tags = np.unique(y[predicted == y])
    n_each = max(1, min(_OF_A_TAG, SHOWN // max(1, len(tags))))
    hits = []
    for tag in tags[:SHOWN]:
        right = np.flatnonzero((y == tag) & (predicted == y))
        sure = probabilities[right, tag]
        for at in np.argsort(sure, kind="stable")[:n_each]:
            hits.append(Hit(int(right[at]), int(tag), float(sure[at])))
    return hits


def _most_similar(away: np.ndarray, index: int, among: np.ndarray) -> tuple[Lookalike, ...]:
    alike = away[among] @ away[index]
    best = np.argsort(-alike, kind="stable")[:_SIMILAR]
    return tuple(Lookalike(int(among[at]), float(alike[at])) for at in best)
