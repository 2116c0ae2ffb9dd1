"""Heads that answer a number: ridge regression, boosted trees, networks.

The squared error is what they lower (Gauss). Like the heads of tags, each says how it did outside
the inner folds, and trees and networks of the inner folds are kept together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from handful.heads.boosted import (
    LEARNING,
    Trees,
    as_trees,
    together,
)  # fmt: skip
from handful.heads.logistic import span_basis
from handful.heads.networks import A_FOLD, Layers, outputs, outside, trained, write_layers
from handful.loading import one_thread_each

if TYPE_CHECKING:
    from handful.graphs import Graph

_PENALTIES = 10.0 ** np.arange(5, -4.01, -0.5)


class ValueHead(Protocol):
    """Turns features into a number."""

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Values, float32 (n_samples,)."""
        ...

    def write(self, graph: Graph, features: str) -> str:
        """Append the head behind float32 `features` (n, width); gives the name of (n, 1)."""
        ...


@dataclass(frozen=True)
class FittedValues:
    """A fitted head, and what its kind said outside the inner folds, float32 (n_samples,)."""

    head: ValueHead
    inner: np.ndarray
    note: str


@dataclass(frozen=True)
class Line:
    """A weighted sum of features: X @ weights + bias.

    Attributes
    ----------
    weights : ndarray of float32, shape (n_features,)
    bias : float
    """

    weights: np.ndarray
    bias: float

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Values, float32 (n_samples,)."""
        return np.asarray(X @ self.weights + np.float32(self.bias))

    def write(self, graph: Graph, features: str) -> str:
        """Append product and sum."""
        found = graph.add("MatMul", [features, graph.constant(self.weights[:, None])])
        return graph.add("Add", [found, graph.constant(self.bias)])


@dataclass(frozen=True)
class ValueTrees:
    """A sum of trees with one output."""

    trees: Trees

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Values, float32 (n_samples,)."""
        return self.trees.scores(X)[:, 0]

    def write(self, graph: Graph, features: str) -> str:
        """Append the trees."""
        return self.trees.write_scores(graph, features)


@dataclass(frozen=True)
class ValueNetworks:
    """The average of networks that were trained on standardised values.

    Attributes
    ----------
    layers : tuple of ndarray of float32
    middle, spread : float
        Mean and standard deviation of the values.
    """

    layers: Layers
    middle: float
    spread: float

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Values, float32 (n_samples,)."""
        found = outputs(self.layers, X)[-1][..., 0].mean(axis=0)
        return np.asarray(found * np.float32(self.spread) + np.float32(self.middle))

    def write(self, graph: Graph, features: str) -> str:
        """Append layers, mean and scale."""
        found = write_layers(graph, self.layers, features)
        found = graph.add("ReduceMean", [found, graph.constant([0], np.int64)], keepdims=0)
        found = graph.add("Mul", [found, graph.constant(self.spread)])
        return graph.add("Add", [found, graph.constant(self.middle)])


def fit_ridge(X: np.ndarray, y: np.ndarray, folds: np.ndarray) -> FittedValues:
    """Ridge regression whose penalty is chosen by the squared error outside the inner folds.

    Parameters
    ----------
    X : ndarray of float32, shape (n_samples, n_features)
    y : ndarray of float32, shape (n_samples,)
    folds : ndarray of int, shape (n_samples,)
        Inner fold of each sample.
    """
    basis = span_basis(X)
    Z = basis.coordinates.astype(np.float64)
    inner = np.empty((len(_PENALTIES), len(y)))
    for fold in range(int(folds.max()) + 1):
        out = folds == fold
        path = _ridge_path(Z[~out], y[~out])
        inner[:, out] = path[:, :-1] @ Z[out].T + path[:, -1:]
    best = int(np.argmin(((inner - y) ** 2).mean(axis=1)))
    found = _ridge_path(Z, y)[best]
    weights = basis.weights(found[:-1, None].astype(np.float32))[:, 0]
    head = Line(weights, float(found[-1] - basis.mean @ weights))
    return FittedValues(head, inner[best].astype(np.float32), f"penalty {_PENALTIES[best]:.2g}")


def _ridge_path(Z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights and intercept at every penalty, float64 (n_penalties, rank + 1)."""
    middle, mean = Z.mean(axis=0), float(y.mean())
    U, s, Vt = np.linalg.svd(Z - middle, full_matrices=False)
    along = U.T @ (y - mean)
    weights = (s * along / (s**2 + _PENALTIES[:, None])) @ Vt
    return np.column_stack([weights, mean - weights @ middle])


def fit_value_trees(X: np.ndarray, y: np.ndarray, folds: np.ndarray, seed: int) -> FittedValues:
    """Boosted trees of all inner folds together; parameters as for `fit_ridge`."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    inner = np.empty(len(y), np.float32)
    grown = []
    with one_thread_each():
        for fold in range(int(folds.max()) + 1):
            out = folds == fold
            model = HistGradientBoostingRegressor(random_state=seed + fold, **LEARNING)
            trees = as_trees(model.fit(X[~out], y[~out]))
            inner[out] = trees.scores(X[out])[:, 0]
            grown.append(trees)
    note = f"{sum(len(trees.roots) for trees in grown)} trees"
    return FittedValues(ValueTrees(together(grown)), inner, note)


def fit_value_networks(X: np.ndarray, y: np.ndarray, folds: np.ndarray, seed: int) -> FittedValues:
    """Networks of all inner folds together; parameters as for `fit_ridge`."""
    middle, spread = float(y.mean()), float(y.std()) or 1.0
    targets = ((y - middle) / spread).astype(np.float32)[:, None]
    left_out = np.repeat(np.arange(folds.max() + 1), A_FOLD)
    weight = np.ones(len(y), np.float32)
    layers = trained(X, targets, left_out, folds, weight, seed, of_tags=False)
    said = outside(outputs(layers, X)[-1], left_out, folds)[:, 0]
    head = ValueNetworks(layers, middle, spread)
    return FittedValues(
        head, (said * spread + middle).astype(np.float32), f"{len(left_out)} networks"
    )
