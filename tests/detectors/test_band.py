"""The notes' signal and both ways to count it: by hand, by NumPy written out, on drawn videos."""

import numpy as np
import pytest

from handful.detectors.band import CENTRE, Strip, strip_mean, strip_of
from handful.detectors.plain import PlainCounter, crossings
from handful.detectors.robust import RobustCounter
from handful.errors import InputError
from handful.videos import Frame
from made_videos import frames


@pytest.mark.parametrize("width", [64, 65, 97])
def test_a_strip_is_every_third_value_of_its_rows_in_one_line(width):
    luma = np.random.default_rng(0).integers(0, 256, (60, width), dtype=np.uint8)
    expected = luma[27:33].ravel()[::3].mean()
    assert strip_mean(Frame(luma, 0.0), CENTRE) == pytest.approx(expected)


def test_widths_that_are_multiples_of_three_see_all_columns():
    luma = np.zeros((60, 66), np.uint8)
    luma[27:33, 1::3] = 240  # never looked at if every row began at column 0
    assert strip_mean(Frame(luma, 0.0), CENTRE) == pytest.approx(80)


def test_a_tall_strip_does_not_overflow():
    luma = np.full((3000, 64), 255, np.uint8)
    assert strip_mean(Frame(luma, 0.0), Strip(0, 1)) == 255


@pytest.mark.parametrize("words", ["0.6-0.4", "45-55", "half", "-0.1-0.2", "0.5"])
def test_strips_outside_the_picture_are_refused(words):
    with pytest.raises(InputError, match="two shares of its height"):
        strip_of(words, "--band")


def test_crossings_by_hand():
    # the mean is 2: above, at it, at it, below, above
    assert crossings(np.array([4.0, 2, 2, 0, 3, 1])).tolist() == [3, 4, 5]
    assert not len(crossings(np.array([])))
    assert not len(crossings(np.full(9, 7.0)))


def counted(counter, pictures):
    for frame in pictures:
        counter.learn_one(frame)
    return counter.finish()


def banded(brightness, fps=30.0):
    """Frames whose band and reference have the given brightnesses."""
    for i, (inner, outer) in enumerate(brightness):
        luma = np.full((100, 64), 50, np.uint8)
        luma[45:55], luma[:2] = inner, outer
        yield Frame(luma, i / fps)


def test_plain_is_crossings_of_the_band_less_those_of_the_reference():
    inner = ([100] * 4 + [120] * 4) * 10
    outer = [60] * 40 + [61] * 40
    found = counted(PlainCounter(), banded(zip(inner, outer, strict=True)))
    assert (found.inner_crossings, found.outer_crossings) == (19, 1)
    assert found.repetitions == 9
    assert len(found.events) == 9


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("black", [False, True])
def test_plain_does_not_count_the_noise_of_a_wall(running, seed, black):
    """Also where the strip at the top is black and has no noise of its own, as in a film."""

    def wall():
        for frame in frames(10, 1.0, amplitude=0.0, noise=6, seed=seed):
            luma = frame.luma.copy()
            luma[:4] = 0 if black else luma[:4]
            yield Frame(luma, frame.time_s)

    found = counted(PlainCounter(running=running), wall())
    assert found.repetitions == 0
    assert "noise, not movement" in found.refused


def test_plain_says_that_noise_ruins_it():
    found = counted(PlainCounter(), frames(5, 1.0, noise=8))
    assert found.repetitions == 0
    assert "noise, not movement" in found.refused


@pytest.mark.parametrize("running", [False, True])
def test_plain_counts_what_is_clean(running):
    wave = 100 - 30 * np.cos(2 * np.pi * np.arange(0, 8, 1 / 30))
    found = counted(PlainCounter(running=running), banded((b, 60) for b in wave))
    assert found.outer_crossings == 0
    assert abs(found.repetitions - 8) <= 1


@pytest.mark.parametrize("fps", [15, 30, 60])
@pytest.mark.parametrize(
    "how", [{}, {"drift": 0.4}, {"flicker": 0.05}, {"noise": 8.0}], ids=lambda how: str(how)
)
def test_robust_survives_what_ruins_plain(fps, how):
    found = counted(RobustCounter(), frames(8, 1.0, fps, **how))
    assert abs(found.repetitions - 8) <= 1


def test_robust_learns_that_a_small_thing_crosses_four_times():
    """A dot that passes right through: into the band and out, there and back."""
    t = np.arange(0, 12, 1 / 30)
    place = 0.4 - 0.2 * np.cos(2 * np.pi * t / 2)  # 2 s a repetition, not just as far both ways
    bright = np.where(np.abs(place - 0.5) < 0.08, 200, 100)
    counter = RobustCounter()
    found = counted(counter, banded((b, 60) for b in bright))
    assert counter.per_repetition == 4
    assert abs(found.repetitions - 6) <= 1


def test_robust_does_not_count_what_stands_still():
    found = counted(RobustCounter(), frames(5, 1.0, amplitude=0.0, noise=8))
    assert found.repetitions == 0
    assert "noise, not movement" in found.refused


def test_robust_refuses_a_still_picture():
    found = counted(RobustCounter(), frames(5, 1.0, amplitude=0.0))
    assert found.repetitions == 0
    assert "nothing repeats" in found.refused
