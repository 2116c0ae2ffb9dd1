"""From scores over time to events: merged, with hysteresis; a lasting change is told once."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from handful.detectors.base import Event
from handful.signals import nominal_hz

UNUSUAL, LASTING = "unusual sound", "lasting change"
_GAP_S = 1.0  # shorter pauses belong to the event
RELEASE = 0.5  # share of the threshold below which an event ends, where usual sound is below it
# Unusual for so long of the time looked back on is a new state of things, not an event; and it is
# over when less than half of the last while was unusual: ten seconds after a clean return.
_LASTING_S, _LOOK_BACK_S = 60.0, 120.0
_RETURN_S = 20.0


@dataclass(frozen=True)
class SoundEvent(Event):
    """A sound that stood out.

    Attributes
    ----------
    level_db : float
        Highest A-weighted Fast level during it.
    band_hz : float
        Nominal middle of the third octave that stood out most.

    A lasting change to far quieter sound has NaN for `score` and `band_hz`: nothing stood out.
    """

    level_db: float
    band_hz: float

    @property
    def hushed(self) -> bool:
        """Whether the sound fell silent, or far quieter than the baseline."""
        return math.isnan(self.score)


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

    A lasting change is told as soon as 60 s of the last 120 s were unusual; `change` then grows
    until less than half of the last 20 s was. Nothing else is told in between.

    Parameters
    ----------
    release : float
        Score below which an event ends: above what is usual, or events would go on for ever.

    Attributes
    ----------
    changed : bool
        Whether a lasting change is under way.
    change : SoundEvent or None
        The latest lasting change, as far as it is known.
    """

    def __init__(self, release: float = RELEASE) -> None:
        self.release = release
        self.changed = False
        self.change: SoundEvent | None = None
        self._first: Scored | None = None
        self._last_s = 0.0
        self._peak: Scored | None = None
        self._level_db = -math.inf
        self._unusual = _Stretches()
        self._hush = _Stretches()

    @property
    def sounding(self) -> bool:
        """Whether an event is under way."""
        return self._first is not None and not self.changed

    def add(self, frame: Scored) -> Iterator[SoundEvent]:
        """The event, if any, that this frame ends or turns into a lasting change."""
        if self.changed:
            self._follow_change(frame)
            return
        if self._first is None and frame.score >= 1:
            self._begin(frame)
        if frame.hushed:
            self._hush.add(frame)
        loud = self._first is not None and frame.score >= self.release
        if loud:
            self._go_on(frame)
        elif self._first is not None and frame.start_s - self._last_s >= _GAP_S:
            yield self._end()
        if loud or frame.hushed:
            self._unusual.add(frame)
            if self._unusual.seconds(frame.end_s - _LOOK_BACK_S) >= _LASTING_S:
                yield self._change(frame)

    def finish(self) -> Iterator[SoundEvent]:
        """The event, if any, that the end of the sound ends."""
        if self.sounding:
            yield self._end()

    def _begin(self, frame: Scored) -> None:
        self._first = self._peak = frame
        self._level_db = frame.level_db

    def _go_on(self, frame: Scored) -> None:
        self._last_s = frame.end_s
        self._level_db = max(self._level_db, frame.level_db)
        if self._peak is None or frame.score > self._peak.score:
            self._peak = frame

    def _event(self, kind: str) -> SoundEvent:
        first, peak = self._first, self._peak
        if first is None or peak is None:
            raise RuntimeError("no event is under way")
        band_hz = math.nan if math.isnan(peak.score) else nominal_hz(peak.band_hz)
        return SoundEvent(kind, first.start_s, self._last_s, peak.score, self._level_db, band_hz)

    def _end(self) -> SoundEvent:
        event = self._event(UNUSUAL)
        self._first = self._peak = None
        return event

    def _change(self, frame: Scored) -> SoundEvent:
        """The lasting change that this frame makes of what is under way."""
        if self._first is None:  # it is quieter, not louder
            self._begin(replace(frame, start_s=self._hush.latest_s, score=math.nan))
            self._last_s = frame.end_s
        self.changed = True
        self.change = self._event(LASTING)
        return self.change

    def _follow_change(self, frame: Scored) -> None:
        if frame.hushed or frame.score >= self.release:
            self._unusual.add(frame)
            if frame.end_s - self._unusual.latest_s < _GAP_S:
                return  # so short a stretch is a sound after the change, not more of it
            level_db = self._level_db
            self._go_on(frame)
            if self.change is not None and self.change.hushed:
                self._level_db = level_db  # where the sound comes back says nothing of the hush
            self.change = self._event(LASTING)
        elif self._unusual.seconds(frame.end_s - _RETURN_S) < _RETURN_S / 2:
            self.changed, self._first, self._peak = False, None, None
            self._unusual, self._hush = _Stretches(), _Stretches()


class _Stretches:
    """Stretches of time of the last two minutes; shorter pauses belong to them, as to events."""

    def __init__(self) -> None:
        self._spans: deque[tuple[float, float]] = deque(maxlen=int(_LOOK_BACK_S / _GAP_S))

    @property
    def latest_s(self) -> float:
        """When the latest began."""
        return self._spans[-1][0]

    def add(self, frame: Scored) -> None:
        start_s = frame.start_s
        if self._spans and start_s - self._spans[-1][1] < _GAP_S:
            start_s = self._spans.pop()[0]
        self._spans.append((start_s, frame.end_s))

    def seconds(self, since_s: float) -> float:
        """How long they are together from then on."""
        return sum(max(0.0, end_s - max(start_s, since_s)) for start_s, end_s in self._spans)
