"""How long work tells a door how far it has come."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called whenever a stage of the work moves on.

    Parameters
    ----------
    stage : str
        What is being done, in one word: ``reading``, ``looking``, ``judging``, ``training``,
        ``writing``.
    done, total : int
        Steps finished and steps in all.
    note : str
        How it goes, in a few words: ``loss 0.31, accuracy 0.87``.
    """

    def __call__(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Hear of it."""
        ...


def silent(stage: str, done: int, total: int, note: str = "") -> None:
    """Say nothing."""
