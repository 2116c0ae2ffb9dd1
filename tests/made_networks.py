"""ONNX files as others would bring them, and their cards."""

from __future__ import annotations

import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PHOTO_CARD = {
    "name": "Template",
    "input": "pixels",
    "layout": "NCHW",
    "size_px": [32, 32],
    "colours": "RGB",
    "values": "-1 to 1",
    "output": "features",
    "licence": "CC0-1.0",
    "origin": "made for a test",
}
WAVE_CARD = {
    "name": "Listener",
    "input": "waveform",
    "rate_hz": 16_000,
    "values": "-1 to 1",
    "output": "features",
    "licence": "CC0-1.0",
    "origin": "made for a test",
}


def write_card(path, card, **changes):
    """The card beside an ONNX file; a change to None leaves a field out."""
    kept = {name: value for name, value in {**card, **changes}.items() if value is not None}
    path.with_suffix(".json").write_text(json.dumps(kept))
    return path


def save(
    path, nodes, *, takes, gives, weights=None, element=TensorProto.FLOAT, opset=18, domains=(),
    **more,
):  # fmt: skip
    """An ONNX file from nodes; `takes` and `gives` are the shapes of "x" and "features"."""
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("x", element, takes)],
        [helper.make_tensor_value_info("features", more.pop("gives_element", element), gives)],
        [numpy_helper.from_array(value, name) for name, value in (weights or {}).items()],
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
    ir = helper.find_min_ir_version_for(opsets[:1])
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=ir, **more), path)
    return path


def node(op, inputs, outputs, **attributes):
    """A node; names are separated by spaces."""
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def conv_net(path, *, batch="n", side=32, opset=18, element=TensorProto.FLOAT, seed=0, n=8):
    """Convolution, ReLU, mean: (batch, 3, side, side) to (batch, n)."""
    kind = helper.tensor_dtype_to_np_dtype(element)
    random = np.random.default_rng(seed)
    weights = {"w": random.normal(0, 0.3, (n, 3, 5, 5)).astype(kind)}
    nodes = [
        node("Conv", "x w", "seen", strides=[2, 2]),
        node("Relu", "seen", "lit"),
        node("GlobalAveragePool", "lit", "pooled"),
        node("Flatten", "pooled", "features", axis=1),
    ]
    return save(
        path, nodes, takes=[batch, 3, side, side], gives=[batch, n], weights=weights,
        element=element, opset=opset,
    )  # fmt: skip


def conv_answers(rows, *, seed=0, n=8):
    """What `conv_net` gives, by loops in float64: the oracle."""
    w = np.random.default_rng(seed).normal(0, 0.3, (n, 3, 5, 5)).astype(np.float32)
    w = w.astype(np.float64)
    found = []
    for row in rows.astype(np.float64):
        steps = range(0, row.shape[1] - 4, 2)
        seen = [
            [np.tensordot(w, row[:, i : i + 5, j : j + 5], axes=3) for j in steps] for i in steps
        ]
        found.append(np.maximum(np.array(seen), 0).mean(axis=(0, 1)))
    return np.array(found)
