"""From scores over time to events: merged, with hysteresis; a lasting change is told once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from handful.detectors.base import Event
from handful.signals import nominal_hz

UNUSUAL, LASTING = "unusual sound", "lasting change"
_GAP_S = 1.0  # shorter pauses belong to the event
RELEASE = 0.5  # share of the threshold below which an event ends, where usual sound is below it
_LASTING_S = 60.0  # unusual for so long is a new state of things, not an event
_SETTLED = 0.25  # share of unusual time below which things are as they were


@dataclass(frozen=True)
class SoundEvent(Event):
    """A sound that stood out.

    Attributes
    ----------
    level_db : float
        Highest A-weighted Fast level during it.
    band_hz : float
        Nominal middle of the third octave that stood out most.
    """

    level_db: float
    band_hz: float


@dataclass(frozen=True)
class Scored:
    """One frame of sound with its score.

    Attributes
    ----------
    start_s, end_s : float
    score : float
        1 is the threshold.
    level_db : float
    band_hz : float
        The third octave that stands out most.
    hushed : bool
        Far quieter than the quietest of the baseline.
    """

    start_s: float
    end_s: float
    score: float
    level_db: float
    band_hz: float
    hushed: bool = False


class Alarms:
    """Makes events of scored frames, one at a time, in constant memory.

    Parameters
    ----------
    release : float
        Score below which an event ends: above what is usual, or events would go on for ever.

    Attributes
    ----------
    changed : bool
        Whether the sound has changed for good: a new baseline is needed.
    """

    def __init__(self, release: float = RELEASE) -> None:
        self.release = release
        self.changed = False
        self._first: Scored | None = None
        self._last_s = 0.0
        self._peak: Scored | None = None
        self._level_db = -math.inf
        self._share = 0.0
        self._hush_s: float | None = None

    @property
    def sounding(self) -> bool:
        """Whether an event is under way."""
        return self._first is not None

    def add(self, frame: Scored) -> Iterator[SoundEvent]:
        """The event, if any, that this frame ends or turns into a lasting change."""
        if self._first is None and frame.score >= 1 and not self.changed:
            self._begin(frame)
        if self._first is not None:
            if frame.score >= self.release:
                self._go_on(frame)
            elif frame.start_s - self._last_s >= _GAP_S:
                yield self._end(UNUSUAL)
        yield from self._mind_changes(frame)

    def finish(self) -> Iterator[SoundEvent]:
        """The event, if any, that the end of the sound ends."""
        if self._first is not None:
            yield self._end(UNUSUAL)

    def _begin(self, frame: Scored) -> None:
        self._first = self._peak = frame
        self._level_db = frame.level_db

    def _go_on(self, frame: Scored) -> None:
        self._last_s = frame.end_s
        self._level_db = max(self._level_db, frame.level_db)
        if self._peak is None or frame.score > self._peak.score:
            self._peak = frame

    def _end(self, kind: str) -> SoundEvent:
        first, peak = self._first, self._peak
        if first is None or peak is None:
            raise RuntimeError("no event is under way")
        self._first = self._peak = None
        return SoundEvent(
            kind, first.start_s, self._last_s, peak.score, self._level_db, nominal_hz(peak.band_hz)
        )

    def _mind_changes(self, frame: Scored) -> Iterator[SoundEvent]:
        """Tell of a lasting change once, when most of the last minute or so was unusual."""
        unlike = self._first is not None or frame.hushed
        unlike = unlike or (self.changed and frame.score >= self.release)
        forget = 0.5 ** ((frame.end_s - frame.start_s) / _LASTING_S)
        self._share = forget * self._share + (1 - forget) * unlike
        if not frame.hushed:
            self._hush_s = None
        elif self._hush_s is None:
            self._hush_s = frame.start_s
        if self.changed:
            self.changed = self._share >= _SETTLED
        elif self._share >= 0.5:
            self.changed = True
            if self._first is None:
                start_s = frame.start_s if self._hush_s is None else self._hush_s
                self._begin(replace(frame, start_s=start_s))
                self._last_s = frame.end_s
            yield self._end(LASTING)
