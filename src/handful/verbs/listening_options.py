"""Reads what `listen` is told: rates, tones, baselines."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handful.detectors.calibrating import calibration_db
from handful.detectors.sound_baseline import LEAST_FRAMES, Baseline
from handful.detectors.sound_level import SoundLevelMeter
from handful.detectors.stored_baseline import from_file, is_stored
from handful.detectors.unusual_sound import UnusualSound
from handful.errors import InputError
from handful.sounds.files import open_file
from handful.sounds.reading import read

BASELINE_S = 30.0
_MOST_DAMAGED = 0.001  # share of samples
_HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0}
_RATE = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*/\s*(?:per\s*)?(minute|hour|day|week)s?")


def alarms_per_hour(text: str | None) -> float | None:
    """False alarms an hour.

    >>> alarms_per_hour("1/hour"), alarms_per_hour("12/day")
    (1.0, 0.5)

    Raises
    ------
    InputError
        It is no such rate.
    """
    if text is None:
        return None
    found = _RATE.fullmatch(text.strip()) if isinstance(text, str) else None
    if not found or float(found[1]) <= 0:
        raise InputError(
            f"{text!r} is no rate of false alarms: say it like --false-alarms 1/hour (or "
            "/minute, /day, /week)"
        )
    return float(found[1]) / _HOURS[found[2]]


def offset_db(text: str | None) -> float | None:
    """What calibration adds to every level; None where nothing was calibrated.

    Parameters
    ----------
    text : str or None
        ``tone.wav=94``: a recording of a tone, and its level.

    Raises
    ------
    InputError
        It is not of that form, or the tone cannot be used.
    """
    if text is None:
        return None
    name, equals, level = text.rpartition("=") if isinstance(text, str) else ("", "", "")
    try:
        level_db = float(level)
    except ValueError:
        level_db = np.nan
    if not equals or not name or not 0 < level_db < 200:
        raise InputError(
            f"{text!r} does not calibrate: give the recording of a tone and its level in dB, "
            "like --calibrate tone.wav=94"
        )
    samples, rate_hz = read(Path(name))
    return calibration_db(samples, rate_hz, level_db=level_db, name=name)


@dataclass(frozen=True)
class WhereFrom:
    """Where the baseline comes from.

    Attributes
    ----------
    seconds : float
        So many of the beginning; 0 where it comes from a file.
    path : Path or None
    """

    seconds: float
    path: Path | None = None

    def words(self) -> str:
        """For people and for JSON."""
        return str(self.path) if self.path else f"the first {self.seconds:g} s"


def where_from(baseline: float | str | Path | None) -> WhereFrom:
    """What `baseline` asks for.

    Raises
    ------
    InputError
        It is neither a number of seconds nor a file.
    """
    if baseline is None:
        return WhereFrom(BASELINE_S)
    text = os.fspath(baseline) if isinstance(baseline, str | os.PathLike) else str(baseline)
    try:
        seconds = float(text)
    except ValueError:
        if not Path(text).exists():
            raise InputError(
                f"--baseline {text} is neither a number of seconds nor a file that is there"
            ) from None
        return WhereFrom(0.0, Path(text))
    least_s = LEAST_FRAMES / 8
    if not least_s <= seconds <= 7 * 86400:
        raise InputError(
            f"--baseline {text}: it takes at least {least_s:g} seconds of usual sound (and at "
            "most a week) to know what is usual"
        )
    return WhereFrom(seconds)


def detector_for(meter: SoundLevelMeter, where: WhereFrom) -> UnusualSound:
    """A detector that has its baseline, or will take it from the beginning of the sound.

    Raises
    ------
    InputError
        The baseline cannot be read or was made at another rate.
    """
    wanted = max(LEAST_FRAMES, round(where.seconds / meter.hop_s))
    detector = UnusualSound(meter.middles_hz, hop_s=meter.hop_s, baseline_frames=wanted)
    if where.path is not None:
        detector.baseline = _from_path(where.path, meter.rate_hz)
        found = detector.baseline
        if len(found.middles_hz) != len(meter.middles_hz):
            raise InputError(
                f"{where.path} reaches up to {found.middles_hz[-1]:.0f} Hz and the sound up to "
                f"{meter.middles_hz[-1]:.0f} Hz: take a baseline at the same rate of samples"
            )
    return detector


def _from_path(path: Path, rate_hz: float) -> Baseline:
    if is_stored(path):
        return from_file(path)
    if path.suffix.lower() == ".json":
        raise InputError(
            f"{path} is no baseline, or a damaged one: its beginning is not what --save-baseline "
            "writes. Make it again, or give a recording of the usual sound"
        )
    sound = open_file(path)
    meter = SoundLevelMeter(sound.rate_hz)
    if sound.rate_hz != rate_hz:
        raise InputError(
            f"{path} has {sound.rate_hz:g} samples a second and the sound {rate_hz:g}: take a "
            "baseline at the same rate"
        )
    detector = UnusualSound(meter.middles_hz, hop_s=meter.hop_s, baseline_frames=2**62)
    for levels in (*(meter.add(block) for block in sound.blocks()), meter.finish()):
        for frame in levels.bands_db:
            detector.learn_one(frame)
    if reason := damaged(meter):
        raise InputError(f"{path} cannot be a baseline: {reason}")
    return detector.complete()


def damaged(meter: SoundLevelMeter) -> str:
    """Why a baseline that this meter read cannot be used; empty where it can."""
    share = meter.damaged / max(1, meter.n_samples)
    if share <= _MOST_DAMAGED:
        return ""
    return f"{share:.1%} of its samples are no numbers (NaN, infinity)"
