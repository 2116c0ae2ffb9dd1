"""The model as it is: one ONNX file that says of itself what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from handful.caring.unknowns import ALPHA
from handful.encoders.runtimes import open_session
from handful.formats.base import EXACT, Inputs, Runner
from handful.model_file import to_bytes

if TYPE_CHECKING:
    import onnx


class OnnxFile:
    """ONNX."""

    suffix = ".onnx"
    words = "the model itself, for ONNX Runtime in any language"
    start = b"\x08"  # the field of the format's version comes first
    bound = EXACT
    calibrated = False

    def write(self, model: bytes, card: Mapping[str, Any], tried: Sequence[Inputs]) -> bytes:
        """The bundle's model, with what it is in plain words beside its card."""
        import onnx

        return to_bytes(described(onnx.load_from_string(model), card))

    def open(self, content: bytes) -> Runner:
        """ONNX Runtime."""
        return onnx_runner(content)


def described(model: onnx.ModelProto, card: Mapping[str, Any]) -> onnx.ModelProto:
    """The model with kind, rule and refusal in its metadata, changed in place."""
    from onnx import helper

    metadata = {entry.key: entry.value for entry in model.metadata_props}
    metadata |= {
        "modality": card["modality"],
        "kind": card["kind"],
        "refusal": f"known is false where familiarity is at most {ALPHA:g}: the sample is unlike "
        "everything learned from, so believe no answer",
    }
    if words := rule_words(card):
        metadata["rule"] = words
    helper.set_model_props(model, metadata)
    return model


def rule_words(card: Mapping[str, Any]) -> str:
    """How a model answers, in words; "" where it tells a number."""
    rule = card.get("rule", {})
    if "thresholds" in rule:
        each = [f"{one['tag']} from {one['threshold']:.2g} on" for one in rule["thresholds"]]
        return f"every tag that is probable enough: {', '.join(each)}"
    return str(rule.get("words", ""))


def onnx_runner(content: bytes) -> Runner:
    """What answers by an ONNX file's content."""
    session = open_session(content, threads=1)
    names = [output.name for output in session.get_outputs()]

    def run(inputs: Inputs) -> dict[str, np.ndarray]:
        return dict(zip(names, session.run(names, dict(inputs)), strict=True))

    return run
