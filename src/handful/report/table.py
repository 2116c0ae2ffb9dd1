"""predictions.csv: every sample with what a model that had not seen it said of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from handful.judging import Judgement

COLUMNS = ("file", "tag", "predicted", "probability", "fold", "group", "sha256")


def predictions_csv(judged: Judgement, names: Sequence[str], contents: Sequence[str]) -> bytes:
    """The table as UTF-8: `COLUMNS`, then one probability a tag, ``p(tag)``."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*COLUMNS, *(f"p({tag})" for tag in judged.tags)])
    record = judged.record
    predicted = record.probabilities.argmax(axis=1)
    for i, (name, content) in enumerate(zip(names, contents, strict=True)):
        shares = [f"{p:.6f}" for p in record.probabilities[i]]
        tag, said = judged.tags[judged.y[i]], judged.tags[predicted[i]]
        place = (int(record.folds[i]), int(judged.groups[i]))
        rows.writerow([name, tag, said, shares[predicted[i]], *place, content, *shares])
    return text.getvalue().encode()


def contents_of(table: bytes) -> set[str]:
    """SHA-256 of every file in a table that `predictions_csv` wrote."""
    rows = csv.DictReader(io.StringIO(table.decode()))
    return {row["sha256"] for row in rows if row.get("sha256")}
