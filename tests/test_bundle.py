"""Model folders: written whole or not at all, and opened with care."""

import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest
from doors import FILES, handful, linked, tree

from handful import evaluate, predict
from handful.bundle import MODEL, check_page, check_target, open_bundle, write_bundle, write_page
from handful.errors import BundleError, TargetError

CARD = {"modality": "images", "kind": "exclusive", "tags": ["a", "b"]}


def contents(mark=b"1"):
    names = ("model.onnx", "report.html", "report.json", "predictions.csv")
    return {name: name.encode() + mark for name in names}


def write(target, mark=b"1"):
    write_bundle(target, contents(mark), CARD)


def marks(folder):
    """The last byte of every file but the card: one value where the folder is whole."""
    return {path.read_bytes()[-1:] for path in folder.iterdir() if path.name != "card.json"}


def refused(target):
    before = tree(target.parent) if target.parent.is_dir() else None
    with pytest.raises(TargetError) as error:
        check_target(target)
    with pytest.raises(TargetError):
        write(target)
    assert (tree(target.parent) if target.parent.is_dir() else None) == before
    return str(error.value)


def test_a_new_folder_holds_exactly_the_five_files(tmp_path):
    write(tmp_path / "deep" / "er" / "model")
    assert {path.name for path in (tmp_path / "deep" / "er" / "model").iterdir()} == FILES
    assert [path.name for path in (tmp_path / "deep" / "er").iterdir()] == ["model"]
    bundle = open_bundle(tmp_path / "deep" / "er" / "model")
    assert bundle.tags == ("a", "b")
    assert bundle.read_model() == b"model.onnx1"


def test_the_user_decides_who_may_look(tmp_path):
    before = os.umask(0o027)
    try:
        write(tmp_path / "model")
    finally:
        os.umask(before)
    assert (tmp_path / "model").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "model" / MODEL).stat().st_mode & 0o777 == 0o640


def test_an_empty_folder_and_an_older_model_are_replaced(tmp_path):
    (tmp_path / "model").mkdir()
    write(tmp_path / "model", b"1")
    write(tmp_path / "model", b"2")
    assert marks(tmp_path / "model") == {b"2"}
    assert os.listdir(tmp_path) == ["model"]  # noqa: PTH208


def test_what_a_file_browser_leaves_does_not_matter(tmp_path):
    write(tmp_path / "model")
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (tmp_path / "model" / name).write_bytes(b"")
    write(tmp_path / "model", b"2")
    assert {path.name for path in (tmp_path / "model").iterdir()} == FILES


def test_a_file_is_not_overwritten(tmp_path):
    (tmp_path / "model").write_text("precious")
    assert "is not a folder" in refused(tmp_path / "model")


def test_a_folder_with_other_things_is_not_overwritten(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "thesis.tex").write_text("precious")
    message = refused(tmp_path / "model")
    assert "'thesis.tex'" in message
    assert "--to" in message


def test_a_model_with_something_else_beside_it_is_not_overwritten(tmp_path):
    write(tmp_path / "model")
    (tmp_path / "model" / "notes.txt").write_text("precious")
    assert "'notes.txt'" in refused(tmp_path / "model")
    (tmp_path / "model" / "notes.txt").rename(tmp_path / "model" / ".notes")
    assert "'.notes'" in refused(tmp_path / "model")


@pytest.mark.parametrize("card", ['{"name": "my card game"}', "{", "[1]", ""])
def test_a_card_of_something_else_is_not_overwritten(card, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "card.json").write_text(card)
    assert "'card.json'" in refused(tmp_path / "model")


def test_a_link_to_a_model_stays_a_link(tmp_path):
    write(tmp_path / "disk" / "model")
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "model")
    write(tmp_path / "link", b"2")
    assert (tmp_path / "link").is_symlink()
    assert marks(tmp_path / "disk" / "model") == {b"2"}
    assert set(tree(tmp_path)) == {
        "disk", "link", "disk/model", *(f"disk/model/{name}" for name in FILES),
    }  # fmt: skip


def test_a_link_to_what_is_not_there_yet_is_followed(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "model")
    write(tmp_path / "link")
    assert marks(tmp_path / "disk" / "model") == {b"1"}


def test_a_link_to_a_foreign_folder_is_not_overwritten(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "photo.jpg").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    assert "'photo.jpg'" in refused(tmp_path / "link")


def test_a_link_in_a_circle_is_refused(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "link")
    assert "is not a folder" in refused(tmp_path / "link")


def test_below_a_file_no_folder_can_be_made(tmp_path):
    (tmp_path / "file").write_text("precious")
    assert str(tmp_path / "file") in refused(tmp_path / "file" / "model")


