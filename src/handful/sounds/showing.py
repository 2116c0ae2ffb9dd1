"""A sound as a person sees and hears it: a small spectrogram and a short WAV."""

from __future__ import annotations

import io
import wave

import numpy as np
from PIL import Image

from handful.signals import decibels, frames

PLAYED_S, PLAYED_HZ = 5.0, 16_000
_SIDE_PX = 240
_FRAME, _BANDS = 1024, 80
_RANGE_DB = 70.0
_QUALITY = 80
# Dark blue over violet and orange to pale yellow: light grows evenly, also printed in grey.
_COLOURS = np.array(
    [[8, 8, 32], [66, 22, 100], [140, 40, 110], [212, 80, 60], [248, 164, 50], [252, 246, 190]]
)


def spectrogram(samples: np.ndarray, rate_hz: float) -> bytes:
    """A JPEG, 240 x 240: time to the right, high tones above (logarithmic), loud is bright.

    Parameters
    ----------
    samples : ndarray of float32, shape (n_samples,)
    rate_hz : float
    """
    padded = np.pad(samples, _FRAME // 2)
    hop = max(1, len(samples) // _SIDE_PX)
    cut = frames(padded, _FRAME, hop)[:_SIDE_PX] * np.hanning(_FRAME)
    power = np.abs(np.fft.rfft(cut)) ** 2
    levels_db = decibels(_in_bands(power, rate_hz) + 1e-10)
    bright = np.clip((levels_db - levels_db.max()) / _RANGE_DB + 1, 0, 1)
    places = bright.T[::-1] * (len(_COLOURS) - 1)
    steps = np.arange(len(_COLOURS))
    channels = [np.interp(places, steps, _COLOURS[:, k]) for k in range(3)]
    image = Image.fromarray(np.stack(channels, axis=2).astype(np.uint8))
    out = io.BytesIO()
    image.resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BILINEAR).save(
        out, "JPEG", quality=_QUALITY
    )
    return out.getvalue()


def _in_bands(power: np.ndarray, rate_hz: float) -> np.ndarray:
    """Mean power in bands evenly spaced in pitch, float64 (n_frames, n_bands)."""
    edges_hz = np.geomspace(60, rate_hz / 2, _BANDS + 1)
    bins = np.arange(power.shape[1]) * rate_hz / _FRAME
    middles = np.sqrt(edges_hz[:-1] * edges_hz[1:])
    total = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, axis=1)], axis=1)
    low, high = np.searchsorted(bins, edges_hz[:-1]), np.searchsorted(bins, edges_hz[1:])
    nearest = np.abs(bins - middles[:, None]).argmin(axis=1)
    mean = (total[:, high] - total[:, low]) / np.maximum(high - low, 1)
    return np.asarray(np.where(high > low, mean, power[:, nearest]))


def short_wav(samples: np.ndarray, rate_hz: int) -> bytes:
    """The first five seconds as a 16-bit WAV of one channel, as loud as it goes.

    Parameters
    ----------
    samples : ndarray of float32, shape (n_samples,)
    rate_hz : int
    """
    some = samples[: int(PLAYED_S * rate_hz)]
    loudest = max(float(np.abs(some).max(initial=0)), 1e-4)
    whole = np.rint(some * (0.9 / loudest) * 32767).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(whole.tobytes())
    return out.getvalue()
