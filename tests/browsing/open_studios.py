"""`handful studio` in a process of its own, asked as its page asks."""

from __future__ import annotations

import contextlib
import json
import signal
import time
from urllib.parse import quote

import requests

from doors import started

PATIENCE_S = 60
MARK = {"x-handful": "studio"}


class OpenStudio:
    """A running studio."""

    def __init__(self, process, url, folder, model):
        self.process, self.url, self.folder, self.model = process, url, folder, model

    def get(self, path):
        return requests.get(self.url + path, timeout=PATIENCE_S)

    def samples(self):
        found = self.get("/api/samples").json()
        return {name: found["tags"][tag] for name, tag, _ in found["samples"]}

    def change(self, path, **values):
        return requests.post(self.url + path, json=values, headers=MARK, timeout=PATIENCE_S)

    def done(self, path, **values):
        answer = self.change(path, **values)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def add(self, tag, name, content, key="k"):
        address = f"{self.url}/api/add?tag={quote(tag)}&name={quote(name)}&key={key}"
        return requests.post(address, data=content, headers=MARK, timeout=PATIENCE_S)

    def states(self, timeout_s=180):
        """What the page is told, as it is told."""
        end_s = time.monotonic() + timeout_s
        with requests.get(f"{self.url}/api/events", stream=True, timeout=PATIENCE_S) as answer:
            for line in answer.iter_lines():
                assert time.monotonic() < end_s, line
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])

    def until(self, holds):
        """The first state for which something holds."""
        for state in self.states():
            if holds(state):
                return state
        raise AssertionError("the studio ended")

    def kill(self):
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def open_studio(folder, model, *options):
    """A studio that ends in good order, unless it was ended before."""
    words = ["studio", folder, "--model", model, "--port", "0", "--no-show", "--json", *options]
    with started(*words) as process:
        line = process.stdout.readline()
        assert line, process.stderr.read().decode()
        try:
            yield OpenStudio(process, json.loads(line)["url"].rstrip("/"), folder, model)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_S)
