"""Nearest class mean: the rival that needs the fewest samples.

Distances to means are affine in the features once the part common to all tags is dropped:
-|x - m|^2 = 2 x.m - |m|^2 - |x|^2 (Snell et al. 2017, "Prototypical networks", section 2.4).
"""

from __future__ import annotations

import numpy as np

from handful.heads.affine import Affine
from handful.heads.base import Fitted


def fit_nearest_mean(
    X: np.ndarray, y: np.ndarray, *, n_tags: int, folds: np.ndarray | None
) -> Fitted:
    """Class means; how sharply distance turns into probability is left to the temperature.

    Parameters
    ----------
    X : ndarray of float32, shape (n_samples, n_features)
    y : ndarray of int, shape (n_samples,)
    n_tags : int
    folds : ndarray of int, shape (n_samples,), optional
    """
    scale = 1 / max(float(X.var(axis=0).sum()), 1e-12)  # distances in units of the spread
    head = _means(X, y, n_tags, scale)
    if folds is None:
        return Fitted(head, None, "distances to the means")
    inner = np.empty((len(X), n_tags), np.float32)
    for fold in range(int(folds.max()) + 1):
        out = folds == fold
        inner[out] = _means(X[~out], y[~out], n_tags, scale).predict_proba(X[out])
    return Fitted(head, inner, "distances to the means")


def _means(X: np.ndarray, y: np.ndarray, n_tags: int, scale: float) -> Affine:
    counts = np.bincount(y, minlength=n_tags)
    sums = np.eye(n_tags, dtype=np.float32)[y].T @ X
    means = sums / np.maximum(counts, 1)[:, None]
    bias = -(means**2).sum(axis=1)
    bias[counts == 0] = bias.min() - 1e3 / scale  # a tag without samples cannot be nearest
    return Affine((2 * scale * means.T).astype(np.float32), (scale * bias).astype(np.float32))
