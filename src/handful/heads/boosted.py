"""Gradient-boosted trees: for tables, where what matters is which side of a bound a value is on.

scikit-learn's histogram boosting grows them (Friedman 2001, "Greedy function approximation"; Ke
et al. 2017, "LightGBM"); here they are kept as plain arrays, which answer alike in NumPy and in
the exported graph. The trees of all inner folds together are the head: their average is steadier
than one model's, and no further model need be grown.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from handful.graphs import TREES
from handful.heads.affine import softmax
from handful.heads.base import Fitted
from handful.loading import one_thread_each

if TYPE_CHECKING:
    from handful.graphs import Graph

LEARNING: dict[str, Any] = {
    "learning_rate": 0.06,
    "max_iter": 150,
    "max_leaf_nodes": 16,
    "min_samples_leaf": 10,
    "l2_regularization": 1.0,
    "max_features": 0.5,
    "early_stopping": False,
}
_LEAF = -1  # the feature of a node that is a leaf


def has_trees() -> bool:
    """Whether ``handful[tables]`` is installed."""
    return find_spec("sklearn") is not None


@dataclass(frozen=True)
class Trees:
    """A sum of decision trees for each output.

    Attributes
    ----------
    feature : ndarray of int64, shape (n_nodes,)
        Which feature a node looks at; -1: it is a leaf.
    threshold : ndarray of float32, shape (n_nodes,)
        Left where the feature is at most this.
    left, right : ndarray of int64, shape (n_nodes,)
        Among all nodes.
    value : ndarray of float32, shape (n_nodes,)
        What a leaf adds to its output.
    roots : ndarray of int64, shape (n_trees,)
    outputs : ndarray of int64, shape (n_trees,)
        Which output each tree adds to.
    start : ndarray of float32, shape (n_outputs,)
        Outputs before any tree.
    temperature : float
        Outputs are divided by it.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    roots: np.ndarray
    outputs: np.ndarray
    start: np.ndarray
    temperature: float = 1.0

    def scores(self, X: np.ndarray) -> np.ndarray:
        """Sums of the leaves, float32 (n_samples, n_outputs)."""
        at = np.broadcast_to(self.roots, (len(X), len(self.roots))).copy()
        rows = np.arange(len(X))[:, None]
        while (inner := self.feature[at] != _LEAF).any():
            goes_left = X[rows, self.feature[at]] <= self.threshold[at]
            at = np.where(inner, np.where(goes_left, self.left[at], self.right[at]), at)
        found = np.tile(self.start, (len(X), 1))
        for output in range(len(self.start)):
            found[:, output] += self.value[at[:, self.outputs == output]].sum(axis=1)
        return found

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n_samples, n_tags)."""
        return softmax(self.scores(X) / np.float32(self.temperature))

    def tempered(self, temperature: float) -> Trees:
        """Scores divided by the temperature."""
        return replace(self, temperature=self.temperature * temperature)

    def write_scores(self, graph: Graph, features: str) -> str:
        """Append the sums of the leaves to `graph`; gives their name, (n, n_outputs)."""
        return graph.add("TreeEnsembleRegressor", [features], domain=TREES, **self._attributes())

    def write(self, graph: Graph, features: str) -> str:
        """Append trees and softmax; gives the probabilities' name."""
        scores = self.write_scores(graph, features)
        scores = graph.add("Mul", [scores, graph.constant(1 / self.temperature)])
        return graph.add("Softmax", [scores], axis=1)

    def _attributes(self) -> dict[str, Any]:
        """As ONNX wants them: nodes are numbered within their tree."""
        lengths = np.diff(np.append(self.roots, len(self.feature)))
        trees = np.repeat(np.arange(len(self.roots)), lengths)
        first = self.roots[trees]
        nodes = np.arange(len(self.feature)) - first
        leaf = self.feature == _LEAF
        return {
            "n_targets": len(self.start),
            "base_values": self.start.tolist(),
            "nodes_treeids": trees.tolist(),
            "nodes_nodeids": nodes.tolist(),
            "nodes_featureids": np.where(leaf, 0, self.feature).tolist(),
            "nodes_values": self.threshold.tolist(),
            "nodes_modes": np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
            "nodes_truenodeids": np.where(leaf, 0, self.left - first).tolist(),
            "nodes_falsenodeids": np.where(leaf, 0, self.right - first).tolist(),
            "target_treeids": trees[leaf].tolist(),
            "target_nodeids": nodes[leaf].tolist(),
            "target_ids": self.outputs[trees][leaf].tolist(),
            "target_weights": self.value[leaf].tolist(),
        }


