"""What to mind of what was heard, and why what was asked for cannot be given."""

from __future__ import annotations

import math

from handful.detectors.alarms import SoundEvent
from handful.detectors.sound_baseline import LEAST_FRAMES, Baseline
from handful.verbs.heard_so_far import HeardSoFar

_CLIPPED_SHARE = 1e-5
_RISE_S = 0.5  # four time constants of Fast
_LEAST_BASELINE_S, _LEAST_COMPARED_S = LEAST_FRAMES / 8, 2.0


def refusal(heard: HeardSoFar) -> str | None:
    """Why what was asked for cannot be given; None where it can."""
    baseline = heard.detector.baseline
    if heard.unfit:
        return f"nothing was compared: {heard.unfit}"
    if baseline is None or not heard.compared:
        return _nothing_compared(heard)
    if baseline.threshold(heard.per_hour) is None and heard.per_hour is not None:
        return _no_promise(baseline, heard.per_hour)
    return None


def _nothing_compared(heard: HeardSoFar) -> str:
    heard_s = heard.meter.n_samples / heard.meter.rate_hz
    if heard.where.path is not None:
        return f"nothing was compared: the sound is only {heard_s:.2f} s long"
    said = (
        f"nothing was compared: the sound is {heard_s:.{_digits(heard_s)}f} s long, and its first "
        f"{heard.where.seconds:g} s are the baseline. "
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
        f"{_rate(per_hour)} cannot be promised from a baseline of {length(baseline.seconds)}: "
        f"that can promise {_rate(baseline.rarest_per_hour)}, and the promise asked for takes "
        f"{length(needed_s)} of usual sound. The events are those of the strictest threshold "
        "that there is, without a promise"
    )


def warnings(heard: HeardSoFar) -> list[str]:
    """What to mind before believing it."""
    meter = heard.meter
    changes = heard.changes
    found = [_passing(event) for event in changes[: -1 if heard.changed else None]]
    if heard.changed:
        found.append(
            f"The sound changed at {clock(changes[-1].start_s)} and stayed so to the end: what is "
            "usual now is not what the baseline says, and single unusual sounds were no longer "
            "told. Take a new one (--baseline)."
        )
    if meter.n_samples < _RISE_S * meter.rate_hz:
        found.append(
            f"The sound is only {length(meter.n_samples / meter.rate_hz)} long: the meter (Fast) "
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
    if heard.sound.damage:
        found.append(f"{heard.sound.title}: {heard.sound.damage}.")
    found += [
        f"Channel {channel + 1} was turned round: it is the opposite of channel 1 (crossed wires), "
        "and both together would be silence."
        for channel in heard.sound.turned
    ]
    if heard.asked_to_save is not None and not heard.saved:
        found.append(
            f"No baseline was saved: {heard.asked_to_save} was not written, because there is "
            "none that could be used."
        )
    return found + [f"{failure}." for failure in heard.told.failures]


def _passing(event: SoundEvent) -> str:
    return (
        f"The sound changed from {clock(event.start_s)} to {clock(event.end_s)}; from the second "
        "minute of that on, single unusual sounds were not told."
    )


def _rate(per_hour: float) -> str:
    if per_hour >= 1:
        return f"at most {per_hour:.3g} false alarm{'s' * (per_hour != 1)} an hour"
    return f"at most {per_hour * 24:.3g} false alarms a day"


def _digits(seconds: float) -> int:
    return 1 if seconds >= 0.1 else 3


def length(seconds: float) -> str:
    """A time for people: seconds, minutes or hours."""
    if seconds < 120:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.{_digits(seconds)}f} s"
    if seconds < 7200:
        minutes, seconds = divmod(math.ceil(seconds - 1e-6), 60)
        return f"{minutes}:{seconds:02} min" if seconds else f"{minutes} min"
    return f"{seconds / 3600:.3g} hours"


def clock(time_s: float) -> str:
    """A moment, as a clock shows it."""
    minutes, seconds = divmod(time_s, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{seconds:04.1f}" if hours else f"{minutes}:{seconds:04.1f}"
