"""What a model's folder holds."""

from __future__ import annotations

FORMAT = 1
MODEL, CARD, REPORT_HTML, REPORT_JSON, PREDICTIONS = (
    "model.onnx", "card.json", "report.html", "report.json", "predictions.csv",
)  # fmt: skip
FILES = frozenset((MODEL, CARD, REPORT_HTML, REPORT_JSON, PREDICTIONS))
