"""The command that chooses how a model answers: threshold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from handful.cli.options import AsJson, Model
from handful.cli.output import print_text
from handful.printing import printable

Number = float | None


def threshold(
    model: Model,
    positive: Annotated[str | None, typer.Option(help="The tag you look for.")] = None,
    miss_costs: Annotated[Number, typer.Option(help="What missing one costs.")] = None,
    alarm_costs: Annotated[Number, typer.Option(help="What a false alarm costs.")] = None,
    recall: Annotated[Number, typer.Option(help="Find at least this share, like 0.95.")] = None,
    confidence: Annotated[
        Number, typer.Option(help="How sure --recall must be; 0.9 if you say nothing.")
    ] = None,
    specificity: Annotated[
        Number, typer.Option(help="Leave alone at least this share of the others, like 0.99.")
    ] = None,
    prevalence: Annotated[
        Number, typer.Option(help="Share of positives where the model is used, like 0.01.")
    ] = None,
    costs: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="CSV: what each answer costs for each actual tag; column ask: a person.",
        ),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(
            readable=False, help="Table from evaluate --save: guarantees, not only checks."
        ),
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Go back to answering the most probable tag.")
    ] = False,
    set: Annotated[bool, typer.Option("--set", help="Make the model answer by it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Choose how the model answers, from the mistake you fear."""
    from handful.verbs.thresholding import threshold as verb

    choice = verb(
        model, positive=positive, miss_costs=miss_costs, alarm_costs=alarm_costs, recall=recall,
        confidence=confidence, specificity=specificity, prevalence=prevalence, costs=costs,
        scores=scores, reset=reset, set=set,
    )  # fmt: skip
    if as_json:
        print_text(json.dumps(choice.to_json()))
        return
    stored = "\nThe model answers by it from now on." if set else ""
    print_text(printable(choice.sentence) + stored)
