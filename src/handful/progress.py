"""How long work tells a door how far it has come."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called whenever a stage of the work moves on.

    Parameters
    ----------
    stage : str
        What is being done, in one word: ``reading``, ``looking``, ``judging``, ``writing``.
    done, total : int
        Steps finished and steps in all.
    """

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Hear of it."""
        ...


def silent(stage: str, done: int, total: int) -> None:
    """Say nothing."""
