"""Heads that one would put on a last layer by hand: each learns from X, y and tags Z."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.linear_model import LogisticRegressionCV
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

EPOCHS, BATCH, UNITS, RATE = 50, 16, 100, 1e-3  # of Teachable Machine's image project


def nearest_mean(X, y, Z, *, seed):
    """The tag whose mean is least far."""
    return NearestCentroid().fit(X, y).predict(Z)


def logistic_cv(X, y, Z, *, seed):
    """scikit-learn's logistic regression, C chosen by accuracy in 5 folds, as it does unasked."""
    model = LogisticRegressionCV(
        max_iter=1000, scoring="accuracy", l1_ratios=(0.0,), use_legacy_attributes=False
    )
    return make_pipeline(StandardScaler(), model).fit(X, y).predict(Z)


def teachable_machine(X, y, Z, *, seed):
    """One hidden layer, learnt as Google's Teachable Machine does by default."""
    torch.manual_seed(seed)
    n_tags = int(y.max()) + 1
    net = nn.Sequential(nn.Linear(X.shape[1], UNITS), nn.ReLU(), nn.Linear(UNITS, n_tags))
    optimiser = torch.optim.Adam(net.parameters(), lr=RATE)
    values, tags = torch.from_numpy(X), torch.from_numpy(y)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(y)).split(BATCH):
            loss = nn.functional.cross_entropy(net(values[batch]), tags[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    with torch.inference_mode():
        return np.asarray(net(torch.from_numpy(Z)).argmax(1))
