"""Writes the model file: raw samples in; probabilities, answer and familiarity out."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from handful.blending import Member
from handful.caring.unknowns import ALPHA, Unknowns
from handful.encoders.base import Encoder, OfParts
from handful.graphs import Graph, GraphInput
from handful.heads.base import Head
from handful.heads.temperature import SMALLEST
from handful.learners import FittedLearner
from handful.rules import Rule

if TYPE_CHECKING:
    import onnx

FORMAT = 1
OUTPUT, ANSWER, FAMILIARITY, KNOWN = "probabilities", "answer", "familiarity", "known"
VALUE, LOW, HIGH = "value", "low", "high"  # where a number is told instead of a tag
RULE = "rule"  # what the names of all nodes and constants of the rule begin with


def write_model(
    learner: FittedLearner,
    encoders: Sequence[Encoder],
    *,
    inputs: Sequence[GraphInput],
    tags: Sequence[str],
    card: Mapping[str, Any],
    unknowns: tuple[str, Unknowns] | None = None,
) -> onnx.ModelProto:
    """The model file, answering the most probable tag.

    Parameters
    ----------
    learner : FittedLearner
    encoders : sequence of Encoder
        Those that the learner's members look through, and perhaps others.
    inputs : sequence of tuple
        Name, dtype and shape of the graph's inputs, as the modality hands samples over.
    tags : sequence of str
        In the order of the learner's columns.
    card : mapping
        Plain values that describe the model.
    unknowns : tuple of str and Unknowns, optional
        The encoder in whose features samples are compared with those learned from, and how.
    """
    graph = Graph("handful")
    used = {member.candidate.encoder for member in learner.members}
    features = write_features(graph, encoders, used, inputs)
    graph.output(write_heads(graph, learner, features), OUTPUT, np.float32, ["n", len(tags)])
    if unknowns is not None:
        write_known(graph, unknowns, features, encoders, inputs)
    model = graph.model(
        {"handful_format": str(FORMAT), "tags": json.dumps(list(tags), ensure_ascii=False)}
    )
    set_rule(model, Rule(), n_tags=len(tags), card=card)
    return model


def write_features(
    graph: Graph, encoders: Sequence[Encoder], used: Collection[str], inputs: Sequence[GraphInput]
) -> dict[str, str]:
    """Append the path from raw samples to features; gives their names, by encoder in `used`."""
    samples = {declared[0]: graph.input(*declared) for declared in inputs}
    return {
        encoder.name: graph.add(
            "Identity", [encoder.write(graph, samples)], output=features_tensor(encoder.name)
        )
        for encoder in encoders
        if encoder.name in used
    }


def write_known(
    graph: Graph,
    unknowns: tuple[str, Unknowns],
    features: Mapping[str, str],
    encoders: Sequence[Encoder],
    inputs: Sequence[GraphInput],
) -> None:
    """Append how familiar samples are, and whether they are known, as outputs.

    Known is what is familiar enough and lacks no part that all training samples had.
    """
    encoder, familiar = unknowns
    graph.output(familiar.write(graph, features[encoder]), FAMILIARITY, np.float32, ["n"])
    likely, samples = FAMILIARITY, {declared[0]: declared[0] for declared in inputs}
    for one in encoders:
        if isinstance(one, OfParts) and (whole := one.write_whole(graph, samples)):
            likely = graph.add("Where", [whole, likely, graph.constant(0.0)])
    known = graph.add("Greater", [likely, graph.constant(ALPHA)])
    graph.output(known, KNOWN, np.bool_, ["n"])


def set_rule(model: onnx.ModelProto, rule: Rule, *, n_tags: int, card: Mapping[str, Any]) -> None:
    """Make the model answer by another rule, and replace the card in its metadata.

    Parameters
    ----------
    model : ModelProto
        Changed in place; everything before the probabilities stays as it is.
    rule : Rule
    n_tags : int
    card : mapping
    """
    graph = Graph(RULE)
    graph.output(rule.write(graph, OUTPUT, n_tags=n_tags), ANSWER, np.int64, ["n"])
    replace_rule(model, graph, card)


def replace_rule(model: onnx.ModelProto, rule: Graph, card: Mapping[str, Any]) -> None:
    """Put the nodes of `rule`, a graph of that name, in place of those that were there."""
    from onnx import helper

    _drop_rule(model)
    rule.append_to(model)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    metadata["card"] = json.dumps(card, ensure_ascii=False, sort_keys=True)
    helper.set_model_props(model, metadata)


def _drop_rule(model: onnx.ModelProto) -> None:
    graph = model.graph
    nodes = [n for n in graph.node if not (n.name.startswith(f"{RULE}/") or n.name == ANSWER)]
    constants = [c for c in graph.initializer if not c.name.startswith(f"{RULE}/")]
    outputs = [output for output in graph.output if output.name != ANSWER]
    for field, kept in (("node", nodes), ("initializer", constants), ("output", outputs)):
        graph.ClearField(field)
        getattr(graph, field).extend(kept)


def to_bytes(model: onnx.ModelProto) -> bytes:
    """The file's content: the same model gives the same bytes."""
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def with_outputs(model: bytes, tensors: Sequence[str]) -> bytes:
    """The same model, giving some of its inner tensors as outputs too."""
    import onnx

    loaded = onnx.load_from_string(model)
    for tensor in tensors:
        loaded.graph.output.append(
            onnx.helper.make_tensor_value_info(tensor, onnx.TensorProto.FLOAT, None)
        )
    return to_bytes(loaded)


def features_tensor(encoder: str) -> str:
    """Name of the tensor that holds an encoder's features in the exported graph."""
    return f"features of {encoder}"


def write_heads(graph: Graph, learner: FittedLearner, features: Mapping[str, str]) -> str:
    """Append the blend of heads behind the encoders' features; gives the probabilities."""
    votes = [_write_member(graph, m, features[m.candidate.encoder]) for m in learner.members]
    mixed = votes[0] if len(votes) == 1 else graph.add("Sum", votes)
    floored = graph.add("Max", [mixed, graph.constant(SMALLEST)])
    scores = graph.add("Log", [floored])
    scores = graph.add("Mul", [scores, graph.constant(1 / learner.temperature)])
    return graph.add("Softmax", [scores], axis=1)


def _write_member(graph: Graph, member: Member[Head], features: str) -> str:
    columns = member.candidate.columns
    bounds = [graph.constant([at], np.int64) for at in (columns.start, columns.stop, 1)]
    view = graph.add("Slice", [features, *bounds])
    return graph.add("Mul", [member.head.write(graph, view), graph.constant(member.weight)])
