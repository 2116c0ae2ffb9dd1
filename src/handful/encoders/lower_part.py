"""The lower part of a pretrained network, frozen, so that its upper part can be fine-tuned.

What lies below is the same for every task and is computed once; what lies above learns. The
features are the map between them, bounded: about 50 kB a sample.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property

import numpy as np

from handful.encoders import efficientnet_lite, weights
from handful.encoders.base import FINE_TUNED
from handful.encoders.log_mel import LogMel
from handful.encoders.resizing import write_resize
from handful.encoders.weights import WeightCard
from handful.encoders.whole import Layout, Whole
from handful.graphs import Graph
from handful.pictures import Picture

SIDE_PX = 256
_STEP_PX = 32


class _Lower(Whole):
    """What photos and sounds share."""

    kinds = (FINE_TUNED,)
    enough = 2**31  # `auto` never tries it: nowhere measured to beat frozen features for its time

    def __init__(self, card: WeightCard, what: str) -> None:
        self.card = card
        self.name = f"{card.name}'s lower part, {SIDE_PX} px{what}"
        self.key = hashlib.sha256(f"lower {card.sha256} {SIDE_PX}{what} 1".encode()).hexdigest()[
            :32
        ]

    @cached_property
    def layout(self) -> Layout:  # type: ignore[override]
        """A map of 8 x 8 places."""
        n_channels = self.start["expand.weight"].shape[1]
        return Layout((n_channels, SIDE_PX // _STEP_PX, SIDE_PX // _STEP_PX))

    @cached_property
    def start(self) -> Mapping[str, np.ndarray]:
        """The weights of the upper part, as they were trained on ImageNet."""
        return efficientnet_lite.upper_part(self._tensors)

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """The network's."""
        return (self.card,)

    def _write_map(self, graph: Graph, pictures: str) -> str:
        """Append the lower part behind float32 (n, 3, 256, 256), 0 to 255."""
        return efficientnet_lite.write_lower_part(graph, self._tensors, pictures, size_px=SIDE_PX)

    @cached_property
    def _tensors(self) -> dict[str, np.ndarray]:
        return weights.load(self.card)


class LowerPart(_Lower):
    """Photos up to the last stage of a network.

    Parameters
    ----------
    card : WeightCard
    """

    view = "the last stage's input"
    inputs = (("pixels", np.uint8, ["n", "height", "width", 3]),)

    def __init__(self, card: WeightCard) -> None:
        super().__init__(card, "")

    def fed(self, sample: Picture) -> dict[str, np.ndarray]:
        """A photo."""
        return {"pixels": sample.pixels[None]}

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append resize and lower part; "pixels" is uint8 (n, height, width, 3)."""
        small = write_resize(graph, inputs["pixels"], SIDE_PX)
        return graph.add("Flatten", [self._write_map(graph, small)])


class LowerPartOfSounds(_Lower):
    """Spectrograms up to the last stage of a network, the mean over a sound's pictures.

    Parameters
    ----------
    card : WeightCard
    rate_hz : int
        Of the waveforms.
    """

    view = "the last stage's input, of spectrograms"
    inputs = (("waveform", np.float32, ["n", "samples"]),)

    def __init__(self, card: WeightCard, rate_hz: int) -> None:
        super().__init__(card, f", of sounds at {rate_hz} Hz")
        self._pictures = LogMel(card, rate_hz, loud=False, fast=False)

    def fed(self, sample: np.ndarray) -> dict[str, np.ndarray]:
        """A waveform."""
        return {"waveform": sample[None]}

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append spectrograms, lower part and mean; "waveform" is float32 (n, n_samples)."""
        (pictures,) = self._pictures.write_pictures(graph, inputs["waveform"])
        maps = graph.add("Flatten", [self._write_map(graph, pictures)])
        n_sounds = graph.add("Shape", [inputs["waveform"]], start=0, end=1)
        rest = graph.constant([-1, self.width], np.int64)
        apart = graph.add("Reshape", [maps, graph.add("Concat", [n_sounds, rest], axis=0)])
        return graph.add("ReduceMean", [apart, graph.constant([1], np.int64)], keepdims=0)
