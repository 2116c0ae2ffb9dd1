"""The learner: what it chooses, what it blends, how sure it is, and what it must not see."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import f1_score

from handful.blending import Candidate
from handful.encoders.columns import Columns
from handful.encoders.image_network import ImageNetwork
from handful.encoders.pixels import Pixels
from handful.encoders.schemas import schema
from handful.encoders.weights import LITE0
from handful.heads.logistic import fit_logistic
from handful.judging import judge
from handful.learners import candidates, describe, fit, untried
from handful.pictures import Picture
from handful.splits import fold_numbers

WIDTH = 8
FIRST = Candidate("first", "all", slice(0, WIDTH), "logistic regression")
SECOND = Candidate("second", "all", slice(0, WIDTH), "logistic regression")
MEANS = Candidate("first", "all", slice(0, WIDTH), "nearest class mean")


def fitted(pool, features, y, *, seed=0, groups=None):
    groups = np.arange(len(y)) if groups is None else groups
    n_tags = int(y.max()) + 1
    return fit(pool, features, y, groups=groups, n_tags=n_tags, seed=seed)


def noise(rng, n):
    return rng.normal(size=(n, WIDTH)).astype(np.float32)


def telling(rng, y, apart=1.0):
    """Features whose first columns stand for the tags."""
    return (noise(rng, len(y)) + apart * np.eye(int(y.max()) + 1, WIDTH)[y]).astype(np.float32)


def loss(p, y):
    return float(-np.log(p[np.arange(len(y)), y].astype(np.float64)).mean())


def accuracy(learner, features, y):
    return float((learner.predict_proba(features).argmax(axis=1) == y).mean())


@pytest.fixture(scope="module")
def digits():
    """150 handwritten digits as photos, through a network and as pixels, and their tags."""
    data = load_digits()
    kept = np.concatenate([np.flatnonzero(data.target == tag)[:15] for tag in range(10)])
    pictures = [
        Picture(np.repeat((255 - 15.9 * data.images[i])[:, :, None], 3, axis=2).astype(np.uint8),
                None, "")
        for i in kept
    ]  # fmt: skip
    encoders = (ImageNetwork(LITE0, 64, fast=False), Pixels())
    features = {e.name: np.concatenate([e.transform(pictures[i : i + 30])
                                        for i in range(0, 150, 30)]) for e in encoders}  # fmt: skip
    return encoders, features, data.target[kept]


def test_pixels_have_a_say_where_they_tell_more_than_the_network(digits):
    """Small scanned digits are nothing like the photos that the network was trained on."""
    encoders, features, y = digits
    both, alone, right = [], [], []
    for seed in range(4):
        learnt = np.zeros(150, bool)
        rng = np.random.default_rng(seed)
        learnt[np.concatenate([rng.permutation(np.flatnonzero(y == k))[:9] for k in range(10)])] = 1
        part = {name: X[learnt] for name, X in features.items()}
        rest = {name: X[~learnt] for name, X in features.items()}
        learner = fitted(candidates(encoders), part, y[learnt])
        network = fitted(candidates(encoders[:1]), part, y[learnt])
        both.append(loss(learner.predict_proba(rest), y[~learnt]))
        alone.append(loss(network.predict_proba(rest), y[~learnt]))
        right.append(accuracy(learner, rest, y[~learnt]))
    assert np.mean(both) < np.mean(alone)
    assert np.mean(right) > 0.85


def test_every_view_gets_its_heads(digits):
    encoders, _, _ = digits
    network, pixels = encoders
    named = [(c.encoder, c.view, c.head) for c in candidates(encoders)]
    assert named == [
        (network.name, "all stages", "logistic regression"),
        (network.name, "last layer", "logistic regression"),
        (network.name, "last layer", "nearest class mean"),
        (pixels.name, "pixels", "logistic regression"),
    ]


def test_on_pure_noise_luck_rarely_unseats_the_first_candidate():
    alone = first = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        features = {"first": noise(rng, 40), "second": noise(rng, 40)}
        learner = fitted([FIRST, SECOND, MEANS], features, np.arange(40) % 2, seed=seed)
        votes = {(m.candidate.encoder, m.candidate.head): m.weight for m in learner.members}
        share = votes.get((FIRST.encoder, FIRST.head), 0)
        first += share >= 0.5
        alone += share == 1
    assert first >= 34  # at least half of the vote in 85 % of cases; measured: 90 %
    assert alone >= 28


def test_a_better_candidate_is_found_and_noise_is_left_out():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        y = np.arange(60) % 3
        features = {"first": noise(rng, 60), "second": telling(rng, y, apart=2)}
        learner = fitted([FIRST, SECOND], features, y, seed=seed)
        weights = {member.candidate.encoder: member.weight for member in learner.members}
        assert weights["second"] > 0.8
        assert sum(weights.values()) == pytest.approx(1)


def test_two_that_know_different_things_are_blended():
    rng = np.random.default_rng(0)
    y = np.arange(200) % 2
    features = {"first": telling(rng, y, 1.2), "second": telling(rng, y, 1.2)}
    learner = fitted([FIRST, SECOND], features, y)
    assert learner.gain.low > 0
    assert {member.candidate.encoder for member in learner.members} == {"first", "second"}
    fresh = np.arange(4000) % 2
    new = {"first": telling(rng, fresh, 1.2), "second": telling(rng, fresh, 1.2)}
    alone = fitted([FIRST], features, y)
    assert accuracy(learner, new, fresh) > accuracy(alone, new, fresh) + 0.02


def test_rivals_are_told_best_first_and_which_were_chosen():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    features = {"first": noise(rng, 60), "second": telling(rng, y, apart=2)}
    learner = fitted([FIRST, SECOND, MEANS], features, y)
    losses = [rival.log_loss for rival in learner.rivals]
    assert losses == sorted(losses)
    assert len(learner.rivals) == 3
    chosen = {member.candidate.name for member in learner.members}
    assert {rival.name for rival in learner.rivals if rival.chosen} == chosen


def lopsided(rng, counts):
    y = np.repeat(np.arange(len(counts)), counts)
    return telling(rng, y, 1.0), y


def test_class_weights_are_used_where_they_help_the_rare_tag():
    used, gains = 0, []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        X, y = lopsided(rng, (120, 14))
        learner = fitted([FIRST], {"first": X}, y, seed=seed)
        folds = fold_numbers(y, np.arange(len(y)), n_folds=5, seed=seed)
        plain = fit_logistic(X, y, n_tags=2, folds=folds,
                             sample_weight=np.ones(len(y), np.float32)).head  # fmt: skip
        new, actual = lopsided(rng, (1200, 140))
        said = (learner.predict_proba({"first": new}), plain.predict_proba(new))
        ours, unweighted = (f1_score(actual, p.argmax(axis=1), average="macro") for p in said)
        used += learner.class_weights == "balanced"
        gains.append(ours - unweighted)
    assert used >= 6
    assert np.mean(gains) > 0.02


def test_even_tags_are_not_weighted():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 3
    assert fitted([FIRST], {"first": telling(rng, y)}, y).class_weights == "none"


@pytest.mark.parametrize("n_tags", [2, 3, 7])
def test_probabilities_sum_to_one_and_are_float32(n_tags):
    rng = np.random.default_rng(0)
    y = np.arange(42) % n_tags
    learner = fitted([FIRST, MEANS], {"first": telling(rng, y)}, y)
    far = {"first": np.float32(1e6) * noise(rng, 50)}
    for features in ({"first": noise(rng, 50)}, far):
        p = learner.predict_proba(features)
        assert (p.shape, p.dtype) == ((50, n_tags), np.float32)
        assert p.sum(axis=1) == pytest.approx(np.ones(50), abs=1e-5)
        assert (p >= 0).all()


def test_probabilities_are_as_sure_as_they_are_right():
    """The log loss on fresh samples is no worse than that of any other temperature by much."""
    rng = np.random.default_rng(1)
    y = np.arange(90) % 3
    learner = fitted([FIRST], {"first": telling(rng, y, 1.5)}, y)
    fresh = np.arange(6000) % 3
    p = learner.predict_proba({"first": telling(rng, fresh, 1.5)}).astype(np.float64)
    scores = np.log(p)

    losses = []
    for temperature in (0.3, 0.5, 0.7, 1.5, 2, 3):
        raised = np.exp(scores / temperature)
        losses.append(loss(raised / raised.sum(axis=1, keepdims=True), fresh))
    assert loss(p, fresh) < min(losses) + 0.03


def test_all_right_in_the_inner_folds_does_not_make_it_certain():
    rng = np.random.default_rng(0)
    y = np.arange(20) % 2
    features = {"first": telling(rng, y, apart=50)}
    learner = fitted([FIRST, MEANS], features, y)
    assert np.isfinite(learner.temperature)
    assert learner.temperature > 0
    p = learner.predict_proba(features)
    assert (p.argmax(axis=1) == y).all()
    assert p.max() < 0.9999  # 20 of 20 right is no proof of more than some 99 %
    assert p.max(axis=1).min() > 0.8


def test_one_sample_of_a_tag_leaves_nothing_to_choose_by():
    rng = np.random.default_rng(0)
    y = np.array([0, 0, 0, 1])
    features = {"first": telling(rng, y, 5), "second": noise(rng, 4)}
    learner = fitted([FIRST, SECOND], features, y)
    assert [member.candidate for member in learner.members] == [FIRST]
    assert (learner.rivals, learner.temperature) == ((), 1.0)
    assert learner.predict_proba(features).shape == (4, 2)


def test_groups_are_not_parted_inside_either():
    """Copies with random tags: parted, the copies would make a bad candidate look good."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(20), 5)
    y = np.repeat(rng.permutation(np.arange(20) % 2), 5)
    copies = (np.repeat(noise(rng, 20), 5, axis=0) + 0.01 * noise(rng, 100)).astype(np.float32)
    apart = fitted([FIRST], {"first": copies}, y)
    together = fitted([FIRST], {"first": copies}, y, groups=groups)
    assert apart.rivals[0].accuracy > 0.9
    assert together.rivals[0].accuracy < 0.75


