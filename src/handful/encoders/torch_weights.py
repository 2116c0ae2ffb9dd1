"""Reads tensors out of a PyTorch ``.pth`` file of the old layout, without torch and without pickle.

The old layout (``torch.save`` before 1.6) is a row of pickle streams followed by raw numbers:
magic number, protocol, system facts, the state dict, the list of storage keys, and then each
storage as an int64 count and its values. The streams are walked opcode by opcode. Nothing named
in the file is ever imported or called: the only things this reader can build are dictionaries,
tuples, numbers, strings and arrays.
"""

from __future__ import annotations

import io
import math
import pickletools
import struct
from collections.abc import Callable, Iterator
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
_MOST_STEPS = 200_000  # opcodes a stream; the largest of the known files takes 14 thousand
_MOST_AXES = 32  # of NumPy before 2.0
_MOST_GROWTH = 16  # tensors may overlap in their storage, but not become a flood

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
_PLAIN = {
    "BININT", "BININT1", "BININT2", "LONG1", "INT", "LONG", "BINFLOAT",
    "BINUNICODE", "SHORT_BINUNICODE", "UNICODE", "SHORT_BINSTRING", "BINSTRING",
}  # fmt: skip
_OTHER = {
    "PROTO", "FRAME", "STOP", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET", "GLOBAL",
    "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "APPEND", "APPENDS", "SETITEM", "SETITEMS",
    "BINPERSID", "REDUCE", "BUILD",
}  # fmt: skip
_NEEDED = _PLAIN | _OTHER | set(_FRESH)


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
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"cannot read the weights {path}: {error.strerror}") from error
    try:
        return _read(io.BytesIO(data), most_bytes=_MOST_GROWTH * len(data))
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, struct.error) as error:
        raise WeightsError(f"{path} is not a plain file of tensors: {error}") from error


def _read(file: BinaryIO, *, most_bytes: int) -> dict[str, np.ndarray]:
    if _walk(file) != _MAGIC:
        raise ValueError("it does not begin with PyTorch's magic number")
    _walk(file)
    _walk(file)
    views = _walk(file)
    keys = _walk(file)
    if not isinstance(views, dict) or not isinstance(keys, list):
        raise ValueError("it holds no dictionary of tensors")
    tensors = {str(name): view for name, view in views.items() if isinstance(view, _View)}
    asked = sum(math.prod(v.shape) * v.storage.dtype.itemsize for v in tensors.values())
    if asked > most_bytes:
        raise ValueError("its tensors would take far more room than the file")
    declared = {view.storage.key: view.storage for view in tensors.values()}
    storages = {_text(key): _read_storage(file, declared[_text(key)]) for key in keys}
    return {name: _cut(view, storages[view.storage.key]) for name, view in tensors.items()}


def _read_storage(file: BinaryIO, storage: _Storage) -> np.ndarray:
    (size,) = struct.unpack("<q", file.read(8))
    if size != storage.size:
        raise ValueError(f"storage {storage.key} holds {size} values, {storage.size} were promised")
    data = file.read(size * storage.dtype.itemsize)
    return np.frombuffer(data, dtype=storage.dtype, count=size)


def _cut(view: _View, storage: np.ndarray) -> np.ndarray:
    spans = list(zip(view.shape, view.strides, strict=True))
    if 0 in view.shape:
        return np.empty(view.shape, storage.dtype)
    if view.offset + sum((length - 1) * stride for length, stride in spans) >= storage.size:
        raise ValueError("a tensor reaches outside its storage")
    strides = tuple(stride * storage.itemsize for stride in view.strides)
    cut = np.lib.stride_tricks.as_strided(storage[view.offset :], view.shape, strides)
    return np.array(cut, order="C")


def _walk(file: BinaryIO) -> Any:
    """Value of the next pickle stream, built by hand from its opcodes."""
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    for name, argument in _opcodes(file):
        if name == "STOP":
            return stack.pop()
        _step(name, argument, stack, memo)
    raise ValueError("a stream has no end")


def _opcodes(file: BinaryIO) -> Iterator[tuple[str, Any]]:
    """Names and arguments; of an opcode that no file of tensors needs not even the argument."""
    known = {opcode.code.encode("latin-1"): opcode for opcode in pickletools.opcodes}
    for _ in range(_MOST_STEPS):
        code = file.read(1)
        opcode = known.get(code)
        if opcode is None:
            raise ValueError("it is cut short" if not code else f"it holds a stray byte {code!r}")
        if opcode.name not in _NEEDED:
            raise ValueError(f"it uses {opcode.name}, which no file of tensors needs")
        yield opcode.name, opcode.arg.reader(file) if opcode.arg else None


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
            values = [stack.pop() for _ in range(int(name[-1]))]
            stack.append(tuple(reversed(values)))
        case "APPEND":
            value = stack.pop()
            _extend(stack[-1], [value])
        case "APPENDS":
            values = _since_mark(stack)
            _extend(stack[-1], values)
        case "SETITEM":
            value, key = stack.pop(), stack.pop()
            _set(stack[-1], [key], [value])
        case "SETITEMS":
            flat = _since_mark(stack)
            _set(stack[-1], flat[::2], flat[1::2])
        case "BINPERSID":
            stack.append(_storage(stack.pop()))
        case "REDUCE":
            arguments, function = stack.pop(), stack.pop()
            stack.append(_rebuild(function, arguments))
        case "BUILD":
            stack.pop()  # attributes of the dictionary (PyTorch's version notes): not needed


def _since_mark(stack: list[Any]) -> list[Any]:
    backwards = range(len(stack) - 1, -1, -1)  # a mark is near the end, however high the stack
    at = next((at for at in backwards if stack[at] is _MARK), None)
    if at is None:
        raise ValueError("a mark is missing")
    values = stack[at + 1 :]
    del stack[at:]
    return values


def _extend(target: Any, values: list[Any]) -> None:
    if not isinstance(target, list):
        raise TypeError("it appends to what is no list")
    target.extend(values)


def _set(target: Any, keys: list[Any], values: list[Any]) -> None:
    """Only text and numbers may be keys: hashing nested tuples can take for ever."""
    if not isinstance(target, dict) or not all(isinstance(key, str | int) for key in keys):
        raise TypeError("it sets what is no entry of a dictionary")
    target.update(zip(keys, values, strict=True))


def _storage(ticket: Any) -> _Storage:
    kind, name, key, _, size = ticket[:5]
    dtype = _DTYPES.get(name.text) if isinstance(name, _Name) else None
    if kind != "storage" or dtype is None:
        raise ValueError(f"it refers to {_shown(name)}, which is not a block of known numbers")
    return _Storage(_text(key), dtype, _count(size))


def _rebuild(function: Any, arguments: Any) -> Any:
    if function == _Name("collections OrderedDict") and arguments == ():
        return {}
    if function == _Name("torch._utils _rebuild_tensor_v2"):
        storage, offset, shape, strides = arguments[:4]
        if isinstance(storage, _Storage):
            return _View(storage, _count(offset), _counts(shape), _counts(strides))
    raise ValueError(f"it asks to call {_shown(function)}; nothing was called")


def _counts(values: Any) -> tuple[int, ...]:
    if len(values) > _MOST_AXES:
        raise ValueError(f"a tensor has {len(values)} axes")
    return tuple(_count(value) for value in values)


def _count(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < 2**63:
        raise ValueError("a size, an offset or a stride is no count")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a storage has no proper name")
    return value


def _shown(value: Any) -> str:
    """What a file mentions, short and harmless: nested values can be without end."""
    return repr(value.text[:100] if isinstance(value, _Name) else type(value).__name__)
