"""Multinomial logistic regression in the span of the samples, over a path of penalties.

Few samples, many features: the best weights lie in the span of the samples (the representer
theorem, Schoelkopf et al. 2001), so the problem is solved in the eigenbasis of the Gram matrix.
There the average curvature of the loss is diagonal, which makes it a good preconditioner for
conjugate gradients (Polak and Ribiere 1969, restarted where the direction would lead uphill)
with Newton's stride along each direction. All inner folds are solved side by side in one
matrix product, and each penalty starts where the last one ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from handful.heads.affine import Affine, Fitted, softmax

_RANK_TOLERANCE = 1e-6  # directions below this share of the largest carry only rounding noise
_MAX_RANK = 1024  # enough for what few samples can tell; bounds time on many
_MAX_STEPS, _MAX_HALVINGS = 500, 12
_TYPICAL_VARIANCE = 0.1  # of a tag's indicator, p (1 - p): scales the preconditioner only
_TINY, _ROUNDING = 1e-20, 1e-6
_PENALTIES = 10.0 ** np.arange(4, -2.01, -0.5)  # from strong to weak
_DEFAULT_PENALTY = 100.0  # where too few samples are there to choose by
_PATIENCE = 2  # penalties in a row without a better log loss before the search ends
_SEARCH_TOLERANCE, _FINAL_TOLERANCE = 1e-6, 1e-8  # nats a sample above the least loss


@dataclass(frozen=True)
class Basis:
    """Coordinates of standardised samples along the eigenvectors of their Gram matrix.

    Attributes
    ----------
    coordinates : ndarray of float32, shape (n_samples, rank)
    curvature : ndarray of float32, shape (rank,)
        Squared length of each column of `coordinates`.
    directions : ndarray of float32, shape (n_features, rank)
        Turns raw, centred features into coordinates.
    mean : ndarray of float32, shape (n_features,)
    """

    coordinates: np.ndarray
    curvature: np.ndarray
    directions: np.ndarray
    mean: np.ndarray

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Coordinates of other samples, float32 (n_samples, rank)."""
        return np.asarray((X - self.mean) @ self.directions)


def span_basis(X: np.ndarray) -> Basis:
    """Eigenbasis of standardised samples, float32 (n_samples, n_features)."""
    mean = X.mean(axis=0)
    spread = X.std(axis=0)
    scale = np.where(spread > 1e-6 * max(spread.max(), 1e-12), 1 / np.maximum(spread, 1e-12), 0)
    standard = ((X - mean) * scale).astype(np.float32)
    small = standard @ standard.T if len(X) <= X.shape[1] else standard.T @ standard
    values, vectors = np.linalg.eigh(small.astype(np.float64))
    keep = values > _RANK_TOLERANCE * max(values[-1], 1e-12)
    keep[: max(0, len(keep) - _MAX_RANK)] = False
    values, vectors = values[keep], vectors[:, keep].astype(np.float32)
    roots = np.sqrt(values).astype(np.float32)
    directions = standard.T @ (vectors / roots) if len(X) <= X.shape[1] else vectors
    directions = directions * scale[:, None].astype(np.float32)
    return Basis((X - mean) @ directions, roots**2, directions, mean)


