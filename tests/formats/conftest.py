"""A small model of every kind of sample and of tag, and a browser's runtime fetched only once."""

import shutil
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from PIL import Image

import handful
from handful.encoders.cache import cache_folder
from handful.formats.web_runtime import VERSION, web_runtime
from handful.modalities.base import by_name
from made_photos import packaged


@pytest.fixture(scope="session")
def browser_runtime():
    """What .zip needs from npm's registry: fetched the first time on a machine, never again."""
    name = f"onnxruntime-web-{VERSION}.tgz"
    kept, place = Path(platformdirs.user_cache_dir("handful")) / name, cache_folder() / name
    place.parent.mkdir(parents=True, exist_ok=True)
    if kept.is_file():
        shutil.copy(kept, place)
    web_runtime()
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(place, kept)


def blended_photos(folder):
    """Pieces of real photos laid over one another, turned and with noise: easily mistaken."""
    rng = np.random.default_rng(0)
    names = ("cat", "coffee", "flower")
    for tag in names:
        (folder / tag).mkdir(parents=True)
        for number in range(12):
            other = rng.choice([name for name in (*names, "gravel", "china") if name != tag])
            pixels = 0.62 * _piece(tag, rng) + 0.38 * _piece(str(other), rng)
            pixels += rng.normal(0, 20, pixels.shape)
            image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
            image.save(folder / tag / f"{number:02}.png")


def _piece(name, rng):
    photo = packaged(name)
    side = int(min(photo.size) * rng.uniform(0.5, 0.8))
    left, top = (int(rng.integers(0, room - side)) for room in photo.size)
    piece = photo.crop((left, top, left + side, top + side)).resize((120, 120))
    return np.asarray(piece.rotate(90 * int(rng.integers(4)))).astype(float)


def _numbers_table(path):
    rng = np.random.default_rng(1)
    rows = ["width,height,colour,price"]
    for _ in range(80):
        width, height = rng.normal(size=2)
        price = 2 * width + height**2 + rng.normal(0, 0.2)
        rows.append(f"{width:.3f},{height:.3f},{rng.choice(['red', 'blue'])},{price:.3f}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _several_table(path):
    rng = np.random.default_rng(2)
    rows = ["width,height,tags"]
    for _ in range(80):
        width, height = rng.normal(size=2)
        given = [tag for tag, side in (("wide", width), ("high", height)) if side > 0]
        rows.append(f"{width:.3f},{height:.3f},{'|'.join(given)}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


class Models:
    """Trained when they are first asked for."""

    def __init__(self, folder):
        self.folder = folder
        self._made = {}

    def samples(self, name):
        """What the model learned from."""
        return self.folder / (f"{name}.csv" if name in ("numbers", "several") else name)

    def __getitem__(self, name):
        """The model's folder."""
        if name not in self._made:
            model, samples, options = self.folder / f"{name} model", self.samples(name), {}
            if name == "images":
                blended_photos(samples)
            elif name == "numbers":
                _numbers_table(samples)
                options = {"tag": "price"}
            elif name == "several":
                _several_table(samples)
                options = {"tag": "tags", "kind": "several"}
            else:
                by_name(name).write_example(samples)
            handful.train(samples, model, **options)
            self._made[name] = model
        return self._made[name]


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    return Models(tmp_path_factory.mktemp("models of every kind"))
