"""A cell that lacks where every training row had one: no confident answer, and a reason by name."""

from __future__ import annotations

import csv

import numpy as np
import onnxruntime
import pytest

import handful
from doors import handful as command
from handful.bundle import open_bundle
from handful.modalities.tables import MODALITY

TAGS = {"exclusive": ["tag"], "several": ["tall", "wide"], "number": ["price"]}
HEADER = ["height", "width", "colour"]


def plants(n, seed):
    """Height, sometimes no width, a colour; tags of each kind."""
    random = np.random.default_rng(seed)
    for i in range(n):
        tall, wide = i % 2, (i // 2) % 2
        height, width = random.normal(3 * tall), random.normal(3 * wide)
        yield {
            "height": f"{height:.3f}",
            "width": "" if i % 10 == 9 else f"{width:.3f}",
            "colour": ("green", "blue")[tall],
            "tag": ("low", "high")[tall],
            "tall": tall,
            "wide": wide,
            "price": f"{height:.2f}",
        }


def table(path, rows, columns):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module", params=TAGS)
def model(request, tmp_path_factory):
    """A model of each kind of tag, and the columns of its tags."""
    folder, tags = tmp_path_factory.mktemp(request.param), TAGS[request.param]
    path = table(folder / "plants.csv", plants(80, 0), [*HEADER, *tags])
    asked = [word for tag in tags for word in ("--tag", tag)]
    command("train", path, *asked, "--to", folder / "model", "--json").json()
    return folder / "model", tags


@pytest.fixture
def rows():
    """Ten rows like those of the training; in lines 3, 4 and 5 a cell cannot be used."""
    found = list(plants(10, 1))
    found[1] |= {"height": ""}
    found[2] |= {"height": "tall!"}
    found[3] |= {"colour": "NA"}
    return found


def test_predict_calls_them_unknown_and_says_which_column(model, rows, tmp_path):
    folder, _ = model
    path = table(tmp_path / "new.csv", rows, HEADER)
    said = command("predict", folder, path, "--json").json()["predictions"]
    notes = {one["file"].split(":")[-1]: one for one in said if "note" in one}
    assert list(notes) == ["line 3", "line 4", "line 5"]
    assert not any(one["known"] for one in notes.values())
    assert all("height" in notes[line]["note"] for line in ("line 3", "line 4"))
    assert "colour" in notes["line 5"]["note"]
    words = command("predict", folder, path).out.splitlines()
    assert "nothing that can be used in height" in words[1]
    whole = command("predict", folder, table(tmp_path / "w.csv", plants(10, 1), HEADER), "--json")
    assert not any("note" in one for one in whole.json()["predictions"])  # width had gaps before


def test_evaluate_counts_and_names_them(model, rows, tmp_path):
    folder, tags = model
    path = table(tmp_path / "new.csv", rows, [*HEADER, *tags])
    (said,) = [w for w in handful.evaluate(folder, path).warnings if "nothing that can be" in w]
    assert said.startswith("3 of 10 rows count as unlike")
    assert all(f"line {n} has" in said for n in (3, 4, 5))
    assert "line 11" not in said  # no width, as in training


def test_the_model_file_says_so_by_itself(model):
    folder, _ = model
    reading = open_bundle(folder).card["reading"]
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    cells = [b'{"height": %s, "width": null, "colour": %s}' % c
             for c in ((b"1.0", b'"blue"'), (b"null", b'"blue"'), (b"1.0", b"null"))]  # fmt: skip
    given = [MODALITY.as_input(MODALITY.read(cell, reading)) for cell in cells]
    assert [session.run(["known"], one)[0].tolist() for one in given] == [[True], [False], [False]]
