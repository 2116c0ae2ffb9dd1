"""Photos that are nearly the same, found by their thumbnails before anything is trained."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass, field
from typing import Any

from handful.browsing.ledger import Ledger
from handful.browsing.shelf import Listing, Sample
from handful.browsing.thumbnails import PICTURE

_SIDE_PX = 16  # of the version that copies agree in, as in training
_MOST = 20_000  # photos; more would keep a core busy for minutes


@dataclass
class Alike:
    """Near-copies among the photos: the first of the two rules of training.

    What takes a network (cropped, mirrored, turned) is found when a model is trained.

    Attributes
    ----------
    groups : tuple of tuple of str
        Names that belong together.
    version : int
        Another when other groups were found.
    """

    ledger: Ledger
    groups: tuple[tuple[str, ...], ...] = ()
    version: int = 0
    _looks: dict[tuple[str, str], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, listing: Listing) -> bool:
        """Look at all that have a thumbnail; whether other groups were found than before."""
        with self._lock:
            found = self._found(listing)
            if found == self.groups:
                return False
            self.groups, self.version = found, self.version + 1
            return True

    def _found(self, listing: Listing) -> tuple[tuple[str, ...], ...]:
        photos = listing.modality is not None and listing.modality.name == "images"
        if not photos or not 3 <= len(listing.samples) <= _MOST:
            return ()
        import numpy as np

        from handful.caring.near_copies import group_samples, near_copies
        from handful.encoders.fingerprint import PhotoFingerprint

        here = {(sample.name, sample.stamp) for sample in listing.samples}
        self._looks = {key: look for key, look in self._looks.items() if key in here}
        seen = [(s.name, look) for s in listing.samples if (look := self._look(s)) is not None]
        if len(seen) < 3:
            return ()
        fingerprint, hashes = PhotoFingerprint(), np.stack([bits for _, (bits, _) in seen])
        pixels = np.stack([small for _, (_, small) in seen]).astype(np.float32)
        unseen = np.zeros((len(seen), 1), np.float32)  # no network has looked at them
        pairs = near_copies(
            fingerprint.hash_bits(hashes), fingerprint.mirrored_bits(hashes), pixels, unseen
        )
        made = group_samples(len(seen), [("near-copies", pairs)])
        return tuple(tuple(seen[at][0] for at in group.members) for group in made.found)

    def _look(self, sample: Sample) -> Any:
        key = (sample.name, sample.stamp)
        if key not in self._looks:
            self._looks[key] = _looked_at(self.ledger.thumbnail(*key))
        return self._looks[key]


def _looked_at(thumbnail: tuple[str, bytes] | None) -> Any:
    """Fingerprint and small version; None where there is no picture."""
    if thumbnail is None or thumbnail[0] != PICTURE:
        return None
    import numpy as np
    from PIL import Image

    from handful.encoders.fingerprint import PhotoFingerprint
    from handful.pictures import Picture

    with Image.open(io.BytesIO(thumbnail[1])) as image:
        shown = image.convert("RGB")
    picture = Picture(np.asarray(shown), None, "")
    small = shown.resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX)
    return PhotoFingerprint().transform([picture])[0], np.asarray(small).ravel()
