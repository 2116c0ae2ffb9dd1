"""Dropout: how much it leaves out, that it changes no mean, and where its chance comes from."""

from __future__ import annotations

import numpy as np
import torch

from handful.networks.dropout import Dropout, reseed


def test_a_share_is_left_out_and_the_mean_stays():
    x = torch.ones(200, 500)
    found = Dropout(0.3).train()(x)
    assert abs((found == 0).float().mean() - 0.3) < 0.01  # 7 standard errors
    assert abs(found.mean() - 1) < 0.02
    np.testing.assert_allclose(found[found > 0], 1 / 0.7, rtol=1e-6)


def test_nothing_is_left_out_once_it_is_trained():
    x = torch.randn(5, 5)
    assert Dropout(0.9).eval()(x) is x


def test_seeds_say_what_is_left_out_and_every_layer_has_its_own():
    network, x = torch.nn.ModuleList([Dropout(0.5), Dropout(0.5)]), torch.ones(100)

    def masks(*parts):
        reseed(network, *parts)
        return [layer(x) for layer in network]

    first, again, other = masks(3, 7), masks(3, 7), masks(3, 8)
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[0], other[0])


def test_torchs_own_chance_is_left_alone():
    state = torch.get_rng_state()
    Dropout(0.5).train()(torch.ones(10))
    assert torch.equal(torch.get_rng_state(), state)
