"""Charts over time as inline SVG: drawn once, sharp and legible at every width.

Shapes are drawn in a box of 1000 x 1000 that stretches with the page; words stand outside that
box at percentages of the width, so they keep their size on a phone and on a desk.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

BOX = 1000  # units of the stretching box, both ways
_MOST_BINS = 1200  # more points than a wide screen has columns say nothing more
Style = Literal["trace", "second", "level", "quiet"]


@dataclass(frozen=True)
class Line:
    """Values over time.

    Attributes
    ----------
    times_s, values : ndarray, shape (n_points,)
        Seconds, rising; NaN values leave a gap.
    name : str
        What the key says; empty for none.
    style : str
        ``trace`` (blue), ``second`` (orange), ``quiet`` (thin, grey), ``level`` (dashed, grey).
    """

    times_s: np.ndarray
    values: np.ndarray
    name: str = ""
    style: Style = "trace"


@dataclass(frozen=True)
class Band:
    """A shaded range over time, from `low` to `high`, both ndarray of shape (n_points,)."""

    times_s: np.ndarray
    low: np.ndarray
    high: np.ndarray
    name: str = ""


@dataclass(frozen=True)
class Spans:
    """Stretches of time, shaded from top to bottom: pairs of start and end in seconds."""

    pairs_s: Sequence[tuple[float, float]]
    name: str = ""


@dataclass(frozen=True)
class Marks:
    """Moments, each a short stroke at the lower edge."""

    times_s: Sequence[float]
    name: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture that fills the chart, like a spectrogram: a ``data:image/...`` URI."""

    uri: str
    name: str = ""


Mark = Line | Band | Spans | Marks | Picture


@dataclass(frozen=True)
class Chart:
    """A chart over time.

    Attributes
    ----------
    title, says : str
        What it shows in a few words, and what is to be seen in it: for those who do not see it.
    marks : sequence of Line, Band, Spans, Marks or Picture
        Drawn in this order, pictures and shaded stretches best first.
    span_s : tuple of float
        First and last moment shown, seconds.
    range : tuple of float
        Lowest and highest value shown.
    y_words : str
        What the values are, with their unit.
    y_ticks : sequence of (float, str), optional
        Where values are labelled, and how; by default at round numbers.
    """

    title: str
    says: str
    marks: Sequence[Mark]
    span_s: tuple[float, float]
    range: tuple[float, float]
    y_words: str
    y_ticks: Sequence[tuple[float, str]] | None = None


@dataclass(frozen=True)
class Tick:
    """One label of an axis: where, in shares of the axis from 0 to 1, and what."""

    share: float
    words: str


def x_ticks(chart: Chart) -> list[Tick]:
    """Labels of the time axis: seconds up to two minutes, then minutes, then hours."""
    start, end = chart.span_s
    values = nice_ticks(start, end, wanted=8, times=True)
    step = values[1] - values[0] if len(values) > 1 else end - start
    return [Tick(_share(v, chart.span_s), clock(v, step, end)) for v in values]


def y_ticks(chart: Chart) -> list[Tick]:
    """Labels of the value axis."""
    labelled = chart.y_ticks
    if labelled is None:
        labelled = [(v, f"{v:g}".replace("-", "−")) for v in nice_ticks(*chart.range, wanted=5)]
    return [Tick(_share(value, chart.range), words) for value, words in labelled]


def nice_ticks(low: float, high: float, *, wanted: int, times: bool = False) -> list[float]:
    """About `wanted` round numbers from `low` to `high`.

    >>> nice_ticks(0, 10, wanted=5), nice_ticks(0, 240, wanted=4, times=True)
    ([0.0, 2.0, 4.0, 6.0, 8.0, 10.0], [0.0, 60.0, 120.0, 180.0, 240.0])
    """
    rough = (high - low) / wanted
    if not rough > 0:
        return [float(low)]
    size = 10.0 ** math.floor(math.log10(rough))
    steps = [size * factor for factor in (1, 2, 5, 10)]
    if times and rough > 5:
        steps = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400]
        while steps[-1] < rough:
            steps.append(steps[-1] * 2)
    step = min(steps, key=lambda s: abs(math.log(s / rough)))
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    return [round((first + i) * step, 10) + 0.0 for i in range(count)]


