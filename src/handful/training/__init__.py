"""Training of networks: one plain loop, and one file for each idea in it (PyTorch)."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from handful.errors import MissingExtraError

if TYPE_CHECKING:
    from handful.training.augmenting import flips, in_turn, mixup, noise, shifts
    from handful.training.batches import one_hot
    from handful.training.history import Epoch, Training
    from handful.training.learning_rates import one_cycle
    from handful.training.loop import fit
    from handful.training.losses import binary_cross_entropy, cross_entropy, quadratic
    from handful.training.measures import accuracy, mean_absolute_error, tags_right
    from handful.training.optimisers import adam, adamw, sgd
    from handful.training.predicting import predict
    from handful.training.rate_search import RateSearch, search_rate

_HOMES = {
    "Epoch": "history",
    "RateSearch": "rate_search",
    "Training": "history",
    "accuracy": "measures",
    "adam": "optimisers",
    "adamw": "optimisers",
    "binary_cross_entropy": "losses",
    "cross_entropy": "losses",
    "fit": "loop",
    "flips": "augmenting",
    "in_turn": "augmenting",
    "mean_absolute_error": "measures",
    "mixup": "augmenting",
    "noise": "augmenting",
    "one_cycle": "learning_rates",
    "one_hot": "batches",
    "predict": "predicting",
    "quadratic": "losses",
    "search_rate": "rate_search",
    "sgd": "optimisers",
    "shifts": "augmenting",
    "tags_right": "measures",
}
__all__ = [
    "Epoch", "RateSearch", "Training", "accuracy", "adam", "adamw", "binary_cross_entropy",
    "cross_entropy", "fit", "flips", "in_turn", "mean_absolute_error", "mixup", "noise",
    "one_cycle", "one_hot", "predict", "quadratic", "search_rate", "sgd", "shifts", "tags_right",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a part when it is first asked for: torch takes seconds."""
    if name not in _HOMES:
        raise AttributeError(f"module 'handful.training' has no attribute {name!r}")
    if find_spec("torch") is None:
        raise MissingExtraError(
            "training networks needs PyTorch, which is not installed: pip install 'handful[deep]'"
        )
    return getattr(import_module(f"handful.training.{_HOMES[name]}"), name)
