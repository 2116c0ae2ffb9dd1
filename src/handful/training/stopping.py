"""When to stop: once samples that are only looked at are no longer predicted any better."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Best:
    """The best weights so far.

    Attributes
    ----------
    epoch : int
        After which they were found, from 1.
    loss : float
        On the validation samples.
    weights : dict of str to Tensor
        All that the network keeps, copied.
    """

    epoch: int
    loss: float
    weights: dict[str, torch.Tensor]


def better_of(best: Best | None, network: nn.Module, loss: float, epoch: int) -> Best:
    """The best so far, or the network as it is now where its loss is lower."""
    if best is not None and not loss < best.loss:
        return best
    weights = {name: part.detach().clone() for name, part in network.state_dict().items()}
    return Best(epoch, loss, weights)


def waited(best: Best | None, epoch: int, patience: int | None) -> bool:
    """Whether `patience` epochs have gone by without a better one; never where it is None.

    >>> waited(Best(3, 0.5, {}), 7, 5), waited(Best(3, 0.5, {}), 8, 5), waited(None, 9, None)
    (False, True, False)
    """
    return best is not None and patience is not None and epoch - best.epoch >= patience
