"""Counts repetitions by the notes' signal made sturdy: values normalised, thresholds adaptive."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from handful.detectors.band import CENTRE, TOP, Strip, strip_mean
from handful.detectors.base import Event
from handful.detectors.counting import REPETITION, Count, Recorder, Trace
from handful.detectors.periods import find_period
from handful.detectors.plain import PER_REPETITION
from handful.videos import Frame

_TRACE = "band over reference, per cent (natural logarithm)"
_DARK = 1.0  # added before the division: black strips have no ratio
_RELEASE_S = 8.0  # of the envelope
_LEAST = 0.6  # per cent; smaller swings are flicker
_SHARE = 0.25  # of the amplitude
_NOISE_TIMES, _NOISE_SHARE = 4.0, 0.2
_ALL_NOISE = 0.3  # of the amplitude: of white noise it is about 0.45
_REFRACTORY_S = 0.08
_NOISE_S = 1.0  # over which noise is averaged
_SLOT_S = 1 / 15
_REMEMBERED = 360  # slots, 24 s
_LOOK_EVERY = 15
_LOCKED = 0.4  # likeness


class RobustCounter:
    """Band over reference, in per cent, through a Schmitt trigger between adaptive thresholds.

    Parameters
    ----------
    band, reference : Strip
    per_repetition : float, optional
        Crossings for each repetition; without it learnt from the rhythm: 2 where the edge of a
        body crosses the band, 4 where something small passes right through.
    """

    def __init__(
        self,
        band: Strip = CENTRE,
        reference: Strip = TOP,
        *,
        per_repetition: float | None = None,
    ) -> None:
        self._strips = (band, reference)
        self._given = per_repetition
        self._envelope = _Envelope()
        self._noise = _Noise()
        self._trigger = _Trigger()
        self._rhythm = _CrossingsPerPeriod()
        self._recorder = Recorder(4)
        self._crossed_s: deque[float] = deque(maxlen=65536)
        self._last_s: float | None = None
        self._frames = self._noisy = 0

    @property
    def ready(self) -> bool:
        """Whether it has seen a second."""
        return self._last_s is not None and self._last_s >= 1.0

    def score_one(self, frame: Frame) -> float | None:
        """How far the signal is from its middle, 1 being the threshold; None while not ready."""
        if not self.ready:
            return None
        off = abs(self._signal(frame) - self._envelope.middle)
        return off / _threshold(self._envelope.amplitude, self._noise.sigma)

    def learn_one(self, frame: Frame) -> None:
        """Take a frame into account."""
        x, now_s = self._signal(frame), frame.time_s
        passed_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        self._envelope.add(x, passed_s)
        self._noise.add(x, passed_s)
        middle = self._envelope.middle
        threshold = _threshold(self._envelope.amplitude, self._noise.sigma)
        self._frames += 1
        self._noisy += self._noise.sigma > _ALL_NOISE * self._envelope.amplitude
        crossed = self._trigger.add(x, middle - threshold, middle + threshold, now_s)
        if crossed:
            self._crossed_s.append(now_s)
        self._rhythm.add(x, crossed, now_s)
        self._recorder.add(now_s, x, middle - threshold, middle + threshold)

    @property
    def repetitions(self) -> int:
        """Repetitions so far."""
        return round(self._trigger.crossings / self.per_repetition)

    @property
    def per_repetition(self) -> float:
        """Crossings for each repetition: given, or learnt so far."""
        return self._given or self._rhythm.per_period() or PER_REPETITION

    def finish(self) -> Count:
        """The count, after the last frame."""
        crossings, repetitions = self._trigger.crossings, self.repetitions
        if not repetitions:
            reason = "nothing repeats: the band's brightness does not swing past its thresholds."
            return Count(0, (), reason, crossings, 0)
        if 2 * self._noisy > self._frames and self._rhythm.per_period() is None:
            reason = "noise, not movement: the band's brightness jumps without any rhythm."
            return Count(0, (), reason, crossings, 0)
        crossed = list(self._crossed_s)
        ends = [crossed[(i + 1) * len(crossed) // repetitions - 1] for i in range(repetitions)]
        starts = [0.0, *ends[:-1]]
        events = tuple(Event(REPETITION, s, e, 1.0) for s, e in zip(starts, ends, strict=True))
        return Count(repetitions, events, None, crossings, 0)

    def trace(self) -> Trace:
        """The signal between its thresholds."""
        times_s, x, low, high = self._recorder.columns()
        return Trace(times_s, x, _TRACE, low, high, 4 * _LEAST)

    def _signal(self, frame: Frame) -> float:
        inner, outer = (strip_mean(frame, strip) + _DARK for strip in self._strips)
        return 100 * math.log(inner / outer)


def _threshold(amplitude: float, sigma: float) -> float:
    noise = _NOISE_TIMES * sigma if sigma < _NOISE_SHARE * amplitude else 0.0
    return max(_SHARE * amplitude, _LEAST, noise)


class _Envelope:
    """Upper and lower bound of a signal: at once out, back in 8 s."""

    def __init__(self) -> None:
        self._low = self._high = math.nan

    @property
    def middle(self) -> float:
        return (self._low + self._high) / 2

    @property
    def amplitude(self) -> float:
        return (self._high - self._low) / 2

    def add(self, x: float, passed_s: float) -> None:
        if math.isnan(self._low):
            self._low = self._high = x
        back = 1 - math.exp(-passed_s / _RELEASE_S)
        self._low = min(x, self._low + back * (x - self._low))
        self._high = max(x, self._high + back * (x - self._high))


class _Noise:
    """Standard deviation of what jumps from frame to frame, from second differences."""

    def __init__(self) -> None:
        self._last: deque[float] = deque(maxlen=2)
        self._square = 0.0
        self._weight = 0.0

    @property
    def sigma(self) -> float:
        # the variance of x0 - 2 x1 + x2 is six times that of x
        return math.sqrt(self._square / self._weight / 6) if self._weight else 0.0

    def add(self, x: float, passed_s: float) -> None:
        if len(self._last) == 2:
            keep = math.exp(-passed_s / _NOISE_S)
            change = self._last[0] - 2 * self._last[1] + x
            self._square = keep * self._square + (1 - keep) * change * change
            self._weight = keep * self._weight + (1 - keep)
        self._last.append(x)


class _Trigger:
    """A switch that needs to pass the far threshold to turn (Schmitt 1938)."""

    def __init__(self) -> None:
        self.crossings = 0
        self._up: bool | None = None
        self._turned_s = -math.inf

    def add(self, x: float, low: float, high: float, now_s: float) -> bool:
        side = True if x > high else False if x < low else None
        if side is None or side == self._up or now_s - self._turned_s < _REFRACTORY_S:
            return False
        first = self._up is None
        self._up, self._turned_s = side, now_s
        self.crossings += not first
        return not first


class _CrossingsPerPeriod:
    """How many crossings one repetition has, by the signal's rhythm in the last 24 s."""

    def __init__(self) -> None:
        self._slots: deque[tuple[float, int]] = deque(maxlen=_REMEMBERED)
        self._number = -1
        self._sum, self._n = 0.0, 0

    def add(self, x: float, crossed: bool, now_s: float) -> None:
        number = int(now_s / _SLOT_S + 1e-6)
        if number == self._number:
            value, crossings = self._slots[-1]
            self._slots[-1] = (value, crossings + crossed)
            return
        missing = min(number - self._number, _REMEMBERED) - 1 if self._slots else 0
        self._slots.extend([(x, 0)] * missing)
        self._slots.append((x, int(crossed)))
        self._number = number
        if number % _LOOK_EVERY == 0:
            self._look()

    def per_period(self) -> float | None:
        """2 or 4; None where there is no rhythm."""
        if not self._n:
            self._look()
        return None if not self._n else 4.0 if self._sum / self._n > 3 else 2.0

    def _look(self) -> None:
        values, crossed = np.array(self._slots, float).reshape(-1, 2).T
        if len(values) < 2 * _LOOK_EVERY:
            return
        found = find_period(values[:, None], 0.3 / _SLOT_S, 10.0 / _SLOT_S)
        if found is not None and found.likeness >= _LOCKED:
            self._sum += crossed.sum() * found.length / len(values)
            self._n += 1
