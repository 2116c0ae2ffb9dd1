"""Rules: from probabilities to an answer, the same in Python and in the exported graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.errors import BundleError
from handful.graphs import Graph
from handful.metrics import ASK, decide

UNKNOWN = -2  # the answer for samples unlike everything learned from


@dataclass(frozen=True)
class Rule:
    """How an answer is chosen.

    Attributes
    ----------
    words : str
        Where it comes from, for people.
    positive, threshold : int and float, optional
        Answer this tag from this probability on, otherwise the most probable other one.
    costs : tuple of tuple of float, optional
        costs[k][j]: of answering j where the truth is k; the cheapest on average is answered.
    asking_cost : float, optional
        With `costs`: ask a person where every answer costs more than this.
    """

    words: str = "the most probable tag"
    positive: int | None = None
    threshold: float | None = None
    costs: tuple[tuple[float, ...], ...] | None = None
    asking_cost: float | None = None

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """Answers, int64 (n_samples,): column numbers, or ASK (-1).

        Parameters
        ----------
        probabilities : ndarray of float32, shape (n_samples, n_tags)
        """
        if self.costs is not None:
            return decide(probabilities, np.array(self.costs), asking_cost=self.asking_cost)
        if self.positive is None or self.threshold is None:
            return np.asarray(probabilities.argmax(axis=1), np.int64)
        others = probabilities.copy()
        others[:, self.positive] = -1
        found = probabilities[:, self.positive] >= np.float32(self.threshold)
        return np.where(found, self.positive, others.argmax(axis=1)).astype(np.int64)

    def write(self, graph: Graph, probabilities: str, *, n_tags: int) -> str:
        """Append the rule behind `probabilities`; gives the answers, int64 (n,)."""
        if self.costs is not None:
            return self._write_costs(graph, probabilities)
        if self.positive is None or self.threshold is None:
            return graph.add("ArgMax", [probabilities], axis=1, keepdims=0)
        column = graph.constant(self.positive, np.int64)
        score = graph.add("Gather", [probabilities, column], axis=1)
        found = graph.add("GreaterOrEqual", [score, graph.constant(self.threshold)])
        pushed_down = 2 * np.eye(n_tags, dtype=np.float32)[self.positive]
        others = graph.add("Sub", [probabilities, graph.constant(pushed_down)])
        best = graph.add("ArgMax", [others], axis=1, keepdims=0)
        return graph.add("Where", [found, column, best])

    def _write_costs(self, graph: Graph, probabilities: str) -> str:
        expected = graph.add("MatMul", [probabilities, graph.constant(self.costs)])
        cheapest = graph.add("ArgMin", [expected], axis=1, keepdims=0)
        if self.asking_cost is None:
            return cheapest
        least = graph.add("ReduceMin", [expected, graph.constant([1], np.int64)], keepdims=0)
        too_dear = graph.add("Greater", [least, graph.constant(self.asking_cost)])
        return graph.add("Where", [too_dear, graph.constant(ASK, np.int64), cheapest])

    def to_json(self, tags: Sequence[str]) -> dict[str, Any]:
        """The rule as plain values, tags by name."""
        return {
            "words": self.words,
            "positive": None if self.positive is None else tags[self.positive],
            "threshold": self.threshold,
            "costs": None if self.costs is None else [list(row) for row in self.costs],
            "asking_cost": self.asking_cost,
        }


def from_json(values: Mapping[str, Any], tags: Sequence[str]) -> Rule:
    """The rule that a card holds.

    Raises
    ------
    BundleError
        The values make no rule.
    """
    try:
        costs, positive = values.get("costs"), values.get("positive")
        threshold, asking = values.get("threshold"), values.get("asking_cost")
        return Rule(
            words=str(values["words"]),
            positive=None if positive is None else list(tags).index(positive),
            threshold=None if threshold is None else float(threshold),
            costs=None if costs is None else tuple(tuple(map(float, row)) for row in costs),
            asking_cost=None if asking is None else float(asking),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"the card's rule is damaged: {error}. Train again.") from error
