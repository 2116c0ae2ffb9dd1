"""Puts a finished folder where an older one stands, in one step where the system can."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from pathlib import Path

OLD = ".old"


def put_in_place(scratch: Path, place: Path) -> None:
    """Move the folder `scratch` to `place`; what stood there is then in its stead, or gone."""
    try:
        scratch.rename(place)  # where nothing is or, but for Windows, an empty folder
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
        if not _exchange(scratch, place):
            _replace(scratch, place)


def _exchange(left: Path, right: Path) -> bool:
    """Swap two folders in one step, where the system can (Linux); False where it cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE: linux/fcntl.h, linux/fs.h
    return bool(rename(here, os.fsencode(left), here, os.fsencode(right), exchange) == 0)


def _replace(scratch: Path, place: Path) -> None:
    """Swap in two steps; a kill between them leaves the older model beside, as ``.old``."""
    aside = scratch.with_suffix(OLD)
    place.rename(aside)
    try:
        scratch.rename(place)
    except OSError:
        aside.rename(place)
        raise
    shutil.rmtree(aside, ignore_errors=True)
