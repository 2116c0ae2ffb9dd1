"""Model folders are written whole or not at all, and never over anything else."""

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from doors import FILES, tree
from handful.bundle import MODEL, check_page, check_target, open_bundle, write_bundle, write_page
from handful.errors import TargetError

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
    assert bundle.read(MODEL) == b"model.onnx1"


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


@pytest.mark.parametrize("name", ["x.txt", "page", "x.html.csv"])
def test_a_page_is_named_like_one(tmp_path, name):
    with pytest.raises(TargetError, match=r"--report a name that ends in \.html"):
        check_page(tmp_path / name)
