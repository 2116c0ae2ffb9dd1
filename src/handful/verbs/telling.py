"""Tells others of events as they happen: a command, a web address."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from handful.errors import InputError

_COMMAND_S, _WEB_S = 30, 5
_STDERR = 2  # what the command prints must not mix with our answer


class Teller:
    """Hands every event on as one line of JSON.

    Parameters
    ----------
    command : str or None
        A program with its arguments; it is given the event on its standard input.
    webhook : str or None
        An http or https address; the event is posted to it.

    Attributes
    ----------
    failures : list of str
        What went wrong, each kind once; listening goes on.
    """

    def __init__(self, command: str | None, webhook: str | None) -> None:
        self.failures: list[str] = []
        self._words = _words(command)
        self._webhook = _address(webhook)

    def tell(self, event: dict[str, Any]) -> None:
        """Hand on one event."""
        line = (json.dumps(event) + "\n").encode()
        if self._words:
            self._run(self._words, line)
        if self._webhook:
            self._post(self._webhook, line)

    def _run(self, words: list[str], line: bytes) -> None:
        try:
            done = subprocess.run(
                words, input=line, stdout=_STDERR, timeout=_COMMAND_S, check=False
            )
        except subprocess.TimeoutExpired:
            self._fail(f"{words[0]} (--on-event) took longer than {_COMMAND_S} s and was ended")
        except OSError as error:
            self._fail(f"{words[0]} (--on-event) cannot be run: {error.strerror}")
        else:
            if done.returncode:
                self._fail(f"{words[0]} (--on-event) failed with exit code {done.returncode}")

    def _post(self, address: str, line: bytes) -> None:
        request = urllib.request.Request(
            address, data=line, headers={"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_WEB_S):
                pass
        except OSError as error:
            self._fail(f"{address} (--webhook) did not take an event: {_why(error)}")

    def _fail(self, words: str) -> None:
        if words not in self.failures:
            self.failures.append(words)


def _why(error: OSError) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"it answered {error.code} {error.reason}"
    reason = getattr(error, "reason", error)
    if isinstance(reason, ConnectionRefusedError):
        return "nothing listens at that address (connection refused)"
    if isinstance(reason, TimeoutError):
        return f"no answer within {_WEB_S} s"
    return str(getattr(reason, "strerror", None) or reason)


def _words(command: str | None) -> list[str]:
    if command is None:
        return []
    if not isinstance(command, str):
        raise InputError(
            f"--on-event {command!r} is no command in a string; in Python, iterate over what "
            "listen() returns to get every event"
        )
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InputError(f"--on-event {command!r}: {error}") from error
    if not words or shutil.which(words[0]) is None:
        raise InputError(
            f"--on-event {command!r}: there is no program {words[0] if words else ''!r}; it is "
            "run as it stands, without a shell"
        )
    return words


def _address(webhook: str | None) -> str:
    if webhook is None:
        return ""
    parts = urlsplit(webhook if isinstance(webhook, str) else "")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InputError(
            f"--webhook {webhook!r} is no address that begins with http:// or https://"
        )
    return webhook
