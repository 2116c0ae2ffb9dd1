"""What every detector keeps: nothing said before it is ready, bounded memory, no frame kills it."""

import math
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from handful.detectors.base import Detector
from handful.detectors.blocks import BlockCounter
from handful.detectors.plain import PlainCounter
from handful.detectors.robust import RobustCounter
from handful.detectors.unusual_sound import UnusualSound
from handful.videos import Frame
from made_videos import HEIGHT, WIDTH, movement

_PICTURES = [picture for _, picture in movement(2, 1.0)]
_BANDS_HZ = 1000 * 2.0 ** (np.arange(-12, 10) / 3)


def _seen(i: int) -> Frame:
    return Frame(_PICTURES[i % len(_PICTURES)], i / 30)


def _bad_pictures(start: int) -> list[Frame]:
    rng = np.random.default_rng(1)
    black = np.zeros((HEIGHT, WIDTH), np.uint8)
    noise = rng.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
    frames = [black, black + 255, noise, black]
    times_s = [start / 30, start / 30 + 0.01, start / 30 + 9.0, start / 30 + 4000.0]
    return [Frame(luma, t) for luma, t in zip(frames, times_s, strict=True)]


def _heard(i: int) -> np.ndarray:
    return np.random.default_rng(i).normal(-40, 2, len(_BANDS_HZ))


def _bad_sounds(start: int) -> list[np.ndarray]:
    levels = [math.nan, -math.inf, 0.0, -400.0]
    return [np.full(len(_BANDS_HZ), level) for level in levels]


@dataclass(frozen=True)
class Kind:
    """One kind of detector: how to make it, what it sees, what might break it."""

    make: Callable[[], Detector[Any]]
    frame: Callable[[int], Any]
    bad_frames: Callable[[int], list[Any]]


KINDS = {
    "blocks": Kind(BlockCounter, _seen, _bad_pictures),
    "robust": Kind(RobustCounter, _seen, _bad_pictures),
    "plain": Kind(lambda: PlainCounter(running=True), _seen, _bad_pictures),
    "unusual sound": Kind(
        lambda: UnusualSound(_BANDS_HZ, hop_s=0.125, baseline_frames=100), _heard, _bad_sounds
    ),
}


@pytest.fixture(params=KINDS.values(), ids=KINDS.keys())
def kind(request):
    return request.param


def learnt(kind, n, *, scoring=False):
    detector = kind.make()
    for i in range(n):
        frame = kind.frame(i)
        if scoring:
            detector.score_one(frame)
        detector.learn_one(frame)
    return detector


def test_it_is_a_detector(kind):
    assert isinstance(kind.make(), Detector)


def test_it_says_nothing_before_it_is_ready(kind):
    detector = kind.make()
    unsaid = 0
    while not detector.ready and unsaid < 150:
        assert detector.score_one(kind.frame(unsaid)) is None
        detector.learn_one(kind.frame(unsaid))
        unsaid += 1
    assert 0 < unsaid < 150
    assert detector.ready
    assert math.isfinite(detector.score_one(kind.frame(151)))


def test_scoring_changes_nothing(kind):
    quiet, scored = learnt(kind, 150), learnt(kind, 150, scoring=True)
    for i in range(150, 200):
        assert quiet.score_one(kind.frame(i)) == scored.score_one(kind.frame(i))


def test_scores_depend_on_the_frame(kind):
    detector = learnt(kind, 150)
    assert len({detector.score_one(kind.frame(i)) for i in range(150, 170)}) > 5


def test_memory_does_not_grow(kind):
    detector = learnt(kind, 1000)
    frames = [kind.frame(i) for i in range(1000, 4000)]
    tracemalloc.start()
    try:
        for frame in frames[:1000]:
            detector.learn_one(frame)
        before = tracemalloc.get_traced_memory()[0]
        for frame in frames[1000:]:
            detector.learn_one(frame)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 64_000


def test_no_frame_breaks_it(kind):
    detector = learnt(kind, 150)
    for frame in kind.bad_frames(150):
        score = detector.score_one(frame)
        assert score is None or not math.isnan(score)
        detector.learn_one(frame)
    after = kind.frame(4000 * 30 + 300)
    assert math.isfinite(detector.score_one(after))


def test_bad_frames_at_the_beginning_do_no_lasting_harm(kind):
    detector = kind.make()
    for frame in kind.bad_frames(0):
        detector.learn_one(frame)
    for i in range(4000 * 30 + 1, 4000 * 30 + 400):
        detector.learn_one(kind.frame(i))
    assert detector.ready
    assert math.isfinite(detector.score_one(kind.frame(4000 * 30 + 401)))
