"""Which way is up, when and with which camera: by tables written out by hand."""

import struct
from datetime import UTC, datetime

import numpy as np
import pytest
from photo_bytes import HAS_AVIF, png, png_chunks, two_colours, written
from PIL import ExifTags, Image

from handful.pictures import measure, read_picture

BLOCK_PX = 32
SEEN = ("ABC", "DEF")
# EXIF 2.32, table 6: of the stored picture, row 0 and column 0 are seen at ...
STORED = {
    1: ("ABC", "DEF"),  # top, left
    2: ("CBA", "FED"),  # top, right
    3: ("FED", "CBA"),  # bottom, right
    4: ("DEF", "ABC"),  # bottom, left
    5: ("AD", "BE", "CF"),  # left, top
    6: ("CF", "BE", "AD"),  # right, top
    7: ("FC", "EB", "DA"),  # right, bottom
    8: ("DA", "EB", "FC"),  # left, bottom
}
GREY = {letter: 20 + 40 * number for number, letter in enumerate("ABCDEF")}


def blocks(rows):
    grey = np.array([[GREY[letter] for letter in row] for row in rows], dtype=np.uint8)
    return grey.repeat(BLOCK_PX, 0).repeat(BLOCK_PX, 1)


def letters(pixels, rows, columns):
    """Which letter's grey is nearest in the middle of each of rows x columns blocks."""
    height, width = pixels.shape[:2]
    seen = []
    for row in range(rows):
        line = ""
        for column in range(columns):
            y, x = (2 * row + 1) * height // (2 * rows), (2 * column + 1) * width // (2 * columns)
            line += min(GREY, key=lambda letter: abs(GREY[letter] - int(pixels[y, x, 0])))
        seen.append(line)
    return tuple(seen)


def stored_with(orientation, kind, **options):
    image = Image.fromarray(blocks(STORED[orientation])).convert("RGB")
    if kind == "TIFF":
        return written(image, kind, tiffinfo={ExifTags.Base.Orientation: orientation})
    return written(image, kind, exif=exif({ExifTags.Base.Orientation: orientation}), **options)


def exif(tags, inner=None):
    made = Image.Exif()
    made.update(tags)
    if inner:
        made.get_ifd(ExifTags.IFD.Exif).update(inner)
    return made.tobytes()


@pytest.mark.parametrize("at_least_px", [1000, 16])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
@pytest.mark.parametrize("orientation", STORED)
def test_every_orientation_is_seen_upright(orientation, kind, at_least_px):
    if kind == "AVIF" and not HAS_AVIF:
        pytest.skip("this installation of Pillow writes no AVIF")
    data = stored_with(orientation, kind)
    pixels = read_picture(data, at_least_px=at_least_px).pixels
    assert letters(pixels, 2, 3) == SEEN
    assert measure(data) == (3 * BLOCK_PX, 2 * BLOCK_PX)
    scale = 1 if at_least_px == 1000 else 4
    assert pixels.shape == (2 * BLOCK_PX // scale, 3 * BLOCK_PX // scale, 3)


@pytest.mark.parametrize("orientation", STORED)
def test_png_that_says_it_after_its_pixels(orientation):
    chunks = png_chunks(stored_with(orientation, "PNG"))
    late = sorted(chunks, key=lambda chunk: {b"eXIf": 1, b"IEND": 2}.get(chunk[0], 0))
    assert [name for name, _ in late][-2:] == [b"eXIf", b"IEND"]
    data = png(*late)
    assert letters(read_picture(data, at_least_px=1000).pixels, 2, 3) == SEEN
    assert measure(data) == (3 * BLOCK_PX, 2 * BLOCK_PX)


def test_cmyk_photo_on_its_side():
    ink = Image.fromarray(255 - blocks(STORED[6]))
    nothing = Image.new("L", ink.size, 0)
    image = Image.merge("CMYK", (ink, ink, ink, nothing))
    data = written(image, "JPEG", exif=exif({ExifTags.Base.Orientation: 6}))
    assert letters(read_picture(data, at_least_px=16).pixels, 2, 3) == SEEN


def photo(tags, inner=None, kind="JPEG"):
    image = two_colours((1, 2, 3), (4, 5, 6))
    return read_picture(written(image, kind, exif=exif(tags, inner)), at_least_px=10)


NOON_S = datetime(2021, 5, 4, 12, 0, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
def test_when_and_with_what_it_was_taken(kind):
    tags = {ExifTags.Base.Make: "Acme", ExifTags.Base.Model: "Snap 3"}
    inner = {
        ExifTags.Base.DateTimeOriginal: "2021:05:04 12:00:00",
        ExifTags.Base.SubsecTimeOriginal: "250",
        ExifTags.Base.OffsetTimeOriginal: "+09:00",  # left alone: the camera's clock counts
    }
    picture = photo(tags, inner, kind)
    assert picture.taken_s == NOON_S + 0.25
    assert picture.camera == "Acme Snap 3"


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Acme", "Acme Snap", "Acme Snap"),  # the maker is not named twice
        ("Acme", "", "Acme"),
        ("", "Snap", "Snap"),
        ("  Acme\x00 ", "Snap\n3", "Acme Snap 3"),
    ],
)
def test_camera(make, model, camera):
    assert photo({ExifTags.Base.Make: make, ExifTags.Base.Model: model}).camera == camera