def test_a_name_that_no_disk_takes(tmp_path):
    assert "File name too long" in refused(tmp_path / ("x" * 300))


@pytest.mark.parametrize("name", ["-model", "mo del", "größe 🐈", "[a-z]*", "new\nline", ".hidden"])
def test_any_name_will_do(name, tmp_path):
    write(tmp_path / name)
    write(tmp_path / name, b"2")
    assert marks(tmp_path / name) == {b"2"}
    assert os.listdir(tmp_path) == [name]  # noqa: PTH208


def dead_process():
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@pytest.mark.parametrize("name", ["model", "[a-z]*"])
def test_what_a_killed_run_left_is_removed_and_what_a_running_one_uses_stays(name, tmp_path):
    dead, alive = (f".{name}.{pid}-abc" for pid in (dead_process(), os.getpid()))
    for left_over in (f"{dead}.unfinished", f"{dead}.old", f"{alive}.unfinished", ".model.mine"):
        (tmp_path / left_over).mkdir()
        (tmp_path / left_over / MODEL).write_bytes(b"half")
    write(tmp_path / name)
    assert set(os.listdir(tmp_path)) == {name, f"{alive}.unfinished", ".model.mine"}  # noqa: PTH208


def _write_often(target, mark, times):
    for _ in range(times):
        write(target, mark)


def test_whoever_looks_while_two_write_sees_a_whole_model(tmp_path):
    target, times = tmp_path / "model", 40
    write(target, b"0")
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=_write_often, args=(target, mark, times)) for mark in (b"1", b"2")
    ]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        folder = os.open(target, os.O_RDONLY)  # one folder, whatever stands there afterwards
        try:
            whole = _marks_in(folder)
        finally:
            os.close(folder)
        assert whole is None or len(whole) == 1
        seen |= whole or set()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert len(seen) > 1  # the reader did look while they wrote
    assert set(os.listdir(tmp_path)) == {"model"}  # noqa: PTH208


def _marks_in(folder):
    """Marks of the files in an open folder; None once it was replaced and is being removed."""
    marks = set()
    for name in contents():
        try:
            file = os.open(name, os.O_RDONLY, dir_fd=folder)
        except FileNotFoundError:
            return None
        marks.add(os.read(file, 100)[-1:])
        os.close(file)
    return marks


def test_two_first_models_at_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    for attempt in range(2):
        target = tmp_path / str(attempt)
        writers = [context.Process(target=write, args=(target, mark)) for mark in (b"1", b"2")]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert [writer.exitcode for writer in writers] == [0, 0]
        assert marks(target) in ({b"1"}, {b"2"})
    assert set(os.listdir(tmp_path)) == {"0", "1"}  # noqa: PTH208


def test_a_page_is_written_and_replaced(tmp_path):
    page = tmp_path / "deep" / "page.html"
    (page.parent).mkdir()
    left_over = page.with_name(f".page.html.{dead_process()}-abc.unfinished")
    left_over.write_bytes(b"half")
    write_page(page, b"<!doctype html>1")
    write_page(page, b"<!doctype html>2")
    assert page.read_bytes() == b"<!doctype html>2"
    assert os.listdir(page.parent) == ["page.html"]  # noqa: PTH208


def test_a_page_overwrites_nothing_but_a_page(tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff precious")
    for place in (photo, tmp_path, photo / "page.html", Path(os.devnull)):
        with pytest.raises(TargetError, match="--report"):
            check_page(place)
        with pytest.raises(TargetError):
            write_page(place, b"<!doctype html>")
    assert photo.read_bytes() == b"\xff\xd8\xff precious"
    assert tree(tmp_path).keys() == {"photo.jpg"}


# Damaged folders, seen through the functions that open them.


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


def as_pipe(name):
    def damage(folder):
        (folder / name).unlink()
        os.mkfifo(folder / name)

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
    "card is a link to another file": (as_link("/etc/passwd"), "not JSON"),
    "card is a link to nowhere": (as_link("/nowhere/at/all"), "holds no card.json"),
    "card is a link to a device": (as_link("/dev/zero"), "holds no card.json"),
    "card is a pipe": (as_pipe("card.json"), "holds no card.json"),
    "no model": (lambda f: replaced(f, MODEL, None), "No such file"),
    "empty model": (lambda f: replaced(f, MODEL, b""), "damaged or was exchanged"),
    "cut model": (cut_model, "damaged or was exchanged"),
    "one bit of the model": (one_bit, "damaged or was exchanged"),
    "model is a pipe": (as_pipe(MODEL), "is not a file"),
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
    "pipe": (as_pipe("predictions.csv"), "is not a file"),
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
