"""Reads tensors out of a PyTorch ``.pth`` file of the old layout, without torch and without pickle.

The old layout (``torch.save`` before 1.6) is a row of pickle streams followed by raw numbers:
magic number, protocol, system facts, the state dict, the list of storage keys, and then each
storage as an int64 count and its values. The streams are walked opcode by opcode. Nothing named
in the file is ever imported or called: the only things this reader can build are dictionaries,
tuples, numbers, strings and arrays.
"""

from __future__ import annotations

import pickletools
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from handful.errors import WeightsError

_MAGIC = 0x1950A86A20F9469CFC6C  # torch/serialization.py, MAGIC_NUMBER
_DTYPES: dict[str, np.dtype[Any]] = {
    "torch FloatStorage": np.dtype("<f4"),
    "torch HalfStorage": np.dtype("<f2"),
    "torch LongStorage": np.dtype("<i8"),
    "torch IntStorage": np.dtype("<i4"),
}
_PLAIN = {
    "BININT", "BININT1", "BININT2", "LONG1", "INT", "LONG", "BINFLOAT",
    "BINUNICODE", "SHORT_BINUNICODE", "UNICODE", "SHORT_BINSTRING", "BINSTRING",
}  # fmt: skip


@dataclass(frozen=True)
class _Name:
    """A name the file mentions, such as ``torch FloatStorage``; only ever compared, never used."""

    text: str


@dataclass(frozen=True)
class _Storage:
    key: str
    dtype: np.dtype[Any]
    size: int


@dataclass(frozen=True)
class _View:
    """A tensor still to be cut out of its storage."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


_MARK = object()
_FRESH: dict[str, Callable[[], Any]] = {
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "MARK": lambda: _MARK,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "NONE": lambda: None,
}


def read_state_dict(path: Path) -> dict[str, np.ndarray]:
    """Tensors of a ``.pth`` file by name, as contiguous NumPy arrays.

    Parameters
    ----------
    path : Path
        A file written by ``torch.save(state_dict)`` in the layout before PyTorch 1.6.

    Raises
    ------
    WeightsError
        The file is not of that layout, is cut short, or asks for anything but tensors.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except OSError as error:
        raise WeightsError(f"cannot read the weights {path}: {error.strerror}") from error
    except (ValueError, IndexError, KeyError, TypeError, struct.error) as error:
        raise WeightsError(f"{path} is not a plain file of tensors: {error}") from error


def _read(file: BinaryIO) -> dict[str, np.ndarray]:
    if _walk(file) != _MAGIC:
        raise ValueError("it does not begin with PyTorch's magic number")
    _walk(file)
    _walk(file)
    views = _walk(file)
    keys = _walk(file)
    if not isinstance(views, dict) or not isinstance(keys, list):
        raise ValueError("it holds no dictionary of tensors")
    tensors = {str(name): view for name, view in views.items() if isinstance(view, _View)}
    declared = {view.storage.key: view.storage for view in tensors.values()}
    storages = {key: _read_storage(file, declared[key]) for key in keys}
    return {name: _cut(view, storages[view.storage.key]) for name, view in tensors.items()}


def _read_storage(file: BinaryIO, storage: _Storage) -> np.ndarray:
    (size,) = struct.unpack("<q", file.read(8))
    if size != storage.size:
        raise ValueError(f"storage {storage.key} holds {size} values, {storage.size} were promised")
    data = file.read(size * storage.dtype.itemsize)
    return np.frombuffer(data, dtype=storage.dtype, count=size)


def _cut(view: _View, storage: np.ndarray) -> np.ndarray:
    spans = zip(view.shape, view.strides, strict=True)
    last = view.offset + sum((length - 1) * stride for length, stride in spans)
    if view.offset < 0 or min(view.strides, default=0) < 0 or last >= storage.size:
        raise ValueError("a tensor reaches outside its storage")
    strides = tuple(stride * storage.itemsize for stride in view.strides)
    cut = np.lib.stride_tricks.as_strided(storage[view.offset :], view.shape, strides)
    return np.array(cut, order="C")


def _walk(file: BinaryIO) -> Any:
    """Value of the next pickle stream, built by hand from its opcodes."""
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    for opcode, argument, _ in pickletools.genops(file):
        if opcode.name == "STOP":
            return stack.pop()
        _step(opcode.name, argument, stack, memo)
    raise ValueError("a stream has no end")


def _step(name: str, argument: Any, stack: list[Any], memo: dict[int, Any]) -> None:
    if name in _PLAIN:
        stack.append(argument)
        return
    if name in _FRESH:
        stack.append(_FRESH[name]())
        return
    match name:
        case "PROTO" | "FRAME":
            pass
        case "BINPUT" | "LONG_BINPUT":
            memo[argument] = stack[-1]
        case "BINGET" | "LONG_BINGET":
            stack.append(memo[argument])
        case "GLOBAL":
            stack.append(_Name(argument))
        case _:
            _combine(name, stack)


def _combine(name: str, stack: list[Any]) -> None:
    match name:
        case "TUPLE":
            stack.append(tuple(_since_mark(stack)))
        case "TUPLE1" | "TUPLE2" | "TUPLE3":
            length = int(name[-1])
            stack[-length:] = [tuple(stack[-length:])]
        case "APPEND":
            value = stack.pop()
            stack[-1].append(value)
        case "APPENDS":
            values = _since_mark(stack)
            stack[-1].extend(values)
        case "SETITEM":
            value, key = stack.pop(), stack.pop()
            stack[-1][key] = value
        case "SETITEMS":
            flat = _since_mark(stack)
            stack[-1].update(zip(flat[::2], flat[1::2], strict=True))
        case "BINPERSID":
            stack.append(_storage(stack.pop()))
        case "REDUCE":
            arguments, function = stack.pop(), stack.pop()
            stack.append(_rebuild(function, arguments))
        case "BUILD":
            stack.pop()  # attributes of the dictionary (PyTorch's version notes): not needed
        case _:
            raise ValueError(f"it uses {name}, which no file of tensors needs")


def _since_mark(stack: list[Any]) -> list[Any]:
    at = len(stack) - 1 - stack[::-1].index(_MARK)
    values = stack[at + 1 :]
    del stack[at:]
    return values


def _storage(ticket: Any) -> _Storage:
    kind, name, key, _, size = ticket[:5]
    dtype = _DTYPES.get(name.text) if isinstance(name, _Name) else None
    if kind != "storage" or dtype is None:
        raise ValueError(f"it refers to {ticket!r}, which is not a block of numbers")
    return _Storage(str(key), dtype, int(size))


def _rebuild(function: Any, arguments: Any) -> Any:
    if function == _Name("collections OrderedDict") and arguments == ():
        return {}
    if function == _Name("torch._utils _rebuild_tensor_v2"):
        storage, offset, shape, strides = arguments[:4]
        if isinstance(storage, _Storage):
            return _View(storage, int(offset), tuple(shape), tuple(strides))
    raise ValueError(f"it asks to call {getattr(function, 'text', function)!r}; nothing was called")
