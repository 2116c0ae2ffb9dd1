"""What answering takes, in time: by a blend, and by the one of its members that would do alone."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from handful.errors import UnreadableError
from handful.learners import FittedLearner
from handful.loading import one_thread_each
from handful.modalities.base import Modality
from handful.verbs.gathering import Gathered

_TIMES = 3


def cost_ms(
    modality: Modality, gathered: Gathered, learner: FittedLearner
) -> dict[str, float] | None:
    """Milliseconds a sample, ``together`` and ``alone``; None where one answers alone.

    Decoding the sample is left out: both need it.
    """
    if learner.gain is None:
        return None
    try:
        sample = modality.read(gathered.files.paths[0], gathered.reading)
    except UnreadableError:  # it changed meanwhile: the check of the model file tells
        return None
    row = {name: X[:1] for name, X in gathered.features.items()}
    used = {member.candidate.encoder for member in learner.members}
    together, alone, looked = 0.0, 0.0, {}
    with one_thread_each():
        for encoder in gathered.encoders:
            if encoder.name in used:  # the sample was read for these alone
                looked[encoder.name] = _median_ms(encoder.transform, [sample])
        for member in learner.members:
            head = _median_ms(member.head.predict_proba, member.candidate.look(row))
            together += head
            if member.candidate == learner.alone:
                alone = head + looked[learner.alone.encoder]
    return {"together": together + sum(looked.values()), "alone": alone}


def _median_ms(work: Callable[..., object], *given: object) -> float:
    """Median of a few runs, after one that loads what it needs."""
    work(*given)
    times = []
    for _ in range(_TIMES):
        started = time.perf_counter()
        work(*given)
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)
