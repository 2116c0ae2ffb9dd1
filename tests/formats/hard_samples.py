"""Samples as they come: turned, printed, transparent, grey, deep, tiny, wide; at every rate."""

import json

import numpy as np
import soxr
from PIL import Image

from made_photos import packaged
from made_sounds import noise, sine, write_wav

TEN = (
    "china",
    "flower",
    "cat",
    "coffee",
    "rocket",
    "astronaut",
    "bricks",
    "coins",
    "moon",
    "grass",
)


def hard_photos(folder):
    """Files of one photo in eleven shapes."""
    folder.mkdir()
    photo = packaged("coffee")
    photo.info.clear()
    turned = Image.Exif()
    turned[0x0112] = 6
    photo.save(folder / "turned.jpg", quality=95, exif=turned)
    photo.save(folder / "turned.png", exif=turned)
    photo.convert("CMYK").save(folder / "printed.jpg", quality=95)
    clear = photo.convert("RGBA")
    row = np.linspace(0, 255, photo.width).astype(np.uint8)
    clear.putalpha(Image.fromarray(np.tile(row, (photo.height, 1))))
    clear.save(folder / "transparent.png")
    photo.convert("L").save(folder / "grey.png")
    photo.convert("L").save(folder / "grey.jpg", quality=95)
    grey = np.asarray(photo.convert("L")).astype(np.uint16)
    lower = np.random.default_rng(5).integers(0, 256, grey.shape, np.uint16)
    Image.fromarray(grey * 256 + lower).save(folder / "16 bits.png")
    photo.quantize(64).save(folder / "palette.png")
    photo.resize((12, 9)).save(folder / "tiny.png")
    photo.resize((1500, 90)).save(folder / "wide.png")
    photo.resize((2400, 1600)).save(folder / "large.png", compress_level=1)
    return sorted(folder.iterdir())


def ten_photos(folder):
    """Ten real photos as PNG, and the same as JPEG."""
    folder.mkdir()
    for name in TEN:
        photo = packaged(name)
        photo.info.clear()  # a colour profile of its own is converted otherwise by every program
        photo.save(folder / f"{name}.png", compress_level=1)
        photo.save(folder / f"{name}.jpg", quality=90)
    return sorted(folder.iterdir())


def hard_sounds(folder):
    """A tone over noise at four rates, of one and two channels, and one of opposite channels."""
    folder.mkdir()
    made = noise(1.0, rate_hz=48_000, rms=0.02) + sine(700, 1.0, rate_hz=48_000, fade_s=0.2)
    for rate_hz in (8000, 22_050, 44_100, 48_000):
        one = soxr.resample(made, 48_000, rate_hz)
        two = np.stack([one, 0.5 * one], axis=1)
        for name, samples in (("mono", one), ("stereo", two)):
            write_wav(folder / f"{rate_hz} {name}.wav", samples, rate_hz=rate_hz)
    both = np.stack([made, -made], axis=1)
    write_wav(folder / "opposite.wav", both, rate_hz=48_000)
    return sorted(folder.iterdir())


def hard_texts(folder):
    folder.mkdir()
    texts = (
        "Hello, my parcel is late!",
        "Größe ÄÖÜ ß ﬁne İstanbul ΟΔΥΣΣΕΥΣ naïve café",
        "日本語のテキスト and 한국어 🐈‍⬛ emoji [SEP] x",
        "$5 + 3 = 8 <b>~`^|</b> don't",
        "a" * 150 + " word\u00a0wide\u200bnone\ttab\nline",
        "Refund the money for the bike please. " * 60,
        "٣ ½ ² x_y ǅ",
    )
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return sorted(folder.iterdir())


def hard_rows(folder):
    folder.mkdir()
    rows = (
        {
            "petal_cm": 1.5,
            "leaf_cm": None,
            "height_cm": 30,
            "colour": "green",
            "seen": "2026-05-01",
        },
        {"petal_cm": "4,5", "leaf_cm": None, "height_cm": "", "colour": "blue", "seen": None},
        {"petal_cm": 3.4, "leaf_cm": 1e30, "height_cm": -5, "colour": "white", "seen": "never"},
    )
    for number, row in enumerate(rows):
        (folder / f"{number}.json").write_text(json.dumps(row), encoding="utf-8")
    return sorted(folder.iterdir())


def hard_recordings(folder):
    folder.mkdir()
    rng = np.random.default_rng(3)
    for number, steps in enumerate((1, 9, 40, 500)):
        rows = [f"{a:.4f};{b:.4f}" for a, b in rng.normal(size=(steps, 2))]
        if steps == 40:
            rows[5] = ";0.5"
        (folder / f"{number}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return sorted(folder.iterdir())


def number_rows(folder):
    folder.mkdir()
    rows = (
        {"width": 0.5, "height": 1, "colour": "red"},
        {"width": -1, "height": 0, "colour": "blue"},
    )
    for number, row in enumerate(rows):
        (folder / f"{number}.json").write_text(json.dumps(row), encoding="utf-8")
    return sorted(folder.iterdir())


HARD = {
    "images": hard_photos,
    "sounds": hard_sounds,
    "texts": hard_texts,
    "tables": hard_rows,
    "series": hard_recordings,
    "numbers": number_rows,
    "several": number_rows,
}