def test_the_same_seed_gives_the_same_bits():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 3
    features = {"first": telling(rng, y), "second": telling(rng, y)}
    one, other = (fitted([FIRST, SECOND, MEANS], features, y, seed=3) for _ in range(2))
    assert describe(one) == describe(other)
    assert one.predict_proba(features).tobytes() == other.predict_proba(features).tobytes()


def a_swap_that_leaves_the_folds(y, groups, *, n_folds):
    """Two samples of one fold and of different tags, and a seed, whose exchange deals alike."""
    for seed in range(200):
        folds = fold_numbers(y, groups, n_folds=n_folds, seed=seed)
        for one in range(len(y)):
            for other in np.flatnonzero((folds == folds[one]) & (y != y[one])):
                swapped = y.copy()
                swapped[[one, other]] = y[[other, one]]
                if (fold_numbers(swapped, groups, n_folds=n_folds, seed=seed) == folds).all():
                    return seed, folds[one], swapped
    raise AssertionError("no such pair")


def test_the_tags_of_a_fold_change_nothing_in_what_is_predicted_for_it():
    """Choice, penalty, blend and temperature included."""
    rng = np.random.default_rng(0)
    y, groups = np.arange(24) % 2, np.arange(24)
    seed, fold, swapped = a_swap_that_leaves_the_folds(y, groups, n_folds=5)
    features = {"first": telling(rng, y), "second": noise(rng, 24)}
    one, other = (
        judge([FIRST, SECOND, MEANS], features, tags_, groups=groups, tags=("a", "b"), seed=seed)
        for tags_ in (y, swapped)
    )
    inside = one.record.folds == fold
    assert (one.record.folds == other.record.folds).all()
    p, q = one.record.probabilities, other.record.probabilities
    assert p[inside].tobytes() == q[inside].tobytes()
    assert np.abs(p[~inside] - q[~inside]).max() > 1e-3


def test_the_recipe_in_one_line():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    learner = fitted([FIRST], {"first": telling(rng, y)}, y)
    assert describe(learner) == "first: logistic regression on all"


def test_of_many_tags_no_trees_are_grown_and_that_is_said():
    """A tree for each tag in each step: 500 tags of 3 rows each did not end in two minutes."""
    rows = [{"a": float(i % 7), "b": float(i % 11)} for i in range(30)]
    encoder = Columns(schema(rows))
    heads = [{c.head for c in candidates([encoder], n_tags=n)} for n in (100, 101)]
    assert heads[0] - heads[1] == {"boosted trees"}
    (said,) = untried([encoder], n_tags=5000)
    assert said.startswith("Boosted trees were not tried: they grow a tree for each of the 5,000")
