"""Folders and files of any name are learnt from, kept apart and shown without harm."""

import os
import unicodedata
from pathlib import Path

import pytest

from doors import handful, rows

ODD_NAMES = [
    "a b.jpg", "größe.jpg", "🐈.jpg", "写真.jpg", "new\nline.jpg", "-rf.jpg", "--json.jpg",
    "<b>&amp;.jpg", "x,\"y'.jpg", "%s{0}$HOME.jpg", "*.jpg", "tab\t.jpg", "\u202egpj.jpg",
]  # fmt: skip


@pytest.fixture(scope="module")
def oddly_named(shapes, tmp_path_factory):
    circles, squares = (
        [path.read_bytes() for path in sorted((shapes / tag).glob(f"{tag}-*.jpg"))]
        for tag in ("circle", "square")
    )
    folder = tmp_path_factory.mktemp("names") / "-größe 🐈\nnew"
    first, second = (
        folder / unicodedata.normalize("NFD", tag) for tag in ("café au lait", "-é 🙂")
    )
    for tag in (first, second):
        tag.mkdir(parents=True)
    for name, data in zip(ODD_NAMES, [*circles, *squares], strict=False):
        (first / name).write_bytes(data)
    for number, data in enumerate(squares[-6:]):
        (second / f"{number}.jpg").write_bytes(data)
    (second / unicodedata.normalize("NFC", "é.jpg")).write_bytes(squares[1])
    try:
        Path(os.fsdecode(os.fsencode(second) + b"/\xff\xfe.jpg")).write_bytes(squares[2])
    except OSError:
        pytest.skip("this file system takes text names only")
    return folder


def test_any_name_is_learnt_from_and_kept(oddly_named, tmp_path):
    run = handful("train", "--json", "--to", "-mo del", "--", oddly_named, cwd=tmp_path)
    assert run.json()["tags"] == ["-é 🙂", "café au lait"]
    names = {row["file"] for row in rows(tmp_path / "-mo del")}
    assert names == {
        *(f"café au lait/{name}" for name in ODD_NAMES),
        *(f"-é 🙂/{number}.jpg" for number in range(6)),
        "-é 🙂/é.jpg",
        "-é 🙂/\ufffd\ufffd.jpg",
    }
    assert {path.name for path in tmp_path.iterdir()} == {"-mo del"}


def test_any_name_is_predicted(model, oddly_named):
    paths = [os.fsencode(path) for path in sorted(oddly_named.glob("*/*.jpg"))]
    found = handful("predict", "--json", model, *paths).json()["predictions"]
    assert [os.fsencode(one["file"]) for one in found] == paths
    steering = [path for path in paths if b"\n" in path.rpartition(b"/")[2] or b"\xff" in path]
    shown = handful("predict", model, *steering)
    assert shown.code == 0
    assert len(shown.out.splitlines()) == len(steering) == 2


def test_a_folder_of_samples_with_a_leading_dash(tmp_path):
    message = handful("train", "--", "-photos", cwd=tmp_path).message
    assert "-photos does not exist" in message
