"""How much decoding at a smaller scale pays: a 4 MP JPEG to pixels, and on to features.

    python benchmarks/decoding.py [--photo PHOTO] [--rounds N]

1. Pixels: read_picture and a bilinear resize beside Pillow's full decode and the same resize, to
   the same number of pixels.
2. Features: file to features in batches of 8. handful (scaled decode, resize in the graph,
   network with every stage pooled; ONNX Runtime, and OpenVINO where it is installed) beside
   Pillow's full decode and resize and `efficientnet-lite-pytorch` in eager torch (last layer
   only), each on one thread.

The photo is a trash photo enlarged to 4 MP, once smooth and once with grain, so that the two
files stand for a soft and a detailed photo. Ways take turns; ratios of median CPU time.

Aim: 3.5x from file to features. Writes build/benchmarks/decoding.json.
"""

from __future__ import annotations

import argparse
import io
import statistics
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import reference
from handful.encoders.image_network import ImageNetwork
from handful.encoders.runtimes import OnnxRuntime, has_openvino, openvino_name
from handful.encoders.weights import LITE0, LITE2
from handful.pictures import read_picture
from measure import PHOTOS, Maker, ratio, shown, table, take_turns, take_turns_apart, write

WIDTH_PX, HEIGHT_PX = 2464, 1632
NOISE = (0, 6)  # standard deviation in grey levels: a smooth file and a detailed one
SHORT_SIDES_PX = (448, 224)
NETWORKS = ((LITE0, 224), (LITE2, 256), (LITE2, 448))
BATCH = 8
FULL, SCALED = "Pillow, in full", "handful, scaled"
PEER = "Pillow in full, torch"


def main() -> None:
    options = _options()
    photo = options.photo or min(PHOTOS.glob("*/*.jpg"))
    files = [four_megapixels(photo, noise) for noise in NOISE]
    print(f"{photo.name} at {WIDTH_PX} x {HEIGHT_PX} px, {options.rounds} rounds\n")
    pixels = [to_pixels(data, side, options.rounds) for data in files for side in SHORT_SIDES_PX]
    table([{**row, "ratio": shown(row["ratio"])} for row in pixels])
    features = []
    for card, size_px in NETWORKS:
        for data in files:
            features += to_features(data, card, size_px, max(3, options.rounds // 3))
    table([{**row, "ratio": shown(row["ratio"])} for row in features])
    report = {"question": __doc__.splitlines()[0], "unit": "CPU ms a photo, median"}
    write("decoding", {**report, "pixels": pixels, "features": features})


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photo", type=Path)
    parser.add_argument("--rounds", type=int, default=31)
    return parser.parse_args()


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


def to_pixels(data, side_px, rounds):
    ways = {FULL: partial(in_full, data, side_px), SCALED: partial(scaled, data, side_px)}
    full, small = (way().astype(float) for way in ways.values())
    turns = take_turns(ways, rounds=rounds)
    return {
        "file_kb": round(len(data) / 1000),
        "short_side_px": side_px,
        "full_ms": 1000 * statistics.median(turns[FULL].cpu_s),
        "scaled_ms": 1000 * statistics.median(turns[SCALED].cpu_s),
        "ratio": ratio(turns[FULL].cpu_s, turns[SCALED].cpu_s),
        "difference_of_255": float(np.abs(full - small).mean()),
    }


def in_full(data, side_px):
    with Image.open(io.BytesIO(data)) as image:
        return resized(image.convert("RGB"), side_px)


def scaled(data, side_px):
    return resized(Image.fromarray(read_picture(data, at_least_px=side_px).pixels), side_px)


def resized(image, side_px):
    width_px = round(side_px * WIDTH_PX / HEIGHT_PX)
    return np.asarray(image.resize((width_px, side_px), Image.Resampling.BILINEAR))


def to_features(data, card, size_px, rounds):
    """A row a way: CPU time a photo, and how much longer the peer takes."""
    args = ([data] * BATCH, card, size_px)
    makers = {PEER: Maker(by_torch, args)}
    for fast in (False, True) if has_openvino() else (False,):
        name = openvino_name() if fast else OnnxRuntime.name
        makers[f"handful, {name}"] = Maker(by_handful, (*args, fast))
    turns = take_turns_apart(makers, rounds=rounds)
    return [
        {
            "network": f"{card.name}, {size_px} px",
            "file_kb": round(len(data) / 1000),
            "way": way,
            "cpu_ms": 1000 * statistics.median(turn.cpu_s) / BATCH,
            "ratio": ratio(turns[PEER].cpu_s, turn.cpu_s),
        }
        for way, turn in turns.items()
    ]


def by_torch(files, card, size_px):
    torch.set_num_threads(1)
    shape = reference.fitting((WIDTH_PX, HEIGHT_PX), size_px)
    net = reference.network(card.name, shape)

    def look():
        images = (Image.open(io.BytesIO(data)) for data in files)
        pixels = np.stack([reference.resized(image, shape) for image in images])
        return reference.last_layer(net, pixels)

    return look


def by_handful(files, card, size_px, fast):
    encoder = ImageNetwork(card, size_px, fast=fast)
    return lambda: encoder.transform([read_picture(data, at_least_px=size_px) for data in files])


if __name__ == "__main__":
    main()
