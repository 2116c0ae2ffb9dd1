"""A mixed hour for `handful serve`: requests good, corrupt, oversized, slow and aborted.

    python benchmarks/serving_mixed.py MODEL [--photos FOLDER] [--minutes 60] [--clients 8]

Eight clients draw at random: a good photo (its answer is compared with `handful predict`), a
photo cut short, bytes that are no photo, a header that promises 3,600 megapixels, a request that
is too large, a form without a file, an unknown address, a request that trickles in, one that is
broken off, and one whose answer nobody reads. Every bad one must get a 4xx with a reason. Memory
is the server's own (RSS), once a second; its growth is from the median of the second tenth of the
time to that of the last. Writes build/benchmarks/serving_mixed.json; exits with 1 where an aim is
missed.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import statistics
import struct
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

import handful
from http_load import PATIENCE_S, Client, Question, as_form, handful_server
from measure import PHOTOS, table, write

LIMITS = ("--request-mb", "2", "--timeout-s", "3", "--waiting", "64")
MOST_GROWTH, TOLERANCE = 0.05, 1e-6
Kind = Callable[["Visitor"], str]


def main() -> None:
    options = _options()
    paths = sorted(options.photos.rglob("*.jpg"))[::10]
    said = handful.predict(options.model, paths)
    photos = [(p.read_bytes(), one) for p, one in zip(paths, said, strict=True)]
    with handful_server(options.model, *LIMITS) as (process, port):
        visitors = [Visitor(port, photos, seed) for seed in range(options.clients)]
        end_s = time.monotonic() + 60 * options.minutes
        threads = [threading.Thread(target=one.visit, args=(end_s,)) for one in visitors]
        for thread in threads:
            thread.start()
        memory_mb = _watched(process.pid, end_s)
        for thread in threads:
            thread.join()
        alive = process.poll() is None
    report = _report(visitors, memory_mb, alive=alive, minutes=options.minutes)
    table([{"kind": kind, "outcome": how, "times": n} for (kind, how), n in report.pop("outcomes")])
    table([{name: value for name, value in report.items() if name != "memory_mb"}])
    write("serving_mixed", report)
    good = alive and not report["wrong"] and not report["hung"] and not report["unexplained"]
    sys.exit(not (good and report["growth"] <= MOST_GROWTH))


class Visitor:
    """A client that behaves well or badly, by lot; `outcomes` counts what came of it."""

    def __init__(self, port: int, photos: list[tuple[bytes, Any]], seed: int) -> None:
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.port, self._photos = port, photos
        self.draw = random.Random(seed)

    def visit(self, end_s: float) -> None:
        """Ask until the time is over."""
        kinds, weights = zip(*KINDS.items(), strict=True)
        while time.monotonic() < end_s:
            (kind,) = self.draw.choices(kinds, weights)
            try:
                outcome = kind(self)
            except TimeoutError:
                outcome = "hung"
            except OSError as error:
                outcome = f"lost: {type(error).__name__}"
            self.outcomes[kind.__name__, outcome] += 1

    def photo(self) -> tuple[bytes, Any]:
        """One of them, and what handful says of it."""
        return self.draw.choice(self._photos)

    def asked(self, question: Question, expected: tuple[int, ...], path: str = "/predict") -> str:
        """Whether a bad request is refused as it should be, with a reason."""
        status, body = Client(self.port).ask(question, path)
        if status == 429:
            return "429"
        explained = status in expected and json.loads(body)["error"]
        return str(status) if explained else f"unexplained {status}"


def good(visitor: Visitor) -> str:
    """A photo, whose answer is compared."""
    data, said = visitor.photo()
    status, body = Client(visitor.port).ask(as_form(said.file, data))
    if status == 429:
        return "429"
    if status != 200:
        return f"unexplained {status}"
    (answer,) = json.loads(body)["predictions"]
    off = max(abs(answer["probabilities"][t] - p) for t, p in said.probabilities.items())
    right = (answer["tag"], answer["known"]) == (said.tag, said.known) and off < TOLERANCE
    return "right" if right else "wrong"


def cut_short(visitor: Visitor) -> str:
    """The first part of a photo."""
    data = visitor.photo()[0]
    return visitor.asked(as_form("a", data[: int(len(data) * visitor.draw.random() * 0.9)]), (422,))


def no_photo(visitor: Visitor) -> str:
    """Bytes by lot."""
    return visitor.asked(as_form("a", visitor.draw.randbytes(10_000)), (422,))


def bomb(visitor: Visitor) -> str:
    """A header that promises far too many pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return visitor.asked(as_form("a", png), (422,))


