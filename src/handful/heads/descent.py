"""Conjugate gradients for many small multinomial logistic regressions side by side.

In the eigenbasis of the samples' Gram matrix the average curvature of the loss is diagonal, a
good preconditioner (Boehning 1992, "Multinomial logistic regression algorithm", bounds it the
same way). Directions are conjugate (Polak and Ribiere 1969, begun anew where one would lead
uphill), strides are Newton's along the direction, halved where they overshoot. The samples are
the last axis, so that every step is a few matrix products and sums of long rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_MAX_STEPS, _MAX_HALVINGS = 500, 12
_TYPICAL_VARIANCE = 0.1  # of a tag's indicator, p (1 - p): scales the preconditioner only
_TINY, _ROUNDING = 1e-20, 1e-6


@dataclass(frozen=True)
class Problems:
    """sum_i w_i CE(y_i, softmax(W z_i)) + sum(ridge W^2) / 2, once for each row w of `weights`.

    Attributes
    ----------
    Z : ndarray of float32, shape (n_samples, n_features)
    Y : ndarray of float32, shape (n_tags, 1, n_samples)
        One-hot tags.
    weights : ndarray of float32, shape (n_problems, n_samples)
        0 leaves a sample out.
    ridge : ndarray of float32, shape (n_features,)
    curvature : ndarray of float32, shape (n_features,)
        Squared length of each column of `Z`.
    """

    Z: np.ndarray
    Y: np.ndarray
    weights: np.ndarray
    ridge: np.ndarray
    curvature: np.ndarray

    def scores(self, W: np.ndarray) -> np.ndarray:
        """Scores, or their change along a direction, (n_tags, n_problems, n_samples)."""
        return _flat_product(W, self.Z.T)

    def gradient(self, W: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """Slope of every loss, (n_tags, n_problems, n_features)."""
        slope = _flat_product((shares - self.Y) * self.weights, self.Z)
        return np.asarray(slope + self.ridge * W)

    def shares_and_loss(self, scores: np.ndarray, W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities (n_tags, n_problems, n_samples), and the loss of each problem."""
        top = scores.max(axis=0)
        raised = np.exp(scores - top)
        total = raised.sum(axis=0)
        surprise = np.log(total) + top - (scores * self.Y).sum(axis=0)
        loss = (surprise * self.weights).sum(axis=1) + _inner(W, self.ridge * W) / 2
        return raised / total, np.asarray(loss)

    def bend(self, shares: np.ndarray, direction: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        """Second derivative of every loss along a direction, (n_problems,)."""
        pull = shares * ahead
        spread = (pull * ahead).sum(axis=0) - pull.sum(axis=0) ** 2
        bend = (self.weights * spread).sum(axis=1)
        return np.asarray(bend + _inner(direction, self.ridge * direction))


def descend(problems: Problems, W: np.ndarray, *, tolerance: float) -> np.ndarray:
    """Minimise every problem from `W`, float32 (n_tags, n_problems, n_features).

    Parameters
    ----------
    problems : Problems
    W : ndarray
    tolerance : float
        About how many nats a sample the loss may stay above its minimum.
    """
    scale = problems.curvature * problems.weights.max(axis=1)[:, None] * _TYPICAL_VARIANCE
    scale = scale + problems.ridge
    scores = problems.scores(W)
    shares, loss = problems.shares_and_loss(scores, W)
    direction, old, old_length = np.zeros_like(W), np.zeros_like(W), np.ones_like(loss)
    for _ in range(_MAX_STEPS):
        gradient = problems.gradient(W, shares)
        downhill = -gradient / scale
        length = -_inner(gradient, downhill)
        if length.max() <= tolerance * len(problems.Z):
            break
        direction = _conjugate(
            gradient, downhill, direction, length + _inner(old, downhill), old_length
        )
        old, old_length = gradient, np.maximum(length, _TINY)
        ahead = problems.scores(direction)
        stride = -_inner(gradient, direction) / np.maximum(
            problems.bend(shares, direction, ahead), _TINY
        )
        allowed = loss + np.abs(loss) * _ROUNDING
        for _ in range(_MAX_HALVINGS):
            trial = W + stride[:, None] * direction
            shares, loss = problems.shares_and_loss(scores + stride[:, None] * ahead, trial)
            overshot = loss > allowed
            if not overshot.any():
                break
            stride = np.where(overshot, stride / 2, stride)
        W, scores = trial, scores + stride[:, None] * ahead
    return W


def _conjugate(
    gradient: np.ndarray,
    downhill: np.ndarray,
    direction: np.ndarray,
    change: np.ndarray,
    old_length: np.ndarray,
) -> np.ndarray:
    keep = np.maximum(0, change / old_length)
    direction = downhill + keep[:, None] * direction
    uphill = _inner(gradient, direction) >= 0
    return np.where(uphill[:, None], downhill, direction)


def _inner(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    return np.asarray(np.vecdot(A, B).sum(axis=0))


def _flat_product(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """A @ B with the first two axes of A as one: one matrix product for all problems."""
    return np.asarray((A.reshape(-1, A.shape[2]) @ B).reshape(*A.shape[:2], -1))
