"""Thumbnails as data that stands in a page."""

import base64
import io

from PIL import Image

from handful.explaining.thumbnails import data_uris
from handful.pictures import thumbnail


def test_each_file_that_can_be_read_is_shown_under_its_name(tmp_path):
    for name, colour in {"red": (250, 10, 10), "blue": (10, 10, 250)}.items():
        Image.new("RGB", (400, 200), colour).save(tmp_path / f"{name}.png")
    (tmp_path / "broken").write_bytes(b"\xff\xd8\xff broken")
    paths = {name: tmp_path / name for name in ("red.png", "broken", "gone.jpg", "blue.png")}
    found = data_uris(paths, thumbnail)
    assert list(found) == ["red.png", "blue.png"]
    for name, channel in (("red.png", 0), ("blue.png", 2)):
        kind, data = found[name].split(",")
        assert kind == "data:image/jpeg;base64"
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as image:
            assert (image.format, image.size) == ("JPEG", (160, 80))
            assert image.getpixel((80, 40))[channel] > 200
