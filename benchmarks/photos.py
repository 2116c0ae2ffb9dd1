"""The trash photos that the benchmarks share, and how they are dealt.

glass176.jpg and plastic152.jpg are one photo under two tags. handful leaves such a photo out and
says so; here it is left out for every peer too, which makes 298 photos: 49 of glass and of
plastic, 50 of the others.
"""

from __future__ import annotations

import os

import numpy as np

from handful.heads.pace import Pace
from handful.modalities.base import detect
from handful.progress import silent
from handful.splits import Split
from handful.verbs.gathering import Gathered, gather
from measure import BUILD, PHOTOS


def trash() -> Gathered:
    """The photos with handful's features and groups, looked at once and then remembered."""
    if not PHOTOS.is_dir():
        raise SystemExit(f"no photos in {PHOTOS}: this benchmark needs TrashNet's sample there")
    os.environ["HANDFUL_CACHE"] = str(BUILD / "cache")
    modality, found = detect(PHOTOS)
    return gather(
        modality,
        found,
        grouped=("",) * len(found.paths),
        kind="exclusive",
        group=None,
        budget_s=None,
        recipe="frozen",
        pace=Pace(),
        progress=silent,
    )


def deal(y: np.ndarray, *, per_tag: int, seed: int) -> Split:
    """`per_tag` random photos of each tag to learn from, and all that are left over."""
    random = np.random.default_rng(seed)
    dealt = [random.permutation(np.flatnonzero(y == tag)) for tag in range(y.max() + 1)]
    return Split(
        train=np.concatenate([tag[:per_tag] for tag in dealt]),
        test=np.concatenate([tag[per_tag:] for tag in dealt]),
    )
