"""None of these: learned while training, judged, and handed to the model file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.caring.unknowns import ALPHA, NEEDED, Unknowns, fit_unknowns
from handful.encoders.cache import FeatureCache, cache_folder
from handful.judging import RefusalJudgement, judge_refusals
from handful.loading import one_thread_each
from handful.looking import look_at_made
from handful.modalities.base import Modality
from handful.verbs.gathering import Gathered


@dataclass(frozen=True)
class Refusal:
    """What the model refuses by, and how well.

    Attributes
    ----------
    encoder : str
        Whose features are compared.
    unknowns : Unknowns
    judged : RefusalJudgement
    """

    encoder: str
    unknowns: Unknowns
    judged: RefusalJudgement

    def to_json(self) -> dict[str, Any]:
        """For the report."""
        return {
            "at_most": ALPHA,
            "able": len(self.unknowns.calibration) >= NEEDED,
            "needed": NEEDED,
            "false_refusals": self.judged.false_refusals.to_json(),
            "strangers": self.judged.strangers.to_json(),
        }


def learn_refusal(
    modality: Modality,
    gathered: Gathered,
    used: Collection[str],
    y: np.ndarray,
    folds: np.ndarray,
    seed: int,
) -> Refusal:
    """Learn what the samples look like, and judge refusing by it.

    Parameters
    ----------
    modality : Modality
    gathered : Gathered
    used : collection of str
        Names of the encoders that the model looks through; the first of them is compared.
    y, folds : ndarray of int, shape (n_samples,)
        Tags, in each of which samples are compared; zeros where tags do not part the samples.
    seed : int
    """
    encoder = next(encoder for encoder in gathered.encoders if encoder.name in used)
    X, groups = gathered.features[encoder.name], gathered.samples.groups
    with one_thread_each():
        unknowns = fit_unknowns(X, y, groups=groups, n_tags=int(y.max()) + 1, seed=seed)
    strangers = look_at_made(
        modality.strangers(), encoder, name="strangers-2", cache=FeatureCache(cache_folder())
    )
    refusals = judge_refusals(
        X, y, groups=groups, folds=folds, unknowns=unknowns, strangers=strangers, seed=seed
    )
    return Refusal(encoder.name, unknowns, refusals)
