"""What lies in the model's folder, whoever trained it: how good it is, and what it got right."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handful.browsing.comparing import verdicts
from handful.errors import HandfulError

_KEYS = ("modality", "kind", "n", "tags", "metrics", "recipe", "warnings")


@dataclass(frozen=True)
class Made:
    """The outcome of a training.

    Attributes
    ----------
    mark : str
        Another for every other outcome; a threshold that is set later leaves it as it is.
    ended_s : float
        Since 1970.
    result : dict
        As `train` gives it, without what only `train` knows (how long it took).
    verdicts : dict
        Which samples were told right; empty where the tags are numbers or several.
    """

    mark: str
    ended_s: float
    result: dict[str, Any]
    verdicts: dict[str, Any]


def made(model: Path) -> Made | None:
    """What was trained last; None where there is no model that could be read."""
    from handful.bundle import PREDICTIONS, REPORT_JSON, open_bundle

    try:
        bundle = open_bundle(model)
        predictions, report = bundle.read(PREDICTIONS), json.loads(bundle.read(REPORT_JSON))
        ended_s = (model / PREDICTIONS).stat().st_mtime
    except (HandfulError, OSError, ValueError):
        return None
    mark = hashlib.sha256(predictions).hexdigest()
    return Made(mark, ended_s, {key: report.get(key) for key in _KEYS}, _told(predictions))


def _told(predictions: bytes) -> dict[str, Any]:
    try:
        return dict(verdicts(predictions))
    except HandfulError:
        return {}  # numbers and several tags have other tables: then nothing is compared
