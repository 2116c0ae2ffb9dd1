"""What training gives, whatever the tags are: the model's files, its card and its report."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.bundle import MODEL, PREDICTIONS, REPORT_HTML, REPORT_JSON
from handful.caring.warnings import about_budget, about_files, about_ignored, about_kinds
from handful.encoders.base import Encoder
from handful.encoders.own_encoder import OwnEncoder
from handful.encoders.whole import Whole
from handful.explaining.exhibits import exhibits
from handful.folders import TaggedFiles
from handful.learners import untried
from handful.modalities.base import Modality, other_kinds
from handful.model_file import check_model, features_tensor
from handful.progress import Progress
from handful.report import build
from handful.report.html import report_html
from handful.sources import Found
from handful.verbs.gathering import Gathered
from handful.verbs.reading import Readable
from handful.verbs.witnesses import witnesses

STEPS = 4  # of writing: the model, its check, the report, the folder
_COMPARED = 64  # samples for which whole networks answer in Python and in the file


@dataclass(frozen=True)
class Trained:
    """A judged model, not yet on disk.

    Attributes
    ----------
    files : dict of str to bytes
        Everything that goes into the folder, but for the card.
    card : dict
    report : dict
        The values of report.json.
    cost_ms : dict of str to float, or None
        What a blend takes for a sample, ``together`` and ``alone``: told, not stored, as it
        differs from run to run.
    """

    files: dict[str, bytes]
    card: dict[str, Any]
    report: dict[str, Any]
    cost_ms: dict[str, float] | None = None


@dataclass(frozen=True)
class Comparison:
    """How the exported file is compared with its learner.

    Attributes
    ----------
    answers : callable
        What the learner says, by encoder name to features.
    output : str
        Which of the file's outputs is to be the same.
    tolerance : float
    """

    answers: Callable[[Mapping[str, np.ndarray]], np.ndarray]
    output: str
    tolerance: float


def finished(
    source: Found,
    gathered: Gathered,
    card: dict[str, Any],
    report: dict[str, Any],
    *,
    write: Callable[[], bytes],
    compared: Comparison,
    predictions: bytes,
    progress: Progress,
) -> Trained:
    """Write and check the model file, and the report beside it."""
    progress("writing", 0, STEPS)
    content = write()
    progress("writing", 1, STEPS)
    with ThreadPoolExecutor(1) as beside:  # ONNX Runtime and the page want a core each
        checking = _check(beside, source.modality, gathered, content, compared)
        page = report_html(report, _exhibits(source.modality, gathered.files, report))
        progress("writing", 2, STEPS)
        checking.result()
    progress("writing", 3, STEPS)
    files = {
        MODEL: content,
        REPORT_HTML: page.encode(),
        REPORT_JSON: (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode(),
        PREDICTIONS: predictions,
    }
    return Trained(files, card, report)


def _check(
    beside: ThreadPoolExecutor,
    modality: Modality,
    gathered: Gathered,
    content: bytes,
    compared: Comparison,
) -> Future[float]:
    return beside.submit(
        check_model,
        content,
        compared.answers,
        gathered.features,
        output=compared.output,
        tolerance=compared.tolerance,
        witnesses=witnesses(modality, gathered),
        names=gathered.files.names,
        rows=_compared(gathered),
    )


def _compared(gathered: Gathered) -> np.ndarray | None:
    """Samples for which heads in Python and in the file answer; None: all, unless that is slow."""
    if not any(isinstance(encoder, Whole) for encoder in gathered.encoders):
        return None
    n = len(gathered.files.names)
    return np.linspace(0, n - 1, min(n, _COMPARED)).round().astype(int)


def _exhibits(modality: Modality, files: Readable, report: Mapping[str, Any]) -> Any:
    """Every sample that the report shows."""
    sources = dict(zip(files.names, files.paths, strict=True))
    return exhibits({name: sources[name] for name in build.pictured(report)}, modality.show)


def common_card(source: Found, gathered: Gathered, used: Collection[str]) -> dict[str, Any]:
    """What every card says; `used` are the names of the encoders that the model looks through."""
    encoders = [encoder for encoder in gathered.encoders if encoder.name in used]
    return {
        "modality": source.modality.name,
        "kind": source.kind,
        "columns": source.columns,
        "reading": gathered.reading,
        "n": len(gathered.samples),
        "data_sha256": gathered.data_sha256(),
        "runtimes": build.runtimes(encoders),
        "weights": _weights(encoders),
        **build.versions(),
    }


def provenance(gathered: Gathered, seed: int) -> dict[str, Any]:
    """Where the report's figures come from."""
    return {
        "seed": seed,
        **build.versions(),
        "runtimes": build.runtimes(gathered.encoders),
        "data_sha256": gathered.data_sha256(),
        "weights": _weights(gathered.encoders),
    }


def _weights(encoders: Collection[Encoder]) -> list[dict[str, str]]:
    return [card.to_json() for encoder in encoders for card in encoder.weight_cards()]


def about_samples(
    found: TaggedFiles, gathered: Gathered, modality: Modality, *, n_tags: int = 2
) -> list[str]:
    """Warnings that concern samples of every kind of tag; `n_tags` that exclude one another."""
    files = gathered.files
    return [
        *about_kinds(other_kinds(modality, found), modality.nouns),
        *about_files(files.two_tags, found.untagged, found.closed, modality.nouns),
        *about_ignored(found.ignored, modality.nouns),
        *modality.remarks(files.measures, files.tags, files.names),
        *untried(gathered.encoders, n_tags=n_tags),
        *about_own(gathered.encoders),
        *about_budget(gathered.pace.steps_taken),
    ]


def about_own(encoders: Collection[Encoder]) -> list[str]:
    """What a person should know of how the encoder that they brought is used."""
    own = [encoder.network for encoder in encoders if isinstance(encoder, OwnEncoder)]
    return [network.remark for network in own if network.remark]


def likeness(gathered: Gathered, used: Collection[str]) -> dict[str, Any]:
    """Where in the model file the features are in which alike samples are close."""
    encoder = next(encoder for encoder in gathered.encoders if encoder.name in used)
    columns = [encoder.likeness.start, encoder.likeness.stop]
    return {"tensor": features_tensor(encoder.name), "columns": columns}
