"""Does decoding at a smaller scale pay? A 4 MP JPEG to 380 and 224 px, beside Pillow in full.

    python benchmarks/decoding.py [PHOTO]

Both sides end with the same bilinear resize to the same number of pixels. Runs alternate, the
medians of the CPU time of one thread are compared, and build/benchmarks/decoding.json is written.
"""

from __future__ import annotations

import io
import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

from handful.pictures import read_picture

ROOT = Path(__file__).resolve().parent.parent
PHOTOS = ROOT.parent / "shared" / "data" / "images" / "trash"
TARGET = ROOT / "build" / "benchmarks" / "decoding.json"
WIDTH_PX, HEIGHT_PX = 2464, 1632
NOISE = (0, 6)  # standard deviation in grey levels: a smooth file and a detailed one
SHORT_SIDES_PX = (380, 224)
RUNS = 31


def main() -> None:
    photo = Path(sys.argv[1]) if len(sys.argv) > 1 else next(iter(sorted(PHOTOS.glob("*/*.jpg"))))
    rows = []
    print(f"{photo.name} at {WIDTH_PX} x {HEIGHT_PX} px, {RUNS} runs")
    print(
        f"{'file':>7} {'short side':>10} {'full':>9} {'scaled':>9} {'ratio':>6} {'difference':>11}"
    )
    for noise in NOISE:
        data = four_megapixels(photo, noise)
        for side_px in SHORT_SIDES_PX:
            rows.append({"file_kb": round(len(data) / 1000), **compare(data, side_px)})
            print(line(rows[-1]))
    report = {
        "question": "4 MP JPEG to pixels: read_picture against Pillow in full",
        "unit": "CPU time of one thread, median",
        "runs": RUNS,
        "rows": rows,
        "pillow": PIL.__version__,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(report, indent=2) + "\n")


def line(row):
    return (
        f"{row['file_kb']:>4} kB {row['short_side_px']:>7} px {row['full_ms']:>6.1f} ms "
        f"{row['scaled_ms']:>6.1f} ms {row['ratio']:>6.2f} {row['difference']:>5.2f} of 255"
    )


def four_megapixels(photo, noise):
    # An enlarged photo is smoother than a real one of its size, so fine detail is added.
    with Image.open(photo) as image:
        turned = image.rotate(90, expand=True) if image.height > image.width else image
        large = turned.convert("RGB").resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.BICUBIC)
    rng = np.random.default_rng(0)
    detail = rng.normal(0, noise, (HEIGHT_PX, WIDTH_PX, 1))
    noisy = np.clip(np.rint(np.asarray(large) + detail), 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(noisy).save(out, "JPEG", quality=90)
    return out.getvalue()


def compare(data, side_px):
    ways = {"full": in_full, "scaled": scaled}
    times_ms = {name: [] for name in ways}
    pixels = {name: way(data, side_px).astype(float) for name, way in ways.items()}  # and warm up
    for _ in range(RUNS):
        for name, way in ways.items():
            start_s = time.thread_time()
            way(data, side_px)
            times_ms[name].append(1000 * (time.thread_time() - start_s))
    full_ms, scaled_ms = (statistics.median(times_ms[name]) for name in ("full", "scaled"))
    return {
        "short_side_px": side_px,
        "full_ms": full_ms,
        "scaled_ms": scaled_ms,
        "ratio": full_ms / scaled_ms,
        "difference": float(np.abs(pixels["full"] - pixels["scaled"]).mean()),
    }


def in_full(data, side_px):
    with Image.open(io.BytesIO(data)) as image:
        return resized(image.convert("RGB"), side_px)


def scaled(data, side_px):
    return resized(Image.fromarray(read_picture(data, at_least_px=side_px).pixels), side_px)


def resized(image, side_px):
    width_px = round(side_px * WIDTH_PX / HEIGHT_PX)
    return np.asarray(image.resize((width_px, side_px), Image.Resampling.BILINEAR))


if __name__ == "__main__":
    main()
