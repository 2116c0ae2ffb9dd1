"""Keeps features on disk, so that no sample is looked at twice.

One SQLite file in the user's cache folder (or in ``HANDFUL_CACHE``), keyed by the sample's
content and the encoder. SQLite's locks make it safe with several processes at once and after a
kill; what was used longest ago leaves when the file grows past its bound. A cache never stops
the work: a full disk or a damaged file costs time, not the result. SQLite does not notice
damage inside a value, so each carries a checksum.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

_LIMIT_BYTES = 2 * 2**30
_CHECKSUM_BYTES = 4
_CHUNK = 500  # names in one question: below SQLite's least limit on variables, 999
_DELETE_OLDEST = """
delete from features where (content, encoder) in (
    select content, encoder from (
        select content, encoder,
            sum(length(vector)) over (order by used desc, content, encoder) as kept
        from features
    ) where kept > ?
)
"""
_SCHEMA = """
create table if not exists features (
    content text not null, encoder text not null, vector blob not null, used integer not null,
    primary key (content, encoder)
) without rowid;
"""


def cache_folder() -> Path:
    """Where handful keeps what can be made again."""
    import platformdirs

    chosen = os.environ.get("HANDFUL_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("handful"))


class FeatureCache:
    """Features by content hash.

    Parameters
    ----------
    folder : Path
        Created when first written to.
    limit_bytes : int
        The file is cut back to three quarters of this when it grows past it.
    """

    def __init__(self, folder: Path, *, limit_bytes: int = _LIMIT_BYTES) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._path = folder / "features.sqlite"

    def get(self, contents: Sequence[str], encoder: str) -> dict[str, np.ndarray]:
        """Features known for these contents, float32 (n_features,) each."""
        found: dict[str, np.ndarray] = {}
        with self._open() as database:
            for start in range(0, len(contents), _CHUNK):
                some = contents[start : start + _CHUNK]
                marks = ",".join("?" * len(some))
                rows = database.execute(
                    f"select content, vector from features where encoder = ? "
                    f"and content in ({marks})",
                    [encoder, *some],
                )
                values = ((content, _unpacked(data)) for content, data in rows)
                found |= {content: value for content, value in values if value is not None}
        return found

    def put(self, features: Mapping[str, np.ndarray], encoder: str) -> None:
        """Remember features by content hash."""
        now = int(time.time())
        rows = [(content, encoder, _packed(vector), now) for content, vector in features.items()]
        with self._open() as database, database:
            database.executemany("insert or replace into features values (?, ?, ?, ?)", rows)

    def touch(self, contents: Sequence[str]) -> None:
        """Note that these were used just now, and drop the longest unused past the bound."""
        now = int(time.time())
        with self._open() as database, database:
            for start in range(0, len(contents), _CHUNK):
                some = contents[start : start + _CHUNK]
                marks = ",".join("?" * len(some))
                database.execute(
                    f"update features set used = ? where content in ({marks})",
                    [now, *some],
                )
        self._trim()

    def _trim(self) -> None:
        with self._open() as database:
            (size,) = database.execute(
                "select coalesce(sum(length(vector)), 0) from features"
            ).fetchone()
            if size <= self.limit_bytes:
                return
            with database:
                database.execute(
                    _DELETE_OLDEST,
                    [self.limit_bytes * 3 // 4],
                )
            database.execute("vacuum")

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The database; an empty one in memory where the disk gives none."""
        database = self._connect()
        try:
            yield database
        except sqlite3.OperationalError:
            pass  # a full disk or a lock held too long: do without
        except sqlite3.DatabaseError:
            self._begin_anew()
        finally:
            database.close()

    def _connect(self) -> sqlite3.Connection:
        for _ in range(2):
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                return _prepared(sqlite3.connect(self._path, timeout=30))
            except (sqlite3.OperationalError, OSError):
                break  # the disk is full or may not be written to
            except sqlite3.DatabaseError:
                self._begin_anew()
        database = sqlite3.connect(":memory:")
        database.executescript(_SCHEMA)
        return database

    def _begin_anew(self) -> None:
        """Remove a damaged file with its journal, which would bring the damage back."""
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):  # not ours to remove: then do without
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _prepared(database: sqlite3.Connection) -> sqlite3.Connection:
    try:
        with contextlib.suppress(sqlite3.OperationalError):  # another process is at it just now
            database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = normal")
        database.executescript(_SCHEMA)
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database


def _packed(vector: np.ndarray) -> bytes:
    data = np.asarray(vector, np.float32).tobytes()
    return data + _checksum(data)


def _unpacked(packed: Any) -> np.ndarray | None:
    """The values; None where they are not what was stored."""
    if not isinstance(packed, bytes) or len(packed) <= _CHECKSUM_BYTES:
        return None
    data, checksum = packed[:-_CHECKSUM_BYTES], packed[-_CHECKSUM_BYTES:]
    return np.frombuffer(data, np.float32) if checksum == _checksum(data) else None


def _checksum(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(_CHECKSUM_BYTES, "little")
