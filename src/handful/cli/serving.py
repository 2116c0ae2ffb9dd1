"""The command that answers over HTTP: serve."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from handful.cli.options import AsJson
from handful.cli.output import print_text


def serve(
    models: Annotated[
        list[Path],
        typer.Argument(readable=False, help="Models' folders; the first answers at /predict."),
    ],
    host: Annotated[
        str, typer.Option(help="127.0.0.1: this machine alone may ask. 0.0.0.0: others too.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes any free one.")] = 8000,
    api_key_file: Annotated[
        Path | None,
        typer.Option(readable=False, help="A file of keys, one a line: requests must bring one."),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN", help="Web pages from there may ask, like https://example.org."
        ),
    ] = None,
    request_mb: Annotated[float, typer.Option(help="Largest request, in MB.")] = 32.0,
    megapixels: Annotated[float, typer.Option(help="Largest photo.")] = 64.0,
    sound_s: Annotated[float, typer.Option(help="Longest sound, in seconds.")] = 600.0,
    timeout_s: Annotated[
        float, typer.Option(help="Seconds for a request to arrive, and again to be answered.")
    ] = 30.0,
    waiting: Annotated[
        int, typer.Option(help="Samples that may wait; who comes later is told to come again.")
    ] = 256,
    threads: Annotated[
        int | None, typer.Option(help="Samples answered side by side; one a core otherwise.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Answer over HTTP what predict would answer; Ctrl-C ends it in good order."""
    from handful.serving.command import serve as verb

    server = verb(
        models, host=host, port=port, api_key_file=api_key_file, allow_origin=allow_origin,
        request_mb=request_mb, megapixels=megapixels, sound_s=sound_s, timeout_s=timeout_s,
        waiting=waiting, threads=threads,
    )  # fmt: skip
    if as_json:
        print_text(json.dumps({"url": server.url, "models": list(server.models)}))
    else:
        print_text(server.words())
    server.run()
