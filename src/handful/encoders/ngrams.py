"""Texts as counts of short pieces: needs no pretrained network and reads any language.

Pieces are runs of characters and of words (n-grams). Each is counted in a column that a hash of
it names (the hashing trick: Weinberger et al. 2009, "Feature hashing for large scale multitask
learning"), so that there is no vocabulary to learn and nothing to leak.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any
from zlib import crc32

import numpy as np

from handful.encoders.base import TFIDF
from handful.encoders.runtimes import open_session
from handful.encoders.weights import WeightCard
from handful.graphs import Graph, GraphInput

INPUT = "ngrams"
_SHARES = (4, 2, 4)  # of the columns: for runs of characters, for words, for pairs of words
_LENGTHS = range(2, 6)  # of runs of characters
_START = 4  # letters: about a stem, in languages whose words change at the end
_NEAR = 9  # words: parts of one sentence
_FILLER = -1  # pads rows of a batch to one length
_KNOWN_TOKENS = 65536  # whose columns are remembered
_WORD = re.compile(r"\w+")

Tokens = Mapping[str, np.ndarray]


def ngram_columns(text: str, share: int) -> np.ndarray:
    """Columns of the pieces of a text, int64 (n_pieces,), as often as they occur.

    Upper and lower case, and forms that Unicode calls compatible, are the same. Pieces are runs
    of 2 to 5 characters within a word, whose borders count as a character; words; their first 4
    letters; and, in either order, those of two words that are at most 9 apart.

    Parameters
    ----------
    text : str
    share : int
        Columns in a tenth of all: 4 are for runs of characters, 2 for words, 4 for pairs.

    >>> ngram_columns("a cat", 256).size  # 3 + 10 runs, 2 words, 2 starts, 1 pair
    18
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    words = _WORD.findall(plain)
    starts = [word[:_START] for word in words]
    runs = [hashed for token in plain.split() for hashed in _run_hashes(token)]
    known = [crc32(word.encode()) for word in words]
    known += [crc32(f"{start}-".encode()) for start in starts]
    pairs = [
        crc32(" ".join(sorted((one, other))).encode())
        for at, one in enumerate(starts)
        for other in starts[at + 1 : at + 1 + _NEAR]
    ]
    columns, first = [], 0
    for hashes, shares in zip((runs, known, pairs), _SHARES, strict=True):
        columns.append(first + np.array(hashes, np.int64) % (shares * share))
        first += shares * share
    return np.concatenate(columns)


@lru_cache(_KNOWN_TOKENS)
def _run_hashes(token: str) -> tuple[int, ...]:
    framed = f" {token} "
    runs = [framed[at : at + n] for n in _LENGTHS for at in range(len(framed) - n + 1)]
    return tuple(crc32(run.encode()) for run in runs)


class NGrams:
    """How often pieces of characters and words occur, as logarithms of 1 + count.

    Parameters
    ----------
    share : int
        A tenth of the columns.
    """

    name = "n-grams"
    inputs: tuple[GraphInput, ...] = ((INPUT, np.int64, ["n", "pieces"]),)

    def __init__(self, share: int = 1024) -> None:
        self.share = share
        self.key = f"ngrams-{share}-3"

    @property
    def width(self) -> int:
        """Number of features."""
        return sum(_SHARES) * self.share

    @property
    def views(self) -> Mapping[str, slice]:
        """One: all of them."""
        return {"characters and words": slice(0, self.width)}

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """One that makes rare pieces weigh more."""
        return dict.fromkeys(self.views, (TFIDF,))

    @property
    def likeness(self) -> slice:
        """All of them."""
        return slice(0, self.width)

    def tokens(self, text: str) -> dict[str, np.ndarray]:
        """What the graph takes of a text, without the axis of samples."""
        return {INPUT: ngram_columns(text, self.share)}

    def transform(self, batch: Sequence[Tokens]) -> np.ndarray:
        """Features of texts, float32 (n_samples, width)."""
        pieces = padded([sample[INPUT] for sample in batch], _FILLER)
        return np.asarray(self._session.run(None, {INPUT: pieces})[0])

    def exact(self) -> NGrams:
        """The same: these features are exact."""
        return self

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """None: nothing here was learnt."""
        return ()

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append the counting to `graph`; "ngrams" is int64 (n, pieces), -1 where none is."""
        pieces = inputs[INPUT]
        last = graph.constant(self.width, np.int64)
        there = graph.add("GreaterOrEqual", [pieces, graph.constant(0, np.int64)])
        columns = graph.add("Where", [there, pieces, last])
        zeros = self._write_zeros(graph, pieces)
        ones = graph.add("Expand", [graph.constant(1.0), graph.add("Shape", [pieces])])
        counts = graph.add("ScatterElements", [zeros, columns, ones], axis=1, reduction="add")
        bounds = [graph.constant([at], np.int64) for at in (0, self.width, 1)]
        kept = graph.add("Slice", [counts, *bounds])
        return graph.add("Log", [graph.add("Add", [kept, graph.constant(1.0)])])

    def _write_zeros(self, graph: Graph, pieces: str) -> str:
        """Float32 (n, width + 1): the last column takes what fills up the rows."""
        n = graph.add("Shape", [pieces], end=1)
        columns = graph.constant([self.width + 1], np.int64)
        shape = graph.add("Concat", [n, columns], axis=0)
        return graph.add("Expand", [graph.constant(0.0), shape])

    @cached_property
    def _session(self) -> Any:
        graph = Graph("ngrams")
        for declared in self.inputs:
            graph.input(*declared)
        features = self.write(graph, {INPUT: INPUT})
        graph.output(features, "features", np.float32, ["n", self.width])
        return open_session(graph.model().SerializeToString(), threads=1)


def padded(rows: Sequence[np.ndarray], filler: int) -> np.ndarray:
    """Rows of unequal length as one array, int64 (n_rows, longest)."""
    together = np.full((len(rows), max(map(len, rows))), filler, np.int64)
    for row, values in zip(together, rows, strict=True):
        row[: len(values)] = values
    return together
