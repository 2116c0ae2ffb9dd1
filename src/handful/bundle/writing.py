"""Writes a model's folder, or a page, in one step: whoever looks sees the old or the new."""

from __future__ import annotations

import contextlib
import ctypes
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

from handful.bundle.layout import CARD, FILES, FORMAT, MODEL
from handful.bundle.reading import read_json
from handful.errors import BundleError, TargetError

_CLUTTER = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))  # left by who looks at a folder
_UNFINISHED, _OLD = ".unfinished", ".old"


def check_target(target: Path) -> None:
    """Refuse a target that would overwrite anything but an older model.

    Raises
    ------
    TargetError
        The target is a file, a folder that holds other things, or lies where none can be made.
    """
    other = "Nothing was touched. Choose another folder with --to."
    with _refusing(target, other):
        place = _place(target)
        if place.is_dir():
            _check_folder(target, place, other)
        elif os.path.lexists(place):
            raise TargetError(f"{target} exists and is not a folder. {other}")
        _check_parent(place, other)


def _check_folder(target: Path, place: Path, other: str) -> None:
    if strange := _strange(place):
        raise TargetError(
            f"{target} exists and is not just a model folder: it holds {strange!r}. {other}"
        )
    if os.path.ismount(place):
        raise TargetError(
            f"{target} is a whole disk or volume, which cannot be replaced in one step: choose a "
            f"folder in it, like --to {target / 'model'}"
        )


def check_page(page: Path, option: str = "--report") -> None:
    """Refuse a page that would overwrite anything but an older one, or cannot be written.

    `option` is what the command calls it.

    Raises
    ------
    TargetError
        With what to do.
    """
    if page.suffix.lower() not in (".html", ".htm"):
        raise TargetError(f"{page} is to be a page: give {option} a name that ends in .html.")
    check_file(page, b"<!doctype html", "a page (HTML)", option)


def check_table(table: Path) -> None:
    """Refuse a table that would overwrite anything but an older one, or cannot be written.

    Raises
    ------
    TargetError
        With what to do.
    """
    check_file(table, b"file,tag,predicted", "a table of predictions", "--save")


def check_file(path: Path, start: bytes, what: str, option: str) -> None:
    """Refuse a file that would overwrite anything but an older one of its kind.

    Parameters
    ----------
    path : Path
    start : bytes
        What files of this kind begin with.
    what, option : str
        What it is and what the command calls it, for the message.

    Raises
    ------
    TargetError
        With what to do.
    """
    other = f"Choose another file with {option}."
    with _refusing(path, other):
        place = _place(path)
        if os.path.lexists(place) and not _begins(place, start):
            raise TargetError(f"{path} exists and is not {what}. {other}")
        _check_parent(place, other)


def _begins(path: Path, start: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(start)).lower() in (start, b"")


@contextlib.contextmanager
def _refusing(target: Path, advice: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TargetError(f"cannot write to {target}: {error.strerror}. {advice}") from error


def _place(target: Path) -> Path:
    """Where writing to `target` ends up: links are followed, even to what is not there yet."""
    return Path(os.path.realpath(target))


def _check_parent(place: Path, advice: str) -> None:
    parent = next(path for path in place.parents if os.path.lexists(path))
    if not parent.is_dir():
        raise TargetError(f"cannot write to {place}: {parent} is not a folder. {advice}")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise TargetError(f"cannot write to {parent}: permission denied. {advice}")


def _strange(folder: Path) -> str:
    """Something in the folder that is no part of a model; "" where there is nothing such."""
    content = {path.name for path in folder.iterdir()} - _CLUTTER
    strange = sorted(content - FILES)
    if content and not strange and not _is_our_card(folder / CARD):
        strange = sorted(content)
    return strange[0] if strange else ""


def _is_our_card(path: Path) -> bool:
    try:
        return "model_sha256" in read_json(path)
    except BundleError:
        return False


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
    place = _place(target)
    full = {**card, "format": FORMAT, "model_sha256": hashlib.sha256(files[MODEL]).hexdigest()}
    text = json.dumps(full, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with _scratch(place) as scratch:
            for name, data in {**files, CARD: text.encode()}.items():
                _write_durably(scratch / name, data)
            _sync_folder(scratch)
            _put_in_place(scratch, place)
            _sync_folder(place.parent)
        _clear(place, _OLD)
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
    place = _place(path)
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


def _put_in_place(scratch: Path, place: Path) -> None:
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
    aside = scratch.with_suffix(_OLD)
    place.rename(aside)
    try:
        scratch.rename(place)
    except OSError:
        aside.rename(place)
        raise
    shutil.rmtree(aside, ignore_errors=True)
