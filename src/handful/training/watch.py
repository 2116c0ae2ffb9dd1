"""Keeps a training within the time it was given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]  # seconds, rising


@dataclass(frozen=True)
class Watch:
    """Time that has gone by.

    Attributes
    ----------
    clock : callable
    start_s : float
        What the clock showed when the training began.
    budget_s : float or None
        Seconds that the training may take.
    """

    clock: Clock
    start_s: float
    budget_s: float | None

    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.start_s

    def share(self, steps: float, reserve_s: float) -> float:
        """How much is over, 0 to 1: of the steps, or of the time where less of that is left.

        Parameters
        ----------
        steps : float
            Share of the steps that are done.
        reserve_s : float
            Seconds that must remain when the last step is done.

        Examples
        --------
        >>> watch = Watch(lambda: 6.0, 0.0, 10.0)
        >>> watch.share(0.1, 0.0), watch.share(0.9, 0.0), watch.share(0.1, 5.0)
        (0.6, 0.9, 1.0)
        """
        if self.budget_s is None:
            return steps
        return max(steps, min(1.0, (self.elapsed_s() + reserve_s) / self.budget_s))
