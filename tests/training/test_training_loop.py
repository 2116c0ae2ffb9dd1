"""The loop: learns, repeats itself to the last bit, keeps its time, stops, and refuses nonsense."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from handful.errors import InputError
from handful.networks import CNN, MLP, RNN, Transformer
from handful.training import (
    accuracy,
    adam,
    adamw,
    binary_cross_entropy,
    fit,
    flips,
    in_turn,
    mean_absolute_error,
    mixup,
    noise,
    one_hot,
    predict,
    quadratic,
    sgd,
    shifts,
    tags_right,
)


def crossed(n=240, seed=0):
    """Two tags that no straight line tells apart, and one that is only noise."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 2)).astype(np.float32)
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def waves(n=80, seed=0):
    """Series of unequal lengths; the tag is whether the wave is slow or quick."""
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, n)
    found = []
    for tag in y:
        t = np.arange(random.integers(20, 40))
        wave = np.sin(t * (0.4, 1.0)[tag] + random.uniform(0, 6))
        found.append(np.stack([wave, random.normal(size=len(t))]).astype(np.float32))
    return found, y


def weights(network):
    return {name: part.clone() for name, part in network.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(("optimiser", "rate"), [(sgd, 0.1), (adam, 3e-3), (adamw, 3e-3)])
def test_it_learns_what_no_straight_line_can(optimiser, rate):
    X, y = crossed()
    network = MLP(2, 2)
    training = fit(network, X, y, optimiser=optimiser, rate=rate, epochs=30, device="cpu")
    fresh, truth = crossed(seed=1)
    assert accuracy(predict(network, fresh, device="cpu"), truth) > 0.9
    assert training.epochs[-1].loss < 0.5 * training.epochs[0].loss
    assert (training.ended, training.best_epoch, len(training.epochs)) == ("done", 30, 30)


def test_one_step_of_gradient_descent_is_the_worked_example_of_mazur():
    """DEFINITIONS: inputs, targets and the new weights after one simultaneous update, rate 0.5."""
    from handful.networks import sigmoid

    class Mazur(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.Parameter(torch.tensor([[0.15, 0.20], [0.25, 0.30]]).double())
            self.second = torch.nn.Parameter(torch.tensor([[0.40, 0.45], [0.50, 0.55]]).double())

        def forward(self, x):
            hidden = sigmoid(x.double() @ self.first.T + 0.35)
            return sigmoid(hidden @ self.second.T + 0.60)

    network = Mazur()
    training = fit(
        network, np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]]), loss=quadratic,
        measure=mean_absolute_error, max_norm=None, epochs=1, device="cpu",
        optimiser=lambda network, rate: sgd(network, rate, momentum=0), rate=0.5 * 25,
    )  # fmt: skip  # the first step of a cycle has a 25th of its highest rate
    assert training.epochs[0].rate == pytest.approx(0.5)
    assert training.epochs[0].loss == pytest.approx(0.298371109, abs=2e-8)
    expected = [0.149780716, 0.19956143, 0.24975114, 0.29950229]
    np.testing.assert_allclose(network.first.detach().ravel(), expected, atol=2e-8)
    expected = [0.35891648, 0.408666186, 0.511301270, 0.561370121]
    np.testing.assert_allclose(network.second.detach().ravel(), expected, atol=2e-8)


@pytest.mark.parametrize("make", [lambda: RNN(2, 2, hidden=16), lambda: Transformer(2, 2)])
def test_series_of_unequal_lengths(make):
    X, y = waves()
    network = make()
    fit(network, X, y, epochs=30, change=noise(0.1), rate=3e-3, device="cpu")
    fresh, truth = waves(seed=1)
    assert accuracy(predict(network, fresh, device="cpu"), truth) > 0.9


