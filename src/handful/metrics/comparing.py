"""Is this recipe better, or was it luck? Bias-corrected choice, and the corrected t."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from handful.errors import InputError
from handful.metrics.beta import beta_tails
from handful.metrics.bootstrap import student_t_quantile
from handful.metrics.checks import check_confidence, check_same_length, finite, weights_of
from handful.metrics.intervals import Interval

_CELLS_AT_ONCE = 1 << 22  # drawn counts of groups held in memory


def bbc_cv(
    gains: np.ndarray,
    *,
    groups: np.ndarray | None = None,
    sample_weight: np.ndarray | None = None,
    confidence: float = 0.95,
    seed: int,
    resamples: int = 1000,
) -> Interval:
    """How good the best of several recipes is, without the luck of having been chosen.

    The out-of-fold results are resampled, the recipe that does best in the bag is chosen, and
    its gain on the samples outside the bag is what counts; nothing is fitted again. The value
    is the mean over resamples, the interval their percentiles.

    Parameters
    ----------
    gains : ndarray of float, shape (n_samples, n_recipes)
        What each recipe gained on each sample out of fold; more is better: 1 for a right answer
        and 0 for a wrong one, or the log of the probability of the right tag.
    groups : ndarray, shape (n_samples,), optional
        Whole groups are drawn.
    sample_weight : ndarray, shape (n_samples,), optional
        1 / (samples of its tag) makes the mean of right answers the balanced accuracy.
    confidence : float
    seed : int
    resamples : int

    Raises
    ------
    InputError
        When a gain is NaN or infinite (names the row), or the shapes differ.

    References
    ----------
    Tsamardinos, Greasidou and Borboudakis 2018, "Bootstrapping the out-of-sample predictions for
    efficient and accurate cross-validation", Machine Learning 107, 1895-1922, algorithm 4.

    Examples
    --------
    >>> gains = np.array([[1, 0], [1, 0], [1, 1], [0, 1]] * 10)
    >>> round(bbc_cv(gains, seed=0).value, 1)
    0.7
    """
    check_confidence(confidence)
    found = finite(gains, name="gains")
    if found.ndim != 2:
        raise InputError(f"gains must have one column a recipe, got shape {found.shape}.")
    method = "BBC-CV (bootstrap of out-of-fold results)"
    if not found.size:
        return Interval(None, None, None, confidence, method)
    sums, mass = _group_sums(found, groups, sample_weight)
    outside = _outside_gains(sums, mass, seed=seed, resamples=resamples)
    if not len(outside):
        return Interval(None, None, None, confidence, method)
    tail = (1 - confidence) / 2
    low, high = np.quantile(outside, [tail, 1 - tail])
    return Interval(float(outside.mean()), float(low), float(high), confidence, method)


def cluster_mean(values: np.ndarray, groups: np.ndarray, *, confidence: float = 0.95) -> Interval:
    """Mean, with Student's t interval of a mean of whole groups (a ratio's linearised variance).

    Parameters
    ----------
    values : ndarray of float, shape (n_samples,)
    groups : ndarray of int, shape (n_samples,)
    confidence : float

    Returns
    -------
    Interval
        Without limits where there are fewer than two groups.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., equation 6.13.

    Examples
    --------
    >>> cluster_mean(np.array([1.0, 3.0]), np.array([0, 1])).value
    2.0
    """
    check_same_length(values=values, groups=groups)
    codes = np.unique(groups, return_inverse=True)[1]
    n_groups, mean = int(codes.max(initial=-1)) + 1, float(values.mean())
    method = "t interval over groups"
    if n_groups < 2:
        return Interval(mean, None, None, confidence, method)
    off = np.bincount(codes, values - mean)
    error = math.sqrt(n_groups / (n_groups - 1) * float((off**2).sum())) / len(values)
    half = error * student_t_quantile((1 + confidence) / 2, n_groups - 1)
    return Interval(mean, mean - half, mean + half, confidence, method)


def _group_sums(
    gains: np.ndarray, groups: np.ndarray | None, sample_weight: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted gains and weights, each summed within groups."""
    weights = weights_of(sample_weight, len(gains))
    mass = np.ones(len(gains)) if weights is None else weights
    numbers = np.arange(len(gains)) if groups is None else np.asarray(groups)
    check_same_length(gains=gains, groups=numbers)
    codes = np.unique(numbers, return_inverse=True)[1]
    sums = np.column_stack([np.bincount(codes, mass * column) for column in gains.T])
    return sums, np.bincount(codes, mass)


