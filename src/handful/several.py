"""Learner of several tags a sample: for each tag a learner of yes and no, on the same features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from handful.blending import Candidate, Features
from handful.learners import FittedLearner, describe, fit


@dataclass(frozen=True)
class FittedSeveral:
    """One learner for each tag.

    Attributes
    ----------
    learners : tuple of FittedLearner
        Of two tags each, the second of which is yes.
    """

    learners: tuple[FittedLearner, ...]

    def predict_proba(self, features: Features) -> np.ndarray:
        """Probability of each tag, float32 (n_samples, n_tags); they need not sum to 1.

        Parameters
        ----------
        features : mapping of str to ndarray
            By encoder name, float32 (n_samples, n_features).
        """
        return np.stack([one.predict_proba(features)[:, 1] for one in self.learners], axis=1)

    def encoders(self) -> set[str]:
        """Names of the encoders that it looks through."""
        return {m.candidate.encoder for one in self.learners for m in one.members}


def fit_one(
    pool: Sequence[Candidate],
    features: Features,
    has_tag: np.ndarray,
    *,
    groups: np.ndarray,
    seed: int,
) -> FittedLearner:
    """Learner of a single tag.

    Parameters
    ----------
    pool : sequence of Candidate
    features : mapping of str to ndarray
        By encoder name, float32 (n_samples, n_features).
    has_tag : ndarray of bool, shape (n_samples,)
        Some of each.
    groups : ndarray of int, shape (n_samples,)
    seed : int
    """
    y = has_tag.astype(np.int64)  # rare tags have thresholds of their own: none is weighed
    return fit(pool, features, y, groups=groups, n_tags=2, seed=seed, weigh=False)


def describe_several(learner: FittedSeveral) -> str:
    """The recipe in one line, for people: what most tags go by."""
    found = Counter(describe(one) for one in learner.learners).most_common()
    text, n_tags = found[0]
    if len(found) == 1:
        return f"for each tag: {text}"
    return f"for {n_tags} of {len(learner.learners)} tags: {text}; the others differ"
