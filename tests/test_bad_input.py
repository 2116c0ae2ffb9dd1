"""Whatever a folder holds: one clear message or a warning, nothing half-written, no hanging."""

import os
import shutil
import struct
import subprocess
import sys
import zlib

import pytest

from doors import COMMAND, handful, report, rows, tree


@pytest.fixture(scope="module")
def circles(shapes):
    return [path.read_bytes() for path in sorted((shapes / "circle").glob("circle-*.jpg"))]


@pytest.fixture(scope="module")
def squares(shapes):
    return [path.read_bytes() for path in sorted((shapes / "square").iterdir())]


def put(folder, **tags):
    """Numbered photos, one sub-folder a tag."""
    for tag, photos in tags.items():
        (folder / tag).mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(photos):
            (folder / tag / f"{number}.jpg").write_bytes(data)
    return folder


def refused(folder, *words):
    """The message with which training on a folder is refused, after looking for left-overs."""
    before = tree(folder.parent)
    message = handful("train", folder, "--to", folder.parent / "model", *words).message
    assert tree(folder.parent) == before
    return message


# Folders from which nothing can be learnt.


def test_nothing_there(tmp_path):
    assert f"{tmp_path / 'photos'} does not exist" in refused(tmp_path / "photos")


def test_a_file_instead_of_a_folder(tmp_path, circles):
    (tmp_path / "photos").write_bytes(circles[0])
    assert f"{tmp_path / 'photos'} is a file" in refused(tmp_path / "photos")


def test_an_empty_folder(tmp_path):
    (tmp_path / "photos").mkdir()
    message = refused(tmp_path / "photos")
    assert "is empty" in message
    assert "sub-folder named after its tag" in message


@pytest.mark.parametrize("with_empty_folder", [False, True])
def test_only_loose_photos(with_empty_folder, tmp_path, circles):
    (tmp_path / "photos").mkdir()
    if with_empty_folder:
        (tmp_path / "photos" / "circle").mkdir()
    for number in range(3):
        (tmp_path / "photos" / f"{number}.jpg").write_bytes(circles[number])
    message = refused(tmp_path / "photos")
    assert "3 " in message
    assert str(tmp_path / "photos" / "cat" / "0.jpg") in message


def test_only_other_files(tmp_path):
    for name in ("a.pdf", "b.pdf", "c.mp4"):
        (tmp_path / "photos" / "circle").mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / "circle" / name).write_text("x")
    message = refused(tmp_path / "photos")
    assert "2 x .pdf, 1 x .mp4" in message
    assert "Wanted: photos" in message


def test_one_tag(tmp_path, circles):
    message = refused(put(tmp_path / "photos", circle=circles))
    assert "only one tag was found, 'circle'" in message
    assert "Add samples of something else" in message


def test_a_second_tag_without_a_photo_in_it(tmp_path, circles):
    folder = put(tmp_path / "photos", circle=circles, square=[])
    (folder / "square" / "list.txt").write_text("none yet")
    message = refused(folder)
    assert "only one tag was found, 'circle'" in message
    assert "square" in message.partition("Left out:")[2]


def test_one_photo_of_a_tag(tmp_path, circles, squares):
    message = refused(put(tmp_path / "photos", circle=circles, square=squares[:1]))
    assert "at least 2" in message
    assert "'square' has 1 photo" in message


def test_a_tag_of_which_hardly_anything_can_be_read(tmp_path, circles, squares):
    folder = put(tmp_path / "photos", circle=circles, square=[squares[0], b"", b"text"])
    message = refused(folder)
    assert "'square' has 1 photo" in message
    left_out = message.partition("Left out:")[2]
    assert "square/1.jpg is empty" in left_out
    assert "square/2.jpg is text" in left_out


def test_all_photos_of_a_tag_are_one(tmp_path, circles, squares):
    message = refused(put(tmp_path / "photos", circle=circles, square=squares[:1] * 5))
    assert "all 5 photos of 'square' are copies" in message


def test_the_same_photos_under_every_tag(tmp_path, circles):
    message = refused(put(tmp_path / "photos", circle=circles[:2], square=circles[:2]))
    assert "circle/0.jpg = square/0.jpg" in message
    assert "circle/1.jpg = square/1.jpg" in message
    assert "same file under several tags" in message


def test_no_file_can_be_read(tmp_path):
    folder = put(tmp_path / "photos", circle=[b"", b"text"], square=[b"\xff\xd8\xff"])
    (folder / "square" / "two\nlines.jpg").write_bytes(b"")
    lines = refused(folder).splitlines()
    assert len(lines) == 5  # one for all, and one a file
    for name in ("circle/0.jpg", "circle/1.jpg", "square/0.jpg", "square/two lines.jpg"):
        assert sum(line.startswith(f"  {name} ") for line in lines) == 1


def test_a_link_in_a_circle_as_folder(tmp_path):
    (tmp_path / "photos").symlink_to(tmp_path / "photos")
    assert "cannot be looked into" in refused(tmp_path / "photos")


