"""From files to features: every file is read, looked at once by each encoder, and remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from handful.encoders.cache import FeatureCache
from handful.errors import UnreadableError
from handful.loading import Batch, DataLoader, ordered_map, usable_cores
from handful.progress import Progress, silent
from handful.samples import Source

_BATCH = 8
_LARGE_B = 200_000_000  # a file above this is hashed piece by piece, not held in memory


class Looker(Protocol):
    """An encoder or a fingerprint."""

    @property
    def key(self) -> str:
        """Identity for the cache."""
        ...

    @property
    def width(self) -> int:
        """Values a sample."""
        ...

    def transform(self, batch: Sequence[Any]) -> np.ndarray:
        """Values of a batch, float32 (n_samples, width)."""
        ...


@dataclass(frozen=True)
class Survey:
    """What a first reading of one file tells.

    Attributes
    ----------
    content : str
        SHA-256 of the file: the same photo under two names has one content.
    measure : object
        From the header, as the modality gives it.
    """

    content: str
    measure: Any


@dataclass(frozen=True)
class Looked:
    """Features of the samples that could be read.

    Attributes
    ----------
    readable : ndarray of int64
        Indices of the paths that could be read.
    features : tuple of ndarray
        One array a looker, float32 (n_readable, width).
    unreadable : mapping of int to str
        By index: why it could not be read.
    """

    readable: np.ndarray
    features: tuple[np.ndarray, ...]
    unreadable: Mapping[int, str]


def survey(
    paths: Sequence[Source], measure: Callable[[Source], Any], *, progress: Progress = silent
) -> list[Survey | UnreadableError]:
    """Read every file once: its hash and its header, or why it cannot be used."""

    def one(path: Source) -> Survey | UnreadableError:
        try:
            return _surveyed(path, measure)
        except OSError as error:
            return UnreadableError(f"cannot be opened: {(error.strerror or 'error').lower()}")
        except UnreadableError as error:
            return error

    found: list[Survey | UnreadableError] = []
    for result in ordered_map(one, paths, workers=usable_cores(), ahead=2 * _BATCH):
        found.append(result)
        progress("reading", len(found), len(paths))
    return found


def _surveyed(path: Source, measure: Callable[[Source], Any]) -> Survey:
    if isinstance(path, bytes):
        return Survey(hashlib.sha256(path).hexdigest(), measure(path))
    if not path.is_file() or path.stat().st_size > _LARGE_B:
        found = measure(path)  # refuses what is no sample before all of it is read
        with path.open("rb") as file:
            return Survey(hashlib.file_digest(file, "sha256").hexdigest(), found)
    data = path.read_bytes()
    return Survey(hashlib.sha256(data).hexdigest(), measure(data or path))


def look(
    paths: Sequence[Source],
    contents: Sequence[str],
    lookers: Sequence[Looker],
    read: Callable[[Source], Any],
    *,
    cache: FeatureCache,
    progress: Progress = silent,
) -> Looked:
    """Features of every file by every looker, from the cache where they are known.

    What was looked at is remembered batch by batch, so that a stopped run goes on where it was.

    Parameters
    ----------
    paths : sequence of Path or bytes
    contents : sequence of str
        SHA-256 of each file.
    lookers : sequence of Looker
    read : callable
        Decodes one file.
    cache : FeatureCache
    progress : Progress
    """
    unique = list(dict.fromkeys(contents))
    known = [cache.get(unique, looker.key) for looker in lookers]
    where = dict(zip(contents, paths, strict=True))
    missing = [c for c in unique if any(c not in vectors for vectors in known)]
    unreadable: dict[str, str] = {}
    done = len(unique) - len(missing)
    progress("looking", done, len(unique))

    loader = DataLoader([where[c] for c in missing], read, batch_size=_BATCH)
    work = ordered_map(_encoder(lookers), loader, workers=usable_cores(), ahead=1)
    for batch, encoded in work:
        named = [missing[i] for i in batch.indices]
        for looker, vectors, fresh_rows in zip(lookers, known, encoded, strict=True):
            fresh = dict(zip(named, fresh_rows, strict=True))
            vectors.update(fresh)
            cache.put(fresh, looker.key)
        unreadable |= {missing[i]: str(error) for i, error in batch.unreadable}
        done += len(batch.indices) + len(batch.unreadable)
        progress("looking", done, len(unique))
    cache.touch(unique)
    readable = [i for i, content in enumerate(contents) if content not in unreadable]
    features = tuple(
        _rows(vectors, [contents[i] for i in readable], looker.width)
        for looker, vectors in zip(lookers, known, strict=True)
    )
    lost = {i: unreadable[c] for i, c in enumerate(contents) if c in unreadable}
    return Looked(np.array(readable, np.int64), features, lost)


def look_at_made(
    samples: Sequence[Any], looker: Looker, *, name: str, cache: FeatureCache
) -> np.ndarray:
    """Features of samples that were made rather than read, float32 (n_samples, width).

    Parameters
    ----------
    samples : sequence
        Always the same under the same name.
    looker : Looker
    name : str
    cache : FeatureCache
    """
    contents = [f"{name} {number}" for number in range(len(samples))]
    known = cache.get(contents, looker.key)
    missing = [number for number, content in enumerate(contents) if content not in known]
    batches = [missing[start : start + _BATCH] for start in range(0, len(missing), _BATCH)]

    def encode(batch: Sequence[int]) -> np.ndarray:
        return looker.transform([samples[number] for number in batch])

    rows = ordered_map(encode, batches, workers=usable_cores(), ahead=0)
    for batch, features in zip(batches, rows, strict=True):
        known |= {contents[number]: row for number, row in zip(batch, features, strict=True)}
    cache.put({contents[number]: known[contents[number]] for number in missing}, looker.key)
    return _rows(known, contents, looker.width)


def _encoder(
    lookers: Sequence[Looker],
) -> Callable[[Batch[Any]], tuple[Batch[Any], list[np.ndarray]]]:
    def encode(batch: Batch[Any]) -> tuple[Batch[Any], list[np.ndarray]]:
        empty = np.empty((0, 0), np.float32)
        rows = [looker.transform(batch.values) if batch.values else empty for looker in lookers]
        return batch, rows

    return encode


def _rows(vectors: Mapping[str, np.ndarray], contents: Sequence[str], width: int) -> np.ndarray:
    rows = np.empty((len(contents), width), np.float32)
    for row, content in enumerate(contents):
        rows[row] = vectors[content]
    return rows
