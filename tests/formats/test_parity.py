"""Every export of every kind of model, and the server, answer as Python does: on hard samples."""

import io
import json
import zipfile

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hard_samples import HARD
from onnx import numpy_helper

import handful
from asking import serving
from handful.errors import InputError
from handful.modalities.base import by_name

_ONLY_IN_ONNX = {"LabelEncoder", "TreeEnsembleRegressor"}  # columns of names, and trees
_SMALL_B = 4096


def refused(model, suffix):
    """Whether a model has nothing to be halved, or something that PyTorch lacks."""
    graph = onnx.load(model / "model.onnx").graph
    if suffix == ".fp16.onnx":
        constants = [numpy_helper.to_array(one) for one in graph.initializer]
        return not any(c.dtype == np.float32 and c.nbytes >= _SMALL_B for c in constants)
    return suffix == ".pt" and any(node.op_type in _ONLY_IN_ONNX for node in graph.node)


def onnx_answers(content, inputs):
    """By plain ONNX Runtime."""
    session = onnxruntime.InferenceSession(content)
    names = [output.name for output in session.get_outputs()]
    return [dict(zip(names, session.run(names, one), strict=True)) for one in inputs]


def torch_answers(content, inputs):
    """By plain PyTorch."""
    beside = {"inputs": "", "outputs": ""}
    program = torch.jit.load(io.BytesIO(content), _extra_files=beside)
    taken, given = (json.loads(beside[name]) for name in ("inputs", "outputs"))
    found = []
    for one in inputs:
        answers = program(*(torch.from_numpy(np.array(one[name])) for name in taken))
        found.append({n: a.numpy() for n, a in zip(given, answers, strict=True)})
    return found


def zip_answers(content, inputs):
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return onnx_answers(packed.read("model.onnx"), inputs)


RUN = {".onnx": onnx_answers, ".fp16.onnx": onnx_answers, ".pt": torch_answers, ".zip": zip_answers}
ALLOWED = {".onnx": 1e-3, ".fp16.onnx": 1e-2, ".pt": 1e-3, ".zip": 1e-3}


_LONG = {"sounds", "texts", "series", "several", "tables"}
_EVERY = [pytest.param(k, marks=[pytest.mark.slow] if k in _LONG else []) for k in HARD]


@pytest.fixture(scope="module", params=_EVERY)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def files(kind, tmp_path_factory):
    return HARD[kind](tmp_path_factory.mktemp("hard") / kind)


@pytest.fixture(scope="module")
def said(models, kind, files):
    """What Python says."""
    return handful.predict(models[kind], files)


@pytest.fixture(scope="module")
def inputs(models, kind, files):
    card = json.loads((models[kind] / "card.json").read_text(encoding="utf-8"))
    modality = by_name(card["modality"])
    return [modality.as_input(modality.read(file, card["reading"])) for file in files]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of TorchScript's own loading
@pytest.mark.parametrize("suffix", RUN)
def test_it_answers_as_python_does(models, kind, suffix, said, inputs, browser_runtime, tmp_path):
    if refused(models[kind], suffix):
        with pytest.raises(InputError, match=r"export it to \.onnx|Export it to \.onnx"):
            handful.export(models[kind], tmp_path / f"model{suffix}")
        assert not list(tmp_path.iterdir())
        return
    file = tmp_path / f"model{suffix}"
    exported = handful.export(models[kind], file)
    assert exported.file == file
    assert exported.cost.n_same == exported.cost.n > 0
    answers = RUN[suffix](file.read_bytes(), inputs)
    tags = json.loads((models[kind] / "card.json").read_text(encoding="utf-8"))["tags"]
    for one, found in zip(said, answers, strict=True):
        assert bool(found["known"][0]) == one.known
        if kind == "numbers":
            allowed = ALLOWED[suffix] * (one.high - one.low)
            assert float(found["value"][0]) == pytest.approx(one.value, abs=allowed)
            continue
        shares = [one.probabilities[tag] for tag in tags]
        assert found["probabilities"][0] == pytest.approx(shares, abs=ALLOWED[suffix])
        if kind == "several":
            assert {t for t, yes in zip(tags, found["answer"][0], strict=True) if yes} == set(
                one.tags
            )
        else:
            assert tags[int(found["answer"][0])] == one.tag


def assert_same(answer, one):
    """What came over the network is what Python says."""
    assert answer["file"] == one.file
    assert answer["known"] == one.known
    if "value" in answer:
        width = one.high - one.low
        for name in ("value", "low", "high"):
            assert answer[name] == pytest.approx(getattr(one, name), abs=1e-3 * width)
        return
    assert answer["probabilities"] == pytest.approx(one.probabilities, abs=1e-3)
    if "tags" in answer:
        assert tuple(answer["tags"]) == one.tags
    else:
        assert answer["tag"] == one.tag


def test_the_server_answers_as_python_does(models, kind, files, said):
    with serving(models[kind]) as server:
        together = server.send(*files)
        alone = [server.send(file) for file in files]
    assert together.status_code == 200, together.text
    answers = together.json()["predictions"]
    assert len(answers) == len(said) > 1
    for answer, by_itself, one in zip(answers, alone, said, strict=True):
        assert_same(answer, one)
        assert_same(by_itself.json()["predictions"][0], one)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["images", "sounds"])
def test_8_bits_answer_nine_of_ten_as_python_does(models, name, tmp_path):
    """By plain ONNX Runtime, on the samples that the model learned from."""
    file, samples = tmp_path / "m.int8.onnx", models.samples(name)
    model = models[name]
    handful.export(model, file, samples=samples)
    paths = sorted(path for path in samples.rglob("*") if path.is_file())
    card = json.loads((model / "card.json").read_text(encoding="utf-8"))
    modality = by_name(name)
    fed = [modality.as_input(modality.read(path, card["reading"])) for path in paths]
    answers = onnx_answers(file.read_bytes(), fed)
    tags = [card["tags"][int(found["answer"][0])] for found in answers]
    same = [tag == one.tag for tag, one in zip(tags, handful.predict(model, paths), strict=True)]
    assert np.mean(same) >= 0.9
    for found in answers:
        assert found["probabilities"].sum() == pytest.approx(1, abs=1e-4)
