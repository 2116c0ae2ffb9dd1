"""Writes a waveform's way to pictures of its sound into the graph: spectra, mel bands, decibels."""

from __future__ import annotations

import math

import numpy as np

from handful.graphs import Graph

FLOOR = 1e-10  # power beside the loudest sample's: -100 dB


def write_levelled(graph: Graph, waveform: str) -> str:
    """Append the removal of a constant offset and of loudness: the largest value becomes 1.

    Takes and gives float32 (n, n_samples); silence stays silent.
    """
    axis = graph.constant([1], np.int64)
    centred = graph.add("Sub", [waveform, graph.add("ReduceMean", [waveform, axis], keepdims=1)])
    peak = graph.add("ReduceMax", [graph.add("Abs", [centred]), axis], keepdims=1)
    return graph.add("Div", [centred, graph.add("Max", [peak, graph.constant(1e-6)])])


def write_mel_db(
    graph: Graph, waveform: str, *, rate_hz: int, length: int, hop: int, n_mels: int
) -> str:
    """Append the levels of mel bands in frames of a waveform.

    Parameters
    ----------
    graph : Graph
    waveform : str
        float32 (n, n_samples).
    rate_hz : int
    length : int
        Samples in a frame, a power of two; frames are weighted with a Hann window.
    hop : int
        Samples from one frame to the next; the first is centred on the first sample.
    n_mels : int

    Returns
    -------
    str
        Name of float32 (n, n_samples // hop + 1, n_mels), dB beside full scale, low bands first.
    """
    half = length // 2
    padded = graph.add("Pad", [waveform, graph.constant([0, half, 0, half], np.int64)])
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    parts = graph.add(
        "STFT", [padded, graph.constant(hop, np.int64), graph.constant(window / window.sum())],
        onesided=1,
    )  # fmt: skip
    power = graph.add("ReduceSumSquare", [parts, graph.constant([3], np.int64)], keepdims=0)
    bands = graph.constant(mel_bands(rate_hz=rate_hz, length=length, n_mels=n_mels).T)
    return _decibels(graph, graph.add("MatMul", [power, bands]))


def write_relative(graph: Graph, level_db: str) -> str:
    """Append the subtraction of each sample's highest level: float32 (n, n_frames, n_bands)."""
    highest = graph.add("ReduceMax", [level_db, graph.constant([1, 2], np.int64)], keepdims=1)
    return graph.add("Sub", [level_db, highest])


def write_activity(graph: Graph, level_db: str, *, range_db: float) -> str:
    """Append how much of each frame counts: 1 for the loudest, 0 for `range_db` below it.

    Takes float32 (n, n_frames, n_bands), gives float32 (n, n_frames), never quite 0.
    """
    power = graph.add("Exp", [graph.add("Mul", [level_db, graph.constant(math.log(10) / 10)])])
    whole = graph.add("ReduceSum", [power, graph.constant([2], np.int64)], keepdims=0)
    frame_db = _decibels(graph, whole)
    highest = graph.add("ReduceMax", [frame_db, graph.constant([1], np.int64)], keepdims=1)
    above = graph.add("Add", [graph.add("Sub", [frame_db, highest]), graph.constant(range_db)])
    share = graph.add("Mul", [above, graph.constant(1 / range_db)])
    return graph.add("Clip", [share, graph.constant(1e-6), graph.constant(1.0)])


def write_even(graph: Graph, level_db: str) -> str:
    """Append the activity of frames that all count alike: 1, float32 (n, n_frames)."""
    shape = graph.add("Shape", [level_db], start=0, end=2)
    return graph.add("Expand", [graph.constant(1.0), shape])


