"""Learner of numbers: candidate heads on the encoders' views, chosen and blended by inner folds.

As handful.learners does it for tags, with the squared error in place of the log loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from handful.blending import Candidate, Features, Member, choose_blend, recipe
from handful.encoders.base import BOOSTED, LOGISTIC, NETWORKS, Encoder
from handful.heads.boosted import has_trees
from handful.heads.deep import fit_deep_values
from handful.heads.pace import Pace
from handful.heads.teaching import lesson_of
from handful.heads.values import (
    FittedValues,
    ValueHead,
    fit_ridge,
    fit_value_networks,
    fit_value_trees,
)
from handful.metrics import Interval
from handful.splits import fold_numbers, usable_folds

RIDGE = "ridge regression"
_INNER_FOLDS = 5
_STRATA = 5  # samples are dealt so that each fold has small and large numbers
_BLEND_STEPS = 12


@dataclass(frozen=True)
class ValueRival:
    """How a candidate did in the inner folds: root of the mean squared error."""

    name: str
    rmse: float
    chosen: bool


@dataclass(frozen=True)
class FittedRegressor:
    """What `fit_values` gives: a blend of heads.

    Attributes
    ----------
    members : tuple of Member
    alone : Candidate
        Which would answer alone.
    gain : Interval or None
        What blending lowers the mean squared error by, beside that one.
    rivals : tuple of ValueRival
        All candidates, best first.
    """

    members: tuple[Member[ValueHead], ...]
    alone: Candidate
    gain: Interval | None
    rivals: tuple[ValueRival, ...]

    def predict(self, features: Features) -> np.ndarray:
        """Values, float32 (n_samples,).

        Parameters
        ----------
        features : mapping of str to ndarray
            By encoder name, float32 (n_samples, n_features).
        """
        parts = [m.weight * m.head.predict(m.candidate.look(features)) for m in self.members]
        return np.asarray(np.sum(parts, axis=0), np.float32)


def value_candidates(
    encoders: Sequence[Encoder], pace: Pace | None = None
) -> tuple[Candidate, ...]:
    """Every head that is tried on the views of these encoders; `pace` is of the networks."""
    found = []
    pace = pace or Pace()
    for encoder in encoders:
        for view, columns in encoder.views.items():
            kinds = encoder.heads.get(view, (LOGISTIC,))
            tried = [
                kind for kind in kinds if kind == NETWORKS or (kind == BOOSTED and has_trees())
            ]
            lessons = {kind: lesson_of(encoder, kind, pace) for kind in kinds}
            if any(lessons.values()):
                found += [
                    Candidate(encoder.name, view, columns, *lesson) for lesson in lessons.items()
                ]
                continue
            names = [RIDGE, *tried] if kinds != (BOOSTED,) else tried
            found += [Candidate(encoder.name, view, columns, name) for name in names]
    return tuple(found)


def strata(y: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Numbers as a few classes of about equal size, int64 (n_samples,): for dealing folds."""
    n = max(1, min(_STRATA, len(np.unique(groups)) // 4))
    ranks = np.argsort(np.argsort(y, kind="stable"), kind="stable")
    return np.asarray(ranks * n // len(y), np.int64)


def value_folds(y: np.ndarray, groups: np.ndarray, *, most: int, seed: int) -> np.ndarray:
    """Fold of each sample, int64 (n_samples,): small and large numbers in each, groups whole."""
    classes = strata(y, groups)
    n_folds = usable_folds(classes, groups, most=most)
    return fold_numbers(classes, groups, n_folds=max(2, n_folds), seed=seed)


def fit_values(
    pool: Sequence[Candidate],
    features: Features,
    y: np.ndarray,
    *,
    groups: np.ndarray,
    seed: int,
) -> FittedRegressor:
    """Fit every candidate, choose and blend by the squared error of the inner folds.

    Parameters
    ----------
    pool : sequence of Candidate
    features : mapping of str to ndarray
        By encoder name, float32 (n_samples, n_features).
    y : ndarray of float32, shape (n_samples,)
    groups : ndarray of int, shape (n_samples,)
    seed : int
        Deals the inner folds.
    """
    folds = value_folds(y, groups, most=_INNER_FOLDS, seed=seed)
    pool, fitted = _fit_pool(pool, features, y, folds, seed)
    blend = choose_blend(
        [one.inner for one in fitted],
        lambda said: (said - y) ** 2,
        groups=groups,
        steps=_BLEND_STEPS,
        to_replace=0.0,
    )
    members = tuple(
        Member(c, one.head, float(vote), one.note)
        for c, one, vote in zip(pool, fitted, blend.shares, strict=True)
        if vote > 0
    )
    rivals = [
        ValueRival(c.name, float(np.sqrt(((one.inner - y) ** 2).mean())), bool(vote > 0))
        for c, one, vote in zip(pool, fitted, blend.shares, strict=True)
    ]
    ordered = tuple(sorted(rivals, key=lambda rival: rival.rmse))
    return FittedRegressor(members, pool[blend.alone], blend.gain, ordered)


def _fit_pool(
    pool: Sequence[Candidate], features: Features, y: np.ndarray, folds: np.ndarray, seed: int
) -> tuple[list[Candidate], list[FittedValues]]:
    """Every candidate, fitted; networks last, and only those that can keep up with the best."""
    kept, fitted = list[Candidate](), list[FittedValues]()
    losses = list[np.ndarray]()
    for candidate in sorted(pool, key=lambda one: one.lesson is not None):
        found: FittedValues | None
        if candidate.lesson is None:
            found = _fit_head(candidate, features, y, folds, seed)
        else:
            best = min(losses, key=np.mean, default=None)
            found = fit_deep_values(
                candidate.lesson, candidate.look(features), y, folds, seed, to_beat=best
            )
        if found is not None:
            kept.append(candidate)
            fitted.append(found)
            losses.append((found.inner - y) ** 2)
    return kept, fitted


def _fit_head(
    candidate: Candidate, features: Features, y: np.ndarray, folds: np.ndarray, seed: int
) -> FittedValues:
    X = candidate.look(features)
    if candidate.head == BOOSTED:
        return fit_value_trees(X, y, folds, seed)
    if candidate.head == NETWORKS:
        return fit_value_networks(X, y, folds, seed)
    return fit_ridge(X, y, folds)


def describe_values(learner: FittedRegressor) -> str:
    """The recipe in one line, for people."""
    return recipe(learner.members)
