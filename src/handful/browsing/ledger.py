"""What is not in the folder: changes that can be undone, trainings, thumbnails, what was looked at.

One SQLite file in the hidden folder of the studio. Losing it loses no sample: the folder is the
truth, and a damaged file is begun anew.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
create table if not exists changes (
    id integer primary key, key text unique, what text not null, made_s real not null,
    undone integer not null default 0
);
create table if not exists moves (
    id integer primary key, change integer not null, source blob not null, target blob not null
);
create index if not exists moves_by_change on moves (change);
create table if not exists trainings (
    id integer primary key, begun_s real not null, ended_s real, state text not null,
    reason text not null default '', result text not null default '{}'
);
create table if not exists thumbnails (
    name text primary key, stamp text not null, kind text not null, content blob not null
) without rowid;
create table if not exists settings (name text primary key, value text not null) without rowid;
create table if not exists accepted (name text primary key, tag text not null) without rowid;
"""
RUNNING, DONE, FAILED, CANCELLED = "running", "done", "failed", "cancelled"


@dataclass(frozen=True)
class Change:
    """Something that was done to the folder.

    Attributes
    ----------
    id : int
    what : str
        In words.
    moves : tuple of (str, str)
        From where to where, below the folder; an empty source or target is a folder that was
        made, or taken away.
    """

    id: int
    what: str
    moves: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Training:
    """One training, past or present."""

    id: int
    begun_s: float
    ended_s: float | None
    state: str
    reason: str
    result: dict[str, Any]


class Ledger:
    """The SQLite file; threads may share it."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._database = _opened(path)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._database.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._database:
            yield self._database

    def _rows(self, question: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._database.execute(question, values).fetchall()

    # changes

    def begin_change(self, what: str, key: str | None = None) -> int:
        """Number of a new change, or of the one with this key if it can still grow."""
        with self._writing() as database:
            found = database.execute(
                "select id from changes where key = ? and not undone", [key]
            ).fetchone()
            if found:
                database.execute("update changes set what = ? where id = ?", [what, found[0]])
                return int(found[0])
            database.execute("delete from changes where key = ?", [key])
            made = database.execute(
                "insert into changes (key, what, made_s) values (?, ?, ?)", [key, what, time.time()]
            )
            return int(made.lastrowid or 0)

    def add_moves(self, change: int, moves: Sequence[tuple[str, str]]) -> None:
        """Note moves, before they are made: then a crash leaves none unknown."""
        with self._writing() as database:
            database.executemany(
                "insert into moves (change, source, target) values (?, ?, ?)",
                [(change, os.fsencode(source), os.fsencode(target)) for source, target in moves],
            )

    def last_change(self) -> Change | None:
        """The newest change that is not undone."""
        found = self._rows("select id, what from changes where not undone order by id desc limit 1")
        if not found:
            return None
        ((number, what),) = found
        moves = self._rows("select source, target from moves where change = ? order by id", number)
        named = tuple((os.fsdecode(source), os.fsdecode(target)) for source, target in moves)
        return Change(number, what, named)

    def n_moves(self, change: int) -> int:
        """How many files a change concerns."""
        return int(self._rows("select count(*) from moves where change = ?", change)[0][0])

    def last_words(self) -> tuple[int, str] | None:
        """Number and words of the newest change that is not undone."""
        found = self._rows("select id, what from changes where not undone order by id desc limit 1")
        return found[0] if found else None

    def mark_undone(self, change: int) -> None:
        """It no longer counts."""
        with self._writing() as database:
            database.execute("update changes set undone = 1 where id = ?", [change])

    # trainings

    def begin_training(self) -> int:
        """Number of a training that begins now."""
        with self._writing() as database:
            made = database.execute(
                "insert into trainings (begun_s, state) values (?, ?)", [time.time(), RUNNING]
            )
            return int(made.lastrowid or 0)

    def end_training(
        self, number: int, state: str, *, reason: str = "", result: Mapping[str, Any] | None = None
    ) -> None:
        """How it ended."""
        with self._writing() as database:
            database.execute(
                "update trainings set ended_s = ?, state = ?, reason = ?, result = ? where id = ?",
                [time.time(), state, reason, json.dumps(result or {}), number],
            )

    def note_training(self, ended_s: float, result: Mapping[str, Any]) -> None:
        """One that was made elsewhere."""
        with self._writing() as database:
            database.execute(
                "insert into trainings (begun_s, ended_s, state, result) values (?, ?, ?, ?)",
                [ended_s, ended_s, DONE, json.dumps(result)],
            )

    def trainings(self, state: str, most: int = 2) -> list[Training]:
        """The newest trainings in a state, newest first."""
        rows = self._rows(
            "select id, begun_s, ended_s, state, reason, result from trainings where state = ? "
            "order by id desc limit ?", state, most,
        )  # fmt: skip
        return [
            Training(number, begun_s, ended_s, ended_as, reason, json.loads(result))
            for number, begun_s, ended_s, ended_as, reason, result in rows
        ]

    # settings

    def setting(self, name: str) -> str:
        """What a person chose; "" where nothing."""
        found = self._rows("select value from settings where name = ?", name)
        return str(found[0][0]) if found else ""

    def set(self, name: str, value: str) -> None:
        """Remember a choice."""
        with self._writing() as database:
            database.execute("insert or replace into settings values (?, ?)", [name, value])

    # thumbnails

    def thumbnail(self, name: str, stamp: str) -> tuple[str, bytes] | None:
        """Kind and content, if it is of this state of the file."""
        found = self._rows(
            "select kind, content from thumbnails where name = ? and stamp = ?", name, stamp
        )
        return found[0] if found else None

    def known_thumbnails(self) -> dict[str, str]:
        """By name: of which state of the file."""
        return dict(self._rows("select name, stamp from thumbnails"))

    def put_thumbnails(self, rows: Sequence[tuple[str, str, str, bytes]]) -> None:
        """Remember name, stamp, kind and content."""
        with self._writing() as database:
            database.executemany("insert or replace into thumbnails values (?, ?, ?, ?)", rows)

    def drop_thumbnails(self, names: Sequence[str]) -> None:
        """Forget those of files that are gone."""
        with self._writing() as database:
            database.executemany("delete from thumbnails where name = ?", [(n,) for n in names])

    # suspicious samples that a person looked at

    def accept(self, names: Mapping[str, str]) -> None:
        """By name: the tag that a person said is right."""
        with self._writing() as database:
            database.executemany("insert or replace into accepted values (?, ?)", names.items())

    def accepted(self) -> dict[str, str]:
        """By name: the tag that a person said is right."""
        return dict(self._rows("select name, tag from accepted"))


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return _prepared(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _prepared(path)


def _prepared(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=30, check_same_thread=False)
    try:
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = normal")
        database.executescript(_SCHEMA)
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database
