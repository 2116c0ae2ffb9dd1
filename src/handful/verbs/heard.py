"""What was heard: as JSON and as a picture."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from handful.detectors.alarms import SoundEvent
from handful.plots.sound import SoundPicture
from handful.signals import nominal_hz
from handful.verbs.heard_notes import refusal, warnings
from handful.verbs.heard_so_far import HeardSoFar


def event_json(event: SoundEvent, unit: str) -> dict[str, Any]:
    """One event."""
    return {
        "start_s": round(event.start_s, 3),
        "end_s": round(event.end_s, 3),
        "level": _level(event.level_db),
        "score": None if event.hushed else round(event.score, 3),
        "band_hz": None if event.hushed else event.band_hz,
        "kind": event.kind,
        "unit": unit,
    }


def to_json(heard: HeardSoFar) -> dict[str, Any]:
    """The whole summary."""
    meter, offset = heard.meter, heard.offset_db
    levels = meter.summary()
    names = ("laeq", "lmax", "l10", "l50", "l90", "lceq", "lzeq", "lsmax")
    bands = zip(meter.middles_hz, levels.bands, strict=True)
    return {
        "file": heard.sound.name,
        "seconds": round(meter.n_samples / meter.rate_hz, 3),
        "rate_hz": _plain(meter.rate_hz),
        "unit": heard.unit,
        "level": {name: _level(getattr(levels, name) + offset) for name in names},
        "third_octaves": [
            {"band_hz": nominal_hz(middle), "level": _level(level + offset)}
            for middle, level in bands
        ],
        "baseline": _baseline_json(heard),
        "events": [event_json(event, heard.unit) for event in heard.events],
        "refused": refusal(heard),
        "warnings": warnings(heard),
    }


def _baseline_json(heard: HeardSoFar) -> dict[str, Any]:
    baseline, offset = heard.detector.baseline, heard.offset_db
    if baseline is None:
        return {"from": heard.where.words(), "seconds": None, "complete": False}
    low, high, mean = (_level(level + offset) for level in baseline.a_range_db)
    return {
        "from": heard.where.words(),
        "seconds": round(baseline.seconds, 3),
        "complete": True,
        "laeq": mean,
        "low": low,
        "high": high,
        "false_alarms_per_hour": {
            "asked": heard.per_hour,
            "can_promise": round(baseline.rarest_per_hour, 3),
        },
    }


def picture(heard: HeardSoFar) -> SoundPicture:
    """What the page shows."""
    history, baseline = heard.history, heard.detector.baseline
    if history is None:
        raise RuntimeError("no history was kept")
    mean, highest, bands = history.columns()
    offset, levels = heard.offset_db, heard.meter.summary()
    learnt_s = 0.0 if heard.where.path or baseline is None else baseline.seconds
    return SoundPicture(
        name=Path(heard.sound.title).name,
        seconds=heard.meter.n_samples / heard.meter.rate_hz,
        column_s=history.frames_a_column * heard.meter.hop_s,
        rate_hz=heard.meter.rate_hz,
        unit=heard.unit,
        mean_db=mean + offset,
        highest_db=highest + offset,
        bands_db=bands + offset,
        middles_hz=heard.meter.middles_hz,
        laeq=levels.laeq + offset,
        lmax=levels.lmax + offset,
        exceeded=(levels.l10 + offset, levels.l50 + offset, levels.l90 + offset),
        usual_db=None if baseline is None else (
            baseline.a_range_db[0] + offset, baseline.a_range_db[1] + offset
        ),
        learnt_s=learnt_s,
        compared_s=heard.compared * heard.meter.hop_s,
        baseline_words="none" if baseline is None else heard.where.words(),
        events=heard.events,
        band_levels=levels.bands + offset,
        notes=[f"Refused: {reason}." for reason in [refusal(heard)] if reason]
        + warnings(heard),
    )  # fmt: skip


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _level(level_db: float) -> float | None:
    return round(float(level_db), 2) if math.isfinite(level_db) else None
