"""Neural networks that learn from the first weight on: MLP, CNN, RNN, Transformer (PyTorch).

>>> import numpy as np
>>> from handful.networks import MLP
>>> from handful.training import fit, predict
>>> X = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
>>> y = (X[:, 0] * X[:, 1] > 0).astype(int)  # no straight line tells these apart
>>> network = MLP(2, 2)
>>> training = fit(network, X, y, epochs=40, device="cpu")
>>> bool((predict(network, X, device="cpu").argmax(axis=1) == y).mean() > 0.9)
True
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from handful.errors import MissingExtraError

if TYPE_CHECKING:
    from handful.networks.activations import gelu, leaky_relu, relu, sigmoid, softmax
    from handful.networks.cnn import CNN
    from handful.networks.curves import plot_function
    from handful.networks.letters import LetterNetwork
    from handful.networks.mlp import MLP
    from handful.networks.rnn import RNN
    from handful.networks.transformer import Transformer
    from handful.networks.upper_part import UpperPart

__all__ = [
    "CNN",
    "MLP",
    "RNN",
    "LetterNetwork",
    "Transformer",
    "UpperPart",
    "gelu",
    "leaky_relu",
    "plot_function",
    "relu",
    "sigmoid",
    "softmax",
]  # fmt: skip
_HOMES = {
    "CNN": "cnn",
    "LetterNetwork": "letters",
    "MLP": "mlp",
    "RNN": "rnn",
    "Transformer": "transformer",
    "UpperPart": "upper_part",
    "gelu": "activations",
    "leaky_relu": "activations",
    "plot_function": "curves",
    "relu": "activations",
    "sigmoid": "activations",
    "softmax": "activations",
}


def __getattr__(name: str) -> Any:
    """Import a network when it is first asked for: torch takes seconds."""
    if name not in _HOMES:
        raise AttributeError(f"module 'handful.networks' has no attribute {name!r}")
    if find_spec("torch") is None:
        raise MissingExtraError(
            "networks need PyTorch, which is not installed: pip install 'handful[deep]'"
        )
    return getattr(import_module(f"handful.networks.{_HOMES[name]}"), name)
