"""Samples as a page shows them."""

import base64
import io

from PIL import Image

from handful.errors import UnreadableError
from handful.explaining.exhibits import exhibits
from handful.modalities.base import Exhibit
from handful.modalities.images import MODALITY


def test_each_file_that_can_be_read_is_shown_under_its_name(tmp_path):
    for name, colour in {"red": (250, 10, 10), "blue": (10, 10, 250)}.items():
        Image.new("RGB", (400, 200), colour).save(tmp_path / f"{name}.png")
    (tmp_path / "broken").write_bytes(b"\xff\xd8\xff broken")
    paths = {name: tmp_path / name for name in ("red.png", "broken", "gone.jpg", "blue.png")}
    found = exhibits(paths, MODALITY.show).pictures
    assert list(found) == ["red.png", "blue.png"]
    for name, channel in (("red.png", 0), ("blue.png", 2)):
        kind, data = found[name].split(",")
        assert kind == "data:image/jpeg;base64"
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as image:
            assert (image.format, image.size) == ("JPEG", (160, 80))
            assert image.getpixel((80, 40))[channel] > 200


def test_texts_and_sounds_stand_beside_pictures_and_what_is_gone_is_left_out():
    def show(source):
        if source == b"gone":
            raise UnreadableError("is gone")
        return Exhibit(text=source.decode(), sound=b"RIFF" if source == b"loud" else b"")

    found = exhibits({"a": b"loud", "b": b"gone", "c": b"quiet"}, show)
    assert (found.pictures, found.texts) == ({}, {"a": "loud", "c": "quiet"})
    assert found.sounds == {"a": "data:audio/wav;base64," + base64.b64encode(b"RIFF").decode()}
