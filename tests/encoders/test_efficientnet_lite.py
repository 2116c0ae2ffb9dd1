"""The network as a graph, against the reference package and against torch with padding by hand."""

from functools import cache

import numpy as np
import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image

from handful.encoders import weights
from handful.encoders.efficientnet_lite import LAST_WIDTH, feature_width, write_network
from handful.encoders.runtimes import open_session
from handful.encoders.weights import LITE0, LITE2
from handful.graphs import Graph
from made_photos import packaged

CARDS = {"Lite0": LITE0, "Lite2": LITE2}
REFERENCE = {"Lite0": "efficientnet-lite0", "Lite2": "efficientnet-lite2"}
# Tan and Le 2019, table 1, and Google's release of 2020: blocks a stage, first stride of each
DEPTHS = {"Lite0": (1, 2, 2, 3, 3, 4, 1), "Lite2": (1, 3, 3, 4, 4, 5, 1)}
FIRST_POOLED = 2
STRIDES = (1, 2, 2, 2, 1, 2, 1)
# What may be seen in each photo, by number in the order of ILSVRC 2012
SHOWN = {
    "china": {442, 663, 698},  # bell cote, monastery, palace
    "cat": {281, 282, 285},  # tabby, tiger cat, Egyptian cat
    "coffee": {967},  # espresso
    "rocket": {657, 744},  # missile, projectile
    "motorcycle": {665, 670},  # moped, motor scooter
}
DAISY = 985
# Beaker, bottles (beer, pill, pop, water, wine), cup, goblet, measuring cup, lotion, perfume, jug,
# glasses, vase and the like
GLASSWARE = {438, 440, 441, 572, 631, 647, 653, 711, 720, 725, 737, 849, 883, 898, 899, 901, 907,
             968}  # fmt: skip


@cache
def tensors(name):
    return weights.load(CARDS[name])


FIRST_POOLED = 2  # of seven stages, counted from 0


def resized(images, size_px):
    """Float32 (n, 3, size_px, size_px), 0 to 255."""
    small = [np.asarray(image.resize((size_px, size_px), Image.Resampling.BILINEAR))
             for image in images]  # fmt: skip
    return np.ascontiguousarray(np.stack(small).astype(np.float32).transpose(0, 3, 1, 2))


def two_photos(size_px):
    return resized([packaged("china"), packaged("flower")], size_px)


def run_graph(name, pixels):
    """Pooled last layer and pooled stages by our graph."""
    height, width = pixels.shape[2:]
    size_px = None if height % 32 == width % 32 == 0 else width
    graph = Graph("network")
    graph.input("pixels", np.float32, ["n", 3, height, width])
    last, *stages = write_network(graph, tensors(name), "pixels", size_px=size_px)
    graph.output(last, "last", np.float32, ["n", "width"])
    graph.output(graph.add("Concat", stages, axis=1), "stages", np.float32, ["n", "width"])
    session = open_session(graph.model().SerializeToString(), threads=1)
    return session.run(["last", "stages"], {"pixels": pixels})


def logits_of(name, last):
    return last @ tensors(name)["_fc.weight"].T + tensors(name)["_fc.bias"]


@cache
def reference(name, size_px):
    net = EfficientNet.from_name(REFERENCE[name], image_size=size_px)
    folder = __import__(CARDS[name].package).__path__[0]
    net.load_state_dict(torch.load(f"{folder}/{CARDS[name].path}", weights_only=True))
    return net.eval()


def run_reference(name, pixels):
    """Logits, and means and standard deviations of the later stages' ends, caught by hooks."""
    net, seen = reference(name, pixels.shape[-1]), []
    hooks = [
        net._blocks[end - 1].register_forward_hook(lambda _block, _inputs, out: seen.append(out))
        for end in np.cumsum(DEPTHS[name])[FIRST_POOLED:]
    ]
    with torch.no_grad():
        logits = net((torch.from_numpy(pixels) - 127) / 128)
    for hook in hooks:
        hook.remove()
    pooled = [part for x in seen for part in (x.mean((2, 3)), x.std((2, 3), unbiased=False))]
    return logits.numpy(), torch.cat(pooled, dim=1).numpy()