def test_a_photo_that_says_nothing():
    picture = read_picture(written(two_colours((1, 2, 3), (4, 5, 6)), "JPEG"), at_least_px=10)
    assert (picture.taken_s, picture.camera) == (None, "")


@pytest.mark.parametrize("time", ["yesterday", "0000:00:00 00:00:00", "2021:02:30 12:00:00", ""])
def test_a_time_that_is_none(time):
    assert photo({}, {ExifTags.Base.DateTimeOriginal: time}).taken_s is None


@pytest.mark.parametrize("fraction", ["", "abc", "-5", "٣"])
def test_a_fraction_of_a_second_that_is_none(fraction):
    inner = {
        ExifTags.Base.DateTimeOriginal: "2021:05:04 12:00:00",
        ExifTags.Base.SubsecTimeOriginal: fraction,
    }
    assert photo({}, inner).taken_s == NOON_S


def one_tag(tag, kind, count, value):
    """EXIF data of a single entry, which Pillow itself would refuse to write."""
    entry = struct.pack("<HHI4s", tag, kind, count, value)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)


BROKEN = {
    "no such orientation": one_tag(0x0112, 3, 1, b"\x63\0\0\0"),
    "orientation 0": one_tag(0x0112, 3, 1, bytes(4)),
    "orientation in words": one_tag(0x0112, 2, 4, b"six\0"),
    "a fraction through zero": one_tag(0x0112, 5, 1, b"\x08\0\0\0"),
    "far beyond the end": one_tag(0x010F, 2, 1 << 30, b"\xff\xff\xff\x7f"),
    "inner part beyond the end": one_tag(0x8769, 4, 1, b"\xff\xff\xff\x7f"),
    "inner part in itself": one_tag(0x8769, 4, 1, b"\x08\0\0\0"),
    "no byte order": b"Exif\0\0" + b"XX*\0" + bytes(20),
    "cut short": b"Exif\0\0II",
    "zeros": bytes(40),
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_broken_exif_does_not_stand_in_the_way_of_the_pixels(data, kind):
    photo_file = written(Image.fromarray(blocks(SEEN)).convert("RGB"), kind, exif=data)
    picture = read_picture(photo_file, at_least_px=1000)
    assert letters(picture.pixels, 2, 3) == SEEN
    assert picture.taken_s is None
    assert measure(photo_file) == (3 * BLOCK_PX, 2 * BLOCK_PX)
