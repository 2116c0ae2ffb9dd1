"""Runs an ONNX network: ONNX Runtime everywhere, OpenVINO where ``handful[fast]`` is installed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np

_starting = threading.Lock()
_TELEMETRY = "openvino_telemetry"


class Runtime(Protocol):
    """A network ready to run. `name` tells runtime and precision; calls are thread-safe."""

    name: str

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """The network's first output for a batch."""
        ...


class OnnxRuntime:
    """One-thread ONNX Runtime session; several threads may call it at once.

    Two one-thread callers do more work than one two-thread session on a busy machine.
    """

    name = "onnxruntime-f32"

    def __init__(self, model: bytes) -> None:
        self._session = open_session(model, threads=1)
        self._input = self._session.get_inputs()[0].name

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """The network's first output for a batch."""
        return np.asarray(self._session.run(None, {self._input: inputs})[0])


class OpenVino:
    """OpenVINO on the CPU, one stream a caller, in the fastest precision it has natively."""

    def __init__(self, model: bytes, precision: str | None = None) -> None:
        openvino = _quiet_openvino()
        with _starting:  # its first look at NumPy hangs where two threads take it at once
            _ = openvino.Tensor(np.zeros(1, np.float32)).data
        self.name = openvino_name(precision)
        self._core = openvino.Core()
        self._model = model
        self._compiled: dict[tuple[int, ...], Any] = {}
        self._compiling = threading.Lock()
        self._local = threading.local()

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """The network's first output for a batch."""
        requests = self._local.__dict__.setdefault("requests", {})
        if inputs.shape not in requests:
            requests[inputs.shape] = self._for_shape(inputs.shape).create_infer_request()
        return np.array(requests[inputs.shape].infer([inputs])[0], dtype=np.float32)

    def _for_shape(self, shape: tuple[int, ...]) -> Any:
        """The network compiled for one shape: far faster than one for every shape."""
        with self._compiling:
            if shape not in self._compiled:
                network = self._core.read_model(self._model)
                network.reshape(shape)
                precision = self.name.rpartition("-")[2]
                self._compiled[shape] = self._core.compile_model(
                    network,
                    "CPU",
                    {"INFERENCE_PRECISION_HINT": precision, "NUM_STREAMS": "AUTO"},
                )
            return self._compiled[shape]


def _quiet_openvino() -> Any:
    """OpenVINO, kept from telling its makers that it was imported: nothing leaves this machine.

    It does so through `openvino_telemetry`, and does without where that cannot be imported.
    """
    with _starting:
        before = sys.modules.get(_TELEMETRY)
        sys.modules[_TELEMETRY] = None  # type: ignore[assignment]
        try:
            import openvino
        finally:
            del sys.modules[_TELEMETRY]
            if before is not None:
                sys.modules[_TELEMETRY] = before
    return openvino


def has_openvino() -> bool:
    """Whether ``handful[fast]`` is installed."""
    return find_spec("openvino") is not None


def openvino_name(precision: str | None = None) -> str:
    """Name of the OpenVINO runtime on this machine: bf16 only where the CPU computes in it."""
    able = _quiet_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return f"openvino-{precision or ('bf16' if 'BF16' in able else 'f32')}"


def open_session(model: bytes | str, *, threads: int, arena: bool = True) -> Any:
    """An ONNX Runtime session that keeps to `threads` threads and stays quiet.

    Without `arena` memory goes back after each use: slower over many samples, smaller for one.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = arena
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run_together(
    session: Any, outputs: Sequence[str], inputs: Sequence[Mapping[str, np.ndarray]]
) -> list[np.ndarray]:
    """Outputs for several batches of equal shapes, run as one; a row for each of their rows."""
    batch = (
        inputs[0]
        if len(inputs) == 1
        else {name: np.concatenate([one[name] for one in inputs]) for name in inputs[0]}
    )
    found: list[np.ndarray] = session.run(list(outputs), batch)
    return found
