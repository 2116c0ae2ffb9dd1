"""Changes of the folder: rows of moves, noted before they are made, that can be undone."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from handful.browsing.ledger import Ledger
from handful.browsing.place import BIN, Place
from handful.browsing.refusals import Refused
from handful.browsing.shelf import Listing, Sample

_LONGEST_TAG, _LONGEST_NAME = 80, 120
_LONGEST_B = 200  # of the 255 bytes that a file system allows; the rest is for endings and numbers
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>]')

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])\s*(\.|$)", re.IGNORECASE)  # on Windows


@dataclass(frozen=True)
class Moved:
    """What became of a change.

    Attributes
    ----------
    id : int
        To undo it by; 0 where there is nothing to undo.
    what : str
        In words.
    n : int
        Files that it concerns.
    gone : tuple of str
        Names of those that were no longer there.
    """

    id: int
    what: str
    n: int
    gone: tuple[str, ...] = ()


class Mover:
    """Makes changes of one folder, one after the other."""

    def __init__(self, place: Place, ledger: Ledger) -> None:
        self._folder, self._ledger = place.folder, ledger
        self._lock = threading.Lock()

    def add(self, temporary: Path, tag: str, name: str, key: str) -> Moved:
        """Put a file that has arrived among a tag's samples; in words: the name that it got.

        Parameters
        ----------
        temporary : Path
            Moved from there.
        tag, name : str
        key : str
            Files with the same key are one change.
        """
        tag, name = checked_tag(tag), checked_name(name)
        with self._lock:
            self._make_tag(tag)
            target = self._free(f"{tag}/{name}", set())
            change = self._ledger.begin_change(f"add to {tag}", key)
            self._ledger.add_moves(change, [(f"{BIN}/{change}/{target}", target)])
            temporary.replace(self._folder / target)
        return Moved(change, target, 1)

    def new_tag(self, tag: str) -> Moved:
        """Make an empty tag."""
        tag = checked_tag(tag)
        with self._lock:
            if self._path(tag).exists():
                raise Refused(409, f"there is a tag {tag} already.")
            change = self._ledger.begin_change(f"make the tag {tag}")
            self._ledger.add_moves(change, [("", tag)])
            self._make_tag(tag)
        return Moved(change, f"made the tag {tag}", 0)

    def retag(self, samples: Sequence[Sample], gone: Sequence[str], tag: str) -> Moved:
        """Move samples to a tag."""
        tag = checked_tag(tag)
        moved = [sample for sample in samples if sample.tag != tag]
        with self._lock:
            self._make_tag(tag)
            targets = self._beside([f"{tag}/{sample.path.name}" for sample in moved])
            sources = [self._below(sample.path) for sample in moved]
            return self._moved_samples(f"move {_some(len(moved))} to {tag}", sources, targets, gone)

    def delete(self, samples: Sequence[Sample], gone: Sequence[str]) -> Moved:
        """Move samples to the bin."""
        with self._lock:
            place = f"{BIN}/{uuid.uuid4().hex[:12]}"
            sources = [self._below(sample.path) for sample in samples]
            targets = [f"{place}/{source}" for source in sources]
            return self._moved_samples(f"delete {_some(len(samples))}", sources, targets, gone)

    def rename_tag(self, listing: Listing, tag: str, to: str) -> Moved:
        """Give a tag another name; where there is such a tag, the two become one."""
        to = checked_tag(to)
        source = self._tag_folder(listing, tag)
        with self._lock:
            if not self._path(to).exists():
                return self._moved(f"rename {tag} to {to}", [source], [to], ())
            if self._path(to).samefile(self._path(source)):
                return self._moved(f"rename {tag} to {to}", [source], [to], ())
            inside = sorted(p for p in self._path(source).rglob("*") if p.is_file())
            sources = [self._below(path) for path in inside]
            targets = self._beside([f"{to}/{path.name}" for path in inside])
            moved = self._moved(f"merge {tag} into {to}", sources, targets, ())
            self._ledger.add_moves(moved.id, [(source, "")])
            self._drop_empty(source)
            return moved

    def delete_tag(self, listing: Listing, tag: str) -> Moved:
        """Move a tag and all that is in it to the bin."""
        source = self._tag_folder(listing, tag)
        with self._lock:
            target = f"{BIN}/{uuid.uuid4().hex[:12]}/{source}"
            return self._moved(f"delete the tag {tag}", [source], [target], ())

    def undo(self, number: int) -> Moved:
        """Take the newest change back.

        Raises
        ------
        Refused
            There is none, or something was changed after it.
        """
        with self._lock:
            change = self._ledger.last_change()
            if change is None or change.id != number:
                raise Refused(409, "something else was changed meanwhile: look again, then undo.")
            gone, n_files = [], 0
            for source, target in reversed(change.moves):
                if not source:
                    self._drop_if_empty(target)
                elif not target:
                    self._path(source).mkdir(parents=True, exist_ok=True)
                elif self._rename(target, self._free(source, set())):
                    n_files += 1
                else:
                    gone.append(target)
            self._ledger.mark_undone(change.id)
        return Moved(change.id, f"undone: {change.what}", n_files, tuple(gone))

    def _moved_samples(
        self, what: str, sources: Sequence[str], targets: Sequence[str], gone: Sequence[str]
    ) -> Moved:
        """Like `_moved`; where nothing was there to move, there is nothing to undo."""
        moved = self._moved(what, sources, targets, gone)
        if moved.n:
            return moved
        self._ledger.mark_undone(moved.id)
        return replace(moved, id=0)

    def _moved(
        self, what: str, sources: Sequence[str], targets: Sequence[str], gone: Sequence[str]
    ) -> Moved:
        change = self._ledger.begin_change(what)
        pairs = list(zip(sources, targets, strict=True))
        self._ledger.add_moves(change, pairs)
        lost = [source for source, target in pairs if not self._rename(source, target)]
        return Moved(change, what, len(pairs) - len(lost), (*gone, *lost))

    def _rename(self, source: str, target: str) -> bool:
        """Whether there was something to move."""
        start, end = self._path(source), self._path(target)
        if not os.path.lexists(start):
            return False
        end.parent.mkdir(parents=True, exist_ok=True)
        try:
            start.rename(end)
        except FileNotFoundError:
            return False
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise Refused(500, f"{source} cannot be moved: {error.strerror}.") from error
            shutil.move(start, end)
        return True

    def _beside(self, targets: Sequence[str]) -> list[str]:
        taken: set[str] = set()
        found = []
        for target in targets:
            free = self._free(target, taken)
            taken.add(free)
            found.append(free)
        return found

    def _free(self, target: str, taken: set[str]) -> str:
        """The same name, or one with a number, that nothing has yet."""
        path = PurePosixPath(target)
        tried, number = target, 2
        while tried in taken or os.path.lexists(self._path(tried)):
            tried = str(path.with_name(f"{path.stem}-{number}{path.suffix}"))
            number += 1
        return tried

    def _make_tag(self, tag: str) -> None:
        try:
            self._path(tag).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refused(409, f"the tag {tag} cannot be made: {error.strerror}.") from error

    def _drop_empty(self, tag: str) -> None:
        """Remove the empty folders of a tag, the inner ones first."""
        inner = [path for path in self._path(tag).rglob("*") if path.is_dir()]
        for path in [*sorted(inner, reverse=True), self._path(tag)]:
            with contextlib.suppress(OSError):  # something came in: it stays
                path.rmdir()

    def _drop_if_empty(self, tag: str) -> None:
        with contextlib.suppress(OSError):
            self._path(tag).rmdir()

    def _tag_folder(self, listing: Listing, tag: str) -> str:
        """The folder of a tag as it is called on disk."""
        for sample in listing.samples:
            if sample.tag == tag:
                return PurePosixPath(self._below(sample.path)).parts[0]
        if tag in listing.tags and self._path(tag).is_dir():
            return tag
        raise Refused(404, f"the tag {tag} is no longer there.")

    def _path(self, name: str) -> Path:
        return self._folder / name

    def _below(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()


def checked_tag(tag: str) -> str:
    """A tag that every system can have as a folder.

    Raises
    ------
    Refused
        It cannot be one.
    """
    tag = tag.strip()
    if not tag:
        raise Refused(422, "a tag needs a name.")
    if tag.startswith(".") or tag.endswith(".") or _FORBIDDEN.search(tag):
        raise Refused(
            422, f"{tag!r} cannot name a folder: leave out leading and trailing dots and "
            'any of / \\ : * ? " < >.',
        )  # fmt: skip
    if _RESERVED.match(tag):
        raise Refused(422, f"{tag!r} is the name of a device on Windows: take another.")
    if len(tag) > _LONGEST_TAG:
        raise Refused(422, f"that tag has {len(tag)} characters; {_LONGEST_TAG} are the most.")
    if (size_b := len(tag.encode())) > _LONGEST_B:
        raise Refused(422, f"that tag takes {size_b} bytes on disk; {_LONGEST_B} are the most: "
                           "shorten it.")  # fmt: skip
    return tag


def checked_name(name: str) -> str:
    """A file name that every system can have; of a path its last part."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = _FORBIDDEN.sub("_", last).lstrip(".").strip() or "sample"
    path = PurePosixPath(f"_{clean}" if _RESERVED.match(clean) else clean)
    stem = path.stem[:_LONGEST_NAME].encode()[:_LONGEST_B].decode(errors="ignore")
    return f"{stem}{path.suffix[:12]}"


def _some(n_samples: int) -> str:
    return "1 sample" if n_samples == 1 else f"{n_samples} samples"