def _outside_gains(sums: np.ndarray, mass: np.ndarray, *, seed: int, resamples: int) -> np.ndarray:
    """Gain outside each bag of the recipe that is best inside it."""
    rng = np.random.default_rng(seed)
    n_groups = len(mass)
    if n_groups < 2:
        return np.zeros(0)
    found = []
    at_once = max(1, _CELLS_AT_ONCE // n_groups)
    for start in range(0, resamples, at_once):
        n = min(at_once, resamples - start)
        drawn = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=n)
        inside, left_out = drawn @ mass, (drawn == 0) @ mass
        usable = (inside > 0) & (left_out > 0)
        bags = drawn[usable]
        best = np.argmax(bags @ sums, axis=1)  # the weights inside are the same for all recipes
        outside = np.take_along_axis((bags == 0) @ sums, best[:, None], axis=1)[:, 0]
        found.append(outside / left_out[usable])
    return np.concatenate(found)


@dataclass(frozen=True)
class Comparison:
    """Two recipes compared over the folds of a repeated cross-validation.

    Attributes
    ----------
    difference : Interval
        Mean difference of their scores.
    t, p_value : float or None
        The corrected statistic and its two-sided p-value; None where all differences are equal,
        so that nothing can be said of chance.
    degrees : int
        Degrees of freedom.
    """

    difference: Interval
    t: float | None
    p_value: float | None
    degrees: int


def nadeau_bengio(
    differences: np.ndarray, *, n_train: int, n_test: int, confidence: float = 0.95
) -> Comparison:
    """Compare two recipes by the differences of their scores on the same folds.

    The folds share training samples, so their differences are not independent: the variance is
    multiplied by 1/J + n_test/n_train instead of 1/J.

    Parameters
    ----------
    differences : ndarray of float, shape (n_folds,)
        Score of the one less score of the other, over all folds of all repeats.
    n_train, n_test : int
        Samples that each fold trained and tested on.
    confidence : float

    Raises
    ------
    InputError
        When a difference is NaN or infinite (names the row), or a count is not above 0.

    References
    ----------
    Nadeau and Bengio 2003, "Inference for the generalization error", Machine Learning 52,
    239-281, section 3.

    Examples
    --------
    >>> found = nadeau_bengio(np.array([0.02, 0.01, 0.03, 0.02]), n_train=90, n_test=10)
    >>> round(found.t, 2), found.p_value < 0.05
    (4.08, True)
    """
    check_confidence(confidence)
    values = finite(differences, name="differences").astype(np.float64)
    if n_train <= 0 or n_test <= 0:
        raise InputError(f"n_train and n_test must be above 0, got {n_train} and {n_test}.")
    method = "Nadeau-Bengio corrected t"
    n = len(values)
    mean = float(values.mean()) if n else None
    if mean is None or np.ptp(values) == 0:
        undefined = Interval(mean, None, None, confidence, method)
        return Comparison(undefined, None, None, max(n - 1, 0))
    error = math.sqrt(values.var(ddof=1) * (1 / n + n_test / n_train))
    t = mean / error
    half = error * student_t_quantile((1 + confidence) / 2, n - 1)
    difference = Interval(mean, mean - half, mean + half, confidence, method)
    p_value = beta_tails((n - 1) / (n - 1 + t**2), (n - 1) / 2, 0.5)[0]
    return Comparison(difference, t, p_value, n - 1)
