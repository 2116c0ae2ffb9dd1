"""The search for a learning rate: finds the edge where it is known, and leaves the network be."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from handful.networks import MLP
from handful.training import (
    accuracy,
    fit,
    predict,
    quadratic,
    search_rate,
    sgd,
)  # fmt: skip


def crossed(n=256, seed=0):
    X = np.random.default_rng(seed).normal(size=(n, 2)).astype(np.float32)
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


@pytest.mark.parametrize("size", [1.0, 5.0])
def test_it_stays_below_the_edge_that_a_quadratic_cost_has(size):
    """Descent on half the squared error diverges above 2 / (largest curvature)."""
    random = np.random.default_rng(0)
    X = (size * random.normal(size=(64, 3))).astype(np.float32)
    y = X @ [1.0, -2.0, 0.5]
    network = MLP(3, 1, hidden=())
    with_ones = np.hstack([X, np.ones((64, 1))])
    edge = 2 / np.linalg.eigvalsh(with_ones.T @ with_ones / 64).max()
    found = search_rate(
        network, X, y, loss=quadratic, batch_size=64, max_norm=None, device="cpu",
        optimiser=lambda network, rate: sgd(network, rate, momentum=0),
    )  # fmt: skip
    assert edge / 100 < found.rate < edge


def test_the_rate_found_trains_well_and_the_network_is_as_it_was():
    X, y = crossed()
    network = MLP(2, 2)
    before = {name: part.clone() for name, part in network.state_dict().items()}
    found = search_rate(network, X, y, device="cpu")
    assert all(torch.equal(part, before[name]) for name, part in network.state_dict().items())
    assert found == search_rate(network, X, y, device="cpu")
    assert len(found.rates) == len(found.losses)
    assert list(found.rates) == sorted(found.rates)
    fit(network, X, y, rate=found.rate, device="cpu")
    fresh, truth = crossed(seed=1)
    assert accuracy(predict(network, fresh, device="cpu"), truth) > 0.9
