"""Texts that were pasted and tables that were dropped, as files: the folder stays the truth."""

from __future__ import annotations

import re
import shutil
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handful.browsing.moving import Moved, checked_tag
from handful.browsing.receiving import check_fits
from handful.browsing.refusals import Refused
from handful.errors import HandfulError

if TYPE_CHECKING:
    from handful.browsing.workshop import Workshop
    from handful.rows import Table

_LONGEST, _MOST_TEXTS = 2_000_000, 10_000
_MOST_ROWS = 100_000
_SHOWN = 3  # rows of a table
_ENDINGS = {"texts": ".txt", "tables": ".json"}


def take_texts(workshop: Workshop, tag: str, texts: Any) -> Moved:
    """Write pasted texts into a tag, a file each.

    Raises
    ------
    Refused
        They are none, or too long.
    """
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Refused(422, "the request has no list of texts.")
    kept = [text.strip() for text in texts if text.strip()]
    if not kept:
        raise Refused(422, "there is no text to add.")
    if len(kept) > _MOST_TEXTS or sum(map(len, kept)) > _LONGEST:
        raise Refused(413, f"that is too much at once: at most {_MOST_TEXTS} texts and "
                           f"{_LONGEST // 1_000_000} million characters.")  # fmt: skip
    checked_tag(tag)
    named = [(tag, text.encode("utf-8", "replace")) for text in kept]
    return _written(workshop, named, "text", ".txt")


def table_from(workshop: Workshop, path: Path, name: str) -> dict[str, Any]:
    """What a table holds, so that a person can say which column holds the tags.

    Raises
    ------
    Refused
        It is no table.
    """
    from handful.rows import SUFFIXES

    try:
        if path.suffix not in SUFFIXES:
            raise Refused(415, f"{name} is no table: give CSV, TSV, JSON Lines or Parquet.")
        table = _read(path, name)
    except Refused:
        path.unlink(missing_ok=True)
        raise
    number = uuid.uuid4().hex
    workshop.tables[number] = path
    return {
        "id": number, "name": name, "columns": table.columns, "n": len(table.rows),
        "rows": [[None if cell is None else str(cell)[:80] for cell in row]
                 for row in table.rows[:_SHOWN]],
        "likely": _likely_tags(table),
    }  # fmt: skip


def _likely_tags(table: Table) -> str:
    """The column with the fewest different values, at least two; the last of such."""
    counts = {name: len({cell for cell in table.column(name) if cell is not None})
              for name in table.columns}  # fmt: skip
    several = [name for name in reversed(table.columns) if counts[name] > 1]
    return min(several, key=lambda name: counts[name]) if several else table.columns[-1]


def take_table(workshop: Workshop, number: str, tag: str) -> Moved:
    """Write the rows of a table into tags, a file each.

    Raises
    ------
    Refused
        It was not sent, is too long, or its tags cannot be folders.
    """
    from handful.sources import EXCLUSIVE, SEVERAL, open_samples

    path = workshop.tables.get(number)
    if path is None or not path.is_file():
        raise Refused(404, "that table is no longer here: drop it again.")
    try:
        found = open_samples(path, tag=tag, group=None)
    except HandfulError as error:
        raise Refused(422, str(error).replace(str(path), "the table")) from error
    ending = _ENDINGS.get(found.modality.name)
    if ending is None or found.kind not in (EXCLUSIVE, SEVERAL):
        what = "numbers" if ending else f"names of {found.modality.nouns}"
        raise Refused(422, f"that table holds {what}, which do not fit into a folder of tags: "
                           "handful train TABLE --tag COLUMN learns from it.")  # fmt: skip
    named = [
        (tagged.replace("/", "_"), source if isinstance(source, bytes) else source.read_bytes())
        for tagged, source in zip(found.files.tags, found.files.paths, strict=True)
    ]
    if len(named) > _MOST_ROWS:
        raise Refused(413, f"the table has {len(named)} rows; {_MOST_ROWS} are the most here.")
    moved = _written(workshop, named, "row", ending)
    workshop.tables.pop(number, None)
    path.unlink(missing_ok=True)
    return moved


def _written(workshop: Workshop, named: list[tuple[str, bytes]], word: str, ending: str) -> Moved:
    """Each content as a file of its tag; all of them one change."""
    stamp = re.sub(r"\D", "", f"{time.time():.2f}")
    place = workshop.place.incoming / uuid.uuid4().hex
    place.mkdir()
    change = 0
    try:
        for number, (tag, content) in enumerate(named, 1):
            path = place / f"{word}-{stamp}-{number:05}{ending}"
            path.write_bytes(content)
            if number == 1:
                check_fits(path, f"a {word}", workshop.shelf.look())
            change = workshop.mover.add(path, tag, path.name, stamp).id
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return Moved(change, f"add {word}s", len(named))


def _read(path: Path, name: str) -> Table:
    from handful.rows import read_table

    try:
        return read_table(path)
    except HandfulError as error:
        raise Refused(422, str(error).replace(str(path), name)) from error
