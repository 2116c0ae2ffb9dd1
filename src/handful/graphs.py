"""Builds ONNX graphs node by node; encoders and the export write their parts with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    import onnx

OPSET = 18  # the first in which Resize can filter before it shrinks (antialias)
GraphInput = tuple[str, Any, list[int | str]]  # name, dtype, shape; strings stay open
TREES, TREES_OPSET = "ai.onnx.ml", 3  # the domain of trees and of encoded categories
_NamedT = TypeVar("_NamedT", "onnx.NodeProto", "onnx.TensorProto")
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
        self.opset = OPSET
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, dtype: Any, shape: list[int | str]) -> str:
        """Declare an input; dimensions that are strings stay open."""
        self._inputs.append(_value(name, dtype, shape))
        return name

    def output(self, tensor: str, name: str, dtype: Any, shape: list[int | str] | None) -> None:
        """Declare `tensor` as the output called `name`; without `shape` it stays open."""
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

    def embed(
        self, graph: onnx.GraphProto, fed: Mapping[str, str], *, opset: int
    ) -> dict[str, str]:
        """Append a graph that others wrote, every name in it made this graph's own.

        Parameters
        ----------
        graph : GraphProto
            Without graphs inside its nodes.
        fed : mapping of str to str
            By the name of each of its inputs: the tensor that takes its place.
        opset : int
            Version of the operators it is written in, `OPSET` or later: the model's becomes this.

        Returns
        -------
        dict of str to str
            By the name of each of its outputs: the tensor that holds it here.
        """
        self.opset = max(self.opset, opset)
        place = f"{self.name}/embedded{len(self._nodes)}"
        names = {"": "", **fed}

        def renamed(name: str) -> str:
            return names.setdefault(name, f"{place}/{len(names)}")

        for constant in graph.initializer:
            if constant.name not in fed:
                self._constants.append(_copied(constant, renamed(constant.name)))
        for number, node in enumerate(graph.node):
            copy = _copied(node, f"{place}/node{number}")
            for note in ("domain", "doc_string", "metadata_props"):  # traces of who exported it
                copy.ClearField(note)
            copy.input[:] = [renamed(name) for name in node.input]
            copy.output[:] = [renamed(name) for name in node.output]
            self._nodes.append(copy)
        return {output.name: renamed(output.name) for output in graph.output}

    def scan(self, body: Graph, over: str) -> str:
        """Append `body` (one input, one output) for each row of `over`; gives its answers' rows."""
        self.opset = max(self.opset, body.opset)
        return self.add("Scan", [over], body=body.proto(), num_scan_inputs=1)

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

        opsets = self._opsets()
        model = helper.make_model(
            self.proto(),
            producer_name="handful",
            ir_version=max(IR_VERSION, helper.find_min_ir_version_for(opsets)),
            opset_imports=opsets,
        )
        helper.set_model_props(model, metadata or {})
        checker.check_model(model)
        return model

    def proto(self) -> onnx.GraphProto:
        """What was written, as a part of a model."""
        from onnx import helper

        return helper.make_graph(
            self._nodes, self.name, self._inputs, self._outputs, self._constants
        )

    def _opsets(self) -> list[onnx.OperatorSetIdProto]:
        from onnx import helper

        found = [helper.make_opsetid("", self.opset)]
        if any(node.domain == TREES for node in self._nodes):
            found.append(helper.make_opsetid(TREES, TREES_OPSET))
        return found


def _copied(named: _NamedT, name: str) -> _NamedT:
    copy = type(named)()
    copy.CopyFrom(named)
    copy.name = name
    return copy


def _value(name: str, dtype: Any, shape: list[int | str] | None) -> onnx.ValueInfoProto:
    from onnx import helper

    return helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape
    )
