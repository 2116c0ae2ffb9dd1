"""predict: what a model says of files."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from handful.bundle import Bundle, open_bundle
from handful.errors import InputError, SamplesError, UnreadableError
from handful.printing import printable
from handful.rows import is_table
from handful.samples import Source
from handful.sources import EXCLUSIVE, NUMBER, ROWS, SEVERAL, rows_of
from handful.verbs.predicting_exclusive import Prediction, exclusive_predictor
from handful.verbs.predicting_numbers import ValuePrediction, value_predictor
from handful.verbs.predicting_several import SeveralPrediction, several_predictor
from handful.verbs.running import Predictor

AnyPrediction = Prediction | SeveralPrediction | ValuePrediction
AnyPredictor = Predictor[Prediction] | Predictor[SeveralPrediction] | Predictor[ValuePrediction]

_PREDICTORS: dict[str, Callable[[Bundle], AnyPredictor]] = {
    EXCLUSIVE: exclusive_predictor,
    SEVERAL: several_predictor,
    NUMBER: value_predictor,
}


def predictor_of(bundle: Bundle) -> AnyPredictor:
    """A model ready to answer; threads may share it."""
    return _PREDICTORS[bundle.card["kind"]](bundle)


def predict(model: str | Path, files: Sequence[str | Path] | str | Path) -> list[AnyPrediction]:
    """What a model says of files.

    Parameters
    ----------
    model : str or Path
        The folder that `train` wrote.
    files : sequence of str or Path
        ``-`` reads one sample from standard input, or a table of rows (CSV with a header, or
        JSON Lines) where the model learned from rows. Of a table every row is a sample, where
        the model learned from a table.

    Raises
    ------
    InputError
        The model cannot be opened, or files cannot be read: all of them in one message.
    """
    several = [files] if isinstance(files, str | Path) else list(files)
    if not several:
        raise InputError("no file was given: name at least one to predict.")
    bundle = open_bundle(Path(model))
    predictor = predictor_of(bundle)
    samples = [sample for file in several for sample in _samples(predictor, file)]
    answers: list[AnyPrediction] = []
    problems = []
    for name, source in samples:
        try:
            answers.append(predictor.predict(name, source))
        except UnreadableError as error:
            problems.append(f"{name} {_problem(source, error)}")
    if problems:
        lines = "".join(f"\n  {printable(problem)}" for problem in problems)
        what = predictor.modality.nouns if len(samples) > len(several) else "files"
        raise InputError(f"{len(problems)} of {len(samples)} {what} cannot be read:{lines}")
    return answers


def _problem(source: Source, error: UnreadableError) -> str:
    """What is wrong with a sample that was named in the call."""
    if source == b"":
        return "is empty: nothing came in on standard input"
    if isinstance(source, Path) and not os.path.lexists(source):
        return "is not there: is its name right?"
    return str(error)


def _samples(predictor: AnyPredictor, file: str | Path) -> list[tuple[str, Source]]:
    """Name and source of every sample in a file."""
    columns = predictor.bundle.card.get("columns")
    if str(file) == "-":
        return _from_stdin(sys.stdin.buffer.read(), predictor)
    path = Path(file)
    if columns and is_table(path) and not predictor.modality.accepts(path):
        return rows_of(path, predictor.modality, columns)
    return [(str(file), path)]


def _from_stdin(data: bytes, predictor: AnyPredictor) -> list[tuple[str, Source]]:
    """One sample, or for a model of rows every row of a table: CSV, TSV or JSON Lines."""
    if predictor.modality.name != ROWS or not data.strip() or _is_json(data):
        return [("-", data)]
    suffix = ".jsonl" if data.lstrip().startswith(b"{") else ".csv"
    columns = predictor.bundle.card.get("columns", {})
    path = Path(f"standard input{suffix}")
    try:
        rows = rows_of(path, predictor.modality, columns, data)
    except SamplesError as error:
        raise SamplesError(str(error).replace(path.name, path.stem)) from error
    return [(f"-:{name.partition(':')[2]}", source) for name, source in rows]


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
