"""From a folder or a table to tagged samples of one kind."""

from __future__ import annotations

from handful.samples import BETWEEN
from handful.sources.found import (
    EXCLUSIVE,
    KINDS,
    NUMBER,
    SEVERAL,
    Found,
    kind_of_tags,
    tags_of,
)
from handful.sources.opening import open_known, open_samples, rows_of
from handful.sources.tables import ROWS
from handful.sources.written import Columns, columns_of

__all__ = [
    "BETWEEN", "EXCLUSIVE", "KINDS", "NUMBER", "ROWS", "SEVERAL", "Columns", "Found",
    "columns_of", "kind_of_tags", "open_known", "open_samples", "rows_of", "tags_of",
]  # fmt: skip
