"""What a model says of one sample that may have several tags, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.bundle import Bundle
from handful.model_file import ANSWER, KNOWN, OUTPUT
from handful.samples import Source
from handful.verbs.running import ModelFile, Seen
from handful.widths import width

_OUTPUTS = (OUTPUT, ANSWER, KNOWN)


@dataclass(frozen=True)
class SeveralPrediction:
    """What a model of several tags says of one sample.

    Attributes
    ----------
    file : str
    tags : tuple of str
        Those whose probability reaches their threshold; there may be none.
    probabilities : dict of str to float
        By tag; they need not sum to 1.
    known : bool
        False where the sample is unlike everything the model learned from: then believe none
        of it.
    widths : dict of str to tuple of float
        By tag, where its probability can honestly lie: how often samples that scored like this
        one had the tag when the model was judged (Venn-Abers).
    """

    file: str
    tags: tuple[str, ...]
    probabilities: dict[str, float]
    known: bool
    widths: dict[str, tuple[float, float]]

    def to_json(self) -> dict[str, Any]:
        """As the command prints it with --json."""
        return {
            "file": self.file,
            "tags": list(self.tags),
            "probabilities": self.probabilities,
            "known": self.known,
            "widths": {tag: list(ends) for tag, ends in self.widths.items()},
        }

    def words(self) -> str:
        """As the command prints it for people."""
        from handful.report.words import percent

        given = [f"{tag} ({percent(self.probabilities[tag])} sure)" for tag in self.tags]
        said = ", ".join(given)
        if not given:
            likely = max(self.probabilities, key=lambda tag: self.probabilities[tag])
            said = f"none of its tags (likeliest: {likely}, {percent(self.probabilities[likely])})"
        return said if self.known else f"{said}; but unlike anything it learned from"


@dataclass(frozen=True)
class SeveralAnswer:
    """Everything that a model file says of one sample, and what shows whether it is a copy.

    Attributes
    ----------
    probabilities : ndarray of float32, shape (n_tags,)
    given : ndarray of bool, shape (n_tags,)
    known : bool
    seen : Seen
    """

    probabilities: np.ndarray
    given: np.ndarray
    known: bool
    seen: Seen


class SeveralPredictor:
    """A model of several tags a sample, ready to answer; threads may share it.

    Parameters
    ----------
    bundle : Bundle
    with_features : bool
        Also answer with features (`answer`).
    """

    def __init__(self, bundle: Bundle, *, with_features: bool = False) -> None:
        self.bundle = bundle
        self._file = ModelFile(bundle, with_features=with_features)
        self.modality = self._file.modality

    def predict(self, name: str, source: Source) -> SeveralPrediction:
        """What the model says of one sample.

        Raises
        ------
        UnreadableError
            It is not a sample of the model's kind.
        """
        return self.answers([name], [self.input_of(source)])[0]

    def input_of(self, source: Source) -> dict[str, np.ndarray]:
        """A sample as the model file takes it: a batch of one, by input.

        Raises
        ------
        UnreadableError
            It is not a sample of the model's kind.
        """
        return self._file.input_of(source)

    def answers(
        self, names: Sequence[str], inputs: Sequence[Mapping[str, np.ndarray]]
    ) -> list[SeveralPrediction]:
        """What the model says of samples whose `inputs` have the same shapes, in one run."""
        rows = zip(*self._file.run(_OUTPUTS, inputs), strict=True)
        return [
            self._said(name, shares, given, bool(known))
            for name, (shares, given, known) in zip(names, rows, strict=True)
        ]

    def _said(
        self, name: str, shares: np.ndarray, given: np.ndarray, known: bool
    ) -> SeveralPrediction:
        tags = self.bundle.tags
        tables = zip(tags, self.bundle.card["widths"], strict=True)
        by_tag = {tag: float(share) for tag, share in zip(tags, shares, strict=True)}
        return SeveralPrediction(
            file=name,
            tags=tuple(tag for tag, yes in zip(tags, given, strict=True) if yes),
            probabilities=by_tag,
            known=known,
            widths={tag: width(table, by_tag[tag]) for tag, table in tables},
        )

    def answer(self, source: Source) -> SeveralAnswer:
        """Everything that can be said of one file.

        Raises
        ------
        UnreadableError
            It is not a sample of the model's kind.
        """
        seen = self._file.look(source, _OUTPUTS)
        probabilities, given, known = seen.outputs
        return SeveralAnswer(probabilities[0], given[0], bool(known[0]), seen)
