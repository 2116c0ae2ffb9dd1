"""Logistic regression on counts, in which rare pieces weigh more: TF-IDF.

A piece that stands in nearly every text tells little, one that stands in few tells more (Spaerck
Jones 1972, "A statistical interpretation of term specificity"). How rare each is, is counted in
the samples that are learnt from and in no others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from handful.heads.base import Fitted, Head
from handful.heads.logistic import fit_logistic

if TYPE_CHECKING:
    from handful.graphs import Graph


@dataclass(frozen=True)
class RarePieces:
    """A head behind features that are weighted column by column and scaled to length 1.

    Attributes
    ----------
    rarity : ndarray of float32, shape (n_features,)
    head : Head
    """

    rarity: np.ndarray
    head: Head

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n_samples, n_tags)."""
        return self.head.predict_proba(_weighted(X, self.rarity))

    def tempered(self, temperature: float) -> RarePieces:
        """Less sure of itself where the temperature is above 1."""
        return replace(self, head=self.head.tempered(temperature))

    def write(self, graph: Graph, features: str) -> str:
        """Append weights, length and head; gives the probabilities' name."""
        weighted = graph.add("Mul", [features, graph.constant(self.rarity)])
        length = graph.add("ReduceL2", [weighted, graph.constant([1], np.int64)], keepdims=1)
        least = graph.add("Max", [length, graph.constant(_LEAST)])
        return self.head.write(graph, graph.add("Div", [weighted, least]))


_LEAST = 1e-12  # a text without a single known piece has no length


def fit_rare_pieces(
    X: np.ndarray,
    y: np.ndarray,
    *,
    n_tags: int,
    folds: np.ndarray | None,
    sample_weight: np.ndarray,
) -> Fitted:
    """Logistic regression on weighted counts; parameters as `fit_logistic` has them."""
    rarity = rarities(X)
    fitted = fit_logistic(
        _weighted(X, rarity),
        y,
        n_tags=n_tags,
        folds=folds,
        sample_weight=sample_weight,
        standardise=False,
    )
    return replace(fitted, head=RarePieces(rarity, fitted.head))


def rarities(X: np.ndarray) -> np.ndarray:
    """ln((1 + n) / (1 + n_with)) + 1 of each column, float32 (n_features,).

    Manning, Raghavan and Schuetze 2008, "Introduction to information retrieval", section 6.2.1,
    as if one text more held every piece; a column that no text has weighs nothing.
    """
    n_with = (X > 0).sum(axis=0)
    rarity = np.log((1 + len(X)) / (1 + n_with)) + 1
    return np.where(n_with > 0, rarity, 0).astype(np.float32)


def _weighted(X: np.ndarray, rarity: np.ndarray) -> np.ndarray:
    weighted = X * rarity
    length = np.sqrt(np.vecdot(weighted, weighted))[:, None]
    return np.asarray(weighted / np.maximum(length, np.float32(_LEAST)))
