"""What a camera wrote into a photo: which way is up, when it was taken, by which camera."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, cast

from PIL import Image, ImageFile

from handful.pictures.opening import DAMAGE

# Tags of EXIF 2.32
_MAKE, _MODEL, _ORIENTATION = 0x010F, 0x0110, 0x0112
_EXIF_IFD, _TAKEN, _TAKEN_FRACTION = 0x8769, 0x9003, 0x9291


@dataclass(frozen=True)
class Exif:
    """The part of a photo's EXIF data that matters here.

    Attributes
    ----------
    orientation : int
        1 to 8 as in EXIF 2.32, table 6; 1 is upright.
    taken_s : float or None
        The camera's clock as seconds since 1970 as if it showed UTC.
    camera : str
        Make and model.
    """

    orientation: int = 1
    taken_s: float | None = None
    camera: str = ""


def read_exif(image: ImageFile.ImageFile) -> Exif:
    """What the photo says of itself; damaged EXIF data never stands in the way of its pixels."""
    try:
        tags = _tags(image)
    except DAMAGE:
        return Exif()
    return Exif(_orientation(tags), _taken_s(tags), _camera(tags))


def _tags(image: ImageFile.ImageFile) -> Image.Exif:
    if image.format != "PNG":
        return image.getexif()
    if "exif" not in image.info and image.fp is not None:
        late = _exif_after_pixels(cast(BinaryIO, image.fp))
        if late:
            image.info["exif"] = late
    return Image.Image.getexif(image)  # the method of PngImageFile would decode all pixels


def _exif_after_pixels(stream: BinaryIO) -> bytes:
    """The eXIf chunk of a PNG wherever it stands (PNG 3rd edition, 11.3.4.5), b"" if none."""
    position = stream.tell()
    try:
        stream.seek(8)
        while len(head := stream.read(8)) == 8 and head[4:] != b"IEND":
            length = int.from_bytes(head[:4], "big")
            if head[4:] == b"eXIf":
                return stream.read(length)
            stream.seek(length + 4, os.SEEK_CUR)
        return b""
    finally:
        stream.seek(position)


def _orientation(tags: Image.Exif) -> int:
    value = tags.get(_ORIENTATION)
    return int(value) if isinstance(value, int) and 1 <= value <= 8 else 1


def _taken_s(tags: Image.Exif) -> float | None:
    try:
        inner = tags.get_ifd(_EXIF_IFD)
        taken = datetime.strptime(_words(inner.get(_TAKEN)), "%Y:%m:%d %H:%M:%S")
        digits = _words(inner.get(_TAKEN_FRACTION))
        fraction = float(f"0.{digits}") if digits.isascii() and digits.isdigit() else 0.0
        return taken.replace(tzinfo=UTC).timestamp() + fraction
    except DAMAGE:
        return None


def _camera(tags: Image.Exif) -> str:
    make, model = _words(tags.get(_MAKE)), _words(tags.get(_MODEL))
    return model if model.startswith(make) else f"{make} {model}".strip()


def _words(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())
