"""Samples handed on whole: against NumPy, and the lower part against the whole network."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from handful.encoders.efficientnet_lite import upper_part, write_network
from handful.encoders.lower_part import SIDE_PX, LowerPart
from handful.encoders.patterns import Scales
from handful.encoders.weights import LITE0, load
from handful.encoders.whole_samples import WholePhotos, WholeRecordings, WholeSounds, WholeTexts
from handful.graphs import Graph
from handful.modalities.base import modalities
from handful.pictures import Picture

SCALES = Scales((1.0, -2.0), (2.0, 0.5), 7)


def test_a_photo_of_that_size_stays_as_it_is():
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    row = WholePhotos(16).transform([Picture(pixels, None, "")])[0]
    wanted = pixels.transpose(2, 0, 1) / 127.5 - 1
    np.testing.assert_allclose(row.reshape(3, 16, 16), wanted, atol=1e-5)


def test_recordings_are_scaled_filled_up_and_say_their_length():
    random = np.random.default_rng(0)
    recordings = [random.normal(size=(2, n)).astype(np.float32) for n in (1, 4, 7)]
    encoder = WholeRecordings(SCALES, 7)
    for recording, row in zip(recordings, encoder.transform(recordings), strict=True):
        values, n = row[:-1].reshape(2, 7), recording.shape[1]
        assert row[-1] == n
        scaled = (recording - [[1.0], [-2.0]]) / [[2.0], [0.5]]
        np.testing.assert_allclose(values[:, :n], scaled, atol=1e-5)
        assert (values[:, n:] == 0).all()


def test_longer_recordings_are_squeezed():
    ramp = np.stack([np.linspace(1, 3, 70), np.full(70, -2.0)]).astype(np.float32)
    row = WholeRecordings(SCALES, 7).transform([ramp])[0]
    assert row[-1] == 7
    rising = row[:7]
    assert (np.diff(rising) > 0).all()
    assert rising.mean() == pytest.approx(0.5, abs=0.01)  # the ramp's mean is 2: (2 - 1) / 2
    assert WholeRecordings(SCALES, 10_000).layout.shape == (2, 256)


def test_texts_are_their_first_bytes():
    encoder = WholeTexts()
    rows = encoder.transform([encoder.tokens("zoë"), encoder.tokens("a" * 999), encoder.tokens("")])
    assert rows[0, :4].tolist() == list("zoë".encode())
    assert rows[:, -1].tolist() == [4, 256, 1]
    assert (rows[1, :-1] == ord("a")).all()


def test_a_tone_is_bright_in_its_band_alone():
    encoder, seconds = WholeSounds(16_000), np.arange(16_000) / 16_000
    low, high = (
        encoder.transform([np.sin(2 * np.pi * hz * seconds).astype(np.float32)])[0].reshape(64, 64)
        for hz in (200, 5000)
    )
    for picture in (low, high):
        assert picture.max() == pytest.approx(1, abs=0.01)
        assert picture.min() >= -1
    assert low.mean(axis=1).argmax() < 10  # low bands first
    assert high.mean(axis=1).argmax() > 40


def test_the_lower_part_and_the_upper_one_are_the_whole_network():
    torch = pytest.importorskip("torch")
    from handful.networks import UpperPart

    pixels = np.random.default_rng(0).integers(0, 256, (SIDE_PX, SIDE_PX, 3)).astype(np.uint8)
    lower = LowerPart(LITE0)
    rows = lower.transform([Picture(pixels, None, "")])
    upper = UpperPart(lower.start, 1280)
    with torch.no_grad():
        upper.tags.weight.copy_(torch.eye(1280))  # the last layer's means, as they are
    upper.eval()
    found = upper(torch.from_numpy(rows.reshape(1, *lower.layout.shape)))[0].detach().numpy()

    graph = Graph("network")
    x = graph.input("x", np.float32, [1, 3, SIDE_PX, SIDE_PX])
    last, *_ = write_network(graph, load(LITE0), x, size_px=SIDE_PX)
    graph.output(last, "last", np.float32, [1, 1280])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    wanted = session.run(None, {"x": pixels.transpose(2, 0, 1)[None].astype(np.float32)})[0][0]
    np.testing.assert_allclose(found, wanted, atol=1e-3 * np.abs(wanted).max())
    assert set(lower.start) == set(upper_part(load(LITE0)))


@pytest.mark.parametrize("modality", modalities(), ids=lambda modality: modality.name)
def test_every_kind_of_sample_can_be_handed_on_whole(modality, tmp_path):
    modality.write_example(tmp_path)
    paths = sorted(path for path in tmp_path.rglob("*") if path.is_file())[:3]
    measures = [modality.measure(path) for path in paths]
    for encoder in (modality.whole(measures), modality.lower_part(measures)):
        if encoder is None:
            continue
        reading = modality.reading((*modality.encoders(measures), encoder))
        samples = [modality.read(path, reading) for path in paths]
        rows = encoder.transform(samples)
        assert (rows.shape, rows.dtype) == ((3, encoder.width), np.float32)
        assert np.isfinite(rows).all()
        assert encoder.layout.width == encoder.width
        names = {name for name, _, _ in modality.inputs(reading)}
        assert {name for name, _, _ in encoder.inputs} <= names
        alone = encoder.transform(samples[1:2])
        np.testing.assert_allclose(alone[0], rows[1], atol=1e-4 * np.abs(rows).max())
