"""What learns: which networks are tried when, and that their models are like any other."""

from __future__ import annotations

import csv
import subprocess
import sys

import numpy as np
import onnxruntime
import pytest

import doors
import handful
from handful.errors import InputError, MissingExtraError
from handful.modalities.base import by_name, modalities
from handful.verbs import recipes
from handful.verbs.recipes import network_encoders


@pytest.fixture(scope="module")
def checkers(tmp_path_factory):
    """Rows whose tag is whether two numbers have the same sign, as no weighted sum can tell."""
    random = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("checkers") / "rows.csv"
    write_checkers(path, random.uniform(-1, 1, (120, 2)))
    return path


def write_checkers(path, X):
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["x", "z", "tag", "size"])
        for x, z in X.tolist():
            rows.writerow([x, z, "same" if x * z > 0 else "other", round(x * z, 4)])


@pytest.fixture(scope="module")
def scratch(checkers, tmp_path_factory):
    kept = tmp_path_factory.mktemp("scratch") / "rows.csv"
    with checkers.open(encoding="utf-8") as file, kept.open("w", encoding="utf-8") as target:
        target.writelines(line.rsplit(",", 1)[0] + "\n" for line in file)
    return handful.train(kept, kept.with_name("model"), tag="tag", recipe="scratch"), kept


def test_a_network_from_scratch_learns_what_no_weighted_sum_can(scratch):
    result, _ = scratch
    assert result.metrics["accuracy"]["low"] > 0.75
    assert "multilayer perceptron" in result.report["recipe"]


def test_the_file_answers_as_python_does(scratch):
    result, rows = scratch
    session = onnxruntime.InferenceSession(result.model / "model.onnx")
    numbers = np.array([[0.5, 0.5], [-0.5, 0.5], [-0.6, -0.4]], np.float32)
    shares = session.run(["probabilities"], {"numbers": numbers})[0]
    other, same = (result.report["tags"].index(tag) for tag in ("other", "same"))
    assert (shares.argmax(axis=1) == [same, other, same]).all()
    again = handful.evaluate(result.model, rows, tag="tag")
    assert again.metrics["accuracy"]["value"] > 0.9  # of rows that it knows


@pytest.mark.slow
def test_the_same_seed_gives_the_same_file(scratch, tmp_path):
    result, rows = scratch
    again = handful.train(rows, tmp_path / "model", tag="tag", recipe="scratch")
    assert (again.model / "model.onnx").read_bytes() == (result.model / "model.onnx").read_bytes()


def test_numbers_are_learnt_from_scratch_too(checkers, tmp_path):
    number = handful.train(
        checkers, tmp_path / "number", tag="size", kind="number", recipe="scratch"
    )
    assert "multilayer perceptron" in number.report["recipe"]
    assert number.metrics["mae"]["value"] < number.metrics["baseline_mae"]["value"]


@pytest.mark.slow
def test_several_tags_are_learnt_from_scratch_too(tmp_path):
    table = tmp_path / "several.csv"
    X = np.random.default_rng(1).uniform(-1, 1, (40, 2))
    lines = ["x,z,right,up", *(f"{x},{z},{int(x > 0)},{int(z > 0)}" for x, z in X.tolist())]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    several = handful.train(
        table, tmp_path / "several", tag=["right", "up"], kind="several", recipe="scratch"
    )  # fmt: skip
    assert several.metrics["accuracy"]["low"] > several.metrics["baseline_accuracy"]["value"]


@pytest.mark.parametrize("modality", modalities(), ids=lambda modality: modality.name)
def test_few_samples_are_left_to_what_is_there_already(modality, tmp_path):
    modality.write_example(tmp_path)
    paths = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    few = [modality.measure(path) for path in paths]
    many = (few * 10_000)[: modality.whole(few).enough]
    assert network_encoders("auto", modality, few, n_tags=2) == ()
    assert network_encoders("frozen", modality, many, n_tags=2) == ()
    assert network_encoders("auto", modality, many[1:], n_tags=2) == ()
    assert network_encoders("auto", modality, many, n_tags=len(many) // 10) == ()
    assert [e.name for e in network_encoders("auto", modality, many, n_tags=2)] == [
        modality.whole(few).name
    ]


def test_auto_on_few_samples_does_not_load_torch(checkers, tmp_path):
    code = (
        "import sys, handful\n"
        f"handful.train({str(checkers)!r}, {str(tmp_path / 'model')!r}, tag='tag')\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_without_torch_auto_is_as_ever_and_the_others_say_what_to_install(monkeypatch):
    monkeypatch.setattr(recipes, "has_torch", lambda: False)
    rows = by_name("tables")
    assert network_encoders("auto", rows, [{"x": 1.0}] * 5000, n_tags=2) == ()
    for recipe in ("scratch", "finetune"):
        with pytest.raises(MissingExtraError, match=r"pip install 'handful\[deep\]'"):
            recipes.refuse_recipe(recipe)
    recipes.refuse_recipe("frozen")


def test_what_cannot_be(checkers, tmp_path):
    with pytest.raises(InputError, match="'magic': give auto"):
        handful.train(checkers, tmp_path / "model", tag="tag", recipe="magic")
    with pytest.raises(InputError, match=r"these are rows\. Use --recipe scratch or auto"):
        handful.train(checkers, tmp_path / "model", tag="tag", recipe="finetune")
    done = doors.handful("train", checkers, "--tag", "tag", "--recipe", "magic")
    assert (done.code, done.out) == (2, "")


@pytest.mark.slow
def test_a_budget_bounds_all_of_training(checkers, tmp_path):
    result = handful.train(checkers, tmp_path / "m", tag="tag", recipe="scratch", budget=15)
    assert result.seconds < 1.1 * 15


@pytest.mark.slow
def test_photos_can_be_fine_tuned(tmp_path):
    by_name("images").write_example(tmp_path / "photos")
    result = handful.train(tmp_path / "photos", tmp_path / "model", recipe="finetune", budget=60)
    assert "fine-tuned upper part" in result.report["recipe"]
    assert result.metrics["accuracy"]["low"] > result.metrics["baseline_accuracy"]["value"]
    path = next((tmp_path / "photos" / "circle").iterdir())
    (said,) = handful.predict(result.model, [path])
    assert said.tag == "circle"
