"""Photos from disk to pixels: every format, upright, in sRGB, no larger than needed."""

from __future__ import annotations

import io
import threading
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile

from handful.pictures.exif import Exif, read_exif
from handful.pictures.opening import load, opened
from handful.pictures.pixels import to_srgb_pixels

__all__ = ["Picture", "measure", "read_picture", "thumbnail"]

# Above this a picture is decoded while no other large one is: a 200 MP PNG takes 0.8 GB.
LARGE_PX = 64_000_000
_one_large_at_a_time = threading.Lock()

_UPRIGHT = {  # EXIF 2.32, table 6, tag Orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """One photo, decoded.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        Upright, in sRGB, laid over white where it was transparent.
    taken_s : float or None
        When the shutter opened by the camera's own clock, as seconds since 1970 as if that
        clock showed UTC: good for differences between photos of one camera.
    camera : str
        Make and model, "" where the photo does not say.
    """

    pixels: np.ndarray
    taken_s: float | None
    camera: str


def measure(source: Path | bytes) -> tuple[int, int]:
    """Width and height in pixels as the photo is seen, from its header alone.

    Raises
    ------
    UnreadableError
        It is not a photo that can be opened; the message does not name the file.
    """
    with opened(source) as image:
        exif = read_exif(image)
        width, height = _stored_size(image)
        return (height, width) if exif.orientation >= 5 else (width, height)


def read_picture(source: Path | bytes, *, at_least_px: int) -> Picture:
    """The photo in `source`, scaled down while it is decoded but never up.

    Both sides have at least `at_least_px` pixels where the source has that many, and the
    shorter one has fewer than twice as many. Pictures in an RGB colour space of their own
    (Display P3, Adobe RGB) are converted to sRGB; CMYK is converted by the plain formula,
    without its printing profile. Of animations and multi-page files it is the first picture.

    Parameters
    ----------
    source : Path or bytes
        The file or what is in it: JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC or AVIF.
    at_least_px : int
        How many pixels each side should keep.

    Raises
    ------
    UnreadableError
        It cannot be read as a photo; the message does not name the file.
    """
    with opened(source) as image, _turn(image):
        exif = read_exif(image)
        least_px = max(1, at_least_px)
        load(image, least_px)
        small = to_srgb_pixels(image, least_px)
        upright = _upright(small, image, exif)
        return Picture(np.array(upright), exif.taken_s, exif.camera)


def thumbnail(source: Path | bytes, *, side_px: int = 160) -> bytes:
    """The whole photo as a small JPEG whose longer side has `side_px` pixels.

    Raises
    ------
    UnreadableError
        It cannot be read as a photo; the message does not name the file.
    """
    image = Image.fromarray(read_picture(source, at_least_px=side_px).pixels)
    scale = side_px / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    out = io.BytesIO()
    image.resize((width, height), Image.Resampling.LANCZOS).save(out, "JPEG", quality=80)
    return out.getvalue()


def _turn(image: Image.Image) -> AbstractContextManager[object]:
    width, height = image.size
    return _one_large_at_a_time if width * height > LARGE_PX else nullcontext()


def _stored_size(image: ImageFile.ImageFile) -> tuple[int, int]:
    if image.format != "TIFF":
        return image.size
    tags = image.tag_v2  # type: ignore[attr-defined]
    return int(tags[256]), int(tags[257])  # Pillow's size is already turned in some versions


def _upright(small: Image.Image, image: Image.Image, exif: Exif) -> Image.Image:
    if image.format == "TIFF" or exif.orientation not in _UPRIGHT:
        return small  # Pillow turns a TIFF while it loads it
    return small.transpose(_UPRIGHT[exif.orientation])
