"""Compares the exported file with the learner it was made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from handful.encoders.runtimes import open_session
from handful.errors import ExportMismatchError
from handful.loading import ordered_map, usable_cores
from handful.model_file.writing import OUTPUT, features_tensor, to_bytes

if TYPE_CHECKING:
    import onnx

TOLERANCE = 1e-3  # largest difference in any probability

Answers = Callable[[Mapping[str, np.ndarray]], np.ndarray]


@dataclass(frozen=True)
class Witness:
    """One sample that the whole exported file answers for.

    Attributes
    ----------
    index : int
        Among the training samples.
    sample : mapping of str to ndarray
        As the graph takes it, by input.
    features : mapping of str to ndarray
        Its features by encoder name, (1, n_features), exact to the graph's precision.
    """

    index: int
    sample: Mapping[str, np.ndarray]
    features: Mapping[str, np.ndarray]


def check_model(
    content: bytes,
    answers: Answers,
    features: Mapping[str, np.ndarray],
    *,
    output: str = OUTPUT,
    tolerance: float = TOLERANCE,
    witnesses: Sequence[Witness],
    names: Sequence[str],
    rows: np.ndarray | None = None,
) -> float:
    """Largest difference between the exported answers and the learner's.

    The file's own nodes behind the features answer for training samples; the whole file, raw
    samples in, answers for the witnesses. The nodes before the features are the encoder's
    own, the same that made the features.

    Parameters
    ----------
    content : bytes
        The model file.
    answers : callable
        What the learner says, by encoder name to features: (n_samples, n_tags) or (n_samples,).
    features : mapping of str to ndarray
        By encoder name, float32 (n_samples, n_features): every training sample.
    witnesses : sequence of Witness
    names : sequence of str
    output : str
        Which of the file's outputs is compared.
    tolerance : float
    rows : ndarray of int, optional
        Places of the samples that the nodes behind the features answer for. Default: every one.

    Raises
    ------
    ExportMismatchError
        An answer is off by more than `TOLERANCE`.
    """
    import onnx

    rows = np.arange(len(names)) if rows is None else rows
    some = {name: X[rows] for name, X in features.items()}
    off = np.zeros(len(names))
    off[rows] = _heads_off(onnx.load_from_string(content), answers, some, output)
    session = open_session(content, threads=1)

    def whole_off(witness: Witness) -> float:
        answer = session.run([output], dict(witness.sample))[0]
        return float(np.abs(answer - answers(witness.features)).max())

    wholes = ordered_map(whole_off, witnesses, workers=usable_cores(), ahead=0)
    for witness, difference in zip(witnesses, wholes, strict=True):
        off[witness.index] = max(off[witness.index], difference)
    worst = int(off.argmax())
    if not off[worst] <= tolerance:
        raise ExportMismatchError(
            f"the exported model answers otherwise than the learner: {names[worst]} differs by "
            f"{off[worst]:.4f}, allowed is {tolerance:.3g}. Nothing was written. This is a fault "
            "in handful: please report it with this message."
        )
    return float(off[worst])


def _heads_off(
    model: onnx.ModelProto, answers: Answers, features: Mapping[str, np.ndarray], output: str
) -> np.ndarray:
    """Largest difference of each sample, (n_samples,), by the nodes behind the features."""
    used = [
        name
        for name in features
        if any(features_tensor(name) in n.output for n in model.graph.node)
    ]
    heads = open_session(
        to_bytes(_behind(model, {n: features[n].shape[1] for n in used}, output)), threads=1
    )
    fed = {features_tensor(name): np.ascontiguousarray(features[name]) for name in used}
    found = heads.run([output], fed)[0]
    off = np.abs(found - answers(features))
    return np.asarray(off.reshape(len(off), -1).max(axis=1))


def _behind(model: onnx.ModelProto, widths: Mapping[str, int], output: str) -> onnx.ModelProto:
    """The model from the features on, with the file's own nodes and constants."""
    import onnx
    from onnx import helper

    inputs = {features_tensor(name): width for name, width in widths.items()}
    makers = {output: node for node in model.graph.node for output in node.output}
    needed, waiting = [], [output]
    while waiting:
        tensor = waiting.pop()
        node = makers.get(tensor)
        if tensor not in inputs and node is not None and node not in needed:
            needed.append(node)
            waiting.extend(node.input)
    wanted = {tensor for node in needed for tensor in node.input}
    graph = helper.make_graph(
        [node for node in model.graph.node if node in needed],
        "heads",
        [
            helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", width])
            for name, width in inputs.items()
        ],
        [declared for declared in model.graph.output if declared.name == output],
        [constant for constant in model.graph.initializer if constant.name in wanted],
    )
    return helper.make_model(graph, ir_version=model.ir_version, opset_imports=model.opset_import)
