"""How often samples like the training's are refused, and how often strangers are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from handful.caring.unknowns import ALPHA, Unknowns, fit_unknowns
from handful.judging.figures import ratio
from handful.loading import one_thread_each, usable_cores
from handful.metrics import Interval
from handful.splits import Split, splits


@dataclass(frozen=True)
class RefusalJudgement:
    """What refusing "none of these" costs, and what it catches.

    Attributes
    ----------
    false_refusals : Interval
        Share of samples like the training's that were refused, by references without them.
    strangers : Interval
        Share of made samples that belong to no tag that were refused.
    """

    false_refusals: Interval
    strangers: Interval


def judge_refusals(
    X: np.ndarray,
    y: np.ndarray,
    *,
    groups: np.ndarray,
    folds: np.ndarray,
    unknowns: Unknowns,
    strangers: np.ndarray,
    seed: int,
) -> RefusalJudgement:
    """Judge refusals outside the folds, and on strangers.

    Parameters
    ----------
    X : ndarray of float32, shape (n_samples, n_features)
    y, groups, folds : ndarray of int, shape (n_samples,)
    unknowns : Unknowns
        Fitted on all samples.
    strangers : ndarray of float32, shape (n_strangers, n_features)
    seed : int
    """
    n_tags = int(y.max()) + 1
    refused = np.zeros(len(y), bool)

    def outside(split: Split) -> np.ndarray:
        train = split.train
        part = fit_unknowns(X[train], y[train], groups=groups[train], n_tags=n_tags, seed=seed)
        return part.p_values(X[split.test]) <= ALPHA

    parts = splits(folds)
    with one_thread_each(), ThreadPoolExecutor(usable_cores()) as pool:
        for split, found in zip(parts, pool.map(outside, parts), strict=True):
            refused[split.test] = found
        caught = unknowns.p_values(strangers) <= ALPHA
    return RefusalJudgement(ratio(refused, groups), ratio(caught, np.arange(len(caught))))
