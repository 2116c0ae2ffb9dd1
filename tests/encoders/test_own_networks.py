"""Networks that users bring: what goes in is what comes out, however they take their samples."""

import json
import re

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper

from handful.encoders.encoder_cards import PIXELS, WAVEFORM
from handful.encoders.own_encoder import OwnEncoder
from handful.encoders.own_opening import open_own_network
from handful.errors import InputError
from handful.graphs import Graph
from handful.modalities.images import MODALITY as IMAGES
from handful.modalities.sounds import MODALITY as SOUNDS
from handful.pictures import Picture
from made_networks import (
    PHOTO_CARD,
    WAVE_CARD,
    conv_answers,
    conv_net,
    node,
    save,
    write_card,
)

READING = {"at_least_px": 32}


def photo(seed=0, height=32, width=32):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Picture(pixels, None, "")


def encoder_of(network):
    return OwnEncoder(network, inputs=IMAGES.inputs(READING), as_input=IMAGES.as_input)


def as_rows(photos):
    """Photos of the network's own size as the card says: values from -1 to 1, colours first."""
    return np.stack([(p.pixels.astype(np.float32) - 127.5) / 127.5 for p in photos]).transpose(
        0, 3, 1, 2
    )


def in_one_graph(encoder, photos):
    """The encoder's nodes for a batch, as a model file has them."""
    graph = Graph("whole")
    declared = IMAGES.inputs(READING)
    inputs = {one[0]: graph.input(*one) for one in declared}
    graph.output(encoder.write(graph, inputs), "features", np.float32, ["n", encoder.width])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    return session.run(None, {"pixels": np.stack([p.pixels for p in photos])})[0]


@pytest.mark.parametrize("batch", ["n", 1, 4])
@pytest.mark.parametrize("opset", [9, 13, 18, 20, 23])
def test_it_gives_what_the_network_gives(batch, opset, tmp_path):
    path = write_card(conv_net(tmp_path / "net.onnx", batch=batch, opset=opset), PHOTO_CARD)
    encoder = encoder_of(open_own_network(path, PIXELS))
    photos = [photo(seed) for seed in range(3)]
    wanted = conv_answers(as_rows(photos))
    assert np.abs(encoder.transform(photos) - wanted).max() < 1e-4
    assert np.abs(in_one_graph(encoder, photos) - wanted).max() < 1e-4
    assert encoder.exact() is encoder


@pytest.mark.parametrize("batch", [1, 3])
def test_a_batch_size_that_is_built_in(batch, tmp_path, capfd):
    """The shape inside holds for `batch` samples alone: they go one by one, and nobody sees it."""
    nodes = [
        node("ReduceMean", "x", "means", axes=[2, 3], keepdims=0),
        node("Reshape", "means shape", "row"),
        node("Reshape", "row back", "features"),
    ]
    weights = {"shape": np.array([1, 3 * batch]), "back": np.array([batch, 3])}
    path = save(
        tmp_path / "net.onnx", nodes, takes=[batch, 3, 32, 32], gives=[batch, 3], weights=weights,
        opset=13,
    )  # fmt: skip
    network = open_own_network(write_card(path, PHOTO_CARD), PIXELS)
    assert network.batch == batch
    assert capfd.readouterr() == ("", "")
    photos = [photo(seed) for seed in range(4)]
    wanted = as_rows(photos).mean(axis=(2, 3))
    assert np.abs(in_one_graph(encoder_of(network), photos) - wanted).max() < 1e-5
    assert np.abs(encoder_of(network).transform(photos) - wanted).max() < 1e-5


def test_a_network_that_mixes_its_samples_is_fed_one_by_one(tmp_path):
    """It subtracts the batch's mean: alone it gives 0 and something only where it is let be."""
    nodes = [
        node("ReduceMean", "x", "batch", axes=[0], keepdims=1),
        node("Sub", "x half", "away"),
        node("Add", "away batch", "both"),
        node("ReduceMean", "both", "features", axes=[2, 3], keepdims=0),
    ]
    weights = {"half": np.float32(0.5)}
    path = save(
        tmp_path / "net.onnx", nodes, takes=["n", 3, 32, 32], gives=["n", 3], weights=weights,
        opset=13,
    )  # fmt: skip
    network = open_own_network(write_card(path, PHOTO_CARD), PIXELS)
    photos = [photo(seed) for seed in range(3)]
    wanted = 2 * as_rows(photos).mean(axis=(2, 3)) - 0.5
    assert network.batch == 1
    assert np.abs(in_one_graph(encoder_of(network), photos) - wanted).max() < 1e-5


