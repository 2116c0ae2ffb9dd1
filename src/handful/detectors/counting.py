"""What every way of counting gives: repetitions, their moments, or the reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from handful.detectors.base import Detector, Event
from handful.videos import Frame

REPETITION = "repetition"


@dataclass(frozen=True)
class Trace:
    """What a counter saw, for drawing; the last hour at most.

    Attributes
    ----------
    times_s, values : ndarray of float, shape (n_points,)
    name : str
        What the values are, with their unit.
    low, high : ndarray of float, shape (n_points,), optional
        The thresholds that count, where there are any.
    least : float
        Swings smaller than this are noise, and not to be drawn large.
    """

    times_s: np.ndarray
    values: np.ndarray
    name: str
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    least: float = 0.0


@dataclass(frozen=True)
class Count:
    """What a counter found.

    Attributes
    ----------
    repetitions : int
    events : tuple of Event
        One for each repetition: from its start to its end.
    refused : str or None
        Why it does not count.
    inner_crossings, outer_crossings : int or None
        Crossings of the centre band's signal and of the reference's; None where the method has
        none.
    """

    repetitions: int
    events: tuple[Event, ...]
    refused: str | None = None
    inner_crossings: int | None = None
    outer_crossings: int | None = None


class Counter(Detector[Frame], Protocol):
    """A detector that counts what repeats."""

    @property
    def repetitions(self) -> int:
        """Repetitions so far; the last seconds may yet be corrected."""
        ...

    def finish(self) -> Count:
        """The count, after the last frame."""
        ...

    def trace(self) -> Trace:
        """What it saw."""
        ...


class Recorder:
    """Keeps points of a trace in bounded memory: when full, every second one goes."""

    def __init__(self, n_columns: int, most: int = 65536) -> None:
        self._points = np.empty((most, n_columns), np.float32)
        self._n = 0
        self._every = 1
        self._came = 0

    def add(self, *point: float) -> None:
        """Record a point, or not, if the recording is long already."""
        self._came += 1
        if self._came % self._every:
            return
        if self._n == len(self._points):
            self._n //= 2
            self._points[: self._n] = self._points[1::2]
            self._every *= 2
        self._points[self._n] = point
        self._n += 1

    def columns(self) -> np.ndarray:
        """The points, float32 (n_columns, n_points)."""
        return self._points[: self._n].T
