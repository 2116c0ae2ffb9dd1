"""Files that cannot be read: each is one UnreadableError that says what to do."""

import contextlib
import os
import struct
import threading
import warnings
import zlib
from pathlib import Path

import pytest
from photo_bytes import HAS_AVIF, noise, png, png_chunks, two_colours, written
from PIL import Image

from handful.errors import UnreadableError
from handful.pictures import measure, read_picture, thumbnail

FILES = Path("/proc/self/fd")  # the open files of this process on Linux
COLOURS = ((200, 40, 30), (20, 60, 210))


NO_PHOTOS = {
    "nothing": (b"", "is empty (0 bytes)"),
    "text": (b"Dear diary,\nno photo today.\n", "is text, not a photo"),
    "text with accents": ("Grüße, łódź, 写真\n".encode() * 100, "is text, not a photo"),
    "text that begins like a bitmap": (b"BMW, Audi, Fiat\n", "is text, not a photo"),
    "web page": (b"\n<!DOCTYPE html><html><body>404</body>", "is a web page"),
    "drawing": (b'<?xml version="1.0"?>\n<svg xmlns="...">', "is a drawing (SVG)"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF"),
    "zip": (b"PK\x03\x04\x14\0\0\0", "is a zip archive"),
    "photoshop": (b"8BPS\0\1\0\0", "is a Photoshop file"),
    "video": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "is a video"),
    "sound": (b"RIFF\x24\0\0\0WAVEfmt ", "is a video or a sound"),
    "zeros": (bytes(5000), "holds nothing but zeros"),
    "random": (bytes(range(128, 256)) * 4, "JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC"),
    "only the first bytes of a JPEG": (b"\xff\xd8\xff\xe0", "copy it again"),
    "only the first bytes of a PNG": (b"\x89PNG\r\n\x1a\n", "copy it again"),
    "only the first bytes of a GIF": (b"GIF89a\x10\0\x10\0\0", "copy it again"),
}


@pytest.mark.parametrize("read", [measure, thumbnail, lambda s: read_picture(s, at_least_px=9)])
@pytest.mark.parametrize(("data", "message"), NO_PHOTOS.values(), ids=NO_PHOTOS)
def test_what_is_no_photo_says_what_it_is(data, message, read, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    for source in (data, path):
        with pytest.raises(UnreadableError) as error:
            read(source)
        assert message in str(error.value)
        assert "photo.jpg" not in str(error.value)  # the caller names the file


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "HEIF", "AVIF"])
def test_a_file_that_is_cut_short_is_refused(kind, share):
    if kind == "AVIF" and not HAS_AVIF:
        pytest.skip("this installation of Pillow writes no AVIF")
    data = written(noise(), kind)
    for at_least_px in (8, 1000):  # decoded small, decoded in full
        with pytest.raises(UnreadableError, match="copy it again"):
            read_picture(data[: int(share * len(data))], at_least_px=at_least_px)


def test_a_file_that_says_how_long_it_should_be():
    data = written(Image.new("RGB", (100, 100)), "BMP")
    assert len(data) == 54 + 30_000
    with pytest.raises(UnreadableError, match=r"is cut short \(12 kB of 30 kB\): copy it again"):
        read_picture(data[:12_000], at_least_px=10)
    data = written(noise(), "WEBP")
    with pytest.raises(UnreadableError, match=rf"is cut short \(900 bytes of {len(data)} bytes\)"):
        read_picture(data[:900], at_least_px=10)


def test_a_jpeg_cut_short_says_so():
    data = written(noise(), "JPEG")
    with pytest.raises(UnreadableError, match=r"is cut short \(it ends after 1000 bytes\)"):
        read_picture(data[:1000], at_least_px=10)


def damaged_pngs():
    head, (_, pixels), end = png_chunks(written(two_colours(*COLOURS), "PNG"))
    palette = (b"IHDR", struct.pack(">2I5B", 96, 48, 8, 3, 0, 0, 0))
    return {
        "wrong check sum of the header": png(head, (b"IDAT", pixels), end)[:20]
        + b"\7"
        + png(head, (b"IDAT", pixels), end)[21:],
        "not deflated": png(head, (b"IDAT", b"nonsense"), end),
        "wrong check sum inside": png(head, (b"IDAT", pixels[:-1] + b"\0"), end),
        "no pixels": png(head, end),
        "no such kind of colour": png((b"IHDR", head[1][:9] + b"\5" + head[1][10:]), end),
        "no width": png((b"IHDR", bytes(4) + head[1][4:]), (b"IDAT", pixels), end),
        "a palette that is missing": png(palette, (b"IDAT", zlib.compress(bytes(97 * 48))), end),
        "text that swells": png(
            head, (b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 26))), (b"IDAT", pixels), end
        ),
    }


