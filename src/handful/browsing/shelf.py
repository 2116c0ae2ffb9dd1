"""What lies in the folder now: tags, samples, and what kind they are."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from handful.errors import SamplesError
from handful.folders import TaggedFiles, tagged_files

if TYPE_CHECKING:
    from handful.modalities.base import Modality


@dataclass(frozen=True)
class Sample:
    """One file: its name below the folder, its tag, where it is, and its state.

    Attributes
    ----------
    name, tag : str
    path : Path
    stamp : str
        Changes whenever the file does.
    size_b : int
    """

    name: str
    tag: str
    path: Path
    stamp: str
    size_b: int


@dataclass(frozen=True)
class Listing:
    """Everything in the folder at one moment.

    Attributes
    ----------
    modality : Modality or None
        The kind that most files are of; None while there are none.
    tags : tuple of str
        Empty ones too.
    samples : tuple of Sample
        Of that kind, by tag and name.
    others : tuple of str
        Names of files of other kinds, and of those outside every tag.
    version : str
        Changes whenever any of this does.
    """

    modality: Modality | None
    tags: tuple[str, ...]
    samples: tuple[Sample, ...]
    others: tuple[str, ...]
    version: str

    @cached_property
    def by_name(self) -> dict[str, Sample]:
        """Samples by name."""
        return {sample.name: sample for sample in self.samples}


@dataclass
class Shelf:
    """The folder, looked through again whenever it is asked for."""

    folder: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: Listing | None = None

    def look(self) -> Listing:
        """What is in the folder now."""
        with self._lock:
            found = _scanned(self.folder)
            if self._last is None or found.version != self._last.version:
                self._last = found
            return self._last

    @property
    def last(self) -> Listing:
        """What was there when it was last looked through."""
        return self._last or self.look()


def _scanned(folder: Path) -> Listing:
    files = _files(folder)
    modality = kind_of([path for path in files.paths if isinstance(path, Path)])
    samples, others = [], list(files.untagged)
    for path, tag, name in zip(files.paths, files.tags, files.names, strict=True):
        if modality is None or not isinstance(path, Path) or not modality.accepts(path):
            others.append(name)
            continue
        try:
            status = path.stat()
        except OSError:
            continue  # gone since
        stamp = f"{status.st_mtime_ns:x}-{status.st_size:x}"
        samples.append(Sample(name, tag, path, stamp, status.st_size))
    tags = tuple(sorted({*files.tags, *files.empty_tags}))
    digest = hashlib.blake2b(digest_size=12)
    for text in (*tags, *others, *(f"{s.name}\0{s.stamp}" for s in samples)):
        digest.update(f"{text}\1".encode("utf-8", "replace"))
    return Listing(modality, tags, tuple(samples), tuple(others), digest.hexdigest())


def _files(folder: Path) -> TaggedFiles:
    try:
        return tagged_files(folder, lambda path: True)
    except SamplesError:  # no tag yet, or the folder itself is gone
        return TaggedFiles((), (), (), (), (), (), ())


def kind_of(paths: Sequence[Path]) -> Modality | None:
    """The kind that most files are of."""
    suffixes = Counter(path.suffix.lower() for path in paths)
    counts: dict[str, int] = {}
    found = {}
    for suffix, n_files in suffixes.items():
        modality = kind_of_suffix(suffix)
        if modality is not None:
            found[modality.name] = modality
            counts[modality.name] = counts.get(modality.name, 0) + n_files
    return found[max(counts, key=lambda name: counts[name])] if counts else None


def kind_of_suffix(suffix: str) -> Modality | None:
    """The kind of sample whose files end so."""
    from handful.modalities.base import modalities

    name = Path(f"x{suffix}")
    return next((modality for modality in modalities() if modality.accepts(name)), None)
