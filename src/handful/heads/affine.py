"""The one form that every head takes once fitted: scores = X @ weights + bias."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Affine:
    """Scores of tags as a weighted sum of features.

    Attributes
    ----------
    weights : ndarray of float32, shape (n_features, n_tags)
    bias : ndarray of float32, shape (n_tags,)
    """

    weights: np.ndarray
    bias: np.ndarray

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n_samples, n_tags)."""
        return softmax(X @ self.weights + self.bias)


@dataclass(frozen=True)
class Fitted:
    """A fitted head, and how its kind did outside the inner folds.

    Attributes
    ----------
    head : Affine
    inner : ndarray of float32, shape (n_samples, n_tags), or None
        Probabilities of each training sample from a head that had not seen it.
    note : str
        What was chosen on the way, for the report.
    """

    head: Affine
    inner: np.ndarray | None
    note: str


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))
