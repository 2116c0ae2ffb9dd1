"""`handful serve` in a process of its own, and clients that behave and misbehave."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import requests

from doors import started

PATIENCE_S = 30  # whatever takes longer hangs


class Asked:
    """A running server."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process, self.url = process, url
        host, _, port = url.removeprefix("http://").rpartition(":")
        self.address = (host, int(port))
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stderr:
            self._lines.put(line)

    def logged(self, **wanted):
        """The next line of the log in which these fields have these values."""
        while True:
            entry = json.loads(self._lines.get(timeout=PATIENCE_S))
            if all(entry.get(name) == value for name, value in wanted.items()):
                return entry

    def log(self):
        """Every line so far that was not yet asked for."""
        time.sleep(0.2)  # the pipe is read by a thread
        lines = []
        with contextlib.suppress(queue.Empty):
            while True:
                lines.append(self._lines.get_nowait().decode())
        return "".join(lines)

    def get(self, path, **options):
        return requests.get(self.url + path, timeout=PATIENCE_S, **options)

    def post(self, path="/predict", **options):
        return requests.post(self.url + path, timeout=PATIENCE_S, **options)

    def send(self, *files, path="/predict", **options):
        """Files as a form; each is a path, or a name with its content."""
        parts = [("files", f if isinstance(f, tuple) else (str(f), Path(f).read_bytes()))
                 for f in files]  # fmt: skip
        return self.post(path, files=parts, **options)

    def connect(self):
        return socket.create_connection(self.address, timeout=PATIENCE_S)

    def kill(self):
        """End it at once, and read its log to the end."""
        self.process.kill()
        self._reader.join(PATIENCE_S)

    def end(self, signal_=signal.SIGTERM):
        """Ask it to end; its exit code."""
        self.process.send_signal(signal_)
        return self.process.wait(PATIENCE_S)


@contextlib.contextmanager
def serving(*models, **options):
    """`handful serve` until the block ends."""
    words = [w for name, value in options.items()
             for w in (f"--{name.replace('_', '-')}", str(value))]  # fmt: skip
    with started("serve", *models, "--port", "0", "--json", *words) as process:
        try:
            first = process.stdout.readline()
            assert first, process.stderr.read().decode()
            running = Asked(process, json.loads(first)["url"])
            yield running
            running.kill()
        finally:
            process.kill()


def answer_of(connection):
    """Status and JSON of what comes before the server closes the connection."""
    data = b""
    while piece := connection.recv(65536):
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)