def test_float16_in_and_out(tmp_path):
    path = conv_net(tmp_path / "net.onnx", element=TensorProto.FLOAT16)
    network = open_own_network(write_card(path, PHOTO_CARD), PIXELS)
    found = encoder_of(network).transform([photo()])
    assert found.dtype == np.float32
    assert np.abs(found - conv_answers(as_rows([photo()]))).max() < 0.01


def test_whole_pixels_in(tmp_path):
    nodes = [
        node("Cast", "x", "values", to=TensorProto.FLOAT),
        node("ReduceMean", "values", "features", axes=[1, 2], keepdims=0),
    ]
    path = save(
        tmp_path / "net.onnx", nodes, takes=[1, 32, 32, 3], gives=[1, 3], opset=13,
        element=TensorProto.UINT8, gives_element=TensorProto.FLOAT,
    )  # fmt: skip
    write_card(path, PHOTO_CARD, layout="NHWC", values="0 to 255")
    found = encoder_of(open_own_network(path, PIXELS)).transform([photo()])
    assert np.abs(found - photo().pixels.mean(axis=(0, 1))).max() < 1e-3


@pytest.mark.parametrize(("layout", "takes"), [("NCHW", [1, 3, 32, 32]), ("NHWC", [1, 32, 32, 3])])
def test_an_output_of_places_is_averaged_and_said_to_be(layout, takes, tmp_path):
    path = save(
        tmp_path / "net.onnx", [node("Identity", "x", "features")], takes=takes,
        gives=takes,
    )  # fmt: skip
    network = open_own_network(write_card(path, PHOTO_CARD, layout=layout), PIXELS)
    assert network.width == 3
    assert "averaged over its 32 x 32 places" in network.remark
    wanted = as_rows([photo()]).mean(axis=(2, 3))
    assert np.abs(encoder_of(network).transform([photo()]) - wanted).max() < 1e-5


def test_an_output_of_pieces_is_averaged_and_said_to_be(tmp_path):
    """As a vision transformer's tokens: (n, 64, 48)."""
    path = save(
        tmp_path / "net.onnx", [node("Reshape", "x shape", "features")], takes=["n", 3, 32, 32],
        gives=["n", 64, 48], weights={"shape": np.array([-1, 64, 48])},
    )  # fmt: skip
    network = open_own_network(write_card(path, PHOTO_CARD), PIXELS)
    assert network.width == 48
    assert "averaged over its 64 pieces" in network.remark


