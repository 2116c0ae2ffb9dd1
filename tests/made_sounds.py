"""Sounds that tests make, and files of them."""

import wave
from pathlib import Path

import numpy as np

RATE_HZ = 16_000


def noise(seconds, *, rate_hz=RATE_HZ, seed=0, rms=0.01):
    """Steady white noise, float32."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, rms, round(seconds * rate_hz)).astype(np.float32)


def sine(frequency_hz, seconds, *, rate_hz=RATE_HZ, rms=0.1, fade_s=0.0):
    """A pure tone, float32; faded in and out so that it begins and ends without a click."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    tone = rms * np.sqrt(2) * np.sin(2 * np.pi * frequency_hz * t)
    if fade_s:
        edge = np.minimum(1, np.minimum(t, t[-1] - t) / fade_s)
        tone *= np.sin(np.pi / 2 * edge) ** 2
    return tone.astype(np.float32)


def hall(*, seconds=60.0, seed=0, events_s=((40.0, 41.0), (50.0, 50.5)), gain_db=20.0):
    """Noise, clean for the first stretch, then louder where the events are."""
    samples = noise(seconds, seed=seed)
    for start, end in events_s:
        samples[round(start * RATE_HZ) : round(end * RATE_HZ)] *= 10 ** (gain_db / 20)
    return samples


def write_wav(path: Path, samples, *, rate_hz=RATE_HZ):
    """16-bit WAV by the standard library; samples (n,) or (n, n_channels)."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes())
    return path


def write_track(path: Path, samples, *, rate_hz=RATE_HZ, codec="aac", film=False):
    """Sound that soundfile does not read: AAC, alone or as the sound track of a film."""
    import av

    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=10) if film else None
        track = container.add_stream(codec, rate=rate_hz, layout="mono")
        if picture is not None:
            picture.width = picture.height = 64
            picture.pix_fmt = "yuv420p"
            for _ in range(10):
                frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
                container.mux(picture.encode(frame))
            container.mux(picture.encode())
        for start in range(0, len(samples), 1024):
            part = np.ascontiguousarray(samples[None, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = rate_hz, start
            container.mux(track.encode(frame))
        container.mux(track.encode())
    return path
