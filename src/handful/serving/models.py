"""Models in memory: opened once, tried on a sample, exchanged whole when their folder changes."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handful.bundle import CARD, MODEL, REPORT_HTML, open_bundle
from handful.errors import BundleError, InputError, UnreadableError
from handful.serving.pace import Pace
from handful.serving.trying import a_sample
from handful.verbs.predicting import AnyPredictor, predictor_of

Signature = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Loaded:
    """One state of a model's folder, ready to answer.

    Attributes
    ----------
    name : str
    predictor : Predictor
    card : bytes
        As JSON.
    report : bytes or None
        The page, where the folder holds one.
    signature : tuple
        By which a change of the folder is seen.
    sample : bytes or None
        One that it can answer.
    answer : dict or None
        What it says of that.
    pace : Pace
    """

    name: str
    predictor: AnyPredictor
    card: bytes
    report: bytes | None
    signature: Signature
    sample: bytes | None
    answer: dict[str, Any] | None
    pace: Pace = field(default_factory=Pace)

    @property
    def version(self) -> str:
        """The beginning of the model file's hash."""
        return str(self.predictor.bundle.card["model_sha256"])[:12]


class Served:
    """A model by name; `now` is what answers, and is replaced in one step."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.now = load(name, folder)

    def refresh(self) -> bool:
        """Take up a changed folder; whether there was a change.

        Raises
        ------
        BundleError
            It changed, but what is there cannot be used (yet): the older state stays.
        """
        if signature(self.folder) == self.now.signature:
            return False
        self.now = load(self.name, self.folder)
        return True


def open_models(folders: Sequence[Path]) -> dict[str, Served]:
    """Models by name, the first one first.

    Raises
    ------
    InputError
        One cannot be opened, or two have the same name.
    """
    if not folders:
        raise InputError("no model was given: name at least one folder that `train` wrote.")
    served: dict[str, Served] = {}
    for folder in folders:
        name = folder.resolve().name
        if name in served:
            raise InputError(
                f"{folder} and {served[name].folder} have the same name, by which clients ask for "
                "them: rename one folder."
            )
        served[name] = Served(name, folder)
    return served


def signature(folder: Path) -> Signature:
    """What changes whenever another model is written there; () where there is none."""
    try:
        found = [(folder / name).stat() for name in (CARD, MODEL)]
    except OSError:
        return ()
    return tuple((file.st_ino, file.st_mtime_ns, file.st_size) for file in found)


def load(name: str, folder: Path) -> Loaded:
    """The model in a folder, after it answered one sample.

    Raises
    ------
    BundleError
        It cannot be used, or was replaced while it was being read.
    """
    before = signature(folder)
    bundle = open_bundle(folder)
    predictor = predictor_of(bundle)
    try:
        report = bundle.read(REPORT_HTML)
    except BundleError:
        report = None
    sample = a_sample(predictor.modality, bundle.card)
    card = json.dumps(bundle.card, ensure_ascii=False).encode()
    answer, pace = _tried(predictor, sample)
    if signature(folder) != before:
        raise BundleError(f"{folder} was replaced while it was being read.")
    return Loaded(name, predictor, card, report, before, sample, answer, pace)


def _tried(predictor: AnyPredictor, sample: bytes | None) -> tuple[dict[str, Any] | None, Pace]:
    """What it says of a sample, and how long it takes."""
    pace = Pace()
    if sample is None:
        return None, pace
    try:
        feed = predictor.input_of(sample)
        predictor.answers(["-"], [feed])  # the first call also sets things up
        start_s = time.perf_counter()
        (answer,) = predictor.answers(["-"], [feed])
    except UnreadableError:
        return None, pace
    pace.learn_one(time.perf_counter() - start_s, 1)
    return answer.to_json(), pace