class Small(torch.nn.Module):
    """A small network with the layers that photos' networks have."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Conv2d(3, 8, 3, 2, 1)
        self.norm = torch.nn.BatchNorm2d(8)
        self.last = torch.nn.Linear(8, 12)

    def forward(self, x):
        x = torch.nn.functional.gelu(self.norm(self.first(x)))
        x = torch.nn.functional.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.last(x)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("dynamic", [False, True])
def test_a_network_out_of_pytorch(dynamic, tmp_path):
    torch.manual_seed(0)
    net = Small().eval()
    path = write_card(tmp_path / "small.onnx", PHOTO_CARD, values="imagenet", size_px=48)
    torch.onnx.export(
        net, (torch.zeros(1, 3, 48, 48),), path, dynamo=False, input_names=["x"],
        output_names=["features"], dynamic_axes={"x": {0: "n"}} if dynamic else None,
    )  # fmt: skip
    encoder = encoder_of(open_own_network(path, PIXELS))
    photos = [photo(seed, 48, 48) for seed in range(3)]
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    x = torch.stack([torch.from_numpy(p.pixels) / 255 for p in photos])
    with torch.no_grad():
        wanted = net(((x - mean) / std).permute(0, 3, 1, 2)).numpy()
    assert np.abs(encoder.transform(photos) - wanted).max() < 1e-4
    assert np.abs(in_one_graph(encoder, photos) - wanted).max() < 1e-4


def heard(path, card, seconds, rate_hz=16_000, **changes):
    network = open_own_network(write_card(path, card, **changes), WAVEFORM)
    reading = {"rate_hz": rate_hz}
    encoder = OwnEncoder(
        network, inputs=SOUNDS.inputs(reading), as_input=SOUNDS.as_input, rate_hz=rate_hz
    )
    samples = np.random.default_rng(1).normal(0, 0.1, round(seconds * rate_hz)).astype(np.float32)
    return encoder.transform([samples])[0], samples


SHAPES = {
    "plain": (["n", 8000], 2),
    "channel": (["n", 1, 8000], 3),
    "last": ([1, 8000, 1], 3),
    "one": ([8000], 1),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seconds", [0.2, 0.5, 1.0, 1.7])
def test_a_sound_is_cut_into_the_pieces_that_a_network_takes(shape, seconds, tmp_path):
    """It gives the mean and the mean square of a piece; oracle: NumPy on the pieces."""
    takes, rank = SHAPES[shape]
    axes = list(range(rank - 1, rank)) if rank < 3 else [1, 2]
    nodes = [
        node("Mul", "x x", "power"),
        node("ReduceMean", "x", "m", axes=axes, keepdims=1),
        node("ReduceMean", "power", "p", axes=axes, keepdims=1),
        node("Concat", "m p", "both", axis=rank - 1),
        node("Reshape", "both shape", "features"),
    ]
    first = [-1] if rank > 1 else []
    path = save(
        tmp_path / "net.onnx", nodes, takes=takes, gives=[*takes[: min(rank, 2) - 1], 2],
        weights={"shape": np.array([*first, 2])}, opset=13,
    )  # fmt: skip
    found, samples = heard(path, WAVE_CARD, seconds)
    n = max(1, -(-len(samples) // 8000))
    padded = np.pad(samples, (0, max(0, 8000 - len(samples))))
    starts = [(len(padded) - 8000) * i // max(1, n - 1) for i in range(n)]
    pieces = np.stack([padded[start : start + 8000] for start in starts])
    assert starts[-1] + 8000 == len(padded)
    wanted = [pieces.mean(), (pieces**2).mean()]
    assert found == pytest.approx(wanted, abs=1e-6)


def test_a_network_that_takes_any_length_hears_whole_sounds(tmp_path):
    path = save(
        tmp_path / "net.onnx", [node("ReduceSum", "x axis", "features", keepdims=1)],
        takes=["n", "samples"], gives=["n", 1], weights={"axis": np.array([1])},
    )  # fmt: skip
    for seconds in (0.3, 2.4):
        found, samples = heard(path, WAVE_CARD, seconds)
        assert found == pytest.approx([samples.sum()], abs=1e-2)


def test_unit_variance(tmp_path):
    path = save(
        tmp_path / "net.onnx",
        [node("Mul", "x x", "p"), node("ReduceMean", "p", "features", axes=[1], keepdims=1)],
        takes=["n", 16_000], gives=["n", 1], opset=13,
    )  # fmt: skip
    found, _ = heard(path, WAVE_CARD, 1.0, values="unit variance")
    assert found == pytest.approx([1.0], abs=1e-3)


def refused(path, takes=PIXELS):
    with pytest.raises(InputError) as caught:
        open_own_network(path, takes)
    return str(caught.value)


def test_without_a_card_the_message_holds_the_card_to_write(tmp_path):
    path = conv_net(tmp_path / "net.onnx", batch=1)
    message = refused(path)
    assert str(tmp_path / "net.json") in message
    assert '\n  "size_px": [32, 32],\n' in message
    shown = json.loads(message[message.index("{") :])
    assert shown["layout"] == "NCHW"
    assert shown["size_px"] == [32, 32]
    assert shown["output"] == "features"
    filled = {**shown, "colours": "RGB", "values": "0 to 1", "licence": "MIT", "origin": "me"}
    assert all("FILL IN" not in str(value) for value in filled.values())
    path.with_suffix(".json").write_text(json.dumps(shown))
    again = refused(path)  # written down as it was shown
    assert 'lacks "colours", "values", "licence", "origin"' in again
    path.with_suffix(".json").write_text(json.dumps(filled))
    assert open_own_network(path, PIXELS).card.licence == "MIT"


def test_what_was_said_stays_in_the_card_to_write(tmp_path):
    path = write_card(conv_net(tmp_path / "net.onnx"), PHOTO_CARD, licence=None)
    message = refused(path)
    shown = json.loads(message[message.index("{") :])
    assert {**shown, "licence": "CC0-1.0"} == PHOTO_CARD


def test_the_card_to_write_for_sounds(tmp_path):
    path = save(
        tmp_path / "net.onnx", [node("Identity", "x", "features")], takes=[1, 800], gives=[1, 800]
    )
    shown = refused(path, WAVEFORM)
    assert "window_s" not in shown  # the graph says it
    assert '"rate_hz": "FILL IN' in shown


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"layout": "CHWN"}, '"layout" is "CHWN": give NCHW or NHWC'),
        ({"size_px": [32]}, '"size_px"'),
        ({"size_px": 4000}, '"size_px" is 4000'),
        ({"colours": "CMYK"}, "RGB or BGR or grey"),
        ({"values": "0 to 2"}, '"values" is "0 to 2"'),
        ({"values": {"mean": [1, 2], "scale": 1}}, '"values"'),
        ({"values": {"mean": 0, "scale": 0}}, '"values"'),
        ({"licence": 3}, '"licence" is 3'),
        ({"origin": "a\nb"}, '"origin"'),
        ({"colors": "RGB"}, "'colors' is not known"),
        ({"input": "waveform"}, "handed over as pixels"),
        ({"size_px": [64, 64]}, r"by its card one sample is \(3, 64, 64\)"),
        ({"layout": "NHWC"}, r"by its card one sample is \(32, 32, 3\)"),
        ({"colours": "grey"}, r"by its card one sample is \(1, 32, 32\)"),
        ({"output": "logits"}, 'no output "logits".*"features", float'),
    ],
)
def test_a_card_that_is_wrong(changes, says, tmp_path):
    path = write_card(conv_net(tmp_path / "net.onnx"), PHOTO_CARD, **changes)
    assert re.search(says, refused(path))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rate_hz": 16_001}, '"rate_hz" is 16001'),
        ({"rate_hz": "16k"}, '"rate_hz" is "16k"'),
        ({"window_s": 90}, '"window_s" is 90'),
        ({"window_s": 0.1}, r"by its card one sample is \(1600\)"),
        ({"values": "imagenet"}, '"values"'),
    ],
)
def test_a_card_of_a_listener_that_is_wrong(changes, says, tmp_path):
    path = save(
        tmp_path / "net.onnx", [node("Identity", "x", "features")], takes=[1, 800], gives=[1, 800]
    )
    assert re.search(says, refused(write_card(path, WAVE_CARD, **changes), WAVEFORM))


@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff\xfe", b'{"name": NaN}', b"[" * 10_000])
def test_a_card_that_is_no_card(content, tmp_path):
    path = conv_net(tmp_path / "net.onnx")
    path.with_suffix(".json").write_bytes(content)
    assert str(path.with_suffix(".json")) in refused(path)


def test_something_else_each_time(tmp_path):
    nodes = [
        node("RandomNormalLike", "x", "noise"),
        node("Add", "x noise", "sum"),
        node("GlobalAveragePool", "sum", "pooled"),
        node("Flatten", "pooled", "features"),
    ]
    path = save(tmp_path / "net.onnx", nodes, takes=["n", 3, 32, 32], gives=["n", 3])
    assert "something else for the same sample each time" in refused(write_card(path, PHOTO_CARD))


def test_values_that_are_no_numbers(tmp_path):
    nodes = [node("Log", "x", "logs"), node("Flatten", "logs", "features")]
    path = save(tmp_path / "net.onnx", nodes, takes=["n", 3, 32, 32], gives=["n", 3072])
    assert "NaN or infinity" in refused(write_card(path, PHOTO_CARD))


def test_too_many_features(tmp_path):
    path = save(
        tmp_path / "net.onnx", [node("Flatten", "x", "features")], takes=["n", 3, 96, 96],
        gives=["n", 27_648],
    )  # fmt: skip
    assert "27,648 values a sample" in refused(write_card(path, PHOTO_CARD, size_px=96))


def test_whole_numbers_out(tmp_path):
    path = save(
        tmp_path / "net.onnx", [node("Cast", "x", "features", to=TensorProto.INT64)],
        takes=["n", 3, 32, 32], gives=["n", 3, 32, 32], gives_element=TensorProto.INT64,
    )  # fmt: skip
    assert "int64 (any, 3, 32, 32) is not of float32" in refused(write_card(path, PHOTO_CARD))


def test_several_inputs(tmp_path):
    import onnx

    path = conv_net(tmp_path / "net.onnx")
    model = onnx.load(path)
    model.graph.input.append(helper.make_tensor_value_info("ids", TensorProto.INT64, ["n", 7]))
    onnx.save(model, path)
    assert "must have one input, and has 2" in refused(path)


def test_memory_without_bound(tmp_path):
    """A file of a few bytes that asks for 4 TB."""
    nodes = [
        node("ConstantOfShape", "huge", "zeros"),
        node("ReduceMean", "zeros", "zero", keepdims=0),
        node("Add", "x zero", "sum"),
        node("Flatten", "sum", "features"),
    ]
    path = save(
        tmp_path / "net.onnx", nodes, takes=["n", 3, 32, 32], gives=["n", 3072],
        weights={"huge": np.array([2**20, 2**20])}, opset=13,
    )  # fmt: skip
    assert "numbers at once for one sample" in refused(write_card(path, PHOTO_CARD))


def test_another_file_card_or_rate_is_another_key(tmp_path):
    def key(rate_hz=0, seed=0, **changes):
        path = write_card(conv_net(tmp_path / "net.onnx", seed=seed), PHOTO_CARD, **changes)
        network = open_own_network(path, PIXELS)
        return OwnEncoder(network, inputs=(), as_input=dict, rate_hz=rate_hz).key

    keys = [key(), key(seed=1), key(values="0 to 1"), key(colours="BGR"), key(8000), key(16_000)]
    assert len(set(keys)) == len(keys)
    assert key() == key(licence="MIT") == keys[0]
