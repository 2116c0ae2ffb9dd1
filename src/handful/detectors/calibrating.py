"""From a tone of known level to sound pressure levels."""

from __future__ import annotations

import numpy as np

from handful.errors import InputError
from handful.signals import decibels, frames

_FRAME_S = 0.125
_STEADY_DB = 1.0
_LEAST_S = 1.0
_FULL_SCALE = 0.999
_TONES_HZ = ((950, 1050), (240, 260))  # what calibrators and pistonphones sound, IEC 60942
_MOST_BESIDE_DB = -10.0


def calibration_db(samples: np.ndarray, rate_hz: float, *, level_db: float, name: str) -> float:
    """What to add to levels in dBFS to get sound pressure levels, dB.

    Parameters
    ----------
    samples : ndarray of float32, shape (n_samples,)
        A recording of a calibrator's tone, 1 kHz (or 250 Hz), made with the same gain as what
        is to be measured.
    rate_hz : float
    level_db : float
        The level of the tone, dB re 20 micropascal: mostly 94, which is 1 pascal, or 114.
    name : str
        Of the recording, for messages.

    Raises
    ------
    InputError
        The tone is clipped, unsteady, too short, or no tone.

    References
    ----------
    IEC 60942:2017 (calibrators).
    """
    hint = "record the calibrator's tone again, for a few seconds"
    if len(samples) < _LEAST_S * rate_hz:
        raise InputError(f"{name} is too short to calibrate with: it takes {_LEAST_S:g} s; {hint}")
    largest = float(np.abs(samples).max())
    if not 0 < largest < np.inf:
        raise InputError(f"{name} is silent or damaged; {hint}")
    if largest >= _FULL_SCALE:
        raise InputError(f"{name} is clipped (it reaches full scale): lower the gain and {hint}")
    length = int(_FRAME_S * rate_hz)
    levels = decibels(np.mean(frames(samples, length, length).astype(float) ** 2, axis=1))
    swing = float(levels.max() - levels.min())
    if not swing <= _STEADY_DB:
        raise InputError(
            f"{name} is not steady: its level swings by {swing:.1f} dB where a calibrator's tone "
            f"stays within {_STEADY_DB:g} dB; cut off its beginning and end, or {hint}"
        )
    beside = _beside_db(samples, rate_hz)
    if not beside <= _MOST_BESIDE_DB:
        raise InputError(
            f"{name} is no tone of 1000 or 250 Hz: what else is in it lies at {beside:.0f} dB "
            f"against the tone; {hint}"
        )
    return level_db - float(decibels(np.mean(samples.astype(float) ** 2)))


def _beside_db(samples: np.ndarray, rate_hz: float) -> float:
    """Level of everything beside the calibrator's tone, against the tone."""
    powers = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    bins_hz = np.fft.rfftfreq(len(samples), 1 / rate_hz)
    tones = [powers[(bins_hz > low) & (bins_hz < high)].sum() for low, high in _TONES_HZ]
    tone = float(max(tones))
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(10 * np.log10((float(powers.sum()) - tone) / tone))
