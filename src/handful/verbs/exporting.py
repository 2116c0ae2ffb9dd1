"""export: a model as one file for somewhere else, checked before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from handful.bundle import Bundle, check_file, open_bundle, write_file
from handful.errors import InputError, TargetError
from handful.formats import Format, Runner, format_of
from handful.formats.base import Inputs
from handful.formats.comparing import check_cost, cost
from handful.formats.kinds import KINDS
from handful.formats.onnx_file import onnx_runner
from handful.progress import Progress, silent
from handful.verbs.exported import Exported
from handful.verbs.exporting_samples import Tried, given_samples, made_samples
from handful.verbs.predicting import predictor_of

_FEWEST = 20  # samples by which 8-bit integers can be judged


def export(
    model: str | Path,
    to: str | Path = "model.onnx",
    *,
    samples: str | Path | None = None,
    progress: Progress = silent,
) -> Exported:
    """Write a model as one file; its name says which format.

    The file is run on samples and compared with the model before it is put in place: what
    answers otherwise is not written.

    Parameters
    ----------
    model : str or Path
        The folder that `train` wrote.
    to : str or Path
        Ends in ``.onnx``, ``.fp16.onnx``, ``.int8.onnx``, ``.pt`` or ``.zip`` (a web page).
    samples : str or Path, optional
        Tagged samples to try it on, best those that it learned from: a folder or a table.
        Without it a few are made up. ``.int8.onnx`` needs them.
    progress : Progress

    Raises
    ------
    InputError
        The model cannot be opened, the name ends in no format, or this model has nothing that
        the format is for.
    ExportMismatchError
        The file answers otherwise than the model; nothing was written.
    MissingExtraError
        The format takes a package that is not installed.
    """
    target, wanted = Path(to), format_of(Path(to))
    bundle = open_bundle(Path(model))
    predictor_of(bundle)  # looks whether card and file belong together
    _check_place(target, wanted, bundle)
    kind = KINDS.get(bundle.card["kind"])
    if kind is None:
        raise InputError(f"models of the kind {bundle.card['kind']!r} cannot be exported yet.")
    tried = _tried(bundle, wanted, samples, progress)
    content = bundle.read_model()
    progress("writing", 0, 1)
    written = wanted.write(content, bundle.card, tried.inputs)
    progress("writing", 1, 1)
    before = _answers(onnx_runner(content), tried.inputs, "asking the model", progress)
    after = _answers(wanted.open(written), tried.inputs, "asking the file", progress)
    found = cost(kind, before, after, tags=bundle.tags, truths=tried.truths)
    check_cost(found, wanted.bound, f"nothing was written to {target}")
    write_file(target, written)
    return Exported(
        target, wanted.words, len(written), len(content), found, made=tried.truths is None
    )


def _check_place(target: Path, wanted: Format, bundle: Bundle) -> None:
    check_file(target, wanted.start, f"a {wanted.suffix} file", "--to")
    if target.resolve().parent == bundle.folder.resolve():
        raise TargetError(
            f"{target} lies in the model's own folder, which holds nothing else. Choose another "
            "place with --to."
        )


def _tried(bundle: Bundle, wanted: Format, samples: str | Path | None, progress: Progress) -> Tried:
    if samples is not None:
        tried = given_samples(bundle, Path(samples), progress)
    elif wanted.calibrated:
        raise InputError(
            f"{wanted.suffix} takes real samples, to fit its integers to them and to see what "
            "they cost: --samples FOLDER, best the one that the model learned from."
        )
    else:
        return made_samples(bundle)
    if wanted.calibrated and len(tried.inputs) < _FEWEST:
        raise InputError(
            f"{len(tried.inputs)} samples are too few to judge {wanted.suffix} by: give at least "
            f"{_FEWEST} with --samples."
        )
    return tried


def _answers(
    run: Runner, inputs: Sequence[Inputs], stage: str, progress: Progress
) -> list[dict[str, np.ndarray]]:
    found = []
    for done, one in enumerate(inputs):
        progress(stage, done, len(inputs))
        found.append(run(one))
    progress(stage, len(inputs), len(inputs))
    return found
