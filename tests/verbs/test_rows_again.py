"""Tables that a finished model meets: columns that lack, empty rows, words that look like gaps."""

from __future__ import annotations

import csv
import json
import shutil

import numpy as np
import pytest

from doors import handful as command


def table(path, header, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def flowers(n=40, seed=0):
    random = np.random.default_rng(seed)
    for i in range(n):
        tall = i % 2
        yield [f"{random.normal(3 * tall):.3f}", f"{random.normal():.3f}", ("low", "tall")[tall]]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    path = table(folder / "flowers.csv", ["height", "width", "tag"], flowers())
    command("train", path, "--tag", "tag", "--to", folder / "model", "--json").json()
    return folder / "model"


def test_a_table_without_a_column_is_refused_by_name(model, tmp_path):
    path = table(tmp_path / "new.csv", ["width", "colour"], [["1", "red"], ["2", "blue"]])
    said = command("predict", model, path).message
    assert "has no column height" in said
    assert "it has width, colour" in said


def test_an_empty_row_keeps_its_place(model, tmp_path):
    rows = [["1", "2"], ["", ""], ["3", "4"], ["", ""]]
    path = table(tmp_path / "new.csv", ["height", "width"], rows)
    found = command("predict", model, path, "--json").json()["predictions"]
    assert [one["file"] for one in found] == [f"{path}:line {n}" for n in (2, 3, 4)]


def test_none_among_names_is_a_name_and_among_numbers_a_gap(tmp_path):
    rows = [[height, width, tag if tag == "tall" else "none"] for height, width, tag in flowers()]
    path = table(tmp_path / "a.csv", ["height", "width", "damage"], rows)
    values = command("train", path, "--tag", "damage", "--to", tmp_path / "m", "--json").json()
    assert (values["tags"], values["n"]) == (["none", "tall"], 40)
    priced = [[height, width, f"{2 * float(height):.2f}"] for height, width, _ in flowers()]
    priced[3][2] = priced[8][2] = "NA"
    path = table(tmp_path / "b.csv", ["height", "width", "price"], priced)
    values = command("train", path, "--tag", "price", "--to", tmp_path / "n", "--json").json()
    assert (values["kind"], values["n"]) == ("number", 38)


def test_threshold_looks_whether_card_and_model_belong_together(model, tmp_path):
    changed = shutil.copytree(model, tmp_path / "model")
    card = json.loads((changed / "card.json").read_text())
    (changed / "card.json").write_text(json.dumps({**card, "tags": ["low", "short"]}))
    assert "was changed" in command("threshold", changed, "--reset").message


def test_a_model_of_several_tags_wants_all_their_columns(tmp_path):
    random = np.random.default_rng(0)

    def days(path, n):
        X = random.normal(size=(n, 2))
        rows = [[f"{a:.3f}", f"{b:.3f}", int(a > 0), int(b > 0)] for a, b in X]
        return table(path, ["a", "b", "rain", "wind"], rows)

    words = ("--tag", "rain", "--tag", "wind")
    command("train", days(tmp_path / "a.csv", 40), *words, "--to", tmp_path / "m")
    fresh = days(tmp_path / "b.csv", 20)
    for few in (words[:2], words[2:]):
        said = command("evaluate", tmp_path / "m", fresh, *few).message
        assert "--tag rain --tag wind" in said
    assert command("evaluate", tmp_path / "m", fresh, "--json").json()["n"] == 20


def test_a_table_on_stdin_is_answered_row_by_row(model, tmp_path):
    rows = [["0.1", "2"], ["3.2", "1"], ["2.9", "0"]]
    path = table(tmp_path / "new.csv", ["height", "width"], rows)
    from_file = command("predict", model, path, "--json").json()["predictions"]
    from_stdin = command("predict", model, "-", "--json", stdin=path.read_bytes())
    said = from_stdin.json()["predictions"]
    assert [one["file"] for one in said] == ["-:line 2", "-:line 3", "-:line 4"]
    assert [one["probabilities"] for one in said] == [one["probabilities"] for one in from_file]
    lines = "\n".join(json.dumps({"height": h, "width": w}) for h, w in rows).encode()
    again = command("predict", model, "-", "--json", stdin=lines).json()["predictions"]
    assert [one["probabilities"] for one in again] == [one["probabilities"] for one in from_file]
    one = command("predict", model, "-", "--json", stdin=lines.split(b"\n")[0]).json()
    assert [p["file"] for p in one["predictions"]] == ["-"]


def test_what_is_no_table_on_stdin_is_refused_plainly(model):
    said = command("predict", model, "-", stdin=b"width,colour\n1,red\n").message
    assert "has no column height" in said
    assert "nothing came in" in command("predict", model, "-", stdin=b"").message
    assert "standard input" in command("predict", model, "-", stdin=b"just words").message


def test_rows_that_cannot_be_read_are_not_called_files(model, tmp_path):
    (tmp_path / "new.csv").write_text("width,colour\n1,red\n2,red\n")
    said = command("predict", model, tmp_path / "new.csv").message
    assert said.startswith("2 of 2 rows cannot be read:")
    assert "standard input.csv" not in command("predict", model, "-", stdin=b"a,a\n1,1\n").message
