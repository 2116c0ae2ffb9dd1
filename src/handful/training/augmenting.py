"""More out of few samples: changes that leave the tag as it is, another one in every epoch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from handful.errors import InputError
from handful.training.batches import Inputs

Change = Callable[[Inputs, torch.Tensor, np.random.Generator], tuple[Inputs, torch.Tensor]]


def in_turn(*changes: Change) -> Change:
    """Several changes, one after the other."""

    def change(
        inputs: Inputs, targets: torch.Tensor, random: np.random.Generator
    ) -> tuple[Inputs, torch.Tensor]:
        for one in changes:
            inputs, targets = one(inputs, targets, random)
        return inputs, targets

    return change


def mixup(alpha: float = 0.2) -> Change:
    """Two samples laid over each other, with as much of their tags.

    Each batch is mixed with itself in another order, all samples in the proportion l to 1 - l,
    where l follows the Beta distribution of alpha and alpha.

    References
    ----------
    Zhang et al. 2018, https://arxiv.org/abs/1710.09412
    """

    def change(
        inputs: Inputs, targets: torch.Tensor, random: np.random.Generator
    ) -> tuple[Inputs, torch.Tensor]:
        if not targets.is_floating_point():
            raise InputError("mixup mixes tags too: hand in one_hot(y, n_tags) instead of y.")
        share = float(random.beta(alpha, alpha))
        other = torch.from_numpy(random.permutation(len(targets)))
        x, *lengths = inputs
        mixed = share * x + (1 - share) * x[other]
        longer = [torch.maximum(part, part[other]) for part in lengths]
        return (mixed, *longer), share * targets + (1 - share) * targets[other]

    return change


def noise(size: float) -> Change:
    """Normal noise of this standard deviation on every value."""

    def change(
        inputs: Inputs, targets: torch.Tensor, random: np.random.Generator
    ) -> tuple[Inputs, torch.Tensor]:
        x, *lengths = inputs
        added = torch.from_numpy(random.standard_normal(x.shape, np.float32))
        return (x + size * added, *lengths), targets

    return change


def shifts(most_px: int) -> Change:
    """Pictures moved by up to `most_px` each way, the edge repeated; each its own way."""

    def change(
        inputs: Inputs, targets: torch.Tensor, random: np.random.Generator
    ) -> tuple[Inputs, torch.Tensor]:
        (x,) = inputs
        height, width = x.shape[2:]
        wide = torch.nn.functional.pad(x, (most_px,) * 4, mode="replicate")
        starts = random.integers(0, 2 * most_px + 1, (len(x), 2)).tolist()
        moved = [
            picture[:, top : top + height, left : left + width]
            for picture, (top, left) in zip(wide, starts, strict=True)
        ]
        return (torch.stack(moved),), targets

    return change


def flips() -> Change:
    """Half of the pictures mirrored, left for right."""

    def change(
        inputs: Inputs, targets: torch.Tensor, random: np.random.Generator
    ) -> tuple[Inputs, torch.Tensor]:
        (x,) = inputs
        mirrored = torch.from_numpy(random.random(len(x)) < 0.5)[:, None, None, None]
        return (torch.where(mirrored, x.flip(3), x),), targets

    return change
