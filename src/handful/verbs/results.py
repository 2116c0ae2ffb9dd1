"""What train and evaluate give back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PUBLIC = (
    "modality", "kind", "tags", "n", "recipe", "metrics", "per_tag", "confusion", "asked",
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """A finished job.

    Attributes
    ----------
    report : dict
        All figures, as in report.json.
    seconds : float
        How long it took.
    model : Path
        The model's folder.
    page : Path or None
        The report as a page, where one was written.
    cost_ms : dict of str to float, or None
        Where several answer together: milliseconds a sample, ``together`` and ``alone`` (the one
        that would do alone), on this machine.
    """

    report: dict[str, Any]
    seconds: float
    model: Path
    page: Path | None
    cost_ms: dict[str, float] | None = None

    @property
    def metrics(self) -> dict[str, Any]:
        """By name: value, low, high, confidence, method."""
        return dict(self.report["metrics"])

    @property
    def warnings(self) -> list[str]:
        """Plain sentences, the files that could not be read among them."""
        bad = [f"{file['name']} {file['why']}" for file in self.report["unreadable"]]
        some = "1 sample" if len(bad) == 1 else f"{len(bad)} samples"
        was = "was" if len(bad) == 1 else "were"
        unread = f"{some} could not be read and {was} left out: {'; '.join(bad)}."
        return [*([unread] if bad else []), *self.report["warnings"]]

    def to_json(self) -> dict[str, Any]:
        """What the command prints with --json."""
        return {
            **{key: self.report[key] for key in _PUBLIC},
            "warnings": self.warnings,
            "seconds": round(self.seconds, 3),
            "cost_ms": self.cost_ms,
        }
