"""Judges a learner of numbers: how far off it is, outside the folds, and how far it may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from handful.blending import Candidate
from handful.errors import SamplesError
from handful.metrics import Interval, cluster_bootstrap
from handful.progress import Progress, silent
from handful.regressors import FittedRegressor, fit_values, value_folds
from handful.splits import splits

FOLDS = 5
NEEDED = 10  # independent samples below which numbers are not judged
CONFIDENCE = 0.95


@dataclass(frozen=True)
class ValueJudgement:
    """How well numbers are told.

    Attributes
    ----------
    y, said : ndarray of float32, shape (n_samples,)
        The numbers, and what learners said that had not seen the sample.
    folds, groups : ndarray of int64, shape (n_samples,)
    metrics : dict of str to Interval
        ``mae``, ``rmse``, ``r2``, ``baseline_mae``.
    learners : tuple of FittedRegressor
        One a fold, which had not seen it; empty where a finished model is judged.
    """

    y: np.ndarray
    said: np.ndarray
    folds: np.ndarray
    groups: np.ndarray
    metrics: dict[str, Interval]
    learners: tuple[FittedRegressor, ...] = ()


def check_values(y: np.ndarray, groups: np.ndarray, noun: str) -> None:
    """Refuse numbers that cannot be judged.

    Raises
    ------
    SamplesError
        Too few independent samples, or all with the same number.
    """
    n_groups = len(np.unique(groups))
    if n_groups < NEEDED:
        raise SamplesError(
            f"there are {n_groups} independent {noun}: a number can be judged from {NEEDED} on. "
            "Add samples."
        )
    if len(np.unique(y)) < 2:
        raise SamplesError(f"all {noun} have the number {y[0]:g}: there is nothing to tell apart.")


def judge_values(
    pool: Sequence[Candidate],
    features: Mapping[str, np.ndarray],
    y: np.ndarray,
    *,
    groups: np.ndarray,
    seed: int,
    cores: Executor,
    progress: Progress = silent,
) -> ValueJudgement:
    """Judge the whole way of learning numbers, choice included, by grouped folds.

    Parameters
    ----------
    pool : sequence of Candidate
    features : mapping of str to ndarray
        By encoder name, float32 (n_samples, n_features).
    y : ndarray of float32, shape (n_samples,)
    groups : ndarray of int64, shape (n_samples,)
    seed : int
    cores : Executor
        Runs the folds side by side.
    progress : Progress
    """
    folds = value_folds(y, groups, most=FOLDS, seed=seed)
    parts = splits(folds)

    def learn(train: np.ndarray) -> FittedRegressor:
        part = {name: X[train] for name, X in features.items()}
        return fit_values(pool, part, y[train], groups=groups[train], seed=seed)

    said, guessed = np.empty(len(y), np.float32), np.empty(len(y), np.float32)
    learners = []
    results = cores.map(lambda split: learn(split.train), parts)
    for done, (split, learner) in enumerate(zip(parts, results, strict=True)):
        said[split.test] = learner.predict({n: X[split.test] for n, X in features.items()})
        guessed[split.test] = np.median(y[split.train])
        learners.append(learner)
        progress("judging", done + 1, len(parts))
    found = value_metrics(y, said, guessed, groups)
    return ValueJudgement(y, said, folds, groups, found, tuple(learners))


def value_metrics(
    y: np.ndarray, said: np.ndarray, guessed: np.ndarray, groups: np.ndarray
) -> dict[str, Interval]:
    """Mean absolute error, root of the mean squared error, R2, and the error of guessing.

    Intervals are percentiles of a bootstrap of whole groups, widened for few groups.

    Parameters
    ----------
    y, said, guessed : ndarray of float32, shape (n_samples,)
        The numbers; what was said; what is said without looking: the median of the training.
    groups : ndarray of int64, shape (n_samples,)
    """
    truth, error = y.astype(np.float64), (said - y).astype(np.float64)
    blind = (guessed - y).astype(np.float64)

    def r2(rows: np.ndarray) -> float | None:
        total = ((truth[rows] - truth[rows].mean()) ** 2).sum()
        return float(1 - (error[rows] ** 2).sum() / total) if total > 0 else None

    statistics = {
        "mae": lambda rows: float(np.abs(error[rows]).mean()),
        "rmse": lambda rows: float(np.sqrt((error[rows] ** 2).mean())),
        "r2": r2,
        "baseline_mae": lambda rows: float(np.abs(blind[rows]).mean()),
    }
    return {
        name: cluster_bootstrap(statistic, groups, confidence=CONFIDENCE, seed=0)
        for name, statistic in statistics.items()
    }
