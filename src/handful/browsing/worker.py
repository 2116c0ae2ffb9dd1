"""A training in a process of its own, which can be ended at any moment: progress as JSON lines.

The samples, the model's folder and the rule of groups come as one JSON line on stdin. When stdin
ends, the studio is gone, and so is this process.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from typing import Any

_STDIN = 0
_EVERY_S = 0.1  # between two lines of one stage


def main() -> None:
    """Train, and say how it goes on stdout."""
    asked = json.loads(_line())
    threading.Thread(target=_end_with_the_studio, daemon=True).start()
    from handful.errors import HandfulError
    from handful.verbs.training import train

    try:
        result = train(asked["samples"], asked["to"], group=asked["group"], progress=_Lines())
    except HandfulError as error:
        _say({"error": str(error)})
        return
    _say({"result": {**result.to_json(), "report": None}})


def _line() -> bytes:
    """The first line of stdin, read from the descriptor.

    `sys.stdin` would be locked while a thread waits for it, and a process that is forked meanwhile
    would wait for that lock for ever.
    """
    line = b""
    while not line.endswith(b"\n") and (more := os.read(_STDIN, 1)):
        line += more
    return line


def _end_with_the_studio() -> None:
    while os.read(_STDIN, 1024):
        pass
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)  # with all that it began
    os._exit(1)


class _Lines:
    """Progress as JSON lines, at most ten a second of each stage."""

    def __init__(self) -> None:
        self._last: tuple[str, float] = ("", 0.0)
        self._lock = threading.Lock()

    def __call__(self, stage: str, done: int, total: int, note: str = "") -> None:
        now_s = time.monotonic()
        with self._lock:
            before, at_s = self._last
            if stage == before and done < total and now_s - at_s < _EVERY_S:
                return
            self._last = (stage, now_s)
            _say({"stage": stage, "done": done, "total": total, "note": note})


def _say(values: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