def test_pictures_with_everything_that_can_be_done_to_them():
    random = np.random.default_rng(0)
    y = random.integers(0, 3, 120)
    X = random.normal(0, 0.5, (120, 1, 12, 12)).astype(np.float32)
    for picture, tag in zip(X, y, strict=True):  # a bar that lies, stands, or is not there
        at = random.integers(2, 10)
        picture[0, at if tag == 0 else slice(None), at if tag == 1 else slice(None)] += (
            0 if tag == 2 else 1.5
        )
    network = CNN(1, 3, widths=(8, 16))
    change = in_turn(shifts(2), flips(), mixup(0.2))
    fit(network, X[:80], one_hot(y[:80], 3), epochs=20, change=change, rate=1e-2, device="cpu")
    assert accuracy(predict(network, X[80:], device="cpu"), y[80:]) > 0.85


def test_numbers():
    X, _ = crossed()
    y = 10 + 3 * X[:, 0] - X[:, 1]
    network = MLP(2, 1, hidden=())
    training = fit(
        network, X, y, loss=quadratic, measure=mean_absolute_error, rate=0.2, epochs=60,
        optimiser=sgd, max_norm=None, device="cpu",
    )  # fmt: skip
    assert training.epochs[-1].measure < 1e-3
    np.testing.assert_allclose(network.layers[0].weight.detach(), [[3, -1]], atol=1e-3)
    np.testing.assert_allclose(network.layers[0].bias.detach(), [10], atol=1e-3)


def test_several_tags_at_once():
    X, _ = crossed()
    y = (X > 0).astype(np.float32)
    network = MLP(2, 2)
    training = fit(network, X, y, loss=binary_cross_entropy, measure=tags_right, device="cpu")
    assert training.epochs[-1].measure > 0.97


def test_weights_of_samples_count_like_copies():
    X, y = crossed(40)
    twice = np.where(y == 1, 2.0, 1.0)
    plain = {"optimiser": sgd, "epochs": 1, "max_norm": None, "device": "cpu", "rate": 0.1}
    weighed, copied = MLP(2, 2), MLP(2, 2)
    fit(weighed, X, y, sample_weight=twice * 40 / twice.sum(), batch_size=40, **plain)
    rows = np.concatenate([np.arange(40), np.flatnonzero(y == 1)])
    fit(copied, X[rows], y[rows], batch_size=len(rows), **plain)
    for a, b in zip(weighed.parameters(), copied.parameters(), strict=True):
        np.testing.assert_allclose(a.detach(), b.detach(), atol=1e-6)


@pytest.mark.parametrize("seed", [0, 5])
def test_the_same_seed_gives_the_same_weights_to_the_last_bit(seed):
    X, y = waves(40)
    found = []
    for _ in range(2):
        network = Transformer(2, 2, dropout=0.3, seed=seed)
        torch.rand(7)  # what others draw has no influence
        fit(network, X, one_hot(y, 2), epochs=2, change=mixup(), seed=seed, device="cpu")
        found.append(weights(network))
    assert same(*found)


def test_another_seed_gives_another_order():
    X, y = crossed(64)
    found = []
    for seed in (0, 1):
        network = MLP(2, 2)
        fit(network, X, y, epochs=2, seed=seed, device="cpu")
        found.append(weights(network))
    assert not same(*found)


class BreakOffError(Exception):
    pass


def breaking_off_at(step):
    def progress(stage, done, total, note=""):
        if done >= step:
            raise BreakOffError

    return progress


@pytest.mark.parametrize("optimiser", [sgd, adam, adamw])
def test_broken_off_and_gone_on_with_it_is_as_if_nothing_had_happened(tmp_path, optimiser):
    X, y = waves(48)
    asked = {
        "epochs": 6, "batch_size": 16, "change": in_turn(noise(0.1), mixup()), "seed": 3,
        "optimiser": optimiser, "rate": 1e-2, "validation": (X[:10], one_hot(y[:10], 2)),
        "device": "cpu",
    }  # fmt: skip

    def make():
        return Transformer(2, 2, dropout=0.2, seed=1)

    whole = make()
    unbroken = fit(whole, X, one_hot(y, 2), **asked)
    checkpoint = tmp_path / "deep" / "run.safetensors"
    for step in (8, 14):  # in the middle of the third epoch, and of the fifth
        with pytest.raises(BreakOffError):
            fit(
                make(), X, one_hot(y, 2), checkpoint=checkpoint,
                progress=breaking_off_at(step), **asked,
            )  # fmt: skip
    parts = make()
    resumed = fit(parts, X, one_hot(y, 2), checkpoint=checkpoint, **asked)
    assert same(weights(whole), weights(parts))
    assert resumed.epochs == unbroken.epochs
    assert resumed.best_epoch == unbroken.best_epoch
    again = make()
    assert fit(again, X, one_hot(y, 2), checkpoint=checkpoint, **asked).epochs == unbroken.epochs
    assert same(weights(again), weights(whole))
    assert [path.name for path in checkpoint.parent.iterdir()] == ["run.safetensors"]