def fit_logistic(
    X: np.ndarray,
    y: np.ndarray,
    *,
    n_tags: int,
    folds: np.ndarray | None,
    sample_weight: np.ndarray,
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
    """
    basis = span_basis(X)
    Y = np.eye(n_tags, dtype=np.float32)[y]
    if folds is None:
        penalty, inner = _DEFAULT_PENALTY, None
    else:
        penalty, inner = _choose(basis, Y, folds, sample_weight)
    (W,) = _path(basis, Y, sample_weight[None], np.array([penalty]), _FINAL_TOLERANCE)
    weights = basis.directions @ W[:-1, 0]
    head = Affine(weights, W[-1, 0] - basis.mean @ weights)
    return Fitted(head, inner, f"C = {1 / penalty:.2g}")


def _choose(
    basis: Basis, Y: np.ndarray, folds: np.ndarray, sample_weight: np.ndarray
) -> tuple[float, np.ndarray]:
    """The penalty of the least log loss outside the inner folds, and those probabilities."""
    inside = folds != np.arange(folds.max() + 1)[:, None]
    path = _path(basis, Y, inside * sample_weight, _PENALTIES, _SEARCH_TOLERANCE)
    best, since, penalty, inner = np.inf, 0, _PENALTIES[0], np.empty(0)
    Z = _with_intercept(basis.coordinates)
    for candidate, W in zip(_PENALTIES, path, strict=False):
        outside = softmax(np.einsum("nr,nrk->nk", Z, W[:, folds].transpose(1, 0, 2), optimize=True))
        loss = -np.log(np.maximum((outside * Y).sum(axis=1), 1e-12)) @ sample_weight
        since = 0 if loss < best else since + 1
        if loss < best:
            best, penalty, inner = loss, candidate, outside
        if since >= _PATIENCE:
            break
    return float(penalty), inner


def _path(
    basis: Basis, Y: np.ndarray, weights: np.ndarray, penalties: np.ndarray, tolerance: float
) -> Iterator[np.ndarray]:
    """Weights (rank + 1, n_problems, n_tags) at every penalty, each begun at the last.

    Minimises sum_i w_i CE(y_i, softmax(z_i W + b)) + penalty / 2 |W|^2 for each row w of
    `weights`, float32 (n_problems, n_samples). The last row of the result is the intercept.
    """
    Z = _with_intercept(basis.coordinates)
    weights = weights.astype(np.float32)
    curvature = (
        np.append(basis.curvature, len(Y)).astype(np.float32)[:, None]
        * weights.max(axis=1)
        * _TYPICAL_VARIANCE
    )
    W = np.zeros((Z.shape[1], len(weights), Y.shape[1]), np.float32)
    for penalty in penalties:
        ridge = np.append(np.full(Z.shape[1] - 1, penalty), 1e-6 * len(Y)).astype(np.float32)
        W = _descend(
            Z, Y, weights.T[:, :, None], W, ridge[:, None, None], curvature[:, :, None], tolerance
        )
        yield W


def _with_intercept(coordinates: np.ndarray) -> np.ndarray:
    return np.hstack([coordinates, np.ones((len(coordinates), 1), np.float32)])


def _descend(
    Z: np.ndarray, Y: np.ndarray, weights: np.ndarray, W: np.ndarray,
    ridge: np.ndarray, curvature: np.ndarray, tolerance: float,
) -> np.ndarray:  # fmt: skip
    """Conjugate gradient from `W`, (rank + 1, n_problems, n_tags), all problems at once."""
    Y, scores = Y[:, None, :], _dot(Z, W)
    shares, loss = _shares_and_loss(scores, Y, weights, W, ridge)
    direction, old, old_length = np.zeros_like(W), np.zeros_like(W), np.ones_like(loss)
    for _ in range(_MAX_STEPS):
        gradient = _dot(Z.T, (shares - Y) * weights) + ridge * W
        downhill = -gradient / (curvature + ridge)
        length = -_inner(gradient, downhill)
        if length.max() <= tolerance * len(Y):
            break
        keep = np.maximum(0, (length + _inner(old, downhill)) / old_length)
        direction = downhill + keep[:, None] * direction
        uphill = _inner(gradient, direction) >= 0
        direction = np.where(uphill[:, None], downhill, direction)
        ahead = _dot(Z, direction)
        old, old_length = gradient, np.maximum(length, _TINY)
        slope, before = _inner(gradient, direction), loss
        bend = _bend(shares, ahead, weights) + _inner(direction, ridge * direction)
        stride = -slope / np.maximum(bend, _TINY)
        for _ in range(_MAX_HALVINGS):
            trial = W + stride[:, None] * direction
            shares, loss = _shares_and_loss(
                scores + stride[:, None] * ahead, Y, weights, trial, ridge
            )
            if (loss <= before * (1 + _ROUNDING)).all():
                break
            stride = np.where(loss <= before * (1 + _ROUNDING), stride, stride / 2)
        W, scores = trial, scores + stride[:, None] * ahead
    return W


def _shares_and_loss(
    scores: np.ndarray, Y: np.ndarray, weights: np.ndarray, W: np.ndarray, ridge: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (n_samples, n_problems, n_tags), and the penalised loss of each problem."""
    top = scores.max(axis=2, keepdims=True)
    raised = np.exp(scores - top)
    total = raised.sum(axis=2, keepdims=True)
    surprise = np.log(total) + top - (scores * Y).sum(axis=2, keepdims=True)
    return raised / total, (surprise * weights).sum(axis=(0, 2)) + _inner(W, ridge * W) / 2


def _bend(shares: np.ndarray, ahead: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Second derivative of each problem's loss along a direction."""
    mean = (shares * ahead).sum(axis=2, keepdims=True)
    return np.asarray((weights * shares * (ahead - mean) ** 2).sum(axis=(0, 2)))


def _inner(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    return np.asarray(np.einsum("rpk,rpk->p", A, B))


def _dot(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """A @ B with the last two axes of B side by side: one matrix product for all problems."""
    return np.asarray((A @ B.reshape(len(B), -1)).reshape(len(A), *B.shape[1:]))
