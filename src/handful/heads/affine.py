"""Heads that are a weighted sum of features: scores = X @ weights + bias."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from handful.graphs import Graph


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

    def tempered(self, temperature: float) -> Affine:
        """Scores divided by the temperature."""
        divisor = np.float32(temperature)
        return Affine(self.weights / divisor, self.bias / divisor)

    def write(self, graph: Graph, features: str) -> str:
        """Append product, sum and softmax; gives the probabilities' name."""
        scores = graph.add("MatMul", [features, graph.constant(self.weights)])
        scores = graph.add("Add", [scores, graph.constant(self.bias)])
        return graph.add("Softmax", [scores], axis=1)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))
