"""Changes to batches: what they may alter, what they must leave, and from which seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from handful.training import flips, in_turn, mixup, noise, shifts


def seeded(seed=0):
    return np.random.default_rng(seed)


def pictures(n=40, size=8):
    return torch.randn(n, 2, size, size, generator=torch.Generator().manual_seed(0))


def test_mixup_mixes_samples_and_tags_in_the_same_proportion():
    x = torch.eye(5)
    (mixed,), targets = mixup(1.0)((x,), torch.eye(5), seeded())
    np.testing.assert_allclose(mixed, targets)  # samples that are their own tags
    np.testing.assert_allclose(targets.sum(1), 1, atol=1e-6)
    share = seeded().beta(1.0, 1.0)
    assert {round(value, 5) for value in mixed.unique().tolist()} <= {
        0, 1, round(share, 5), round(1 - share, 5),
    }  # fmt: skip


def test_mixed_series_are_as_long_as_the_longer():
    x, lengths = torch.zeros(4, 1, 9), torch.tensor([9, 2, 5, 1])
    (_, mixed), _ = mixup()((x, lengths), torch.eye(4), seeded())
    random = seeded()
    random.beta(0.2, 0.2)
    other = lengths[random.permutation(4)]
    assert mixed.tolist() == torch.maximum(lengths, other).tolist()


def test_noise_is_normal_and_of_the_size_asked_for():
    x = torch.full((100, 1, 300), 7.0)
    (found, lengths), targets = noise(0.3)((x, torch.ones(100)), torch.arange(100), seeded())
    assert abs(found.std() - 0.3) < 0.01
    assert abs(found.mean() - 7) < 0.01
    assert torch.equal(lengths, torch.ones(100))
    assert torch.equal(targets, torch.arange(100))


def test_shifted_pictures_hold_the_same_picture_elsewhere():
    x = torch.zeros(200, 1, 9, 9)
    x[:, 0, 4, 4] = 1
    (found,), _ = shifts(2)((x,), torch.zeros(200), seeded())
    assert (found.sum((1, 2, 3)) == 1).all()
    places = {tuple(np.argwhere(picture[0].numpy())[0]) for picture in found}
    assert places == {(row, column) for row in range(2, 7) for column in range(2, 7)}


def test_the_edge_is_repeated_where_a_picture_moved_away():
    x = torch.full((20, 1, 5, 5), 3.0)
    (found,), _ = shifts(2)((x,), torch.zeros(20), seeded())
    assert torch.equal(found, x)


def test_about_half_of_the_pictures_are_mirrored():
    x = pictures(400)
    (found,), _ = flips()((x,), torch.zeros(400), seeded())
    same = (found == x).all(3).all(2).all(1)
    mirrored = (found == x.flip(3)).all(3).all(2).all(1)
    assert (same ^ mirrored).all()
    assert 160 < mirrored.sum() < 240  # four standard deviations


@pytest.mark.parametrize("change", [mixup(), noise(1.0), shifts(3), flips()])
def test_the_same_seed_makes_the_same_changes_and_leaves_what_it_got(change):
    x, targets = pictures(), torch.randn(40, 3, generator=torch.Generator().manual_seed(1))
    kept = x.clone()
    first, again, other = (change((x,), targets, seeded(s))[0][0] for s in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(x, kept)


def test_in_turn_is_one_after_the_other():
    def add(inputs, targets, random):
        return (inputs[0] + 1,), targets

    def double(inputs, targets, random):
        return (inputs[0] * 2,), targets + 1

    (found,), targets = in_turn(add, double)((torch.ones(1),), torch.zeros(1), seeded())
    assert (found.item(), targets.item()) == (4, 1)
