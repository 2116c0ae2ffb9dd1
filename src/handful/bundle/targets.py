"""Refuses to write where anything but an older model, page or table would be lost."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from handful.bundle.layout import CARD, FILES
from handful.bundle.reading import read_json
from handful.errors import BundleError, TargetError

_CLUTTER = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))  # left by who looks at a folder


def check_target(target: Path) -> None:
    """Refuse a target that would overwrite anything but an older model.

    Raises
    ------
    TargetError
        The target is a file, a folder that holds other things, or lies where none can be made.
    """
    other = "Nothing was touched. Choose another folder with --to."
    with _refusing(target, other):
        place = place_of(target)
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
        place = place_of(path)
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


def place_of(target: Path) -> Path:
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
