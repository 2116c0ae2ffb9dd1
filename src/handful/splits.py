"""Folds that keep the tags' shares and never part a group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Split:
    """Samples to learn from and samples to be judged on.

    Attributes
    ----------
    train, test : ndarray of int64
        Indices; no group has members in both.
    """

    train: np.ndarray
    test: np.ndarray


def fold_numbers(y: np.ndarray, groups: np.ndarray, *, n_folds: int, seed: int) -> np.ndarray:
    """Fold of each sample, int64 (n_samples,): stratified by tag, whole groups.

    Groups are dealt in random order, large ones first, each to the fold that has the fewest
    samples of the group's tags so far, and among those to the smallest.

    Parameters
    ----------
    y : ndarray of int, shape (n_samples,)
        Tags as numbers from 0.
    groups : ndarray of int, shape (n_samples,)
    n_folds : int
    seed : int
    """
    return _dealt(np.eye(int(y.max()) + 1, dtype=np.int64)[y], groups, n_folds, seed)


def several_fold_numbers(
    Y: np.ndarray, groups: np.ndarray, *, n_folds: int, seed: int
) -> np.ndarray:
    """Fold of each sample, int64 (n_samples,), where a sample may have several tags, or none.

    Parameters
    ----------
    Y : ndarray of bool, shape (n_samples, n_tags)
    groups : ndarray of int, shape (n_samples,)
    n_folds : int
    seed : int
    """
    every = np.ones((len(Y), 1), np.int64)
    return _dealt(np.concatenate([Y.astype(np.int64), every], axis=1), groups, n_folds, seed)


def _dealt(counted: np.ndarray, groups: np.ndarray, n_folds: int, seed: int) -> np.ndarray:
    """Fold of each sample; every column of `counted` is spread over the folds."""
    random = np.random.default_rng(seed)
    names, members = np.unique(groups, return_inverse=True)
    content = np.zeros((len(names), counted.shape[1]), np.int64)
    np.add.at(content, members, counted)
    order = random.permutation(len(names))
    order = order[np.argsort(-content[order].sum(axis=1), kind="stable")]
    held = np.zeros((n_folds, content.shape[1]), np.float64)
    share = 1 / np.maximum(content.sum(axis=0), 1)
    folds = np.empty(len(names), np.int64)
    luck = random.random((len(names), n_folds)) * 1e-6
    for group in order:
        crowding = (held * share) @ (content[group] * share)
        fold = int(np.lexsort((luck[group], held.sum(axis=1), crowding))[0])
        folds[group] = fold
        held[fold] += content[group]
    return folds[members]


def splits(folds: np.ndarray) -> list[Split]:
    """One split a fold: judged on the fold, learnt on all others."""
    return [
        Split(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold))
        for fold in range(int(folds.max()) + 1)
    ]


def usable_folds(y: np.ndarray, groups: np.ndarray, *, most: int) -> int:
    """Folds that leave every tag something to learn from: at most its number of groups."""
    pairs = np.unique(np.stack([y, groups]), axis=1)
    return int(min(most, np.bincount(pairs[0]).min()))