def too_large(visitor: Visitor) -> str:
    """More than is allowed."""
    return visitor.asked(as_form("a", bytes(3_000_000)), (413,))


def no_form(visitor: Visitor) -> str:
    """A body that is not what it says."""
    return visitor.asked(Question(b"nothing", "multipart/form-data; boundary=a"), (400,))


def no_address(visitor: Visitor) -> str:
    """An address that is none."""
    return visitor.asked(Question(b"a", "image/jpeg"), (404,), path="/models/none/predict")


def slow(visitor: Visitor) -> str:
    """A request that trickles in."""
    data = visitor.photo()[0]
    with _connected(visitor) as connection:
        connection.sendall(_head(len(data)))
        connection.settimeout(0.5)
        answer = b""
        for at in range(0, 60 * 50, 50):
            try:
                connection.sendall(data[at : at + 50])
                while piece := connection.recv(65536):
                    answer += piece
                    connection.settimeout(PATIENCE_S)
                break
            except TimeoutError:
                continue
        explained = b" 408 " in answer and b"error" in answer
    return "408" if explained else f"unexplained {answer[:12].decode(errors='replace')}"


def broken_off(visitor: Visitor) -> str:
    """A request that ends in the middle."""
    data = visitor.photo()[0]
    with _connected(visitor) as connection:
        connection.sendall(_head(len(data)) + data[: visitor.draw.randrange(len(data))])
    return "gone"


def not_awaited(visitor: Visitor) -> str:
    """A whole request whose answer nobody reads."""
    data = visitor.photo()[0]
    with _connected(visitor) as connection:
        connection.sendall(_head(len(data)) + data)
    return "gone"


KINDS: dict[Kind, int] = {
    good: 30, cut_short: 5, no_photo: 5, bomb: 3, too_large: 3, no_form: 3, no_address: 3, slow: 2,
    broken_off: 4, not_awaited: 4,
}  # fmt: skip


def _connected(visitor: Visitor) -> socket.socket:
    return socket.create_connection(("127.0.0.1", visitor.port), PATIENCE_S)


def _head(length: int) -> bytes:
    return (
        "POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/jpeg\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def _watched(pid: int, end_s: float) -> list[float]:
    process, found = psutil.Process(pid), []
    while time.monotonic() < end_s:
        found.append(process.memory_info().rss / 1e6)
        time.sleep(1)
    return found


def _report(
    visitors: list[Visitor], memory_mb: list[float], *, alive: bool, minutes: float
) -> dict[str, Any]:
    outcomes = sum((one.outcomes for one in visitors), Counter())
    tenth = max(1, len(memory_mb) // 10)
    before, after = (statistics.median(memory_mb[at]) for at in
                     (slice(tenth, 2 * tenth), slice(-tenth, None)))  # fmt: skip

    def count(word: str) -> int:
        return sum(n for (_, outcome), n in outcomes.items() if outcome.startswith(word))

    return {
        "outcomes": sorted(outcomes.items()), "minutes": minutes, "requests": outcomes.total(),
        "right": count("right"), "wrong": count("wrong"), "hung": count("hung"),
        "lost": count("lost"), "unexplained": count("unexplained"), "alive": alive,
        "memory_mb": memory_mb,
        "before_mb": before, "after_mb": after, "growth": after / before - 1,
    }  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--photos", type=Path, default=PHOTOS)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=8)
    return parser.parse_args()


if __name__ == "__main__":
    main()
