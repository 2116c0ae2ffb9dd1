"""16 bits and 8 bits: what is rounded, how far, and what it costs."""

import json

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import handful
from handful.errors import InputError


def constants(file):
    loaded = onnx.load(file)
    return {one.name: numpy_helper.to_array(one) for one in loaded.graph.initializer}


def test_16_bits_round_every_large_constant_to_the_nearest_and_nothing_else(models, tmp_path):
    file = tmp_path / "m.fp16.onnx"
    exported = handful.export(models["images"], file)
    assert exported.size_b < 0.55 * exported.model_size_b
    before, after = constants(models["images"] / "model.onnx"), constants(file)
    assert len(before) == len(after)
    halved = 0
    for name, values in before.items():
        if name in after:
            assert np.array_equal(after[name], values, equal_nan=True)
            assert values.nbytes < 4096 or values.dtype != np.float32
        else:
            halved += 1
            stored = after[f"{name}/16 bits"]
            assert stored.dtype == np.float16
            assert np.array_equal(stored, values.astype(np.float16))
    assert halved > 50


def test_the_file_says_what_it_is(models, tmp_path):
    handful.export(models["images"], tmp_path / "m.onnx")
    found = {one.key: one.value for one in onnx.load(tmp_path / "m.onnx").metadata_props}
    card = json.loads((models["images"] / "card.json").read_text(encoding="utf-8"))
    assert json.loads(found["tags"]) == card["tags"]
    assert json.loads(found["card"])["rule"] == card["rule"]
    assert found["kind"] == "exclusive"
    assert found["modality"] == "images"
    assert found["rule"] == "the most probable tag"
    assert "known is false" in found["refusal"]


@pytest.mark.slow
def test_8_bits_are_judged_again(models, tmp_path):
    file = tmp_path / "m.int8.onnx"
    exported = handful.export(models["images"], file, samples=models.samples("images"))
    assert exported.size_b < 0.32 * exported.model_size_b
    cost = exported.cost
    assert cost.n == 36
    assert cost.metric == "accuracy"
    assert cost.n_same >= 0.9 * cost.n
    said = handful.predict(models["images"], sorted(models.samples("images").rglob("*.png")))
    right = [one.tag == one.file.split("/")[-2] for one in said]
    assert cost.before == pytest.approx(np.mean(right))
    stored = constants(file).values()
    assert sum(one.nbytes for one in stored if one.dtype == np.int8) > 1_000_000


def test_8_bits_need_samples_and_enough_of_them(models, tmp_path):
    with pytest.raises(InputError, match="--samples FOLDER"):
        handful.export(models["images"], tmp_path / "m.int8.onnx")
    few = tmp_path / "few"
    for tag in ("cat", "coffee"):
        (few / tag).mkdir(parents=True)
        for path in sorted((models.samples("images") / tag).iterdir())[:3]:
            (few / tag / path.name).write_bytes(path.read_bytes())
    with pytest.raises(InputError, match="6 samples are too few"):
        handful.export(models["images"], tmp_path / "m.int8.onnx", samples=few)
    with pytest.raises(InputError, match="no large network"):
        handful.export(
            models["numbers"], tmp_path / "m.int8.onnx", samples=models.samples("numbers")
        )
    assert [path.name for path in tmp_path.iterdir()] == ["few"]


def test_numbers_are_judged_by_how_far_off_they_are(models, tmp_path):
    samples = models.samples("numbers")
    exported = handful.export(models["numbers"], tmp_path / "m.fp16.onnx", samples=samples)
    said = [one.value for one in handful.predict(models["numbers"], samples)]
    lines = samples.read_text(encoding="utf-8").splitlines()[1:]
    truth = [float(line.rsplit(",", 1)[1]) for line in lines]
    assert exported.cost.metric == "mae"
    assert exported.cost.before == pytest.approx(np.abs(np.subtract(said, truth)).mean(), rel=1e-4)
    assert exported.cost.after == pytest.approx(exported.cost.before, rel=0.02)


@pytest.mark.slow
def test_several_tags_are_judged_by_each_yes_and_no(models, tmp_path):
    samples = models.samples("several")
    exported = handful.export(models["several"], tmp_path / "m.onnx", samples=samples)
    lines = samples.read_text(encoding="utf-8").splitlines()[1:]
    tags = [set(line.rsplit(",", 1)[1].split("|")) - {""} for line in lines]
    tagged = [(one, said) for one, said in zip(tags, handful.predict(models["several"], samples),
                                               strict=True) if one]  # fmt: skip
    right = [(tag in one) == (tag in said.tags) for one, said in tagged for tag in ("high", "wide")]
    if exported.cost.n == len(tagged):
        assert exported.cost.before == pytest.approx(np.mean(right))
    else:  # rows without any tag count too: none of them is given
        every = zip(tags, handful.predict(models["several"], samples), strict=True)
        all_right = [(tag in o) == (tag in s.tags) for o, s in every for tag in ("high", "wide")]
        assert exported.cost.before == pytest.approx(np.mean(all_right))
    assert exported.cost.after == exported.cost.before
