"""Model folders that are damaged, incomplete or none at all: refused, never half-used."""

import json
import os

import pytest

from doors import handful, linked
from handful import evaluate, predict
from handful.bundle import MODEL
from handful.errors import BundleError


def replaced(folder, name, data):
    path = folder / name
    path.unlink()
    if data is not None:
        path.write_bytes(data)


def edited(folder, **changes):
    card = json.loads((folder / "card.json").read_text())
    card.update(changes)
    kept = {key: value for key, value in card.items() if value is not ...}
    replaced(folder, "card.json", json.dumps(kept).encode())


def as_link(target):
    def damage(folder):
        (folder / "card.json").unlink()
        (folder / "card.json").symlink_to(target)

    return damage


def cut_model(folder):
    replaced(folder, MODEL, (folder / MODEL).read_bytes()[:-1000])


def one_bit(folder):
    data = bytearray((folder / MODEL).read_bytes())
    data[len(data) // 2] ^= 1
    replaced(folder, MODEL, bytes(data))


DAMAGES = {
    "no card": (lambda f: replaced(f, "card.json", None), "holds no card.json"),
    "empty card": (lambda f: replaced(f, "card.json", b""), "not JSON"),
    "cut card": (lambda f: replaced(f, "card.json", b'{"format": 1, "tags": ['), "not JSON"),
    "card of bytes": (lambda f: replaced(f, "card.json", b"\xff\xfe\0"), "not JSON"),
    "list as card": (lambda f: replaced(f, "card.json", b"[1]"), "not an object"),
    "deep card": (lambda f: replaced(f, "card.json", b"[" * 200_000), "not JSON"),
    "endless number": (lambda f: replaced(f, "card.json", b"9" * 9999), "not JSON"),
    "no format": (lambda f: edited(f, format=...), "does not say which format"),
    "odd format": (lambda f: edited(f, format="1"), "does not say which format"),
    "newer format": (lambda f: edited(f, format=2), "pip install --upgrade handful"),
    "no tags": (lambda f: edited(f, tags=...), "tags"),
    "one tag": (lambda f: edited(f, tags=["circle"]), "tags"),
    "odd tags": (lambda f: edited(f, tags=[1, 2, 3]), "tags"),
    "other tags": (lambda f: edited(f, tags=["square", "circle", "triangle"]), "was changed"),
    "more tags": (lambda f: edited(f, tags=["a", "b", "c", "d"]), "was changed"),
    "no modality": (lambda f: edited(f, modality=...), "modality"),
    "no reading": (lambda f: edited(f, reading=...), "was changed"),
    "odd reading": (lambda f: edited(f, reading={"at_least_px": "many"}), "was changed"),
    "no likeness": (lambda f: edited(f, likeness=...), "was changed"),
    "card is a link to another file": (as_link("/etc/passwd"), "outside of the model's folder"),
    "card is a link to nowhere": (as_link("/nowhere/at/all"), "holds no card.json"),
    "card is a link to a device": (as_link("/dev/zero"), "holds no card.json"),
    "no model": (lambda f: replaced(f, MODEL, None), "No such file"),
    "empty model": (lambda f: replaced(f, MODEL, b""), "damaged or was exchanged"),
    "cut model": (cut_model, "damaged or was exchanged"),
    "one bit of the model": (one_bit, "damaged or was exchanged"),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_model_is_refused(damage, message, model, more_shapes, tmp_path):
    folder = linked(model, tmp_path / "model")
    damage(folder)
    for verb in (predict, evaluate):
        argument = more_shapes / "circle" / "circle-00.jpg" if verb is predict else more_shapes
        with pytest.raises(BundleError) as error:
            verb(folder, argument)
        assert message in str(error.value)
        assert str(folder) in str(error.value)
        assert "root:" not in str(error.value)  # nothing of a file that a link led to


TABLES = {
    "missing": (lambda f: replaced(f, "predictions.csv", None), "No such file"),
    "empty": (lambda f: replaced(f, "predictions.csv", b""), "is damaged"),
    "cut": (
        lambda f: replaced(
            f, "predictions.csv", (f / "predictions.csv").read_bytes().rsplit(b"\n", 2)[0]
        ),
        "36",
    ),
    "other": (lambda f: replaced(f, "predictions.csv", b"name,age\nAda,36\n" * 36), "is damaged"),
    "bytes": (lambda f: replaced(f, "predictions.csv", b"\xff\0\xfe" * 99), "is damaged"),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "message"), TABLES.values(), ids=TABLES)
def test_without_the_list_of_training_samples_nothing_is_judged(
    damage, message, model, shapes, tmp_path
):
    """Else the model might be judged on the very samples that it was trained on."""
    folder = linked(model, tmp_path / "model")
    damage(folder)
    with pytest.raises(BundleError) as error:
        evaluate(folder, shapes)
    assert message in str(error.value)
    assert "predictions.csv" in str(error.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("card.json", "holds no card.json"),
        ("model.onnx", "is not a file"),
        ("predictions.csv", "is not a file"),
    ],
)
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(
    name, message, model, more_shapes, tmp_path
):
    folder = linked(model, tmp_path / "model")
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert message in handful("evaluate", folder, more_shapes).message


def test_prediction_needs_nothing_but_model_and_card(model, more_shapes, tmp_path):
    folder = linked(model, tmp_path / "model")
    for name in ("report.html", "report.json", "predictions.csv"):
        (folder / name).unlink()
    photo = more_shapes / "circle" / "circle-01.jpg"
    assert predict(folder, photo) == predict(model, photo)


def test_a_model_may_be_moved_and_copied(model, more_shapes, tmp_path):
    folder = linked(model, tmp_path / "mo del")
    moved = folder.rename(tmp_path / "größe 🐈")
    photo = more_shapes / "circle" / "circle-01.jpg"
    assert predict(moved, photo) == predict(model, photo)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "nothing is there"),
        (lambda path: path.write_bytes(b"x"), "it is a file"),
        (lambda path: path.mkdir(), "holds no card.json"),
        (lambda path: path.symlink_to(path), "too many levels"),
    ],
    ids=["nothing", "file", "empty folder", "link in a circle"],
)
def test_what_is_no_model_folder(make, message, tmp_path):
    make(tmp_path / "model")
    refusal = handful("predict", tmp_path / "model", "a.jpg").message
    assert str(tmp_path / "model") in refusal
    assert message in refusal
    assert "handful train" in refusal
