"""What is remembered of a long sound: all of a short one, means of a long one, never more."""

import numpy as np
import pytest

from handful.plots.history import History


def remembered(n_frames, piece):
    history = History(2)
    levels = np.arange(n_frames) % 50 - 80.0
    for start in range(0, n_frames, piece):
        part = levels[start : start + piece]
        history.add(part, part + 3, np.stack([part, part - 10], axis=1))
    return history, levels


@pytest.mark.parametrize("piece", [1, 7, 100])
@pytest.mark.parametrize("n_frames", [0, 1, 500, 2048])
def test_a_short_sound_is_remembered_as_it_was(n_frames, piece):
    history, levels = remembered(n_frames, piece)
    mean, highest, bands = history.columns()
    assert history.frames_a_column == 1
    np.testing.assert_allclose(mean, levels)
    np.testing.assert_allclose(highest, levels + 3)
    np.testing.assert_allclose(bands, np.stack([levels, levels - 10], axis=1))


@pytest.mark.parametrize("piece", [1, 33, 5000])
def test_a_long_sound_is_remembered_coarsely(piece):
    n_frames = 10_001
    history, levels = remembered(n_frames, piece)
    mean, highest, bands = history.columns()
    step = history.frames_a_column
    assert step == 8
    assert len(mean) == len(highest) == len(bands) == -(-n_frames // step) <= 2049
    starts = np.arange(0, n_frames, step)
    sizes = np.diff([*starts, n_frames])
    sums = np.add.reduceat(10 ** (levels / 10), starts)
    np.testing.assert_allclose(mean, 10 * np.log10(sums / sizes))
    np.testing.assert_allclose(highest, np.maximum.reduceat(levels, starts) + 3)
