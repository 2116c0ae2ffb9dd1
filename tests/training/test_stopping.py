"""Early stopping: the best is kept, not merely pointed at."""

from __future__ import annotations

import torch

from handful.networks import MLP
from handful.training.stopping import better_of, waited


def test_the_best_weights_are_a_copy():
    network = MLP(2, 2)
    best = better_of(None, network, 0.7, 1)
    kept = {name: part.clone() for name, part in best.weights.items()}
    with torch.no_grad():
        for part in network.parameters():
            part += 1
    assert all(torch.equal(best.weights[name], part) for name, part in kept.items())
    assert better_of(best, network, 0.7, 2) is best  # as good is not better
    newer = better_of(best, network, 0.6, 3)
    assert (newer.epoch, newer.loss) == (3, 0.6)
    assert not torch.equal(newer.weights["layers.0.weight"], kept["layers.0.weight"])


def test_patience_counts_from_the_best():
    best = better_of(None, MLP(2, 2), 0.7, 4)
    assert [waited(best, epoch, 3) for epoch in (4, 6, 7, 8)] == [False, False, True, True]
