"""What answering takes is measured on the networks that the model has kept."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from handful.verbs.costs import cost_ms


class Encoder:
    def __init__(self, name):
        self.name = name

    def transform(self, batch):
        return np.array([sample[self.name] for sample in batch])


class Member:
    """One of a blend, on the features of one encoder."""

    def __init__(self, encoder):
        self.candidate = SimpleNamespace(encoder=encoder, look=lambda row: (row[encoder],))
        self.head = SimpleNamespace(predict_proba=lambda X: X)


def test_an_encoder_that_nobody_kept_is_not_asked():
    """A sample is read for the kept ones alone: nothing in it is for the others."""
    members = (Member("meaning"), Member("meaning"))
    learner = SimpleNamespace(gain=object(), members=members, alone=members[0].candidate)
    gathered = SimpleNamespace(
        files=SimpleNamespace(paths=[Path("a.txt")]),
        reading={"by_encoder": {"meaning": {}}},
        features={name: np.ones((3, 2)) for name in ("meaning", "letters")},
        encoders=(Encoder("meaning"), Encoder("letters")),
    )
    modality = SimpleNamespace(
        read=lambda path, reading: {name: np.ones(2) for name in reading["by_encoder"]}
    )
    taken = cost_ms(modality, gathered, learner)
    assert taken["together"] > 0
    assert taken["alone"] > 0
