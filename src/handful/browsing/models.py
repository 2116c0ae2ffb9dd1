"""The model that was trained last: asked, read, and taken up again when its folder changes."""

from __future__ import annotations

import csv
import io
import json
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handful.browsing.refusals import Refused
from handful.errors import BundleError

if TYPE_CHECKING:
    from handful.bundle import Bundle
    from handful.verbs.predicting import AnyPredictor

_Signature = tuple[tuple[int, int, int], ...]


class Model:
    """A model's folder, of which there may be none yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._opened: tuple[_Signature, AnyPredictor] | None = None

    @property
    def version(self) -> str:
        """Changes with the folder; "" while there is no model."""
        return "-".join(f"{inode:x}.{stamp:x}" for inode, stamp, _ in _signature(self.folder))

    def predictor(self) -> AnyPredictor:
        """Ready to answer.

        Raises
        ------
        Refused
            There is no model, or it cannot be used.
        """
        from handful.bundle import open_bundle
        from handful.verbs.predicting import predictor_of

        now = _signature(self.folder)
        with self._lock:
            if self._opened is None or self._opened[0] != now:
                try:
                    self._opened = (now, predictor_of(open_bundle(self.folder)))
                except BundleError as error:
                    raise Refused(409, _reason(now, error)) from error
            return self._opened[1]

    def ask(self, name: str, data: bytes) -> dict[str, Any]:
        """What it says of one sample, and how long that took.

        Raises
        ------
        Refused, UnreadableError
            There is no model; it is no sample of the model's kind.
        """
        predictor = self.predictor()
        began_s = time.perf_counter()
        answer = predictor.predict(name, data)
        seconds = time.perf_counter() - began_s
        return {**answer.to_json(), "words": answer.words(), "seconds": seconds}

    def bundle(self) -> Bundle:
        """The folder, opened.

        Raises
        ------
        Refused
            There is no model, or it cannot be used.
        """
        from handful.bundle import open_bundle

        try:
            return open_bundle(self.folder)
        except BundleError as error:
            raise Refused(409, _reason(_signature(self.folder), error)) from error

    def _read(self, name: str) -> bytes:
        try:
            return self.bundle().read(name)
        except BundleError as error:
            raise Refused(409, str(error)) from error

    def page(self) -> bytes:
        """Its report as a page."""
        return self._read("report.html")

    def report(self) -> dict[str, Any]:
        """Its report's values."""
        return dict(json.loads(self._read("report.json")))

    def predictions(self) -> list[dict[str, str]]:
        """What models that had not seen each sample said of it, a row a sample."""
        text = self._read("predictions.csv").decode()
        return list(csv.DictReader(io.StringIO(text)))


def _signature(folder: Path) -> _Signature:
    try:
        found = [(folder / name).stat() for name in ("card.json", "model.onnx")]
    except OSError:
        return ()
    return tuple((file.st_ino, file.st_mtime_ns, file.st_size) for file in found)


def _reason(found: _Signature, error: BundleError) -> str:
    return str(error) if found else "there is no model yet: train one first."
