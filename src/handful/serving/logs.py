"""Logs as one JSON object a line: what happened, never what was in it or what it was called."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

NAME = "handful.serving"
_SERVER = "uvicorn.error"
_LIBRARIES = (_SERVER, "asyncio", "py.warnings")
_FIELDS = "fields"


class JsonLines(logging.Formatter):
    """A record as one line of JSON.

    Of an exception only its kind and where it came from are told: its words may hold pieces of
    the sample.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage() if record.name.startswith(NAME) else record.name,
            **getattr(record, _FIELDS, {}),
        }
        if record.name == _SERVER:  # its words are of connections, never of what came through them
            entry["reason"] = record.getMessage().strip()
        if record.exc_info and record.exc_info[0] is not None:
            entry["exception"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            entry["where"] = [f"{frame.filename}:{frame.lineno}" for frame in frames]
        return json.dumps(entry, ensure_ascii=False)


def start_logging() -> None:
    """Send this room's records and its libraries' warnings to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    ours = logging.getLogger(NAME)
    ours.setLevel(logging.INFO)
    logging.captureWarnings(True)
    for logger in (ours, *map(logging.getLogger, _LIBRARIES)):
        logger.handlers = [handler]
        logger.propagate = False
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


def tell(event: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log an event with its fields."""
    logging.getLogger(NAME).log(level, event, extra={_FIELDS: fields})
