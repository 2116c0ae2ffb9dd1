"""The model with its numbers kept in 16 bits: half the file, computed in 32 bits as before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from handful.errors import InputError
from handful.formats.base import Bound, Inputs, Runner
from handful.formats.onnx_file import described, onnx_runner
from handful.model_file import to_bytes

if TYPE_CHECKING:
    import onnx

_WORTH_B = 4096  # smaller constants stay exact: they save nothing
_LARGEST = 6e4  # 16 bits end at 65504


class Half:
    """ONNX with 16-bit weights.

    Only what is stored is rounded, to 11 bits of precision; every runtime widens it again while
    it opens the file. Computing in 16 bits would overflow where spectra are squared.
    """

    suffix = ".fp16.onnx"
    words = "half the size: weights in 16 bits, computed in 32"
    start = b"\x08"
    bound = Bound(largest=0.01, same=0.98, why="weights are rounded to 16 bits")
    calibrated = False

    def write(self, model: bytes, card: Mapping[str, Any], tried: Sequence[Inputs]) -> bytes:
        """The model with its large constants in 16 bits.

        Raises
        ------
        InputError
            It has none.
        """
        import onnx

        loaded = onnx.load_from_string(model)
        large = [one for one in loaded.graph.initializer if _can_be_halved(one)]
        if not large:
            raise InputError(
                "this model is small and has nothing to be halved: export it to .onnx."
            )
        for constant in large:
            _halve(loaded.graph, constant)
        return to_bytes(described(loaded, card))

    def open(self, content: bytes) -> Runner:
        """ONNX Runtime."""
        return onnx_runner(content)


def _can_be_halved(constant: onnx.TensorProto) -> bool:
    import onnx
    from onnx import numpy_helper

    if constant.data_type != onnx.TensorProto.FLOAT:
        return False
    values = numpy_helper.to_array(constant)
    return values.nbytes >= _WORTH_B and float(np.abs(values).max()) <= _LARGEST


def _halve(graph: onnx.GraphProto, constant: onnx.TensorProto) -> None:
    """Store a constant in 16 bits, and widen it under its own name where it is used."""
    from onnx import helper, numpy_helper

    name = constant.name
    values = numpy_helper.to_array(constant).astype(np.float16)
    constant.CopyFrom(numpy_helper.from_array(values, f"{name}/16 bits"))
    graph.node.insert(0, helper.make_node("Cast", [constant.name], [name], name=name, to=1))
