"""A BERT encoder as an ONNX graph: token numbers in, one vector of length 1 a text out.

Devlin et al. 2019, "BERT", and Vaswani et al. 2017, "Attention is all you need", section 3; the
mean over the tokens is Reimers and Gurevych's 2019, "Sentence-BERT", section 3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from handful.graphs import Graph

_EPSILON = 1e-12  # of layer normalisation, as BERT was trained
_PAD = 0  # number of the token that fills up the rows of a batch


class Bert:
    """Writes the layers of one network.

    Parameters
    ----------
    graph : Graph
    tensors : mapping of str to ndarray
        The state dict, named as Hugging Face's BertModel names it.
    heads : int
        Attention heads a layer.
    """

    def __init__(self, graph: Graph, tensors: Mapping[str, np.ndarray], *, heads: int) -> None:
        self.graph = graph
        self.tensors = tensors
        self.heads = heads
        self.width = tensors["embeddings.word_embeddings.weight"].shape[1]

    def write(self, ids: str) -> str:
        """Append the network; `ids` is int64 (n, length), the result float32 (n, width)."""
        graph = self.graph
        there = graph.add("Not", [graph.add("Equal", [ids, graph.constant(_PAD, np.int64)])])
        ahead = graph.constant([1, 2], np.int64)
        one, none = graph.constant(0.0), graph.constant(-1e9)
        hidden = graph.add("Unsqueeze", [graph.add("Where", [there, one, none]), ahead])
        x = self._embedded(ids)
        n_layers = len({name.split(".")[2] for name in self.tensors if ".layer." in name})
        for number in range(n_layers):
            x = self._layer(x, hidden, f"encoder.layer.{number}")
        return self._unit_mean(x, there)

    def _embedded(self, ids: str) -> str:
        """What each token is and where it stands, float32 (n, length, width)."""
        graph, read = self.graph, self.tensors
        words = graph.constant(read["embeddings.word_embeddings.weight"])
        first_type = read["embeddings.token_type_embeddings.weight"][0]
        places = graph.constant(read["embeddings.position_embeddings.weight"] + first_type)
        length = graph.add("Shape", [ids], start=1)
        start, step = (graph.constant([value], np.int64) for value in (0, 1))
        near = graph.add("Slice", [places, start, length, start, step])
        x = graph.add("Add", [graph.add("Gather", [words, ids]), near])
        return self._normal(x, "embeddings.LayerNorm")

    def _layer(self, x: str, hidden: str, name: str) -> str:
        """Attention, then two dense layers, each added to what came in and normalised."""
        graph = self.graph
        looked = self._dense(self._attention(x, hidden, name), f"{name}.attention.output.dense")
        x = self._normal(graph.add("Add", [looked, x]), f"{name}.attention.output.LayerNorm")
        wide = self._gelu(self._dense(x, f"{name}.intermediate.dense"))
        narrow = self._dense(wide, f"{name}.output.dense")
        return self._normal(graph.add("Add", [narrow, x]), f"{name}.output.LayerNorm")

    def _attention(self, x: str, hidden: str, name: str) -> str:
        """softmax(Q K^T / sqrt(d) + hidden) V, in every head, heads side by side again."""
        graph, each = self.graph, self.width // self.heads
        query, key, value = (
            self._dense(x, f"{name}.attention.self.{part}") for part in ("query", "key", "value")
        )
        split = graph.constant([0, 0, self.heads, each], np.int64)
        query, key, value = (graph.add("Reshape", [part, split]) for part in (query, key, value))
        query, value = (graph.add("Transpose", [p], perm=[0, 2, 1, 3]) for p in (query, value))
        key = graph.add("Transpose", [key], perm=[0, 2, 3, 1])
        scaled = graph.add("Mul", [query, graph.constant(1 / math.sqrt(each))])
        scores = graph.add("Add", [graph.add("MatMul", [scaled, key]), hidden])
        mixed = graph.add("MatMul", [graph.add("Softmax", [scores], axis=3), value])
        mixed = graph.add("Transpose", [mixed], perm=[0, 2, 1, 3])
        return graph.add("Reshape", [mixed, graph.constant([0, 0, self.width], np.int64)])

    def _dense(self, x: str, name: str) -> str:
        weight = self.graph.constant(np.ascontiguousarray(self.tensors[f"{name}.weight"].T))
        product = self.graph.add("MatMul", [x, weight])
        return self.graph.add("Add", [product, self.graph.constant(self.tensors[f"{name}.bias"])])

    def _normal(self, x: str, name: str) -> str:
        scale, bias = (self.graph.constant(self.tensors[f"{name}.{p}"]) for p in ("weight", "bias"))
        return self.graph.add("LayerNormalization", [x, scale, bias], axis=-1, epsilon=_EPSILON)

    def _gelu(self, x: str) -> str:
        """Each value times the normal distribution's share below it (Hendrycks and Gimpel 2016)."""
        graph = self.graph
        bent = graph.add("Erf", [graph.add("Mul", [x, graph.constant(1 / math.sqrt(2))])])
        share = graph.add("Mul", [graph.add("Add", [bent, graph.constant(1.0)]), x])
        return graph.add("Mul", [share, graph.constant(0.5)])

    def _unit_mean(self, x: str, there: str) -> str:
        """Mean over the tokens that are there, scaled to length 1."""
        graph = self.graph
        counted = graph.add("Cast", [there], to=1)
        weights = graph.add("Unsqueeze", [counted, graph.constant([2], np.int64)])
        total = graph.add(
            "ReduceSum",
            [graph.add("Mul", [x, weights]), graph.constant([1], np.int64)],
            keepdims=0,
        )  # a mean differs from it by a factor that the length takes away again
        length = graph.add("ReduceL2", [total, graph.constant([1], np.int64)], keepdims=1)
        return graph.add("Div", [total, graph.add("Max", [length, graph.constant(1e-12)])])
