"""What people care about: how good the outputs are, shown while training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Measure = Callable[[np.ndarray, np.ndarray], float]


def accuracy(logits: np.ndarray, targets: np.ndarray) -> float:
    """Share of samples whose likeliest tag is the right one, 0 to 1.

    Parameters
    ----------
    logits : ndarray, shape (n_samples, n_tags)
    targets : ndarray
        Numbers of tags, (n_samples,), or shares of tags, (n_samples, n_tags).
    """
    right = targets if targets.ndim == 1 else targets.argmax(axis=1)
    return float((logits.argmax(axis=1) == right).mean())


def tags_right(logits: np.ndarray, targets: np.ndarray) -> float:
    """Share of yes-or-no answers, one a tag and sample, that are right, 0 to 1.

    Parameters
    ----------
    logits, targets : ndarray, shape (n_samples, n_tags)
    """
    return float(((logits > 0) == (targets > 0.5)).mean())


def mean_absolute_error(values: np.ndarray, targets: np.ndarray) -> float:
    """How far off, in the mean, in the targets' unit.

    Parameters
    ----------
    values : ndarray, shape (n_samples, n_values)
    targets : ndarray, shape (n_samples, n_values), or (n_samples,)
    """
    return float(np.abs(values - targets.reshape(values.shape)).mean())
