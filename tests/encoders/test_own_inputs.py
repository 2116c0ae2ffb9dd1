"""What a network of the user's own is handed: photos as Pillow makes them, sounds as they were."""

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from handful.encoders.encoder_cards import PixelInput
from handful.encoders.own_inputs import write_pixels, write_resampled
from handful.graphs import Graph


def handed(pixels, wanted):
    graph = Graph("photo")
    taken = graph.input("pixels", np.uint8, ["n", "height", "width", 3])
    graph.output(write_pixels(graph, taken, wanted), "out", np.float32, ["a", "b", "c", "d"])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    return session.run(None, {"pixels": pixels[None]})[0][0]


@pytest.fixture(scope="module")
def photo():
    smooth = np.random.default_rng(0).integers(0, 256, (12, 9, 3), dtype=np.uint8)
    return Image.fromarray(smooth).resize((90, 120), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("size", [(40, 64), (200, 150)])
@pytest.mark.parametrize("colours", ["RGB", "BGR", "grey"])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_photos_are_resized_as_by_pillow(photo, size, colours, layout):
    height, width = size
    resized = photo.resize((width, height), Image.Resampling.BILINEAR)
    wanted = np.asarray(resized, np.float64)
    if colours == "BGR":
        wanted = wanted[:, :, ::-1]
    if colours == "grey":
        wanted = np.asarray(resized.convert("L"), np.float64)[:, :, None]
    n = wanted.shape[2]
    mean, scale = (10.0, 20.0, 30.0)[:n], (2.0, 4.0, 8.0)[:n]
    wanted = (wanted - mean) / scale
    found = handed(np.asarray(photo), PixelInput(layout, height, width, colours, mean, scale))
    if layout == "NCHW":
        found = found.transpose(1, 2, 0)
    assert found.shape == wanted.shape
    assert np.abs((found - wanted) * scale).max() < 1.6  # Pillow rounds to whole values, twice
    assert np.abs((found - wanted) * scale).mean() < 0.5


def resampled(samples, from_hz, to_hz):
    graph = Graph("sound")
    taken = graph.input("waveform", np.float32, ["n", "samples"])
    found = write_resampled(graph, taken, from_hz=from_hz, to_hz=to_hz)
    graph.output(found, "out", np.float32, ["n", "m"])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    return session.run(None, {"waveform": samples.astype(np.float32)})[0]


RATES = [(32_000, 16_000), (16_000, 32_000), (32_000, 22_050), (8000, 44_100), (32_000, 48_000)]


@pytest.mark.parametrize(("from_hz", "to_hz"), RATES)
def test_a_tone_stays_the_tone(from_hz, to_hz):
    """Oracle: the tone itself at the other rate, up to 85 % of what both rates can carry."""
    n = from_hz // 2 + 7
    for share in (0.02, 0.3, 0.85):
        tone_hz = share * min(from_hz, to_hz) / 2
        found = resampled(
            np.sin(2 * np.pi * tone_hz * np.arange(n) / from_hz)[None], from_hz, to_hz
        )
        assert found.shape == (1, -(-n * to_hz // from_hz))
        wanted = np.sin(2 * np.pi * tone_hz * np.arange(found.shape[1]) / to_hz)
        inner = slice(found.shape[1] // 10, -found.shape[1] // 10)
        assert np.abs(found[0] - wanted)[inner].max() < 1e-3


@pytest.mark.parametrize(("from_hz", "to_hz"), [(32_000, 16_000), (32_000, 22_050)])
def test_what_the_new_rate_cannot_carry_is_taken_out(from_hz, to_hz):
    tone_hz = 1.08 * to_hz / 2
    found = resampled(
        np.sin(2 * np.pi * tone_hz * np.arange(from_hz) / from_hz)[None], from_hz, to_hz
    )
    inner = slice(found.shape[1] // 10, -found.shape[1] // 10)
    assert np.abs(found[0][inner]).max() < 1e-3


def test_a_constant_stays_exactly_constant_and_sounds_do_not_mix():
    both = np.stack([np.ones(4000), np.zeros(4000)])
    found = resampled(both, 32_000, 22_050)
    assert np.abs(found[0, 200:-200] - 1).max() < 1e-5
    assert not found[1].any()
