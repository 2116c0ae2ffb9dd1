"""Shares what is left of the time among the trainings to come, and tells how far they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from handful.progress import Progress, silent


class Pace:
    """Trainings that run side by side, and the time in which all of them must be over.

    Parameters
    ----------
    until_s : float, optional
        What the clock shows then. Without it every training takes the time that it takes.
    n_side_by_side : int
    progress : Progress
        Hears of every batch, with loss and measure.
    clock : callable
        Seconds, rising.
    """

    def __init__(
        self,
        *,
        until_s: float | None = None,
        n_side_by_side: int = 1,
        progress: Progress = silent,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._until_s, self._n, self._clock = until_s, n_side_by_side, clock
        self._progress, self._lock = progress, threading.Lock()
        self._expected = self._over = 0
        self._note = ""
        self._taken: list[float] = []

    def expect(self, n: int) -> None:
        """So many more trainings will come."""
        with self._lock:
            self._expected += n

    def over(self, n: int = 1) -> None:
        """So many of them are done, or will not come."""
        with self._lock:
            self._over += n
            all_over = self._over == self._expected
        if all_over and self._note:
            self._progress("training", self._expected, self._expected, self._note)

    @property
    def is_bounded(self) -> bool:
        """Whether there is an end."""
        return self._until_s is not None

    def share_s(self, answering_s: float = 0.0) -> float | None:
        """Seconds for the training that begins now, 0 if there are none; None: as it takes.

        Parameters
        ----------
        answering_s : float
            What each network takes afterwards to answer; that is kept free.
        """
        if self._until_s is None:
            return None
        with self._lock:
            left = max(1, self._expected - self._over)
        share_s = (self._until_s - self._clock()) * min(self._n, left) / left
        return max(0.0, share_s - answering_s)

    def took(self, share: float) -> None:
        """A training took this share of its steps, 0 to 1, in its time."""
        with self._lock:
            self._taken.append(share)

    @property
    def steps_taken(self) -> float:
        """Mean share of their steps that trainings took; 1 without a single one."""
        with self._lock:
            return sum(self._taken) / len(self._taken) if self._taken else 1.0

    def tell(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Pass on how one training goes, as a `Progress` that counts trainings."""
        self._note = note
        self._progress("training", min(self._over, self._expected - 1), self._expected, note)
