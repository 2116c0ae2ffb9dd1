"""Writes the model file of a learner of several tags: raw samples in, yes or no a tag out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from handful.caring.unknowns import Unknowns
from handful.encoders.base import Encoder
from handful.graphs import Graph, GraphInput
from handful.model_file.writing import (
    ANSWER,
    FORMAT,
    OUTPUT,
    RULE,
    replace_rule,
    write_features,
    write_heads,
    write_known,
)
from handful.several import FittedSeveral

if TYPE_CHECKING:
    import onnx


def write_several_model(
    learner: FittedSeveral,
    encoders: Sequence[Encoder],
    *,
    inputs: Sequence[GraphInput],
    tags: Sequence[str],
    thresholds: Sequence[float],
    card: Mapping[str, Any],
    unknowns: tuple[str, Unknowns],
) -> onnx.ModelProto:
    """The model file, giving each tag from its threshold on.

    Parameters
    ----------
    learner : FittedSeveral
    encoders : sequence of Encoder
    inputs : sequence of tuple
        Name, dtype and shape of the graph's inputs, as the modality hands samples over.
    tags : sequence of str
        In the order of the learner's columns.
    thresholds : sequence of float
        Of each tag: the probability from which it is given.
    card : mapping
        Plain values that describe the model.
    unknowns : tuple of str and Unknowns
        The encoder in whose features samples are compared with those learned from, and how.
    """
    graph = Graph("handful")
    used = {*learner.encoders(), unknowns[0]}
    features = write_features(graph, encoders, used, inputs)
    columns = [_write_yes(graph, write_heads(graph, one, features)) for one in learner.learners]
    every = columns[0] if len(columns) == 1 else graph.add("Concat", columns, axis=1)
    graph.output(every, OUTPUT, np.float32, ["n", len(tags)])
    write_known(graph, unknowns, features, encoders, inputs)
    model = graph.model(
        {"handful_format": str(FORMAT), "tags": json.dumps(list(tags), ensure_ascii=False)}
    )
    set_thresholds(model, thresholds, card=card)
    return model


def _write_yes(graph: Graph, probabilities: str) -> str:
    """The second column of no and yes, (n, 1)."""
    return graph.add("Gather", [probabilities, graph.constant([1], np.int64)], axis=1)


def set_thresholds(
    model: onnx.ModelProto, thresholds: Sequence[float], *, card: Mapping[str, Any]
) -> None:
    """Make the model answer by other thresholds, and replace the card in its metadata.

    Parameters
    ----------
    model : ModelProto
        Changed in place; everything before the probabilities stays as it is.
    thresholds : sequence of float
        Of each tag.
    card : mapping
    """
    graph = Graph(RULE)
    given = graph.add("GreaterOrEqual", [OUTPUT, graph.constant([thresholds])])
    graph.output(given, ANSWER, np.bool_, ["n", len(thresholds)])
    replace_rule(model, graph, card)
