"""Recordings that were cut, moved or rounded are known again, others are not."""

import numpy as np
import pytest

from handful.encoders.recording_copies import RecordingCopies


def joined(recordings):
    finder = RecordingCopies(1)
    prints = finder.transform([values.astype(np.float32) for values in recordings])
    return {tuple(pair) for pair in finder.pairs(prints).tolist()}


@pytest.fixture(scope="module")
def recordings():
    rng = np.random.default_rng(0)
    walks = [np.cumsum(rng.normal(size=(2, 200)), axis=1) for _ in range(30)]
    t = np.arange(120) / 25
    swings = [np.sin(2 * np.pi * t + rng.uniform(0, 6)) + rng.normal(0, 0.2, (2, 120))
              for _ in range(30)]  # fmt: skip
    return walks + swings


@pytest.mark.parametrize(
    "change",
    [lambda x: x * (1 + 1e-9), lambda x: x[:, 9:], lambda x: x[:, 5:-8], lambda x: x + 0.01,
     lambda x: 9.81 * x, lambda x: x.round(4)],
    ids=["jitter", "cut", "cut on both sides", "offset", "unit", "rounded"],
)  # fmt: skip
def test_copies_are_found_and_nothing_else(recordings, change):
    expected = {(at, at + len(recordings)) for at in range(len(recordings))}
    assert joined([*recordings, *map(change, recordings)]) == expected


def test_simple_recordings_are_copies_only_as_a_whole():
    t = np.arange(200) / 50
    waves = [np.sin(2 * np.pi * hertz * t + phase)[None] for hertz in (2, 12) for phase in range(5)]
    steps = [(np.arange(90) > at)[None] for at in (20, 40, 60)]
    flat = [np.full((1, 50), level) for level in (0.0, 1.0)]
    different = [*waves, *steps, *flat, np.ones((1, 1)), np.ones((1, 2))]
    assert joined(different) == set()
    again = {(at, at + len(different)) for at in range(len(different))}
    assert joined([*different, *[values * (1 + 1e-9) for values in different]]) == again
