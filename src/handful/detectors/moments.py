"""When single repetitions are done: from shares of a repetition to moments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_REST = 8  # slots without movement, and a repetition's length, after which a bout is over
_NEAR = 0.3  # repetitions by which a moment may be moved to look like the one before
_FEWEST_SLOTS = 8  # of a repetition whose moments can be told apart by how they look
_ROUNDING = 1e-9
_PULL = 0.5  # of the likeness that moving by a whole repetition would cost


@dataclass(frozen=True)
class Stretch:
    """Slots of movement that are being counted.

    Attributes
    ----------
    first : int
        Number of the first slot that is remembered.
    flows : ndarray of float, shape (n_slots, n_flows)
        Movement in all remembered slots.
    times_s : ndarray of float, shape (n_slots,)
    """

    first: int
    flows: np.ndarray
    times_s: np.ndarray

    def time_s(self, slot: float) -> float:
        """The moment of a slot, between slots by lines."""
        return float(np.interp(slot - self.first, np.arange(len(self.times_s)), self.times_s))

    def window(self, slot: float, width: int) -> np.ndarray | None:
        """The movement around a slot, (width, n_flows); None where it is not remembered."""
        start = round(slot) - self.first - width // 2
        if start < 0 or start + width > len(self.flows):
            return None
        return self.flows[start : start + width]


class Moments:
    """Adds up shares of a repetition, slot by slot, and tells when each repetition was done.

    A bout begins with the movement. In it the first repetition is done after one whole length,
    and the later ones when the movement looks as it did then. What is left over at the end of a
    bout counts as a whole one from a half on, at the moment when the movement ends.

    Attributes
    ----------
    counted : float
        Repetitions so far, with their fraction.
    told : int
        Repetitions whose moments were told.
    """

    def __init__(self) -> None:
        self.counted, self.told = 0.0, 0
        self._bout = self._in_bout = 0.0  # repetitions in this bout, and told of them
        self._length = 0.0  # of a repetition, in slots
        self._still = 0  # slots without movement
        self._last = 0  # slot with movement
        self._began = 0.0
        self._look: np.ndarray | None = None

    def add(self, slot: int, cycle: float, stretch: Stretch) -> Iterator[tuple[float, float]]:
        """Start and end in seconds of each repetition that a slot completes."""
        if not cycle:
            self._still += 1
            if self._length and self._still >= max(self._length, _REST):
                yield from self.finish(stretch)
            return
        if not self._length:
            self._began, self._bout, self._in_bout, self._look = slot - 0.5, 0.0, 0.0, None
        self._still, self._last, self._length = 0, slot, 1 / cycle
        self.counted += cycle
        self._bout += cycle
        if self._bout >= self._in_bout + 1 - _ROUNDING:
            self._in_bout += 1
            end = slot + 0.5 - (self._bout - self._in_bout) / cycle
            yield self._told(self._refined(end, stretch), stretch)

    def finish(self, stretch: Stretch) -> Iterator[tuple[float, float]]:
        """The repetition, if any, that the end of the movement completes."""
        if self._length and int(self.counted + 0.5) > self.told:
            yield self._told(self._last + 0.5, stretch)
        self._length = 0.0

    def _told(self, end: float, stretch: Stretch) -> tuple[float, float]:
        began, self._began = self._began, end
        self.told += 1
        return stretch.time_s(began), stretch.time_s(max(end, began))

    def _refined(self, end: float, stretch: Stretch) -> float:
        """The moment near `end` that looks most like the end of the repetition before."""
        width = round(self._length)
        before = self._look
        if width < _FEWEST_SLOTS:
            return end
        if before is not None:
            most = int(_NEAR * width)
            likes = []
            for place in range(-most, most + 1):
                window = stretch.window(end + place, len(before))
                if window is None:
                    return end
                likes.append(_alike(before, window) - _PULL * (place / width) ** 2)
            end += _peak(np.array(likes)) - most
        self._look = stretch.window(end, width)
        return end


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    size = float(np.sqrt(np.vdot(one, one) * np.vdot(other, other)))
    return float(np.vdot(one, other)) / size if size else 0.0


def _peak(values: np.ndarray) -> float:
    """Where a curve is highest, between places by a parabola."""
    best = int(np.argmax(values))
    if not 0 < best < len(values) - 1:
        return float(best)
    left, middle, right = (float(v) for v in values[best - 1 : best + 2])
    bend = left - 2 * middle + right
    return best + (0.5 * (left - right) / bend if bend < 0 else 0.0)
