"""Losses against torch's own, their slopes against closed forms, and the measures beside them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from handful.training import accuracy, mean_absolute_error, tags_right
from handful.training.batches import one_hot
from handful.training.losses import binary_cross_entropy, cross_entropy, quadratic

LOGITS = 5 * torch.randn(6, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
NUMBERS = torch.tensor([0, 3, 1, 1, 2, 0])
SHARES = torch.from_numpy(one_hot(NUMBERS.numpy(), 4)).double() * 0.7 + 0.075
YES = (SHARES > 0.5).double()
torchs = torch.nn.functional


def test_values_are_torchs():
    cases = [
        (cross_entropy(LOGITS, NUMBERS), torchs.cross_entropy(LOGITS, NUMBERS, reduction="none")),
        (cross_entropy(LOGITS, SHARES), torchs.cross_entropy(LOGITS, SHARES, reduction="none")),
        (
            binary_cross_entropy(LOGITS, YES),
            torchs.binary_cross_entropy_with_logits(LOGITS, YES, reduction="none").sum(1),
        ),
        (quadratic(LOGITS, YES), 0.5 * torchs.mse_loss(LOGITS, YES, reduction="none").sum(1)),
    ]
    for found, expected in cases:
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("loss", "targets", "said"),
    [
        (cross_entropy, SHARES, lambda x: torch.softmax(x, 1)),
        (binary_cross_entropy, YES, torch.sigmoid),
        (quadratic, YES, lambda x: x),
    ],
)
def test_the_slope_is_what_is_said_minus_what_is_right(loss, targets, said):
    x = LOGITS.clone().requires_grad_()
    loss(x, targets).sum().backward()
    np.testing.assert_allclose(x.grad, said(LOGITS) - targets, atol=1e-12)
    assert torch.autograd.gradcheck(lambda x: loss(x, targets), (x,))


@pytest.mark.parametrize("loss", [cross_entropy, binary_cross_entropy])
def test_far_out_logits_give_no_infinities(loss):
    x = torch.tensor([[1e4, -1e4]], requires_grad=True)
    wrong = loss(x, torch.tensor([[0.0, 1.0]]))
    wrong.sum().backward()
    assert torch.isfinite(wrong).all()
    assert torch.isfinite(x.grad).all()


def test_one_number_a_sample_may_stand_in_a_row():
    values = torch.tensor([[1.0], [4.0]])
    assert quadratic(values, torch.tensor([1.0, 2.0])).tolist() == [0, 2]


def test_measures_counted_by_hand():
    logits = np.array([[2.0, 1], [0, 3], [1, 0], [-1, -2]])
    assert accuracy(logits, np.array([0, 1, 1, 1])) == 0.5
    assert accuracy(logits, one_hot(np.array([0, 1, 1, 1]), 2)) == 0.5
    assert tags_right(logits, np.array([[1, 1], [0, 1], [1, 1], [0, 0]])) == 7 / 8
    assert mean_absolute_error(np.array([[1.0], [4]]), np.array([2.0, 2.0])) == 1.5
