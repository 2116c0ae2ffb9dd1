"""What happened in a training, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Ended = Literal["done", "no longer better", "out of time"]


@dataclass(frozen=True)
class Epoch:
    """One round through the samples.

    Attributes
    ----------
    number : int
        From 1.
    rate : float
        Learning rate of its last step.
    loss : float
        Mean over the batches, each before its step.
    measure : float
        Of all samples of the epoch, each before the step it was used for.
    validation_loss, validation_measure : float or None
        After the epoch, on samples that are only looked at.
    """

    number: int
    rate: float
    loss: float
    measure: float
    validation_loss: float | None
    validation_measure: float | None


@dataclass(frozen=True)
class Training:
    """How a training went.

    Attributes
    ----------
    epochs : tuple of Epoch
    best_epoch : int
        The epoch whose weights the network now has.
    ended : str
        ``done``, ``no longer better`` or ``out of time``.
    seconds : float
        In all, with what came before a break.
    device : str
        ``cpu``, ``cuda`` or ``mps``.
    """

    epochs: tuple[Epoch, ...]
    best_epoch: int
    ended: Ended
    seconds: float
    device: str
