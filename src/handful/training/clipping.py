"""No step too long: slopes that are too steep together are made less so."""

from __future__ import annotations

from collections.abc import Iterable

import torch


def clip(parameters: Iterable[torch.nn.Parameter], max_norm: float | None) -> None:
    """Shorten all slopes by one factor, in place, so that their norm is at most `max_norm`.

    Reference: Pascanu et al. 2013, algorithm 1, https://arxiv.org/abs/1211.5063.

    Parameters
    ----------
    parameters : iterable of Parameter
        After `backward`; those without a slope are passed over.
    max_norm : float or None
        None leaves the slopes as they are.
    """
    slopes = [part.grad for part in parameters if part.grad is not None]
    if max_norm is None or not slopes:
        return
    norm = torch.stack([slope.norm() for slope in slopes]).norm()
    factor = (max_norm / norm.clamp(min=1e-12)).clamp(max=1.0)
    for slope in slopes:
        slope.mul_(factor)
