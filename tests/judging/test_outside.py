"""Judging outside the folds: what is refused, what is repeated, and that nothing leaks."""

import numpy as np
import pytest

from handful.blending import Candidate
from handful.errors import SamplesError
from handful.judging import check_judgeable, judge

WIDTH = 12
POOL = (Candidate("made", "all", slice(0, WIDTH), "logistic regression"),)


def judged(X, y, groups=None, *, seed=0, **more):
    tags = [f"tag {k}" for k in range(int(y.max()) + 1)]
    groups = np.arange(len(y)) if groups is None else groups
    features = {"made": X.astype(np.float32)}
    return judge(POOL, features, y, groups=groups, tags=tags, seed=seed, **more)


def holds(interval, value):
    return interval.low <= value <= interval.high


@pytest.fixture(scope="module")
def copies():
    """24 sources of ten near-copies each; each source has a tag that is pure chance."""
    rng = np.random.default_rng(5)
    sources = np.repeat(np.arange(24), 10)
    centres = rng.normal(size=(24, WIDTH))
    return centres[sources] + 0.1 * rng.normal(size=(240, WIDTH)), sources


def test_random_tags_on_near_copies_are_judged_as_chance(copies):
    """Nothing can be learnt but the sources themselves, so only a leak can beat chance."""
    X, sources = copies
    chance_grouped = chance_apart = 0
    for seed in range(12):
        tag_of = np.random.default_rng(seed).permutation(np.arange(24) % 2)
        y = tag_of[sources]
        chance_grouped += holds(judged(X, y, sources).metrics["balanced_accuracy"], 0.5)
        if seed < 4:
            chance_apart += holds(judged(X, y).metrics["balanced_accuracy"], 0.5)
    assert chance_grouped >= 11  # 95 % of 12
    assert chance_apart == 0  # without groups the copies leak, so this test can fail


def test_more_features_than_samples_memorise_nothing():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    accuracies = [
        judged(rng.normal(size=(60, WIDTH)), rng.permutation(y)).metrics["accuracy"].value
        for _ in range(8)
    ]
    assert 0.4 < np.mean(accuracies) < 0.6


def test_every_sample_is_predicted_by_models_that_saw_neither_it_nor_its_group():
    """A sample whose features name it exactly is only known where it was learnt."""
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(20), 3)
    y = np.repeat(rng.permutation(np.arange(20) % 2), 3)
    found = judged(np.repeat(rng.normal(size=(20, WIDTH)), 3, axis=0), y, groups)
    assert found.record.probabilities.shape == (60, 2)
    assert np.isfinite(found.record.probabilities).all()
    for group in range(20):
        assert len(set(found.record.folds[groups == group])) == 1
    assert holds(found.metrics["accuracy"], 0.5)


def test_two_passes_of_five_folds_and_their_progress():
    heard = []
    rng = np.random.default_rng(2)
    found = judged(
        rng.normal(size=(30, WIDTH)), np.arange(30) % 3,
        progress=lambda stage, done, total: heard.append((stage, done, total)),
    )  # fmt: skip
    assert heard == [("judging", done, 10) for done in range(1, 11)]
    assert sorted(np.bincount(found.record.folds)) == [6] * 5
    assert len(found.passes) == 2


def test_many_samples_are_judged_once():
    rng = np.random.default_rng(3)
    y = np.arange(2000) % 2
    found = judged(rng.normal(size=(2000, WIDTH)) + y[:, None], y)
    assert len(found.passes) == 1
    assert found.metrics["accuracy"].value > 0.9


def test_two_samples_a_tag_can_be_judged():
    y = np.array([0, 0, 1, 1])
    found = judged(np.random.default_rng(4).normal(size=(4, WIDTH)) + 9 * y[:, None], y)
    assert found.confusion.tolist() == [[2, 0], [0, 2]]
    accuracy = found.metrics["accuracy"]
    assert (accuracy.value, accuracy.high) == (1, 1)
    assert accuracy.low == pytest.approx(0.025 ** (1 / 4))  # all of 4: Clopper and Pearson


def test_the_same_seed_gives_the_same_judgement_and_another_another():
    rng = np.random.default_rng(6)
    y = np.arange(40) % 2
    X = rng.normal(size=(40, WIDTH)) + 0.5 * y[:, None]
    one, same, other = judged(X, y, seed=1), judged(X, y, seed=1), judged(X, y, seed=2)
    assert one.record.probabilities.tobytes() == same.record.probabilities.tobytes()
    assert one.metrics == same.metrics
    assert one.record.folds.tolist() != other.record.folds.tolist()


def test_what_cannot_be_judged_is_refused_by_name():
    three = np.array([0, 0, 1, 2, 2, 2])
    groups = np.array([0, 1, 2, 3, 3, 3])
    with pytest.raises(SamplesError) as refusal:
        check_judgeable(three, groups, ("cat", "dog", "emu"), "photos")
    assert "'dog' has 1 photo" in str(refusal.value)
    assert "all 3 photos of 'emu' are copies or one group" in str(refusal.value)
    assert "'cat'" not in str(refusal.value)
    with pytest.raises(SamplesError, match="only one tag was found, 'cat'"):
        check_judgeable(np.zeros(5, int), np.arange(5), ("cat",), "photos")


def test_two_independent_samples_of_each_tag_suffice():
    check_judgeable(np.array([0, 0, 1, 1]), np.arange(4), ("cat", "dog"), "photos")
