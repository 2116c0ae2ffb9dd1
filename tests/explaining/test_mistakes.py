"""The worst mistakes and whom they resemble, found again by a plain loop."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from handful.explaining.mistakes import SHOWN, doubtful_hits, worst_mistakes
from handful.metrics import ASK


def made(seed, n=60, n_tags=3):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_tags, n)
    p = rng.dirichlet(np.ones(n_tags), n).astype(np.float32)
    return p, y, rng.normal(size=(n, 5)).astype(np.float32), rng.integers(0, 4, n)


@pytest.mark.parametrize("seed", range(5))
def test_the_surest_mistakes_first_and_the_most_alike_by_hand(seed):
    p, y, X, folds = made(seed)
    groups = np.arange(60) // 2
    found = worst_mistakes(p, y, features=X, apart=[folds, groups])
    said = p.argmax(axis=1)
    wrong = sorted((i for i in range(60) if said[i] != y[i]), key=lambda i: -p[i, said[i]])
    assert [m.index for m in found] == wrong[:SHOWN]
    alike = cosine_similarity(X - X.mean(axis=0))
    for mistake in found:
        i = mistake.index
        assert (mistake.taken_for, mistake.probability) == (said[i], p[i, said[i]])
        candidates = [
            j for j in range(60)
            if y[j] == said[i] and folds[j] != folds[i] and groups[j] != groups[i]
        ]  # fmt: skip
        best = sorted(candidates, key=lambda j: -alike[i, j])[:2]
        assert [one.index for one in mistake.similar] == best
        for one in mistake.similar:
            assert one.similarity == pytest.approx(alike[i, one.index], abs=1e-5)


def test_nothing_wrong_nothing_shown():
    p = np.eye(3, dtype=np.float32)[[0, 1, 2]]
    assert worst_mistakes(p, np.arange(3), features=np.eye(3), apart=[]) == []


def test_the_answers_of_a_rule_count_and_questions_are_no_mistakes():
    p = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3]], np.float32)
    answers = np.array([1, ASK, 0])
    found = worst_mistakes(p, np.zeros(3, int), features=np.eye(3), apart=[], predicted=answers)
    assert [(m.index, m.taken_for, round(m.probability, 3)) for m in found] == [(0, 1, 0.1)]


def test_a_mistake_that_resembles_nobody_is_shown_all_the_same():
    """No sample of the tag it was taken for lies outside its fold."""
    p = np.array([[0.2, 0.8], [0.9, 0.1]], np.float32)
    found = worst_mistakes(p, np.array([0, 0]), features=np.eye(2), apart=[np.zeros(2)])
    assert [(m.index, m.similar) for m in found] == [(0, ())]


def test_features_that_are_all_alike_are_no_trouble():
    p = np.array([[0.2, 0.8], [0.9, 0.1], [0.4, 0.6]], np.float32)
    (mistake,) = worst_mistakes(p, np.array([0, 0, 1]), features=np.ones((3, 4)), apart=[])
    assert [one.similarity for one in mistake.similar] == [0]


@pytest.mark.parametrize(("n_tags", "n_each"), [(2, 3), (3, 3), (10, 2), (24, 1), (60, 1)])
def test_the_least_sure_right_answers_of_each_tag_by_hand(n_tags, n_each):
    p, y, _, _ = made(7, n=40 * n_tags, n_tags=n_tags)
    said = p.argmax(axis=1)
    expected = []
    for tag in range(n_tags):
        right = [i for i in range(len(y)) if said[i] == y[i] == tag]
        expected += sorted(right, key=lambda i: p[i, tag])[:n_each]
    hits = doubtful_hits(p, y)
    assert [hit.index for hit in hits] == expected[:SHOWN]
    assert all(hit.tag == y[hit.index] and hit.probability == p[hit.index, hit.tag] for hit in hits)


def test_what_a_person_was_asked_is_no_right_answer():
    p, y, _, _ = made(1)
    assert doubtful_hits(p, y, np.full(60, ASK)) == []
