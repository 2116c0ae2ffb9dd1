"""What every detector offers: frames in, one at a time, scores and events out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, runtime_checkable

Frame = TypeVar("Frame", contravariant=True)


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes
    ----------
    kind : str
        For example ``repetition`` or ``unusual sound``.
    start_s, end_s : float
        Seconds since the stream began.
    score : float
        How far from usual, in the detector's own unit.
    """

    kind: str
    start_s: float
    end_s: float
    score: float


@runtime_checkable
class Detector(Protocol, Generic[Frame]):
    """Sees a stream one frame at a time, in constant memory."""

    @property
    def ready(self) -> bool:
        """Whether it has seen enough to score."""
        ...

    def score_one(self, frame: Frame) -> float | None:
        """How unusual a frame is by what was learnt before it; None, never 0, while not ready."""
        ...

    def learn_one(self, frame: Frame) -> None:
        """Take a frame into account; after it was scored."""
        ...
