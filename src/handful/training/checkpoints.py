"""A training that was broken off goes on where it was: one file, arrays and plain values only."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer

from handful.errors import InputError, TargetError
from handful.training.batches import Samples
from handful.training.history import Epoch
from handful.training.stopping import Best

_FORMAT = 1
_PLAIN = "handful"  # key in the file's metadata under which the plain values stand, as JSON


@dataclass
class Run:
    """A training as it stands; what the loop changes from epoch to epoch.

    Attributes
    ----------
    network : Module
    optimiser : Optimizer
    settings : dict
        What must be the same for a training to go on, as plain values.
    epochs : list of Epoch
    best : Best or None
    seconds : float
        That the epochs so far took.
    look_s, step_s : float
        That the last look at the validation samples took, and the last step.
    """

    network: nn.Module
    optimiser: Optimizer
    settings: dict[str, Any]
    epochs: list[Epoch] = field(default_factory=list)
    best: Best | None = None
    seconds: float = 0.0
    look_s: float = 0.0
    step_s: float = 0.0

    def reserve_s(self) -> float:
        """Seconds to keep for a last look, and half a step: the last may end early or late."""
        return self.look_s + self.step_s / 2


def digest(X: Samples, *more: np.ndarray) -> str:
    """A fingerprint of samples, targets and weights, so that no training goes on with others."""
    found = hashlib.sha256()
    for values in (*X, *more):
        found.update(f"{values.shape}{values.dtype}".encode())
        found.update(values.tobytes())
    return found.hexdigest()


def save(run: Run, path: Path) -> None:
    """Write the run to a safetensors file, whole or not at all.

    Raises
    ------
    TargetError
        The place cannot be written to.
    """
    from safetensors.torch import save as to_bytes

    tensors = {f"network/{name}": part for name, part in run.network.state_dict().items()}
    for number, parts in run.optimiser.state_dict()["state"].items():
        kept = {key: part for key, part in parts.items() if part is not None}
        tensors |= {f"optimiser/{number}/{key}": part for key, part in kept.items()}
    plain: dict[str, Any] = {"format": _FORMAT, "settings": run.settings, "seconds": run.seconds}
    plain["epochs"] = [asdict(epoch) for epoch in run.epochs]
    if run.best is not None:
        plain["best"] = {"epoch": run.best.epoch, "loss": run.best.loss}
        tensors |= {f"best/{name}": part for name, part in run.best.weights.items()}
    copies = {name: part.detach().cpu().clone().contiguous() for name, part in tensors.items()}
    _write(path, to_bytes(copies, {_PLAIN: json.dumps(plain)}))


def resume(run: Run, path: Path) -> None:
    """Bring a fresh run to where the one in the file was.

    Raises
    ------
    InputError
        The file is no checkpoint, is damaged, or is of another training.
    """
    tensors, plain = _read(path)
    changed = [name for name, value in run.settings.items() if plain["settings"].get(name) != value]
    if changed:
        raise InputError(
            f"{path} is the checkpoint of another training: {', '.join(changed)} differ. Delete it "
            "to start anew, or name another file."
        )
    kept = _under("network/", tensors)
    own = run.network.state_dict()
    if {n: p.shape for n, p in kept.items()} != {n: p.shape for n, p in own.items()}:
        raise InputError(
            f"{path} is the checkpoint of another network. Delete it to start anew, or name "
            "another file."
        )
    run.network.load_state_dict(kept)
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, part in _under("optimiser/", tensors).items():
        number, _, key = name.partition("/")
        state.setdefault(int(number), {})[key] = part
    groups = run.optimiser.state_dict()["param_groups"]
    run.optimiser.load_state_dict({"state": state, "param_groups": groups})
    run.epochs = [Epoch(**values) for values in plain["epochs"]]
    run.seconds = plain["seconds"]
    if "best" in plain:
        place = next(run.network.parameters()).device
        weights = {name: part.to(place) for name, part in _under("best/", tensors).items()}
        run.best = Best(plain["best"]["epoch"], plain["best"]["loss"], weights)


def _under(start: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(start): part for name, part in tensors.items() if name.startswith(start)
    }


def _read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            plain: dict[str, Any] = json.loads((file.metadata() or {})[_PLAIN])
    except (SafetensorError, OSError, KeyError, json.JSONDecodeError) as error:
        raise InputError(
            f"{path} cannot be read as a checkpoint. Delete it to start anew."
        ) from error
    if plain.get("format") != _FORMAT:
        raise InputError(f"{path} is the checkpoint of another handful. Delete it to start anew.")
    return tensors, plain


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise TargetError(f"cannot write the checkpoint {path}: {error.strerror}.") from error
