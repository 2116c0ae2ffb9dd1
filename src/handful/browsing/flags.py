"""Samples to look at: the same file twice, near-copies, tags that the model doubts."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from handful.browsing.alike import Alike
from handful.browsing.ledger import Ledger
from handful.browsing.models import Model
from handful.browsing.refusals import Refused
from handful.browsing.shelf import Listing, Sample

_SURE = 0.8  # of another tag, by a model that had not seen the sample
_COPIES = ("same file", "near-copies")  # not bursts, which are meant
_MOST = 50  # suspicious tags that are shown at once


@dataclass
class Flags:
    """Finds them; what was found is remembered until the folder or the model changes."""

    ledger: Ledger
    model: Model
    alike: Alike
    _hashes: dict[tuple[str, str], str] = field(default_factory=dict)
    _last: tuple[Any, dict[str, Any]] | None = None

    def find(self, listing: Listing) -> dict[str, Any]:
        """Groups of copies, and doubted samples with what they were taken for."""
        accepted = self.ledger.accepted()
        early = self.alike.groups
        key = (listing.version, self.model.version, tuple(sorted(accepted.items())), early)
        if self._last is None or self._last[0] != key:
            copies = self._copies(listing, early)
            found = {"copies": copies, "doubted": self._doubted(listing, accepted)}
            self._last = (key, found)
        return self._last[1]

    def _copies(self, listing: Listing, early: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
        """Same files, near-copies that training found, and those found before it; each once."""
        copies = self._same_files(listing)
        place = {name: at for at, group in enumerate(copies) for name in group["names"]}
        for names, why in [*self._near(), *((names, "near-copies") for names in early)]:
            there = [name for name in names if name in listing.by_name]
            known = {place.get(name) for name in there}
            if len(there) < 2 or (len(known) == 1 and None not in known) or _one_burst(there):
                continue
            place |= dict.fromkeys(there, len(copies))
            copies.append({"names": there, "why": why})
        return copies

    def _same_files(self, listing: Listing) -> list[dict[str, Any]]:
        if listing.modality is None or listing.modality.repeats:
            return []
        sizes: dict[int, list[Sample]] = defaultdict(list)
        for sample in listing.samples:
            sizes[sample.size_b].append(sample)
        contents: dict[str, list[str]] = defaultdict(list)
        for same in sizes.values():
            for sample in same if len(same) > 1 else ():
                contents[self._hash(sample)].append(sample.name)
        return [
            {"names": names, "why": "same file"}
            for content, names in contents.items()
            if content and len(names) > 1
        ]

    def _hash(self, sample: Sample) -> str:
        """SHA-256; "" where it can no longer be read."""
        key = (sample.name, sample.stamp)
        if key not in self._hashes:
            try:
                self._hashes[key] = hashlib.sha256(sample.path.read_bytes()).hexdigest()
            except OSError:
                return ""
        return self._hashes[key]

    def _near(self) -> list[tuple[list[str], str]]:
        """Those that the last training found."""
        try:
            groups = self.model.report().get("near_copies") or []
        except Refused:
            return []
        return [(group["names"], group["why"]) for group in groups if group["why"] in _COPIES]

    def _doubted(self, listing: Listing, accepted: dict[str, str]) -> list[dict[str, Any]]:
        try:
            rows = self.model.predictions()
        except Refused:
            return []
        found: list[tuple[float, dict[str, Any]]] = []
        for row in rows:
            sample = listing.by_name.get(row["file"])
            if sample is None or sample.tag != row.get("tag") or not row.get("probability"):
                continue
            sure = float(row["probability"])
            other = row["predicted"] != sample.tag and sure >= _SURE
            if other and accepted.get(sample.name) != sample.tag:
                doubt = {"name": sample.name, "taken_for": row["predicted"], "sure": sure}
                found.append((sure, doubt))
        found.sort(key=lambda pair: -pair[0])
        return [doubt for _, doubt in found[:_MOST]]


def _one_burst(names: Sequence[str]) -> bool:
    """Whether all are of one burst of the webcam: they are alike, and are meant to be."""
    from handful.caring.near_copies import recorded_bursts

    found = set(recorded_bursts(names))
    return len(found) == 1 and "" not in found
