"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# Typer's own check of a path (readable) says less than the verbs do: it is switched off.
Samples = Annotated[
    Path,
    typer.Argument(
        readable=False, help="Folder with one sub-folder of samples per tag, or a table."
    ),
]
Model = Annotated[Path, typer.Argument(readable=False, help="The model's folder.")]
Tag = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN",
        help="Of a table: the column that holds the tags. Given several times: a column of 0 and "
        "1 for each tag.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Seed = Annotated[int, typer.Option(help="Same seed, same samples, same installation: same model.")]


def one_or_several(tag: list[str] | None) -> str | list[str] | None:
    """What --tag says: a column, several, or nothing."""
    return tag[0] if tag and len(tag) == 1 else tag or None
