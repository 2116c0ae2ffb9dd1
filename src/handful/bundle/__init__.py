"""A model's folder on disk: written whole or not at all, opened with care."""

from __future__ import annotations

from handful.bundle.layout import CARD, MODEL, PREDICTIONS, REPORT_HTML, REPORT_JSON
from handful.bundle.reading import Bundle, open_bundle
from handful.bundle.targets import check_file, check_page, check_table, check_target
from handful.bundle.writing import write_bundle, write_file, write_page, write_table

__all__ = [
    "CARD", "MODEL", "PREDICTIONS", "REPORT_HTML", "REPORT_JSON", "Bundle", "check_file",
    "check_page", "check_table", "check_target", "open_bundle", "write_bundle", "write_file",
    "write_page", "write_table",
]  # fmt: skip
