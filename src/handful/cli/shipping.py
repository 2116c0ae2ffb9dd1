"""The command that takes a model elsewhere: export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from handful.cli.options import AsJson, Model
from handful.cli.output import print_text, progress_bars


def export(
    model: Model,
    to: Annotated[
        Path,
        typer.Option(
            readable=False,
            help="File to write: .onnx, .fp16.onnx, .int8.onnx, .pt, or .zip for a web page.",
        ),
    ] = Path("model.onnx"),
    samples: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="Tagged samples to try it on, best those it learned from; .int8.onnx needs them.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the model as one file for somewhere else, checked before it is written."""
    from handful.verbs.exporting import export as verb

    with progress_bars() as progress:
        result = verb(model, to, samples=samples, progress=progress)
    print_text(json.dumps(result.to_json()) if as_json else result.sentences())
