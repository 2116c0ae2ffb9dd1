"""What learners of tags and of numbers share: candidates, their blend, and what the blend gains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from handful.heads.teaching import Lesson
from handful.metrics import Interval, cluster_mean

_CONFIDENCE = 0.8  # that a blend gains; 0.95 leaves out too many that do: docs/judging.md

Features = Mapping[str, np.ndarray]
HeadT = TypeVar("HeadT", covariant=True)


@dataclass(frozen=True)
class Candidate:
    """One way to learn: a kind of head on one view of one encoder's features.

    `lesson` is what a network needs beside them.
    """

    encoder: str
    view: str
    columns: slice
    head: str
    lesson: Lesson | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.head} on {self.view}"

    def look(self, features: Features) -> np.ndarray:
        """Its columns of its encoder's features, float32 (n_samples, n_features)."""
        return features[self.encoder][:, self.columns]


@dataclass(frozen=True)
class Member(Generic[HeadT]):
    """A fitted head of the blend and the share of its vote."""

    candidate: Candidate
    head: HeadT
    weight: float
    note: str


@dataclass(frozen=True)
class Blend:
    """Which candidates answer together.

    Attributes
    ----------
    shares : ndarray of float64, shape (n_candidates,)
        Of the vote; they sum to 1.
    alone : int
        Which of them would answer alone.
    gain : Interval or None
        What blending lowers the mean loss by, beside that one; None where it does answer alone.
    """

    shares: np.ndarray
    alone: int
    gain: Interval | None


def choose_blend(
    inner: Sequence[np.ndarray],
    losses: Callable[[np.ndarray], np.ndarray],
    *,
    groups: np.ndarray,
    steps: int,
    to_replace: float,
) -> Blend:
    """Forward selection with replacement (Caruana et al. 2004), kept only where it pays.

    The first candidate is the one to beat: few samples make another look better by luck, so it
    gives way only where the gain is larger than its own uncertainty. Then one vote at a time goes
    to whomever it helps most, the first again included; the picks with the lowest mean loss
    count, and the blend is kept only where the interval of what it gains over the
    one that would answer alone excludes 0.

    Parameters
    ----------
    inner : sequence of ndarray, shape (n_samples, ...)
        What each candidate says of samples that it has not seen.
    losses : callable
        From what is said to each sample's loss, float64 (n_samples,).
    groups : ndarray of int, shape (n_samples,)
        Samples of one group are one piece of evidence.
    steps : int
        Picks.
    to_replace : float
        Standard errors that a gain must exceed to replace the first.
    """
    alone = [losses(said) for said in inner]
    least = int(np.argmin([loss.mean() for loss in alone]))
    first = least if _clearly(alone[0] - alone[least], to_replace) else 0
    picks = np.zeros(len(inner))
    picks[first] = 1
    best, least_loss, total = picks.copy(), alone[first], inner[first].astype(np.float64)
    for step in range(2, steps + 1):
        trials = [losses((total + said) / step) for said in inner]
        least = int(np.argmin([trial.mean() for trial in trials]))
        picks[least] += 1
        total = total + inner[least]
        if trials[least].mean() < least_loss.mean():
            best, least_loss = picks.copy(), trials[least]
    gain = cluster_mean(alone[first] - least_loss, groups, confidence=_CONFIDENCE)
    if best[first] == best.sum() or gain.low is None or gain.low <= 0:
        return Blend(np.eye(len(inner))[first], first, None)
    return Blend(best / best.sum(), first, gain)


def _clearly(gains: np.ndarray, errors: float) -> bool:
    """Whether the mean gain is more than this many standard errors."""
    return bool(gains.mean() > errors * gains.std() / np.sqrt(len(gains)))


def recipe(members: Sequence[Member[object]]) -> str:
    """A blend in one line, for people."""
    ordered = sorted(members, key=lambda member: -member.weight)
    encoders = list(dict.fromkeys(m.candidate.encoder for m in ordered))
    shares = [f" ({100 * m.weight:.0f} %)" if len(ordered) > 1 else "" for m in ordered]
    parts = [m.candidate.name + share for m, share in zip(ordered, shares, strict=True)]
    return f"{' and '.join(encoders)}: {' + '.join(parts)}"
