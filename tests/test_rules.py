"""Rules: the same answer in NumPy, by hand, and in the exported graph."""

import numpy as np
import onnxruntime
import pytest

from handful.errors import BundleError
from handful.graphs import Graph
from handful.rules import Rule, from_json

TAGS = ("cat", "dog", "owl")
PROBABILITIES = np.random.default_rng(0).dirichlet(np.ones(3), 500).astype(np.float32)
COSTS = ((0.0, 1.0, 5.0), (10.0, 0.0, 5.0), (2.0, 2.0, 0.0))
RULES = [
    Rule(),
    Rule("t", positive=1, threshold=0.2),
    Rule("t", positive=2, threshold=0.0),
    Rule("c", costs=COSTS),
    Rule("c", costs=COSTS, asking_cost=0.8),
]


def by_hand(rule, row):
    if rule.costs is not None:
        expected = [sum(row[k] * rule.costs[k][j] for k in range(3)) for j in range(3)]
        least = min(expected)
        return (
            -1
            if rule.asking_cost is not None and least > rule.asking_cost
            else expected.index(least)
        )
    if rule.positive is not None and row[rule.positive] >= rule.threshold:
        return rule.positive
    others = [k for k in range(3) if k != rule.positive]
    return max(others, key=lambda k: row[k])


@pytest.mark.parametrize("rule", RULES)
def test_answers_equal_those_by_hand(rule):
    wanted = [by_hand(rule, row.astype(float)) for row in PROBABILITIES]
    assert rule.decide(PROBABILITIES).tolist() == wanted
    assert len(set(wanted)) > 1 or rule.threshold == 0.0


@pytest.mark.parametrize("rule", RULES)
def test_the_graph_answers_the_same(rule):
    graph = Graph("rule")
    given = graph.input("p", np.float32, ["n", 3])
    graph.output(rule.write(graph, given, n_tags=3), "answer", np.int64, ["n"])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    (answers,) = session.run(None, {"p": PROBABILITIES})
    assert answers.tolist() == rule.decide(PROBABILITIES).tolist()


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_survives_the_card(rule):
    assert from_json(rule.to_json(TAGS), TAGS) == rule


def test_the_threshold_itself_counts_as_found():
    exactly = np.array([[0.5, 0.25, 0.25]], np.float32)
    assert Rule("t", positive=1, threshold=0.25).decide(exactly).tolist() == [1]


@pytest.mark.parametrize(
    "values", [{}, {"words": "x", "positive": "bee"}, {"words": "x", "costs": 3}]
)
def test_a_damaged_rule_is_refused(values):
    with pytest.raises(BundleError, match="rule is damaged"):
        from_json(values, TAGS)
