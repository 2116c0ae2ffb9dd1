"""The model with its network in 8-bit integers: a quarter of the file, and faster on most CPUs."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from handful.errors import InputError
from handful.formats.base import Bound, Inputs, Runner
from handful.formats.onnx_file import described, onnx_runner
from handful.model_file import to_bytes

if TYPE_CHECKING:
    import onnx

_MOST_LOOKED_AT = 64  # samples that show how large the values between the layers grow
_WORTH = 10_000  # numbers in a matrix; heads are smaller and stay exact


class EightBit:
    """ONNX with integers in the network's layers; everything before and behind stays exact.

    References
    ----------
    Jacob et al. (2018), "Quantization and training of neural networks for efficient
    integer-arithmetic-only inference", CVPR, section 2.
    """

    suffix = ".int8.onnx"
    words = "a quarter of the size: the network in 8-bit integers; takes --samples"
    start = b"\x08"
    bound = Bound(largest=1.0, same=0.9, why="the network computes in 8-bit integers")
    calibrated = True

    def write(self, model: bytes, card: Mapping[str, Any], tried: Sequence[Inputs]) -> bytes:
        """The model with integers in the layers of its network.

        Raises
        ------
        InputError
            There is no network in it.
        """
        import onnx

        loaded = onnx.load_from_string(model)
        pictures, words = _picture_layers(loaded), _word_layers(loaded)
        if not pictures and not words:
            raise InputError(
                "there is no large network in this model that 8 bits would make smaller: export "
                "it to .onnx."
            )
        with tempfile.TemporaryDirectory() as scratch, _quiet():
            to = Path(scratch) / "model.onnx"
            if pictures:
                _by_samples(loaded, pictures, tried, to)
            else:
                _as_it_comes(loaded, words, to)
            done = onnx.load(to)
        done.graph.ClearField("value_info")
        return to_bytes(described(done, card))

    def open(self, content: bytes) -> Runner:
        """ONNX Runtime."""
        return onnx_runner(content)


def _picture_layers(model: onnx.ModelProto) -> list[str]:
    """Convolutions over pictures, what limits their values, and what adds them up."""
    shapes = {constant.name: tuple(constant.dims) for constant in model.graph.initializer}
    made, found = set(), []
    for node in model.graph.node:
        layer = node.op_type == "Conv" and len(shapes.get(node.input[1], ())) == 4
        behind = node.op_type in ("Clip", "Add") and node.input[0] in made
        if layer or behind:
            made.update(node.output)
            found.append(node.name)
    return found if any(np.prod(shape) > _WORTH for shape in shapes.values()) else []


def _word_layers(model: onnx.ModelProto) -> list[str]:
    """Products with large matrices, where there is a table of words."""
    sizes = {constant.name: int(np.prod(constant.dims)) for constant in model.graph.initializer}
    nodes = [
        node.name
        for node in model.graph.node
        if (node.op_type == "MatMul" and sizes.get(node.input[1], 0) > _WORTH)
        or (node.op_type == "Gather" and sizes.get(node.input[0], 0) > _WORTH)
    ]
    has_words = any(node.op_type == "LayerNormalization" for node in model.graph.node)
    return nodes if has_words else []


def _by_samples(
    model: onnx.ModelProto, layers: Sequence[str], tried: Sequence[Inputs], to: Path
) -> None:
    """Integers whose scales fit the values that these samples bring about."""
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    few = np.unique(np.linspace(0, len(tried) - 1, _MOST_LOOKED_AT).round().astype(int))
    quantize_static(
        model,
        str(to),
        _Reader(iter([dict(tried[i]) for i in few])),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv", "Clip", "Add"],
        nodes_to_quantize=list(layers),
        per_channel=True,
        reduce_range=True,  # products of 8 by 8 bits overflow on CPUs without VNNI
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )


def _as_it_comes(model: onnx.ModelProto, layers: Sequence[str], to: Path) -> None:
    """Integers whose scales are found anew for each text."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        model,
        str(to),
        op_types_to_quantize=["MatMul", "Gather"],
        nodes_to_quantize=list(layers),
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep ONNX Runtime's advice to its own developers off the user's terminal."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


class _Reader:
    """Samples one after the other, as ONNX Runtime asks for them."""

    def __init__(self, samples: Iterator[dict[str, np.ndarray]]) -> None:
        self._samples = samples

    def get_next(self) -> dict[str, np.ndarray] | None:
        """The next one; None at the end."""
        return next(self._samples, None)
