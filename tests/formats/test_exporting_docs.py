"""The lines of docs/exporting.md for other programs answer as `handful predict` does."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import handful

DOCS = Path(__file__).resolve().parents[2] / "docs" / "exporting.md"
CLOSE = 1e-3


def block(language):
    """The first block of code in a language."""
    return re.search(rf"```{language}\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)[1]


def a_photo(width, height):
    """A ring on a slope of colours, with some noise."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:1:1j*height, 0:1:1j*width]  # fmt: skip
    ring = np.abs(np.hypot(x - 0.5, y - 0.5) - 0.3) < 0.08
    colours = np.stack([200 * x, 200 * y, 255 * ring], -1) + rng.normal(0, 8, (height, width, 3))
    return Image.fromarray(colours.clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    small, large = a_photo(310, 250), a_photo(2600, 1900)
    clear = Image.fromarray(np.linspace(0, 255, 310 * 250).reshape(250, 310).astype(np.uint8))
    grey = (np.asarray(small.convert("L")).astype(np.uint16) * 257).astype(np.uint16)
    see_through = small.copy()
    see_through.putalpha(clear)
    see_through.save(folder / "rgba.png")
    see_through.convert("LA").save(folder / "la.png")
    see_through.resize((1500, 1200)).save(folder / "large rgba.png")
    small.quantize(16).save(folder / "palette.png", transparency=3)
    small.convert("1").save(folder / "one bit.png")
    Image.fromarray(grey).save(folder / "16 bits.png")
    Image.fromarray(grey).save(folder / "16 bits.tiff")
    large.save(folder / "large.jpg")
    turned = Image.Exif()
    turned[274] = 6
    large.save(folder / "turned.jpg", exif=turned)
    small.save(folder / "turned.png", exif=turned)
    small.save(folder / "turned.tiff", exif=turned)
    small.convert("CMYK").save(folder / "cmyk.jpg")
    a_photo(1801, 903).save(folder / "wide.png")
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def file(model, tmp_path_factory):
    place = tmp_path_factory.mktemp("elsewhere") / "model.onnx"
    handful.export(model, place)
    return place


def test_the_lines_in_python_answer_as_predict(model, file, photos, monkeypatch, capsys):
    monkeypatch.chdir(file.parent)
    code = compile(block("python"), str(DOCS), "exec")
    for photo, said in zip(photos, handful.predict(model, photos), strict=True):
        shutil.copy(photo, "a.png")  # Pillow goes by what is in it
        here = {}
        exec(code, here)
        wanted = list(said.to_json()["probabilities"].values())
        assert here["shares"][0] == pytest.approx(wanted, abs=CLOSE), photo.name
        answer = said.to_json()["tag"] if said.known else "none of these"
        assert capsys.readouterr().out.startswith(answer), photo.name
