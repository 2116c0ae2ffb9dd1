"""What export gives back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handful.formats.comparing import Cost


@dataclass(frozen=True)
class Exported:
    """An exported file, checked against its model.

    Attributes
    ----------
    file : Path
    words : str
        What kind of file it is.
    size_b : int
    model_size_b : int
        Of the model's own file.
    cost : Cost
        How far its answers are from the model's, and on which samples that was seen.
    made : bool
        Whether those samples were made up, because none were given.
    """

    file: Path
    words: str
    size_b: int
    model_size_b: int
    cost: Cost
    made: bool

    def to_json(self) -> dict[str, Any]:
        """As the command prints it with --json."""
        cost = self.cost
        return {
            "file": str(self.file),
            "bytes": self.size_b,
            "model_bytes": self.model_size_b,
            "checked_on": cost.n,
            "made_samples": self.made,
            "same_answers": cost.n_same,
            "same_known": cost.n_same_known,
            "largest_difference": cost.largest,
            "metric": cost.metric or None,
            "before": cost.before,
            "after": cost.after,
        }

    def sentences(self) -> str:
        """As the command prints it for people."""
        cost = self.cost
        samples = "made-up samples" if self.made else "samples"
        lines = [
            f"{self.file}: {_size(self.size_b)} (the model: {_size(self.model_size_b)}).",
            f"Tried on {cost.n} {samples}: {cost.n_same} answered as by the model, largest "
            f"difference {_difference(cost.largest)}.",
        ]
        if cost.n_same_known < cost.n:
            lines.append(
                f"Whether a sample is unlike everything learned from: {cost.n_same_known} of "
                f"{cost.n} the same."
            )
        if cost.before is not None and cost.after is not None:
            lines.append(self._judged(cost.before, cost.after))
        return "\n".join(lines)

    def _judged(self, before: float, after: float) -> str:
        if self.cost.metric == "accuracy":
            told = f"Right on them: {before:.1%} before, {after:.1%} after"
        else:
            told = f"Off by, on average: {before:.4g} before, {after:.4g} after"
        return f"{told} (if the model learned from them, only the change means something)."


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.0f} kB"


def _difference(value: float) -> str:
    return "0" if value == 0 else f"{value:.1g}" if value < 0.01 else f"{value:.3f}"
