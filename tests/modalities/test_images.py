"""Which files count as photos, and the example that others test themselves on."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import features

from handful.modalities.images import accepts, write_example
from handful.pictures import read_picture


@pytest.mark.parametrize(
    "name",
    [
        "a.jpg",
        "b.JPEG",
        "c.jpe",
        "d.jfif",
        "e.Png",
        "f.webp",
        "g.gif",
        "h.bmp",
        "i.tif",
        "j.TIFF",
        "k.heic",
        "l.HEIF",
        "m.hif",
        "two.dots.jpg",
        "größe🐈.jpg",
    ],
)
def test_photos_are_told_by_their_suffix(name):
    assert accepts(Path(name))
    assert accepts(Path("x.txt") / name)


@pytest.mark.parametrize(
    "name", ["a.txt", "jpg", ".jpg", "a.jpg.part", "a.mp4", "a.svg", "a.jpg/b"]
)
def test_other_files_are_not(name):
    assert not accepts(Path(name))


def test_avif_is_accepted_where_it_can_be_read():
    assert accepts(Path("a.avif")) == features.check("avif")


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    write_example(folder)
    return sorted(folder.glob("*/*"))


def pixels_of(paths):
    read = [read_picture(path, at_least_px=96).pixels for path in paths]
    return np.stack(read).astype(float)


def test_the_example_has_three_tags_of_twelve(example):
    tags = [path.parent.name for path in example]
    assert {tag: tags.count(tag) for tag in tags} == {"circle": 12, "square": 12, "triangle": 12}
    assert pixels_of(example).shape == (36, 96, 96, 3)
    assert sum(path.stat().st_size for path in example) < 500_000


def test_no_two_of_the_example_are_nearly_the_same(example):
    pixels = pixels_of(example)
    nearest = min(np.abs(one - other).mean() for one, other in combinations(pixels, 2))
    assert nearest > 10


def test_the_example_is_not_told_apart_by_colour_alone(example):
    colours = pixels_of(example).mean(axis=(1, 2))
    tags = np.array([path.parent.name for path in example])
    hits = 0
    for i, tag in enumerate(tags):
        rest = np.arange(len(tags)) != i
        means = {t: colours[rest & (tags == t)].mean(axis=0) for t in set(tags)}
        hits += min(means, key=lambda t: float(np.linalg.norm(means[t] - colours[i]))) == tag
    assert hits / len(tags) < 0.6


def test_the_example_is_the_same_for_the_same_seed(tmp_path):
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_example(tmp_path / name, seed=seed)
    first, second, other = (
        [path.read_bytes() for path in sorted((tmp_path / name).glob("*/*"))] for name in "abc"
    )
    assert first == second
    assert all(one != another for one, another in zip(first, other, strict=True))
