"""Counts repetitions exactly as the notes do: crossings of the mean, band minus reference."""

from __future__ import annotations

import math
from array import array

import numpy as np

from handful.detectors.band import CENTRE, TOP, Strip, strip_mean
from handful.detectors.base import Event
from handful.detectors.counting import REPETITION, Count, Recorder, Trace
from handful.videos import Frame

_NOISE = 1.2  # jumpiness from which on it is noise, or faster than five frames a repetition
_STILL = 0.05  # crossings a frame of a reference that keeps still
_CHANCE = 3.0  # standard deviations: of n crossings by chance, the number varies by sqrt(n / 2)
_JUMPS = (
    "noise, not movement: the band's brightness jumps from frame to frame. Try --method robust, "
    "or leave --method out."
)
PER_REPETITION = 2.0  # the edge of a body crosses the band going and coming


class PlainCounter:
    """Zero crossings of the band's brightness around its mean, minus those of the reference.

    It works where the reference keeps perfectly still, as in pictures without noise; elsewhere
    the reference crosses its own mean in every second frame. It says so instead of counting.

    Parameters
    ----------
    band, reference : Strip
    per_repetition : float, optional
        Crossings for each repetition, 2 by default.
    running : bool
        Take the mean of what came before instead of the whole: for streams without an end.
        Otherwise 16 bytes a frame are remembered.
    """

    def __init__(
        self,
        band: Strip = CENTRE,
        reference: Strip = TOP,
        *,
        per_repetition: float | None = None,
        running: bool = False,
    ) -> None:
        self._strips = (band, reference)
        self._per_repetition = per_repetition or PER_REPETITION
        self._running = running
        self._values = array("d")
        self._times_s = array("d")
        self._live = (_RunningCrossings(), _RunningCrossings())
        self._recorder = Recorder(2)

    @property
    def ready(self) -> bool:
        """Whether there is a mean to compare with."""
        return self._live[0].n > 1

    def score_one(self, frame: Frame) -> float | None:
        """How far the band is from its mean so far, in its standard deviations."""
        if not self.ready:
            return None
        live = self._live[0]
        spread = np.sqrt(live.squares / live.n)
        off = abs(strip_mean(frame, self._strips[0]) - live.mean)
        return float(off / spread) if spread > 0 else 0.0

    def learn_one(self, frame: Frame) -> None:
        """Take a frame into account."""
        inner, outer = (strip_mean(frame, strip) for strip in self._strips)
        self._recorder.add(frame.time_s, inner)
        for live, value in zip(self._live, (inner, outer), strict=True):
            live.add(value, frame.time_s)
        if not self._running:
            self._values.extend((inner, outer))
            self._times_s.append(frame.time_s)

    @property
    def repetitions(self) -> int:
        """Repetitions so far, by running means."""
        inner, outer = (live.crossings for live in self._live)
        return max(0, round((inner - outer) / self._per_repetition))

    def finish(self) -> Count:
        """The count, after the last frame."""
        if self._running:
            inner, outer = (live.crossings for live in self._live)
            times_s = list(self._live[0].times_s)
        else:
            values = np.frombuffer(self._values).reshape(-1, 2)
            inner_at, outer_at = (crossings(column) for column in values.T)
            inner, outer = len(inner_at), len(outer_at)
            times_s = [self._times_s[i] for i in inner_at]
        net = inner - outer
        band = self._live[0]
        if band.n < 2 or net < self._per_repetition / 2:
            return Count(0, (), _reason(inner, outer), inner, outer)
        if band.jumpiness > _NOISE:
            return Count(0, (), _JUMPS, inner, outer)
        if net < _CHANCE * math.sqrt((inner + outer) / 2) and outer > _STILL * band.n:
            return Count(0, (), _reason(inner, outer), inner, outer)
        repetitions = max(1, round(net / self._per_repetition))
        return Count(repetitions, _spread(times_s, repetitions), None, inner, outer)

    def trace(self) -> Trace:
        """Brightness of the band."""
        times_s, values = self._recorder.columns()
        mean = np.full(len(values), self._live[0].mean)
        return Trace(times_s, values, "brightness of the band, 0 to 255", mean, mean, least=2.0)


class _RunningCrossings:
    """Crossings of the mean of all that came before (Welford 1962)."""

    def __init__(self) -> None:
        self.n, self.mean, self.squares, self.crossings = 0, 0.0, 0.0, 0
        self._changes = self._value = 0.0
        self.times_s = array("d")
        self._sign = 0.0

    @property
    def jumpiness(self) -> float:
        """Squared changes from frame to frame over squared deviations from the mean.

        About 2 for white noise, 0.6 for a swing of eight frames, less for slower ones (von Neumann
        1941).
        """
        return self._changes / self.squares if self.squares > 0 else 0.0

    def add(self, value: float, time_s: float) -> None:
        self._changes += (value - self._value) ** 2 if self.n else 0.0
        self._value = value
        self.n += 1
        before = self.mean
        self.mean += (value - before) / self.n
        self.squares += (value - before) * (value - self.mean)
        sign = float(np.sign(value - self.mean))
        if sign and self._sign and sign != self._sign:
            self.crossings += 1
            if len(self.times_s) < 65536:
                self.times_s.append(time_s)
        self._sign = sign or self._sign


def crossings(values: np.ndarray) -> np.ndarray:
    """Where values change sides of their mean, zeros skipped: indices into values.

    >>> crossings(np.array([0, 4, 2, 2, 0, 1.9, 4]))
    array([1, 4, 6])
    """
    signs = np.sign(values - values.mean()) if len(values) else values
    there = np.flatnonzero(signs)
    found: np.ndarray = there[1:][signs[there][1:] != signs[there][:-1]]
    return found


def _spread(times_s: list[float], repetitions: int) -> tuple[Event, ...]:
    """Events of about even shares of the crossings."""
    ends = [times_s[(i + 1) * len(times_s) // repetitions - 1] for i in range(repetitions)]
    starts = [0.0, *ends[:-1]]
    return tuple(Event(REPETITION, s, e, 1.0) for s, e in zip(starts, ends, strict=True))


def _reason(inner: int, outer: int) -> str:
    if outer:
        return (
            f"the reference crosses its mean {outer} times, the band {inner}: noise, not movement. "
            "Try --method robust, or leave --method out."
        )
    return "nothing repeats: the band keeps to one side of its mean."
