"""EfficientNet-Lite as an ONNX graph: BatchNorm folded in, the later stages pooled.

The network is described by Tan and Le, "EfficientNet" (ICML 2019), table 1, and by Google's
EfficientNet-Lite release of 2020: no squeeze-and-excite, ReLU6 instead of swish, and neither
the stem, the head nor the first and last stage grow with the model.
"""

from __future__ import annotations

import math

import numpy as np

from handful.graphs import Graph

_EPSILON = 1e-3  # of BatchNorm, as the networks were trained
_STRIDES = (1, 2, 2, 2, 1, 2, 1)  # of the first block of each of the seven stages
_REPEATS = (1, 2, 2, 3, 3, 4, 1)  # blocks in each stage before scaling
MEAN, SCALE = 127.0, 128.0  # (x - 127) / 128, as the networks were trained

Tensors = dict[str, np.ndarray]


LAST_WIDTH = 1280  # channels of the last layer, the same for the whole family
_FIRST_POOLED = 2  # the first two stages are large, cost time to pool and tell next to nothing
_STAGE_WIDTHS = {"EfficientNet-Lite0": 744, "EfficientNet-Lite2": 816}  # channels of the others


def feature_width(name: str) -> int:
    """Features that `write_network` gives for the network called `name`."""
    return LAST_WIDTH + 2 * _STAGE_WIDTHS[name]


def write_network(
    graph: Graph, tensors: Tensors, pixels: str, *, size_px: int | None = None
) -> list[str]:
    """Append the network to `graph`.

    Parameters
    ----------
    graph : Graph
        Where the nodes go.
    tensors : dict of str to ndarray
        The state dict of an EfficientNet-Lite.
    pixels : str
        Name of a float32 tensor (n_samples, 3, height, width), RGB, 0 to 255.
    size_px : int, optional
        Height and width of the pictures. Without it the network takes pictures of any size
        whose sides are multiples of 32.

    Returns
    -------
    list of str
        Names of float32 tensors (n_samples, n_channels): the mean of the last layer, then mean
        and standard deviation of each stage from the third on.
    """
    net = _Network(graph, tensors, size_px)
    stages = net.stages(pixels)
    pooled = [part for x in stages[_FIRST_POOLED:] for part in _mean_and_spread(graph, x)]
    x = net.convolve(stages[-1], "_conv_head", "_bn1")
    return [graph.add("Flatten", [_mean(graph, x)], axis=1), *pooled]


def write_lower_part(graph: Graph, tensors: Tensors, pixels: str, *, size_px: int) -> str:
    """Append all but the last stage and the last layer; gives (n, channels, side, side).

    Parameters as for `write_network`; the side is a 32nd of that of the pictures, rounded up.
    """
    return _Network(graph, tensors, size_px).stages(pixels, but=1)[-1]


def upper_part(tensors: Tensors) -> Tensors:
    """The last stage and the last layer, BatchNorm folded in: weights and biases by layer.

    ``expand``, ``filter`` (one for each channel) and ``project`` are the stage; ``last`` follows.
    """
    net, block = _Network(Graph("upper"), tensors, None), f"_blocks.{sum(_depths(tensors)) - 1}"
    layers = {
        "expand": (f"{block}._expand_conv", f"{block}._bn0"),
        "filter": (f"{block}._depthwise_conv", f"{block}._bn1"),
        "project": (f"{block}._project_conv", f"{block}._bn2"),
        "last": ("_conv_head", "_bn1"),
    }
    folded = {name: net.folded(*names) for name, names in layers.items()}
    return {
        f"{name}.{part}": values
        for name, both in folded.items()
        for part, values in zip(("weight", "bias"), both, strict=True)
    }


def write_unit_length(graph: Graph, x: str) -> str:
    """Append the scaling of each row of `x` to length 1; gives its name."""
    length = graph.add("ReduceL2", [x, graph.constant([1], np.int64)], keepdims=1)
    return graph.add("Div", [x, graph.add("Max", [length, graph.constant(1e-12)])])


def _mean(graph: Graph, x: str) -> str:
    return graph.add("ReduceMean", [x, graph.constant([2, 3], np.int64)], keepdims=1)


