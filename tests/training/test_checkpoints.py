"""Checkpoints: nothing but arrays and plain values, and no going on with what does not fit."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from handful.errors import InputError, TargetError
from handful.networks import MLP
from handful.training import fit, quadratic, sgd


def crossed(n=64, seed=0):
    X = np.random.default_rng(seed).normal(size=(n, 2)).astype(np.float32)
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "run.safetensors"
    fit(MLP(2, 2), *crossed(), epochs=2, device="cpu", checkpoint=path)
    return path


def test_it_holds_arrays_and_json(checkpoint):
    with safe_open(checkpoint, framework="np") as file:
        names = set(file.keys())
        plain = json.loads(file.metadata()["handful"])
    assert {"network/layers.0.weight", "optimiser/0/exp_avg_sq", "optimiser/0/step"} <= names
    assert [epoch["number"] for epoch in plain["epochs"]] == [1, 2]
    assert plain["seconds"] > 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seed": 9}, "seed differ"),
        ({"epochs": 3, "rate": 0.5}, "rate, epochs differ"),
        ({"optimiser": sgd}, "optimiser differ"),
        ({"X": crossed(seed=4)[0]}, "data differ"),
        ({"sample_weight": np.full(64, 2.0)}, "data differ"),
        ({"network": MLP(2, 3)}, "another network"),
        ({"network": MLP(2, 2, hidden=(64, 64, 64))}, "another network"),
    ],
)
def test_another_training_does_not_go_on_from_it(checkpoint, change, says):
    X, y = crossed()
    asked = {"network": MLP(2, 2), "X": X, "epochs": 2, "device": "cpu"} | change
    network, X = asked.pop("network"), asked.pop("X")
    content = checkpoint.read_bytes()
    with pytest.raises(InputError, match=says):
        fit(network, X, y, checkpoint=checkpoint, **asked)
    assert checkpoint.read_bytes() == content


def test_the_loss_is_part_of_what_must_fit(tmp_path):
    X, y = crossed()
    path, asked = tmp_path / "run", {"epochs": 1, "device": "cpu"}
    fit(MLP(2, 2), X, np.eye(2)[y], checkpoint=path, **asked)
    with pytest.raises(InputError, match="loss differ"):
        fit(MLP(2, 2), X, np.eye(2)[y], loss=quadratic, checkpoint=path, **asked)


def without_note(path):
    save_file({"a": np.zeros(2)}, path)


def of_another_format(path):
    save_file({"a": np.zeros(2)}, path, {"handful": '{"format": 99}'})


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\x80\x04garbage" * 9),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        without_note,
        of_another_format,
    ],
)
def test_a_damaged_file_is_refused_in_one_sentence(checkpoint, damage):
    damage(checkpoint)
    with pytest.raises(InputError, match="Delete it to start anew"):
        fit(MLP(2, 2), *crossed(), epochs=2, device="cpu", checkpoint=checkpoint)


def test_a_place_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(TargetError, match="cannot write the checkpoint"):
        fit(MLP(2, 2), *crossed(), epochs=1, device="cpu", checkpoint=tmp_path / "file" / "run")