def test_batch_norms_go_on_where_they_were(tmp_path):
    random = np.random.default_rng(0)
    X, y = random.normal(size=(24, 1, 6, 6)).astype(np.float32), random.integers(0, 2, 24)
    whole, parts = CNN(1, 2, widths=(4,)), CNN(1, 2, widths=(4,))
    fit(whole, X, y, epochs=3, batch_size=8, device="cpu")
    more = {"epochs": 3, "batch_size": 8, "device": "cpu", "checkpoint": tmp_path / "run"}
    with pytest.raises(BreakOffError):
        fit(CNN(1, 2, widths=(4,)), X, y, progress=breaking_off_at(5), **more)
    fit(parts, X, y, **more)
    assert same(weights(whole), weights(parts))


class Ticking(MLP):
    """A network that takes a second to learn from a batch, and 0.4 s to look at one."""

    def __init__(self):
        super().__init__(2, 2, hidden=(4,))
        self.now_s = 100.0

    def forward(self, x):
        self.now_s += 1.0 if self.training else 0.4
        return super().forward(x)


@pytest.mark.parametrize("budget_s", [10.0, 37.0, 400.0])
@pytest.mark.parametrize("validated", [False, True])
def test_the_budget_is_kept(budget_s, validated):
    X, y = crossed(256)
    network = Ticking()
    validation = (np.repeat(X, 5, axis=0), np.repeat(y, 5)) if validated else None  # 2 s a look
    training = fit(
        network, X, y, validation=validation, epochs=1000, budget_s=budget_s, device="cpu",
        clock=lambda: network.now_s,
    )  # fmt: skip
    assert training.ended == "out of time"
    assert 0.9 * budget_s <= training.seconds <= 1.1 * budget_s
    assert training.seconds == network.now_s - 100
    assert training.epochs[-1].rate < 0.1 * 3e-3  # the cycle ended with the time


def test_with_time_enough_the_budget_changes_nothing():
    X, y = crossed(64)
    found = []
    for budget_s in (None, 1e6):
        network = MLP(2, 2)
        fit(network, X, y, epochs=3, budget_s=budget_s, device="cpu", clock=lambda: 0.0)
        found.append(weights(network))
    assert same(*found)


def test_at_least_one_step_is_made_however_little_time_there_is():
    X, y = crossed(64)
    training = fit(MLP(2, 2), X, y, budget_s=1e-9, device="cpu")
    assert (len(training.epochs), training.ended) == (1, "out of time")


def test_time_before_a_break_counts(tmp_path):
    X, y = crossed(256)  # 8 batches an epoch
    asked = {"epochs": 1000, "budget_s": 40.0, "device": "cpu", "checkpoint": tmp_path / "run"}
    first, second = Ticking(), Ticking()
    with pytest.raises(BreakOffError):
        fit(first, X, y, clock=lambda: first.now_s, progress=breaking_off_at(18 * 200), **asked)
    training = fit(second, X, y, clock=lambda: second.now_s, **asked)
    assert training.seconds == pytest.approx(40, abs=2)
    assert second.now_s - 100 < 40 - 8


def test_it_stops_once_it_gets_no_better_and_goes_back_to_the_best():
    random = np.random.default_rng(0)
    X = random.normal(size=(40, 20)).astype(np.float32)
    y = random.integers(0, 2, 40)  # nothing to learn: the validation loss soon rises
    validation = (random.normal(size=(40, 20)).astype(np.float32), random.integers(0, 2, 40))
    network = MLP(20, 2)
    training = fit(
        network, X, y, validation=validation, epochs=200, patience=4, rate=1e-2, device="cpu"
    )
    losses = [epoch.validation_loss for epoch in training.epochs]
    assert training.ended == "no longer better"
    assert training.best_epoch == 1 + int(np.argmin(losses))
    assert len(losses) == training.best_epoch + 4
    logits = predict(network, validation[0], device="cpu").astype(float)
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    assert -logs[np.arange(40), validation[1]].mean() == pytest.approx(min(losses), rel=1e-5)


