"""All commands."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from handful.cli.browsing import studio
from handful.cli.choosing import threshold
from handful.cli.detecting import count, listen
from handful.cli.learning import evaluate, predict, train
from handful.cli.output import print_text
from handful.cli.serving import serve
from handful.cli.shipping import export

app = typer.Typer(
    name="handful",
    help="From a handful of tagged samples to a model you can trust.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (train, evaluate, predict, threshold, export, serve, studio, listen, count):
    app.command()(command)


@app.callback(invoke_without_command=True)
def about(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """From a handful of tagged samples to a model you can trust."""
    if version:
        import handful

        print_text(handful.__version__)
        raise typer.Exit


def run() -> None:
    """Run the command that was called."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    app()
