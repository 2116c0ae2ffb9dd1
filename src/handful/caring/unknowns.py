"""None of these: samples unlike everything that was learned from.

A softmax always names a tag; how far a sample is from the training samples of each tag says
whether it should. Distances to the nearest few are compared with those that the training
samples have among themselves, which gives a conformal p-value (Vovk, Gammerman and Shafer 2005,
"Algorithmic learning in a random world", chapter 2): samples like the training's are refused in
at most about `ALPHA` of cases.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from handful.graphs import Graph
from handful.splits import fold_numbers, splits, usable_folds

ALPHA = 0.04  # share of samples like the training's that may be refused
NEEDED = int(1 / ALPHA) - 1  # fewer samples cannot refuse anything: p is at least 1 / (n + 1)
_NEIGHBOURS = 3
_FOLDS = 5
_MOST_REFERENCES = 1000  # kept in the model: 6 MB with the largest encoder


@dataclass(frozen=True)
class Unknowns:
    """What is needed to tell whether a sample is like those learned from.

    Attributes
    ----------
    mean, scale : ndarray of float32, shape (n_features,)
        Features are standardised with these.
    references : ndarray of float32, shape (n_references, n_features)
        Standardised training samples, tag by tag; in the model file as float16.
    counts : tuple of int
        References of each tag.
    spread : ndarray of float32, shape (n_tags,)
        Usual distance of a tag's samples to their nearest.
    calibration : ndarray of float32, shape (n_samples,)
        Sorted scores of the training samples, each by references without it.
    """

    mean: np.ndarray
    scale: np.ndarray
    references: np.ndarray
    counts: tuple[int, ...]
    spread: np.ndarray
    calibration: np.ndarray

    def p_values(self, X: np.ndarray) -> np.ndarray:
        """Conformal p-values, float32 (n_samples,): small means unlike all training samples.

        Parameters
        ----------
        X : ndarray of float32, shape (n_samples, n_features)
        """
        above = (self.calibration >= self.scores(X)[:, None]).sum(axis=1)
        return np.asarray((1 + above) / (1 + len(self.calibration)), np.float32)

    def scores(self, X: np.ndarray) -> np.ndarray:
        """Distance to the nearest few of the nearest tag, in its usual distances, (n_samples,)."""
        distances = _distances((X - self.mean) * self.scale, self.references)
        bounds = np.cumsum((0, *self.counts))
        nearest = [_nearest(distances[:, start:end]) for start, end in pairwise(bounds)]
        return np.asarray((np.stack(nearest, axis=1) / self.spread).min(axis=1), np.float32)

    def write(self, graph: Graph, features: str) -> str:
        """Append the p-values of `features` to `graph`; gives their name, float32 (n,)."""
        away = graph.add("Sub", [features, graph.constant(self.mean)])
        standard = graph.add("Mul", [away, graph.constant(self.scale)])
        distances = self._write_distances(graph, standard)
        sizes = graph.constant(self.counts, np.int64)
        tags = graph.add_all("Split", [distances, sizes], n_outputs=len(self.counts), axis=1)
        nearest = [
            self._write_nearest(graph, tag, count)
            for tag, count in zip(tags, self.counts, strict=True)
        ]
        scores = graph.add(
            "Div", [graph.add("Concat", nearest, axis=1), graph.constant(self.spread)]
        )
        least = graph.add("ReduceMin", [scores, graph.constant([1], np.int64)], keepdims=1)
        above = graph.add("GreaterOrEqual", [graph.constant(self.calibration), least])
        count = graph.add(
            "ReduceSum",
            [graph.add("Cast", [above], to=1), graph.constant([1], np.int64)],
            keepdims=0,
        )
        share = graph.add("Add", [count, graph.constant(1.0)])
        return graph.add("Mul", [share, graph.constant(1 / (1 + len(self.calibration)))])

    def _write_distances(self, graph: Graph, standard: str) -> str:
        """Euclidean distances to the references, float32 (n, n_references)."""
        references = graph.add("Cast", [graph.constant(self.references.T, np.float16)], to=1)
        lengths = (self.references**2).sum(axis=1)
        own = graph.add("ReduceSumSquare", [standard, graph.constant([1], np.int64)], keepdims=1)
        products = graph.add("MatMul", [standard, references])
        crossed = graph.add("Mul", [products, graph.constant(-2.0)])
        squares = graph.add("Add", [graph.add("Add", [crossed, own]), graph.constant(lengths)])
        return graph.add("Sqrt", [graph.add("Max", [squares, graph.constant(0.0)])])

    def _write_nearest(self, graph: Graph, distances: str, count: int) -> str:
        k = graph.constant([min(_NEIGHBOURS, count)], np.int64)
        nearest = graph.add("TopK", [distances, k], axis=1, largest=0, n_outputs=2)
        return graph.add("ReduceMean", [nearest, graph.constant([1], np.int64)], keepdims=1)


def fit_unknowns(
    X: np.ndarray, y: np.ndarray, *, groups: np.ndarray, n_tags: int, seed: int
) -> Unknowns:
    """Learn what samples of these tags look like.

    Every training sample is scored by references that it and its group were not among
    (cross-conformal: Vovk 2015, "Cross-conformal predictors"); scores of new samples are
    compared with those.

    Parameters
    ----------
    X : ndarray of float32, shape (n_samples, n_features)
    y : ndarray of int, shape (n_samples,)
    groups : ndarray of int, shape (n_samples,)
    n_tags : int
    seed : int
        Deals the folds, and chooses references where there are more than can be kept.
    """
    n_folds = usable_folds(y, groups, most=_FOLDS)
    calibration = [np.empty(0, np.float32)]
    if n_folds > 1:
        for split in splits(fold_numbers(y, groups, n_folds=n_folds, seed=seed)):
            part = _learn(X[split.train], y[split.train], groups[split.train], n_tags, seed)
            calibration.append(part.scores(X[split.test]))
    whole = _learn(X, y, groups, n_tags, seed)
    return replace(
        whole,
        references=whole.references.astype(np.float16).astype(np.float32),  # as in the file
        calibration=np.sort(np.concatenate(calibration)).astype(np.float32),
    )


def _learn(X: np.ndarray, y: np.ndarray, groups: np.ndarray, n_tags: int, seed: int) -> Unknowns:
    """References and usual distances, not yet calibrated."""
    kept = _references(y, n_tags, seed)
    mean, spread = X.mean(axis=0), X.std(axis=0)
    noise = 1e-6 * max(float(spread.max()), 1e-12)
    scale = np.where(spread > noise, 1 / np.maximum(spread, noise), 0).astype(np.float32)
    standard = ((X - mean) * scale).astype(np.float32)
    references = standard[kept]
    distances = _distances(standard, references)
    apart = (groups[:, None] != groups[kept]) & (y[:, None] == y[kept])
    own = _nearest(np.where(apart, distances, np.inf))
    usual = np.array([_median(own[y == tag]) for tag in range(n_tags)])
    usual = np.where(np.isfinite(usual), usual, _median(usual))
    usual = np.where(np.isfinite(usual) & (usual > 0), usual, 1).astype(np.float32)
    counts = tuple(np.bincount(y[kept], minlength=n_tags).tolist())
    return Unknowns(mean, scale, references, counts, usual, np.empty(0, np.float32))


def _references(y: np.ndarray, n_tags: int, seed: int) -> np.ndarray:
    """Samples to keep, tag by tag, as many of each as fit."""
    random = np.random.default_rng(seed)
    most = max(_NEIGHBOURS, _MOST_REFERENCES // n_tags)
    of_tag = [random.permutation(np.flatnonzero(y == tag))[:most] for tag in range(n_tags)]
    return np.concatenate([np.sort(some) for some in of_tag])


def _distances(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    squares = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1) - 2 * (A @ B.T)
    return np.asarray(np.sqrt(np.maximum(squares, 0)))


def _nearest(distances: np.ndarray) -> np.ndarray:
    """Mean distance to the nearest few that are not infinite; infinite where there are none."""
    k = min(_NEIGHBOURS, distances.shape[1])
    least = np.partition(distances, k - 1, axis=1)[:, :k]
    known = np.isfinite(least)
    total = np.where(known, least, 0).sum(axis=1)
    return np.asarray(np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.inf))


def _median(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("inf")
