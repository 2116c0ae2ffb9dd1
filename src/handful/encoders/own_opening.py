"""Opens a network that the user brings, and tries it on made samples before it is believed."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from handful.encoders.encoder_cards import (
    GREY,
    NHWC,
    EncoderCard,
    PixelInput,
    WaveInput,
    read_card,
    samples_of,
)
from handful.encoders.foreign_graphs import (
    ForeignGraph,
    Port,
    first_line,
    open_foreign_graph,
    refuse_large,
)
from handful.encoders.own_networks import OwnNetwork, named_sizes
from handful.encoders.runtimes import open_session
from handful.errors import InputError
from handful.graphs import OPSET, Graph

_FATAL = 4
_LIMIT_S = 60.0  # for one made sample
_MOST_FEATURES = 20_000
_ALIKE = {"float16": 2e-2, "float": 1e-3, "double": 1e-3, "uint8": 1e-3}
_NUMPY = {"float16": np.float16, "float": np.float32, "double": np.float64, "uint8": np.uint8}
_POOLED = {3: (1,), 4: (2, 3)}  # axes of places or times, by rank of the output; channels first
_CHANNELS_LAST = (1, 2)


def open_own_network(
    path: Path,
    takes: str,
    *,
    card: Path | None = None,
    within: Path | None = None,
    origin: str = "",
) -> OwnNetwork:
    """A network from an ONNX file with a card beside it, checked and tried.

    Parameters
    ----------
    path : Path
    takes : str
        `PIXELS` or `WAVEFORM`.
    card : Path, optional
        Default: beside the file, with ``.json`` in place of ``.onnx``.
    within : Path, optional
        The folder in which the file's further data must lie. Default: its own.
    origin : str, optional
        Where the file came from. Default: its name.

    Raises
    ------
    InputError
        It is no such file, is refused for what it holds, has no complete card, or does not do
        what the card says.
    """
    graph = open_foreign_graph(path, within=within)
    if len(graph.inputs) != 1:
        many = "; ".join(port.words() for port in graph.inputs) or "none"
        raise InputError(f"{path} must have one input, and has {len(graph.inputs)}: {many}.")
    said = read_card(card or path.with_suffix(".json"), graph, takes)
    shape = _sample_shape(graph, said)
    outputs = {port.name: port for port in graph.outputs}
    if said.output not in outputs:
        raise InputError(
            f'{path} has no output "{said.output}", as its card says. It has: '
            f"{'; '.join(port.words() for port in outputs.values())}."
        )
    for port in (graph.inputs[0], outputs[said.output]):
        if port.kind not in _NUMPY:
            raise InputError(f"{path}: {port.words()} is not of float32, float16 or uint8.")
    unknown = OwnNetwork(said, graph, shape, None, (), 0, origin or path.name, "")
    return _tried(unknown)


def _sample_shape(graph: ForeignGraph, card: EncoderCard) -> tuple[int | None, ...]:
    """Shape of one sample by the card, after it was compared with the graph.

    Raises
    ------
    InputError
        They contradict each other.
    """
    (port,) = graph.inputs
    said = card.input
    wanted = _pixel_shape(said) if isinstance(said, PixelInput) else _wave_shape(said, port)
    ranks = (3, 4) if isinstance(said, PixelInput) else (1, 2, 3)
    rank = len(port.shape) if port.shape is not None else len(wanted) + 1
    declared = (port.shape or ())[-len(wanted) :]
    fits = all(d is None or d == w for d, w in zip(declared, wanted, strict=False))
    if rank not in ranks or not fits:
        raise InputError(
            f"{graph.path} takes {port.words()}, and by its card one sample is "
            f"({', '.join('any' if size is None else str(size) for size in wanted)}). "
            "Mend the card, or bring another network."
        )
    return wanted


def _pixel_shape(wanted: PixelInput) -> tuple[int | None, ...]:
    n_colours = 1 if wanted.colours == GREY else 3
    sides = (wanted.height_px, wanted.width_px)
    return (*sides, n_colours) if wanted.layout == NHWC else (n_colours, *sides)


def _wave_shape(wanted: WaveInput, port: Port) -> tuple[int | None, ...]:
    said = None if wanted.window_s is None else round(wanted.window_s * wanted.rate_hz)
    length = said or samples_of(port)
    if port.shape is None or len(port.shape) < 3:
        return (length,)
    return (length, 1) if port.shape[2] == 1 else (1, length)


def _tried(network: OwnNetwork) -> OwnNetwork:
    """The network with what only running it tells.

    Raises
    ------
    InputError
        It cannot be run, takes too long, gives no numbers, other ones each time, or others
        within a model file than by itself.
    """
    (port,) = network.graph.inputs
    has_batch = port.shape is None or len(port.shape) > len(network.shape)
    fixed = (port.shape[0] if port.shape else None) or 1
    rows = _made_rows(network)
    alone = _Alone(network, fixed if has_batch else 0)
    answers = [alone.answer(row) for row in rows]
    if not np.array_equal(answers[0], alone.answer(rows[0]), equal_nan=True):
        raise InputError(
            f"{network.graph.path} gives something else for the same sample each time. Export it "
            "as it predicts (model.eval() in PyTorch)."
        )
    described = _with_output(network, np.stack(answers))
    wanted = np.stack(answers).mean(axis=described.pooled).reshape(len(rows), -1)
    described = replace(described, graph=network.graph.renewed())
    every: list[int | None] = [None, fixed] if has_batch else [0]
    for batch in every:
        candidate = replace(described, batch=batch)
        if _same_within(candidate, rows, wanted):
            return candidate
    raise InputError(
        f"{network.graph.path} answers otherwise within a model file than by itself. Export it "
        f"with opset_version={OPSET} and without further optimisation."
    )


def _made_rows(network: OwnNetwork) -> np.ndarray:
    """Two samples of noise as the network takes them, float32 (2, *shape)."""
    random, wanted = np.random.default_rng(0), network.card.input
    if isinstance(wanted, WaveInput):
        shape = [wanted.rate_hz if size is None else size for size in network.shape]
        noise = random.normal(0, 1 if wanted.even else 0.1, (2, *shape))
        return np.asarray((noise - wanted.mean) / wanted.scale, np.float32)
    places = (1, 1, -1) if wanted.layout == NHWC else (-1, 1, 1)
    mean, scale = (np.reshape(part, places) for part in (wanted.mean, wanted.scale))
    noise = random.uniform(0, 255, (2, *(size or 1 for size in network.shape)))
    return np.asarray((noise - mean) / scale, np.float32)


class _Alone:
    """The file as it came, run by itself: the oracle for what becomes of it."""

    def __init__(self, network: OwnNetwork, batch: int) -> None:
        self.network, self.batch = network, batch
        (self.port,) = network.graph.inputs
        path, model = network.graph.path, network.graph.model
        shape = [1 if size is None else size for size in _made_rows(network).shape[1:]]
        refuse_large(path, _with_shape(model, [batch, *shape] if batch else shape))
        self.session = _opened(path, model.SerializeToString())

    def answer(self, row: np.ndarray) -> np.ndarray:
        """The output for one sample, float32."""
        kind = self.port.kind
        rounded = np.clip(np.rint(row), 0, 255) if kind == "uint8" else row
        several = np.repeat(rounded[None], self.batch, axis=0) if self.batch else rounded
        fed = {self.port.name: several.astype(_NUMPY[kind])}
        path, name = self.network.graph.path, self.network.card.output
        found = np.asarray(_run_within(path, self.session, [name], fed)[0], np.float32)
        if self.batch and (found.ndim == 0 or len(found) % self.batch):
            raise InputError(f"{path}: its output does not give a row for each sample.")
        return found[0] if self.batch else found


def _with_output(network: OwnNetwork, answers: np.ndarray) -> OwnNetwork:
    """The network with what is said of its output; `answers` are (2, ...), a row a sample."""
    path, name = network.graph.path, network.card.output
    shape = f"({', '.join(map(str, ('n', *answers.shape[1:])))})"
    if answers.ndim not in (2, 3, 4):
        raise InputError(f'{path}: its output "{name}" has the shape {shape}: that is no row.')
    if not np.isfinite(answers).all():
        raise InputError(
            f'{path}: its output "{name}" holds values that are no numbers (NaN or infinity) for '
            "a made sample. In float16 large values overflow: export it in float32."
        )
    wanted = network.card.input
    last = isinstance(wanted, PixelInput) and wanted.layout == NHWC
    pooled = _CHANNELS_LAST if last and answers.ndim == 4 else _POOLED.get(answers.ndim, ())
    width = answers[0].size // int(np.prod([answers.shape[axis] for axis in pooled]))
    if width > _MOST_FEATURES:
        raise InputError(
            f'{path}: its output "{name}", {shape}, has {width:,} values a sample; '
            f"{_MOST_FEATURES:,} are the most. Name an output behind its pooling."
        )
    places = [answers.shape[axis] for axis in pooled]
    remark = (
        f'The output "{name}" of your encoder {network.card.name}, {shape}, is averaged over its '
        f"{' x '.join(map(str, places))} {'places' if answers.ndim == 4 else 'pieces'}."
        if np.prod(places) > 1
        else ""
    )
    return replace(network, pooled=pooled, width=width, remark=remark)


def _same_within(network: OwnNetwork, rows: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether the network says within a graph of handful's what it says by itself."""
    graph = Graph("trial")
    taken = graph.input("rows", np.float32, ["n", *named_sizes(network.shape)])
    try:
        graph.output(network.write(graph, taken), "features", np.float32, ["n", network.width])
        session = open_session(graph.model().SerializeToString(), threads=1)
        found = _run_within(network.graph.path, session, ["features"], {"rows": rows})[0]
    except Exception:  # noqa: BLE001  (this way does not work: the caller tries another)
        return False
    kinds = [port.kind for port in (*network.graph.inputs, *network.graph.outputs)]
    alike = max(_ALIKE.get(kind, 0) for kind in kinds) * float(np.abs(wanted).max() + 1e-6)
    return found.shape == wanted.shape and bool(np.abs(found - wanted).max() <= alike)