def write_columns(graph: Graph, frames: str, activity: str, n_columns: str) -> str:
    """Append a resize in time to so many columns, in which frames take room as they are active.

    A triangle filter over cumulated activity: with even activity it is the resize that shrinks
    a picture, otherwise quiet frames shrink to nothing.

    Parameters
    ----------
    graph : Graph
    frames : str
        float32 (n, n_frames, n_values).
    activity : str
        float32 (n, n_frames), above 0.
    n_columns : str
        float32 scalar, a whole number.

    Returns
    -------
    str
        Name of float32 (n, n_columns, n_values).
    """
    axis = graph.constant([1], np.int64)
    total = graph.add("ReduceSum", [activity, axis], keepdims=1)
    a_frame = graph.add("Div", [n_columns, total])  # columns that a fully active frame takes
    ends = graph.add("CumSum", [activity, graph.constant(1, np.int64)])
    middles = graph.add("Sub", [ends, graph.add("Mul", [activity, graph.constant(0.5)])])
    places = graph.add("Unsqueeze", [graph.add("Mul", [middles, a_frame]), axis])
    numbers = graph.add("Range", [graph.constant(0.0), n_columns, graph.constant(1.0)])
    centres = graph.add("Add", [numbers, graph.constant(0.5)])
    centres = graph.add("Unsqueeze", [centres, graph.constant([0, 2], np.int64)])
    away = graph.add("Abs", [graph.add("Sub", [places, centres])])
    reach = graph.add("Unsqueeze", [graph.add("Max", [a_frame, graph.constant(1.0)]), axis])
    near = graph.add("Relu", [graph.add("Sub", [reach, away])])
    weights = graph.add("Mul", [near, graph.add("Unsqueeze", [activity, axis])])
    sums = graph.add("ReduceSum", [weights, graph.constant([2], np.int64)], keepdims=1)
    shares = graph.add("Div", [weights, graph.add("Max", [sums, graph.constant(1e-12)])])
    return graph.add("MatMul", [shares, frames])


def _decibels(graph: Graph, power: str) -> str:
    audible = graph.add("Add", [power, graph.constant(FLOOR)])
    return graph.add("Mul", [graph.add("Log", [audible]), graph.constant(10 / math.log(10))])


def mel_bands(*, rate_hz: int, length: int, n_mels: int, from_hz: float = 50.0) -> np.ndarray:
    """Triangles evenly spaced in mel, each averaged over every bin, float32 (n_mels, n_bins).

    Their height is 1, so that higher and thus wider bands weigh more. Averaged, a band narrower
    than a bin still has its share of it.

    Parameters
    ----------
    rate_hz : int
    length : int
        Of the frames; there are ``length // 2 + 1`` bins.
    n_mels : int
    from_hz : float
        Lower end of the first band; the last ends at half the rate.

    References
    ----------
    O'Shaughnessy, "Speech Communication" (1987): mel = 2595 log10(1 + f / 700).
    """
    ends = 2595 * np.log10(1 + np.array([from_hz, rate_hz / 2]) / 700)
    edges_hz = 700 * (10 ** (np.linspace(ends[0], ends[1], n_mels + 2) / 2595) - 1)
    low, middle, high = (edges_hz[k : k + n_mels, None] for k in range(3))
    bin_edges_hz = (np.arange(length // 2 + 2) - 0.5) * (rate_hz / length)
    rising = (np.clip(bin_edges_hz, low, middle) - low) ** 2 / (middle - low)
    falling = (high - np.clip(bin_edges_hz, middle, high)) ** 2 / (high - middle)
    area_hz = (rising - falling) / 2  # below each edge, but for a constant
    return np.asarray(np.diff(area_hz, axis=1) * (length / rate_hz), np.float32)


def cosines(n_bands: int, n_coefficients: int) -> np.ndarray:
    """The first rows of the orthonormal DCT-II, float32 (n_coefficients, n_bands)."""
    angles = np.outer(np.arange(n_coefficients), 2 * np.arange(n_bands) + 1)
    rows = np.cos(np.pi * angles / (2 * n_bands)) * math.sqrt(2 / n_bands)
    rows[0] /= math.sqrt(2)
    return np.asarray(rows, np.float32)
