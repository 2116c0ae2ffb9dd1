"""Samples that may have several tags, or none: learnt, judged, told, and each tag's threshold."""

from __future__ import annotations

import csv
import json
import shutil

import numpy as np
import onnxruntime
import pytest
from PIL import Image
from sklearn.metrics import accuracy_score, f1_score, hamming_loss, recall_score

import handful
from doors import FILES
from doors import handful as command
from handful.modalities.base import by_name
from handful.sources import tags_of

TAGS = ("hail", "rain", "wind")


def drawn(n, seed):
    """Five numbers a row, three of which tell a tag each; about a third of the rows have none."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 5))
    away = 0.35 * random.normal(size=(n, 3))
    return X, np.stack([X[:, 2] > 0.9, X[:, 0] > 0.4, X[:, 1] > 0.5], axis=1) ^ (away > 0.8)


def with_bars(path, n=100, seed=0):
    X, Y = drawn(n, seed)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["a", "b", "c", "d", "e", "weather"])
        for x, y in zip(X, Y, strict=True):
            tags = "|".join(tag for tag, yes in zip(TAGS, y, strict=True) if yes)
            rows.writerow([*(f"{value:.4f}" for value in x), tags])
    return path


def with_columns(path, n=100, seed=0):
    X, Y = drawn(n, seed)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["a", "b", "c", "d", "e", *TAGS])
        for x, y in zip(X, Y, strict=True):
            rows.writerow([*(f"{value:.4f}" for value in x), *y.astype(int)])
    return path


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def matrix(rows, column):
    return np.array([[tag in tags_of(row[column]) for tag in TAGS] for row in rows])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("several")
    run = command("train", with_bars(folder / "days.csv"), "--tag", "weather",
                  "--to", folder / "model", "--json")  # fmt: skip
    return run.json(), folder / "model"


@pytest.fixture
def model(trained, tmp_path):
    """A copy that may be changed."""
    return shutil.copytree(trained[1], tmp_path / "model")


def test_bars_between_tags_are_seen(trained):
    values, model = trained
    assert (values["kind"], values["n"], values["tags"]) == ("several", 100, list(TAGS))
    assert values["metrics"]["accuracy"]["low"] > values["metrics"]["baseline_accuracy"]["value"]
    assert {path.name for path in model.iterdir()} == FILES
    assert values["confusion"] == {"tags": list(TAGS), "counts": []}


def test_the_figures_are_those_of_the_table_of_predictions(trained):
    values, model = trained
    rows = read(model / "predictions.csv")
    Y, said = matrix(rows, "tag"), matrix(rows, "predicted")
    shares = np.array([[float(row[f"p({tag})"]) for tag in TAGS] for row in rows])
    np.testing.assert_array_equal(said, shares >= 0.5)
    metrics = {name: metric["value"] for name, metric in values["metrics"].items()}
    assert metrics["accuracy"] == pytest.approx(accuracy_score(Y, said))
    assert metrics["hamming_loss"] == pytest.approx(hamming_loss(Y, said))
    assert metrics["macro_f1"] == pytest.approx(f1_score(Y, said, average="macro"))
    found = [values["per_tag"][tag]["recall"]["value"] for tag in TAGS]
    assert found == pytest.approx(recall_score(Y, said, average=None).tolist())
    loss = -np.where(Y, np.log(shares), np.log(1 - shares)).mean()
    assert metrics["log_loss"] == pytest.approx(loss, rel=1e-3)
    for k, tag in enumerate(TAGS):
        counts = values["per_tag"][tag]["confusion"]
        assert counts[1][1] == (Y[:, k] & said[:, k]).sum()
        assert counts[0][1] == (~Y[:, k] & said[:, k]).sum()


def test_no_row_was_predicted_by_a_model_that_saw_its_group(tmp_path):
    """Twenty rows, five times each: by chance alone where copies are kept together."""
    random = np.random.default_rng(3)
    with (tmp_path / "copies.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["a", "b", "c", "who", "tags"])
        for who in range(24):
            x = random.normal(size=3)
            tags = "|".join(tag for tag in ("one", "two") if random.random() < 0.5)
            for _ in range(4):
                rows.writerow([*(f"{v:.4f}" for v in x), f"person {who}", tags])
    judged = handful.train(tmp_path / "copies.csv", tmp_path / "model", tag="tags", group="who")
    for tag in ("one", "two"):
        auc = judged.report["per_tag"][tag]["auc"]
        assert auc["low"] < 0.5 < auc["high"]


def test_a_column_for_each_tag_is_the_same(trained, tmp_path):
    values, model = trained
    words = [word for tag in TAGS for word in ("--tag", tag)]
    run = command("train", with_columns(tmp_path / "days.csv"), *words,
                  "--to", tmp_path / "other", "--json")  # fmt: skip
    other = run.json()
    assert other["metrics"] == values["metrics"]
    fresh = tmp_path / "fresh.csv"
    with_columns(fresh, 12, seed=5)
    mine = handful.predict(model, fresh)
    assert [p.probabilities for p in handful.predict(tmp_path / "other", fresh)] == pytest.approx(
        [pytest.approx(p.probabilities, abs=1e-5) for p in mine]
    )


def test_the_model_file_alone_gives_the_same_answers(trained, tmp_path):
    _, model = trained
    fresh = with_bars(tmp_path / "fresh.csv", 30, seed=7)
    said = command("predict", model, fresh, "--json").json()["predictions"]
    session = onnxruntime.InferenceSession(model / "model.onnx")
    card = json.loads((model / "card.json").read_text())
    assert [one["threshold"] for one in card["rule"]["thresholds"]] == [0.5] * 3
    for one, row in zip(said, read(fresh), strict=True):
        inputs = _inputs(session, row)
        shares, given = session.run(["probabilities", "answer"], inputs)
        assert [one["probabilities"][tag] for tag in TAGS] == pytest.approx(shares[0], abs=1e-6)
        assert one["tags"] == [tag for tag, yes in zip(TAGS, given[0], strict=True) if yes]
        assert one["tags"] == [tag for tag in TAGS if one["probabilities"][tag] >= 0.5]
        for tag in TAGS:
            low, high = one["widths"][tag]
            assert 0 <= low <= high <= 1


def _inputs(session, row):
    card = json.loads(session.get_modelmeta().custom_metadata_map["card"])
    modality = by_name("tables")
    values = {name: float(value) for name, value in row.items() if name != "weather"}
    sample = modality.read(json.dumps(values).encode(), card["reading"])
    return modality.as_input(sample)


def test_evaluate_judges_new_rows(trained, tmp_path):
    _, model = trained
    fresh = with_bars(tmp_path / "fresh.csv", 80, seed=11)
    page, saved = tmp_path / "page.html", tmp_path / "scores.csv"
    values = command(
        "evaluate", model, fresh, "--report", page, "--save", saved, "--json"
    ).json()  # fmt: skip
    said = handful.predict(model, fresh)
    Y = matrix(read(fresh), "weather")
    given = np.array([[tag in one.tags for tag in TAGS] for one in said])
    assert values["metrics"]["accuracy"]["value"] == pytest.approx(accuracy_score(Y, given))
    assert values["kind"] == "several"
    assert "with every tag right" in page.read_text()
    chosen = command("threshold", model, "--positive", "rain", "--recall", "0.8",
                     "--scores", saved, "--json").json()  # fmt: skip
    has, shares = Y[:, 1], np.array([one.probabilities["rain"] for one in said])
    assert chosen["sensitivity"]["value"] == pytest.approx(
        (shares[has] >= chosen["threshold"] - 1e-6).mean()
    )


def test_each_tag_has_a_threshold_of_its_own(model, tmp_path):
    before = (model / "report.html").read_bytes(), (model / "report.json").read_bytes()
    words = ("--positive", "hail", "--miss-costs", "9", "--alarm-costs", "1")
    chosen = command("threshold", model, *words, "--set", "--json").json()
    assert chosen["threshold"] == pytest.approx(0.1)
    command("threshold", model, "--positive", "rain", "--specificity", "0.95", "--set")
    card = json.loads((model / "card.json").read_text())
    bounds = {one["tag"]: one["threshold"] for one in card["rule"]["thresholds"]}
    assert bounds["hail"] == pytest.approx(0.1)
    assert bounds["wind"] == 0.5
    assert bounds["rain"] not in (0.5, bounds["hail"])
    for one in handful.predict(model, with_bars(tmp_path / "fresh.csv", 40, seed=13)):
        given = {
            tag for tag in TAGS if np.float32(one.probabilities[tag]) >= np.float32(bounds[tag])
        }
        assert set(one.tags) == given
    report = json.loads((model / "report.json").read_text())
    rows = read(model / "predictions.csv")
    shares = np.array([[float(row[f"p({tag})"]) for tag in TAGS] for row in rows])
    again = shares >= np.array([bounds[tag] for tag in TAGS])
    judged = report["rule"]["judged"]["metrics"]["accuracy"]["value"]
    assert judged == pytest.approx(accuracy_score(matrix(rows, "tag"), again))
    assert "hail from a probability of 0.1 on" in (model / "report.html").read_text()
    command("threshold", model, "--reset")
    after = (model / "report.html").read_bytes(), (model / "report.json").read_bytes()
    assert after == before


def test_costs_of_answers_are_for_single_tags(model, tmp_path):
    (tmp_path / "costs.csv").write_text("actual,hail\nhail,0\n")
    said = command("threshold", model, "--costs", tmp_path / "costs.csv").message
    assert "a threshold of its own" in said


def test_the_same_photo_in_two_folders_has_both_tags(tmp_path, photos):
    values = command("train", photos, "--kind", "several", "--to", tmp_path / "model", "--json")
    assert (values.json()["kind"], values.json()["tags"]) == ("several", ["dark", "red"])
    rows = read(tmp_path / "model" / "predictions.csv")
    assert sum(row["tag"] == "dark|red" for row in rows) == 6
    assert len(rows) == 18


@pytest.fixture
def photos(tmp_path):
    """6 photos of each of: dark, red, and both (which stand in both folders)."""
    random = np.random.default_rng(0)
    for k, tags in enumerate((("dark",), ("red",), ("dark", "red"))):
        for i in range(6):
            patches = random.integers(0, 256, size=(7, 7, 3)).astype(np.float64)
            patches *= 0.3 if "dark" in tags else 1
            patches[..., 1:] *= 0.4 if "red" in tags else 1
            picture = Image.fromarray(patches.astype(np.uint8)).resize((98, 98), Image.NEAREST)
            for tag in tags:
                (tmp_path / "photos" / tag).mkdir(parents=True, exist_ok=True)
                picture.save(tmp_path / "photos" / tag / f"{k}-{i}.png")
    return tmp_path / "photos"


def test_a_tag_that_too_few_have_is_left_out_and_said(tmp_path):
    path = with_bars(tmp_path / "days.csv", 60)
    rows = read(path)
    rows[0]["weather"] = "|".join(filter(None, (rows[0]["weather"], "snow")))
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    result = handful.train(path, tmp_path / "model", tag="weather")
    assert result.report["tags"] == list(TAGS)
    assert any("does not know snow" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--tag", "rain", "--tag", "a"), "1 (yes) or 0 (no)"),
        (("--tag", "rain", "--tag", "wind", "--kind", "number"), "--kind several"),
        (("--tag", "rain", "--tag", "snow"), "snow"),
        (("--tag", "rain", "--kind", "many"), "exclusive"),
    ],
)
def test_what_cannot_be_meant_is_one_message(tmp_path, words, says):
    path = with_columns(tmp_path / "days.csv", 30)
    assert says in command("train", path, *words, "--to", tmp_path / "model").message
    assert not (tmp_path / "model").exists()


def test_no_tag_that_can_be_judged_is_one_message(tmp_path):
    random = np.random.default_rng(0)
    rows = "".join(f"{value:.4f},x|y\n" for value in random.normal(size=20))
    (tmp_path / "days.csv").write_text(f"a,tags\n{rows}")
    said = command("train", tmp_path / "days.csv", "--tag", "tags", "--to", tmp_path / "m").message
    assert "no tag can be judged" in said
    assert "x (20)" in said
