"""Samples to look at: the same file twice, near-copies, tags that the model doubts."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

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
    _hashes: dict[tuple[str, str], str] = field(default_factory=dict)
    _last: tuple[Any, dict[str, Any]] | None = None

    def find(self, listing: Listing) -> dict[str, Any]:
        """Groups of copies, and doubted samples with what they were taken for."""
        accepted = self.ledger.accepted()
        key = (listing.version, self.model.version, tuple(sorted(accepted.items())))
        if self._last is None or self._last[0] != key:
            copies = self._same_files(listing)
            known = {frozenset(group["names"]) for group in copies}
            near = [g for g in self._near(listing) if frozenset(g["names"]) not in known]
            found = {"copies": [*copies, *near], "doubted": self._doubted(listing, accepted)}
            self._last = (key, found)
        return self._last[1]

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

    def _near(self, listing: Listing) -> list[dict[str, Any]]:
        """Those that the last training found, as far as they are still there."""
        try:
            groups = self.model.report().get("near_copies") or []
        except Refused:
            return []
        found = []
        for group in groups:
            names = [name for name in group["names"] if name in listing.by_name]
            if len(names) > 1 and group["why"] in _COPIES:
                found.append({"names": names, "why": group["why"]})
        return found

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
