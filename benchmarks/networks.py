"""Whether networks keep the time they are given, and what they learn from many samples.

    python benchmarks/networks.py

1. Each network trains on made samples, far more epochs than there is time for, with budgets of 2
   and 10 s by the real clock, with validation. Aim: within 10 % of the budget.
2. 5,000 digits, made from scikit-learn's 8 x 8 ones by shifting each on a 12 x 12 field; training
   and test digits are different ones (5 splits). Beside logistic regression on the same pixels.

Writes build/benchmarks/networks.json.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from handful.networks import CNN, MLP, RNN, Transformer
from handful.training import accuracy, fit, predict
from measure import table, write

BUDGETS_S = (2.0, 10.0)
FIELD_PX, MADE = 12, 5000


def main() -> None:
    kept = [budget(name, make, X, s) for name, (make, X) in samples().items() for s in BUDGETS_S]
    table(kept)
    learnt = [digits(seed) for seed in range(5)]
    table(learnt)
    write("networks", {"question": __doc__.splitlines()[0], "budgets": kept, "digits": learnt})


def samples():
    """Each network with samples that keep it busy."""
    random = np.random.default_rng(0)
    series = [random.normal(size=(6, n)).astype(np.float32) for n in random.integers(20, 200, 400)]
    return {
        "MLP": (lambda: MLP(200, 2), random.normal(size=(2000, 200)).astype(np.float32)),
        "CNN": (lambda: CNN(3, 2), random.normal(size=(400, 3, 32, 32)).astype(np.float32)),
        "GRU": (lambda: RNN(6, 2), series),
        "Transformer": (lambda: Transformer(6, 2), series),
    }


def budget(name, make, X, budget_s):
    y = np.arange(len(X)) % 2
    cut = len(X) * 4 // 5
    training = fit(
        make(), X[:cut], y[:cut], validation=(X[cut:], y[cut:]), epochs=10**6, device="cpu",
        budget_s=budget_s,
    )  # fmt: skip
    share = training.seconds / budget_s
    return {
        "network": name, "budget s": budget_s, "took s": round(training.seconds, 2),
        "share": round(share, 3), "aim": "reached" if abs(share - 1) <= 0.1 else "MISSED",
        "epochs": len(training.epochs),
    }  # fmt: skip


def digits(seed):
    X, y = load_digits(return_X_y=True)
    parts = train_test_split(X, y, test_size=500, stratify=y, random_state=seed)
    (train, tags), (test, truth) = (
        shifted(parts[at], parts[at + 2], n, seed + at) for at, n in ((0, MADE), (1, 2000))
    )
    linear = LogisticRegression(max_iter=300).fit(train.reshape(MADE, -1), tags)
    flat, flat_test = train.reshape(MADE, -1), test.reshape(len(test), -1)
    row = {"split": seed, "logistic %": 100 * linear.score(flat_test, truth)}
    for name, network, known, new in (
        ("MLP", MLP(FIELD_PX**2, 10, seed=seed), flat, flat_test),
        ("CNN", CNN(1, 10, widths=(16, 32, 64), seed=seed), train, test),
    ):
        training = fit(network, known, tags, epochs=10, seed=seed, device="cpu")
        row[f"{name} %"] = 100 * accuracy(predict(network, new, device="cpu"), truth)
        row[f"{name} s"] = training.seconds
    return {name: round(value, 1) for name, value in row.items()}


def shifted(digits, tags, n, seed):
    """That many digits, each anywhere on the field, float32 (n, 1, 12, 12), and their tags."""
    random = np.random.default_rng(seed)
    found = np.zeros((n, 1, FIELD_PX, FIELD_PX), np.float32)
    rows = np.arange(n) % len(digits)
    for picture, row in zip(found, rows, strict=True):
        top, left = random.integers(0, FIELD_PX - 7, 2)
        picture[0, top : top + 8, left : left + 8] = digits[row].reshape(8, 8) / 16
    return found, tags[rows]


if __name__ == "__main__":
    main()
