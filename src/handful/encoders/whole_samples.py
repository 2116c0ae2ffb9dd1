"""Photos, sounds, recordings, texts and rows as networks take them that learn from scratch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import numpy as np

from handful.encoders.base import CNN, MLP, RNN, TRANSFORMER
from handful.encoders.columns import SCALED, Columns, Row, Schema, as_input, inputs
from handful.encoders.patterns import Scales
from handful.encoders.resizing import write_resize
from handful.encoders.spectra import write_columns, write_even, write_levelled, write_mel_db
from handful.encoders.whole import Layout, Whole, write_padded
from handful.graphs import Graph
from handful.pictures import Picture

_HOP_S, _FRAME_S, _RANGE_DB = 0.02, 0.064, 80.0
_BANDS, _FRAMES = 64, 64
_MOST_STEPS = 256
LETTERS, MOST_LETTERS = "letters", 256
_N_BYTES = 256


class WholePhotos(Whole):
    """Photos made small, every colour from -1 to 1.

    Parameters
    ----------
    size_px : int
        Width and height.
    """

    view = "the photos themselves"
    kinds = (CNN,)
    enough = 1000
    inputs = (("pixels", np.uint8, ["n", "height", "width", 3]),)

    def __init__(self, size_px: int) -> None:
        self.size_px = size_px
        self.name = f"photos at {size_px} x {size_px}"
        self.key = f"whole-photos-{size_px}-1"
        self.layout = Layout((3, size_px, size_px))

    def fed(self, sample: Picture) -> dict[str, np.ndarray]:
        """A photo."""
        return {"pixels": sample.pixels[None]}

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append resize and scaling; "pixels" is uint8 (n, height, width, 3)."""
        small = write_resize(graph, inputs["pixels"], self.size_px)
        half = graph.constant(127.5)
        return graph.add("Flatten", [graph.add("Div", [graph.add("Sub", [small, half]), half])])


class WholeSounds(Whole):
    """Sounds as pictures of 64 mel bands in 64 moments, from -1 (80 dB down) to 1.

    Parameters
    ----------
    rate_hz : int
        Of the waveforms.
    """

    view = "spectrograms"
    kinds = (CNN,)
    enough = 1000
    inputs = (("waveform", np.float32, ["n", "samples"]),)

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.name = f"spectrograms, {_BANDS} x {_FRAMES}"
        self.key = f"whole-sounds-{rate_hz}-2"
        self.layout = Layout((1, _BANDS, _FRAMES))

    def fed(self, sample: np.ndarray) -> dict[str, np.ndarray]:
        """A waveform."""
        return {"waveform": sample[None]}

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append spectrogram, resize in time, and scaling; "waveform" is float32 (n, n_samples)."""
        length = 2 ** round(np.log2(_FRAME_S * self.rate_hz))
        hop = round(_HOP_S * self.rate_hz)
        levelled = write_levelled(graph, inputs["waveform"])
        level_db = write_mel_db(
            graph, levelled, rate_hz=self.rate_hz, length=length, hop=hop, n_mels=_BANDS
        )
        even = write_even(graph, level_db)
        moments = write_columns(graph, level_db, even, graph.constant(float(_FRAMES)))
        axes = graph.constant([1, 2], np.int64)
        below = graph.add("Sub", [moments, graph.add("ReduceMax", [moments, axes], keepdims=1)])
        bright = graph.add("Add", [graph.add("Mul", [below, graph.constant(2 / _RANGE_DB)]),
                                   graph.constant(1.0)])  # fmt: skip
        bright = graph.add("Clip", [bright, graph.constant(-1.0), graph.constant(1.0)])
        return graph.add("Flatten", [graph.add("Transpose", [bright], perm=[0, 2, 1])])


class WholeRecordings(Whole):
    """Recordings step by step, every channel beside what is usual in it, then the length.

    Parameters
    ----------
    scales : Scales
    longest : int
        Steps of the longest recording; beyond 256, and beyond this, they are squeezed.
    """

    view = "the recordings themselves"
    kinds = (RNN, TRANSFORMER)
    enough = 500

    def __init__(self, scales: Scales, longest: int) -> None:
        self.scales = scales
        self.most = min(longest, _MOST_STEPS)
        self.name = f"recordings of up to {self.most} steps"
        text = json.dumps([scales.to_json(), self.most], sort_keys=True)
        self.key = f"whole-recordings-1-{hashlib.sha256(text.encode()).hexdigest()[:24]}"
        n_channels = len(scales.middle)
        self.layout = Layout((n_channels, self.most), has_length=True)
        self.inputs = (("recording", np.float32, ["n", n_channels, "steps"]),)

    def fed(self, sample: np.ndarray) -> dict[str, np.ndarray]:
        """A recording."""
        return {"recording": sample[None]}

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append scaling and filling up; "recording" is (n, channels, steps)."""
        middle = graph.constant(np.array(self.scales.middle)[None, :, None])
        factor = graph.constant(1 / np.array(self.scales.spread)[None, :, None])
        x = graph.add("Mul", [graph.add("Sub", [inputs["recording"], middle]), factor])
        return write_padded(graph, x, self.most)


class WholeTexts(Whole):
    """Texts byte by byte in UTF-8, their first 256 bytes."""

    name = "letters"
    key = "whole-texts-1"
    view = "the letters themselves"
    kinds = (TRANSFORMER,)
    enough = 20_000
    layout = Layout((1, MOST_LETTERS), has_length=True, n_symbols=_N_BYTES)
    inputs = ((LETTERS, np.int64, ["n", LETTERS]),)

    def tokens(self, text: str) -> dict[str, np.ndarray]:
        """What the graph takes of a text, without the axis of samples."""
        found = np.frombuffer(text.encode()[:MOST_LETTERS] or b" ", np.uint8)
        return {LETTERS: found.astype(np.int64)}

    def fed(self, sample: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """A text's bytes."""
        return {LETTERS: sample[LETTERS][None]}

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append filling up; "letters" is int64 (n, n_bytes)."""
        numbers = graph.add("Cast", [inputs[LETTERS]], to=1)
        channel = graph.add("Unsqueeze", [numbers, graph.constant([1], np.int64)])
        return write_padded(graph, channel, MOST_LETTERS, mode="nearest")


class WholeRows(Whole):
    """Rows: gaps, categories and squashed numbers.

    Parameters
    ----------
    schema : Schema
    """

    name = "columns, for a network"
    view = "columns"
    kinds = (MLP,)
    enough = 1000

    def __init__(self, schema: Schema) -> None:
        self._columns = Columns(schema)
        self._part = self._columns.views[SCALED]
        self.key = f"whole-{self._columns.key}"
        self.layout = Layout((self._part.stop - self._part.start,))
        self.inputs = inputs(schema)

    def fed(self, sample: Row) -> dict[str, np.ndarray]:
        """A row."""
        return as_input([sample])

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append filling, squashing and one-hot."""
        every = self._columns.write(graph, inputs)
        bounds = [graph.constant([at], np.int64) for at in (self._part.start, self._part.stop, 1)]
        return graph.add("Slice", [every, *bounds])
