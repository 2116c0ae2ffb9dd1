"""Scaled decoding against full decoding, and how large the result may be."""

import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from photo_bytes import written
from PIL import Image

from handful.errors import UnreadableError
from handful.pictures import LARGE_PX, measure, read_picture, thumbnail

PHOTOS = Path(__file__).parents[2].parent / "shared" / "data" / "images" / "trash"


def scene(width, height):
    """Smooth colours with a few edges, different in every corner."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    red = 200 * x + 30
    green = 200 * y + 30
    blue = np.where((x - 0.4) ** 2 + (y - 0.3) ** 2 < 0.04, 230, 40 + 60 * x * y)
    return Image.fromarray(np.stack([red, green, blue], axis=2).astype(np.uint8))


def distance(pixels, image):
    """Mean absolute difference, in grey levels, to the image brought to the size of `pixels`."""
    height, width = pixels.shape[:2]
    full = image.convert("RGB").resize((width, height), Image.Resampling.BOX)
    return float(np.abs(pixels.astype(float) - np.asarray(full, dtype=float)).mean())


@pytest.mark.parametrize("at_least_px", [96, 150, 224, 380])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_scaled_jpeg_looks_like_the_full_one(mode, at_least_px):
    data = written(scene(1900, 1300).convert(mode), "JPEG", quality=92)
    pixels = read_picture(data, at_least_px=at_least_px).pixels
    with Image.open(io.BytesIO(data)) as full:
        assert distance(pixels, full) < 1.0


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA", "P", "1", "I;16", "F"])
def test_scaled_others_look_like_the_full_one(mode):
    image = scene(1001, 700)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    elif mode != "RGB":
        image = image.convert(mode)
    data = written(image, "TIFF" if mode == "F" else "PNG")
    pixels = read_picture(data, at_least_px=100).pixels
    assert pixels.shape == (100, 143, 3)  # one seventh
    full = image.point(lambda grey: grey / 257, "L") if mode == "I;16" else image
    assert distance(pixels, full) < 1.5


def test_thin_transparent_edges_do_not_bring_back_hidden_colours():
    image = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 64, 30))
    pixels = read_picture(written(image, "PNG"), at_least_px=16).pixels
    # row 7 covers rows 28 to 31: half blue, half nothing, and no red from what is not seen
    assert tuple(pixels[7, 5]) == pytest.approx((127.5, 127.5, 255), abs=1)


def test_a_colour_that_means_nothing_is_taken_out_before_colours_are_mixed():
    stripes = np.zeros((32, 32, 3), dtype=np.uint8)
    stripes[::2] = (201, 41, 31)
    stripes[1::2] = (20, 60, 210)
    data = written(Image.fromarray(stripes), "PNG", transparency=(20, 60, 210))
    pixels = read_picture(data, at_least_px=8).pixels
    assert tuple(pixels[4, 4]) == pytest.approx((228, 148, 143), abs=1)  # half red, half white


@pytest.mark.skipif(not PHOTOS.is_dir(), reason="the photos beside the repository are not here")
@pytest.mark.parametrize("at_least_px", [48, 120, 180])
def test_real_photos_scaled_look_like_the_full_ones(at_least_px):
    paths = sorted(PHOTOS.glob("*/*.jpg"))[::20]
    assert len(paths) >= 10
    for path in paths:
        pixels = read_picture(path, at_least_px=at_least_px).pixels
        assert min(pixels.shape[:2]) < measure(path)[0]
        with Image.open(path) as full:
            assert distance(pixels, full) < 2.0, path.name


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    width=st.integers(1, 900),
    height=st.integers(1, 900),
    at_least_px=st.integers(1, 500),
    kind=st.sampled_from(["JPEG", "PNG"]),
)
def test_sides_stay_within_their_bounds(width, height, at_least_px, kind):
    data = written(Image.new("RGB", (width, height), "teal"), kind)
    pixels = read_picture(data, at_least_px=at_least_px).pixels
    new_height, new_width = pixels.shape[:2]
    for new, old in ((new_width, width), (new_height, height)):
        assert min(old, at_least_px) <= new <= old
    assert min(new_width, new_height) < 2 * at_least_px
    # one and the same factor for both sides, but for the rounding up
    factor = max(width / new_width, height / new_height)
    assert abs(new_width - width / factor) <= 1
    assert abs(new_height - height / factor) <= 1
    assert measure(data) == (width, height)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1200, 800), (160, 107)),
        ((80, 120), (107, 160)),
        ((160, 160), (160, 160)),
        ((1, 900), (1, 160)),
    ],
)
def test_thumbnail_keeps_the_whole_photo(size, expected):
    data = written(scene(*size), "PNG")
    small = thumbnail(data)
    with Image.open(io.BytesIO(small)) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", expected)
        if min(size) > 1:
            assert distance(np.asarray(image), scene(*size)) < 4
    assert thumbnail(data) == small


def test_thumbnail_of_a_large_photo_is_small():
    data = written(scene(2000, 1500), "JPEG")
    assert len(thumbnail(data, side_px=64)) < 4000


MEASURED = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from handful.pictures import read_picture
read_picture(Path(sys.argv[1]), at_least_px=224)  # what is loaded once is not counted
before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert read_picture(Path(sys.argv[2]), at_least_px=224).pixels.shape == (250, 375, 3)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kB on Linux only")
def test_a_large_jpeg_is_never_in_memory_in_full(tmp_path):
    small, large = tmp_path / "small.jpg", tmp_path / "large.jpg"
    scene(600, 400).save(small)
    scene(600, 400).resize((6000, 4000)).save(large, quality=60)
    environment = dict(os.environ, PYTHONWARNINGS="error")
    command = [sys.executable, "-c", MEASURED, small, large]
    out = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert int(out.stdout) * 1024 < 6000 * 4000  # in full it takes three bytes a pixel


def test_large_pictures_take_turns_and_a_damaged_one_gives_way():
    data = written(Image.new("1", (8_200, 8_200), 1), "PNG")
    assert LARGE_PX < 8_200 * 8_200
    with pytest.raises(UnreadableError):
        read_picture(data[:-2000], at_least_px=100)
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(read_picture, data, at_least_px=100) for _ in range(2)]
        for future in futures:
            pixels = future.result(timeout=60).pixels
            assert pixels.shape == (100, 100, 3)
            assert pixels.min() == 255


MANY_THREADS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from handful.pictures import read_picture
paths = sorted(Path(sys.argv[1]).iterdir())
def read(path):
    return read_picture(path, at_least_px=50).pixels.tobytes()
with ThreadPoolExecutor(8) as pool:
    together = list(pool.map(read, paths * 20))
assert together == [read(path) for path in paths] * 20
"""


def test_all_formats_in_many_threads_from_the_start(tmp_path):
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF"):
        (tmp_path / kind).write_bytes(written(scene(200, 130), kind))
    command = [sys.executable, "-W", "error", "-c", MANY_THREADS, tmp_path]
    subprocess.run(command, check=True)  # a fresh process: the plugins load in the threads
