"""What was heard: as JSON, as sentences, as a picture."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handful.detectors.alarms import LASTING, SoundEvent
from handful.detectors.sound_baseline import LEAST_FRAMES, Baseline
from handful.detectors.sound_level import Summary
from handful.plots.sound import SoundPicture
from handful.printing import printable
from handful.signals import nominal_hz

if TYPE_CHECKING:
    from handful.verbs.listening import Listening

_CLIPPED_SHARE = 1e-5
_RISE_S = 0.5  # four time constants of Fast
_CHANGE = "  a lasting change"
_LEAST_BASELINE_S, _LEAST_COMPARED_S = LEAST_FRAMES / 8, 2.0


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


def to_json(listening: Listening) -> dict[str, Any]:
    """The whole summary."""
    meter, offset = listening.meter, listening.offset_db
    levels = meter.summary()
    names = ("laeq", "lmax", "l10", "l50", "l90", "lceq", "lzeq", "lsmax")
    bands = zip(meter.middles_hz, levels.bands, strict=True)
    return {
        "file": listening.sound.name,
        "seconds": round(meter.n_samples / meter.rate_hz, 3),
        "rate_hz": _plain(meter.rate_hz),
        "unit": listening.unit,
        "level": {name: _level(getattr(levels, name) + offset) for name in names},
        "third_octaves": [
            {"band_hz": nominal_hz(middle), "level": _level(level + offset)}
            for middle, level in bands
        ],
        "baseline": _baseline_json(listening),
        "events": [event_json(event, listening.unit) for event in listening.events],
        "refused": refusal(listening),
        "warnings": warnings(listening),
    }


def _baseline_json(listening: Listening) -> dict[str, Any]:
    baseline, offset = listening.detector.baseline, listening.offset_db
    if baseline is None:
        return {"from": listening.where.words(), "seconds": None, "complete": False}
    low, high, mean = (_level(level + offset) for level in baseline.a_range_db)
    return {
        "from": listening.where.words(),
        "seconds": round(baseline.seconds, 3),
        "complete": True,
        "laeq": mean,
        "low": low,
        "high": high,
        "false_alarms_per_hour": {
            "asked": listening.per_hour,
            "can_promise": round(baseline.rarest_per_hour, 3),
        },
    }


def refusal(listening: Listening) -> str | None:
    """Why what was asked for cannot be given; None where it can."""
    baseline = listening.detector.baseline
    if listening.unfit:
        return f"nothing was compared: {listening.unfit}"
    if baseline is None or not listening.compared:
        return _nothing_compared(listening)
    if baseline.threshold(listening.per_hour) is None and listening.per_hour is not None:
        return _no_promise(baseline, listening.per_hour)
    return None


def _nothing_compared(listening: Listening) -> str:
    heard_s = listening.meter.n_samples / listening.meter.rate_hz
    if listening.where.path is not None:
        return f"nothing was compared: the sound is only {heard_s:.2f} s long"
    said = (
        f"nothing was compared: the sound is {heard_s:.{_digits(heard_s)}f} s long, and its first "
        f"{listening.where.seconds:g} s are the baseline. "
    )
    if heard_s < _LEAST_BASELINE_S + _LEAST_COMPARED_S:
        return (
            said + "It is too short to hold a baseline of its own and something to compare "
            f"({_LEAST_BASELINE_S:g} s and {_LEAST_COMPARED_S:g} s): give a recording of the usual "
            "sound, like --baseline usual.wav"
        )
    shorter_s = max(_LEAST_BASELINE_S, min(heard_s // 2, heard_s - _LEAST_COMPARED_S))
    return (
        said + f"Give a shorter one, like --baseline {shorter_s:.0f}, or another recording of the "
        "usual sound"
    )


def _no_promise(baseline: Baseline, per_hour: float) -> str:
    needed_s = 3600 / per_hour
    return (
        f"{_rate(per_hour)} cannot be promised from a baseline of {_length(baseline.seconds)}: "
        f"that can promise {_rate(baseline.rarest_per_hour)}, and the promise asked for takes "
        f"{_length(needed_s)} of usual sound. The events are those of the strictest threshold "
        "that there is, without a promise"
    )


def warnings(listening: Listening) -> list[str]:
    """What to mind before believing it."""
    meter = listening.meter
    changes = listening.changes
    found = [_passing(event) for event in changes[: -1 if listening.changed else None]]
    if listening.changed:
        found.append(
            f"The sound changed at {_clock(changes[-1].start_s)} and stayed so to the end: what is "
            "usual now is not what the baseline says, and single unusual sounds were no longer "
            "told. Take a new one (--baseline)."
        )
    if meter.n_samples < _RISE_S * meter.rate_hz:
        found.append(
            f"The sound is only {_length(meter.n_samples / meter.rate_hz)} long: the meter (Fast) "
            "takes half a second to rise, so its highest level is too low."
        )
    if meter.clipped > _CLIPPED_SHARE * meter.n_samples:
        found.append(
            f"{meter.clipped / meter.n_samples:.2%} of the samples are at full scale: it was "
            "recorded too loud, and its true levels are higher."
        )
    if meter.damaged:
        are = " is no number; it counts" if meter.damaged == 1 else "s are no numbers; they count"
        found.append(f"{meter.damaged} sample{are} as silence.")
    if listening.sound.damage:
        found.append(f"{listening.sound.title}: {listening.sound.damage}.")
    found += [
        f"Channel {channel + 1} was turned round: it is the opposite of channel 1 (crossed wires), "
        "and both together would be silence."
        for channel in listening.sound.turned
    ]
    if listening.asked_to_save is not None and not listening.saved:
        found.append(
            f"No baseline was saved: {listening.asked_to_save} was not written, because there is "
            "none that could be used."
        )
    return found + [f"{failure}." for failure in listening.told.failures]


def _passing(event: SoundEvent) -> str:
    return (
        f"The sound changed from {_clock(event.start_s)} to {_clock(event.end_s)}; from the second "
        "minute of that on, single unusual sounds were not told."
    )


def sentence(listening: Listening) -> str:
    """The summary for people."""
    meter, unit, offset = listening.meter, listening.unit, listening.offset_db
    levels = meter.summary()
    length = _length(meter.n_samples / meter.rate_hz)
    lines = [
        f"{printable(listening.sound.title)}: {length} at {meter.rate_hz / 1000:g} kHz",
        *_loudness(levels, unit, offset),
    ]
    baseline = listening.detector.baseline
    if baseline is not None:
        low, high, _ = baseline.a_range_db
        lines.append(
            f"Usual      {_db(low + offset)} to {_db(high + offset)} {unit}, from "
            f"{printable(listening.where.words())}"
        )
        lines += _events(listening)
    reason = refusal(listening)
    notes = ([f"Refused: {reason}."] if reason else []) + warnings(listening)
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


def _events(listening: Listening) -> list[str]:
    if not listening.compared:
        return []
    if not listening.events:
        compared_s = listening.compared * listening.meter.hop_s
        return [f"Unusual    nothing in the {_length(compared_s)} that were compared with it"]
    rows = [event_words(event, listening.unit) for event in listening.events]
    return [f"Unusual    {len(rows)} time{'s' * (len(rows) != 1)}", *rows]


def event_words(event: SoundEvent, unit: str) -> str:
    """One event on one line."""
    lasts = f"  {_clock(event.start_s):>9}  {event.end_s - event.start_s:5.1f} s  "
    if event.hushed:
        quiet = math.isfinite(event.level_db)
        return lasts + ("far quieter than usual" if quiet else "fell silent") + _CHANGE
    return (
        f"{lasts}up to {_db(event.level_db)} {unit}, {event.score:.1f} x the threshold, most "
        f"around {event.band_hz:g} Hz{_CHANGE * (event.kind == LASTING)}"
    )


def picture(listening: Listening) -> SoundPicture:
    """What the page shows."""
    history, baseline = listening.history, listening.detector.baseline
    if history is None:
        raise RuntimeError("no history was kept")
    mean, highest, bands = history.columns()
    offset, levels = listening.offset_db, listening.meter.summary()
    learnt_s = 0.0 if listening.where.path or baseline is None else baseline.seconds
    return SoundPicture(
        name=Path(listening.sound.title).name,
        seconds=listening.meter.n_samples / listening.meter.rate_hz,
        column_s=history.frames_a_column * listening.meter.hop_s,
        rate_hz=listening.meter.rate_hz,
        unit=listening.unit,
        mean_db=mean + offset,
        highest_db=highest + offset,
        bands_db=bands + offset,
        middles_hz=listening.meter.middles_hz,
        laeq=levels.laeq + offset,
        lmax=levels.lmax + offset,
        exceeded=(levels.l10 + offset, levels.l50 + offset, levels.l90 + offset),
        usual_db=None if baseline is None else (
            baseline.a_range_db[0] + offset, baseline.a_range_db[1] + offset
        ),
        learnt_s=learnt_s,
        compared_s=listening.compared * listening.meter.hop_s,
        baseline_words="none" if baseline is None else listening.where.words(),
        events=listening.events,
        band_levels=levels.bands + offset,
        notes=[f"Refused: {reason}." for reason in [refusal(listening)] if reason]
        + warnings(listening),
    )  # fmt: skip


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _level(level_db: float) -> float | None:
    return round(float(level_db), 2) if math.isfinite(level_db) else None


def _db(level_db: float) -> str:
    return f"{level_db:.1f}".replace("-", "−") if math.isfinite(level_db) else "silence"


def _rate(per_hour: float) -> str:
    if per_hour >= 1:
        return f"at most {per_hour:.3g} false alarm{'s' * (per_hour != 1)} an hour"
    return f"at most {per_hour * 24:.3g} false alarms a day"


def _digits(seconds: float) -> int:
    return 1 if seconds >= 0.1 else 3


def _length(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.{_digits(seconds)}f} s"
    if seconds < 7200:
        minutes, seconds = divmod(math.ceil(seconds - 1e-6), 60)
        return f"{minutes}:{seconds:02} min" if seconds else f"{minutes} min"
    return f"{seconds / 3600:.3g} hours"


def _clock(time_s: float) -> str:
    minutes, seconds = divmod(time_s, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{seconds:04.1f}" if hours else f"{minutes}:{seconds:04.1f}"
