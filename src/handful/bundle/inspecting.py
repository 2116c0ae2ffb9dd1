"""Looks into a model file that may come from anyone, before anything in it is run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from handful.errors import BundleError

if TYPE_CHECKING:
    import onnx

_DOMAINS = frozenset(("", "ai.onnx", "ai.onnx.ml"))  # the standard's own, and no one else's code
_ENDLESS = frozenset(("If", "Loop"))  # handful writes neither; a Scan ends with its input
_REFUSED = "It was not written by handful, and nothing of it was run"


def inspect(path: Path, content: bytes) -> None:
    """Refuse a model file that holds anything but numbers and operators of the ONNX standard.

    Parameters
    ----------
    path : Path
        Stands in the message.
    content : bytes
        What is in it.

    Raises
    ------
    BundleError
        It is no ONNX file, reads further files, brings operators or functions of its own, or
        has loops that may never end.
    """
    import onnx
    from google.protobuf.message import DecodeError

    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except (DecodeError, ValueError, RecursionError) as error:
        raise BundleError(f"{path} is not an ONNX file, or it is damaged.") from error
    if not model.graph.node:
        raise BundleError(f"{path} is not an ONNX file: it holds no network.")
    if model.functions:
        raise BundleError(f"{path} defines operators of its own. {_REFUSED}.")
    for graph in _graphs(model.graph):
        _refuse_operators(path, graph)
        _refuse_files(path, graph)


def _refuse_operators(path: Path, graph: onnx.GraphProto) -> None:
    for node in graph.node:
        if node.domain not in _DOMAINS:
            raise BundleError(
                f"{path} holds {node.op_type!r} of {node.domain!r}, which is not of the ONNX "
                f"standard. {_REFUSED}."
            )
        if node.op_type in _ENDLESS:
            raise BundleError(
                f"{path} holds {node.op_type!r}: loops and branches may never end. {_REFUSED}."
            )


def _refuse_files(path: Path, graph: onnx.GraphProto) -> None:
    for tensor in _tensors(graph):
        if tensor.data_location == tensor.EXTERNAL or tensor.external_data:
            places = [e.value for e in tensor.external_data if e.key == "location"]
            raise BundleError(
                f"{path} wants to read another file ({', '.join(places)[:200]!r}). {_REFUSED}."
            )


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """A graph and all that stand inside its nodes."""
    waiting = [graph]
    while waiting:
        one = waiting.pop()
        yield one
        for node in one.node:
            for attribute in node.attribute:
                waiting.extend(attribute.graphs)
                if attribute.HasField("g"):
                    waiting.append(attribute.g)


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from (
                attribute.t,
                attribute.sparse_tensor.values,
                attribute.sparse_tensor.indices,
            )
            yield from attribute.tensors
            for sparse in attribute.sparse_tensors:
                yield from (sparse.values, sparse.indices)
