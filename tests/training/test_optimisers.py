"""Steps against their published formulas, clipping and the one cycle against torch's own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from handful.networks import MLP
from handful.training.clipping import clip
from handful.training.learning_rates import one_cycle
from handful.training.optimisers import adam, adamw, sgd


class One(torch.nn.Module):
    """A single weight."""

    def __init__(self, value):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor([[value]], dtype=torch.float64))


def stepped(make, rate, slopes, *, value=1.0):
    """Where the weight is after steps with these slopes."""
    network = One(value)
    optimiser = make(network, rate)
    for slope in slopes:
        network.weight.grad = torch.full_like(network.weight, slope)
        optimiser.step()
    return network.weight.item()


def test_sgd_with_momentum_sums_slopes():
    plain = stepped(lambda n, r: sgd(n, r, momentum=0), 0.1, [2.0, 2.0])
    assert plain == pytest.approx(1 - 0.1 * 2 - 0.1 * 2)
    assert stepped(sgd, 0.1, [2.0, 2.0]) == pytest.approx(1 - 0.1 * 2 - 0.1 * (0.9 * 2 + 2))


@pytest.mark.parametrize("slope", [1e-3, 1.0, -1e6])
def test_adams_first_step_is_the_learning_rate(slope):
    """Kingma and Ba: whatever the scale of the slope."""
    assert stepped(adam, 0.01, [slope]) == pytest.approx(1 - np.sign(slope) * 0.01, abs=1e-6)


def test_adamw_shrinks_weights_apart_from_the_slope():
    found = stepped(lambda n, r: adamw(n, r, decay=0.1), 0.01, [0.0, 0.0], value=5.0)
    assert found == pytest.approx(5 * (1 - 0.01 * 0.1) ** 2)


def test_biases_are_not_shrunk():
    network = MLP(2, 2)
    groups = adamw(network, 0.1, decay=0.3).param_groups
    pulled = {id(part): group["weight_decay"] for group in groups for part in group["params"]}
    for name, part in network.named_parameters():
        assert pulled[id(part)] == (0.3 if name.endswith("weight") else 0)


@pytest.mark.parametrize("most", [0.5, 3.0, 1e6])
def test_clipping_is_torchs(most):
    ours, theirs = MLP(3, 2), MLP(3, 2)
    for network in (ours, theirs):
        (7 * network(torch.ones(4, 3)).pow(2).sum()).backward()
    clip(ours.parameters(), most)
    torch.nn.utils.clip_grad_norm_(theirs.parameters(), most)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(a.grad, b.grad, rtol=1e-5)


def test_no_clipping_and_no_slopes():
    network = MLP(3, 2)
    clip(network.parameters(), 1.0)
    network(torch.ones(4, 3)).sum().backward()
    before = [part.grad.clone() for part in network.parameters()]
    clip(network.parameters(), None)
    assert all(torch.equal(a, b.grad) for a, b in zip(before, network.parameters(), strict=True))


def test_slopes_of_zero_stay_zero():
    part = torch.nn.Parameter(torch.ones(3))
    part.grad = torch.zeros(3)
    clip([part], 1.0)
    assert part.grad.tolist() == [0, 0, 0]


def test_the_one_cycle_is_torchs():
    network, n = One(1.0), 200
    optimiser = torch.optim.SGD(network.parameters(), lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=0.3, total_steps=n + 1)
    # torch's peak lies one step early: at warm * total - 1 of total - 1 steps
    warm = (0.3 * (n + 1) - 1) / n
    for step in range(n + 1):
        assert one_cycle(step / n, 0.3, warm=warm) == pytest.approx(
            theirs.get_last_lr()[0], rel=1e-9, abs=1e-12
        )
        if step < n:
            optimiser.step()
            theirs.step()
