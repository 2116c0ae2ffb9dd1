"""Texts through MiniLM, a small network that learned to place sentences by what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from handful.encoders import weights
from handful.encoders.base import NEAREST_MEAN, SIMILARITIES
from handful.encoders.bert import Bert
from handful.encoders.ngrams import Tokens, padded
from handful.encoders.runtimes import OnnxRuntime
from handful.encoders.weights import MINILM, MINILM_TOKENIZER, WeightCard
from handful.errors import InputError, MissingExtraError
from handful.graphs import Graph, GraphInput

INPUT = "ids"
MOST_TOKENS = 256  # pieces of words of a text that are looked at: as many as it was made for
_HEADS, _WIDTH, _PAD = 12, 384, 0
_PACKAGES = (MINILM.package, "safetensors", "tokenizers")


def has_minilm() -> bool:
    """Whether ``handful[text]`` is installed."""
    return all(find_spec(package) for package in _PACKAGES)


def tokenizer_json() -> str:
    """The tokenizer's description, which travels with a model.

    Raises
    ------
    WeightsError
        It is not installed, or is not the one known.
    """
    return weights.content(MINILM_TOKENIZER).decode()


def token_ids(text: str, tokenizer: str) -> np.ndarray:
    """Numbers of the tokens of a text, int64 (n_tokens,), at most `MOST_TOKENS`.

    Parameters
    ----------
    text : str
    tokenizer : str
        As `tokenizer_json` gives it.

    Raises
    ------
    MissingExtraError
        The package `tokenizers` is not installed.
    InputError
        It is no tokenizer: the model's card was changed.
    """
    return np.array(_opened(tokenizer).encode(text).ids, np.int64)


@lru_cache(2)
def _opened(tokenizer: str) -> Any:
    if find_spec("tokenizers") is None:
        raise MissingExtraError(
            "this model reads texts with MiniLM's tokenizer, which is not installed. "
            "Install it: pip install tokenizers"
        )
    from tokenizers import Tokenizer

    try:
        opened = Tokenizer.from_str(tokenizer)
    except Exception as error:  # the library raises no narrower one
        raise InputError(
            "the model's card holds a tokenizer that cannot be opened: it is damaged."
        ) from error
    opened.no_padding()
    opened.enable_truncation(MOST_TOKENS)
    return opened


class MiniLM:
    """The mean of what MiniLM makes of a text's tokens, at length 1."""

    name = "MiniLM"
    inputs: tuple[GraphInput, ...] = ((INPUT, np.int64, ["n", "tokens"]),)
    width = _WIDTH
    key = f"{MINILM.sha256[:24]}-{MOST_TOKENS}-1"

    @property
    def views(self) -> Mapping[str, slice]:
        """One: the sentence."""
        return {"meaning": slice(0, self.width)}

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Nearest class mean too: it needs the fewest samples."""
        return {"meaning": (SIMILARITIES, NEAREST_MEAN)}

    @property
    def likeness(self) -> slice:
        """All of it: texts that mean the same are close."""
        return slice(0, self.width)

    def transform(self, batch: Sequence[Tokens]) -> np.ndarray:
        """Features of texts, float32 (n_samples, width)."""
        return self._network(padded([sample[INPUT] for sample in batch], _PAD))

    def exact(self) -> MiniLM:
        """The same: these features are exact."""
        return self

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """The network's."""
        return (MINILM,)

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append the network to `graph`; "ids" is int64 (n, tokens), 0 where there is none."""
        return Bert(graph, weights.load(MINILM), heads=_HEADS).write(inputs[INPUT])

    @cached_property
    def _network(self) -> OnnxRuntime:
        graph = Graph("minilm")
        for declared in self.inputs:
            graph.input(*declared)
        features = self.write(graph, {INPUT: INPUT})
        graph.output(features, "features", np.float32, ["n", self.width])
        return OnnxRuntime(graph.model().SerializeToString())
