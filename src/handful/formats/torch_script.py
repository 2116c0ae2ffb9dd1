"""The model for PyTorch's own runtime: a TorchScript program, for C++ and Python."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from handful.errors import InputError, MissingExtraError
from handful.formats.base import EXACT, Inputs, Runner

if TYPE_CHECKING:
    import onnx

_INSTALL = "pip install 'handful[deep]'"


class TorchScript:
    """TorchScript: one file, samples of any size, nothing of handful's needed."""

    suffix = ".pt"
    words = f"TorchScript, for PyTorch and libtorch; takes {_INSTALL}"
    start = b"pk"
    bound = EXACT
    calibrated = False

    def write(self, model: bytes, card: Mapping[str, Any], tried: Sequence[Inputs]) -> bytes:
        """The same nodes as a TorchScript program that gives its outputs as a tuple.

        Raises
        ------
        InputError
            The model takes text, which PyTorch cannot, or holds trees.
        MissingExtraError
            PyTorch is not installed.
        """
        if find_spec("torch") is None:
            raise MissingExtraError(f"TorchScript files need PyTorch: {_INSTALL}")
        import onnx
        import torch

        loaded = onnx.load_from_string(model)
        names = [one.name for one in loaded.graph.input]
        program = _program(loaded, [output.name for output in loaded.graph.output])
        first = tuple(torch.from_numpy(np.array(tried[0][name])) for name in names)
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # that tracing fixes what is fixed in the file too
            traced: Any = torch.jit.trace(  # type: ignore[no-untyped-call]
                program, first, check_trace=False
            )
            out = io.BytesIO()
            torch.jit.save(traced, out, _extra_files=_beside(loaded, card))
        return out.getvalue()

    def open(self, content: bytes) -> Runner:
        """PyTorch."""
        import torch

        beside = {"inputs": "", "outputs": ""}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.jit.load(  # type: ignore[no-untyped-call]
                io.BytesIO(content), _extra_files=beside
            )
        taken, given = (json.loads(beside[name]) for name in ("inputs", "outputs"))

        def run(inputs: Inputs) -> dict[str, np.ndarray]:
            with torch.no_grad():
                found = program(*(torch.from_numpy(np.array(inputs[name])) for name in taken))
            return {name: one.numpy() for name, one in zip(given, found, strict=True)}

        return run


def _beside(model: onnx.ModelProto, card: Mapping[str, Any]) -> dict[str, str]:
    """What travels in the file beside the program, as text."""
    return {
        "inputs": json.dumps([one.name for one in model.graph.input]),
        "outputs": json.dumps([one.name for one in model.graph.output]),
        "tags": json.dumps(card["tags"], ensure_ascii=False),
        "card": json.dumps(card, ensure_ascii=False, sort_keys=True),
    }


def _program(model: onnx.ModelProto, outputs: Sequence[str]) -> Any:
    """A module that runs a model file's nodes one after the other."""
    import torch
    from onnx import helper, numpy_helper

    from handful.formats.torch_ops import Call, operations

    known = operations()
    if unknown := sorted({node.op_type for node in model.graph.node} - known.keys()):
        raise InputError(
            f"this model cannot become TorchScript: PyTorch has nothing like {', '.join(unknown)} "
            "(columns of names, or trees). Export it to .onnx."
        )
    constants = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    attributes = [
        {one.name: helper.get_attribute_value(one) for one in node.attribute}
        for node in model.graph.node
    ]
    places = {name: f"constant{number}" for number, name in enumerate(constants)}

    class Program(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for name, place in places.items():
                self.register_buffer(place, torch.from_numpy(constants[name].copy()))

        def forward(self, *samples: torch.Tensor) -> tuple[torch.Tensor, ...]:
            values: dict[str, Any] = {name: getattr(self, place) for name, place in places.items()}
            values |= zip((one.name for one in model.graph.input), samples, strict=True)
            for node, given in zip(model.graph.node, attributes, strict=True):
                inputs = [values[name] if name else None for name in node.input]
                fixed = [constants.get(name) for name in node.input]
                found = known[node.op_type](Call(inputs, fixed, given))
                values |= zip(
                    node.output, (found,) if isinstance(found, torch.Tensor) else found, strict=True
                )
            return tuple(values[name] for name in outputs)

    return Program().eval()
