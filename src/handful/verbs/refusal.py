"""None of these: learned while training, judged, and handed to the model file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handful.caring.unknowns import ALPHA, NEEDED, Unknowns, fit_unknowns
from handful.encoders.cache import FeatureCache, cache_folder
from handful.judging import Judgement, RefusalJudgement, judge_refusals
from handful.learners import FittedLearner
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
    modality: Modality, gathered: Gathered, judged: Judgement, learner: FittedLearner, seed: int
) -> Refusal:
    """Learn what the samples look like, and judge refusing by it."""
    used = {member.candidate.encoder for member in learner.members}
    encoder = next(encoder for encoder in gathered.encoders if encoder.name in used)
    X, y, groups = gathered.features[encoder.name], judged.y, judged.groups
    with one_thread_each():
        unknowns = fit_unknowns(X, y, groups=groups, n_tags=len(judged.tags), seed=seed)
    strangers = look_at_made(
        modality.strangers(), encoder, name="strangers-2", cache=FeatureCache(cache_folder())
    )
    refusals = judge_refusals(
        X,
        y,
        groups=groups,
        folds=judged.record.folds,
        unknowns=unknowns,
        strangers=strangers,
        seed=seed,
    )
    return Refusal(encoder.name, unknowns, refusals)
