"""Sounds for the benchmark of listening: steady noise of any length, and scenes with events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handful.sounds.reading import read

RATE_HZ = 16_000
CLIPS = Path(__file__).resolve().parents[2] / "shared" / "data" / "sounds" / "esc10"
BACKGROUNDS = ("rain", "helicopter", "sea_waves")
EVENTS = ("dog_bark", "rooster", "baby_cry", "person_sneeze")
_SCENE_S, _CLEAN_S, _FADE_S = 90, 33, 0.5
_TAPS = 4097


def noise(kind: str, seconds: float, *, seed: int) -> Iterator[np.ndarray]:
    """Steady Gaussian noise at 16 kHz, in blocks of about eight seconds, float32.

    Parameters
    ----------
    kind : str
        ``white``, ``pink`` (equal power in each octave), or ``band`` (400 to 2000 Hz).
    """
    rng = np.random.default_rng(seed)
    taps = _shape(kind)
    length = 1 << 17
    response = np.fft.rfft(taps, length)
    rest = rng.standard_normal(_TAPS - 1).astype(np.float32)
    made = 0
    while made < seconds * RATE_HZ:
        fresh = rng.standard_normal(length - _TAPS + 1).astype(np.float32)
        block = np.concatenate([rest, fresh])
        rest = block[len(fresh) :]
        shaped = np.fft.irfft(np.fft.rfft(block) * response, length)[_TAPS - 1 :]
        yield shaped.astype(np.float32)
        made += len(fresh)


def _shape(kind: str) -> np.ndarray:
    """A filter of `_TAPS` coefficients that makes white noise that kind, at -26 dBFS."""
    f = np.fft.rfftfreq(_TAPS - 1, 1 / RATE_HZ)
    gain = {
        "white": np.ones_like(f),
        "pink": 1 / np.sqrt(np.maximum(f, 20)),
        "band": ((f > 400) & (f < 2000)).astype(float),
    }[kind]
    taps = np.fft.fftshift(np.fft.irfft(gain)) * np.hanning(_TAPS - 1)
    taps = np.append(taps, 0)
    return 0.05 * taps / np.sqrt(np.sum(taps**2))


@dataclass(frozen=True)
class Scene:
    """A composed sound.

    Attributes
    ----------
    samples : ndarray of float32, shape (n_samples,)
    events_s : list of (float, float)
        When each event begins and ends.
    """

    samples: np.ndarray
    events_s: list[tuple[float, float]]


def clips() -> dict[str, list[np.ndarray]]:
    """Clips by tag, at 16 kHz."""
    return {
        tag: [read(path, rate_hz=RATE_HZ)[0] for path in sorted((CLIPS / tag).iterdir())]
        for tag in (*BACKGROUNDS, *EVENTS)
    }


def scene(
    found: dict[str, list[np.ndarray]], background: str, snr_db: float | None, *, seed: int
) -> Scene:
    """90 s of some clips of one background, clean for 33 s, then events at a level above it."""
    rng = np.random.default_rng(seed)
    samples = _background(found[background], rng)
    samples *= 0.025 / np.sqrt(np.mean(samples**2))
    events: list[tuple[float, float]] = []
    at_s = _CLEAN_S + rng.uniform(0, 6)
    while snr_db is not None and at_s < _SCENE_S - 6:
        kind = found[str(rng.choice(EVENTS))]
        event = _event(kind[rng.integers(len(kind))])
        gain = np.sqrt(np.mean(samples**2) / np.mean(event**2)) * 10 ** (snr_db / 20)
        start = int(at_s * RATE_HZ)
        event = event[: len(samples) - start] * gain
        samples[start : start + len(event)] += event
        events.append((at_s, at_s + len(event) / RATE_HZ))
        at_s += len(event) / RATE_HZ + rng.uniform(6, 14)
    return Scene(samples.astype(np.float32), events)


def _background(found: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Five to eleven clips in any order, again and again, faded into one another."""
    picked = rng.permutation(len(found))[: rng.integers(5, 12)]
    fade = int(_FADE_S * RATE_HZ)
    ramp = np.sin(np.linspace(0, np.pi / 2, fade))
    samples, position = np.zeros((_SCENE_S + 6) * RATE_HZ), 0
    while position < _SCENE_S * RATE_HZ:
        clip = found[int(rng.choice(picked))]
        sounding = np.flatnonzero(np.abs(clip) > 1e-5)
        clip = clip[: sounding[-1] + 1].astype(float) if len(sounding) else clip[:0]
        if len(clip) < 2 * RATE_HZ:
            continue
        clip[:fade] *= ramp
        clip[-fade:] *= ramp[::-1]
        room = len(samples) - position
        samples[position : position + len(clip)] += clip[:room]
        position += len(clip) - fade
    return samples[: _SCENE_S * RATE_HZ]


def _event(clip: np.ndarray) -> np.ndarray:
    """The sounding part of a clip, at most three seconds."""
    energy = np.convolve(clip**2, np.ones(1600) / 1600, "same")
    sounding = np.flatnonzero(energy > 0.01 * energy.max())
    start = sounding[0]
    return clip[start : min(sounding[-1], start + 3 * RATE_HZ)].astype(float)
