"""Files that may not be read, places that may not be written to, and full disks."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from doors import COMMAND, FILES, handful, tree
from handful.bundle import write_bundle
from handful.errors import TargetError

if not hasattr(os, "geteuid"):
    pytest.skip("this system has no such rights", allow_module_level=True)

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@pytest.fixture(scope="module")
def nobody():
    """What to put before the command so that rights count: root may read and write everything."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("root may read everything, and there is no setpriv to become somebody else")
    tried = subprocess.run([*NOBODY, COMMAND, "--version"], capture_output=True, check=False)
    if tried.returncode != 0:
        pytest.skip("root may read everything, and others may not run the installed command")
    return NOBODY


@pytest.fixture
def place(shapes):
    """A folder that others may look into, with 18 photos and room for a model and a cache."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for tag in ("circle", "square", "triangle"):
            shutil.copytree(shapes / tag, folder / "photos" / tag)
        for free in ("cache", "free"):
            (folder / free).mkdir()
            (folder / free).chmod(0o777)
        yield folder
        for closed in (path for path in folder.rglob("*") if path.is_dir()):
            closed.chmod(0o755)


def as_nobody(nobody, place, *words):
    env = {"HANDFUL_CACHE": str(place / "cache"), "HOME": str(place / "free")}
    return handful(*words, prefix=nobody, env=env)


def test_photos_that_may_not_be_read_are_left_out_and_named(nobody, place):
    (place / "photos" / "circle" / "circle-00.jpg").chmod(0)
    (place / "photos" / "square" / "closed").mkdir()
    shutil.copy(
        place / "photos" / "circle" / "circle-01.jpg", place / "photos" / "square" / "closed"
    )
    (place / "photos" / "square" / "closed").chmod(0)
    run = as_nobody(
        nobody, place, "train", place / "photos", "--to", place / "free" / "m", "--json"
    )
    values = run.json()
    assert values["n"] == 35
    (unread,) = [w for w in values["warnings"] if "could not be read" in w]
    assert "circle/circle-00.jpg cannot be opened: permission denied" in unread
    (closed,) = [w for w in values["warnings"] if "could not be looked into" in w]
    assert "square/closed: Permission denied" in closed
    assert (place / "cache" / "features.sqlite").exists()


def test_nothing_may_be_read(nobody, place):
    for path in (place / "photos").glob("*/*"):
        path.chmod(0)
    run = as_nobody(nobody, place, "train", place / "photos", "--to", place / "free" / "model")
    assert "circle/circle-00.jpg cannot be opened: permission denied" in run.message
    assert not (place / "free" / "model").exists()


def test_the_samples_may_not_be_looked_into(nobody, place):
    (place / "photos").chmod(0)
    run = as_nobody(nobody, place, "train", place / "photos", "--to", place / "free" / "model")
    assert f"{place / 'photos'} cannot be looked into: Permission denied" in run.message


@pytest.mark.parametrize("target", ["model", "deep/er/model"])
def test_a_target_that_may_not_be_written_is_refused_before_any_work(target, nobody, place):
    before = tree(place)
    run = as_nobody(nobody, place, "train", place / "photos", "--to", place / target)
    assert "cannot write to" in run.message
    assert "Choose another folder with --to" in run.message
    assert "reading" not in run.err
    assert tree(place) == before


def test_a_target_that_may_not_be_looked_into(nobody, place):
    (place / "free" / "model").mkdir(mode=0o700)
    (place / "free" / "secret").mkdir(mode=0o700)
    for target in ("model", "secret/model"):
        run = as_nobody(nobody, place, "train", place / "photos", "--to", place / "free" / target)
        if nobody:  # else they are one's own
            assert "ermission denied" in run.message
            assert "reading" not in run.err


def test_a_model_that_may_not_be_read(nobody, place, model):
    for name, closed in (("one", "one"), ("two", "two/card.json"), ("three", "three/model.onnx")):
        shutil.copytree(model, place / name)
        (place / closed).chmod(0)
        photo = place / "photos" / "circle" / "circle-00.jpg"
        run = as_nobody(nobody, place, "predict", place / name, photo)
        assert "ermission denied" in run.message
        assert str(place / name) in run.message


@pytest.fixture
def small_disk(tmp_path):
    """Makes disks of so many kB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may make a small disk to fill")
    disks = []

    def make(size_kb):
        disk = tmp_path / f"disk{len(disks)}"
        disk.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", disk]
        if subprocess.run(words, capture_output=True, check=False).returncode != 0:
            pytest.skip("this machine lets not even root make a small disk to fill")
        disks.append(disk)
        return disk

    yield make
    for disk in disks:
        subprocess.run(["umount", disk], check=True)


CARD = {"modality": "images", "kind": "exclusive", "tags": ["a", "b"]}


def made(size_b):
    """The files of a model of so many bytes."""
    return {
        "model.onnx": b"m" * size_b, "report.html": b"h", "report.json": b"j",
        "predictions.csv": b"p",
    }  # fmt: skip


def test_a_full_disk_gets_no_half_model(small_disk):
    disk = small_disk(64)
    with pytest.raises(TargetError, match="the disk is full"):
        write_bundle(disk / "model", made(100_000), CARD)
    assert tree(disk) == {}
    write_bundle(disk / "model", made(10_000), CARD)  # what was in the way is gone
    assert {path.name for path in (disk / "model").iterdir()} == FILES


def test_left_overs_of_a_killed_run_do_not_fill_the_disk_for_ever(small_disk):
    disk = small_disk(128)
    with subprocess.Popen(["true"]) as process:
        process.wait()
    left_over = disk / f".model.{process.pid}-abc.unfinished"
    left_over.mkdir()
    (left_over / "model.onnx").write_bytes(b"m" * 70_000)
    write_bundle(disk / "model", made(70_000), CARD)
    assert {path.name for path in disk.iterdir()} == {"model"}


def test_a_disk_that_is_full_with_an_older_model_keeps_it(small_disk, shapes, model):
    disk = small_disk(30_000)  # room for one model, not for two
    shutil.copytree(model, disk / "model")
    before = tree(disk)
    run = handful("train", shapes, "--to", disk / "model", "--seed", "3")
    assert "the disk is full" in run.message
    assert "Nothing was changed there" in run.message
    assert tree(disk) == before


def test_a_page_on_a_full_disk(small_disk, model, more_shapes):
    disk = small_disk(8)
    run = handful("evaluate", model, more_shapes, "--report", disk / "page.html")
    assert "the disk is full" in run.message
    assert tree(disk) == {}


def test_a_full_cache_costs_time_not_the_job(small_disk, shapes, model, tmp_path):
    disk = small_disk(100)
    run = handful("train", shapes, "--to", tmp_path / "model", env={"HANDFUL_CACHE": str(disk)})
    assert run.code == 0, run.err
    assert tree(tmp_path / "model") == tree(model)


def test_a_whole_disk_as_target_is_refused_before_any_work(small_disk, shapes):
    disk = small_disk(30_000)
    run = handful("train", shapes, "--to", disk)
    assert f"--to {disk / 'model'}" in run.message
    assert "reading" not in run.err
    assert tree(disk) == {}


def test_a_link_to_a_folder_on_another_disk(small_disk, tmp_path):
    disk = small_disk(200)
    write_bundle(disk / "there", made(1), CARD)
    (tmp_path / "link").symlink_to(disk / "there")
    write_bundle(tmp_path / "link", made(2), CARD)
    assert (tmp_path / "link").is_symlink()
    assert (disk / "there" / "model.onnx").read_bytes() == b"mm"
    assert {path.name for path in disk.iterdir()} == {"there"}
