"""Do 80 % mean four in five? Reliability by bins, and Platt's correction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from handful.errors import InputError
from handful.metrics.checks import binary_of, check_same_length, scores_of, weights_of

_MAX_STEPS = 100
_SMALLEST_STEP = 1e-10
_RIDGE = 1e-12  # keeps the Hessian invertible where all scores are equal (Lin et al. 2007)


@dataclass(frozen=True)
class CalibrationCurve:
    """What was said and what came true, in bins of the probability; empty bins are left out.

    Attributes
    ----------
    predicted : ndarray of float64, shape (n_bins,)
        Mean probability said.
    observed : ndarray of float64, shape (n_bins,)
        Share that came true: successes / counts.
    successes, counts : ndarray of int64 (float64 with weights), shape (n_bins,)
        A share without its counts cannot be judged: give both to `clopper_pearson`.
    low, high : ndarray of float64, shape (n_bins,)
        Where each bin begins and ends.
    """

    predicted: np.ndarray
    observed: np.ndarray
    successes: np.ndarray
    counts: np.ndarray
    low: np.ndarray
    high: np.ndarray


def calibration_curve(
    y_true: np.ndarray,
    probability: np.ndarray,
    *,
    n_bins: int = 10,
    strategy: Literal["uniform", "quantile"] = "uniform",
    sample_weight: np.ndarray | None = None,
) -> CalibrationCurve:
    """Mean probability said, and share that came true, in each bin.

    Parameters
    ----------
    y_true : ndarray of bool or 0/1, shape (n_samples,)
    probability : ndarray of float, shape (n_samples,)
        Of the positive tag, from 0 to 1.
    n_bins : int
    strategy : "uniform" or "quantile"
        Bins of equal width, or with equally many samples.
    sample_weight : ndarray, shape (n_samples,), optional

    Raises
    ------
    InputError
        When a probability is NaN or outside 0 to 1.

    Examples
    --------
    >>> curve = calibration_curve(np.array([0, 0, 1]), np.array([0.1, 0.7, 0.9]), n_bins=2)
    >>> curve.observed.tolist(), curve.counts.tolist()
    ([0.0, 0.5], [1, 2])
    """
    truth, said = binary_of(y_true), scores_of(probability).astype(np.float64)
    check_same_length(y_true=truth, probability=said)
    if said.size and (said.min() < 0 or said.max() > 1):
        raise InputError("probability must lie between 0 and 1; calibrate scores first.")
    if n_bins < 1 or strategy not in ("uniform", "quantile"):
        raise InputError(f"n_bins >= 1 and a known strategy, got {n_bins} and {strategy!r}.")
    weights = weights_of(sample_weight, len(truth))
    edges = np.linspace(0, 1, n_bins + 1)
    if strategy == "quantile" and said.size:
        edges = np.quantile(said, edges)
    bins = np.searchsorted(edges[1:-1], said)
    mass = np.ones(len(said), np.int64) if weights is None else weights
    counts = np.bincount(bins, mass, n_bins)
    successes, total = (
        np.bincount(bins, mass * truth, n_bins),
        np.bincount(bins, mass * said, n_bins),
    )
    kept = counts > 0
    kind = np.int64 if weights is None else np.float64
    return CalibrationCurve(
        predicted=total[kept] / counts[kept],
        observed=successes[kept] / counts[kept],
        successes=successes[kept].astype(kind),
        counts=counts[kept].astype(kind),
        low=edges[:-1][kept],
        high=edges[1:][kept],
    )


@dataclass(frozen=True)
class Platt:
    """A sigmoid that turns scores into probabilities: 1 / (1 + exp(-(slope s + intercept)))."""

    slope: float
    intercept: float

    def apply(self, y_score: np.ndarray) -> np.ndarray:
        """Probabilities of the positive tag, float64 (n_samples,)."""
        logits = self.slope * scores_of(y_score).astype(np.float64) + self.intercept
        return _sigmoid(logits)


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(-np.logaddexp(0, -logits)))


def fit_platt(
    y_true: np.ndarray, y_score: np.ndarray, *, sample_weight: np.ndarray | None = None
) -> Platt:
    """Fit Platt's sigmoid to scores of samples that the model had not seen.

    The targets are not 1 and 0 but (n+ + 1) / (n+ + 2) and 1 / (n- + 2), so that few samples do
    not make the sigmoid a step.

    Parameters
    ----------
    y_true : ndarray of bool or 0/1, shape (n_samples,)
    y_score : ndarray of float, shape (n_samples,)
        Log-odds rather than probabilities: then a perfect model needs no correction.
    sample_weight : ndarray, shape (n_samples,), optional

    Raises
    ------
    InputError
        When there are no samples, or a score is NaN or infinite (names the row).

    References
    ----------
    Platt 1999; Lin, Lin and Weng 2007, "A note on Platt's probabilistic outputs for support
    vector machines", Machine Learning 68, 267-276 (its Newton method).

    Examples
    --------
    >>> fitted = fit_platt(np.array([0, 0, 1, 1]), np.array([-1.0, -1.0, 1.0, 1.0]))
    >>> fitted.apply(np.array([-1.0, 1.0])).round(2).tolist()
    [0.25, 0.75]
    """
    truth, scores = binary_of(y_true), scores_of(y_score).astype(np.float64)
    check_same_length(y_true=truth, y_score=scores)
    weights = weights_of(sample_weight, len(truth))
    mass = np.ones(len(truth)) if weights is None else weights
    if not mass.sum() > 0:
        raise InputError("A calibration cannot be fitted to no samples.")
    up, down = float(mass @ truth), float(mass @ ~truth)
    targets = np.where(truth, (up + 1) / (up + 2), 1 / (down + 2))
    start = np.array([0.0, np.log((up + 1) / (down + 1))])
    centre, spread = float(np.mean(scores)), float(np.std(scores)) or 1.0
    slope, intercept = _newton((scores - centre) / spread, targets, mass, start)
    return Platt(float(slope / spread), float(intercept - slope * centre / spread))


def _newton(
    scores: np.ndarray, targets: np.ndarray, mass: np.ndarray, line: np.ndarray
) -> np.ndarray:
    """Slope and intercept of the least cross entropy: Newton's method, halved until it helps."""
    X = np.column_stack([scores, np.ones_like(scores)])
    loss = _cross_entropy(X @ line, targets, mass)
    for _ in range(_MAX_STEPS):
        p = _sigmoid(X @ line)
        gradient = X.T @ (mass * (p - targets))
        hessian = (X * (mass * p * (1 - p))[:, None]).T @ X + _RIDGE * np.eye(2)
        step, share = np.linalg.solve(hessian, gradient), 1.0
        while share > _SMALLEST_STEP:
            ahead = _cross_entropy(X @ (line - share * step), targets, mass)
            if ahead < loss:
                break
            share /= 2
        else:
            return line
        line, loss = line - share * step, ahead
    return line


def _cross_entropy(logits: np.ndarray, targets: np.ndarray, mass: np.ndarray) -> float:
    return float(mass @ (np.logaddexp(0, logits) - targets * logits))
