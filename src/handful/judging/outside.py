"""Predictions outside the folds: what learns never sees what it is judged on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np

from handful.blending import Candidate
from handful.errors import SamplesError
from handful.judging.figures import Judgement, Predictions, judgement
from handful.learners import FittedLearner, fit
from handful.loading import one_thread_each, usable_cores
from handful.progress import Progress, silent
from handful.splits import fold_numbers, splits, usable_folds

FOLDS = 5
_NAMED = 10  # tags that one message names
_MANY = 2000  # from here on one pass: the luck of the split no longer shows


def check_judgeable(y: np.ndarray, groups: np.ndarray, tags: Sequence[str], noun: str) -> None:
    """Refuse what cannot be judged.

    Raises
    ------
    SamplesError
        Fewer than two tags, or a tag with fewer than two independent samples.
    """
    if len(tags) < 2:
        raise SamplesError(
            f"only one tag was found, {tags[0]!r}: a model needs at least two to tell apart. "
            "Add samples of something else: in a folder, a sub-folder of their own."
        )
    problems = []
    for number, tag in enumerate(tags):
        n_samples = int((y == number).sum())
        n_groups = len(np.unique(groups[y == number]))
        if n_samples < 2:
            problems.append(f"{tag!r} has {n_samples} {noun.removesuffix('s')}")
        elif n_groups < 2:
            problems.append(f"all {n_samples} {noun} of {tag!r} are copies or one group")
    if problems:
        raise SamplesError(
            "every tag needs at least 2 independent samples, one to learn from and one to be "
            f"judged on: {_some(problems)}. Add samples, or remove the tag."
        )


def _some(problems: Sequence[str]) -> str:
    more = f"; and {len(problems) - _NAMED} tags more" if len(problems) > _NAMED else ""
    return "; ".join(problems[:_NAMED]) + more


def judge(
    pool: Sequence[Candidate],
    features: Mapping[str, np.ndarray],
    y: np.ndarray,
    *,
    groups: np.ndarray,
    tags: Sequence[str],
    seed: int,
    n_passes: int | None = None,
    cores: Executor | None = None,
    progress: Progress = silent,
) -> Judgement:
    """Judge the whole way of learning, choice included, by repeated stratified group folds.

    Parameters
    ----------
    pool : sequence of Candidate
    features : mapping of str to ndarray
        By encoder name, float32 (n_samples, n_features).
    y : ndarray of int, shape (n_samples,)
    groups : ndarray of int, shape (n_samples,)
    tags : sequence of str
    seed : int
    n_passes : int, optional
        How often all samples are dealt. Default: twice, many samples once.
    cores : Executor, optional
        Runs the folds side by side. Default: threads of its own, one a core.
    progress : Progress
    """
    n_folds = usable_folds(y, groups, most=FOLDS)
    deals = [
        fold_numbers(y, groups, n_folds=n_folds, seed=seed + number)
        for number in range(n_passes or _n_passes(y))
    ]

    def predict(train: np.ndarray, test: np.ndarray) -> np.ndarray:
        learner = _fit_part(pool, features, y, groups, train, len(tags), seed)
        return learner.predict_proba({name: X[test] for name, X in features.items()})

    with one_thread_each(), ExitStack() as stack:
        if cores is None:
            cores = stack.enter_context(ThreadPoolExecutor(usable_cores()))
        passes = _predict_outside(deals, predict, len(tags), cores, progress)
    return judgement(passes, y, groups=groups, tags=tags)


def n_fits(y: np.ndarray, groups: np.ndarray, n_passes: int | None = None) -> int:
    """How many learners `judge` fits to these samples; parameters as there."""
    return (n_passes or _n_passes(y)) * usable_folds(y, groups, most=FOLDS)


def _n_passes(y: np.ndarray) -> int:
    return 1 if len(y) >= _MANY else 2


def _fit_part(
    pool: Sequence[Candidate],
    features: Mapping[str, np.ndarray],
    y: np.ndarray,
    groups: np.ndarray,
    train: np.ndarray,
    n_tags: int,
    seed: int,
) -> FittedLearner:
    part = {name: X[train] for name, X in features.items()}
    return fit(pool, part, y[train], groups=groups[train], n_tags=n_tags, seed=seed)


def _predict_outside(
    deals: Sequence[np.ndarray],
    predict: Callable[[np.ndarray, np.ndarray], np.ndarray],
    n_tags: int,
    cores: Executor,
    progress: Progress,
) -> list[Predictions]:
    """Out-of-fold predictions of every deal; folds side by side, one core each."""
    jobs = [(deal, split) for deal, folds in enumerate(deals) for split in splits(folds)]
    outside = [np.empty((len(folds), n_tags), np.float32) for folds in deals]
    results = cores.map(lambda job: predict(job[1].train, job[1].test), jobs)
    for done, ((deal, split), probabilities) in enumerate(zip(jobs, results, strict=True)):
        outside[deal][split.test] = probabilities
        progress("judging", done + 1, len(jobs))
    return [Predictions(p, folds) for p, folds in zip(outside, deals, strict=True)]
