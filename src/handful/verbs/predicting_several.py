"""What a model says of one sample that may have several tags, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handful.bundle import Bundle
from handful.model_file import ANSWER, KNOWN, OUTPUT
from handful.verbs.doubts import noted, unlike
from handful.verbs.running import Predictor, Row
from handful.widths import width


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
    note : str
        What it lacks though all that the model learned from had it; "" where it lacks nothing.
    """

    file: str
    tags: tuple[str, ...]
    probabilities: dict[str, float]
    known: bool
    widths: dict[str, tuple[float, float]]
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the command prints it with --json."""
        return {
            "file": self.file,
            "tags": list(self.tags),
            "probabilities": self.probabilities,
            "known": self.known,
            "widths": {tag: list(ends) for tag, ends in self.widths.items()},
            **noted(self.note),
        }

    def words(self) -> str:
        """As the command prints it for people."""
        from handful.report.words import percent

        given = [f"{tag} ({percent(self.probabilities[tag])} sure)" for tag in self.tags]
        said = ", ".join(given)
        if not given:
            likely = max(self.probabilities, key=lambda tag: self.probabilities[tag])
            said = f"none of its tags (likeliest: {likely}, {percent(self.probabilities[likely])})"
        return said if self.known else f"{said}; but {unlike(self.note)}"


def several_predictor(
    bundle: Bundle, *, with_features: bool = False
) -> Predictor[SeveralPrediction]:
    """A model of several tags a sample, ready to answer."""
    return Predictor(bundle, (OUTPUT, ANSWER, KNOWN), _said, with_features=with_features)


def _said(bundle: Bundle, name: str, row: Row, doubt: str) -> SeveralPrediction:
    shares, given, known = row
    by_tag = {tag: float(share) for tag, share in zip(bundle.tags, shares, strict=True)}
    tables = zip(bundle.tags, bundle.card["widths"], strict=True)
    return SeveralPrediction(
        file=name,
        tags=tuple(tag for tag, yes in zip(bundle.tags, given, strict=True) if yes),
        probabilities=by_tag,
        known=bool(known),
        widths={tag: width(table, by_tag[tag]) for tag, table in tables},
        note=doubt,
    )
