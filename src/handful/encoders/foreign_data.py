"""Weights that an ONNX file keeps in further files beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from handful.errors import InputError

if TYPE_CHECKING:
    import onnx


def parts_of(path: Path, model: onnx.ModelProto, *, within: Path) -> list[Path]:
    """The further files, in order of name.

    Parameters
    ----------
    path : Path
        Of the ONNX file.
    model : ModelProto
    within : Path
        The folder in which they must lie, links followed.

    Raises
    ------
    InputError
        One is missing, or lies elsewhere.
    """
    places = {_place(path, tensor) for tensor in _external(model)}
    return [_beside(path, within, place) for place in sorted(places)]


def places_of(model: onnx.ModelProto) -> list[str]:
    """Names of the further files, as the ONNX file says them."""
    return sorted({_entries(tensor).get("location", "") for tensor in _external(model)} - {""})


def load_parts(path: Path, model: onnx.ModelProto) -> None:
    """Put the weights of the further files into the model.

    Raises
    ------
    InputError
        A file is shorter than the model says, or cannot be read.
    """
    for tensor in _external(model):
        tensor.raw_data = _read(path, tensor)
        tensor.data_location = tensor.DEFAULT
        del tensor.external_data[:]


def sha256_of(content: bytes, parts: list[Path]) -> str:
    """Of the file's content, followed by the further files."""
    found = hashlib.sha256(content)
    for part in parts:
        with part.open("rb") as file:
            while block := file.read(2**20):
                found.update(block)
    return found.hexdigest()


def _external(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    return (tensor for tensor in _tensors(model) if tensor.data_location == tensor.EXTERNAL)


def _tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    yield from model.graph.initializer
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def _entries(tensor: onnx.TensorProto) -> dict[str, str]:
    return {entry.key: entry.value for entry in tensor.external_data}


def _place(path: Path, tensor: onnx.TensorProto) -> str:
    place = _entries(tensor).get("location", "")
    if not place:
        raise InputError(f"{path}: the weights {tensor.name!r} lie in a file that has no name.")
    return place


def _beside(path: Path, within: Path, place: str) -> Path:
    part = path.parent / place
    try:
        inside = part.resolve().is_relative_to(within.resolve())
        there = part.is_file()
    except (OSError, RuntimeError, ValueError) as error:  # too long, a circle of links, a zero byte
        raise InputError(
            f"{path} wants to read {place[:80]!r}, which is no file's name."
        ) from error
    if ".." in Path(place).parts or not inside:
        raise InputError(
            f"{path} wants to read {place!r}, which is not in its folder: that is refused."
        )
    if not there:
        raise InputError(
            f"{path} keeps weights in {place!r}, which is not beside it. Put it there: the files "
            "belong together."
        )
    return part


def _read(path: Path, tensor: onnx.TensorProto) -> bytes:
    entries, part = _entries(tensor), path.parent / _place(path, tensor)
    try:
        start = int(entries.get("offset", 0))
        length = int(entries.get("length", part.stat().st_size - start))
        if start < 0 or length < 0 or start + length > part.stat().st_size:
            raise InputError(f"{part} is shorter than {path} says: it is damaged, or another's.")
        with part.open("rb") as file:
            file.seek(start)
            return file.read(length)
    except (OSError, OverflowError) as error:
        raise InputError(f"{part} cannot be read: {error}") from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} says no number where {tensor.name!r} begins.") from error
