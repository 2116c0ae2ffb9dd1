"""Thumbnails: made in the background, remembered by the file's state, those asked for first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handful.browsing.ledger import Ledger
from handful.browsing.shelf import Listing, Sample
from handful.errors import HandfulError

if TYPE_CHECKING:
    from handful.modalities.base import Modality

PICTURE, TEXT = "picture", "text"
_BATCH = 32  # thumbnails that are written down together
_PAUSE_S = 0.002  # between two: a page or a training that wants the core gets it
_IDLE_S = 0.5


@dataclass(frozen=True)
class Thumbnail:
    """What a tile of the grid shows: a small JPEG, or a text."""

    kind: str
    content: bytes


class Thumbnails:
    """Makes them, one thread in the background.

    Parameters
    ----------
    ledger : Ledger
    listing : callable
        What is in the folder.
    busy : callable
        Whether something else wants the cores: then the background waits.
    then : callable
        Given the listing of which all are made.
    """

    def __init__(
        self, ledger: Ledger, listing: Callable[[], Listing], busy: Callable[[], bool],
        then: Callable[[Listing], None],
    ) -> None:  # fmt: skip
        self._ledger, self._listing, self._busy, self._then = ledger, listing, busy, then
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="thumbnails", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def get(self, sample: Sample, modality: Modality) -> Thumbnail:
        """The thumbnail of one sample, made now where it is not known.

        Raises
        ------
        UnreadableError
            There is nothing to show.
        """
        if known := self._ledger.thumbnail(sample.name, sample.stamp):
            return Thumbnail(*known)
        made = _made(sample, modality)
        self._ledger.put_thumbnails([(sample.name, sample.stamp, made.kind, made.content)])
        return made

    def _work(self) -> None:
        done = ""
        while not self._ended.wait(_IDLE_S):
            listing = self._listing()
            if listing.modality is None or listing.version == done:
                continue
            if self._sweep(listing, listing.modality):
                done = listing.version
                self._then(listing)

    def _sweep(self, listing: Listing, modality: Modality) -> bool:
        """Make all that are missing; whether it came to the end."""
        known = self._ledger.known_thumbnails()
        self._ledger.drop_thumbnails([name for name in known if name not in listing.by_name])
        missing = [s for s in listing.samples if known.get(s.name) != s.stamp]
        rows: list[tuple[str, str, str, bytes]] = []
        for sample in missing:
            if self._ended.is_set() or self._listing().version != listing.version:
                break
            while self._busy() and not self._ended.is_set():
                time.sleep(_IDLE_S)
            rows += _row(sample, modality)
            if len(rows) >= _BATCH:
                self._ledger.put_thumbnails(rows)
                rows = []
            time.sleep(_PAUSE_S)
        else:
            self._ledger.put_thumbnails(rows)
            return True
        self._ledger.put_thumbnails(rows)
        return False


def _row(sample: Sample, modality: Modality) -> list[tuple[str, str, str, bytes]]:
    try:
        made = _made(sample, modality)
    except HandfulError:
        return []  # said where the sample is shown
    return [(sample.name, sample.stamp, made.kind, made.content)]


def _made(sample: Sample, modality: Modality) -> Thumbnail:
    shown = modality.show(sample.path)
    if shown.picture:
        return Thumbnail(PICTURE, shown.picture)
    return Thumbnail(TEXT, shown.text.encode())
