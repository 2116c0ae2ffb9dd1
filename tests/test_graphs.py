"""Graphs written node by node: what they compute, and that faults are caught when written."""

import numpy as np
import onnx
import pytest

from handful.encoders.runtimes import open_session
from handful.graphs import Graph


def run(model, **inputs):
    return open_session(model.SerializeToString(), threads=1).run(None, inputs)


def test_a_graph_computes_what_was_written():
    graph = Graph("line")
    x = graph.input("x", np.float32, ["n", 2])
    scaled = graph.add("Mul", [x, graph.constant([2.0, 10.0])])
    graph.output(graph.add("Add", [scaled, graph.constant(1)]), "y", np.float32, ["n", 2])
    model = graph.model({"who": "grüße 🐈"})
    (y,) = run(model, x=np.array([[1, 2], [3, 4]], np.float32))
    assert y.tolist() == [[3, 21], [7, 41]]
    assert {entry.key: entry.value for entry in model.metadata_props} == {"who": "grüße 🐈"}


def test_nodes_with_several_outputs():
    graph = Graph("cut")
    x = graph.input("x", np.float32, ["n", 5])
    sizes = graph.constant([2, 3], np.int64)
    left, right = graph.add_all("Split", [x, sizes], n_outputs=2, axis=1)
    graph.output(right, "right", np.float32, ["n", 3])
    graph.output(left, "left", np.float32, ["n", 2])
    right, left = run(graph.model(), x=np.arange(5, dtype=np.float32)[None])
    assert (left.tolist(), right.tolist()) == ([[0, 1]], [[2, 3, 4]])


def test_a_graph_can_be_added_to_a_model():
    first = Graph("first")
    first.output(first.add("Neg", [first.input("x", np.float32, ["n"])]), "y", np.float32, ["n"])
    model = first.model()
    more = Graph("more")
    more.output(more.add("Mul", ["y", more.constant(3.0)]), "z", np.float32, ["n"])
    more.append_to(model)
    y, z = run(model, x=np.array([1, -2], np.float32))
    assert (y.tolist(), z.tolist()) == ([-1, 2], [-3, 6])


def test_what_breaks_the_standard_is_refused_when_written():
    graph = Graph("broken")
    graph.output(graph.add("Add", ["nothing", "nowhere"]), "y", np.float32, ["n"])
    with pytest.raises(onnx.checker.ValidationError):
        graph.model()


def test_the_same_steps_give_the_same_bytes():
    def written():
        graph = Graph("same")
        x = graph.input("x", np.float32, ["n", 2])
        graph.output(graph.add("MatMul", [x, graph.constant(np.eye(2))]), "y", np.float32, ["n", 2])
        return graph.model({"a": "1", "b": "2"}).SerializeToString(deterministic=True)

    assert written() == written()
