"""A process of its own and all that it begins: what it says line by line, and its certain end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import Any

_KILL: int = getattr(signal, "SIGKILL", signal.SIGTERM)
_ENDING_S = 2.0  # for a process that was asked to end, and for its last words


class Child:
    """A module of this program in a process group of its own.

    Parameters
    ----------
    module : str
    asked : dict
        Goes to its stdin, as a JSON line; stdin stays open as long as this process lives.
    heard : callable
        Called with each JSON line that it says, in a thread of its own.
    """

    def __init__(
        self, module: str, asked: dict[str, Any], heard: Callable[[dict[str, Any]], None]
    ) -> None:
        self._heard = heard
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed in `wait`)
        self._process = subprocess.Popen(
            [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, text=True, encoding="utf-8", errors="replace",
            start_new_session=True,  # where there are such
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, name="child", daemon=True)
        self._reader.start()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):  # it ended at once: `wait` says so
                self._process.stdin.write(json.dumps(asked) + "\n")
                self._process.stdin.flush()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            with contextlib.suppress(json.JSONDecodeError):  # what others print
                self._heard(json.loads(line))

    def wait(self) -> str:
        """Wait until it has ended; how, in words.

        What it began and left behind ends too: such processes hold its pipes open.
        """
        code = self._process.wait()
        self._signal(_KILL)
        self._reader.join(_ENDING_S)
        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        with self._errors as errors:
            errors.seek(0)
            trouble = errors.read().decode("utf-8", "replace").strip().splitlines()
        return f"it ended with {code}: {' '.join(trouble[-1:])}"

    def end(self) -> None:
        """End it and all that it began: asked first, then at once."""
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            self._signal(_KILL)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, number)
            else:
                self._process.kill()
