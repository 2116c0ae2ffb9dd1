"""Sounds that were packed, cut or made louder are known again, others of their kind are not."""

import io
import itertools

import numpy as np
import pytest
import soundfile

from handful.encoders.sound_copies import RATE_HZ, SoundCopies
from handful.sounds.clips import read_clip
from handful.sounds.reading import resampled

SOURCE_HZ = 16_000


def made(rng, seconds):
    """Noise through a band that moves, in bursts."""
    n = int(seconds * SOURCE_HZ)
    t = np.arange(n) / SOURCE_HZ
    moments = np.arange(0, seconds + 0.8, 0.4)
    pitch = np.interp(t, moments, rng.uniform(200, 2500, len(moments)))
    tone = np.sin(2 * np.pi * np.cumsum(pitch) / SOURCE_HZ)
    bursts = np.repeat(rng.uniform(0.05, 1, n // 800 + 1), 800)[:n]
    return 0.2 * bursts * (tone + rng.normal(0, 0.5, n))


@pytest.fixture(scope="module")
def sounds():
    rng = np.random.default_rng(0)
    return [made(rng, rng.uniform(0.8, 5.0)) for _ in range(24)]


def stored(samples, rate_hz=SOURCE_HZ, kind="WAV"):
    with io.BytesIO() as file:
        soundfile.write(file, np.clip(samples, -1, 1), rate_hz, format=kind)
        return file.getvalue()


def joined(files):
    finder = SoundCopies()
    prints = finder.transform([read_clip(file, rate_hz=RATE_HZ) for file in files])
    return {tuple(pair) for pair in finder.pairs(prints).tolist()}


@pytest.mark.parametrize(
    "change",
    [lambda x: stored(x, kind="MP3"), lambda x: stored(x, kind="OGG"),
     lambda x: stored(x[320:]), lambda x: stored(x[len(x) // 20 :]), lambda x: stored(0.2 * x),
     lambda x: stored(resampled(x.astype(np.float32), SOURCE_HZ, 11_025), 11_025),
     lambda x: stored(np.append(np.zeros(3000), x))],
    ids=["MP3", "Vorbis", "20 ms cut", "5 % cut", "quieter", "another rate", "silence before"],
)  # fmt: skip
def test_copies_are_found_and_nothing_else(sounds, change):
    expected = {(at, at + len(sounds)) for at in range(len(sounds))}
    assert joined([*map(stored, sounds), *map(change, sounds)]) == expected


def test_a_long_sound_is_known_again(sounds):
    rng = np.random.default_rng(1)
    long = [np.concatenate([sounds[at] for at in rng.permutation(24)[:9]]) for _ in range(2)]
    files = [stored(x) for x in long] + [stored(x[800:], kind="MP3") for x in long]
    assert joined(files) == {(0, 2), (1, 3)}


def test_steady_and_silent_sounds_are_not_taken_for_copies():
    t = np.arange(SOURCE_HZ) / SOURCE_HZ
    tones = [0.3 * np.sin(2 * np.pi * hertz * t + phase) for hertz, phase in
             itertools.product((300, 1000), (0, 1, 2))]  # fmt: skip
    rng = np.random.default_rng(2)
    noises = [rng.normal(0, 0.1, SOURCE_HZ) for _ in range(6)]
    assert joined([stored(x) for x in [*tones, *noises, np.zeros(8000), np.zeros(9000)]]) == set()


def test_one_sound(sounds):
    assert joined([stored(sounds[0])]) == set()


@pytest.mark.parametrize("what", ["ticks", "motor", "knock"])
def test_takes_of_what_always_sounds_alike_are_no_copies(what):
    rng = np.random.default_rng(2)
    t = np.arange(2 * SOURCE_HZ) / SOURCE_HZ
    decay = np.exp(-np.arange(800) / 120) * np.sin(0.3 * np.arange(800))

    def take():
        if what == "motor":
            wave = (1 + np.sin(2 * np.pi * 7 * t + rng.uniform(0, 6))) * np.sin(2 * np.pi * 440 * t)
        else:
            at = np.zeros(len(t))
            at[rng.integers(0, 8000) :: 8000 if what == "ticks" else len(t)] = 1
            wave = np.convolve(at, decay)[: len(t)]
        return stored(0.3 * wave + rng.normal(0, 1e-3, len(t)))

    assert joined([take() for _ in range(12)]) == set()
