"""A few samples, read once more, for which the whole exported file answers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from handful.errors import InputError, UnreadableError
from handful.modalities.base import Modality
from handful.model_file import Witness
from handful.samples import Source
from handful.verbs.gathering import Gathered

_WITNESSES = 4


def witnesses(modality: Modality, gathered: Gathered) -> list[Witness]:
    """Samples spread over the set, with features as exact as the exported graph's.

    A file that was changed or removed since it was learnt from is passed over for its neighbour.

    Raises
    ------
    InputError
        Not a single file is what it was.
    """
    n = len(gathered.files.paths)
    chosen = np.unique(np.linspace(0, n - 1, _WITNESSES).round().astype(int)).tolist()
    found: dict[int, Witness] = {}
    for start in chosen:
        for index in [i for i in _from(start, n) if i not in found]:
            sample = _read_again(modality, gathered, index)
            if sample is not None:
                found[index] = _witness(modality, gathered, index, sample)
                break
    if not found:
        raise InputError(
            "Not a single one of the files is there as it was learnt from: they were changed or "
            "removed meanwhile. Nothing was written; run it again."
        )
    return list(found.values())


def _from(start: int, n: int) -> Iterator[int]:
    yield from range(start, n)
    yield from range(start - 1, -1, -1)


def _read_again(modality: Modality, gathered: Gathered, index: int) -> Any | None:
    source = gathered.files.paths[index]
    try:
        if _content(source) != gathered.files.contents[index]:
            return None
        return modality.read(source, gathered.reading)
    except (UnreadableError, OSError):
        return None


def _content(source: Source) -> str:
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _witness(modality: Modality, gathered: Gathered, index: int, sample: Any) -> Witness:
    features = {
        encoder.name: gathered.features[encoder.name][index : index + 1]
        if encoder.exact() is encoder
        else encoder.exact().transform([sample])
        for encoder in gathered.encoders
    }
    return Witness(index, modality.as_input(sample), features)