def test_the_bar_hears_of_every_step_with_loss_and_measure():
    X, y = crossed(96)
    heard = []
    training = fit(
        MLP(2, 2), X, y, epochs=2, device="cpu", progress=lambda *told: heard.append(told)
    )
    assert [(done, total) for _, done, total, _ in heard] == [
        *((step, 6) for step in range(1, 7)), (6, 6),
    ]  # fmt: skip
    last = training.epochs[-1]
    assert heard[-1][3] == f"loss {last.loss:.3f}, accuracy {last.measure:.3f}"
    assert {stage for stage, *_ in heard} == {"training"}


def test_frozen_weights_stay():
    X, y = crossed(64)
    network = MLP(2, 2)
    network.layers[0].requires_grad_(False)
    before = weights(network)
    fit(network, X, y, epochs=2, device="cpu")
    moved = {name for name, part in weights(network).items() if not torch.equal(part, before[name])}
    assert moved == {name for name in before if not name.startswith("layers.0.")}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"X": np.zeros((0, 2))}, "0 samples and 6 targets"),
        ({"y": np.zeros(5, int)}, "6 samples and 5 targets"),
        ({"X": np.full((6, 2), math.nan)}, "sample 0 holds values that are not finite"),
        ({"y": np.full(6, math.inf)}, "finite numbers"),
        ({"y": np.array(list("aabbab"))}, "number the tags"),
        ({"X": [np.zeros((2, 0))] * 6}, "at least one step"),
        ({"X": [np.zeros((2, 3))] * 5 + [np.zeros((1, 3))]}, "series 5 has the shape"),
        ({"X": [np.full((2, 3), math.inf)] * 6}, "series 0 holds"),
        ({"epochs": 0}, "epochs is 0"),
        ({"rate": -1.0}, "rate is -1"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"budget_s": 0.0}, "budget_s is 0"),
        ({"patience": 3}, "patience needs validation"),
        ({"device": "abacus"}, "no device 'abacus'"),
        ({"device": "cuda:99"}, "no device 'cuda:99'"),
        ({"change": mixup()}, "one_hot"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(change, says):
    asked = {"X": np.ones((6, 2)), "y": np.array([0, 1, 0, 1, 0, 1]), "device": "cpu"} | change
    with pytest.raises(InputError, match=says):
        fit(MLP(2, 2), asked.pop("X"), asked.pop("y"), **asked)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"X": np.ones((6, 3))}, "does not take these samples, the first of which has the shape"),
        ({"y": np.array([0, 1, 2, 0, 1, 2])}, "tags are numbered 0 to 2, and the network has 2"),
        ({"y": np.array([0, 1, -1, 0, 1, 0])}, "wanted are numbers from 0 to 1"),
        ({"y": np.ones((6, 3)), "loss": binary_cross_entropy}, "targets have 3 columns"),
        ({"validation": (np.ones((2, 3)), np.array([0, 1]))}, "does not take these samples"),
        ({"validation": (np.ones((2, 2)), np.array([0, 2]))}, "tags are numbered 0 to 2"),
    ],
)
def test_what_does_not_fit_the_network_is_refused(change, says):
    asked = {"X": np.ones((6, 2)), "y": np.array([0, 1, 0, 1, 0, 1]), "device": "cpu"} | change
    with pytest.raises(InputError, match=says):
        fit(MLP(2, 2), asked.pop("X"), asked.pop("y"), **asked)


def test_a_loss_without_end_is_said_with_what_to_do():
    X, y = crossed(64)
    with pytest.raises(InputError, match="use a learning rate below 1e\\+30"):
        fit(MLP(2, 2), X, y, optimiser=sgd, rate=1e30, max_norm=None, device="cpu")
