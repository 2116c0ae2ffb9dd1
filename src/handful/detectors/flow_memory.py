"""What the default counter remembers: the last 24 seconds of movement, in one piece of memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from handful.detectors.block_flow import N_FLOWS, Flow

_ROUNDING = 1e-9
REMEMBERED = 360  # slots of a fifteenth of a second
USUAL = 0.8  # quantile; movements more than twice as strong are cut down to that


class Slot:
    """Movement in one fifteenth of a second: that between frames, shared out by time.

    Attributes
    ----------
    number : int
        Of the slot that is being filled.
    """

    def __init__(self) -> None:
        self.number = 0
        self._row = np.zeros(N_FLOWS + 3)

    def add(self, flow: Flow, start: float, end: float, speed: float) -> Iterator[Flow]:
        """Take a movement from `start` to `end`, in slots; gives each slot that is full.

        `speed` makes the camera's shift one in a whole slot.
        """
        shift = speed * flow.shift_down, speed * flow.shift_right
        row = np.concatenate([flow.blocks, (flow.camera, *shift)])
        if start > self.number + 1:  # after a long pause
            self.number = int(start)
        while True:
            share = min(end, self.number + 1) - max(start, self.number)
            self._row += max(share, 0.0) * row
            if self.number + 1 > end + _ROUNDING:
                return
            self.number += 1
            whole, self._row = self._row, np.zeros(N_FLOWS + 3)
            yield Flow(whole[:N_FLOWS], *whole[N_FLOWS:])


class Memory:
    """The last slots, in one piece of memory."""

    def __init__(self) -> None:
        self.n = 0  # slots that ever came
        self._rows = np.zeros((2 * REMEMBERED, N_FLOWS + 4))
        self._end = 0

    @property
    def first(self) -> int:
        """Number of the oldest slot that is remembered."""
        return max(0, self.n - REMEMBERED)

    def add(self, flow: Flow, time_s: float) -> None:
        """Remember a slot, and forget one."""
        if self._end == len(self._rows):
            self._rows[:REMEMBERED] = self._rows[REMEMBERED:]
            self._end = REMEMBERED
        row = self._rows[self._end]
        row[:N_FLOWS] = flow.blocks
        row[N_FLOWS:] = flow.camera, flow.shift_down, flow.shift_right, time_s
        self._end += 1
        self.n += 1

    def flows(self) -> np.ndarray:
        """Movements, (n_slots, N_FLOWS)."""
        rows: np.ndarray = self._rows[self._end - (self.n - self.first) : self._end, :N_FLOWS]
        return rows

    def camera(self) -> np.ndarray:
        """Energy and shift, down and right, of the camera, (n_slots, 3)."""
        rows: np.ndarray = self._rows[self._end - (self.n - self.first) : self._end]
        return rows[:, N_FLOWS:-1]

    def times_s(self, start: int, end: int) -> np.ndarray:
        """Moments of some slots by their numbers."""
        offset = self._end - self.n
        times: np.ndarray = self._rows[start + offset : end + offset, -1]
        return times

    def tamed(self) -> np.ndarray:
        """Movements, none of them more than twice as strong as usual, a little smoothed.

        The smoothing (1, 2, 1) takes away what is faster than 15 slots a second can show.
        """
        flows = self.flows()
        if not len(flows):
            return flows
        strength = np.sqrt(np.einsum("ij,ij->i", flows, flows))
        most = 2 * np.quantile(strength, USUAL)
        tamed: np.ndarray = flows * np.minimum(1.0, most / np.maximum(strength, 1e-9))[:, None]
        if len(tamed) > 2:
            tamed[1:-1] = 0.5 * tamed[1:-1] + 0.25 * (tamed[:-2] + tamed[2:])
        return tamed