def same_conv(x, weight, stride=1, groups=1):
    """TensorFlow's SAME convolution: what does not divide evenly is padded below and right."""
    kernel, pads = weight.shape[-1], []
    for side in (x.shape[3], x.shape[2]):
        total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        pads += [total // 2, total - total // 2]
    x = torch.nn.functional.pad(x, pads)
    return torch.nn.functional.conv2d(x, weight, stride=stride, groups=groups)


def run_by_hand(name, pixels):
    """Pooled last layer by plain functions: convolve, normalise, clip at 6, add the shortcut."""
    state = {key: torch.from_numpy(array) for key, array in tensors(name).items()}

    def normal(x, key):
        parts = ("running_mean", "running_var", "weight", "bias")
        return torch.nn.functional.batch_norm(x, *(state[f"{key}.{p}"] for p in parts), eps=1e-3)

    x = (torch.from_numpy(pixels) - 127) / 128
    x = normal(same_conv(x, state["_conv_stem.weight"], 2), "_bn0").clamp(0, 6)
    starts = np.cumsum((0, *DEPTHS[name]))
    for number in range(starts[-1]):
        key, start = f"_blocks.{number}", x
        stride = STRIDES[list(starts).index(number)] if number in starts else 1
        if f"{key}._expand_conv.weight" in state:
            x = normal(same_conv(x, state[f"{key}._expand_conv.weight"]), f"{key}._bn0").clamp(0, 6)
        x = same_conv(x, state[f"{key}._depthwise_conv.weight"], stride, groups=x.shape[1])
        x = normal(x, f"{key}._bn1").clamp(0, 6)
        x = normal(same_conv(x, state[f"{key}._project_conv.weight"]), f"{key}._bn2")
        x = x + start if stride == 1 and x.shape == start.shape else x
    x = normal(same_conv(x, state["_conv_head.weight"]), "_bn1").clamp(0, 6)
    return x.mean((2, 3)).numpy()


@pytest.mark.parametrize("name", CARDS)
def test_every_output_equals_the_reference(name):
    pixels = two_photos(CARDS[name].trained_px)
    last, stages = run_graph(name, pixels)
    expected_logits, expected_stages = run_reference(name, pixels)
    assert np.abs(logits_of(name, last) - expected_logits).max() < 1e-4
    assert np.abs(stages - expected_stages).max() < 1e-4
    assert last.shape[1] == LAST_WIDTH
    assert LAST_WIDTH + stages.shape[1] == feature_width(CARDS[name].name)


@pytest.mark.parametrize(("name", "size_px"), [("Lite0", 65), ("Lite2", 98)])
def test_other_sizes_equal_torch_with_padding_by_hand(name, size_px):
    pixels = two_photos(size_px)
    last, _ = run_graph(name, pixels)
    assert np.abs(logits_of(name, last) - logits_of(name, run_by_hand(name, pixels))).max() < 1e-4


@pytest.mark.parametrize(("name", "shape"), [("Lite0", (128, 128)), ("Lite2", (96, 192))])
def test_any_shape_in_steps_of_32_equals_torch_with_padding_by_hand(name, shape):
    height, width = shape
    pixels = np.stack([np.asarray(packaged(photo).resize((width, height)), np.float32)
                       for photo in ("china", "coffee")]).transpose(0, 3, 1, 2)  # fmt: skip
    pixels = np.ascontiguousarray(pixels)
    last, _ = run_graph(name, pixels)
    assert np.abs(logits_of(name, last) - logits_of(name, run_by_hand(name, pixels))).max() < 1e-4


def middle(image):
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


@pytest.mark.parametrize("name", CARDS)
def test_photos_are_what_they_show(name):
    images = [middle(packaged(photo)) for photo in SHOWN]
    last, _ = run_graph(name, resized(images, CARDS[name].trained_px))
    first_two = np.argsort(-logits_of(name, last), axis=1)[:, :2].tolist()
    strange = {p: seen for (p, shown), seen in zip(SHOWN.items(), first_two, strict=True)
               if not shown & set(seen)}  # fmt: skip
    assert strange == {}


def test_the_flower_is_a_daisy():
    last, _ = run_graph("Lite0", resized([packaged("flower")], 224))
    assert logits_of("Lite0", last).argmax() == DAISY


def test_bottles_and_glasses_are_seen_in_photos_of_glass(trash):
    paths = sorted((trash / "glass").glob("*.jpg"))[::2]
    last, _ = run_graph("Lite0", resized([Image.open(path) for path in paths], 224))
    assert np.isin(logits_of("Lite0", last).argmax(axis=1), list(GLASSWARE)).mean() > 0.5
