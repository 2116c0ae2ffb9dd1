"""The loop: predict a few samples, see how wrong it was, step a little down the slope, again."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from handful.errors import InputError
from handful.networks.dropout import reseed
from handful.progress import Progress, silent
from handful.training.augmenting import Change
from handful.training.batches import Samples, as_targets, batches, collate
from handful.training.checkpoints import Run, digest, resume, save
from handful.training.checks import check_inputs, check_numbers, check_samples, check_targets
from handful.training.clipping import clip
from handful.training.devices import cpu_threads, device_of
from handful.training.history import Ended, Epoch, Training
from handful.training.learning_rates import one_cycle
from handful.training.losses import Loss, binary_cross_entropy, cross_entropy, quadratic
from handful.training.measures import Measure, accuracy
from handful.training.optimisers import Optimise, adamw
from handful.training.predicting import predict
from handful.training.stopping import better_of, waited
from handful.training.watch import Clock, Watch

_CHANGES = 1  # what is drawn for changes must not follow what is drawn for the order
_LOOK_BATCH = 256  # validation needs no slopes, so more samples fit


def fit(
    network: nn.Module,
    X: Samples,
    y: np.ndarray,
    *,
    validation: tuple[Samples, np.ndarray] | None = None,
    sample_weight: np.ndarray | None = None,
    loss: Loss = cross_entropy,
    measure: Measure = accuracy,
    optimiser: Optimise = adamw,
    rate: float = 3e-3,
    epochs: int = 30,
    batch_size: int = 32,
    change: Change | None = None,
    max_norm: float | None = 1.0,
    patience: int | None = None,
    seed: int = 0,
    device: str = "auto",
    n_threads: int = 1,
    budget_s: float | None = None,
    checkpoint: Path | None = None,
    progress: Progress = silent,
    clock: Clock = time.perf_counter,
) -> Training:
    """Train a network, in place.

    Parameters
    ----------
    network : Module
        Called with x, or with x and lengths; gives logits or numbers, (n_samples, n_outputs).
    X : ndarray, shape (n_samples, ...), or sequence of ndarray, shape (n_channels, n_steps)
        A sequence is of series that may differ in length.
    y : ndarray
        Numbers of tags, (n_samples,); or float, a column a tag or number.
    validation : tuple of X and y, optional
        Samples that are only looked at: the network gets the weights that predict them best.
    sample_weight : ndarray of float, shape (n_samples,), optional
    loss : callable
        What is lowered: `cross_entropy`, `binary_cross_entropy` or `quadratic`.
    measure : callable
        What is shown beside it: `accuracy`, `tags_right` or `mean_absolute_error`.
    optimiser : callable
        `adamw`, `adam` or `sgd`.
    rate : float
        Highest learning rate of the one cycle; `search_rate` finds one.
    epochs, batch_size : int
    change : callable, optional
        From `augmenting`: what is done to each batch.
    max_norm : float or None
        Steeper slopes are shortened to this.
    patience : int, optional
        Stop after so many epochs without a lower validation loss.
    seed : int
        Of order, changes and dropout; each draw depends on it and on the epoch alone.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    n_threads : int
        Processor threads. The same seed and number give the same weights to the last bit; more
        than one help only large networks on idle cores.
    budget_s : float, optional
        Seconds that it may take, validation included: the cycle then ends with them.
    checkpoint : Path, optional
        Written after every epoch. Where it exists, the training goes on from it, with the same
        result as if it had never been broken off.
    progress : Progress
        Hears of every batch, with loss and measure.
    clock : callable
        Seconds, rising.

    Returns
    -------
    Training

    Raises
    ------
    InputError
        X or y is unusable or does not fit the network, the loss became infinite, or the
        checkpoint is of another training.
    """
    started = clock()
    check_samples(X, y)
    check_numbers(rate=rate, epochs=epochs, batch_size=batch_size, budget_s=budget_s)
    if validation is None and patience is not None:
        raise InputError("patience needs validation samples to see whether it still gets better.")
    if validation is not None:
        check_samples(*validation)
    place = device_of(device)
    network.to(place)
    for samples, said in ((X, y), *([validation] if validation else [])):
        n_outputs = check_inputs(network, samples, device)
        if loss in (cross_entropy, binary_cross_entropy, quadratic):
            check_targets(said, n_outputs)
    task = _Task(
        X, as_targets(y), _weights(sample_weight, len(y)), validation, loss, measure, rate, epochs,
        batch_size, change, max_norm, seed, progress,
    )  # fmt: skip
    settings = {
        "data": checkpoint and digest(X, task.targets.numpy(), task.weight.numpy()),
        "loss": _name(loss), "optimiser": _name(optimiser), "rate": rate, "epochs": epochs,
        "batch_size": batch_size, "max_norm": max_norm, "seed": seed,
    }  # fmt: skip
    run = Run(network, optimiser(network, rate), settings)
    if checkpoint is not None and checkpoint.exists():
        resume(run, checkpoint)
    watch = Watch(clock, started - run.seconds, budget_s)
    with cpu_threads(n_threads):
        ended = _go_on(run, task, watch, patience, checkpoint)
    best_epoch = len(run.epochs)
    if run.best is not None:
        network.load_state_dict(run.best.weights)
        best_epoch = run.best.epoch
    network.eval()
    return Training(tuple(run.epochs), best_epoch, ended, watch.elapsed_s(), place.type)


@dataclass(frozen=True)
class _Task:
    """What `fit` was asked to do; see there."""

    X: Samples
    targets: torch.Tensor
    weight: torch.Tensor
    validation: tuple[Samples, np.ndarray] | None
    loss: Loss
    measure: Measure
    rate: float
    epochs: int
    batch_size: int
    change: Change | None
    max_norm: float | None
    seed: int
    progress: Progress


def _go_on(
    run: Run, task: _Task, watch: Watch, patience: int | None, checkpoint: Path | None
) -> Ended:
    """Epoch after epoch, until there is a reason to stop."""
    if watch.budget_s is not None:
        _look(run, task, watch)  # to know how long that takes
    while (ended := _ended(run, task.epochs, patience, watch)) is None:
        epoch = _epoch(run, task, watch)
        run.epochs.append(epoch)
        if epoch.validation_loss is not None:
            run.best = better_of(run.best, run.network, epoch.validation_loss, epoch.number)
        run.seconds = watch.elapsed_s()
        if checkpoint is not None:
            save(run, checkpoint)
    _tell(task, 1, run.epochs[-1].loss, run.epochs[-1].measure)
    return ended


def _epoch(run: Run, task: _Task, watch: Watch) -> Epoch:
    """Every sample once, or as many as there is time for; then a look at the others."""
    number = len(run.epochs)
    random = np.random.default_rng((task.seed, number, _CHANGES))
    order = batches(len(task.targets), task.batch_size, seed=task.seed, epoch=number)
    losses, measures, sizes = list[float](), list[float](), list[int]()
    rate = task.rate
    for done, rows in enumerate(order):
        step = number * len(order) + done
        share = watch.share(step / (task.epochs * len(order)), run.reserve_s())
        if share >= 1 and losses:
            break
        rate = one_cycle(share, task.rate)
        reseed(run.network, task.seed, step)
        begun = watch.elapsed_s()
        wrong, right = _step(run, task, rows, rate, random)
        run.step_s = watch.elapsed_s() - begun
        losses.append(wrong)
        measures.append(right)
        sizes.append(len(rows))
        means = [float(np.average(values, weights=sizes)) for values in (losses, measures)]
        _tell(task, watch.share((step + 1) / (task.epochs * len(order)), 0), means[0], means[1])
    validation_loss, validation_measure = _look(run, task, watch)
    if not math.isfinite(means[0] + (validation_loss or 0)):
        raise InputError(
            f"the loss became infinite in epoch {number + 1}: use a learning rate below "
            f"{task.rate:g}, or let search_rate find one."
        )
    return Epoch(number + 1, rate, means[0], means[1], validation_loss, validation_measure)


def _step(
    run: Run, task: _Task, rows: np.ndarray, rate: float, random: np.random.Generator
) -> tuple[float, float]:
    """One batch: predict, measure, step. Gives loss and measure before the step."""
    inputs, targets = collate(task.X, rows), task.targets[rows]
    if task.change is not None:
        inputs, targets = task.change(inputs, targets, random)
    place = next(run.network.parameters()).device
    run.network.train()
    run.optimiser.zero_grad()
    outputs = run.network(*(part.to(place) for part in inputs))
    losses = task.loss(outputs, targets.to(place)) * task.weight[rows].to(place)
    losses.mean().backward()  # type: ignore[no-untyped-call]
    clip(run.network.parameters(), task.max_norm)
    for group in run.optimiser.param_groups:
        group["lr"] = rate
    run.optimiser.step()
    said = outputs.detach().cpu().numpy()
    return losses.mean().item(), task.measure(said, targets.numpy())


def _look(run: Run, task: _Task, watch: Watch) -> tuple[float | None, float | None]:
    """Loss and measure of the validation samples; notes how long it took."""
    if task.validation is None:
        return None, None
    started = watch.elapsed_s()
    X, y = task.validation
    place = next(run.network.parameters()).device
    said = predict(
        run.network, X, batch_size=_LOOK_BATCH, device=str(place), n_threads=torch.get_num_threads()
    )
    targets = as_targets(y)
    wrong = task.loss(torch.from_numpy(said), targets).mean().item()
    run.look_s = watch.elapsed_s() - started
    return wrong, task.measure(said, targets.numpy())


def _ended(run: Run, epochs: int, patience: int | None, watch: Watch) -> Ended | None:
    """Why the training is over, if it is."""
    if len(run.epochs) >= epochs:
        return "done"
    if waited(run.best, len(run.epochs), patience):
        return "no longer better"
    return "out of time" if run.epochs and watch.share(0, run.reserve_s()) >= 1 else None


def _tell(task: _Task, share: float, loss: float, measure: float) -> None:
    n_steps = task.epochs * -(-len(task.targets) // task.batch_size)
    note = f"loss {loss:.3f}, {_name(task.measure).replace('_', ' ')} {measure:.3f}"
    task.progress("training", round(share * n_steps), n_steps, note)


def _weights(sample_weight: np.ndarray | None, n: int) -> torch.Tensor:
    return torch.from_numpy(
        np.asarray(np.ones(n) if sample_weight is None else sample_weight, np.float32)
    )


def _name(function: object) -> str:
    return str(getattr(function, "__name__", function))
