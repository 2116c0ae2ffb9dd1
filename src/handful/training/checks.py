"""Refuses samples that a network cannot learn from, before any time is spent on them."""

from __future__ import annotations

import numpy as np
from torch import nn

from handful.errors import InputError
from handful.training.batches import Samples
from handful.training.predicting import predict


def check_samples(X: Samples, y: np.ndarray) -> None:
    """Refuse samples that do not fit their targets, and values that are no numbers.

    Raises
    ------
    InputError
        The message says which sample, and what to do.
    """
    y = np.asarray(y)
    if len(X) == 0 or len(X) != len(y):
        raise InputError(f"got {len(X)} samples and {len(y)} targets: one of each is needed.")
    if y.dtype.kind not in "iubf" or not np.isfinite(y).all():
        raise InputError(
            "targets must be finite numbers: number the tags (numpy.unique with return_inverse "
            "does), and leave out samples without a target."
        )
    if isinstance(X, np.ndarray):
        if not np.isfinite(X).all():
            row = int(np.flatnonzero(~np.isfinite(X.reshape(len(X), -1)).all(axis=1))[0])
            raise InputError(f"sample {row} holds values that are not finite: leave it out.")
        return
    for row, series in enumerate(X):
        if series.ndim != 2 or series.shape[0] != len(X[0]) or series.shape[1] == 0:
            raise InputError(
                f"series {row} has the shape {series.shape}: wanted are {len(X[0])} channels, as "
                "the first has, and at least one step."
            )
        if not np.isfinite(series).all():
            raise InputError(f"series {row} holds values that are not finite: leave it out.")


def check_inputs(network: nn.Module, X: Samples, device: str) -> int:
    """Number of outputs that the network has for a sample.

    Raises
    ------
    InputError
        It does not take these samples.
    """
    try:
        return int(predict(network, X[:1], device=device).shape[-1])
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        raise InputError(
            "the network does not take these samples, the first of which has the shape "
            f"{X[0].shape}: {error}"
        ) from error


def check_targets(y: np.ndarray, n_outputs: int) -> None:
    """Refuse targets other than the network has outputs for.

    Parameters
    ----------
    y : ndarray
        Numbers of tags, (n_samples,), or a column an output.
    n_outputs : int

    Raises
    ------
    InputError
        Says what was got and what was wanted.
    """
    y = np.asarray(y)
    if y.ndim > 1 and y.shape[1:] != (n_outputs,):
        raise InputError(f"targets have {y.shape[1]} columns, the network {n_outputs} outputs.")
    if y.ndim == 1 and y.dtype.kind in "iub" and not 0 <= y.min() <= y.max() < n_outputs:
        raise InputError(
            f"tags are numbered {y.min()} to {y.max()}, and the network has {n_outputs} outputs: "
            f"wanted are numbers from 0 to {n_outputs - 1}."
        )


def check_numbers(**numbers: int | float | None) -> None:
    """Refuse counts, rates and times that are not above 0; None is left out.

    Raises
    ------
    InputError
        The message names it.
    """
    for name, value in numbers.items():
        if value is not None and not value > 0:
            raise InputError(f"{name} is {value}: it must be above 0.")
