"""How many waiting samples a model takes in one go: as many as it answers in a blink."""

from __future__ import annotations

_BLINK_S = 0.02  # nobody notices waiting so much longer for the others in the batch
_MOST = 32
_WEIGHT = 0.1  # of the newest run in the average


class Pace:
    """How long a model takes for a sample; learnt from every run.

    Where a sample takes longer than a blink (photos, sounds), a batch saves no time and would
    only keep its first sample waiting for its last: then samples go one by one.
    """

    def __init__(self) -> None:
        self.sample_s = _BLINK_S

    @property
    def batch(self) -> int:
        """Samples in one go, at least 1."""
        return max(1, min(_MOST, int(_BLINK_S / max(self.sample_s, 1e-6))))

    def learn_one(self, seconds: float, n_samples: int) -> None:
        """Take a run into account."""
        self.sample_s += _WEIGHT * (seconds / n_samples - self.sample_s)
