"""How good probabilities are, and how to make them better: log loss, Brier, temperature."""

from __future__ import annotations

import numpy as np

from handful.errors import InputError
from handful.metrics.checks import (
    check_same_length,
    indices_of,
    probabilities_of,
    weights_of,
)
from handful.metrics.rates import ratio

_COLDEST, _HOTTEST = 0.05, 20.0  # temperatures beyond turn probabilities into votes or noise
_MAX_STEPS = 100


def log_loss(
    y_true: np.ndarray, probabilities: np.ndarray, *, sample_weight: np.ndarray | None = None
) -> float | None:
    """Mean of -log of the probability given to the right tag; None without samples.

    Natural logarithm; 0 is perfect, log(n_tags) what even guessing gives. Probabilities are
    first moved into [eps, 1 - eps], eps the precision of their type, so that one wrong zero
    does not make everything infinite.

    Parameters
    ----------
    y_true : ndarray of int, shape (n_samples,)
        Column number of each sample's tag.
    probabilities : ndarray of float, shape (n_samples, n_tags)
    sample_weight : ndarray, shape (n_samples,), optional

    Raises
    ------
    InputError
        When a probability is NaN or outside 0 to 1, or a column number does not exist.

    Examples
    --------
    >>> log_loss(np.array([0, 1]), np.array([[0.5, 0.5], [0.5, 0.5]]))
    0.6931471805599453
    """
    given, truth, weights = _checked(y_true, probabilities, sample_weight)
    eps = np.finfo(given.dtype).eps
    of_truth = given[np.arange(len(truth)), truth].astype(np.float64)
    losses = -np.log(np.clip(of_truth, eps, 1 - eps))
    return ratio(float(weights @ losses), float(weights.sum()))


def brier(
    y_true: np.ndarray, probabilities: np.ndarray, *, sample_weight: np.ndarray | None = None
) -> float | None:
    """Mean squared distance between the probabilities and the truth; None without samples.

    The sum over all tags, from 0 (perfect) to 2: for two tags it is twice the error of one
    column, which some call the Brier score.

    Parameters as for `log_loss`.

    References
    ----------
    Brier 1950, Monthly Weather Review 78(1), 1-3.

    Examples
    --------
    >>> brier(np.array([0, 1]), np.array([[0.5, 0.5], [0.5, 0.5]]))
    0.5
    """
    given, truth, weights = _checked(y_true, probabilities, sample_weight)
    errors = given.astype(np.float64)
    errors[np.arange(len(truth)), truth] -= 1
    distances = np.einsum("ij,ij->i", errors, errors)
    return ratio(float(weights @ distances), float(weights.sum()))


def _checked(
    y_true: np.ndarray, probabilities: np.ndarray, sample_weight: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    given = probabilities_of(probabilities)
    truth = indices_of(y_true, given.shape[1])
    check_same_length(y_true=truth, probabilities=given)
    weights = weights_of(sample_weight, len(truth))
    return given, truth, np.ones(len(truth)) if weights is None else weights


def apply_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities made softer (temperature above 1) or sharper (below 1).

    p^(1 / temperature), renormalised: what dividing the logits by the temperature gives. The
    order of the tags stays as it is, and a probability of 0 stays 0.

    Parameters
    ----------
    probabilities : ndarray of float, shape (n_samples, n_tags)
    temperature : float
        Above 0.

    Returns
    -------
    ndarray of the same float type, shape (n_samples, n_tags)

    References
    ----------
    Guo et al. 2017, "On calibration of modern neural networks", ICML, section 4.2.

    Examples
    --------
    >>> apply_temperature(np.array([[0.9, 0.1]]), 2.0).round(3).tolist()
    [[0.75, 0.25]]
    """
    if not 0 < temperature < np.inf:
        raise InputError(f"The temperature must be above 0, got {temperature}.")
    given = probabilities_of(probabilities)
    top = given.max(axis=1, keepdims=True, initial=0)
    if not (top > 0).all():
        raise InputError(f"probabilities, row {int(np.argmin(top))}: all are 0.")
    raised = (given.astype(np.float64) / top) ** (1 / temperature)
    softened = raised / raised.sum(axis=1, keepdims=True)
    return np.asarray(softened, dtype=given.dtype)


def fit_temperature(
    probabilities: np.ndarray, y_true: np.ndarray, *, sample_weight: np.ndarray | None = None
) -> float:
    """Find the temperature from 0.05 to 20 that gives probabilities the least log loss.

    The log loss is convex in 1 / temperature: its slope is followed to zero by Newton's method,
    kept inside a bracket that shrinks with each step.

    Parameters
    ----------
    probabilities : ndarray of float, shape (n_samples, n_tags)
        Of samples that the model had not seen. Zeros count as the type's smallest step.
    y_true : ndarray of int, shape (n_samples,)
        Column number of each sample's tag.
    sample_weight : ndarray, shape (n_samples,), optional

    Raises
    ------
    InputError
        When there are no samples, or as for `log_loss`.

    Examples
    --------
    >>> sure = np.array([[0.99, 0.01]] * 4)  # says 99 %, is right in three of four
    >>> round(fit_temperature(sure, np.array([0, 0, 0, 1])), 3)
    4.183
    """
    given, truth, weights = _checked(y_true, probabilities, sample_weight)
    if not weights.sum() > 0:
        raise InputError("A temperature cannot be fitted to no samples.")
    logits = np.log(np.maximum(given, np.finfo(given.dtype).eps)).astype(np.float64)
    of_truth = float(weights @ logits[np.arange(len(truth)), truth])
    low, high, sharpness = 1 / _HOTTEST, 1 / _COLDEST, 1.0
    for _ in range(_MAX_STEPS):
        slope, curvature = _slope(logits, weights, sharpness)
        slope -= of_truth
        low, high = (low, sharpness) if slope > 0 else (sharpness, high)
        newton = sharpness - slope / curvature if curvature > 0 else np.inf
        step_to = newton if low < newton < high else (low + high) / 2
        if abs(step_to - sharpness) <= 1e-12 * sharpness:
            break
        sharpness = step_to
    return float(min(max(1 / sharpness, _COLDEST), _HOTTEST))


def _slope(logits: np.ndarray, weights: np.ndarray, sharpness: float) -> tuple[float, float]:
    """First derivative of sum w log sum exp(sharpness logits), and the second."""
    raised = np.exp(sharpness * (logits - logits.max(axis=1, keepdims=True)))
    shares = raised / raised.sum(axis=1, keepdims=True)
    mean = np.einsum("ij,ij->i", shares, logits)
    variance = np.einsum("ij,ij->i", shares, logits**2) - mean**2
    return float(weights @ mean), float(weights @ variance)
