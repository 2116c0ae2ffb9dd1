"""Builds ONNX graphs node by node; encoders and the export write their parts with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import onnx

OPSET = 18  # the first in which Resize can filter before it shrinks (antialias)
GraphInput = tuple[str, Any, list[int | str]]  # name, dtype, shape; strings stay open
TREES, TREES_OPSET = "ai.onnx.ml", 3  # the domain of trees and of encoded categories
IR_VERSION = 8  # the file format that goes with opset 18: read by ONNX Runtime since 1.14


class Graph:
    """An ONNX graph being written: `add` appends a node and gives back its output's name.

    Parameters
    ----------
    name : str
        Becomes the graph's name and the prefix of every tensor in it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, dtype: Any, shape: list[int | str]) -> str:
        """Declare an input; dimensions that are strings stay open."""
        self._inputs.append(_value(name, dtype, shape))
        return name

    def output(self, tensor: str, name: str, dtype: Any, shape: list[int | str]) -> None:
        """Declare `tensor` as the output called `name`."""
        self.add("Identity", [tensor], output=name)
        self._outputs.append(_value(name, dtype, shape))

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        """Store a fixed array in the graph."""
        from onnx import numpy_helper

        name = f"{self.name}/constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value, dtype=dtype), name))
        return name

    def add(
        self, op: str, inputs: list[str], *, output: str = "", n_outputs: int = 1, **attributes: Any
    ) -> str:
        """Append a node and give back the name of its first output."""
        return self.add_all(op, inputs, output=output, n_outputs=n_outputs, **attributes)[0]

    def add_all(
        self, op: str, inputs: list[str], *, n_outputs: int, output: str = "", **attributes: Any
    ) -> list[str]:
        """Append a node and give back the names of its outputs."""
        from onnx import helper

        name = output or f"{self.name}/{op.lower()}{len(self._nodes)}"
        outputs = [name, *(f"{name}/{number}" for number in range(1, n_outputs))]
        self._nodes.append(helper.make_node(op, inputs, outputs, name=name, **attributes))
        return outputs

    def append_to(self, model: onnx.ModelProto) -> None:
        """Add nodes, constants and outputs to a model whose tensors they build on.

        Raises
        ------
        onnx.checker.ValidationError
            The result breaks the standard: a fault in this program.
        """
        from onnx import checker

        model.graph.node.extend(self._nodes)
        model.graph.initializer.extend(self._constants)
        model.graph.output.extend(self._outputs)
        checker.check_model(model)

    def model(self, metadata: dict[str, str] | None = None) -> onnx.ModelProto:
        """The finished model, checked against the ONNX standard.

        Raises
        ------
        onnx.checker.ValidationError
            The graph breaks the standard: a fault in this program.
        """
        from onnx import checker, helper

        graph = helper.make_graph(
            self._nodes, self.name, self._inputs, self._outputs, self._constants
        )
        model = helper.make_model(
            graph,
            producer_name="handful",
            ir_version=IR_VERSION,
            opset_imports=self._opsets(),
        )
        helper.set_model_props(model, metadata or {})
        checker.check_model(model)
        return model

    def _opsets(self) -> list[onnx.OperatorSetIdProto]:
        from onnx import helper

        found = [helper.make_opsetid("", OPSET)]
        if any(node.domain == TREES for node in self._nodes):
            found.append(helper.make_opsetid(TREES, TREES_OPSET))
        return found


def _value(name: str, dtype: Any, shape: list[int | str]) -> onnx.ValueInfoProto:
    from onnx import helper

    return helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape
    )
