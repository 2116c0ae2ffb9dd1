"""The page of `listen`: level, events, spectrogram, third octaves."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from handful.detectors.alarms import LASTING, SoundEvent
from handful.plots.chart import Band, Chart, Line, Mark, Picture, Spans
from handful.plots.page import Page, Section, page_html
from handful.signals import nominal_hz

_DEEPEST_DB = 60.0  # what a picture of levels shows below the loudest
# From almost black over violet and orange to almost white: even steps of lightness, like inferno.
_COLOURS = np.array(
    [
        (4, 4, 16), (31, 12, 72), (85, 15, 109), (136, 34, 106), (186, 54, 85), (227, 89, 51),
        (249, 140, 10), (249, 201, 50), (252, 255, 164),
    ],
    float,
)  # fmt: skip
_SHOWN_EVENTS = 200


@dataclass(frozen=True)
class SoundPicture:
    """What the page shows; levels with calibration, in `unit`.

    Attributes
    ----------
    name : str
    seconds, column_s, rate_hz : float
    unit : str
    mean_db, highest_db : ndarray of float, shape (n_columns,)
        A-weighted level of each column of time: mean, and highest Fast.
    bands_db : ndarray of float, shape (n_columns, n_bands)
    middles_hz : ndarray of float, shape (n_bands,)
    laeq, lmax : float
    exceeded : tuple of float
        L10, L50, L90.
    usual_db : tuple of float or None
        Between which levels the baseline lies.
    learnt_s : float
        Up to when the sound was the baseline itself.
    compared_s : float
        How much of it was compared with the baseline.
    baseline_words : str
    events : sequence of SoundEvent
    band_levels : ndarray of float, shape (n_bands,)
        Mean level of each third octave.
    notes : sequence of str
    """

    name: str
    seconds: float
    column_s: float
    rate_hz: float
    unit: str
    mean_db: np.ndarray
    highest_db: np.ndarray
    bands_db: np.ndarray
    middles_hz: np.ndarray
    laeq: float
    lmax: float
    exceeded: tuple[float, float, float]
    usual_db: tuple[float, float] | None
    learnt_s: float
    compared_s: float
    baseline_words: str
    events: Sequence[SoundEvent]
    band_levels: np.ndarray
    notes: Sequence[str]


def sound_page(heard: SoundPicture) -> str:
    """The page as HTML that stands alone."""
    n = len(heard.events)
    headline = f"{n or 'No'} unusual sound{'s' * (n != 1)}"
    if not heard.compared_s:
        headline = "Nothing was compared"
    lead = f"{_db(heard.laeq)} {heard.unit} on average, {_db(heard.lmax)} at the loudest."
    if not math.isfinite(heard.lmax):
        headline, lead = "Silence", "There is no sound in it, from the beginning to the end."
    sections = [_level_section(heard), _spectrogram_section(heard), _bands_section(heard)]
    if heard.events:
        sections.insert(1, _events_section(heard))
    l10, l50, l90 = (_db(level) for level in heard.exceeded)
    page = Page(
        eyebrow=f"listen · {heard.name}",
        headline=headline,
        lead=lead,
        warnings=heard.notes,
        sections=sections,
        facts={
            "Length": f"{heard.seconds:.1f} s",
            "Samples a second": f"{heard.rate_hz:g}",
            "Baseline": heard.baseline_words,
            "Compared with it": f"{heard.compared_s:.1f} s",
            "Level exceeded 10, 50, 90 % of the time (L10, L50, L90)": f"{l10}, {l50}, {l90}",
            "Unit": _UNITS[heard.unit],
        },
    )
    return page_html(page)


_UNITS = {
    "dBFS": "dBFS: decibels against the loudest that the recording can hold; not calibrated",
    "dB SPL": "dB SPL: decibels of sound pressure, re 20 µPa; calibrated",
}


def _level_section(heard: SoundPicture) -> Section:
    times = (np.arange(len(heard.mean_db)) + 0.5) * heard.column_s
    low, high = _limits(heard)
    marks: list[Mark] = []
    if heard.events:
        marks.append(Spans([(e.start_s, e.end_s) for e in heard.events], "unusual"))
    if heard.usual_db is not None:
        ends = np.array([0.0, heard.seconds])
        bottom, top = (np.full(2, level) for level in heard.usual_db)
        marks.append(Band(ends, bottom, top, "usual (98 % of the baseline)"))
    marks.append(Line(times, np.maximum(heard.highest_db, low), "level (Fast, the highest)"))
    if 0 < heard.learnt_s < heard.seconds:
        end = np.array([heard.learnt_s, heard.learnt_s])
        marks.append(Line(end, np.array([low, high]), "end of the baseline", "level"))
    says = (
        f"The level lies between {_db(float(np.min(heard.highest_db)))} and {_db(heard.lmax)} "
        f"{heard.unit}; {len(heard.events)} stretches are marked as unusual."
        if len(heard.highest_db) and math.isfinite(heard.lmax)
        else "There is no sound in it."
    )
    words = (
        "How loud it was, weighted as an ear hears it (A-weighted). Shaded: what is usual, and "
        "what is not. A sound can be unusual without being loud: then one pitch of it stands out."
    )
    chart = Chart(
        "Level over time", says, marks, (0.0, heard.seconds), (low, high), f"level, {heard.unit}"
    )
    return Section("How loud it was", words, chart)


def _limits(heard: SoundPicture) -> tuple[float, float]:
    finite = heard.highest_db[np.isfinite(heard.highest_db)]
    usual = heard.usual_db or ()
    levels = np.array([*finite, *usual]) if len(finite) or usual else np.array([-60.0, 0.0])
    high = 5 * math.ceil((float(levels.max()) + 1) / 5)
    low = 5 * math.floor((float(levels.min()) - 1) / 5)
    return float(max(low, high - _DEEPEST_DB - 10)), float(high)


def _events_section(heard: SoundPicture) -> Section:
    rows = [
        (
            _clock(event.start_s) + (" (lasting)" if event.kind == LASTING else ""),
            f"{event.end_s - event.start_s:.1f}",
            _db(event.level_db),
            "quieter" if event.hushed else f"{event.score:.1f}",
            "" if event.hushed else f"{event.band_hz:g}",
        )
        for event in heard.events[:_SHOWN_EVENTS]
    ]
    left = len(heard.events) - len(rows)
    words = "How far it stands out is told in multiples of the threshold: from 1 on it counts."
    if left > 0:
        words += f" {left} more are not shown."
    header = ("at, min:s", "for, s", f"peak, {heard.unit}", "stands out", "pitch, Hz")
    return Section("What was unusual", words, header=header, rows=rows)


def _spectrogram_section(heard: SoundPicture) -> Section:
    n_bands = len(heard.middles_hz)
    names = {125.0: "125", 500.0: "500", 2000.0: "2000", 8000.0: "8000"}
    ticks = [
        (i + 0.5, names[nominal_hz(middle)])
        for i, middle in enumerate(heard.middles_hz)
        if nominal_hz(middle) in names
    ]
    spans = Spans([(event.start_s, event.end_s) for event in heard.events])
    chart = Chart(
        "Spectrogram",
        "Each row is a third of an octave, low at the bottom; bright is loud.",
        [Picture(_spectrogram(heard.bands_db)), spans],
        (0.0, max(heard.seconds, len(heard.bands_db) * heard.column_s)),
        (0.0, float(n_bands)),
        "pitch, Hz",
        y_ticks=ticks,
    )
    words = (
        f"Low tones at the bottom, high ones on top; bright is loud, black {_DEEPEST_DB:g} dB "
        "below the loudest."
    )
    return Section("What it was made of", words, chart)


def _spectrogram(bands_db: np.ndarray) -> str:
    """Levels (n_columns, n_bands) as a PNG picture in a data URI."""
    from PIL import Image

    levels = bands_db if bands_db.size else np.full((1, 1), -120.0)
    silent = levels.max() == levels.min()  # only silence is as loud at every pitch and moment
    loudest = levels.max() + _DEEPEST_DB * silent
    share = np.clip((levels - loudest) / _DEEPEST_DB + 1, 0, 1)
    places = share * (len(_COLOURS) - 1)
    below = np.minimum(places.astype(int), len(_COLOURS) - 2)
    part = (places - below)[..., None]
    colours = _COLOURS[below] * (1 - part) + _COLOURS[below + 1] * part
    pixels = np.ascontiguousarray(colours.transpose(1, 0, 2)[::-1].round().astype(np.uint8))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _bands_section(heard: SoundPicture) -> Section:
    names = [f"{nominal_hz(middle):g}" for middle in heard.middles_hz]
    levels = [_db(level) for level in heard.band_levels.tolist()]
    rows = []
    for i in range(0, len(names), 3):  # an octave a row, from 50, 63, 80 Hz on
        thirds = levels[i : i + 3]
        rows.append((", ".join(names[i : i + 3]), *thirds, *[""] * (3 - len(thirds))))
    words = (
        f"Mean level of each third of an octave over the whole sound, in {heard.unit}, without "
        "any weighting; three neighbouring pitches a row, low ones on top."
    )
    header = ("three pitches, Hz", "the first", "the second", "the third")
    return Section("Third octaves", words, header=header, rows=rows)


def _db(level_db: float) -> str:
    return f"{level_db:.1f}".replace("-", "−") if math.isfinite(level_db) else "silence"


def _clock(time_s: float) -> str:
    minutes, seconds = divmod(time_s, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{seconds:04.1f}" if hours else f"{minutes}:{seconds:04.1f}"
