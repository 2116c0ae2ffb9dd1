"""The multilayer perceptron: against NumPy, its graph, what it can represent."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from sequences import stirred

from handful.errors import InputError
from handful.graphs import Graph
from handful.networks import MLP, gelu, leaky_relu, relu, sigmoid


def inputs(n=20, width=5):
    return np.random.default_rng(0).normal(size=(n, width)).astype(np.float32)


def test_it_is_products_and_maxima():
    network, x = stirred(MLP(5, 3, hidden=(8, 6))), inputs()
    expected = x
    for at, layer in enumerate(network.layers):
        expected = expected @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
        expected = np.maximum(expected, 0) if at < 2 else expected
    np.testing.assert_allclose(network(torch.from_numpy(x)).detach(), expected, atol=1e-5)


def test_without_hidden_layers_it_is_linear():
    network, x = stirred(MLP(5, 3, hidden=())), torch.from_numpy(inputs())
    zero = network(torch.zeros(1, 5))
    np.testing.assert_allclose(
        (network(2 * x) - zero).detach(), 2 * (network(x) - zero).detach(), atol=1e-5
    )


@pytest.mark.parametrize("activation", [relu, leaky_relu, sigmoid, gelu])
def test_slopes_and_the_graph(activation):
    network = stirred(MLP(5, 3, hidden=(8,), activation=activation))
    graph = Graph("network")
    x = graph.input("x", np.float32, ["n", 5])
    graph.output(network.write(graph, x), "outputs", np.float32, ["n", 3])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    said = session.run(None, {"x": inputs()})[0]
    np.testing.assert_allclose(said, network(torch.from_numpy(inputs())).detach(), atol=1e-5)
    x = torch.from_numpy(inputs(3)).double().requires_grad_()
    assert torch.autograd.gradcheck(network.double(), (x,))


def test_an_activation_from_elsewhere_cannot_be_written():
    network = MLP(5, 3, activation=torch.tanh)
    with pytest.raises(InputError, match="cannot be written to ONNX"):
        network.write(Graph("network"), "x")


def test_signals_keep_their_size_through_many_layers():
    network = MLP(64, 64, hidden=(64,) * 20)
    x = torch.from_numpy(inputs(200, 64))
    assert 0.3 < network(x).detach().pow(2).mean().sqrt() < 4  # He et al.: neither 0 nor large


def test_sixteen_hinges_are_within_the_bound_of_the_sine():
    """Interpolation at N knots errs by at most h^2 / 8: DEFINITIONS, universal approximation."""
    n = 16
    knots = np.linspace(0, 2 * np.pi, n + 1)
    heights = np.sin(knots)
    slopes = np.diff(heights) / np.diff(knots)
    network = MLP(1, 1, hidden=(n,))
    with torch.no_grad():
        network.layers[0].weight[:] = 1
        network.layers[0].bias[:] = torch.from_numpy(-knots[:-1])
        network.layers[1].weight[0] = torch.from_numpy(np.diff(slopes, prepend=0))
        network.layers[1].bias[:] = heights[0]
    x = np.linspace(0, 2 * np.pi, 5001)
    said = network.double()(torch.from_numpy(x)[:, None]).detach()[:, 0].numpy()
    error = np.abs(said - np.sin(x)).max()
    assert error == pytest.approx(0.018846, abs=2e-6)
    assert error <= (knots[1] - knots[0]) ** 2 / 8
