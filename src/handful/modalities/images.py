"""Photos: which files they are, and a tiny set of them to try things on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, features

from handful.encoders.base import Encoder
from handful.encoders.encoder_cards import PIXELS
from handful.encoders.fingerprint import PhotoFingerprint
from handful.encoders.image_network import ImageNetwork
from handful.encoders.lower_part import LowerPart
from handful.encoders.pixels import Pixels
from handful.encoders.weights import LITE0, LITE2
from handful.encoders.whole_samples import WholePhotos
from handful.graphs import GraphInput
from handful.modalities.base import Exhibit, made_examples
from handful.pictures import Picture, measure, read_picture, thumbnail
from handful.pictures.patterns import patterns
from handful.samples import Source

_JPEG = (".jpg", ".jpeg", ".jpe", ".jfif")
_SUFFIXES = frozenset(
    (*_JPEG, ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".hif")
)
_SMALL_PX, _LARGE_PX = 256, 448  # more pixels pay only where the photos have them
_ENOUGH_PX = 380  # roots of the photos' areas from which the large size is taken
_LEAST_WHOLE_PX, _MOST_WHOLE_PX = 16, 48
_EXAMPLE_TAGS = {"circle": 0, "square": 4, "triangle": 3}  # corners; 0 is round
_EXAMPLES_PER_TAG = 12
_EXAMPLE_SIDE_PX = 96


def accepts(path: Path) -> bool:
    """Whether the name of the file is a photo's; what is in it is not looked at."""
    suffix = path.suffix.lower()
    return suffix in _SUFFIXES or (suffix == ".avif" and _reads_avif())


@cache
def _reads_avif() -> bool:
    return "avif" in features.get_supported_modules()


def write_example(folder: Path, *, seed: int = 0) -> None:
    """Write a tiny tagged set of photos into `folder`: drawn shapes, 12 of each of 3 kinds.

    Size, place, turn, colours, light and noise differ from photo to photo and tell nothing
    of the tag.
    """
    rng = np.random.default_rng(seed)
    for tag, corners in _EXAMPLE_TAGS.items():
        (folder / tag).mkdir(parents=True, exist_ok=True)
        for number in range(_EXAMPLES_PER_TAG):
            image = _shape_photo(corners, rng)
            image.save(folder / tag / f"{tag}-{number:02}.jpg", quality=90)


def _shape_photo(corners: int, rng: np.random.Generator) -> Image.Image:
    side = 4 * _EXAMPLE_SIDE_PX  # drawn large and shrunk, so that edges are smooth
    ground, ink = _two_colours(rng)
    image = Image.new("RGB", (side, side), ground)
    radius = side * rng.uniform(0.2, 0.33)
    x, y = rng.uniform(radius, side - radius, 2)
    turn_deg = rng.uniform(0, 360)
    draw = ImageDraw.Draw(image)
    if corners:
        draw.regular_polygon((x, y, radius), corners, rotation=turn_deg, fill=ink)
    else:
        draw.circle((x, y), radius, fill=ink)
    return _photographed(image.reduce(4), rng)


def _two_colours(rng: np.random.Generator) -> tuple[tuple[int, ...], tuple[int, ...]]:
    while True:
        ground, ink = rng.integers(30, 226, (2, 3)).tolist()
        if math.dist(ground, ink) > 120:
            return tuple(ground), tuple(ink)


def _photographed(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    height, width = image.height, image.width
    slope_y, slope_x = rng.uniform(-0.5, 0.5, 2)
    rows = np.linspace(-slope_y, slope_y, height)[:, None, None]
    columns = np.linspace(-slope_x, slope_x, width)[None, :, None]
    light = 1 + 0.5 * (rows + columns)
    noise = rng.normal(0, 8, (height, width, 3))
    pixels = np.asarray(image) * light + noise
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


class Images:
    """Photos."""

    name = "images"
    noun = "photo"
    nouns = "photos"
    repeats = False
    own_input = PIXELS

    def __init__(self) -> None:
        self.fingerprint = PhotoFingerprint()
        self.small = Pixels()

    def accepts(self, path: Path) -> bool:
        """Whether a file's name is a photo's."""
        return accepts(path)

    def measure(self, data: Source) -> tuple[int, int]:
        """Width and height in pixels."""
        return measure(data)

    def encoders(
        self, measures: Sequence[tuple[int, int]], *, small: bool = False
    ) -> tuple[Encoder, ...]:
        """EfficientNet-Lite2 at the size that the photos can fill, and raw pixels as its rival."""
        if small:
            return (ImageNetwork(LITE0, LITE0.trained_px), self.small)
        typical = float(np.median([math.sqrt(width * height) for width, height in measures]))
        size_px = _LARGE_PX if typical >= _ENOUGH_PX else _SMALL_PX
        return (ImageNetwork(LITE2, size_px), self.small)

    def whole(self, measures: Sequence[tuple[int, int]]) -> WholePhotos:
        """Photos of up to 48 px, smaller where they are."""
        typical = float(np.median([math.sqrt(width * height) for width, height in measures]))
        return WholePhotos(int(np.clip(8 * round(typical / 8), _LEAST_WHOLE_PX, _MOST_WHOLE_PX)))

    def lower_part(self, measures: Sequence[tuple[int, int]]) -> LowerPart:
        """EfficientNet-Lite2's, up to the last stage."""
        return LowerPart(LITE2)

    def remarks(
        self, measures: Sequence[tuple[int, int]], tags: Sequence[str], names: Sequence[str] = ()
    ) -> list[str]:
        """None."""
        return []

    def reading(self, encoders: Sequence[Encoder]) -> dict[str, Any]:
        """How far photos may be scaled down while they are decoded."""
        sizes = [e.size_px for e in encoders if isinstance(e, ImageNetwork | Pixels)]
        return {"at_least_px": max(sizes)}

    def read(self, source: Source, reading: Mapping[str, Any]) -> Picture:
        """One photo, decoded."""
        return read_picture(source, at_least_px=reading["at_least_px"])

    def comparing(self, reading: Mapping[str, Any]) -> None:
        """None: the fingerprint finds near-copies."""

    def inputs(self, reading: Mapping[str, Any]) -> tuple[GraphInput, ...]:
        """Photos of one size: uint8 RGB."""
        return (("pixels", np.uint8, ["n", "height", "width", 3]),)

    def as_input(self, sample: Picture) -> dict[str, np.ndarray]:
        """A photo as a batch of one, uint8 (1, height, width, 3)."""
        return {"pixels": sample.pixels[None]}

    def doubt(self, given: Mapping[str, np.ndarray], reading: Mapping[str, Any]) -> str:
        """Nothing: it has no parts that may be missing."""
        return ""

    def show(self, source: Source) -> Exhibit:
        """A thumbnail."""
        return Exhibit(picture=thumbnail(source))

    def write_example(self, folder: Path, *, seed: int = 0) -> None:
        """Drawn shapes."""
        write_example(folder, seed=seed)

    def made(self, reading: Mapping[str, Any]) -> list[Picture]:
        """Drawn shapes."""
        return made_examples(self.write_example, lambda path: self.read(path, reading))

    def strangers(self) -> list[Picture]:
        """Made patterns that are no photo of anything: what a model should refuse."""
        return [Picture(pixels, None, "") for pixels in patterns()]


MODALITY = Images()
