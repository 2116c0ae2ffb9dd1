"""Multinomial logistic regression in the span of the samples, over a path of penalties.

Few samples, many features: the best weights lie in the span of the samples (the representer
theorem, Schoelkopf et al. 2001), so the problem is solved in the eigenbasis of the Gram matrix.
All inner folds are solved side by side, and each penalty starts where the last two point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from handful.heads.affine import Affine, softmax
from handful.heads.base import Fitted
from handful.heads.descent import Problems, descend

_RANK_TOLERANCE = 1e-6  # directions below this share of the largest carry only rounding noise
_MAX_RANK = 1024  # enough for what few samples can tell; bounds time on many
_PENALTIES = 10.0 ** np.arange(4, -2.01, -0.5)  # from strong to weak
_DEFAULT_PENALTY = 100.0  # where too few samples are there to choose by
_PATIENCE = 2  # penalties in a row without a better log loss before the search ends
_SEARCH_TOLERANCE, _FINAL_TOLERANCE = 1e-6, 1e-8  # nats a sample above the least loss
_MANY, _COARSER = 2000, 100.0  # samples from which penalties are compared more coarsely
_FEW_TAGS = 10  # with more the losses compared, and so what may be missing, are larger


@dataclass(frozen=True)
class Basis:
    """Coordinates of standardised samples along the eigenvectors of their Gram matrix.

    Attributes
    ----------
    coordinates : ndarray of float32, shape (n_samples, rank)
    curvature : ndarray of float32, shape (rank,)
        Squared length of each column of `coordinates`.
    mean, scale : ndarray of float32, shape (n_features,)
        Standardised is ``(X - mean) * scale``.
    standard : ndarray of float32, shape (n_samples, n_features)
        The samples, standardised.
    vectors : ndarray of float32
        Eigenvectors of the samples, (n_samples, rank), or of the features, (n_features, rank),
        whichever are fewer.
    """

    coordinates: np.ndarray
    curvature: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    standard: np.ndarray
    vectors: np.ndarray

    def weights(self, W: np.ndarray) -> np.ndarray:
        """Weights of raw, centred features, (n_features, n_tags), from (rank, n_tags)."""
        if len(self.vectors) == len(self.standard):
            along = self.vectors / np.sqrt(self.curvature)
            return np.asarray((self.standard.T @ (along @ W)) * self.scale[:, None])
        return np.asarray((self.vectors @ W) * self.scale[:, None])


def span_basis(X: np.ndarray, *, standardise: bool = True) -> Basis:
    """Eigenbasis of standardised samples, float32 (n_samples, n_features).

    Without `standardise` all features share one scale, so that large ones stay large.
    """
    mean = X.mean(axis=0)
    spread = X.std(axis=0)
    if not standardise:
        spread = np.full_like(spread, np.sqrt((spread**2).mean()))
    least = 1e-6 * max(spread.max(), 1e-12)
    scale = np.where(spread > least, 1 / np.maximum(spread, 1e-12), 0).astype(np.float32)
    standard = ((X - mean) * scale).astype(np.float32)
    by_sample = len(X) <= X.shape[1]
    small = standard @ standard.T if by_sample else standard.T @ standard
    values, vectors = np.linalg.eigh(small.astype(np.float64))
    keep = values > _RANK_TOLERANCE * max(values[-1], 1e-12)
    keep[: max(0, len(keep) - _MAX_RANK)] = False
    curvature, vectors = values[keep].astype(np.float32), vectors[:, keep].astype(np.float32)
    coordinates = vectors * np.sqrt(curvature) if by_sample else standard @ vectors
    return Basis(coordinates, curvature, mean, scale, standard, vectors)


def fit_logistic(
    X: np.ndarray,
    y: np.ndarray,
    *,
    n_tags: int,
    folds: np.ndarray | None,
    sample_weight: np.ndarray,
    standardise: bool = True,
) -> Fitted:
    """Logistic regression whose penalty is chosen by cross-validated log loss.

    Parameters
    ----------
    X : ndarray of float32, shape (n_samples, n_features)
    y : ndarray of int, shape (n_samples,)
    n_tags : int
    folds : ndarray of int, shape (n_samples,), optional
        Inner fold of each sample; without it a middling penalty is taken unchosen.
    sample_weight : ndarray of float32, shape (n_samples,)
    standardise : bool
        Give every feature the same spread first, rather than one scale to all.
    """
    basis = span_basis(X, standardise=standardise)
    Y = np.eye(n_tags, dtype=np.float32)[:, y]
    if folds is None:
        penalty, inner = _DEFAULT_PENALTY, None
    else:
        penalty, inner = _choose(basis, Y, folds, sample_weight)
    (W,) = _path(basis, Y, sample_weight[None], np.array([penalty]), _FINAL_TOLERANCE)
    weights = basis.weights(W[:, 0, :-1].T)
    head = Affine(weights, W[:, 0, -1] - basis.mean @ weights)
    return Fitted(head, inner, f"C = {1 / penalty:.2g}")


def _choose(
    basis: Basis, Y: np.ndarray, folds: np.ndarray, sample_weight: np.ndarray
) -> tuple[float, np.ndarray]:
    """The penalty of the least log loss outside the inner folds, and those probabilities."""
    inside = folds != np.arange(folds.max() + 1)[:, None]
    tolerance = _SEARCH_TOLERANCE * max(1.0, len(Y) / _FEW_TAGS)
    tolerance *= _COARSER if Y.shape[1] >= _MANY else 1.0
    path = _path(basis, Y, inside * sample_weight, _PENALTIES, tolerance)
    best, since, penalty, inner = np.inf, 0, _PENALTIES[0], np.empty(0)
    Z = _with_intercept(basis.coordinates)
    for candidate, W in zip(_PENALTIES, path, strict=False):
        outside = softmax(_outside_scores(Z, W, folds))
        own = np.maximum((outside * Y.T).sum(axis=1), 1e-12)
        loss = -np.log(own) @ sample_weight
        since = 0 if loss < best else since + 1
        if loss < best:
            best, penalty, inner = loss, candidate, outside
        if since >= _PATIENCE:
            break
    return float(penalty), inner


def _outside_scores(Z: np.ndarray, W: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Scores of each sample by the problem that left its fold out, (n_samples, n_tags)."""
    scores = np.empty((len(Z), len(W)), np.float32)
    for fold in range(W.shape[1]):
        own = folds == fold
        scores[own] = Z[own] @ W[:, fold].T
    return scores


def _path(
    basis: Basis, Y: np.ndarray, weights: np.ndarray, penalties: np.ndarray, tolerance: float
) -> Iterator[np.ndarray]:
    """Weights (n_tags, n_problems, rank + 1) at every penalty.

    Each begins where the last two point: weights change evenly with the penalty's logarithm. The
    last column is the intercept; `Y` is one-hot, float32 (n_tags, n_samples), and each row
    of `weights`, (n_problems, n_samples), makes a problem of its own.
    """
    Z = _with_intercept(basis.coordinates)
    curvature = np.append(basis.curvature, len(Z)).astype(np.float32)
    W = before = np.zeros((len(Y), len(weights), Z.shape[1]), np.float32)
    for penalty in penalties:
        ridge = np.append(np.full(Z.shape[1] - 1, penalty), 1e-6 * len(Z)).astype(np.float32)
        problems = Problems(Z, Y[:, None, :], weights.astype(np.float32), ridge, curvature)
        before, W = W, descend(problems, 2 * W - before, tolerance=tolerance)
        yield W


def _with_intercept(coordinates: np.ndarray) -> np.ndarray:
    return np.hstack([coordinates, np.ones((len(coordinates), 1), np.float32)])
