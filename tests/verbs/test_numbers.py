"""Numbers instead of tags: learnt, judged, told and shown."""

from __future__ import annotations

import csv
import json

import numpy as np
import onnxruntime
import pytest
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

import handful
from doors import FILES
from doors import handful as command


def table(path, n, seed):
    random = np.random.default_rng(seed)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["area", "rooms", "place", "price"])
        for _ in range(n):
            area, rooms = random.uniform(30, 150), int(random.integers(1, 6))
            place = str(random.choice(["town", "village"]))
            price = 3 * area + 20 * rooms + 80 * (place == "town") + random.normal(0, 10)
            rows.writerow([round(area, 1), rooms, place, round(price, 1)])
    return path


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("numbers")
    run = command("train", table(folder / "homes.csv", 120, 0), "--tag", "price",
                  "--to", folder / "model", "--json")  # fmt: skip
    return run.json(), folder / "model"


def test_a_column_of_many_numbers_is_learnt_as_numbers(trained):
    values, model = trained
    assert (values["kind"], values["n"], values["tags"]) == ("number", 120, [])
    metrics = values["metrics"]
    assert set(metrics) == {"mae", "rmse", "r2", "baseline_mae"}
    assert metrics["mae"]["value"] < 15 < metrics["baseline_mae"]["value"]
    assert metrics["r2"]["low"] > 0.9
    for metric in metrics.values():
        assert metric["low"] < metric["value"] < metric["high"]
    assert {path.name for path in model.iterdir()} == FILES


def test_the_figures_are_those_of_the_table_of_predictions(trained):
    values, model = trained
    rows = read(model / "predictions.csv")
    y, said = (np.array([float(row[name]) for row in rows]) for name in ("number", "predicted"))
    metrics = values["metrics"]
    assert metrics["mae"]["value"] == pytest.approx(mean_absolute_error(y, said), rel=1e-5)
    assert metrics["rmse"]["value"] == pytest.approx(root_mean_squared_error(y, said), rel=1e-5)
    assert metrics["r2"]["value"] == pytest.approx(r2_score(y, said), rel=1e-5)


def test_new_samples_are_told_with_a_range_that_holds(trained, tmp_path):
    _, model = trained
    path = table(tmp_path / "new.csv", 150, 1)
    result = handful.evaluate(model, path, report=tmp_path / "page.html")
    held = result.report["range"]["held"]
    assert held["k"] / held["n"] >= 0.8
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert f"{held['k']} of {held['n']}" in page
    said = handful.predict(model, path)
    rows = read(path)
    off = [abs(one.value - float(row["price"])) for one, row in zip(said, rows, strict=True)]
    assert result.metrics["mae"]["value"] == pytest.approx(np.mean(off), rel=1e-4)
    inside = sum(a.low <= float(r["price"]) <= a.high for a, r in zip(said, rows, strict=True))
    assert inside == held["k"]
    assert all(one.low < one.value < one.high for one in said)


def test_predictions_as_json_and_words(trained, tmp_path):
    _, model = trained
    row = tmp_path / "one.json"
    row.write_text(json.dumps({"area": 100, "rooms": 3, "place": "town"}))
    (said,) = command("predict", model, row, "--json").json()["predictions"]
    assert set(said) == {"file", "value", "low", "high", "known"}
    assert said["low"] < 3 * 100 + 60 + 80 < said["high"]
    assert "9 of 10 lie between" in command("predict", model, row).out


def test_the_file_alone_says_the_same(trained):
    _, model = trained
    session = onnxruntime.InferenceSession(model / "model.onnx")
    inputs = {
        "numbers": np.array([[100, 3]], np.float32),
        "categories": np.array([["town"]], object),
    }
    value, low, high = session.run(["value", "low", "high"], inputs)
    assert low[0] < value[0] < high[0]
    assert value[0] == pytest.approx(440, abs=25)


def test_the_terminal_says_how_far_off_and_beside_what(tmp_path):
    run = command("train", table(tmp_path / "t.csv", 60, 0), "--tag", "price",
                  "--to", tmp_path / "model")  # fmt: skip
    assert run.code == 0
    assert "expect it to be off by about" in run.out
    assert "Always guessing the middle number is off by" in run.out


def test_few_whole_numbers_are_names_unless_it_is_said(tmp_path):
    path = tmp_path / "t.csv"
    lines = [f"{i % 7 + i % 3},{i % 5},{1 + i % 3}" for i in range(60)]
    path.write_text("a,b,grade\n" + "\n".join(lines) + "\n")
    assert handful.train(path, tmp_path / "names", tag="grade").report["kind"] == "exclusive"
    result = handful.train(path, tmp_path / "numbers", tag="grade", kind="number")
    assert result.report["kind"] == "number"


@pytest.mark.parametrize(
    ("rows", "words", "message"),
    [
        (
            ["1,x"] * 12 + ["2,y"] * 12,
            ("--kind", "number"),
            "these tags are no numbers that can be learnt: x, y",
        ),
        ([f"{i},{i * 1.5}" for i in range(6)], (), "6 independent rows"),
        ([f"{i},7.5" for i in range(0, 80, 2)], (), "all rows have the number 7.5"),
        (["1,x", "2,y"], ("--kind", "size"), "--kind is 'size'"),
    ],
)
def test_what_cannot_be_learnt_as_numbers(tmp_path, rows, words, message):
    path = tmp_path / "t.csv"
    path.write_text("a,tag\n" + "\n".join(rows) + "\n")
    run = command("train", path, "--tag", "tag", "--to", tmp_path / "model", *words)
    assert message in run.message


def test_a_number_has_no_threshold(trained):
    _, model = trained
    message = command("threshold", model, "--positive", "x", "--recall", "0.9").message
    assert "answers numbers, not tags" in message


@pytest.mark.parametrize(("n_strange", "warned"), [(0, False), (6, False), (30, True)])
def test_strange_rows_are_warned_of_where_they_are_more_than_promised(
    trained, tmp_path, n_strange, warned
):
    table(tmp_path / "new.csv", 220 - n_strange, 9)
    with (tmp_path / "new.csv").open("a", newline="") as file:
        csv.writer(file).writerows([[90_000 + i, 900, "town", 500.5] for i in range(n_strange)])
    said = handful.evaluate(trained[1], tmp_path / "new.csv").warnings
    assert any("at most about 4% should be" in one for one in said) == warned
