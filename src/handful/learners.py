"""Learner: candidate heads on the encoders' views, chosen and blended by inner folds.

Everything here sees training samples only. Whoever wants to know how good the result is must
call `fit` inside each training fold, choice included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from handful.blending import Candidate, Features, Member, choose_blend, recipe
from handful.encoders.base import (
    BOOSTED,
    LOGISTIC,
    NEAREST_MEAN,
    NETWORKS,
    SIMILARITIES,
    TFIDF,
    Encoder,
)
from handful.heads.base import Fitted, Head
from handful.heads.boosted import fit_boosted, has_trees
from handful.heads.deep import fit_deep, fit_one_deep
from handful.heads.logistic import fit_logistic
from handful.heads.nearest_mean import fit_nearest_mean
from handful.heads.networks import fit_networks
from handful.heads.pace import Pace
from handful.heads.rare_pieces import fit_rare_pieces
from handful.heads.similarities import fit_similarities
from handful.heads.teaching import lesson_of
from handful.heads.temperature import SMALLEST, cautious_temperature, temper
from handful.metrics import Interval, confusion_matrix
from handful.splits import fold_numbers, usable_folds

_INNER_FOLDS = 5
_BLEND_STEPS = 6  # picks of the blend
_TO_REPLACE = 2.0  # standard errors by which another must beat the first
_IMBALANCE = 1.5  # most samples of a tag to fewest: from here on class weights are tried
_WEIGHTS_GAIN = 0.01  # macro F1 that class weights must add
_MOST_TAGS_OF_TREES = 100
_SEEDED = {BOOSTED: fit_boosted, NETWORKS: fit_networks}  # where there are inner folds
_SOLVED = {LOGISTIC: fit_logistic, TFIDF: fit_rare_pieces, SIMILARITIES: fit_similarities}


@dataclass(frozen=True)
class Rival:
    """How a candidate did in the inner folds."""

    name: str
    log_loss: float
    accuracy: float
    chosen: bool


@dataclass(frozen=True)
class FittedLearner:
    """What `fit` gives: a blend of heads with one temperature.

    Attributes
    ----------
    members : tuple of Member
    alone : Candidate
        Which would answer alone.
    gain : Interval or None
        What blending lowers the log loss by, beside that one.
    temperature : float
        Above 1 the blend was too sure of itself, below 1 too timid.
    rivals : tuple of Rival
        All candidates, best first; empty where there were too few samples to compare.
    class_weights : str
        ``none`` or ``balanced``.
    """

    members: tuple[Member[Head], ...]
    alone: Candidate
    gain: Interval | None
    temperature: float
    rivals: tuple[Rival, ...]
    class_weights: str

    def predict_proba(self, features: Features) -> np.ndarray:
        """Probabilities, float32 (n_samples, n_tags).

        Parameters
        ----------
        features : mapping of str to ndarray
            By encoder name, float32 (n_samples, n_features).
        """
        parts = [m.weight * m.head.predict_proba(m.candidate.look(features)) for m in self.members]
        return temper(np.sum(parts, axis=0), self.temperature)


def candidates(
    encoders: Sequence[Encoder], pace: Pace | None = None, *, n_tags: int = 2
) -> tuple[Candidate, ...]:
    """Every head that is tried on the views of these encoders.

    Parameters
    ----------
    encoders : sequence of Encoder
    pace : Pace, optional
        Of the networks among them.
    n_tags : int
        Of many tags no trees are grown: each step of boosting would grow one for each tag.
    """
    pace = pace or Pace()
    return tuple(
        Candidate(encoder.name, view, columns, kind, lesson_of(encoder, kind, pace))
        for encoder in encoders
        for view, columns in encoder.views.items()
        for kind in encoder.heads.get(view, (LOGISTIC,))
        if kind != BOOSTED or (has_trees() and n_tags <= _MOST_TAGS_OF_TREES)
    )


def has_networks(pool: Sequence[Candidate]) -> bool:
    """Whether networks that learn from the samples are among the candidates."""
    return any(candidate.lesson is not None for candidate in pool)


def _is_bounded(pool: Sequence[Candidate]) -> bool:
    """Whether networks must be done in time: then none is trained twice."""
    return any(one.lesson is not None and one.lesson.pace.is_bounded for one in pool)


def n_trainings(pool: Sequence[Candidate], n_learners: int) -> int:
    """How many networks so many learners train, where none is given up early."""
    return n_learners * _INNER_FOLDS * sum(c.lesson is not None for c in pool)


def untried(encoders: Sequence[Encoder], *, n_tags: int = 2) -> list[str]:
    """Sentences on heads that suit these encoders but are not installed, or too slow."""
    wanted = {kind for encoder in encoders for kinds in encoder.heads.values() for kind in kinds}
    if BOOSTED in wanted and n_tags > _MOST_TAGS_OF_TREES:
        return [
            f"Boosted trees were not tried: they grow a tree for each of the {n_tags:,} tags in "
            f"each step, which takes too long for more than {_MOST_TAGS_OF_TREES}."
        ]
    if BOOSTED in wanted and not has_trees():
        return ["Boosted trees were not tried: pip install 'handful[tables]' adds them."]
    return []


def fit(
    pool: Sequence[Candidate],
    features: Features,
    y: np.ndarray,
    *,
    groups: np.ndarray,
    n_tags: int,
    seed: int,
    weigh: bool = True,
) -> FittedLearner:
    """Fit every candidate, choose and blend by inner log loss, scale the temperature.

    Parameters
    ----------
    pool : sequence of Candidate
    features : mapping of str to ndarray
        By encoder name, float32 (n_samples, n_features).
    y : ndarray of int, shape (n_samples,)
    groups : ndarray of int, shape (n_samples,)
    n_tags : int
    seed : int
        Deals the inner folds.
    weigh : bool
        Also try weighing all tags the same, where some are rare.
    """
    n_folds = usable_folds(y, groups, most=_INNER_FOLDS)
    if n_folds < 2:
        return _unchosen(pool[0], features, y, n_tags)
    folds = fold_numbers(y, groups, n_folds=n_folds, seed=seed)
    counts = np.bincount(y, minlength=n_tags)
    plain = _blend(pool, features, y, groups, n_tags, folds, seed, "none")
    if not weigh or counts.max() < _IMBALANCE * counts.min() or _is_bounded(pool):
        return plain.learner
    for candidate in pool:
        if candidate.lesson is not None:
            candidate.lesson.pace.expect(n_folds)
    balanced = _blend(pool, features, y, groups, n_tags, folds, seed, "balanced")
    gain = _macro_f1(y, balanced.inner) - _macro_f1(y, plain.inner)
    return (balanced if gain > _WEIGHTS_GAIN else plain).learner


@dataclass(frozen=True)
class _Blended:
    learner: FittedLearner
    inner: np.ndarray


def _unchosen(
    candidate: Candidate, features: Features, y: np.ndarray, n_tags: int
) -> FittedLearner:
    """The first candidate as it is: one sample of a tag leaves nothing to choose by."""
    weight = np.ones(len(y), np.float32)
    X = candidate.look(features)
    if candidate.lesson is None:
        fitted = _fit_head(candidate, X, y, n_tags, None, weight, seed=0)
    else:
        fitted = fit_one_deep(candidate.lesson, X, y, n_tags=n_tags, sample_weight=weight)
    member = Member(candidate, fitted.head, 1.0, fitted.note)
    return FittedLearner((member,), candidate, None, 1.0, (), "none")


def _blend(
    pool: Sequence[Candidate],
    features: Features,
    y: np.ndarray,
    groups: np.ndarray,
    n_tags: int,
    folds: np.ndarray,
    seed: int,
    class_weights: str,
) -> _Blended:
    weight = _sample_weight(y, class_weights)
    pool, fitted = _fit_pool(pool, features, y, n_tags, folds, weight, seed)
    inner = [f.inner for f in fitted if f.inner is not None]
    blend = choose_blend(
        inner,
        lambda said: _surprise(said, y),
        groups=groups,
        steps=_BLEND_STEPS,
        to_replace=_TO_REPLACE,
    )
    mixed = np.tensordot(blend.shares, np.stack(inner), axes=1)
    temperature = cautious_temperature(mixed, y)
    members = tuple(
        Member(c, f.head, float(v), f.note)
        for c, f, v in zip(pool, fitted, blend.shares, strict=True)
        if v > 0
    )
    rivals = _rivals(pool, inner, blend.shares, y)
    learner = FittedLearner(
        members, pool[blend.alone], blend.gain, temperature, rivals, class_weights
    )
    return _Blended(learner, mixed)


def _fit_pool(
    pool: Sequence[Candidate],
    features: Features,
    y: np.ndarray,
    n_tags: int,
    folds: np.ndarray,
    weight: np.ndarray,
    seed: int,
) -> tuple[list[Candidate], list[Fitted]]:
    """Every candidate, fitted; networks last, and only those that can keep up with the best."""
    kept, fitted = list[Candidate](), list[Fitted]()
    losses = list[np.ndarray]()
    for candidate in sorted(pool, key=lambda one: one.lesson is not None):
        X = candidate.look(features)
        found: Fitted | None
        if candidate.lesson is None:
            found = _fit_head(candidate, X, y, n_tags, folds, weight, seed)
        else:
            found = fit_deep(
                candidate.lesson, X, y, n_tags=n_tags, folds=folds, sample_weight=weight, seed=seed,
                to_beat=min(losses, key=np.mean, default=None),
            )  # fmt: skip
        if found is None:
            continue
        fitted.append(_tempered(found, y))
        kept.append(candidate)
        if fitted[-1].inner is not None:
            losses.append(_surprise(fitted[-1].inner, y))
    return kept, fitted


def _fit_head(
    candidate: Candidate,
    X: np.ndarray,
    y: np.ndarray,
    n_tags: int,
    folds: np.ndarray | None,
    weight: np.ndarray,
    seed: int,
) -> Fitted:
    if candidate.head == NEAREST_MEAN:
        return fit_nearest_mean(X, y, n_tags=n_tags, folds=folds)
    if folds is not None and candidate.head in _SEEDED:
        fit_many = _SEEDED[candidate.head]
        return fit_many(X, y, n_tags=n_tags, folds=folds, sample_weight=weight, seed=seed)
    fit_one = _SOLVED.get(candidate.head, fit_logistic)
    return fit_one(X, y, n_tags=n_tags, folds=folds, sample_weight=weight)


def _tempered(fitted: Fitted, y: np.ndarray) -> Fitted:
    """The head made as sure as it was right in the inner folds, so that votes compare."""
    if fitted.inner is None:
        return fitted
    temperature = float(np.float32(cautious_temperature(fitted.inner, y)))
    head = fitted.head.tempered(temperature)
    return Fitted(head, temper(fitted.inner, temperature), fitted.note)


def _sample_weight(y: np.ndarray, class_weights: str) -> np.ndarray:
    if class_weights == "none":
        return np.ones(len(y), np.float32)
    counts = np.bincount(y)
    present = (counts > 0).sum()
    return np.asarray(len(y) / (present * counts[y]), np.float32)


def _surprise(probabilities: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.asarray(-np.log(np.maximum(probabilities[np.arange(len(y)), y], SMALLEST)))


def _rivals(
    pool: Sequence[Candidate], inner: Sequence[np.ndarray], votes: np.ndarray, y: np.ndarray
) -> tuple[Rival, ...]:
    rivals = [
        Rival(
            c.name,
            float(_surprise(p, y).mean()),
            float((p.argmax(axis=1) == y).mean()),
            bool(v > 0),
        )
        for c, p, v in zip(pool, inner, votes, strict=True)
    ]
    return tuple(sorted(rivals, key=lambda rival: rival.log_loss))


def _macro_f1(y: np.ndarray, probabilities: np.ndarray) -> float:
    counts = confusion_matrix(y, probabilities.argmax(axis=1), labels=range(probabilities.shape[1]))
    hits = np.diag(counts)
    return float(np.mean(2 * hits / np.maximum(counts.sum(axis=0) + counts.sum(axis=1), 1)))


def describe(learner: FittedLearner) -> str:
    """The recipe in one line, for people."""
    evenly = ", tags weighted evenly" if learner.class_weights == "balanced" else ""
    return recipe(learner.members) + evenly
