"""Activations against torch's own, their slopes against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from handful.networks import gelu, leaky_relu, relu, sigmoid, softmax

X = torch.linspace(-6, 6, 121, dtype=torch.float64)
NORMAL = torch.distributions.Normal(0.0, 1.0)
CASES = [
    (relu, torch.nn.functional.relu, lambda x: (x > 0).double()),
    (
        leaky_relu,
        torch.nn.functional.leaky_relu,
        lambda x: torch.where(x > 0, 1.0, 0.01).double(),
    ),
    (sigmoid, torch.nn.functional.sigmoid, lambda x: torch.sigmoid(x) * torch.sigmoid(-x)),
    (
        gelu,
        torch.nn.functional.gelu,
        lambda x: NORMAL.cdf(x) + x * torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi),
    ),
]


@pytest.mark.parametrize(("ours", "torchs", "slope"), CASES)
def test_values_are_torchs_and_slopes_the_closed_form(ours, torchs, slope):
    x = X.clone().requires_grad_()
    y = ours(x)
    np.testing.assert_allclose(y.detach(), torchs(X), atol=1e-12)
    (found,) = torch.autograd.grad(y.sum(), x)
    np.testing.assert_allclose(found, slope(X), atol=1e-7)


@pytest.mark.parametrize("function", [relu, leaky_relu, sigmoid, gelu, softmax])
def test_slopes_agree_with_small_differences(function):
    x = torch.tensor([[-2.0, -0.4, 0.3, 1.7]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(function, (x,))


@pytest.mark.parametrize("function", [relu, leaky_relu, sigmoid, gelu])
def test_far_out_values_and_slopes_stay_finite(function):
    x = torch.tensor([-1e4, -200.0, 0.0, 200.0, 1e4], requires_grad=True)
    y = function(x)
    (slopes,) = torch.autograd.grad(y.sum(), x)
    assert torch.isfinite(y).all()
    assert torch.isfinite(slopes).all()


def test_softmax_is_torchs_along_any_axis_and_its_slope_the_closed_form():
    x = torch.randn(3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 30
    for axis in (0, 1, -1):
        np.testing.assert_allclose(softmax(x, axis), torch.softmax(x, axis), atol=1e-12)
    p = softmax(x[0])
    found = torch.autograd.functional.jacobian(softmax, x[0])
    np.testing.assert_allclose(found, torch.diag(p) - p[:, None] * p[None, :], atol=1e-12)
