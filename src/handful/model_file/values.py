"""Writes the model file of a learner of numbers: raw samples in; value and range out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from handful.caring.unknowns import Unknowns
from handful.encoders.base import Encoder
from handful.graphs import Graph, GraphInput
from handful.model_file.writing import (
    FORMAT,
    HIGH,
    LOW,
    VALUE,
    write_features,
    write_known,
)
from handful.ranges import Ranges
from handful.regressors import FittedRegressor

if TYPE_CHECKING:
    import onnx


def write_value_model(
    learner: FittedRegressor,
    beside: Sequence[FittedRegressor],
    ranges: Ranges,
    encoders: Sequence[Encoder],
    *,
    inputs: Sequence[GraphInput],
    card: Mapping[str, Any],
    unknowns: tuple[str, Unknowns],
) -> onnx.ModelProto:
    """The model file.

    Parameters
    ----------
    learner : FittedRegressor
        Answers.
    beside : sequence of FittedRegressor
        Those of the folds, in the order of `ranges`: they make the range.
    ranges : Ranges
    encoders : sequence of Encoder
    inputs : sequence of tuple
        Name, dtype and shape of the graph's inputs, as the modality hands samples over.
    card : mapping
        Plain values that describe the model.
    unknowns : tuple of str and Unknowns
        The encoder in whose features samples are compared with those learned from, and how.
    """
    from onnx import helper

    graph = Graph("handful")
    used = {m.candidate.encoder for one in (learner, *beside) for m in one.members}
    features = write_features(graph, encoders, {*used, unknowns[0]}, inputs)
    value = graph.add("Squeeze", [_write(graph, learner, features), graph.constant([1], np.int64)])
    low, high = ranges.write(graph, [_write(graph, one, features) for one in beside])
    for tensor, name in ((value, VALUE), (low, LOW), (high, HIGH)):
        graph.output(tensor, name, np.float32, ["n"])
    write_known(graph, unknowns, features, encoders, inputs)
    model = graph.model()
    metadata = {
        "handful_format": str(FORMAT),
        "card": json.dumps(card, ensure_ascii=False, sort_keys=True),
    }
    helper.set_model_props(model, metadata)
    return model


def _write(graph: Graph, learner: FittedRegressor, features: Mapping[str, str]) -> str:
    votes = []
    for member in learner.members:
        columns = member.candidate.columns
        bounds = [graph.constant([at], np.int64) for at in (columns.start, columns.stop, 1)]
        view = graph.add("Slice", [features[member.candidate.encoder], *bounds])
        said = member.head.write(graph, view)
        votes.append(graph.add("Mul", [said, graph.constant(member.weight)]))
    return votes[0] if len(votes) == 1 else graph.add("Sum", votes)
