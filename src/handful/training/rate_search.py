"""Finds a learning rate: larger and larger steps, until the loss no longer falls."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import numpy as np
from torch import nn

from handful.training.batches import Samples, as_targets, batches, collate
from handful.training.clipping import clip
from handful.training.devices import cpu_threads, device_of
from handful.training.losses import Loss, cross_entropy
from handful.training.optimisers import Optimise, adamw

_LOWEST, _HIGHEST = 1e-6, 1.0
_MEMORY = 0.9  # share of the smoothed loss kept from step to step
_WORSE = 4.0  # times the least loss: from here on it only diverges (Smith 2017 stops there too)
_BACK_OFF = 10.0  # the rate of the least loss is already at the edge


@dataclass(frozen=True)
class RateSearch:
    """What a search of the learning rate saw.

    Attributes
    ----------
    rates, losses : tuple of float
        Rate of each step, and the smoothed loss before it.
    rate : float
        A tenth of the rate at which the loss was least: safe, and rarely far from the best.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    rate: float


def search_rate(
    network: nn.Module,
    X: Samples,
    y: np.ndarray,
    *,
    loss: Loss = cross_entropy,
    optimiser: Optimise = adamw,
    batch_size: int = 32,
    n_steps: int = 100,
    max_norm: float | None = 1.0,
    seed: int = 0,
    device: str = "auto",
) -> RateSearch:
    """Train a copy for some steps, each with a higher rate, and see where the loss is least.

    Parameters
    ----------
    network : Module
        Stays as it is.
    X, y, loss, optimiser, batch_size, max_norm, seed, device
        As in `fit`.
    n_steps : int
        From a rate of 1e-6 to 1 in equal ratios.

    References
    ----------
    Smith 2017, section 3.3, https://arxiv.org/abs/1506.01186
    """
    place = device_of(device)
    trial = copy.deepcopy(network).to(place).train()
    targets, steps = as_targets(y), optimiser(trial, _LOWEST)
    rates = np.geomspace(_LOWEST, _HIGHEST, n_steps).tolist()
    losses = list[float]()

    def advance(rows: np.ndarray, rate: float) -> float:
        inputs = [part.to(place) for part in collate(X, rows)]
        wrong = loss(trial(*inputs), targets[rows].to(place)).mean()
        for group in steps.param_groups:
            group["lr"] = rate
        steps.zero_grad()
        wrong.backward()  # type: ignore[no-untyped-call]
        clip(trial.parameters(), max_norm)
        steps.step()
        return wrong.item()

    with cpu_threads(1):
        smooth = 0.0
        for step, rows in enumerate(_endless(len(targets), batch_size, n_steps, seed)):
            smooth = _MEMORY * smooth + (1 - _MEMORY) * advance(rows, rates[step])
            losses.append(smooth / (1 - _MEMORY ** (step + 1)))
            if not losses[-1] < _WORSE * min(losses[:step] or [math.inf]):
                break
    best = rates[int(np.nanargmin(losses))] / _BACK_OFF
    return RateSearch(tuple(rates[: len(losses)]), tuple(losses), best)


def _endless(n: int, size: int, n_steps: int, seed: int) -> list[np.ndarray]:
    """Batches of as many epochs as it takes."""
    found: list[np.ndarray] = []
    while len(found) < n_steps:
        found += batches(n, size, seed=seed, epoch=len(found))
    return found[:n_steps]
