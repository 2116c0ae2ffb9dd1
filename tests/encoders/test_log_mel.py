"""Sounds as pictures through the image network."""

import numpy as np
import pytest

from handful.encoders.image_network import ImageNetwork
from handful.encoders.log_mel import SIDE_PX, LogMel
from handful.encoders.loudness import Loudness
from handful.encoders.mfcc import Mfcc
from handful.encoders.runtimes import open_session
from handful.encoders.weights import LITE0
from handful.graphs import Graph
from handful.pictures import Picture

RATE_HZ = 8000


def noise(seconds, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE_HZ)).astype(np.float32)


def tone(hz, seconds):
    return np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ).astype(np.float32)


@pytest.fixture(scope="module")
def encoder():
    return LogMel(LITE0, RATE_HZ, fast=False)


@pytest.fixture(scope="module")
def draw():
    graph = Graph("pictures")
    waveform = graph.input("waveform", np.float32, ["n", "samples"])
    for number, look in enumerate(LogMel(LITE0, RATE_HZ).write_pictures(graph, waveform)):
        graph.output(look, f"look {number}", np.float32, ["m", 3, SIDE_PX, SIDE_PX])
    session = open_session(graph.model().SerializeToString(), threads=1)
    return lambda wave: session.run(None, {"waveform": wave[None]})


@pytest.mark.parametrize(
    ("seconds", "n"), [(0.05, 1), (0.4, 1), (5.0, 1), (7.4, 1), (8.0, 2), (30.0, 6)]
)
def test_about_five_seconds_go_into_a_picture(draw, seconds, n):
    for drawn in draw(noise(seconds)):
        assert drawn.shape == (n, 3, SIDE_PX, SIDE_PX)
        assert drawn.min() >= 0
        assert 230 < drawn.max() <= 255


def test_high_tones_are_above_and_time_runs_to_the_right(draw):
    (drawn,) = draw(np.concatenate([tone(200, 2), tone(3500, 2)]))[0]
    for colour in drawn:
        rows = colour[:, 20].argmax(), colour[:, -20].argmax()
        assert rows[0] > 0.75 * SIDE_PX
        assert rows[1] < 0.15 * SIDE_PX


def test_long_frames_tell_tones_apart_and_short_ones_moments(draw):
    short, _, long = draw(tone(1000, 1.0))[0][0]
    assert (short[:, 128] > 200).sum() > (long[:, 128] > 200).sum()
    click = np.zeros(RATE_HZ, np.float32)
    click[RATE_HZ // 2] = 1
    short, _, long = draw(click)[0][0]
    assert (short[128] > 200).sum() < (long[128] > 200).sum()


def test_loud_moments_get_the_whole_picture(draw):
    wave = np.concatenate([noise(0.5), np.zeros(3 * RATE_HZ, np.float32), noise(0.5, 1)])
    plain, loud = (look[0].mean(axis=(0, 1)) for look in draw(wave))
    assert (plain < 20).mean() > 0.6
    assert (loud < 20).mean() < 0.05


def test_features_are_those_of_the_picture_seen_by_the_image_network(encoder, draw):
    wave = noise(1.0)
    image = ImageNetwork(LITE0, SIDE_PX, fast=False)
    pixels = [np.rint(look[0].transpose(1, 2, 0)).astype(np.uint8) for look in draw(wave)]
    one, other = image.transform([Picture(p, None, "") for p in pixels])
    last = image.likeness.stop
    parts = [one[:last], other[:last], one[last:], other[last:]]
    parts += [plain.transform([wave])[0] for plain in (Mfcc(RATE_HZ), Loudness(RATE_HZ))]
    found = encoder.transform([wave])[0]
    assert len(found) == encoder.width == sum(map(len, parts))
    ends = np.cumsum([0, *map(len, parts)])
    for part, start, end in zip(parts, ends[:-1], ends[1:], strict=True):
        assert np.corrcoef(found[start:end], part)[0, 1] > 0.999


def test_a_long_sound_is_the_mean_of_its_pictures(encoder):
    parts = [noise(5.0, seed) for seed in range(2)]
    peak = max(np.abs(part).max() for part in parts)
    parts = [np.where(np.arange(len(p)) == 20_000, peak, p).astype(np.float32) for p in parts]
    seen = encoder.views["middle stages"]
    whole = encoder.transform([np.concatenate(parts)])[0][seen]
    mean = encoder.transform(parts).mean(axis=0)[seen]
    assert np.corrcoef(whole, mean)[0, 1] > 0.99


def test_the_graph_takes_several_sounds_of_one_length_and_gives_the_same(encoder):
    graph = Graph("whole")
    waveform = graph.input("waveform", np.float32, ["n", "samples"])
    features = encoder.write(graph, {"waveform": waveform})
    graph.output(features, "features", np.float32, ["n", encoder.width])
    session = open_session(graph.model().SerializeToString(), threads=1)
    waves = np.stack([noise(8.0, seed) for seed in range(2)])
    found = session.run(None, {"waveform": waves})[0]
    assert found == pytest.approx(encoder.transform(list(waves)), abs=1e-3)


def test_loudness_does_not_change_what_is_seen(encoder):
    wave = noise(0.5)
    seen = slice(0, encoder.views["middle stages"].stop)
    one, other = encoder.transform([wave, 0.02 * wave])[:, seen]
    assert one == pytest.approx(other, abs=0.01 * float(np.abs(one).max()))


def test_silence_gives_numbers(encoder):
    assert np.isfinite(encoder.transform([np.zeros(800, np.float32)])).all()


def test_keys_tell_encoders_apart():
    kinds = [LogMel(LITE0, rate, loud=loud) for rate in (8000, 16_000) for loud in (False, True)]
    assert len({kind.key for kind in kinds}) == 4