def clock(time_s: float, step_s: float, end_s: float) -> str:
    """A moment as a person reads it.

    >>> clock(7.5, 0.5, 9), clock(90, 30, 400), clock(5400, 1800, 9000)
    ('7.5 s', '1:30', '1:30:00')
    """
    if end_s < 120:
        digits = max(0, -math.floor(math.log10(step_s) + 1e-9)) if step_s > 0 else 0
        return f"{time_s:.{digits}f} s"
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if end_s >= 3600 else f"{minutes}:{seconds:02}"


def path_of_line(chart: Chart, line: Line) -> str:
    """A line as the `d` of an SVG path, in units of the box."""
    times, values = thinned(np.asarray(line.times_s, float), np.asarray(line.values, float))
    return _strokes(_xs(chart, times), _ys(chart, values))


def path_of_band(chart: Chart, band: Band) -> str:
    """A band as the `d` of a closed SVG path, in units of the box."""
    times = np.asarray(band.times_s, float)
    keep = np.isfinite(band.low) & np.isfinite(band.high)
    if keep.sum() > _MOST_BINS:
        keep &= np.arange(len(times)) % (len(times) // _MOST_BINS + 1) == 0
    xs = np.concatenate([times[keep], times[keep][::-1]])
    ys = np.concatenate([np.asarray(band.high)[keep], np.asarray(band.low)[keep][::-1]])
    return _strokes(_xs(chart, xs), _ys(chart, ys)) + "Z" if keep.any() else ""


def boxes_of_spans(chart: Chart, spans: Spans) -> list[tuple[float, float]]:
    """Left edge and width of each stretch of time, in units of the box; never too thin to see."""
    found = []
    for start, end in spans.pairs_s:
        left, right = (float(x) for x in _xs(chart, np.array([start, end])).clip(0, BOX))
        found.append((round(left, 1), round(max(right - left, 1.0), 1)))
    return found


def path_of_marks(chart: Chart, marks: Marks) -> str:
    """Moments as the `d` of an SVG path, in units of the box."""
    start, end = chart.span_s
    xs = _xs(chart, np.array([t for t in marks.times_s if start <= t <= end], float))
    return "".join(f"M{x:.1f} {BOX}V{BOX - 70}" for x in xs)


def thinned(times: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A line that looks the same with few points: lowest and highest of each column.

    Parameters
    ----------
    times, values : ndarray of float, shape (n_points,)
    """
    n = len(times)
    if n <= 2 * _MOST_BINS:
        return times, values
    edges = np.linspace(0, n, _MOST_BINS + 1).astype(int)[:-1]
    low = np.fmin.reduceat(values, edges)
    high = np.fmax.reduceat(values, edges)
    return np.repeat(times[edges], 2), np.stack([low, high], axis=1).ravel()


def _share(value: float, limits: tuple[float, float]) -> float:
    low, high = limits
    return (value - low) / (high - low) if high > low else 0.5


def _xs(chart: Chart, times: np.ndarray) -> np.ndarray:
    start, end = chart.span_s
    return (times - start) * (BOX / (end - start if end > start else 1.0))


def _ys(chart: Chart, values: np.ndarray) -> np.ndarray:
    low, high = chart.range
    return BOX - (values - low) * (BOX / (high - low if high > low else 1.0))


def _strokes(xs: np.ndarray, ys: np.ndarray) -> str:
    found, drawing = [], False
    for x, y in zip(xs, ys, strict=True):
        if np.isfinite(y):
            found.append(f"{'L' if drawing else 'M'}{x:.1f} {y:.1f}")
        drawing = bool(np.isfinite(y))
    return "".join(found)
