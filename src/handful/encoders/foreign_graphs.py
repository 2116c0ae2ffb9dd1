"""Opens an ONNX file that others wrote: checked before anything in it is run.

Refused are operators outside the standard (they may be anything), graphs inside nodes (loops may
never end), functions (a few lines of them can unfold to billions of nodes), data outside the
file's own folder, and whatever is larger than a bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handful.encoders.foreign_data import load_parts, parts_of, sha256_of
from handful.errors import InputError
from handful.graphs import OPSET

if TYPE_CHECKING:
    import onnx

OLDEST_OPSET, NEWEST_OPSET = 7, 23  # ONNX Runtime reads from 7 on; later ones are untried
_MOST_B = 500_000_000  # with all its data; a base-size vision transformer has 350 MB
_MOST_NODES = 20_000
_MOST_VALUES = 2**28  # in one tensor: 1 GB in float32
_INSTEAD = "Export the network without it"


@dataclass(frozen=True)
class Port:
    """An input or output of a graph.

    Attributes
    ----------
    name : str
    element : int
        ONNX's number of its type.
    shape : tuple of int or None, or None
        None for a size that is open, and where not even their number is known.
    """

    name: str
    element: int
    shape: tuple[int | None, ...] | None

    @property
    def kind(self) -> str:
        """Its type as ONNX calls it: ``float``, ``float16``, ``uint8``."""
        import onnx

        return str(onnx.TensorProto.DataType.Name(self.element).lower())

    def words(self) -> str:
        """Name, type and shape, as a person reads them."""
        sizes = "of any shape" if self.shape is None else f"({', '.join(map(_size, self.shape))})"
        return f'"{self.name}", {self.kind} {sizes}'


@dataclass(frozen=True)
class ForeignGraph:
    """A graph that others wrote, checked, its data loaded.

    Attributes
    ----------
    path : Path
    sha256 : str
        Of the file; followed, where it keeps data in further files, by those in order of name.
    model : ModelProto
    """

    path: Path
    sha256: str
    model: onnx.ModelProto

    @property
    def opset(self) -> int:
        """Version of the operators that it is written in."""
        return _opset(self.model)

    @property
    def inputs(self) -> tuple[Port, ...]:
        """What it takes; not its constants, which old files list too."""
        constants = {constant.name for constant in self.model.graph.initializer}
        return tuple(_port(v) for v in self.model.graph.input if v.name not in constants)

    @property
    def outputs(self) -> tuple[Port, ...]:
        """What it gives."""
        return tuple(_port(value) for value in self.model.graph.output)

    def renewed(self) -> ForeignGraph:
        """The same in operators that are at least as new as handful's own.

        Raises
        ------
        InputError
            It cannot be brought there.
        """
        from onnx import version_converter

        if self.opset >= OPSET:
            return self
        try:
            model = version_converter.convert_version(self.model, OPSET)
        except Exception as error:  # its errors have no common root
            raise InputError(
                f"{self.path} is written in operators of version {self.opset}, and they cannot "
                f"be renewed ({first_line(error)}). Export it with opset_version={OPSET}."
            ) from error
        return ForeignGraph(self.path, self.sha256, model)


def open_foreign_graph(path: Path, *, within: Path | None = None) -> ForeignGraph:
    """An ONNX file, checked and with its data loaded; nothing of it was run.

    Parameters
    ----------
    path : Path
    within : Path, optional
        The folder in which its further data must lie. Default: its own.

    Raises
    ------
    InputError
        It cannot be read, is no ONNX file, or holds what is refused.
    """
    import onnx

    content = _content(path)
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except Exception as error:  # damaged files raise many kinds of errors
        raise InputError(f"{path} is not an ONNX file, or it is damaged.") from error
    if not model.graph.node or not model.graph.output:
        raise InputError(f"{path} is not an ONNX file, or it is damaged: it holds no network.")
    _refuse(path, model)
    parts = parts_of(path, model, within=within or path.parent)
    size_b = len(content) + sum(part.stat().st_size for part in parts)
    if size_b > _MOST_B:
        raise InputError(_too_large(path, size_b))
    load_parts(path, model)
    try:
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, ValueError) as error:
        raise InputError(f"{path} breaks the ONNX standard: {first_line(error)}") from error
    return ForeignGraph(path, sha256_of(content, parts), model)


def refuse_large(path: Path, model: onnx.ModelProto) -> None:
    """No tensor of a model whose inputs have fixed shapes may be huge.

    Raises
    ------
    InputError
        One would be.
    """
    from onnx import shape_inference

    try:
        shaped = shape_inference.infer_shapes(model, data_prop=True)
    except (shape_inference.InferenceError, ValueError) as error:
        raise InputError(f"{path} does not fit together: {first_line(error)}") from error
    for value in shaped.graph.value_info:
        sizes = [d.dim_value for d in value.type.tensor_type.shape.dim if d.HasField("dim_value")]
        if math.prod(sizes) > _MOST_VALUES:
            raise InputError(
                f"{path} would need {math.prod(sizes):,} numbers at once for one sample (tensor "
                f"{value.name!r}); {_MOST_VALUES:,} are the most."
            )


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            wrong = "is a folder" if path.is_dir() else "is not there"
            raise InputError(
                f"--encoder {path} {wrong}: give an ONNX file, like --encoder network.onnx, or "
                "hf:OWNER/NAME for one from the Hugging Face hub."
            )
        if path.stat().st_size > _MOST_B:
            raise InputError(_too_large(path, path.stat().st_size))
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path} cannot be opened: {(error.strerror or 'error').lower()}"
        ) from error


def _refuse(path: Path, model: onnx.ModelProto) -> None:
    """What stands in the file, looked at before anything is loaded or run."""
    import onnx

    _refuse_domains(path, model)
    if model.functions:
        raise InputError(
            f"{path} defines functions of its own ({model.functions[0].name}), which are not "
            "opened. Put them in place with onnx.inliner.inline_local_functions(model), and save "
            "that."
        )
    if len(model.graph.node) > _MOST_NODES:
        raise InputError(
            f"{path} has {len(model.graph.node):,} nodes; {_MOST_NODES:,} are the most."
        )
    inner = (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS)
    for node in model.graph.node:
        if any(attribute.type in inner for attribute in node.attribute):
            raise InputError(
                f"{path} holds {node.op_type!r}, a node with a graph inside: loops and branches "
                f"are not run, for they may never end. {_INSTEAD}, for samples of one size."
            )
    if model.graph.sparse_initializer:
        raise InputError(f"{path} holds sparse weights, which are not read. Store them in full.")


def _refuse_domains(path: Path, model: onnx.ModelProto) -> None:
    strange = {node.domain: node.op_type for node in model.graph.node if not _standard(node.domain)}
    if strange:
        domain, operator = next(iter(strange.items()))
        raise InputError(
            f"{path} holds {operator!r} of {domain!r}: only operators of the ONNX standard are "
            f"run. {_INSTEAD}."
        )
    if not OLDEST_OPSET <= _opset(model) <= NEWEST_OPSET:
        raise InputError(
            f"{path} is written in operators of version {_opset(model)}; {OLDEST_OPSET} to "
            f"{NEWEST_OPSET} can be read. Export it with opset_version={OPSET}."
        )


def _opset(model: onnx.ModelProto) -> int:
    return max((o.version for o in model.opset_import if _standard(o.domain)), default=0)


def _standard(domain: str) -> bool:
    return domain in ("", "ai.onnx")


def _port(value: onnx.ValueInfoProto) -> Port:
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        return Port(value.name, tensor.elem_type, None)
    sizes = tuple(d.dim_value if d.dim_value > 0 else None for d in tensor.shape.dim)
    return Port(value.name, tensor.elem_type, sizes)


def _size(size: int | None) -> str:
    return "any" if size is None else str(size)


def _too_large(path: Path, size_b: int) -> str:
    return f"{path} has {size_b / 1e6:,.0f} MB; {_MOST_B / 1e6:,.0f} MB are the most."


def first_line(error: Exception) -> str:
    """How a library's error begins."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
