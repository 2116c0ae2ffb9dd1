"""Spectra in the graph: against SciPy and closed forms."""

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dct
from scipy.signal import ShortTimeFFT

from handful.encoders.runtimes import open_session
from handful.encoders.spectra import (
    FLOOR,
    cosines,
    mel_bands,
    write_activity,
    write_columns,
    write_even,
    write_levelled,
    write_mel_db,
    write_relative,
)
from handful.graphs import Graph

RATE_HZ = 8000


def run(write, array, shape, n_dimensions=None):
    """What the nodes that `write` appends make of an array."""
    graph = Graph("test")
    given = graph.input("x", np.float32, shape)
    open_shape = [f"d{k}" for k in range(n_dimensions or len(shape))]
    graph.output(write(graph, given), "y", np.float32, open_shape)
    session = open_session(graph.model().SerializeToString(), threads=1)
    return session.run(None, {"x": np.asarray(array, np.float32)})[0]


def mel_db(waves, length=256, hop=80, n_mels=40):
    def write(graph, x):
        return write_mel_db(graph, x, rate_hz=RATE_HZ, length=length, hop=hop, n_mels=n_mels)

    return run(write, waves, ["n", "s"], 3)


def tone(hz, seconds=0.5):
    return np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)


def test_levels_are_those_of_scipys_spectra():
    wave = np.random.default_rng(0).normal(0, 0.1, 2000)
    window = np.hanning(257)[:-1]
    scipys = ShortTimeFFT(window / window.sum(), hop=80, fs=RATE_HZ, fft_mode="onesided")
    spectra = np.abs(scipys.stft(wave, p0=0, p1=2000 // 80 + 1)) ** 2
    expected = 10 * np.log10(
        spectra.T @ mel_bands(rate_hz=RATE_HZ, length=256, n_mels=40).T + FLOOR
    )
    assert mel_db(wave[None])[0] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("hz", [200, 1000, 3000])
def test_a_tone_is_loudest_in_the_band_around_it(hz):
    edges_mel = np.linspace(*(2595 * np.log10(1 + np.array([50, RATE_HZ / 2]) / 700)), 42)
    wanted = np.abs(edges_mel[1:-1] - 2595 * np.log10(1 + hz / 700)).argmin()
    loudest = mel_db(tone(hz)[None])[0].mean(axis=0).argmax()
    assert abs(int(loudest) - int(wanted)) <= 1


@pytest.mark.parametrize("length", [64, 256, 2048])
def test_no_band_is_empty_and_bands_hold_the_area_of_their_triangles(length):
    bands = mel_bands(rate_hz=RATE_HZ, length=length, n_mels=40)
    edges_mel = np.linspace(*(2595 * np.log10(1 + np.array([50, RATE_HZ / 2]) / 700)), 42)
    edges_hz = 700 * (10 ** (edges_mel / 2595) - 1)
    areas = (edges_hz[2:] - edges_hz[:-2]) / 2
    assert bands.sum(axis=1) * RATE_HZ / length == pytest.approx(areas, rel=1e-6)


def test_loudness_and_offset_are_taken_out():
    wave = np.random.default_rng(1).normal(size=(1, 500))
    one, other = (run(write_levelled, w, ["n", "s"]) for w in (wave, 0.01 * wave + 0.3))
    assert np.abs(one).max() == pytest.approx(1)
    assert one == pytest.approx(other, abs=1e-5)
    assert np.array_equal(run(write_levelled, np.zeros((1, 50)), ["n", "s"]), np.zeros((1, 50)))


def test_levels_beside_the_highest():
    levels = np.array([[[-30.0, -50], [-80, -20]], [[1, 2], [3, 4]]])
    relative = run(write_relative, levels, ["n", "t", "f"])
    assert np.array_equal(relative, [[[-10, -30], [-60, 0]], [[-3, -2], [-1, 0]]])


def test_activity_falls_evenly_in_decibels():
    levels = np.array([-20.0, -35, -50, -90])[None, :, None]
    activity = run(lambda g, x: write_activity(g, x, range_db=30), levels, ["n", "t", "f"], 2)
    assert activity == pytest.approx(np.array([[1, 0.5, 1e-6, 1e-6]]), abs=1e-4)


def columns(frames, n_columns, activity=None):
    def write(graph, x):
        weight = write_even(graph, x) if activity is None else graph.constant(activity)
        return write_columns(graph, x, weight, graph.constant(float(n_columns)))

    return run(write, frames, ["n", "t", "f"])


@pytest.mark.parametrize("n_columns", [40, 20, 7])
def test_even_activity_shrinks_as_pillow_does(n_columns):
    frames = np.random.default_rng(2).normal(size=(1, 40, 3)).astype(np.float32)
    size = (3, n_columns)
    expected = np.asarray(Image.fromarray(frames[0]).resize(size, Image.Resampling.BILINEAR))
    assert columns(frames, n_columns)[0] == pytest.approx(expected, abs=1e-4)


def test_few_frames_are_stretched_linearly():
    line = np.linspace(0, 1, 5)[None, :, None]
    found = columns(line, 20)[0, :, 0]
    expected = np.interp((np.arange(20) + 0.5) / 20 * 5 - 0.5, np.arange(5), line[0, :, 0])
    assert found == pytest.approx(expected, abs=1e-5)


def test_quiet_frames_take_no_room():
    frames = np.concatenate([np.full(10, 1.0), np.full(30, 9.0), np.full(10, 2.0)])
    active = np.where(frames == 9, 1e-6, 1.0)
    found = columns(frames[None, :, None], 20, active[None])[0, :, 0]
    assert found == pytest.approx(np.repeat([1.0, 2.0], 10), abs=0.51)  # one column straddles
    assert found[:9] == pytest.approx(1, abs=1e-3)
    assert found[11:] == pytest.approx(2, abs=1e-3)


def test_cosines_are_scipys():
    levels = np.random.default_rng(3).normal(size=(5, 40))
    expected = dct(levels, norm="ortho")[:, :20]
    assert levels @ cosines(40, 20).T == pytest.approx(expected, abs=1e-5)
