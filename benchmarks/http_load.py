"""Servers in processes of their own, and clients that ask them as fast, or as often, as told."""

from __future__ import annotations

import base64
import http.client
import json
import random
import socket
import statistics
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 60.0
_HERE = Path(__file__).resolve().parent
_COMMAND = Path(sysconfig.get_path("scripts")) / "handful"
_BOUNDARY = "a-line-that-is-in-no-photo"


@dataclass(frozen=True)
class Question:
    """One request: its body and what the body is."""

    body: bytes
    content_type: str


@dataclass(frozen=True)
class Load:
    """What came of a stretch of asking.

    Attributes
    ----------
    answered : int
    seconds : float
    took_s : tuple of float
        Of every request; where they came at set times, from that time on.
    failed : int
        Other statuses than 200.
    """

    answered: int
    seconds: float
    took_s: tuple[float, ...]
    failed: int

    @property
    def per_s(self) -> float:
        """Requests answered a second."""
        return self.answered / self.seconds

    def percentile_s(self, percent: float) -> float:
        """What so many of a hundred requests did not exceed."""
        ordered = sorted(self.took_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

    @property
    def median_s(self) -> float:
        """What half of the requests took at most."""
        return statistics.median(self.took_s)


def as_form(name: str, data: bytes) -> Question:
    """A file as handful takes it."""
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + data + f"\r\n--{_BOUNDARY}--\r\n".encode()
    return Question(body, f"multipart/form-data; boundary={_BOUNDARY}")


def as_base64(data: bytes) -> Question:
    """A file as the peer takes it."""
    body = json.dumps({"image": base64.b64encode(data).decode()}).encode()
    return Question(body, "application/json")


@contextmanager
def handful_server(model: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`handful serve`; its process and its port."""
    words = [str(_COMMAND), "serve", str(model), "--port", "0", "--json", *options]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            url = json.loads(process.stdout.readline())["url"]
            yield process, int(url.rpartition(":")[2])
        finally:
            process.terminate()


@contextmanager
def peer_server(model: Path) -> Iterator[int]:
    """The Flask server; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, str(_HERE / "serving_peer.py"), str(model / "model.onnx"), str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, stdout=quiet, stderr=quiet) as process:
        try:
            _until_it_listens(port)
            yield port
        finally:
            process.terminate()


def _until_it_listens(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the peer does not start")


class Client:
    """One connection, kept while the server keeps it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)

    def ask(self, question: Question, path: str = "/predict") -> tuple[int, bytes]:
        """Status and body of the answer."""
        headers = {"Content-Type": question.content_type}
        self._connection.request("POST", path, question.body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()


def closed_loop(port: int, questions: Sequence[Question], *, clients: int, seconds: float) -> Load:
    """Clients that ask anew as soon as they are answered."""
    took: list[float] = []
    failed = []
    start_s = time.perf_counter()
    end_s = start_s + seconds

    def work(offset: int) -> None:
        client, number = Client(port), offset
        while (asked_s := time.perf_counter()) < end_s:
            status, _ = client.ask(questions[number % len(questions)])
            took.append(time.perf_counter() - asked_s)
            if status != 200:
                failed.append(status)
            number += clients

    _together([threading.Thread(target=work, args=(at,)) for at in range(clients)])
    return Load(len(took) - len(failed), time.perf_counter() - start_s, tuple(took), len(failed))


def open_loop(
    port: int, questions: Sequence[Question], *, per_s: float, seconds: float, seed: int = 0
) -> Load:
    """Requests at random times, so many a second on average, whether others were answered or not.

    A request's time counts from when it was due: waiting for a free client counts too.
    """
    draw = random.Random(seed)
    due, at_s = [], 0.0
    while (at_s := at_s + draw.expovariate(per_s)) < seconds:
        due.append(at_s)
    lock, took, failed = threading.Lock(), [], []
    numbers = iter(range(len(due)))
    start_s = time.perf_counter()

    def work() -> None:
        client = Client(port)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            time.sleep(max(0.0, start_s + due[number] - time.perf_counter()))
            status, _ = client.ask(questions[number % len(questions)])
            took.append(time.perf_counter() - start_s - due[number])
            if status != 200:
                failed.append(status)

    _together([threading.Thread(target=work) for _ in range(32)])
    return Load(len(took) - len(failed), time.perf_counter() - start_s, tuple(took), len(failed))


def _together(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
