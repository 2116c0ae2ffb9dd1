"""Opens a photo of any kind, or says in plain words why it cannot be opened."""

from __future__ import annotations

import importlib
import io
import os
import stat
import struct
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from PIL import Image, ImageFile

from handful.errors import UnreadableError
from handful.pictures.sniffing import format_of, size_promised_b, what_it_is

LIMIT_MP = 200  # the largest sensor in a phone has 200 MP (16320 x 12240)
LIMIT_RLE_MP = 25  # Pillow unpacks such BMP files byte by byte in Python: 1 s for so many

# What Pillow and its C libraries raise on damaged files, beside OSError; found by fuzzing.
DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)

_CLASSES = {  # the plugin that opens a format; asked directly, so that no other plugin can be
    "JPEG": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "WEBP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "GIF": ("PIL.GifImagePlugin", "GifImageFile"),
    "BMP": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "AVIF": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "HEIF": ("pillow_heif", "HeifImageFile"),
}

_AGAIN = "copy it again from where it came or leave it out"
_SIGNS_OF_A_CUT = ("truncat", "end of file", "eof", "not enough data")  # Pillow's words for it

_PILLOW = r"PIL\."  # modules, as a filter of warnings names them
_quieting = threading.Lock()


@contextmanager
def opened(source: Path | bytes) -> Iterator[ImageFile.ImageFile]:
    """The photo with its header read and its pixels not; closed on leaving.

    Raises
    ------
    UnreadableError
        The message says what was got and what to do, but not the file's name.
    """
    with _stream(source) as stream:
        image = _image(stream)
        try:
            _refuse_giants(image)
            yield image
        except MemoryError as error:
            raise UnreadableError("needs more memory than is free: save a smaller copy") from error
        finally:
            image.close()


def load(image: ImageFile.ImageFile, at_least_px: int) -> None:
    """Decode the pixels, where the format can at a smaller scale of at least `at_least_px`.

    Raises
    ------
    UnreadableError
        They are cut short or damaged.
    """
    with _damage_as_unreadable(cast(BinaryIO, image.fp)):
        # JPEG decodes at 1/2, 1/4, 1/8 of its size several times faster than in full.
        image.draft(None, (at_least_px, at_least_px))
        image.load()
        if image.mode in ("P", "PA") and image.palette is None:
            raise SyntaxError("its colours are numbers, but the list of colours is missing")


def _stream(source: Path | bytes) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        mode = source.stat().st_mode
        if stat.S_ISDIR(mode):
            raise UnreadableError("is a folder, not a photo: give the photos in it")
        if not stat.S_ISREG(mode):  # opening a pipe would wait for ever
            raise UnreadableError("is a pipe or a device, not a photo: leave it out")
        return source.open("rb")
    except FileNotFoundError as error:
        raise UnreadableError(_missing(source)) from error
    except PermissionError as error:
        message = (
            "cannot be opened: permission denied; allow reading it (chmod u+r) or leave it out"
        )
        raise UnreadableError(message) from error
    except OSError as error:
        raise UnreadableError(f"cannot be opened: {error.strerror}") from error


def _missing(path: Path) -> str:
    if path.is_symlink():
        return "is a link to a file that is not there: mend the link or leave it out"
    return "is not there: it was moved or deleted"


def _image(stream: BinaryIO) -> ImageFile.ImageFile:
    with _damage_as_unreadable(stream):
        head = stream.read(4096)
        stream.seek(0)
    opener = _opener(head)
    _quieten_pillow()
    with _damage_as_unreadable(stream):
        return opener(stream)


def _opener(head: bytes) -> Callable[[BinaryIO], ImageFile.ImageFile]:
    kind = format_of(head)
    if kind is None:
        raise UnreadableError(what_it_is(head))
    module, name = _CLASSES[kind]
    try:
        return cast(
            Callable[[BinaryIO], ImageFile.ImageFile],
            getattr(importlib.import_module(module), name),
        )
    except ImportError as error:
        raise UnreadableError(
            f"is {kind}, which this installation of Pillow cannot read: save it as JPEG or PNG"
        ) from error


def _quieten_pillow() -> None:
    """Keep Pillow's remarks on odd metadata off the user's terminal.

    `warnings.catch_warnings` is not safe in threads; one filter for one package is.
    """
    with _quieting:
        if not any(getattr(entry[3], "pattern", "") == _PILLOW for entry in warnings.filters):
            warnings.filterwarnings("ignore", module=_PILLOW)


def _refuse_giants(image: Image.Image) -> None:
    width, height = image.size
    pixels_mp = width * height / 1e6
    if pixels_mp > LIMIT_MP:
        raise UnreadableError(
            f"is {width} x {height} px ({pixels_mp:.0f} MP); the limit is {LIMIT_MP} MP: "
            "save a smaller copy"
        )
    slow = any(tile[0] == "bmp_rle" for tile in getattr(image, "tile", ()))
    if slow and pixels_mp > LIMIT_RLE_MP:
        raise UnreadableError(
            f"is a packed BMP (RLE) of {pixels_mp:.0f} MP; {LIMIT_RLE_MP} MP of those are the "
            "most: save it as PNG"
        )


@contextmanager
def _damage_as_unreadable(stream: BinaryIO) -> Iterator[None]:
    try:
        yield
    except Image.DecompressionBombError as error:
        raise UnreadableError(
            f"has too many pixels (the limit is {LIMIT_MP} MP): save a smaller copy"
        ) from error
    except DAMAGE as error:
        raise UnreadableError(_damage(error, stream)) from error


def _damage(error: Exception, stream: BinaryIO) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return f"cannot be read: {error.strerror}"
    size_b = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    promised_b = size_promised_b(stream.read(8))
    if promised_b > size_b:
        return f"is cut short ({_bytes(size_b)} of {_bytes(promised_b)}): {_AGAIN}"
    if any(word in str(error).lower() for word in _SIGNS_OF_A_CUT):
        return f"is cut short (it ends after {_bytes(size_b)}): {_AGAIN}"
    return f"is damaged ({_bytes(size_b)}): {_AGAIN}"


def _bytes(count: int) -> str:
    return f"{count} bytes" if count < 10_000 else f"{count / 1000:.0f} kB"
