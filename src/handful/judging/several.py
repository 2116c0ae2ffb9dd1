"""Judges a learner of several tags a sample: each tag outside the folds, and all together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from handful.blending import Candidate
from handful.errors import SamplesError
from handful.judging.figures import Judgement, Predictions, TagJudgement, judgement, ratio
from handful.judging.outside import FOLDS
from handful.metrics import Interval, cluster_bootstrap, cluster_mean, newcombe_auc
from handful.progress import Progress, silent
from handful.several import fit_one
from handful.splits import several_fold_numbers, splits

THRESHOLD = 0.5  # the probability from which a tag is given, until another is chosen
_FEWEST = 2  # independent samples with a tag, and without it, that judging needs
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class SeveralJudgement:
    """How good a model is whose samples may have several tags, or none.

    Attributes
    ----------
    tags : tuple of str
    Y, answers : ndarray of bool, shape (n_samples, n_tags)
        Which tags each sample has, and which it was given.
    probabilities : ndarray of float32, shape (n_samples, n_tags)
        Of models that had not seen the sample.
    folds, groups : ndarray of int64, shape (n_samples,)
    metrics : mapping of str to Interval
        ``accuracy`` is of samples whose tags were all right; ``hamming_loss`` the share of wrong
        ones among all answers of yes and no; the others are means over the tags.
    per_tag : mapping of str to TagJudgement
    confusions : mapping of str to ndarray of int, shape (2, 2)
        Rows: has it not, has it; columns: was not given it, was given it.
    """

    tags: tuple[str, ...]
    Y: np.ndarray
    answers: np.ndarray
    probabilities: np.ndarray
    folds: np.ndarray
    groups: np.ndarray
    metrics: Mapping[str, Interval]
    per_tag: Mapping[str, TagJudgement]
    confusions: Mapping[str, np.ndarray]


def judgeable(Y: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Which tags can be judged, bool (n_tags,): some independent samples with it and without.

    Parameters
    ----------
    Y : ndarray of bool, shape (n_samples, n_tags)
    groups : ndarray of int, shape (n_samples,)
    """
    return np.array(
        [min(len(np.unique(groups[has])), len(np.unique(groups[~has]))) >= _FEWEST for has in Y.T],
        bool,
    )


def check_several(Y: np.ndarray, groups: np.ndarray, tags: Sequence[str], nouns: str) -> None:
    """Refuse samples no tag of which can be judged.

    Raises
    ------
    SamplesError
        Says what is missing.
    """
    if not judgeable(Y, groups).any():
        counts = ", ".join(f"{t} ({int(n)})" for t, n in zip(tags, Y.sum(axis=0), strict=True))
        raise SamplesError(
            f"no tag can be judged: each needs at least {_FEWEST} independent {nouns} that have it "
            f"and {_FEWEST} that have it not, of {len(Y)} {nouns}. Found: {counts[:300] or 'none'}."
        )


def judge_several(
    pool: Sequence[Candidate],
    features: Mapping[str, np.ndarray],
    Y: np.ndarray,
    *,
    groups: np.ndarray,
    tags: Sequence[str],
    seed: int,
    cores: Executor,
    progress: Progress = silent,
) -> SeveralJudgement:
    """Judge the whole way of learning, choice included, by grouped folds.

    Parameters
    ----------
    pool : sequence of Candidate
    features : mapping of str to ndarray
        By encoder name, float32 (n_samples, n_features).
    Y : ndarray of bool, shape (n_samples, n_tags)
        Each tag as `judgeable` wants it.
    groups : ndarray of int64, shape (n_samples,)
    tags : sequence of str
    seed : int
    cores : Executor
        Runs folds and tags side by side.
    progress : Progress
    """
    n_folds = min(FOLDS, len(np.unique(groups)))
    folds = several_fold_numbers(Y, groups, n_folds=n_folds, seed=seed)
    jobs = [(split, tag) for split in splits(folds) for tag in range(len(tags))]

    def outside(train: np.ndarray, test: np.ndarray, has_tag: np.ndarray) -> np.ndarray:
        known = has_tag[train]
        if known.all() or not known.any():  # the few with the tag belong to one fold
            return np.full(len(test), (known.sum() + 1) / (len(known) + 2), np.float32)
        part = {name: X[train] for name, X in features.items()}
        learner = fit_one(pool, part, known, groups=groups[train], seed=seed)
        return learner.predict_proba({n: X[test] for n, X in features.items()})[:, 1]

    found = np.empty(Y.shape, np.float32)
    results = cores.map(lambda job: outside(job[0].train, job[0].test, Y[:, job[1]]), jobs)
    for done, ((split, tag), said) in enumerate(zip(jobs, results, strict=True)):
        found[split.test, tag] = said
        progress("judging", done + 1, len(jobs))
    answers = found >= np.float32(THRESHOLD)
    return several_judgement(Y, found, answers, folds=folds, groups=groups, tags=tags)


