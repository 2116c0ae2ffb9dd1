"""The recurrent network against its equations written out in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sequences import series, stirred

from handful.networks import RNN


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru(x, w, u, b, c):
    """Cho et al. 2014 with the reset after the product, as cuDNN has it; states (steps, hidden)."""
    h, states = np.zeros(u.shape[1]), []
    for step in x.T:
        (wr, wz, wn), (ur, uz, un) = np.split(w @ step + b, 3), np.split(u @ h + c, 3)
        r, z = sigmoid(wr + ur), sigmoid(wz + uz)
        h = (1 - z) * np.tanh(wn + r * un) + z * h
        states.append(h)
    return np.array(states)


def lstm(x, w, u, b, c):
    """Hochreiter and Schmidhuber 1997 with forget gates; states (steps, hidden)."""
    h, cell, states = np.zeros(u.shape[1]), np.zeros(u.shape[1]), []
    for step in x.T:
        i, f, g, o = np.split(w @ step + b + u @ h + c, 4)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(cell)
        states.append(h)
    return np.array(states)


@pytest.mark.parametrize(("kind", "equations"), [("gru", gru), ("lstm", lstm)])
def test_it_is_its_equations_in_both_directions(kind, equations):
    network = stirred(RNN(3, 4, hidden=5, cell=kind))
    (x,) = series([11])
    weights = {name: part.detach().numpy() for name, part in network.cells.named_parameters()}

    def direction(x, end):
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return equations(x, *(weights[f"{name}_l0{end}"] for name in names))

    forwards, backwards = direction(x, ""), direction(x[:, ::-1], "_reverse")
    both = np.hstack([forwards, backwards[::-1]])
    features = np.concatenate([forwards[-1], backwards[-1], both.mean(axis=0)])
    expected = network.last.weight.detach().numpy() @ features + network.last.bias.detach().numpy()
    np.testing.assert_allclose(network(torch.from_numpy(x)[None]).detach()[0], expected, atol=1e-5)


def test_it_starts_with_orthogonal_memory_and_an_lstm_that_forgets_little():
    network = RNN(3, 4, hidden=6, cell="lstm")
    for gate in torch.split(network.cells.weight_hh_l0.detach(), 6):
        np.testing.assert_allclose(gate @ gate.T, np.eye(6), atol=1e-5)
    gates = torch.split(network.cells.bias_ih_l0.detach(), 6)
    assert [gate.unique().tolist() for gate in gates] == [[0], [1], [0], [0]]