@pytest.mark.parametrize("data", damaged_pngs().values(), ids=damaged_pngs())
def test_damaged_png(data):
    with pytest.raises(UnreadableError, match=r"copy it again|is not"):
        read_picture(data, at_least_px=10)


def jpeg_of(width, height):
    data = written(Image.new("RGB", (16, 16)), "JPEG")
    frame = data.index(b"\xff\xc0")
    return data[: frame + 5] + struct.pack(">2H", height, width) + data[frame + 9 :]


def gif_of(width, height):
    data = written(Image.new("L", (16, 16)), "GIF")
    return data[:6] + struct.pack("<2H", width, height) + data[10:]


def bmp_of(width, height):
    data = written(Image.new("L", (16, 16)), "BMP")
    return data[:18] + struct.pack("<2i", width, height) + data[26:]


def png_of(width, height):
    (_, head), *rest = png_chunks(written(Image.new("L", (16, 16)), "PNG"))
    return png((b"IHDR", struct.pack(">2I", width, height) + head[8:]), *rest)


def tiff_of(width, height):
    data = written(Image.new("L", (16, 16)), "TIFF")
    for tag, value in ((256, width), (257, height)):
        old = struct.pack("<HHII", tag, 4, 1, 16)
        assert old in data
        data = data.replace(old, struct.pack("<HHII", tag, 4, 1, value))
    return data


@pytest.mark.parametrize("of", [jpeg_of, gif_of, bmp_of, png_of, tiff_of])
def test_giants_are_refused_from_their_header_without_a_warning(of):
    before = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for read in (measure, lambda data: read_picture(data, at_least_px=10)):
            with pytest.raises(UnreadableError, match="the limit is 200 MP") as error:
                read(of(30_000, 31_000))
            if of is not gif_of:  # Pillow refuses a GIF before it says how large it is
                assert "is 30000 x 31000 px (930 MP)" in str(error.value)
        assert measure(of(13_000, 13_000)) == (13_000, 13_000)  # 169 MP: Pillow would warn
    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("of", [jpeg_of, png_of])
def test_the_largest_phone_photos_are_let_in(of):
    assert measure(of(16_320, 12_240)) == (16_320, 12_240)


def test_a_folder(tmp_path):
    folder = tmp_path / "x.jpg"
    folder.mkdir()
    with pytest.raises(UnreadableError, match="is a folder"):
        read_picture(folder, at_least_px=10)


def test_a_file_that_is_gone(tmp_path):
    with pytest.raises(UnreadableError, match="is not there"):
        measure(tmp_path / "gone.jpg")


def test_links(tmp_path):
    (tmp_path / "nowhere.jpg").symlink_to(tmp_path / "gone.jpg")
    (tmp_path / "circle.jpg").symlink_to(tmp_path / "circle.jpg")
    (tmp_path / "photo.png").write_bytes(written(two_colours(*COLOURS), "PNG"))
    (tmp_path / "good.jpg").symlink_to(tmp_path / "photo.png")
    with pytest.raises(UnreadableError, match="is a link to a file that is not there"):
        measure(tmp_path / "nowhere.jpg")
    with pytest.raises(UnreadableError, match="cannot be opened"):
        measure(tmp_path / "circle.jpg")
    assert measure(tmp_path / "good.jpg") == (96, 48)  # the suffix does not matter


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.jpg")
    raised = []

    def read():
        try:
            read_picture(tmp_path / "x.jpg", at_least_px=10)
        except UnreadableError as error:
            raised.append(str(error))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(timeout=10)
    assert len(raised) == 1
    assert "is a pipe" in raised[0]


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="this system has no file permissions")
def test_permission_denied(tmp_path):
    path = tmp_path / "x.jpg"
    path.write_bytes(written(two_colours(*COLOURS), "JPEG"))
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # root may read everything
    try:
        with pytest.raises(UnreadableError, match=r"permission denied.*chmod"):
            measure(path)
    finally:
        os.seteuid(user)


@pytest.mark.skipif(not FILES.is_dir(), reason="this system does not list its open files")
def test_files_are_closed_again(tmp_path):
    paths = []
    for kind in ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "HEIF"):
        data = written(noise(), kind)
        paths += [tmp_path / kind, tmp_path / f"{kind} cut"]
        paths[-2].write_bytes(data)
        paths[-1].write_bytes(data[: len(data) // 2])
    before = len(list(FILES.iterdir()))
    for path in paths:
        with contextlib.suppress(UnreadableError):
            measure(path)
            read_picture(path, at_least_px=10)
    assert len(list(FILES.iterdir())) == before