def several_judgement(
    Y: np.ndarray,
    probabilities: np.ndarray,
    answers: np.ndarray,
    *,
    folds: np.ndarray,
    groups: np.ndarray,
    tags: Sequence[str],
) -> SeveralJudgement:
    """Everything that may be said of these predictions.

    Parameters
    ----------
    Y, answers : ndarray of bool, shape (n_samples, n_tags)
    probabilities : ndarray of float32, shape (n_samples, n_tags)
    folds, groups : ndarray of int64, shape (n_samples,)
    tags : sequence of str
    """
    each = [
        _one(Y[:, k], probabilities[:, k], answers[:, k], folds, groups) for k in range(len(tags))
    ]
    per_tag = {tag: one.per_tag["yes"] for tag, one in zip(tags, each, strict=True)}
    return SeveralJudgement(
        tags=tuple(tags),
        Y=Y,
        answers=answers,
        probabilities=probabilities,
        folds=folds,
        groups=groups,
        metrics=_metrics(Y, answers, groups, folds, each),
        per_tag=per_tag,
        confusions={tag: one.confusion for tag, one in zip(tags, each, strict=True)},
    )


def _one(
    has: np.ndarray, said: np.ndarray, given: np.ndarray, folds: np.ndarray, groups: np.ndarray
) -> Judgement:
    """One tag, as yes and no."""
    record = Predictions(np.stack([1 - said, said], axis=1), folds, given.astype(np.int64))
    return judgement([record], has.astype(np.int64), groups=groups, tags=("no", "yes"))


def _metrics(
    Y: np.ndarray,
    answers: np.ndarray,
    groups: np.ndarray,
    folds: np.ndarray,
    each: Sequence[Judgement],
) -> dict[str, Interval]:
    losses = [one.metrics["log_loss"].value for one in each]
    loss = float(np.mean([value for value in losses if value is not None]))
    return {
        "accuracy": ratio((answers == Y).all(axis=1), groups),
        "hamming_loss": cluster_mean((answers != Y).mean(axis=1), groups, confidence=_CONFIDENCE),
        "balanced_accuracy": _bootstrapped(_balanced, Y, answers, groups),
        "macro_f1": _bootstrapped(_macro_f1, Y, answers, groups),
        "auc": _mean_auc(Y, groups, folds, each),
        "log_loss": Interval(loss, None, None, _CONFIDENCE, "no interval holds"),
        "baseline_accuracy": ratio((_commonest(Y) == Y).all(axis=1), groups),
    }


def _bootstrapped(
    statistic: Callable[[np.ndarray, np.ndarray], float | None],
    Y: np.ndarray,
    answers: np.ndarray,
    groups: np.ndarray,
) -> Interval:
    return cluster_bootstrap(
        lambda rows: statistic(Y[rows], answers[rows]), groups, confidence=_CONFIDENCE, seed=0
    )


def _macro_f1(Y: np.ndarray, answers: np.ndarray) -> float | None:
    """Mean F1 of the tags that some sample has or was given."""
    either = Y.sum(axis=0) + answers.sum(axis=0)
    if not either.any():
        return None
    hits = 2 * (Y & answers).sum(axis=0)
    return float((hits[either > 0] / either[either > 0]).mean())


def _balanced(Y: np.ndarray, answers: np.ndarray) -> float | None:
    """Mean over the tags of the mean of recall and specificity."""
    with_tag, without = Y.sum(axis=0), (~Y).sum(axis=0)
    known = (with_tag > 0) & (without > 0)
    if not known.any():
        return None
    found = (Y & answers).sum(axis=0)[known] / with_tag[known]
    left = (~Y & ~answers).sum(axis=0)[known] / without[known]
    return float((found + left).mean() / 2)


def _mean_auc(
    Y: np.ndarray, groups: np.ndarray, folds: np.ndarray, each: Sequence[Judgement]
) -> Interval:
    """Mean AUC of the tags, with the interval of a tag of average size: wider than needed."""
    known = [one.per_tag["yes"].auc.value for one in each]
    values = [value for value in known if value is not None]
    n_groups = len(np.unique(groups))
    if not values:
        return newcombe_auc(None, 0, 0)
    n_positive = min(max(1, round(n_groups * float(Y.mean()))), n_groups - 1)
    n_folds = len(np.unique(folds))
    mean = float(np.mean(values))
    return newcombe_auc(mean, n_positive, n_groups - n_positive, n_folds=n_folds)


def _commonest(Y: np.ndarray) -> np.ndarray:
    """The combination of tags that most samples have, bool (n_tags,)."""
    rows, counts = np.unique(Y, axis=0, return_counts=True)
    return np.asarray(rows[int(counts.argmax())])
