"""Bytes flipped, cut, dropped and added: never anything but a picture or an UnreadableError."""

import struct

import pytest
from hypothesis import given
from photo_bytes import HAS_AVIF, noise, two_colours, written
from PIL import Image

from damage import EDITS, bounded_memory, edited, how_often
from handful.errors import UnreadableError
from handful.pictures import Picture, measure, read_picture


def seeds():
    exif = Image.Exif()
    exif.update({0x0112: 6, 0x010F: "Acme"})
    exif.get_ifd(0x8769)[0x9003] = "2021:05:04 12:00:00"
    image, other = two_colours((200, 40, 30), (20, 60, 210)), noise(side_px=40)
    files = {
        "jpeg": written(image, "JPEG", exif=exif.tobytes()),
        "progressive jpeg": written(noise("CMYK", 32), "JPEG", progressive=True),
        "png": written(noise("RGBA", 32), "PNG", exif=exif.tobytes()),
        "png palette": written(image.quantize(4), "PNG", transparency=1),
        "gif": written(image, "GIF", save_all=True, append_images=[other]),
        "webp": written(image, "WEBP", exif=exif.tobytes()),
        "bmp": written(noise("P", 32), "BMP"),
        "tiff": written(image, "TIFF", exif=exif.tobytes()),
        "tiff lzw": written(image, "TIFF", compression="tiff_lzw"),
        "tiff wide numbers": written(noise("F", 32), "TIFF"),
        "heif": written(image, "HEIF", exif=exif.tobytes()),
    }
    if HAS_AVIF:
        files["avif"] = written(image, "AVIF", exif=exif.tobytes())
    return files


SEEDS = seeds()


@pytest.mark.parametrize("name", SEEDS)
@how_often(120)
@given(edits=EDITS)
def test_any_damage_gives_a_picture_or_an_unreadable_error(name, edits):
    data = edited(SEEDS[name], edits)
    with bounded_memory():
        try:
            picture = read_picture(data, at_least_px=20)
            width, height = measure(data)
        except UnreadableError:
            return
    assert isinstance(picture, Picture)
    assert picture.pixels.ndim == 3
    assert picture.pixels.size > 0
    assert width > 0
    assert height > 0


def test_a_small_file_that_takes_long_to_unpack_is_refused_by_its_header():
    """A BMP in which four bytes stand for rows of any length (RLE8)."""
    for width, refused in ((1_000_000, False), (6_000_000, True)):
        header = struct.pack("<IiiHHIIiiII", 40, width, 5, 1, 8, 1, 10, 2835, 2835, 256, 0)
        rows = b"\0\2\0\5" + b"\0\1"  # go up by five rows; the end
        start = 14 + 40 + 1024
        size = start + len(rows)
        data = struct.pack("<2sIHHI", b"BM", size, 0, 0, start) + header + bytes(1024) + rows
        if refused:
            with pytest.raises(UnreadableError, match=r"packed BMP \(RLE\) of 30 MP"):
                read_picture(data, at_least_px=20)
        else:
            assert read_picture(data, at_least_px=20).pixels.shape == (5, width, 3)
