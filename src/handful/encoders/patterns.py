"""Sensor recordings as numbers: how often short patterns occur, levels, and the shape.

Patterns are found by the 84 convolutions of length 9 that MiniRocket uses (Dempster, Schmidt and
Webb 2021: six weights of -1, three of 2), spread out over several spans and, where there are
several channels, over random subsets of them. How large a share of the recording lies above a
few multiples of a convolution's own spread is a feature; so nothing need be fitted, and
recordings of any length can be compared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from handful.encoders.runtimes import open_session
from handful.encoders.weights import WeightCard
from handful.graphs import Graph

_LENGTH = 9
_KERNELS = tuple(combinations(range(_LENGTH), 3))  # where the weights are 2
_SHARES = (-0.75, -0.25, 0.25, 0.75)  # multiples of a convolution's spread
_LEVELS = 5  # values a channel: mean, spread, least, most, spread of the steps
_SHAPE = 64  # points to which a recording is squeezed or stretched
_MOST_SPANS = 16  # convolutions with other spans or other channels
_MOST_MIXED = 9  # channels in one convolution
_TINY = 1e-6


@dataclass(frozen=True)
class Scales:
    """What is usual in the recordings, seen without their tags.

    Attributes
    ----------
    middle, spread : tuple of float
        Of each channel.
    steps : int
        Length of a typical recording.
    every : int
        How many steps were averaged into one, because recordings are long.
    """

    middle: tuple[float, ...]
    spread: tuple[float, ...]
    steps: int
    every: int = 1

    def to_json(self) -> dict[str, Any]:
        """Plain values for the card."""
        return asdict(self)


SHAPES, LEVELS = "short shapes", "levels and course"  # what people read


class Patterns:
    """Features of recordings, from float32 (n, n_channels, n_steps).

    Parameters
    ----------
    scales : Scales
    """

    name = "curves"

    def __init__(self, scales: Scales) -> None:
        self.scales = scales
        text = json.dumps(scales.to_json(), sort_keys=True)
        self.key = f"patterns-1-{hashlib.sha256(text.encode()).hexdigest()[:24]}"

    @property
    def width(self) -> int:
        """Number of features."""
        return max(int(view.stop) for view in self.views.values())

    @cached_property
    def views(self) -> Mapping[str, slice]:
        """Everything; patterns; levels with the squeezed recording."""
        n_channels = len(self.scales.middle)
        patterns = len(self._spans) * len(_KERNELS) * len(_SHARES)
        end = patterns + n_channels * (_LEVELS + _SHAPE) + 1
        return {
            f"{SHAPES}, {LEVELS}": slice(0, end),
            SHAPES: slice(0, patterns),
            LEVELS: slice(patterns, end),
        }

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Logistic regression alone."""
        return {}

    @property
    def likeness(self) -> slice:
        """Patterns."""
        return self.views[SHAPES]

    def transform(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """Features of recordings, float32 (n_samples, width)."""
        rows = [self._session.run(None, {"recording": values[None]})[0] for values in batch]
        return np.concatenate(rows)

    def exact(self) -> Patterns:
        """The same: these features are exact."""
        return self

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """None: nothing here was learnt."""
        return ()

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append scaling, convolutions, levels and shape; "recording" is (n, channels, steps)."""
        middle = graph.constant(np.array(self.scales.middle)[None, :, None])
        factor = graph.constant(1 / np.array(self.scales.spread)[None, :, None])
        x = graph.add("Mul", [graph.add("Sub", [inputs["recording"], middle]), factor])
        parts = [self._write_span(graph, x, span, mix) for span, mix in self._spans]
        return graph.add("Concat", [*parts, *self._write_levels(graph, x)], axis=1)

    @cached_property
    def _spans(self) -> list[tuple[int, np.ndarray]]:
        """Steps between the weights, and which channels each convolution sums, (84, channels)."""
        longest = max(1.0, (self.scales.steps - 1) / (_LENGTH - 1))
        n = 2 * (int(np.log2(longest)) + 1)
        spans = sorted({int(span + 1e-9) for span in np.geomspace(1, longest, n)})
        n_channels = len(self.scales.middle)
        rounds = 1 if n_channels == 1 else max(1, min(3, _MOST_SPANS // len(spans)))
        random = np.random.default_rng(0)
        return [(span, _mixed(n_channels, random)) for span in spans * rounds]

    def _write_span(self, graph: Graph, x: str, span: int, mix: np.ndarray) -> str:
        """How large a share of each convolution lies above multiples of its spread."""
        weights = np.full((len(_KERNELS), 1, _LENGTH), -1, np.float32)
        for at, places in enumerate(_KERNELS):
            weights[at, 0, list(places)] = 2
        reach = span * (_LENGTH // 2)
        found = graph.add(
            "Conv", [x, graph.constant(weights * mix[:, :, None])], kernel_shape=[_LENGTH],
            dilations=[span], pads=[reach, reach],
        )  # fmt: skip
        over_time = graph.constant([2], np.int64)
        spread = _write_spread(graph, found, over_time)
        parts = []
        for share in _SHARES:
            bound = graph.add("Mul", [spread, graph.constant(share)])
            above = graph.add("Cast", [graph.add("Greater", [found, bound])], to=1)
            parts.append(graph.add("ReduceMean", [above, over_time], keepdims=0))
        return graph.add("Concat", parts, axis=1)

    def _write_levels(self, graph: Graph, x: str) -> list[str]:
        over_time = graph.constant([2], np.int64)
        ends = [graph.constant([at], np.int64) for at in (0, -1, 1, 2**62)]
        before = graph.add("Slice", [x, ends[0], ends[1], over_time])
        after = graph.add("Slice", [x, ends[2], ends[3], over_time])
        first = graph.add("Slice", [x, ends[0], ends[2], over_time])
        nothing = graph.add("Sub", [first, first])  # a recording of one step has no steps between
        steps = graph.add("Concat", [graph.add("Sub", [after, before]), nothing], axis=2)
        size = graph.add("Shape", [x], start=2, end=3)
        length = graph.add("Log", [graph.add("Cast", [size], to=1)])
        batch = graph.add("Shape", [x], start=0, end=1)
        one = graph.constant([1], np.int64)
        lengths = graph.add("Expand", [length, graph.add("Concat", [batch, one], axis=0)])
        values = [
            graph.add("ReduceMean", [x, over_time], keepdims=1),
            _write_spread(graph, x, over_time),
            graph.add("ReduceMin", [x, over_time], keepdims=1),
            graph.add("ReduceMax", [x, over_time], keepdims=1),
            _write_spread(graph, steps, over_time),
            _write_shape(graph, x),
        ]
        return [*(graph.add("Flatten", [value], axis=1) for value in values), lengths]

    @cached_property
    def _session(self) -> Any:
        graph = Graph("patterns")
        x = graph.input("recording", np.float32, ["n", len(self.scales.middle), "steps"])
        features = self.write(graph, {"recording": x})
        graph.output(features, "features", np.float32, ["n", self.width])
        return open_session(graph.model().SerializeToString(), threads=1)


def _mixed(n_channels: int, random: np.random.Generator) -> np.ndarray:
    """One channel, or a random few, for each convolution, float32 (84, n_channels)."""
    mix = np.zeros((len(_KERNELS), n_channels), np.float32)
    for row in mix:
        n = int(2 ** random.uniform(0, np.log2(min(n_channels, _MOST_MIXED) + 1)))
        row[random.choice(n_channels, n, replace=False)] = 1
    return mix


def _write_spread(graph: Graph, x: str, over: str) -> str:
    away = graph.add("Sub", [x, graph.add("ReduceMean", [x, over], keepdims=1)])
    power = graph.add("ReduceMean", [graph.add("Mul", [away, away]), over], keepdims=1)
    return graph.add("Sqrt", [graph.add("Add", [power, graph.constant(_TINY**2)])])


def _write_shape(graph: Graph, x: str) -> str:
    return graph.add(
        "Resize",
        [x, "", "", graph.constant([_SHAPE], np.int64)],
        axes=[2],
        antialias=1,
        exclude_outside=1,
        mode="linear",
        coordinate_transformation_mode="half_pixel",
    )
