"""Blending: greedy selection by hand, and kept only where its gain is beyond luck."""

from __future__ import annotations

import numpy as np
import pytest

from handful.blending import Candidate, Member, choose_blend, recipe


def squared(y):
    return lambda said: (said - y) ** 2


def chosen(inner, y, *, groups=None, steps=10, to_replace=0.0):
    groups = np.arange(len(y)) if groups is None else groups
    return choose_blend(
        [np.asarray(said, float) for said in inner], squared(y),
        groups=groups, steps=steps, to_replace=to_replace,
    )  # fmt: skip


def test_two_that_err_the_opposite_way_share_the_vote():
    y = np.linspace(0, 1, 50)
    blend = chosen([y + 1, y - 1], y)
    assert blend.shares.tolist() == [0.5, 0.5]
    assert blend.alone == 0
    assert blend.gain.value == pytest.approx(1.0)  # from an error of 1 to none


def test_a_third_of_the_vote_where_one_errs_half_as_much():
    y = np.linspace(0, 1, 60)
    blend = chosen([y + 1, y - 2], y)
    assert blend.shares == pytest.approx([2 / 3, 1 / 3])


def test_what_gains_no_more_than_luck_is_left_out():
    """A second that is as good, and errs on its own: few samples do not show that it helps."""
    kept = []
    for n in (12, 2000):
        rng = np.random.default_rng(0)
        y = rng.normal(size=n)
        first = y + rng.normal(size=n)
        second = y + rng.normal(size=n) * 2.3
        kept.append(chosen([first, second], y).gain is not None)
    assert kept == [False, True]


def test_copies_are_no_further_evidence():
    rng = np.random.default_rng(1)
    y = rng.normal(size=14)
    inner = [y + rng.normal(size=14), y + rng.normal(size=14) * 1.4]
    once = chosen(inner, y)
    copied = chosen(
        [np.repeat(said, 30) for said in inner],
        np.repeat(y, 30),
        groups=np.repeat(np.arange(14), 30),
    )
    assert (copied.gain is None) == (once.gain is None)
    assert copied.shares == pytest.approx(once.shares)


def test_a_kept_blend_gains_on_new_samples_nine_times_in_ten():
    """Of the blends that are kept on 60 samples, most are better on fresh ones too."""
    better, n_kept = 0, 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        y = rng.normal(size=4060)
        share = rng.uniform(0, 1)  # of the second's error that it shares with the first
        first = rng.normal(size=4060)
        second = share * first + rng.normal(size=4060) * rng.uniform(0.5, 2)
        few = slice(0, 60)
        blend = chosen([(y + first)[few], (y + second)[few]], y[few])
        if blend.gain is None:
            continue
        n_kept += 1
        errors = np.stack([first, second])[:, 60:]
        together = ((blend.shares @ errors) ** 2).mean()
        better += together < (errors[blend.alone] ** 2).mean()
    assert n_kept > 50
    assert better / n_kept > 0.85


def test_the_first_gives_way_only_where_another_is_clearly_better():
    rng = np.random.default_rng(2)
    y = rng.normal(size=40)
    off = rng.normal(size=40)
    slightly = chosen([y + off, y + 0.98 * rng.permutation(off)], y, steps=1, to_replace=2.0)
    clearly = chosen([y + off, y + 0.1 * off], y, steps=1, to_replace=2.0)
    assert (slightly.alone, clearly.alone) == (0, 1)


def test_a_recipe_names_the_largest_share_first():
    trees = Member(Candidate("columns", "columns", slice(0, 3), "trees"), None, 0.75, "")
    line = Member(Candidate("columns", "squashed", slice(3, 6), "line"), None, 0.25, "")
    assert recipe([line, trees]) == "columns: trees on columns (75 %) + line on squashed (25 %)"
