"""Calibration: a tone of known level, and everything that is none."""

import numpy as np
import pytest

from handful.detectors.calibrating import calibration_db
from handful.errors import InputError
from made_sounds import RATE_HZ, noise, sine


@pytest.mark.parametrize("frequency_hz", [1000, 250])
@pytest.mark.parametrize("rms", [0.001, 0.1, 0.6])
def test_one_pascal_is_94_db(frequency_hz, rms):
    """94 dB is 1.0024 Pa: 20 log10(1.0024 / 20e-6)."""
    tone = sine(frequency_hz, 3, rms=rms)
    offset = calibration_db(tone, RATE_HZ, level_db=94, name="tone.wav")
    pascals = rms * 10 ** ((offset + 20 * np.log10(20e-6)) / 20)
    assert pascals == pytest.approx(1.0024, rel=1e-3)


@pytest.mark.parametrize(
    ("samples", "says"),
    [
        (sine(1000, 0.9), "too short"),
        (np.clip(sine(1000, 3, rms=0.9), -1, 1), "clipped"),
        (sine(1000, 3) * np.linspace(0.5, 1, 3 * RATE_HZ, dtype="f4"), "swings by 5"),
        (sine(1000, 3, fade_s=0.5), "not steady"),
        (noise(3), "no tone of 1000 or 250 Hz"),
        (sine(440, 3), "no tone of 1000 or 250 Hz"),
        (sine(1000, 3) + noise(3, rms=0.05), "what else is in it lies at -6 dB"),
        (np.zeros(3 * RATE_HZ, np.float32), "silent"),
    ],
)
def test_what_is_no_steady_tone_is_refused(samples, says):
    with pytest.raises(InputError, match=says) as refusal:
        calibration_db(samples, RATE_HZ, level_db=94, name="tone.wav")
    assert "tone.wav" in str(refusal.value)
