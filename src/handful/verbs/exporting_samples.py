"""Samples on which an exported file is tried."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from handful.bundle import Bundle
from handful.errors import InputError, UnreadableError
from handful.formats.base import Inputs
from handful.modalities.base import by_name
from handful.progress import Progress
from handful.sources import open_known

_MOST = 300  # samples that are answered twice; more would only take longer


@dataclass(frozen=True)
class Tried:
    """Samples as the model takes them.

    Attributes
    ----------
    inputs : tuple of mapping
    truths : tuple of str, or None
        What each one is; None where the samples were made up.
    """

    inputs: tuple[Inputs, ...]
    truths: tuple[Any, ...] | None


def made_samples(bundle: Bundle) -> Tried:
    """A handful of samples that are made up."""
    modality = by_name(bundle.card["modality"])
    samples = modality.made(bundle.card["reading"])
    return Tried(tuple(modality.as_input(sample) for sample in samples), None)


def given_samples(bundle: Bundle, folder: Path, progress: Progress) -> Tried:
    """Tagged samples from a folder or a table; of many an even choice.

    Raises
    ------
    InputError
        None of them can be read.
    """
    modality = by_name(bundle.card["modality"])
    card = bundle.card
    found = open_known(folder, modality, card.get("columns", {}), None, card["kind"])
    paths, tags = found.files.paths, found.files.tags
    chosen = np.unique(np.linspace(0, len(paths) - 1, _MOST).round().astype(int)).tolist()
    inputs, truths = [], []
    for done, at in enumerate(chosen):
        progress("reading", done, len(chosen))
        try:
            sample = modality.read(paths[at], card["reading"])
        except UnreadableError:
            continue  # train and evaluate name them; here the others suffice
        inputs.append(modality.as_input(sample))
        truths.append(tags[at])
    progress("reading", len(chosen), len(chosen))
    if not inputs:
        raise InputError(f"none of the {len(paths)} {modality.nouns} in {folder} can be read.")
    return Tried(tuple(inputs), tuple(truths))
