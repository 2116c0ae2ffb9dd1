"""Turns a judgement's plain values into what people read: a page and a terminal summary."""

from __future__ import annotations

from handful.report.html import report_html
from handful.report.text import report_text

__all__ = ["report_html", "report_text"]
