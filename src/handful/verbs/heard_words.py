"""What was heard, in words for people."""

from __future__ import annotations

import math

from handful.detectors.alarms import LASTING, SoundEvent
from handful.detectors.sound_level import Summary
from handful.printing import printable
from handful.verbs.heard_notes import clock, length, refusal, warnings
from handful.verbs.heard_so_far import HeardSoFar

_CHANGE = "  a lasting change"


def sentence(heard: HeardSoFar) -> str:
    """The summary for people."""
    meter, unit, offset = heard.meter, heard.unit, heard.offset_db
    levels = meter.summary()
    long = length(meter.n_samples / meter.rate_hz)
    lines = [
        f"{printable(heard.sound.title)}: {long} at {meter.rate_hz / 1000:g} kHz",
        *_loudness(levels, unit, offset),
    ]
    baseline = heard.detector.baseline
    if baseline is not None:
        low, high, _ = baseline.a_range_db
        lines.append(
            f"Usual      {_db(low + offset)} to {_db(high + offset)} {unit}, from "
            f"{printable(heard.where.words())}"
        )
        lines += _events(heard)
    reason = refusal(heard)
    notes = ([f"Refused: {reason}."] if reason else []) + warnings(heard)
    return "\n".join(lines + [printable(note) for note in notes])


def _loudness(levels: Summary, unit: str, offset: float) -> list[str]:
    if not math.isfinite(levels.lmax):
        return ["Loudness   silence from the beginning to the end"]
    lines = [
        f"Loudness   {_db(levels.laeq + offset)} {unit} on average, "
        f"{_db(levels.lmax + offset)} at its loudest (A-weighted, as an ear hears it; Fast)",
    ]
    shares = (("a tenth of the time", levels.l10), ("half of it", levels.l50),
              ("nine tenths", levels.l90))  # fmt: skip
    above = [f"above {_db(level + offset)} {s}" for s, level in shares if math.isfinite(level)]
    if len(above) < len(shares):
        above.append("silence for the rest")
    lines.append("           " + ", ".join(above))
    if unit == "dBFS":
        lines.append(
            "           dBFS: against the loudest a recording can hold; --calibrate gives dB SPL"
        )
    return lines


def _events(heard: HeardSoFar) -> list[str]:
    if not heard.compared:
        return []
    if not heard.events:
        compared_s = heard.compared * heard.meter.hop_s
        return [f"Unusual    nothing in the {length(compared_s)} that were compared with it"]
    rows = [event_words(event, heard.unit) for event in heard.events]
    return [f"Unusual    {len(rows)} time{'s' * (len(rows) != 1)}", *rows]


def event_words(event: SoundEvent, unit: str) -> str:
    """One event on one line."""
    lasts = f"  {clock(event.start_s):>9}  {event.end_s - event.start_s:5.1f} s  "
    if event.hushed:
        quiet = math.isfinite(event.level_db)
        return lasts + ("far quieter than usual" if quiet else "fell silent") + _CHANGE
    return (
        f"{lasts}up to {_db(event.level_db)} {unit}, {event.score:.1f} x the threshold, most "
        f"around {event.band_hz:g} Hz{_CHANGE * (event.kind == LASTING)}"
    )


def _db(level_db: float) -> str:
    return f"{level_db:.1f}".replace("-", "−") if math.isfinite(level_db) else "silence"
