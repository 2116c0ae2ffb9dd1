"""The studio's own hidden folder among the samples: bin, half-received files, SQLite, the lock."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import IO

from handful.errors import InputError, TargetError

HIDDEN = ".handful"
BIN = f"{HIDDEN}/bin"


class Place:
    """A folder of samples that one studio works in.

    Attributes
    ----------
    folder : Path
    incoming : Path
        Files that have not arrived whole.
    ledger : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming = folder / HIDDEN / "incoming"
        self.ledger = folder / HIDDEN / "studio.sqlite"
        self._lock: IO[str] | None = None

    def open(self) -> None:
        """Make what is missing and keep other studios out.

        Raises
        ------
        InputError
            The folder is a file, or another studio is open on it.
        TargetError
            It cannot be written to.
        """
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(f"{self.folder} is a file: give the folder that holds the samples.")
        try:
            self.incoming.mkdir(parents=True, exist_ok=True)
            (self.folder / BIN).mkdir(exist_ok=True)
            self._lock = (self.folder / HIDDEN / "lock").open("a+")
        except OSError as error:
            raise TargetError(
                f"{self.folder} cannot be written to: {error.strerror}. The studio keeps its bin "
                f"and its thumbnails in {self.folder / HIDDEN}."
            ) from error
        if not _locked(self._lock):
            self._lock.seek(0)
            where = self._lock.read().strip() or "another window"
            self._lock.close()
            raise InputError(f"a studio is already open on {self.folder}, at {where}.")
        shutil.rmtree(self.incoming, ignore_errors=True)  # of a studio that was killed
        self.incoming.mkdir(exist_ok=True)

    def say_where(self, url: str) -> None:
        """Note the address, for whoever comes second."""
        if self._lock is not None:
            self._lock.truncate(0)
            self._lock.write(url)
            self._lock.flush()

    def close(self) -> None:
        """Let others in."""
        if self._lock is not None:
            self._lock.close()


def _locked(file: IO[str]) -> bool:
    """Whether the lock is ours now; the system takes it back when the process ends."""
    with contextlib.suppress(ImportError):
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True