def _mean_and_spread(graph: Graph, x: str) -> list[str]:
    mean = _mean(graph, x)
    away = graph.add("Sub", [x, mean])
    spread = graph.add("Sqrt", [_mean(graph, graph.add("Mul", [away, away]))])
    return [graph.add("Flatten", [part], axis=1) for part in (mean, spread)]


def _depths(tensors: Tensors) -> tuple[int, ...]:
    """Blocks in each stage: the smallest scaling of the first member that uses every block."""
    n_blocks = len({name.split(".")[1] for name in tensors if name.startswith("_blocks.")})
    for tenths in range(10, 32):
        inner = [math.ceil(repeats * tenths / 10) for repeats in _REPEATS[1:-1]]
        if sum(inner) + 2 == n_blocks:
            return (1, *inner, 1)
    raise ValueError(f"{n_blocks} blocks fit no EfficientNet-Lite")


class _Network:
    """The layers of one network, each written into the graph with its BatchNorm folded."""

    def __init__(self, graph: Graph, tensors: Tensors, size_px: int | None) -> None:
        self.graph = graph
        self.tensors = tensors
        self.side = size_px

    def stages(self, pixels: str, *, but: int = 0) -> list[str]:
        """What every stage gives, without the last `but`."""
        x = self.graph.add("Sub", [pixels, self.graph.constant(MEAN)])
        x = self.graph.add("Mul", [x, self.graph.constant(1 / SCALE)])
        x = self.convolve(x, "_conv_stem", "_bn0", stride=2)
        found, block = [], 0
        depths = _depths(self.tensors)
        for stage, repeats in enumerate(depths[: len(depths) - but]):
            for repeat in range(repeats):
                x = self.block(x, f"_blocks.{block}", _STRIDES[stage] if repeat == 0 else 1)
                block += 1
            found.append(x)
        return found

    def convolve(
        self, x: str, conv: str, norm: str, *, stride: int = 1, groups: int = 1, relu: bool = True
    ) -> str:
        weight, bias = self.folded(conv, norm)
        kernel = weight.shape[2]
        x = self.graph.add(
            "Conv",
            [x, self.graph.constant(weight), self.graph.constant(bias)],
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            group=groups,
            pads=self._same_padding(kernel, stride),
        )
        if not relu:
            return x
        return self.graph.add("Clip", [x, self.graph.constant(0.0), self.graph.constant(6.0)])

    def block(self, x: str, name: str, stride: int) -> str:
        """Expand, filter each channel, project; a shortcut where the shapes allow it."""
        start, width_in = x, self._width_in(name)
        if f"{name}._expand_conv.weight" in self.tensors:
            x = self.convolve(x, f"{name}._expand_conv", f"{name}._bn0")
        groups = int(self.tensors[f"{name}._bn1.bias"].size)
        x = self.convolve(
            x, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride, groups=groups
        )
        x = self.convolve(x, f"{name}._project_conv", f"{name}._bn2", relu=False)
        if stride == 1 and width_in == self.tensors[f"{name}._bn2.bias"].size:
            x = self.graph.add("Add", [x, start])
        return x

    def _width_in(self, name: str) -> int:
        expand = self.tensors.get(f"{name}._expand_conv.weight")
        return int(self.tensors[f"{name}._bn1.bias"].size if expand is None else expand.shape[1])

    def folded(self, conv: str, norm: str) -> tuple[np.ndarray, np.ndarray]:
        """Weight and bias of a convolution and the BatchNorm behind it."""
        read = self.tensors
        scale = read[f"{norm}.weight"] / np.sqrt(read[f"{norm}.running_var"] + _EPSILON)
        weight = read[f"{conv}.weight"] * scale[:, None, None, None]
        return weight, read[f"{norm}.bias"] - read[f"{norm}.running_mean"] * scale

    def _same_padding(self, kernel: int, stride: int) -> list[int]:
        """TensorFlow's SAME padding: what does not divide evenly goes below and to the right."""
        if self.side is None:
            total = kernel - stride  # of even sides, halved five times without remainder
            return [total // 2, total // 2, total - total // 2, total - total // 2]
        after = -(-self.side // stride)
        total = max((after - 1) * stride + kernel - self.side, 0)
        self.side = after
        return [total // 2, total // 2, total - total // 2, total - total // 2]
