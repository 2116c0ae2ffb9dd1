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
from handful.heads.logistic import fit_logistic
from handful.heads.nearest_mean import fit_nearest_mean
from handful.heads.networks import fit_networks
from handful.heads.rare_pieces import fit_rare_pieces
from handful.heads.similarities import fit_similarities
from handful.heads.temperature import SMALLEST, cautious_temperature, temper
from handful.metrics import Interval, confusion_matrix
from handful.splits import fold_numbers, usable_folds

_INNER_FOLDS = 5
_BLEND_STEPS = 6  # picks of the blend
_TO_REPLACE = 2.0  # standard errors by which another must beat the first
_IMBALANCE = 1.5  # most samples of a tag to fewest: from here on class weights are tried
_WEIGHTS_GAIN = 0.01  # macro F1 that class weights must add


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
    gain : Interval or None
        What blending lowers the log loss by, beside the best member alone.
    temperature : float
        Above 1 the blend was too sure of itself, below 1 too timid.
    rivals : tuple of Rival
        All candidates, best first; empty where there were too few samples to compare.
    class_weights : str
        ``none`` or ``balanced``.
    """

    members: tuple[Member[Head], ...]
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


def candidates(encoders: Sequence[Encoder]) -> tuple[Candidate, ...]:
    """Every head that is tried on the views of these encoders."""
    found = []
    for encoder in encoders:
        for view, columns in encoder.views.items():
            kinds = encoder.heads.get(view, (LOGISTIC,))
            found += [
                Candidate(encoder.name, view, columns, kind)
                for kind in kinds
                if kind != BOOSTED or has_trees()
            ]
    return tuple(found)


def untried(encoders: Sequence[Encoder]) -> list[str]:
    """Sentences on heads that suit these encoders but are not installed."""
    wanted = {kind for encoder in encoders for kinds in encoder.heads.values() for kind in kinds}
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
    if not weigh or counts.max() < _IMBALANCE * counts.min():
        return plain.learner
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
    fitted = _fit_head(candidate, features, y, n_tags, None, weight, seed=0)
    member = Member(candidate, fitted.head, 1.0, fitted.note)
    return FittedLearner((member,), None, 1.0, (), "none")


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
    fitted = [_tempered(_fit_head(c, features, y, n_tags, folds, weight, seed), y) for c in pool]
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
    learner = FittedLearner(members, blend.gain, temperature, rivals, class_weights)
    return _Blended(learner, mixed)


def _fit_head(
    candidate: Candidate,
    features: Features,
    y: np.ndarray,
    n_tags: int,
    folds: np.ndarray | None,
    weight: np.ndarray,
    seed: int,
) -> Fitted:
    X = candidate.look(features)
    if candidate.head == NEAREST_MEAN:
        return fit_nearest_mean(X, y, n_tags=n_tags, folds=folds)
    if folds is not None and candidate.head in (BOOSTED, NETWORKS):
        fit_many = fit_boosted if candidate.head == BOOSTED else fit_networks
        return fit_many(X, y, n_tags=n_tags, folds=folds, sample_weight=weight, seed=seed)
    kinds = {TFIDF: fit_rare_pieces, SIMILARITIES: fit_similarities}
    fit_one = kinds.get(candidate.head, fit_logistic)
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
