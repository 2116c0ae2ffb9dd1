"""Logistic regression on how similar a sample is to each of those learnt from.

Similarity is exp(2 (cosine - 1)): 1 for the same direction, 0.14 at a right angle. Against
logistic regression on the features themselves it lets a tag be several things at once
(Schoelkopf and Smola 2002, "Learning with kernels", sections 2.3 and 4.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from handful.heads.affine import Affine
from handful.heads.base import Fitted
from handful.heads.logistic import fit_logistic

if TYPE_CHECKING:
    from handful.graphs import Graph

_SHARPNESS = 2.0  # of similarity; 1 and 3 are within 0.1 points of it on sentences
_MOST_REFERENCES = 2000  # bounds time, and the model file: 3 MB for sentences
_RANK_TOLERANCE = 1e-5  # directions below this share of the largest carry only rounding noise
_LEAST = 1e-12


@dataclass(frozen=True)
class Similarities:
    """A head behind similarities.

    Attributes
    ----------
    references : ndarray of float32, shape (n_references, n_features)
        Of length 1.
    head : Affine
        From similarities to scores.
    """

    references: np.ndarray
    head: Affine

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n_samples, n_tags)."""
        return self.head.predict_proba(_similar(_unit(X), self.references))

    def tempered(self, temperature: float) -> Similarities:
        """Less sure of itself where the temperature is above 1."""
        return replace(self, head=self.head.tempered(temperature))

    def write(self, graph: Graph, features: str) -> str:
        """Append similarities and head; gives the probabilities' name."""
        length = graph.add("ReduceL2", [features, graph.constant([1], np.int64)], keepdims=1)
        unit = graph.add("Div", [features, graph.add("Max", [length, graph.constant(_LEAST)])])
        cosines = graph.add("MatMul", [unit, graph.constant(self.references.T)])
        apart = graph.add("Sub", [cosines, graph.constant(1.0)])
        similar = graph.add("Exp", [graph.add("Mul", [apart, graph.constant(_SHARPNESS)])])
        return self.head.write(graph, similar)


def fit_similarities(
    X: np.ndarray,
    y: np.ndarray,
    *,
    n_tags: int,
    folds: np.ndarray | None,
    sample_weight: np.ndarray,
) -> Fitted:
    """Logistic regression on similarities; parameters as `fit_logistic` has them."""
    unit = _unit(X)
    references = unit[_spread_over_tags(y)]
    among = _similar(references, references).astype(np.float64)
    values, vectors = np.linalg.eigh(among)
    kept = values > _RANK_TOLERANCE * values[-1]
    basis = vectors[:, kept] / np.sqrt(values[kept])
    coordinates = (_similar(unit, references) @ basis).astype(np.float32)
    fitted = fit_logistic(
        coordinates,
        y,
        n_tags=n_tags,
        folds=folds,
        sample_weight=sample_weight,
        standardise=False,
    )
    along = cast(Affine, fitted.head)
    weights = (basis @ along.weights.astype(np.float64)).astype(np.float32)
    head = Similarities(references, Affine(weights, along.bias))
    return Fitted(head, fitted.inner, fitted.note)


def _unit(X: np.ndarray) -> np.ndarray:
    length = np.sqrt(np.vecdot(X, X))[:, None]
    return np.asarray(X / np.maximum(length, np.float32(_LEAST)))


def _similar(unit: np.ndarray, references: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(np.float32(_SHARPNESS) * (unit @ references.T - np.float32(1))))


def _spread_over_tags(y: np.ndarray) -> np.ndarray:
    """Samples to compare with: all, or as many as are allowed, evenly over the tags."""
    order = np.argsort(y, kind="stable")
    places = np.linspace(0, len(y) - 1, min(len(y), _MOST_REFERENCES))
    return np.asarray(order[places.round().astype(int)])
