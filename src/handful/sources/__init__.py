"""From a folder or a table to tagged samples of one kind."""

from __future__ import annotations

from handful.sources.found import EXCLUSIVE, NUMBER, Found, kind_of_tags
from handful.sources.opening import open_known, open_samples, rows_of

__all__ = [
    "EXCLUSIVE", "NUMBER", "Found", "kind_of_tags", "open_known", "open_samples", "rows_of",
]  # fmt: skip
