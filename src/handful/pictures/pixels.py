"""Turns decoded pixels of any mode into 8-bit sRGB, shrunk by whole factors."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

_SHRINKABLE = frozenset(("L", "RGB", "CMYK", "LA", "RGBA", "I", "F"))
_DEEP = frozenset(("I", "F", "I;16", "I;16L", "I;16B", "I;16N"))


def to_srgb_pixels(image: Image.Image, at_least_px: int) -> Image.Image:
    """The picture in mode RGB, both sides at least `at_least_px` where it has that many."""
    profile = image.info.get("icc_profile")
    if image.mode in _SHRINKABLE and "transparency" not in image.info:
        image = _shrunk(image, at_least_px)
    small = _flat(_shrunk(_plain(image), at_least_px))
    return _in_srgb(small, profile) if profile else small


def _plain(image: Image.Image) -> Image.Image:
    """The picture in one of the modes that can be shrunk by averaging."""
    if image.mode in _DEEP:
        return Image.fromarray(_to_8_bits(np.asarray(image)))
    if image.has_transparency_data and image.mode not in ("LA", "RGBA"):
        return image.convert("RGBA")
    if image.mode == "LAB":
        return _from_lab(image)
    if image.mode in _SHRINKABLE:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _shrunk(image: Image.Image, at_least_px: int) -> Image.Image:
    factor = min(image.size) // at_least_px
    return image.reduce(factor) if factor >= 2 else image


def _flat(image: Image.Image) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return image.convert("RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return white


def _to_8_bits(values: np.ndarray) -> np.ndarray:
    """Grey values of any depth as uint8.

    Of 16 bits the upper 8 are kept. Wider integers and fractions carry no range with them, so the
    smallest usual one that holds them all is taken: 0 to 1 (fractions only), 0 to 255,
    0 to 65535, and otherwise their own.
    """
    if values.dtype.itemsize == 2:
        upper: np.ndarray = values.astype(np.uint16) >> 8  # as browsers and Pillow do with colours
        return upper.astype(np.uint8)
    low, high = _range(values)
    finite = np.nan_to_num(values, nan=low, posinf=high, neginf=low).astype(np.float64)
    scaled = (finite - low) * (255 / (high - low) if high > low else 0.0)
    eight: np.ndarray = np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)
    return eight


def _range(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    usual = (1.0, 255.0, 65535.0) if values.dtype.kind == "f" else (255.0, 65535.0)
    fitting = [top for top in usual if low >= 0 and high <= top]
    return (0.0, fitting[0]) if fitting else (low, high)


def _from_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    return image.convert("RGB") if converted is None else converted


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The RGB picture converted from its own colour space, unchanged if that is unusable."""
    from PIL import ImageCms

    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = own.profile.profile_description or ""
        if own.profile.xcolor_space.strip() != "RGB" or "sRGB" in name:
            return image  # a grey or printing profile does not fit; sRGB would change nothing
        converted = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, ImportError, OSError, TypeError, ValueError):
        return image
    return image if converted is None else converted
