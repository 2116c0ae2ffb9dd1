"""How far an exported file's answers are from the model's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from handful.errors import ExportMismatchError
from handful.formats.base import Bound
from handful.formats.kinds import Kind

Answers = Mapping[str, np.ndarray]  # to one sample, by output


@dataclass(frozen=True)
class Cost:
    """What an exported file's answers cost beside the model's.

    Attributes
    ----------
    n : int
        Samples that both answered.
    largest : float
        Largest difference in any probability; for numbers, in widths of their range.
    n_same : int
        Samples that both answered the same.
    n_same_known : int
        Samples that both called known, or both unknown.
    metric : str
        What `before` and `after` are: ``accuracy``, ``mae``; "" where no tags were given.
    before, after : float or None
        Of the model and of the file, on the same samples.
    """

    n: int
    largest: float
    n_same: int
    n_same_known: int
    metric: str = ""
    before: float | None = None
    after: float | None = None


def cost(
    kind: Kind,
    before: Sequence[Answers],
    after: Sequence[Answers],
    *,
    tags: Sequence[str],
    truths: Sequence[str] | None,
) -> Cost:
    """What the answers `after` cost beside those `before`.

    Parameters
    ----------
    kind : Kind
    before, after : sequence of mapping
        Answers of the model and of the file to the same samples.
    tags : sequence of str
        The model's.
    truths : sequence of str, optional
        What each sample is.
    """
    pairs = list(zip(before, after, strict=True))
    scale = kind.scale(before)
    differences = [float(np.abs(a[kind.output] - b[kind.output]).max()) for a, b in pairs]
    judged = None if truths is None else [kind.score(tags, truths, one) for one in (before, after)]
    return Cost(
        n=len(pairs),
        largest=max(differences) / scale,
        n_same=sum(kind.same(a, b) for a, b in pairs),
        n_same_known=sum(bool(a["known"][0] == b["known"][0]) for a, b in pairs),
        metric="" if judged is None else kind.metric,
        before=None if judged is None else judged[0],
        after=None if judged is None else judged[1],
    )


def check_cost(found: Cost, bound: Bound, what: str) -> None:
    """Refuse a file that is too far from the model.

    Raises
    ------
    ExportMismatchError
        It is; the message says how far.
    """
    if found.largest <= bound.largest and found.n_same >= bound.same * found.n:
        return
    why = f" ({bound.why})" if bound.why else ""
    raise ExportMismatchError(
        f"the exported file answers otherwise than the model: {found.n - found.n_same} of "
        f"{found.n} samples are answered differently (allowed: {1 - bound.same:.0%}), and the "
        f"largest difference is {found.largest:.4f} (allowed: {bound.largest:g}){why}. It was "
        f"deleted: {what}."
    )
