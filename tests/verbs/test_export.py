"""export, from outside: one file, checked, whole or not at all."""

import hashlib
import json
import random
import re
import signal
import time
import zipfile

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from doors import handful, started, tree
from handful.bundle import write_bundle

PREDICTIONS = ("model.onnx", "report.html", "report.json", "predictions.csv")


def test_the_model_as_one_file(model, tmp_path):
    file = tmp_path / "deep" / "shapes.onnx"
    found = handful("export", model, "--to", file, "--json").json()
    assert found == {
        "file": str(file), "bytes": file.stat().st_size,
        "model_bytes": (model / "model.onnx").stat().st_size,
        "checked_on": 12, "made_samples": True, "same_answers": 12, "same_known": 12,
        "largest_difference": 0.0, "metric": None, "before": None, "after": None,
    }  # fmt: skip
    names = [one.name for one in onnxruntime.InferenceSession(file).get_outputs()]
    assert names == ["probabilities", "familiarity", "known", "answer"]
    assert list(file.parent.iterdir()) == [file]


def test_it_says_in_words_what_it_did(model, shapes, tmp_path):
    run = handful("export", model, "--to", tmp_path / "m.fp16.onnx", "--samples", shapes)
    assert run.code == 0, run.err
    assert "Tried on 36 samples: 36 answered as by the model" in run.out
    assert "Right on them: " in run.out
    again = handful("export", model, "--to", tmp_path / "m.fp16.onnx")
    assert again.code == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("m.txt", "names no format that is known"), ("m.tflite", "litert-torch"),
        ("m.int8.onnx", "--samples FOLDER"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused(model, tmp_path, name, words):
    assert words in handful("export", model, "--to", tmp_path / name).message
    assert not list(tmp_path.iterdir())


def test_nothing_else_is_overwritten(model, tmp_path):
    for name in ("m.onnx", "m.zip", "m.pt"):
        (tmp_path / name).write_text("a letter")
        message = handful("export", model, "--to", tmp_path / name).message
        assert "Choose another file with --to" in message
        assert (tmp_path / name).read_text() == "a letter"


def test_the_models_own_folder_stays_as_it_is(model):
    before = tree(model)
    assert "own folder" in handful("export", model, "--to", model / "model.onnx").message
    assert "own folder" in handful("export", model, "--to", model / "page.zip").message
    assert tree(model) == before


def test_without_a_network_the_page_says_what_it_needs(model, tmp_path):
    nowhere = {"https_proxy": "http://127.0.0.1:9", "HANDFUL_CACHE": str(tmp_path / "empty")}
    message = handful("export", model, "--to", tmp_path / "m.zip", env=nowhere).message
    assert "onnxruntime-web" in message
    assert "cannot be reached" in message
    assert not (tmp_path / "m.zip").exists()


def test_a_remembered_runtime_that_is_damaged_is_not_used(model, tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "onnxruntime-web-1.30.0.tgz").write_bytes(b"something else")
    nowhere = {"https_proxy": "http://127.0.0.1:9", "HANDFUL_CACHE": str(cache)}
    assert (
        "cannot be reached"
        in handful("export", model, "--to", tmp_path / "m.zip", env=nowhere).message
    )


@pytest.fixture
def touchy(model, tmp_path):
    """The model made so touchy that rounding its constants turns its answers round."""
    loaded = onnx.load(model / "model.onnx")
    by_output = {node.output[0]: node for node in loaded.graph.node}
    shares = by_output[by_output["probabilities"].input[0]]
    tenths = np.full(2048, 0.1, np.float32)  # of 16 bits they sum to 0.05 less
    for name, value in (("tenths", tenths), ("sum", tenths.sum()), ("near", np.float32(0.01))):
        loaded.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    added = [
        helper.make_node("ReduceSum", ["tenths"], ["total"], keepdims=0),
        helper.make_node("Sub", ["total", "sum"], ["off"]),
        helper.make_node("Abs", ["off"], ["size"]),
        helper.make_node("Less", ["size", "near"], ["kept"]),
        helper.make_node("Neg", [shares.input[0]], ["turned"]),
        helper.make_node("Where", ["kept", shares.input[0], "turned"], ["fragile"]),
    ]
    shares.input[0] = "fragile"
    at = list(loaded.graph.node).index(shares)
    for node in reversed(added):
        loaded.graph.node.insert(at, node)
    files = {name: (model / name).read_bytes() for name in PREDICTIONS}
    files["model.onnx"] = loaded.SerializeToString()
    card = json.loads((model / "card.json").read_text(encoding="utf-8"))
    inside = {key: value for key, value in card.items() if key not in ("format", "model_sha256")}
    write_bundle(tmp_path / "touchy", files, inside)
    return tmp_path / "touchy"


def test_a_file_that_answers_otherwise_is_not_written(touchy, more_shapes, tmp_path):
    file = tmp_path / "m.fp16.onnx"
    assert handful("export", touchy, "--to", tmp_path / "m.onnx").code == 0
    run = handful("export", touchy, "--to", file, "--samples", more_shapes)
    assert run.code == 1
    assert "the exported file answers otherwise than the model" in run.err
    assert "largest difference is" in run.err
    assert "Traceback" not in run.err
    assert not file.exists()


def content(file):
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else "nothing"


@pytest.mark.parametrize("times", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_killed_at_any_moment_the_file_is_the_old_one_or_the_new_one(model, tmp_path, times):
    file = tmp_path / "m.fp16.onnx"
    began = time.monotonic()
    assert handful("export", model, "--to", file).code == 0
    whole_s, whole, kept = time.monotonic() - began, content(file), file.read_bytes()
    chance = random.Random(0)
    for _ in range(times):
        for old in ("nothing", whole):
            file.unlink(missing_ok=True)
            if old == whole:
                file.write_bytes(kept)
            with started("export", model, "--to", file) as process:
                time.sleep(chance.uniform(0.5, 1.0) * whole_s)
                process.send_signal(signal.SIGKILL)
                process.communicate()
            assert content(file) in (old, whole)
    assert handful("export", model, "--to", file).code == 0
    assert content(file) == whole
    assert [path.name for path in tmp_path.iterdir()] == ["m.fp16.onnx"]


def test_the_page_is_packed_with_plain_names(model, tmp_path):
    """Nothing that unpacking could put elsewhere."""
    file = tmp_path / "m.zip"
    run = handful("export", model, "--to", file)
    if run.code:
        pytest.skip(f"npm's registry cannot be reached: {run.err}")
    with zipfile.ZipFile(file) as packed:
        names = packed.namelist()
        assert {"index.html", "app.js", "samples.js", "model.onnx", "about.json"} <= set(names)
        assert all(not name.startswith("/") and ".." not in name for name in names)
        page = packed.read("index.html").decode()
    fetched = re.findall(r"""(?:src|href|action)\s*=\s*["']?([^"'\s>]*)""", page)
    assert fetched
    assert all("://" not in address and not address.startswith("//") for address in fetched)
