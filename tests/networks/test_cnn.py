"""The convolutional network: against NumPy, any size of picture, and its graph."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from sequences import stirred

from handful.graphs import Graph
from handful.networks import CNN
from handful.networks.cnn import Convolution, Residual


def pictures(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def used(network, channels):
    """The network after it has seen some pictures, so that its norms have something to undo."""
    network.train()
    for number in range(3):
        network(3 * torch.from_numpy(pictures(8, channels, 9, 9)) + number)
    return stirred(network)


def test_a_convolution_is_sums_of_products_around_each_place():
    layer = Convolution(2, 3).eval()
    x, w = pictures(1, 2, 5, 6), layer.patterns.weight.detach().numpy()
    wide = np.pad(x[0], ((0, 0), (1, 1), (1, 1)))
    expected = np.array(
        [
            [[(wide[:, r : r + 3, c : c + 3] * k).sum() for c in range(6)] for r in range(5)]
            for k in w
        ]
    )
    found = layer(torch.from_numpy(x)).detach()[0]
    np.testing.assert_allclose(found, expected / np.sqrt(1 + 1e-5), atol=1e-5)


def test_each_channel_is_normalised_while_training():
    found = Convolution(2, 3).train()(torch.from_numpy(pictures(16, 2, 7, 7))).detach()
    np.testing.assert_allclose(found.mean((0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(found.var((0, 2, 3), unbiased=False), 1, atol=1e-3)


def test_a_residual_block_that_adds_nothing_passes_on_what_it_got():
    block = Residual(3, 3).eval()
    with torch.no_grad():
        block.second.patterns.weight.zero_()
    x = torch.from_numpy(np.abs(pictures(2, 3, 4, 4)))
    np.testing.assert_array_equal(block(x).detach(), x)


def test_slopes_agree_with_small_differences():
    network = used(CNN(1, 2, widths=(2, 3)), 1).double()
    x = torch.from_numpy(pictures(1, 1, 4, 5)).double().requires_grad_()
    assert torch.autograd.gradcheck(network, (x,))


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (9, 7), (28, 28), (33, 31)])
def test_pictures_of_any_size_and_the_graph_says_the_same(size):
    network = used(CNN(3, 4, widths=(4, 8, 8)), 3)
    graph = Graph("network")
    x = graph.input("x", np.float32, ["n", 3, "height", "width"])
    graph.output(network.write(graph, x), "outputs", np.float32, ["n", 4])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    batch = pictures(5, 3, *size)
    expected = network(torch.from_numpy(batch)).detach()
    assert expected.shape == (5, 4)
    np.testing.assert_allclose(session.run(None, {"x": batch})[0], expected, atol=1e-5)


def test_a_moved_spot_is_the_same_spot():
    network = used(CNN(1, 4, widths=(4,)), 1)
    one, other = torch.zeros(1, 1, 20, 20), torch.zeros(1, 1, 20, 20)
    one[..., 6:9, 7:9] = 1
    other[..., 10:13, 9:11] = 1
    np.testing.assert_allclose(network(one).detach(), network(other).detach(), atol=1e-5)
