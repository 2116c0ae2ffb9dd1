"""The command that opens a page in the browser: studio."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from handful.cli.options import AsJson
from handful.cli.output import print_text


def studio(
    folder: Annotated[
        Path,
        typer.Argument(readable=False, help="Samples, a sub-folder per tag; made if need be."),
    ] = Path("samples"),
    model: Annotated[Path, typer.Option(readable=False, help="Folder for the model.")] = Path(
        "model"
    ),
    host: Annotated[
        str,
        typer.Option(help="127.0.0.1: this machine alone. 0.0.0.0: others too, with a token."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes any free one.")] = 8100,
    request_mb: Annotated[float, typer.Option(help="Largest file, in MB.")] = 256.0,
    show: Annotated[bool, typer.Option(help="Open it in the browser.")] = True,
    as_json: AsJson = False,
) -> None:
    """Tag, train, judge, try and correct in the browser; Ctrl-C ends it."""
    from handful.browsing.command import studio as verb

    opened = verb(folder, model=model, host=host, port=port, request_mb=request_mb, show=show)
    print_text(json.dumps({"url": opened.url}) if as_json else opened.words())
    opened.run()
