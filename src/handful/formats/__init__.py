"""The files that a model is exported to, one format a file, and what each must keep of it."""

from __future__ import annotations

from handful.formats.base import Format, Runner
from handful.formats.choosing import format_of

__all__ = ["Format", "Runner", "format_of"]
