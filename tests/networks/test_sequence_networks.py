"""RNN and Transformer: filling never counts, order does, slopes are right, graphs say the same."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from sequences import MAKERS, series, stirred

from handful.graphs import Graph
from handful.training.batches import collate

LENGTHS = [7, 1, 12, 4, 30]
every = pytest.mark.parametrize("kind", MAKERS)


def padded(samples):
    return collate(samples, np.arange(len(samples)))


@every
def test_a_series_is_answered_alike_alone_and_beside_longer_ones(kind):
    network, samples = stirred(MAKERS[kind]()), series(LENGTHS)
    together = network(*padded(samples)).detach()
    for row, sample in enumerate(samples):
        alone = network(torch.from_numpy(sample)[None]).detach()
        np.testing.assert_allclose(together[row], alone[0], atol=2e-6)


@every
def test_what_stands_in_the_filling_has_no_influence(kind):
    network = stirred(MAKERS[kind]())
    x, lengths = padded(series(LENGTHS))
    filled = x.clone()
    for row, length in enumerate(lengths):
        filled[row, :, length:] = 1e4
    np.testing.assert_array_equal(network(filled, lengths).detach(), network(x, lengths).detach())


@every
def test_order_of_steps_matters_and_order_of_samples_does_not(kind):
    network = stirred(MAKERS[kind]())
    x, lengths = padded(series([9, 9, 9]))
    said = network(x, lengths).detach()
    assert not np.allclose(network(x.flip(2), lengths).detach(), said, atol=1e-3)
    np.testing.assert_allclose(
        network(x.flip(0), lengths.flip(0)).detach(), said.flip(0), atol=2e-6
    )


@every
def test_slopes_by_inputs_and_weights_agree_with_small_differences(kind):
    network = stirred(MAKERS[kind]()).double()
    x, lengths = padded(series([3, 5]))
    first = next(network.parameters())

    def by_both(x, weight):
        name = next(name for name, part in network.named_parameters() if part is first)
        return torch.func.functional_call(network, {name: weight}, (x, lengths))

    inputs = (x.double().requires_grad_(), first.detach().clone().requires_grad_())
    assert torch.autograd.gradcheck(by_both, inputs)


@every
def test_filling_has_no_slope(kind):
    network = stirred(MAKERS[kind]())
    x, lengths = padded(series(LENGTHS))
    network(x.requires_grad_(), lengths).sum().backward()
    outside = torch.arange(x.shape[2]) >= lengths[:, None]
    assert (x.grad.transpose(1, 2)[outside] == 0).all()
    assert (x.grad.transpose(1, 2)[~outside].abs().sum(1) > 0).all()


def session(network, *, with_lengths):
    graph = Graph("network")
    x = graph.input("x", np.float32, ["n", 3, "steps"])
    lengths = graph.input("lengths", np.int64, ["n"]) if with_lengths else ""
    graph.output(network.write(graph, x, lengths), "outputs", np.float32, ["n", 4])
    return onnxruntime.InferenceSession(graph.model().SerializeToString())


@every
def test_the_graph_says_the_same_of_series_of_unequal_lengths(kind):
    network = stirred(MAKERS[kind]())
    written = session(network, with_lengths=True)
    for lengths in (LENGTHS, [1], [5, 5], [2, 300, 64]):
        x, n_steps = padded(series(lengths, seed=len(lengths)))
        said = written.run(None, {"x": x.numpy(), "lengths": n_steps.numpy()})[0]
        np.testing.assert_allclose(said, network(x, n_steps).detach(), atol=1e-5)


@every
def test_the_graph_without_lengths_takes_series_of_one_length(kind):
    network = stirred(MAKERS[kind]())
    written = session(network, with_lengths=False)
    for length in (1, 6, 50):
        x, _ = padded(series([length] * 3))
        said = written.run(None, {"x": x.numpy()})[0]
        np.testing.assert_allclose(said, network(x).detach(), atol=1e-5)


@every
def test_the_same_seed_gives_the_same_weights(kind):
    one, other = MAKERS[kind](), MAKERS[kind]()
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
