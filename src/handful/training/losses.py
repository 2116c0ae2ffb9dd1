"""What training lowers: smooth measures of how wrong the outputs are, one value a sample."""

from __future__ import annotations

from collections.abc import Callable

import torch

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Minus the log of the right tag's share: for tags that exclude one another.

    Slope by the logits: softmax(logits) - targets.

    Parameters
    ----------
    logits : Tensor, shape (n_samples, n_tags)
    targets : Tensor
        Numbers of tags, int64 (n_samples,), or shares of tags, (n_samples, n_tags).

    Returns
    -------
    Tensor, shape (n_samples,)
        In nats; ln(n_tags) where all tags seem alike.

    Examples
    --------
    >>> cross_entropy(torch.zeros(1, 4), torch.tensor([2])).tolist()  # ln 4
    [1.3862943649291992]
    """
    logs = logits - logits.logsumexp(-1, keepdim=True)
    if targets.ndim == 1:
        return -logs.gather(1, targets[:, None])[:, 0]
    return -(targets * logs).sum(-1)


def binary_cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """A yes or no for each tag, summed: for tags that do not exclude one another.

    Slope by the logits: sigmoid(logits) - targets.

    Parameters
    ----------
    logits, targets : Tensor, shape (n_samples, n_tags)
        Targets are 0 or 1.

    Returns
    -------
    Tensor, shape (n_samples,)
    """
    both = torch.nn.functional.softplus(logits) - targets * logits  # log(1 + e^x) - t x
    return both.sum(-1)


def quadratic(values: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Half the squared distance: for numbers.

    Slope by the values: values - targets.

    Parameters
    ----------
    values : Tensor, shape (n_samples, n_values)
    targets : Tensor, shape (n_samples, n_values), or (n_samples,) where there is one value

    Returns
    -------
    Tensor, shape (n_samples,)
    """
    return 0.5 * ((values - targets.view_as(values)) ** 2).sum(-1)
