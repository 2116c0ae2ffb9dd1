"""Writes a model's folder, or a page, in one step: whoever looks sees the old or the new."""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from handful.bundle.layout import CARD, FORMAT, MODEL
from handful.bundle.swapping import OLD, put_in_place
from handful.bundle.targets import check_page, check_table, check_target, place_of
from handful.errors import TargetError

_UNFINISHED = ".unfinished"


def write_bundle(target: Path, files: Mapping[str, bytes], card: Mapping[str, Any]) -> None:
    """Write a model folder in one step: whoever looks sees the old one or the new one.

    Parameters
    ----------
    target : Path
    files : mapping of str to bytes
        `MODEL`, `REPORT_HTML`, `REPORT_JSON`, `PREDICTIONS`.
    card : mapping
        Completed here with the format and the model's hash.

    Raises
    ------
    TargetError
        The disk is full or refuses; what stood there before still stands.
    """
    check_target(target)
    place = place_of(target)
    full = {**card, "format": FORMAT, "model_sha256": hashlib.sha256(files[MODEL]).hexdigest()}
    text = json.dumps(full, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with _scratch(place) as scratch:
            for name, data in {**files, CARD: text.encode()}.items():
                _write_durably(scratch / name, data)
            _sync_folder(scratch)
            put_in_place(scratch, place)
            _sync_folder(place.parent)
        _clear(place, OLD)
    except OSError as error:
        raise TargetError(
            f"cannot write {target}: {_reason(error)}. Nothing was changed there."
        ) from error


def write_page(page: Path, data: bytes, option: str = "--report") -> None:
    """Write a page in one step: whoever looks sees the old one or the new one.

    `option` is what the command calls it.

    Raises
    ------
    TargetError
        The disk is full or refuses; what stood there before still stands.
    """
    check_page(page, option)
    write_file(page, data)


def write_table(table: Path, data: bytes) -> None:
    """Write a table in one step: whoever looks sees the old one or the new one.

    Raises
    ------
    TargetError
        The disk is full or refuses; what stood there before still stands.
    """
    check_table(table)
    write_file(table, data)


def write_file(path: Path, data: bytes) -> None:
    """Write a file in one step: whoever looks sees the old one or the new one.

    Raises
    ------
    TargetError
        The disk is full or refuses; what stood there before still stands.
    """
    place = place_of(path)
    beside = _beside(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _clear(place, _UNFINISHED)
        _write_durably(beside, data)
        beside.replace(place)
    except OSError as error:
        raise TargetError(f"cannot write {path}: {_reason(error)}.") from error
    finally:
        beside.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return "the disk is full" if error.errno == errno.ENOSPC else error.strerror or "it failed"


@contextlib.contextmanager
def _scratch(place: Path) -> Iterator[Path]:
    """A folder beside the place, removed at the end with whatever it then holds."""
    _clear(place, _UNFINISHED)
    scratch = _beside(place)
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _beside(place: Path) -> Path:
    """A name of this process's own."""
    return place.with_name(f".{place.name}.{os.getpid()}-{secrets.token_hex(4)}{_UNFINISHED}")


def _clear(place: Path, suffix: str) -> None:
    """Remove what runs that were killed left beside the place."""
    for left_over in place.parent.glob(f".{glob.escape(place.name)}.*{suffix}"):
        if _alive(left_over):
            continue
        if left_over.is_dir():
            shutil.rmtree(left_over, ignore_errors=True)
        else:
            left_over.unlink(missing_ok=True)


def _alive(left_over: Path) -> bool:
    """Whether the process that made it still runs."""
    if os.name != "posix":
        return True
    number = left_over.stem.rpartition(".")[2].partition("-")[0]
    if not number.isdigit():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows neither needs nor allows it
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