def test_a_name_that_could_steer_the_terminal(tmp_path):
    message = refused(tmp_path / "pho\x1b[31mtos\x07")
    assert "\x1b" not in message
    assert "\x07" not in message
    assert "does not exist" in message


# Files that cannot be read, among many that can: they are named, and the rest is learnt from.


def png(width, height, pixels):
    def chunk(name, content):
        sum_ = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", sum_)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(name, content)
        for name, content in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    )


BOMB = png(60_000, 60_000, zlib.compress(bytes(50_000_000), 9))


def bad_files(whole):
    return {
        "text.jpg": (b"Dear diary\n", "is text"),
        "page.png": (b"<!doctype html><title>404</title>", "is a web page"),
        "empty.jpg": (b"", "is empty (0 bytes)"),
        "cut.jpg": (whole[: len(whole) // 2], "is cut short"),
        "start.jpg": (whole[:20], "copy it again"),
        "bomb.png": (BOMB, "60000 x 60000 px"),
        "zeros.jpg": (bytes(5000), "nothing but zeros"),
        "film.jpg": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "is a video"),
    }


@pytest.fixture(scope="module")
def mixed(shapes, tmp_path_factory):
    """12 good photos of two tags, and everything that can lie between them."""
    folder = tmp_path_factory.mktemp("mixed") / "photos"
    for tag in ("circle", "triangle"):
        (folder / tag).mkdir(parents=True)
        for path in sorted((shapes / tag).glob(f"{tag}*"))[:6]:
            shutil.copy(path, folder / tag)
    whole = (folder / "circle" / "circle-00.jpg").read_bytes()
    for name, (data, _) in bad_files(whole).items():
        (folder / "circle" / name).write_bytes(data)
    os.mkfifo(folder / "circle" / "pipe.jpg")
    (folder / "circle" / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / "circle" / "loop.jpg").symlink_to(folder / "circle" / "loop.jpg")
    (folder / "circle" / "up").symlink_to(folder)
    (folder / "triangle" / "device.jpg").symlink_to("/dev/zero")
    with (folder / "triangle" / "huge.jpg").open("wb") as file:
        file.truncate(50 * 2**30)  # 50 GiB that take no room on the disk
    (folder / "hexagon").mkdir()
    (folder / "hexagon" / "notes.txt").write_text("none yet")
    (folder / "loose.jpg").write_bytes(whole)
    return folder


@pytest.fixture(scope="module")
def from_mixed(mixed):
    """How training on them ended, and the model."""
    model = mixed.parent / "model"
    return handful("train", mixed, "--to", model, "--json"), model


def test_what_cannot_be_read_is_left_out_of_the_job(from_mixed):
    run, model = from_mixed
    assert run.json()["n"] == 12
    assert run.json()["tags"] == ["circle", "triangle"]
    good = [f"{tag}/{tag}-{number:02}.jpg" for tag in ("circle", "triangle") for number in range(6)]
    assert [row["file"] for row in rows(model)] == good


def test_all_that_was_left_out_is_named_in_one_warning(from_mixed, mixed):
    run, model = from_mixed
    whole = (mixed / "circle" / "circle-00.jpg").read_bytes()
    expected = {f"circle/{name}": why for name, (_, why) in bad_files(whole).items()} | {
        "circle/pipe.jpg": "is a pipe",
        "circle/gone.jpg": "is a link to a file that is not there",
        "circle/loop.jpg": "cannot be opened",
        "triangle/device.jpg": "is a pipe or a device",
        "triangle/huge.jpg": "nothing but zeros",
    }
    (warning,) = [w for w in run.json()["warnings"] if "could not be read" in w]
    listed = {bad["name"]: bad["why"] for bad in report(model)["unreadable"]}
    assert set(listed) == set(expected)
    for name, why in expected.items():
        assert why in listed[name], name
        assert f"{name} {listed[name]}" in warning
    assert warning.startswith(f"{len(expected)} samples could not be read and were left out")


def test_what_has_no_tag_and_tags_without_photos_are_named_too(from_mixed):
    warnings = from_mixed[0].json()["warnings"]
    assert any("hexagon" in w and "does not know" in w for w in warnings)
    assert any("loose.jpg" in w and "outside any tag" in w for w in warnings)
    assert any("hexagon/notes.txt" in w for w in warnings)


def test_a_bomb_takes_neither_memory_nor_time(model, tmp_path):
    (tmp_path / "bomb.png").write_bytes(BOMB)
    measure = (
        "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(code, used.ru_maxrss / 1024, used.ru_utime)"
    )
    words = [sys.executable, "-c", measure, COMMAND, "predict", model, tmp_path / "bomb.png"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    code, used_mb, used_s = map(float, done.stdout.split())
    assert code == 2
    assert "60000 x 60000 px" in done.stderr
    assert "save a smaller copy" in done.stderr
    assert used_mb < 400  # its pixels would take 10 GB
    assert used_s < 10
