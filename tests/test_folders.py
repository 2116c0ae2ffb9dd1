"""Which files get which tag, whatever lies about beside them."""

import os
import tempfile
import unicodedata
from pathlib import Path

import pytest

from handful.errors import SamplesError
from handful.folders import tagged_files


def accepts(path):
    return path.suffix.lower() == ".jpg"


def put(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def test_one_sub_folder_a_tag(tmp_path):
    put(tmp_path, "dog/2.jpg", "cat/1.JPG", "dog/10.jpg", "cat/old/3.jpg", "cat/old/er/4.jpg")
    found = tagged_files(tmp_path, accepts)
    assert found.names == (
        "cat/1.JPG",
        "cat/old/3.jpg",
        "cat/old/er/4.jpg",
        "dog/10.jpg",
        "dog/2.jpg",
    )
    assert found.tags == ("cat", "cat", "cat", "dog", "dog")
    assert found.paths == tuple(tmp_path / name for name in found.names)
    rest = (found.untagged, found.ignored, found.empty_tags, found.closed)
    assert rest == ((), (), (), ())


def test_what_is_left_out_is_named(tmp_path):
    put(tmp_path, "loose.jpg", "notes.txt", "cat/1.jpg", "cat/1.txt", "cat/deep/a.xml", "dog/x.md")
    (tmp_path / "fox").mkdir()
    found = tagged_files(tmp_path, accepts)
    assert found.names == ("cat/1.jpg",)
    assert found.untagged == ("loose.jpg",)
    assert found.ignored == ("cat/1.txt", "cat/deep/a.xml", "dog/x.md", "notes.txt")
    assert found.empty_tags == ("dog", "fox")


def test_hidden_files_and_clutter_are_passed_over(tmp_path):
    put(tmp_path, "cat/1.jpg", ".git/a.jpg", "__MACOSX/cat/._1.jpg", "cat/.DS_Store")
    put(tmp_path, "cat/._1.jpg", "cat/Thumbs.db", "cat/.hidden/2.jpg", ".DS_Store", "desktop.ini")
    found = tagged_files(tmp_path, accepts)
    assert found.names == ("cat/1.jpg",)
    rest = (found.untagged, found.ignored, found.empty_tags, found.closed)
    assert rest == ((), (), (), ())


def test_names_with_spaces_accents_and_emoji(tmp_path):
    put(tmp_path, "größe 2/früh am Tag.jpg", "🐈 cats/😺.jpg", "写真/一.jpg")
    found = tagged_files(tmp_path, accepts)
    assert set(found.names) == {"größe 2/früh am Tag.jpg", "🐈 cats/😺.jpg", "写真/一.jpg"}
    assert all(path.is_file() for path in found.paths)


def test_composed_and_decomposed_accents_are_one_tag(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    put(tmp_path, f"{composed}/1.jpg", f"{decomposed}/2.jpg")
    found = tagged_files(tmp_path, accepts)
    assert found.tags == (composed, composed)
    assert found.names == (f"{composed}/1.jpg", f"{composed}/2.jpg")
    assert all(path.is_file() for path in found.paths)


@pytest.mark.skipif(os.name != "posix", reason="file names are text on this system")
def test_names_that_are_not_text_can_be_shown(tmp_path):
    put(tmp_path, "cat/1.jpg")
    odd = os.path.join(os.fsencode(tmp_path), b"cat", b"\xff\xfe.jpg")  # noqa: PTH118
    try:
        Path(os.fsdecode(odd)).write_bytes(b"")
    except OSError:
        pytest.skip("this file system takes text names only")
    found = tagged_files(tmp_path, accepts)
    assert len(found.names) == 2
    "".join(found.names).encode("utf-8")
    assert all(path.is_file() for path in found.paths)


def test_links_are_followed(tmp_path):
    put(tmp_path, "elsewhere/a.jpg", "elsewhere/deep/b.jpg", "photos/cat/1.jpg")
    photos = tmp_path / "photos"
    (photos / "dog").symlink_to(tmp_path / "elsewhere")
    (photos / "cat" / "2.jpg").symlink_to(tmp_path / "elsewhere" / "a.jpg")
    found = tagged_files(photos, accepts)
    assert found.names == ("cat/1.jpg", "cat/2.jpg", "dog/a.jpg", "dog/deep/b.jpg")


def test_links_in_a_circle_end(tmp_path):
    put(tmp_path, "photos/cat/1.jpg", "photos/cat/deep/2.jpg", "secret/3.jpg")
    photos = tmp_path / "photos"
    (photos / "cat" / "deep" / "up").symlink_to(photos / "cat")
    (photos / "cat" / "root").symlink_to(photos)
    (photos / "cat" / "above").symlink_to(tmp_path)
    (photos / "cat" / "itself").symlink_to(photos / "cat" / "itself")
    for number in range(30):  # each doubles the ways if a folder is entered again and again
        step = photos / "cat" / f"step{number}"
        step.mkdir()
        (step / "a").symlink_to(photos / "cat" / f"step{number + 1}")
        (step / "b").symlink_to(photos / "cat" / f"step{number + 1}")
    found = tagged_files(photos, accepts)
    assert found.names == ("cat/1.jpg", "cat/deep/2.jpg")


def test_a_folder_that_is_there_twice_is_known_by_its_own_place(tmp_path):
    put(tmp_path, "cat/z/1.jpg")
    (tmp_path / "cat" / "a").symlink_to(tmp_path / "cat" / "z")
    assert tagged_files(tmp_path, accepts).names == ("cat/z/1.jpg",)


def test_a_link_to_nowhere_is_left_to_whoever_reads_it(tmp_path):
    put(tmp_path, "cat/1.jpg")
    (tmp_path / "cat" / "2.jpg").symlink_to(tmp_path / "gone.jpg")
    assert tagged_files(tmp_path, accepts).names == ("cat/1.jpg", "cat/2.jpg")


def test_a_folder_called_like_a_photo(tmp_path):
    put(tmp_path, "cat/x.jpg/1.jpg", "dog.jpg/2.jpg")
    found = tagged_files(tmp_path, accepts)
    assert found.names == ("cat/x.jpg/1.jpg", "dog.jpg/2.jpg")
    assert found.tags == ("cat", "dog.jpg")


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="this system has no file permissions")
def test_a_folder_without_permission_is_reported():
    user = os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        put(folder, "cat/1.jpg", "cat/private/2.jpg", "dog/3.jpg")
        for closed in ("cat/private", "dog"):
            (folder / closed).chmod(0)
        try:
            if user == 0:
                os.seteuid(65534)  # root may look everywhere
            found = tagged_files(folder, accepts)
        finally:
            os.seteuid(user)
            for closed in ("cat/private", "dog"):
                (folder / closed).chmod(0o755)
    assert found.names == ("cat/1.jpg",)
    assert found.closed == ("cat/private: Permission denied", "dog: Permission denied")
    assert found.empty_tags == ("dog",)


def refusal(folder):
    with pytest.raises(SamplesError) as error:
        tagged_files(folder, accepts)
    return str(error.value)


def test_a_folder_that_does_not_exist(tmp_path):
    assert "does not exist" in refusal(tmp_path / "photos")


def test_a_file_instead_of_a_folder(tmp_path):
    put(tmp_path, "photos.zip")
    assert "is a file" in refusal(tmp_path / "photos.zip")


def test_an_empty_folder(tmp_path):
    (tmp_path / ".DS_Store").write_bytes(b"")
    assert "is empty" in refusal(tmp_path)


@pytest.mark.parametrize(("names", "holds"), [("a", "1 file"), ("cab", "3 files")])
def test_a_folder_without_sub_folders(tmp_path, names, holds):
    put(tmp_path, *(f"{name}.jpg" for name in names))
    message = refusal(tmp_path)
    assert f"holds {holds} but no sub-folders" in message
    assert str(tmp_path / "cat" / "a.jpg") in message
