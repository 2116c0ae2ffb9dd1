"""Folds: whole groups, every tag in every fold, even sizes; beside scikit-learn's."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold

from handful.splits import fold_numbers, several_fold_numbers, splits, usable_folds

quickly = settings(max_examples=50, deadline=None)


@st.composite
def tagged_groups(draw, *, pure=True):
    """Tags and groups of up to 60 samples; groups of one tag only, or of any."""
    n = draw(st.integers(2, 60))
    n_tags = draw(st.integers(1, 5))
    groups = np.array(draw(st.lists(st.integers(0, 19), min_size=n, max_size=n)))
    tag_of = np.array(draw(st.lists(st.integers(0, n_tags - 1), min_size=20, max_size=20)))
    if pure:
        return tag_of[groups], groups
    return np.array(draw(st.lists(st.integers(0, n_tags - 1), min_size=n, max_size=n))), groups


def counts_of(folds, y, n_folds):
    """Samples of each tag in each fold, (n_folds, n_tags)."""
    table = np.zeros((n_folds, int(y.max()) + 1), int)
    np.add.at(table, (folds, y), 1)
    return table


def dense(y):
    return np.unique(y, return_inverse=True)[1]


@quickly
@given(tagged_groups(pure=False), st.integers(2, 6), st.integers(0, 9))
def test_no_group_is_parted_and_no_sample_forgotten(samples, n_folds, seed):
    y, groups = samples
    folds = fold_numbers(y, groups, n_folds=n_folds, seed=seed)
    assert folds.shape == y.shape
    assert ((folds >= 0) & (folds < n_folds)).all()
    for group in np.unique(groups):
        assert len(set(folds[groups == group])) == 1
    for split in splits(folds):
        assert not set(groups[split.train]) & set(groups[split.test])
        together = np.sort(np.concatenate([split.train, split.test]))
        assert together.tolist() == list(range(len(y)))


@quickly
@given(tagged_groups(), st.integers(0, 9))
def test_every_tag_is_learnt_from_and_judged_in_every_fold_where_groups_allow(samples, seed):
    y, groups = dense(samples[0]), samples[1]
    n_folds = usable_folds(y, groups, most=5)
    if n_folds < 2:
        assert min(len(set(groups[y == tag])) for tag in set(y)) < 2
        return
    folds = fold_numbers(y, groups, n_folds=n_folds, seed=seed)
    for split in splits(folds):
        assert set(y[split.test]) == set(y)
        assert set(y[split.train]) == set(y)


@quickly
@given(st.lists(st.integers(2, 30), min_size=2, max_size=6), st.integers(2, 5), st.integers(0, 99))
def test_samples_that_stand_alone_are_dealt_evenly(sizes, n_folds, seed):
    y = np.repeat(np.arange(len(sizes)), sizes)
    folds = fold_numbers(y, np.arange(len(y)), n_folds=n_folds, seed=seed)
    table = counts_of(folds, y, n_folds)
    assert (table.max(axis=0) - table.min(axis=0) <= 1).all()
    assert np.ptp(table.sum(axis=1)) <= len(sizes)  # what one sample more of each tag comes to


@quickly
@given(tagged_groups(pure=False), st.integers(2, 5), st.integers(0, 9))
def test_the_same_seed_gives_the_same_folds(samples, n_folds, seed):
    y, groups = samples
    one = fold_numbers(y, groups, n_folds=n_folds, seed=seed)
    same = fold_numbers(y, groups, n_folds=n_folds, seed=seed)
    assert one.tolist() == same.tolist()


def test_other_seeds_give_other_folds():
    y = np.arange(40) % 2
    dealt = {tuple(fold_numbers(y, np.arange(40), n_folds=5, seed=seed)) for seed in range(20)}
    assert len(dealt) == 20


def unevenness(folds, y, n_folds):
    """How far each fold's share of each tag is from an even one, summed over tags."""
    table = counts_of(folds, y, n_folds)
    return float((table / table.sum(axis=0)).std(axis=0).sum())


def by_sklearn(y, groups, n_folds, seed):
    folds = np.empty(len(y), int)
    cut = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # fewer groups of a tag than folds
        for fold, (_, test) in enumerate(cut.split(y, y, groups)):
            folds[test] = fold
    return folds


@pytest.mark.parametrize(
    ("n_groups", "largest", "n_tags", "pure"),
    [(60, 1, 3, True), (40, 6, 3, True), (25, 12, 2, True), (40, 6, 3, False), (15, 30, 4, False)],
)
def test_tags_are_spread_as_evenly_as_scikit_learn_spreads_them(n_groups, largest, n_tags, pure):
    ours, theirs = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        sizes = rng.integers(1, largest + 1, n_groups)
        groups = np.repeat(np.arange(n_groups), sizes)
        tag_of = rng.integers(0, n_tags, n_groups)
        y = dense(tag_of[groups] if pure else rng.integers(0, n_tags, len(groups)))
        ours.append(unevenness(fold_numbers(y, groups, n_folds=5, seed=seed), y, 5))
        theirs.append(unevenness(by_sklearn(y, groups, 5, seed), y, 5))
    assert np.mean(ours) <= 1.1 * np.mean(theirs)


@pytest.mark.parametrize(
    ("y", "groups", "most", "expected"),
    [
        ([0, 0, 0, 1, 1, 1], [0, 1, 2, 3, 4, 5], 5, 3),
        ([0, 0, 0, 1, 1, 1], [0, 1, 2, 3, 4, 5], 2, 2),
        ([0, 0, 0, 1, 1, 1], [0, 1, 2, 3, 3, 3], 5, 1),
        ([0, 0, 1, 1], [0, 1, 0, 1], 5, 2),
        ([0, 1], [0, 1], 5, 1),
    ],
)
def test_folds_that_can_be_used(y, groups, most, expected):
    assert usable_folds(np.array(y), np.array(groups), most=most) == expected


@quickly
@given(st.integers(10, 60), st.integers(1, 6), st.floats(0.05, 0.6), st.integers(0, 99))
def test_every_one_of_several_tags_is_spread_over_the_folds(n, n_tags, share, seed):
    """A tag that two samples or more have is never all in one fold, so always learnt from."""
    Y = np.random.default_rng(seed).random((n, n_tags)) < share
    folds = several_fold_numbers(Y, np.arange(n), n_folds=5, seed=seed)
    sizes = np.bincount(folds, minlength=5)
    assert sizes.sum() == n
    assert sizes.min() > 0
    for has in Y.T:
        if has.sum() >= 2:
            assert len(set(folds[has])) >= 2


def test_groups_of_several_tags_are_not_parted():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 20, size=100)
    folds = several_fold_numbers(rng.random((100, 4)) < 0.3, groups, n_folds=5, seed=1)
    for group in np.unique(groups):
        assert len(set(folds[groups == group])) == 1
