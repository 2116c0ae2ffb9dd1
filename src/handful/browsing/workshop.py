"""Everything that the addresses share: the folder, its changes, the model, the training."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from handful.browsing.alike import Alike
from handful.browsing.events import Events
from handful.browsing.flags import Flags
from handful.browsing.ledger import Ledger
from handful.browsing.models import Model
from handful.browsing.moving import Mover
from handful.browsing.place import Place
from handful.browsing.refusals import Refused
from handful.browsing.shelf import Listing, Sample, Shelf
from handful.browsing.streams import Streams
from handful.browsing.thumbnails import Thumbnails
from handful.browsing.training import Trainer

_LOOK_EVERY_S = 1.0
_PAGE_FIRST_S = 0.5
_SHARE = 0.05  # of a core that looking at the folder may take


class Workshop:
    """A folder of samples and the model that is made of it.

    Parameters
    ----------
    place : Place
        Opened.
    model : Path
    request_mb : float
        Largest file that is taken.
    """

    def __init__(self, place: Place, model: Path, request_mb: float) -> None:
        self.place, self.request_mb = place, request_mb
        self.ledger = Ledger(place.ledger)
        self.shelf = Shelf(place.folder)
        self.mover = Mover(place, self.ledger)
        self.model = Model(model)
        self.alike = Alike(self.ledger)
        self.flags = Flags(self.ledger, self.model, self.alike)
        self.events = Events()
        self.trainer = Trainer(place.folder, model, self.ledger, self.events.tell)
        self.thumbnails = Thumbnails(
            self.ledger, lambda: self.shelf.last,
            lambda: self.trainer.running or self._asked_now(), self._look_for_copies,
        )  # fmt: skip
        self.streams = Streams()
        self.tables: dict[str, Path] = {}  # that came in and wait for a tag's column
        self._asked_s = 0.0
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._look_again, name="looking", daemon=True)

    def open(self) -> None:
        """Begin to work in the background; to be called in the event loop."""
        self.events.open()
        self._watch.start()
        self.thumbnails.start()

    def close(self) -> None:
        """End in good order."""
        self._ended.set()
        self.trainer.close()
        self.thumbnails.stop()
        self._watch.join(5)
        self.ledger.close()
        self.place.close()

    def _look_for_copies(self, listing: Listing) -> None:
        if self.alike.find(listing):
            self.events.tell()

    def _asked_now(self) -> bool:
        """Whether a page is being filled: what works in the background then waits."""
        return time.monotonic() - self._asked_s < _PAGE_FIRST_S

    def _look_again(self) -> None:
        """Others change the folder too: the pages hear of it."""
        listing = self.shelf.look()
        self.trainer.resume(listing)
        before = (listing.version, self.model.version)
        pause_s = _LOOK_EVERY_S
        while not self._ended.wait(pause_s):
            if not self.events.heard:
                continue
            began_s = time.thread_time()
            now = (self.shelf.look().version, self.model.version)
            pause_s = max(_LOOK_EVERY_S, (time.thread_time() - began_s) / _SHARE)
            if now != before:
                before = now
                self.events.tell()

    def state(self) -> dict[str, Any]:
        """What every page is told whenever it changes."""
        model = self.model.version
        self.trainer.notice(model)
        return {
            "samples": self.shelf.last.version,
            "model": model,
            "alike": self.alike.version,
            "training": self.trainer.state(),
        }

    def changed(self) -> None:
        """The folder was changed by a page: the others hear of it at once."""
        self.shelf.look()
        self.events.tell()

    def listed(self) -> dict[str, Any]:
        """The samples as the page takes them."""
        self._asked_s = time.monotonic()
        listing = self.shelf.look()
        places = {tag: at for at, tag in enumerate(listing.tags)}
        kind = listing.modality
        undo = self.ledger.last_words()
        return {
            "version": listing.version,
            "modality": kind and {"name": kind.name, "noun": kind.noun, "nouns": kind.nouns},
            "tags": listing.tags,
            "samples": [[s.name, places[s.tag], s.stamp] for s in listing.samples],
            "others": listing.others[:20],
            "n_others": len(listing.others),
            "undo": undo and {"id": undo[0], "what": undo[1]},
        }

    def sample(self, name: str) -> Sample:
        """One sample.

        Raises
        ------
        Refused
            It is not, or no longer, there.
        """
        self._asked_s = time.monotonic()
        found = self.shelf.last.by_name.get(name) or self.shelf.look().by_name.get(name)
        if found is None:
            raise Refused(404, f"{name} is no longer there.")
        return found

    def chosen(self, names: Sequence[str]) -> tuple[list[Sample], list[str]]:
        """Samples by name, and the names of those that are no longer there."""
        listing: Listing = self.shelf.look()
        found = [listing.by_name[name] for name in names if name in listing.by_name]
        return found, [name for name in names if name not in listing.by_name]
