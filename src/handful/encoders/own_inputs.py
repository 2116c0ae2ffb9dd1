"""Writes the way from photos and sounds to what a network of the user's own takes."""

from __future__ import annotations

import math

import numpy as np

from handful.encoders.encoder_cards import BGR, GREY, NHWC, PixelInput, WaveInput
from handful.encoders.resizing import write_squeezing_resize
from handful.graphs import Graph

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow's "L"
_CROSSINGS = 48  # of the resampling filter, on each side
_KAISER = 9.0  # its window: what is outside the band is below -90 dB
_ROLL_OFF = 0.945  # where its band ends, so that half of its slope lies above
_LEAST_S = 1.0  # shorter sounds get silence after them, where the network takes any length
_SMALLEST = 1e-7


def write_pixels(graph: Graph, pixels: str, wanted: PixelInput) -> str:
    """Append resize, colours and scale.

    Takes uint8 (n, height, width, 3), RGB; gives float32 (n, channels, height_px, width_px), or
    channels last, as `wanted`.
    """
    x = write_squeezing_resize(graph, pixels, wanted.height_px, wanted.width_px)
    if wanted.colours == BGR:
        x = graph.add("Gather", [x, graph.constant([2, 1, 0], np.int64)], axis=1)
    if wanted.colours == GREY:
        weighted = graph.add("Mul", [x, graph.constant(np.reshape(_LUMA, (1, 3, 1, 1)))])
        x = graph.add("ReduceSum", [weighted, graph.constant([1], np.int64)], keepdims=1)
    mean, scale = (np.reshape(v, (1, -1, 1, 1)) for v in (wanted.mean, wanted.scale))
    x = graph.add("Sub", [x, graph.constant(mean)])
    x = graph.add("Div", [x, graph.constant(scale)])
    return graph.add("Transpose", [x], perm=[0, 2, 3, 1]) if wanted.layout == NHWC else x


def write_windows(
    graph: Graph, waveform: str, wanted: WaveInput, *, window: int | None, rate_hz: int
) -> str:
    """Append resampling, cutting and scale.

    Parameters
    ----------
    graph : Graph
    waveform : str
        float32 (n, n_samples).
    wanted : WaveInput
    window : int, optional
        Samples in a piece. Pieces of equal distance cover the sound from its beginning to its
        end, as few as will do; a shorter sound gets silence after it. Default: whole sounds.
    rate_hz : int
        Of the waveforms.

    Returns
    -------
    str
        Name of float32 (n * n_pieces, n_samples), a sound's pieces one after the other.
    """
    x = write_resampled(graph, waveform, from_hz=rate_hz, to_hz=wanted.rate_hz)
    x = _write_at_least(graph, x, window or round(_LEAST_S * wanted.rate_hz))
    if window is not None:
        x = _write_pieces(graph, x, window)
    if wanted.even:
        axis = graph.constant([1], np.int64)
        x = graph.add("Sub", [x, graph.add("ReduceMean", [x, axis], keepdims=1)])
        square = graph.add("ReduceMean", [graph.add("Mul", [x, x]), axis], keepdims=1)
        spread = graph.add("Sqrt", [graph.add("Add", [square, graph.constant(_SMALLEST)])])
        x = graph.add("Div", [x, spread])
    x = graph.add("Sub", [x, graph.constant(wanted.mean)])
    return graph.add("Div", [x, graph.constant(wanted.scale)])


def write_resampled(graph: Graph, waveform: str, *, from_hz: int, to_hz: int) -> str:
    """Append a change of the sampling rate: a Kaiser-windowed sinc, one filter a phase.

    Takes float32 (n, n_samples), gives float32 (n, ceil(n_samples * to_hz / from_hz)).

    References
    ----------
    Crochiere and Rabiner, "Multirate Digital Signal Processing" (1983), section 4.3.
    """
    if from_hz == to_hz:
        return waveform
    common = math.gcd(from_hz, to_hz)
    up, down = to_hz // common, from_hz // common
    kernel, reach = _filters(up, down)
    batch = graph.add("Unsqueeze", [waveform, graph.constant([1], np.int64)])
    padded = graph.add("Pad", [batch, graph.constant([0, 0, reach, 0, 0, reach + down], np.int64)])
    phases = graph.add("Conv", [padded, graph.constant(kernel[:, None])], strides=[down])
    in_turn = graph.add("Transpose", [phases], perm=[0, 2, 1])
    flat = graph.add("Flatten", [in_turn], axis=1)
    length = graph.add("Mul", [_write_length(graph, waveform), graph.constant([up], np.int64)])
    whole = _write_divided_up(graph, length, down)
    ends = [graph.constant([0], np.int64), whole, graph.constant([1], np.int64)]
    return graph.add("Slice", [flat, *ends])


def _filters(up: int, down: int) -> tuple[np.ndarray, int]:
    """A filter for each of `up` phases, float64 (up, n_taps), and their reach to either side."""
    cutoff = _ROLL_OFF * min(1.0, up / down)
    half = _CROSSINGS / cutoff
    reach = math.ceil(half)
    places = np.arange(-reach, reach + down)[None] - (np.arange(up) * down / up)[:, None]
    inside = np.sqrt(np.maximum(0.0, 1 - (places / half) ** 2))
    window = np.where(np.abs(places) <= half, np.i0(_KAISER * inside) / np.i0(_KAISER), 0.0)
    taps = np.sinc(cutoff * places) * window
    return taps / taps.sum(axis=1, keepdims=True), reach


def _write_length(graph: Graph, waveform: str) -> str:
    """Append the number of samples, int64 (1,)."""
    return graph.add("Shape", [waveform], start=1, end=2)


def _write_divided_up(graph: Graph, number: str, by: int) -> str:
    more = graph.add("Add", [number, graph.constant([by - 1], np.int64)])
    return graph.add("Div", [more, graph.constant([by], np.int64)])


def _write_at_least(graph: Graph, waveform: str, length: int) -> str:
    """Append silence after what is shorter."""
    lack = graph.add("Sub", [graph.constant([length], np.int64), _write_length(graph, waveform)])
    none = graph.constant([0], np.int64)
    after = graph.add("Max", [lack, none])
    return graph.add("Pad", [waveform, graph.add("Concat", [none, none, none, after], axis=0)])


def _write_pieces(graph: Graph, waveform: str, window: int) -> str:
    """Append the cutting of sounds that are no shorter than a piece."""
    length = _write_length(graph, waveform)
    one = graph.constant([1], np.int64)
    count = _write_divided_up(graph, length, window)
    last = graph.add("Sub", [length, graph.constant([window], np.int64)])
    steps = graph.add("Max", [graph.add("Sub", [count, one]), one])
    zero = graph.constant(0, np.int64)
    ends = [zero, graph.add("Squeeze", [count]), graph.constant(1, np.int64)]
    numbers = graph.add("Range", ends)
    starts = graph.add("Div", [graph.add("Mul", [numbers, last]), steps])
    column = graph.add("Unsqueeze", [starts, one])
    places = graph.add("Add", [column, graph.constant(np.arange(window)[None], np.int64)])
    pieces = graph.add("Gather", [waveform, places], axis=1)
    return graph.add("Reshape", [pieces, graph.constant([-1, window], np.int64)])
