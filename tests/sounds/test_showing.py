"""What a page shows of a sound."""

import io
import wave

import numpy as np
import pytest
from PIL import Image

from handful.sounds.showing import PLAYED_S, short_wav, spectrogram

RATE_HZ = 16_000


def tone(hz, seconds):
    return np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ).astype(np.float32)


def brightness(samples):
    image = Image.open(io.BytesIO(spectrogram(samples, RATE_HZ)))
    assert (image.format, image.size) == ("JPEG", (240, 240))
    return np.asarray(image.convert("L"), float)


def test_high_tones_are_above_and_time_runs_to_the_right():
    seen = brightness(np.concatenate([tone(200, 0.5), tone(5000, 0.5)]))
    low, high = seen[:, 30].argmax(), seen[:, 210].argmax()
    pitch = 1 - np.log(np.array([200, 5000]) / 60) / np.log(RATE_HZ / 2 / 60)
    assert [low, high] == pytest.approx(240 * pitch, abs=6)


@pytest.mark.parametrize("samples", [np.zeros(800), tone(500, 0.05), tone(500, 30)])
def test_silence_and_any_length_give_a_picture(samples):
    assert np.isfinite(brightness(samples.astype(np.float32))).all()


def test_the_player_gets_the_first_seconds_at_full_loudness():
    with wave.open(io.BytesIO(short_wav(0.01 * tone(500, 30), RATE_HZ))) as file:
        assert (file.getnchannels(), file.getframerate()) == (1, RATE_HZ)
        assert file.getnframes() == PLAYED_S * RATE_HZ
        played = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767
    assert played == pytest.approx(0.9 * tone(500, PLAYED_S), abs=1e-3)


def test_silence_stays_silent():
    with wave.open(io.BytesIO(short_wav(np.zeros(1600, np.float32), RATE_HZ))) as file:
        assert not any(file.readframes(1600))
