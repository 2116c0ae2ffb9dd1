"""What each kind of node in a model file does, in PyTorch.

References
----------
The ONNX operator specifications, opset 18: https://onnx.ai/onnx/operators.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

_TYPES = {1: "float32", 6: "int32", 7: "int64", 9: "bool", 10: "float16", 11: "float64"}


@dataclass(frozen=True)
class Call:
    """One node and what it is given.

    Attributes
    ----------
    inputs : sequence of Tensor or None
    constants : sequence of ndarray or None
        The same inputs where they are fixed in the file.
    attributes : mapping of str to Any
    """

    inputs: Sequence[Any]
    constants: Sequence[np.ndarray | None]
    attributes: Mapping[str, Any]

    def ints(self, at: int, attribute: str = "") -> list[int] | None:
        """A fixed input, or else an attribute, as whole numbers; None where there is neither."""
        if at < len(self.constants) and (found := self.constants[at]) is not None:
            return [int(value) for value in np.ravel(found)]
        return list(self.attributes[attribute]) if attribute in self.attributes else None

    def sizes(self, at: int) -> list[Any]:
        """An input as a list of whole numbers, that may depend on the sample."""
        fixed = self.ints(at)
        return fixed if fixed is not None else list(self.inputs[at].unbind())


def _reduced(of: Callable[[Any, list[int], bool], Any]) -> Callable[[Call], Any]:
    def run(call: Call) -> Any:
        x = call.inputs[0]
        axes = call.ints(1, "axes") or list(range(x.dim()))
        return of(x, axes, bool(call.attributes.get("keepdims", 1)))

    return run


def _each(of: Callable[..., Any]) -> Callable[[Call], Any]:
    return lambda call: of(*call.inputs)


def _folded(of: Callable[[Any, Any], Any]) -> Callable[[Call], Any]:
    return lambda call: reduce(of, call.inputs)


def _best(of: Callable[..., Any]) -> Callable[[Call], Any]:
    def run(call: Call) -> Any:
        attributes = call.attributes
        return of(
            call.inputs[0],
            dim=attributes.get("axis", 0),
            keepdim=bool(attributes.get("keepdims", 1)),
        )

    return run


def _cast(call: Call) -> Tensor:
    import torch

    found: Tensor = call.inputs[0].to(getattr(torch, _TYPES[call.attributes["to"]]))
    return found


def _clip(call: Call) -> Tensor:
    import torch

    x, low, high = (*call.inputs, None, None)[:3]
    if low is not None:
        x = torch.maximum(x, low)
    return x if high is None else torch.minimum(x, high)


def _conv(call: Call) -> Tensor:
    import torch

    x, weight, bias = (*call.inputs, None)[:3]
    attributes, n = call.attributes, call.inputs[1].dim() - 2
    pads = attributes.get("pads", [0] * 2 * n)
    flat = [side for axis in reversed(range(n)) for side in (pads[axis], pads[axis + n])]
    if any(flat):
        x = torch.nn.functional.pad(x, flat)
    convolve = {1: torch.conv1d, 2: torch.conv2d}[n]
    strides, dilations = (attributes.get(name, [1] * n) for name in ("strides", "dilations"))
    return convolve(x, weight, bias, strides, 0, dilations, attributes.get("group", 1))


def _divided(call: Call) -> Tensor:
    import torch

    left, right = call.inputs
    whole = None if left.is_floating_point() else "trunc"
    return torch.div(left, right, rounding_mode=whole)


def _gather(call: Call) -> Tensor:
    x, at = call.inputs
    axis = call.attributes.get("axis", 0) % x.dim()
    found = x.index_select(axis, at.reshape(-1))
    shape = [*x.shape[:axis], *at.shape, *x.shape[axis + 1 :]]
    return found.reshape(shape)  # type: ignore[no-any-return]


def _layer_normalised(call: Call) -> Tensor:
    import torch

    x, scale, bias = call.inputs
    epsilon = call.attributes.get("epsilon", 1e-5)
    return torch.layer_norm(x, list(scale.shape), scale, bias, epsilon)


def _one_hot(call: Call) -> Tensor:
    import torch

    at, _, values = call.inputs
    (depth,) = call.ints(1) or [0]
    off, on = values
    return torch.where(torch.nn.functional.one_hot(at, depth).bool(), on, off)


def _padded(call: Call) -> Tensor:
    import torch

    pads = call.ints(1) or []
    n = len(pads) // 2
    flat = [side for axis in reversed(range(n)) for side in (pads[axis], pads[axis + n])]
    return torch.nn.functional.pad(call.inputs[0], flat)


def _ranged(call: Call) -> Tensor:
    import torch

    start, limit, step = call.inputs
    return torch.arange(start, limit, step, dtype=start.dtype)


def _reshaped(call: Call) -> Tensor:
    x = call.inputs[0]
    fixed = call.ints(1)
    sizes = call.sizes(1)
    if fixed is not None:
        sizes = [x.shape[at] if size == 0 else size for at, size in enumerate(fixed)]
    return x.reshape(sizes)  # type: ignore[no-any-return]


def _resized(call: Call) -> Tensor:
    """A triangle filter over all source values, on one axis of three or two of four."""
    import torch

    x, axes = call.inputs[0], call.attributes["axes"]
    sizes = call.sizes(3)
    if x.dim() == 3:  # (n, channels, steps)
        flat = torch.nn.functional.interpolate(
            x[:, :, None], (1, *sizes), mode="bilinear", antialias=True
        )
        return flat[:, :, 0]
    order = [at for at in range(4) if at not in axes] + list(axes)
    back = [order.index(at) for at in range(4)]
    small = torch.nn.functional.interpolate(
        x.permute(order), sizes, mode="bilinear", antialias=True
    )
    return small.permute(back)


def _scattered(call: Call) -> Tensor:
    x, at, values = call.inputs
    axis = call.attributes.get("axis", 0)
    if call.attributes.get("reduction", b"none") == b"add":
        return x.scatter_add(axis, at, values)  # type: ignore[no-any-return]
    return x.scatter(axis, at, values)  # type: ignore[no-any-return]


def _shape(call: Call) -> Tensor:
    import torch

    start, end = call.attributes.get("start", 0), call.attributes.get("end")
    return torch._shape_as_tensor(call.inputs[0])[start:end]


def _sliced(call: Call) -> Tensor:
    import torch

    x, starts, ends = call.inputs[:3]
    axes = call.ints(3) or list(range(len(starts)))
    steps = call.ints(4) or [1] * len(axes)
    for number, (axis, step) in enumerate(zip(axes, steps, strict=True)):
        size = torch._shape_as_tensor(x)[axis]
        start, end = (_from_front(bound[number], size) for bound in (starts, ends))
        x = x.index_select(axis, torch.arange(start, end, step))
    return x  # type: ignore[no-any-return]


def _from_front(bound: Any, size: Any) -> Any:
    import torch

    return torch.minimum(torch.where(bound < 0, bound + size, bound), size)


def _split(call: Call) -> Sequence[Tensor]:
    axis = call.attributes.get("axis", 0)
    return call.inputs[0].split(call.ints(1, "split"), dim=axis)  # type: ignore[no-any-return]


def _spectra(call: Call) -> Tensor:
    """Frames of a signal, weighted, as complex spectra in two columns."""
    import torch

    signal, window = call.inputs[0], call.inputs[2]
    (hop,) = call.ints(1) or [1]
    frames = signal.unfold(1, window.shape[0], hop) * window
    return torch.view_as_real(torch.fft.rfft(frames))


def _squeezed(call: Call) -> Tensor:
    axes = call.ints(1, "axes")
    x = call.inputs[0]
    return x.squeeze() if axes is None else x.squeeze(tuple(axes))  # type: ignore[no-any-return]


def _top(call: Call) -> Sequence[Tensor]:
    x, k = call.inputs
    attributes = call.attributes
    fixed = call.ints(1)
    return x.topk(  # type: ignore[no-any-return]
        k[0] if fixed is None else fixed[0],
        dim=attributes.get("axis", -1),
        largest=bool(attributes.get("largest", 1)),
        sorted=True,
    )


def _unsqueezed(call: Call) -> Tensor:
    x = call.inputs[0]
    for axis in sorted(call.ints(1, "axes") or []):
        x = x.unsqueeze(axis)
    return x  # type: ignore[no-any-return]


def _rooted(x: Any, axes: list[int], keep: bool) -> Any:
    return (x * x).sum(axes, keep).sqrt()


def operations() -> dict[str, Callable[[Call], Any]]:
    """What runs a node, by the name of its operator."""
    import torch

    return {
        "Abs": _each(torch.abs),
        "Add": _each(torch.add),
        "ArgMax": _best(torch.argmax),
        "ArgMin": _best(torch.argmin),
        "Cast": _cast,
        "Clip": _clip,
        "Concat": lambda call: torch.cat(list(call.inputs), call.attributes["axis"]),
        "Conv": _conv,
        "Cos": _each(torch.cos),
        "CumSum": lambda call: torch.cumsum(call.inputs[0], (call.ints(1) or [0])[0]),
        "Div": _divided,
        "Equal": _each(torch.eq),
        "Erf": _each(torch.erf),
        "Exp": _each(torch.exp),
        "Expand": lambda call: call.inputs[0] * torch.ones(call.sizes(1)),
        "Flatten": lambda call: call.inputs[0].flatten(call.attributes.get("axis", 1)),
        "Gather": _gather,
        "Greater": _each(torch.gt),
        "GreaterOrEqual": _each(torch.ge),
        "Identity": lambda call: call.inputs[0],
        "IsNaN": _each(torch.isnan),
        "LayerNormalization": _layer_normalised,
        "Less": _each(torch.lt),
        "Log": _each(torch.log),
        "MatMul": _each(torch.matmul),
        "Max": _folded(torch.maximum),
        "Min": _folded(torch.minimum),
        "Mod": _each(torch.remainder),
        "Mul": _each(torch.mul),
        "Neg": _each(torch.neg),
        "Not": _each(torch.logical_not),
        "OneHot": _one_hot,
        "Pad": _padded,
        "Range": _ranged,
        "ReduceL2": _reduced(_rooted),
        "ReduceMax": _reduced(torch.amax),
        "ReduceMean": _reduced(torch.mean),
        "ReduceMin": _reduced(torch.amin),
        "ReduceSum": _reduced(torch.sum),
        "ReduceSumSquare": _reduced(lambda x, axes, keep: (x * x).sum(axes, keep)),
        "Relu": _each(torch.relu),
        "Reshape": _reshaped,
        "Resize": _resized,
        "Round": _each(torch.round),
        "STFT": _spectra,
        "ScatterElements": _scattered,
        "Shape": _shape,
        "Sigmoid": _each(torch.sigmoid),
        "Sign": _each(torch.sign),
        "Sin": _each(torch.sin),
        "Slice": _sliced,
        "Softmax": lambda call: torch.softmax(call.inputs[0], call.attributes.get("axis", -1)),
        "Split": _split,
        "Sqrt": _each(torch.sqrt),
        "Squeeze": _squeezed,
        "Sub": _each(torch.sub),
        "Sum": _folded(torch.add),
        "TopK": _top,
        "Transpose": lambda call: call.inputs[0].permute(call.attributes["perm"]),
        "Unsqueeze": _unsqueezed,
        "Where": _each(torch.where),
    }
