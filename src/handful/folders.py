"""Finds tagged files: one sub-folder per tag."""

from __future__ import annotations

import os
import unicodedata
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from handful.errors import SamplesError
from handful.rows import is_table
from handful.samples import Source

_CLUTTER = frozenset(("thumbs.db", "desktop.ini", "__macosx", "$recycle.bin", "@eadir"))


@dataclass(frozen=True)
class TaggedFiles:
    """The files below a folder, with the tags that their sub-folders give them.

    Attributes
    ----------
    paths : tuple of Path or bytes
        Files, or what they would hold. Sorted by tag, then by name, alike on every system.
    tags : tuple of str
        The tag of each path: the first sub-folder it is in.
    names : tuple of str
        Each path below the folder, with ``/`` between its parts.
    untagged : tuple of str
        Names of fitting files that lie right in the folder and so have no tag.
    ignored : tuple of str
        Names of files of other kinds; hidden files are not listed.
    empty_tags : tuple of str
        Sub-folders without a fitting file in them.
    closed : tuple of str
        Folders that could not be looked into, with the reason.
    """

    paths: tuple[Source, ...]
    tags: tuple[str, ...]
    names: tuple[str, ...]
    untagged: tuple[str, ...]
    ignored: tuple[str, ...]
    empty_tags: tuple[str, ...]
    closed: tuple[str, ...]


@dataclass
class _Found:
    fitting: list[tuple[str, str, Path]] = field(default_factory=list)  # tag, name, path
    ignored: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


def tagged_files(folder: Path, accepts: Callable[[Path], bool]) -> TaggedFiles:
    """The files below `folder` that `accepts` takes, each tagged by the sub-folder it is in.

    Deeper sub-folders belong to the tag they are in. Links are followed, each folder once a
    tag, so that links in a circle end. Hidden files and the clutter of operating systems are
    passed over.

    Raises
    ------
    SamplesError
        `folder` is missing, is not a folder, cannot be looked into or has no sub-folders.
    """
    entries = _entries_of(folder)
    tag_folders = [entry for entry in entries if _is_folder(entry)]
    loose = [entry for entry in entries if not _is_folder(entry)]
    if not tag_folders:
        raise SamplesError(_no_sub_folders(folder, [entry.name for entry in loose]))
    found = _Found()
    for entry in tag_folders:
        _collect(folder, entry, accepts, found)
    ignored = [_shown(entry.name) for entry in loose if not accepts(Path(entry.path))]
    untagged = [_shown(entry.name) for entry in loose if accepts(Path(entry.path))]
    tags = {_shown(entry.name) for entry in tag_folders}
    return _sorted(found, untagged, ignored, tags)


def _sorted(found: _Found, untagged: list[str], ignored: list[str], tags: set[str]) -> TaggedFiles:
    fitting = sorted(found.fitting)
    return TaggedFiles(
        paths=tuple(path for _, _, path in fitting),
        tags=tuple(tag for tag, _, _ in fitting),
        names=tuple(name for _, name, _ in fitting),
        untagged=tuple(sorted(untagged)),
        ignored=tuple(sorted(found.ignored + ignored)),
        empty_tags=tuple(sorted(tags - {tag for tag, _, _ in fitting})),
        closed=tuple(sorted(found.closed)),
    )


def _entries_of(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return _listed(folder)
    except FileNotFoundError as error:
        raise SamplesError(
            f"{folder} does not exist: give a folder with one sub-folder per tag"
        ) from error
    except NotADirectoryError as error:
        raise SamplesError(
            f"{folder} is a file: give the folder that holds one sub-folder per tag"
        ) from error
    except OSError as error:
        raise SamplesError(f"{folder} cannot be looked into: {error.strerror}") from error


def _no_sub_folders(folder: Path, files: list[str]) -> str:
    if not files:
        return f"{folder} is empty: put each sample in a sub-folder named after its tag"
    holds = "1 file" if len(files) == 1 else f"{len(files)} files"
    tables = sorted(name for name in files if is_table(Path(name)))
    if len(tables) == len(files):
        return (
            f"{folder} holds {holds} but no sub-folders: give one table itself and the column of "
            f"its tags, like {folder / tables[0]} --tag COLUMN; or, where each file is a "
            "recording, put each in a sub-folder named after its tag"
        )
    example = folder / "cat" / min(files)
    return (
        f"{folder} holds {holds} but no sub-folders: "
        f"put each file in a sub-folder named after its tag, like {example}"
    )


def _collect(
    folder: Path, start: os.DirEntry[str], accepts: Callable[[Path], bool], found: _Found
) -> None:
    tag = _shown(start.name)
    resolved = folder.resolve()
    seen = {resolved, *resolved.parents}
    waiting = deque([Path(start.path)])
    while waiting:
        inner = waiting.popleft()
        if (real := _resolved(inner)) in seen:
            continue
        seen.add(real)
        try:
            entries = _listed(inner)
        except OSError as error:
            found.closed.append(f"{_name(inner, folder)}: {error.strerror}")
            continue
        for entry in entries:
            path = Path(entry.path)
            if _is_folder(entry):
                waiting.append(path)
            elif accepts(path):
                found.fitting.append((tag, _name(path, folder), path))
            else:
                found.ignored.append(_name(path, folder))


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        shown = [
            entry
            for entry in entries
            if not entry.name.startswith(".") and entry.name.lower() not in _CLUTTER
        ]
    # A folder that is there twice is known by its own place, not by a link to it.
    return sorted(shown, key=lambda entry: (entry.is_symlink(), _shown(entry.name)))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that points at itself or to where nobody may look
        return False


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a link that points at itself
        return path


def _name(path: Path, folder: Path) -> str:
    return _shown(path.relative_to(folder).as_posix())


def _shown(name: str) -> str:
    """The name in Unicode's composed form, as macOS and Linux then agree on it."""
    readable = os.fsencode(name).decode("utf-8", "replace")
    return unicodedata.normalize("NFC", readable)
