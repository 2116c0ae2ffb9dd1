"""What a refusal tells a person to do can be done with the command that refused."""

from __future__ import annotations

import csv
import shutil

import numpy as np
import pytest

from doors import handful as command


def table(path, header, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def plants(n=40, seed=0):
    random = np.random.default_rng(seed)
    for i in range(n):
        size = random.normal(3 * (i % 2))
        yield [f"{size:.3f}", f"{random.normal():.3f}", ("low", "tall")[i % 2], f"{size:.2f}"]


HEADER = ["height", "width", "tag", "price"]


@pytest.fixture(scope="module")
def plants_csv(tmp_path_factory):
    return table(tmp_path_factory.mktemp("plants") / "plants.csv", HEADER, plants())


@pytest.fixture(scope="module")
def of_numbers(plants_csv):
    model = plants_csv.parent / "numbers"
    command("train", plants_csv, "--tag", "price", "--to", model, "--json").json()
    return model


def test_evaluate_never_asks_for_kind(of_numbers, tmp_path):
    rows = [[*row[:3], f"about {row[3]}"] for row in plants(seed=1)]
    said = command("evaluate", of_numbers, table(tmp_path / "new.csv", HEADER, rows)).message
    assert "no numbers that can be learnt" in said
    assert "--tag COLUMN" in said
    assert "--kind" not in said


def test_evaluate_asks_for_the_column_of_a_table_not_for_folders(model, more_shapes, tmp_path):
    """A model that learned from folders, tried on a table."""
    path = table(tmp_path / "new.csv", ["photo", "shape"],
                 [[p, p.parent.name] for p in sorted(more_shapes.glob("*/*"))])  # fmt: skip
    said = command("evaluate", model, path).message
    assert "is a table: say which column holds the tags, like --tag shape" in said
    assert command("evaluate", model, path, "--tag", "shape", "--json").json()["n"] == 36


def test_evaluate_takes_folders_where_the_model_learned_from_a_table(shapes, more_shapes, tmp_path):
    rows = [[p, p.parent.name] for p in sorted(shapes.glob("*/*"))]
    path = table(tmp_path / "photos.csv", ["photo", "shape"], rows)
    command("train", path, "--tag", "shape", "--to", tmp_path / "model", "--json").json()
    assert command("evaluate", tmp_path / "model", more_shapes, "--json").json()["n"] == 36


def test_strange_tags_of_a_table_are_not_called_folders(plants_csv, tmp_path):
    command("train", plants_csv, "--tag", "tag", "--to", tmp_path / "model", "--json").json()
    rows = [[*row[:2], row[2].upper(), row[3]] for row in plants(seed=1)]
    path = table(tmp_path / "new.csv", HEADER, rows)
    said = command("evaluate", tmp_path / "model", path).message
    assert "LOW, TALL" in said
    assert "--tag COLUMN" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tag", "tag", "--tag", "tag"], ["the column 'tag' more than once"]),
        (["--tag", "tag", "--tag", "price", "--tag", "tag"], ["'tag' more than once"]),
        (["--tag", "price", "--kind", "several"],
         ["'price' holds a number in each row", "--kind number", "--kind exclusive"]),
    ],
)  # fmt: skip
def test_tags_that_cannot_be_meant_so(plants_csv, tmp_path, words, said):
    message = command("train", plants_csv, *words, "--to", tmp_path / "model").message
    assert all(one in message for one in said)
    assert not (tmp_path / "model").exists()


def photos_in_two_folders(shapes, folder, n_twice):
    shutil.copytree(shapes, folder)
    for path in sorted((folder / "square").iterdir())[:n_twice]:
        shutil.copy(path, folder / "triangle" / path.name)
    return folder


def test_the_same_photo_in_two_folders_may_be_meant_so(shapes, tmp_path):
    folder = photos_in_two_folders(shapes, tmp_path / "photos", 4)
    values = command("train", folder, "--to", tmp_path / "model", "--json").json()
    (said,) = [w for w in values["warnings"] if "--kind several" in w]
    assert said.startswith("4 photos stand under more than one tag")
    tried = command("evaluate", tmp_path / "model", photos_in_two_folders(
        folder, tmp_path / "again", 4), "--json")  # fmt: skip
    assert "--kind" not in tried.out + tried.err


def test_where_all_photos_stand_in_two_folders_the_refusal_says_what_may_be_meant(tmp_path, shapes):
    for tag in ("a", "b"):
        shutil.copytree(shapes / "square", tmp_path / "photos" / tag)
    message = command("train", tmp_path / "photos", "--to", tmp_path / "model").message
    assert message.rstrip().endswith("say --kind several.")
    many = command(
        "train", tmp_path / "photos", "--kind", "several", "--to", tmp_path / "m"
    ).message
    assert "--kind several" not in many
