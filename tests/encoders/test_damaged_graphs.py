"""Networks and cards of others with bytes changed: an encoder that works, or an InputError."""

import json

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import numpy_helper

from damage import EDITS, bounded_memory, edited, how_often
from handful.encoders.encoder_cards import PIXELS
from handful.encoders.own_encoder import OwnEncoder
from handful.encoders.own_opening import open_own_network
from handful.errors import InputError
from made_networks import PHOTO_CARD, conv_net, write_card

INPUTS = (("pixels", np.uint8, ["n", "height", "width", 3]),)
PHOTO = np.random.default_rng(0).integers(0, 256, (1, 40, 50, 3), np.uint8)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return write_card(conv_net(tmp_path_factory.mktemp("whole") / "net.onnx"), PHOTO_CARD)


def check(path):
    """Open it, and ask it where it opened."""
    with bounded_memory():
        try:
            network = open_own_network(path, PIXELS)
            encoder = OwnEncoder(network, inputs=INPUTS, as_input=lambda x: {"pixels": x})
            features = encoder.transform([PHOTO])
        except InputError:
            return
    assert features.shape == (1, network.width)
    assert features.dtype == np.float32


@how_often(150)
@given(edits=EDITS)
def test_a_damaged_network(whole, edits, tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "net.onnx"
    path.write_bytes(edited(whole.read_bytes(), edits))
    path.with_suffix(".json").write_bytes(whole.with_suffix(".json").read_bytes())
    check(path)


@how_often(150)
@given(edits=EDITS)
def test_a_damaged_card(whole, edits, tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "net.onnx"
    path.write_bytes(whole.read_bytes())
    card = edited(whole.with_suffix(".json").read_bytes(), edits)
    path.with_suffix(".json").write_bytes(card)
    check(path)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=9)
    | st.sampled_from(["../x", "NHWC", "grey", "0 to 1", "mean", 10**6]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)  # fmt: skip
NAMES = sorted({*PHOTO_CARD, "mean", "std", "rate_hz", "seconds", "resize", "pool", "data"})


@how_often(200)
@given(changes=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3))
def test_any_card(whole, changes, tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "net.onnx"
    path.write_bytes(whole.read_bytes())
    path.with_suffix(".json").write_text(json.dumps({**PHOTO_CARD, **changes}))
    check(path)


@how_often(100)
@given(
    key=st.sampled_from(["location", "offset", "length", "checksum"]),
    value=st.text(max_size=9)
    | st.sampled_from(
        ["../net.onnx", "/etc/passwd", "-1", str(2**80), "net.onnx", ".", "a\0b", "a" * 5000]
    ),
)
def test_any_place_of_further_weights(whole, key, value, tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "net.onnx"
    model = onnx.load(whole)
    weights = model.graph.initializer[0]
    data = numpy_helper.to_array(weights).tobytes()
    (path.parent / "net.data").write_bytes(data)
    weights.ClearField("raw_data")
    weights.data_location = weights.EXTERNAL
    entries = {"location": "net.data", "offset": "0", "length": str(len(data)), key: value}
    for name, content in entries.items():
        weights.external_data.add(key=name, value=content)
    path.write_bytes(model.SerializeToString())
    write_card(path, PHOTO_CARD)
    check(path)
