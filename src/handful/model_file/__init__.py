"""The whole path from raw samples to an answer as one ONNX graph, and its check."""

from __future__ import annotations

from handful.model_file.checking import TOLERANCE, Witness, check_model
from handful.model_file.writing import (
    ANSWER,
    FAMILIARITY,
    FORMAT,
    KNOWN,
    OUTPUT,
    VALUE,
    features_tensor,
    set_rule,
    to_bytes,
    with_outputs,
    write_model,
)  # fmt: skip

__all__ = [
    "ANSWER", "FAMILIARITY", "FORMAT", "KNOWN", "OUTPUT", "TOLERANCE", "VALUE", "Witness",
    "check_model",    "features_tensor", "set_rule", "to_bytes", "with_outputs", "write_model",
]  # fmt: skip