def _opened(path: Path, model: bytes) -> Any:
    try:
        return open_session(model, threads=1)
    except Exception as error:  # ONNX Runtime's errors have no common root
        raise InputError(f"{path} cannot be run by ONNX Runtime: {first_line(error)}") from error


def _run_within(path: Path, session: Any, outputs: list[str], fed: dict[str, np.ndarray]) -> Any:
    """One run that ends in time."""
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.log_severity_level = _FATAL  # what fails is said by the error that it raises
    timer = threading.Timer(_LIMIT_S, setattr, (options, "terminate", True))
    timer.start()
    try:
        return session.run(outputs, fed, options)
    except Exception as error:  # ONNX Runtime's errors have no common root
        if options.terminate:
            raise InputError(
                f"{path} takes longer than {_LIMIT_S:.0f} s for one sample: bring a smaller one."
            ) from error
        raise InputError(f"{path} cannot be run on a made sample: {first_line(error)}") from error
    finally:
        timer.cancel()


def _with_shape(model: Any, shape: list[int]) -> Any:
    """A copy of a model whose input has this shape."""
    import onnx

    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    constants = {constant.name for constant in copy.graph.initializer}
    (taken,) = [value for value in copy.graph.input if value.name not in constants]
    tensor = taken.type.tensor_type
    del tensor.shape.dim[:]
    for size in shape:
        tensor.shape.dim.add().dim_value = size
    del copy.graph.value_info[:]
    return copy