def fit_boosted(
    X: np.ndarray,
    y: np.ndarray,
    *,
    n_tags: int,
    folds: np.ndarray,
    sample_weight: np.ndarray,
    seed: int,
) -> Fitted:
    """Trees of all inner folds together.

    Parameters
    ----------
    X : ndarray of float32, shape (n_samples, n_features)
    y : ndarray of int, shape (n_samples,)
    n_tags : int
    folds : ndarray of int, shape (n_samples,)
        Inner fold of each sample.
    sample_weight : ndarray of float32, shape (n_samples,)
    seed : int
    """
    import sklearn.ensemble  # noqa: F401 - before the limit: it brings threads of its own

    inner = np.empty((len(X), n_tags), np.float32)
    grown = []
    with one_thread_each():
        for fold in range(int(folds.max()) + 1):
            out = folds == fold
            trees = _grown(X[~out], y[~out], n_tags, sample_weight[~out], seed + fold)
            inner[out] = trees.predict_proba(X[out])
            grown.append(trees)
    return Fitted(together(grown), inner, f"{sum(len(t.roots) for t in grown)} trees")


def _grown(X: np.ndarray, y: np.ndarray, n_tags: int, weight: np.ndarray, seed: int) -> Trees:
    from sklearn.ensemble import HistGradientBoostingClassifier

    warnings.filterwarnings("ignore", message="The number of unique classes", module="sklearn")
    model = HistGradientBoostingClassifier(random_state=seed, **LEARNING)
    model.fit(X, y, sample_weight=weight)
    found = as_trees(model)
    present = model.classes_.tolist()
    if len(present) == 2:  # one score for the second tag: the first one's is 0
        start = np.append(np.float32(0), found.start)
        found = replace(found, outputs=found.outputs + 1, start=start)
    start = np.full(n_tags, -30, np.float32)  # a tag without samples is never answered
    start[present] = found.start
    return replace(found, outputs=np.array(present)[found.outputs], start=start)


def as_trees(model: Any) -> Trees:
    """The arrays of a fitted model of scikit-learn's histogram boosting."""
    parts: dict[str, list[np.ndarray]] = {name: [] for name in ("f", "t", "l", "r", "v")}
    roots, outputs, size = [], [], 0
    for stage in model._predictors:
        for output, tree in enumerate(stage):
            nodes = tree.nodes
            leaf = nodes["is_leaf"].astype(bool)
            parts["f"].append(np.where(leaf, _LEAF, nodes["feature_idx"]).astype(np.int64))
            parts["t"].append(_at_most(np.where(leaf, 0.0, nodes["num_threshold"])))
            parts["l"].append(nodes["left"].astype(np.int64) + size)
            parts["r"].append(nodes["right"].astype(np.int64) + size)
            parts["v"].append(np.where(leaf, nodes["value"], 0.0).astype(np.float32))
            roots.append(size)
            outputs.append(output)
            size += len(nodes)
    start = np.asarray(model._baseline_prediction, np.float32).ravel()
    feature, threshold, left, right, value = (np.concatenate(part) for part in parts.values())
    return Trees(feature, threshold, left, right, value, np.array(roots), np.array(outputs), start)


def _at_most(thresholds: np.ndarray) -> np.ndarray:
    """The largest float32 not above each: x <= t stays the same for every float32 x."""
    found = thresholds.astype(np.float32)
    return np.where(found > thresholds, np.nextafter(found, np.float32(-np.inf)), found)


def together(grown: list[Trees]) -> Trees:
    """One sum of trees that is the average of several."""
    share = np.float32(1 / len(grown))
    sizes = np.cumsum([0, *(len(trees.feature) for trees in grown[:-1])])
    return Trees(
        feature=np.concatenate([trees.feature for trees in grown]),
        threshold=np.concatenate([trees.threshold for trees in grown]),
        left=np.concatenate([t.left + size for t, size in zip(grown, sizes, strict=True)]),
        right=np.concatenate([t.right + size for t, size in zip(grown, sizes, strict=True)]),
        value=np.concatenate([trees.value * share for trees in grown]),
        roots=np.concatenate([t.roots + size for t, size in zip(grown, sizes, strict=True)]),
        outputs=np.concatenate([trees.outputs for trees in grown]),
        start=np.asarray(np.mean([trees.start for trees in grown], axis=0), np.float32),
    )
