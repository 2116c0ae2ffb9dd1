"""Files that come in: streamed to disk, within limits, looked at, then put among the samples."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from handful.browsing.moving import checked_name
from handful.browsing.place import Place
from handful.browsing.refusals import Refused
from handful.browsing.shelf import Listing, kind_of_suffix
from handful.errors import UnreadableError

_MB = 1_000_000
_SPARE_B = 100 * _MB  # that stay free on the disk
_STALLED_S = 60.0  # for a body that no longer arrives


async def received(place: Place, name: str, body: AsyncIterator[bytes], most_mb: float) -> Path:
    """A file that has arrived whole, still apart from the samples.

    Raises
    ------
    Refused
        It is too large, or the disk is full; nothing is left of it.
    """
    path = place.incoming / f"{uuid.uuid4().hex}{Path(checked_name(name)).suffix.lower()}"
    try:
        await _written(path, body, most_mb, name)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


async def _written(path: Path, body: AsyncIterator[bytes], most_mb: float, name: str) -> None:
    size_b, began_s = 0, time.monotonic()
    free_b = shutil.disk_usage(path.parent).free
    with path.open("xb") as file:
        async for piece in body:
            size_b += len(piece)
            if size_b > most_mb * _MB:
                raise Refused(413, f"{name} is larger than {most_mb:g} MB: start the studio with "
                                   "--request-mb to take it.")  # fmt: skip
            if size_b + _SPARE_B > free_b:
                raise Refused(507, f"the disk is nearly full: {name} was not taken.")
            if time.monotonic() - began_s > _STALLED_S * (1 + size_b / _MB):
                raise Refused(408, f"{name} arrives too slowly.")
            await run_in_threadpool(file.write, piece)
    if not size_b:
        raise Refused(422, f"{name} is empty.")


async def held(body: AsyncIterator[bytes], most_b: int) -> bytes:
    """A small body, whole, in memory.

    Raises
    ------
    Refused
        It is larger than that.
    """
    data = bytearray()
    async for piece in body:
        data += piece
        if len(data) > most_b:
            raise Refused(413, f"that is larger than {most_b // _MB} MB.")
    return bytes(data)


def check_fits(path: Path, name: str, listing: Listing, kind: str = "") -> None:
    """Refuse what is no sample, none of this folder's kind, or damaged.

    Parameters
    ----------
    path : Path
    name : str
        As a person calls it.
    listing : Listing
    kind : str
        What most of the files are that come in together; counts while the folder is empty.

    Raises
    ------
    Refused
        Says what it is, and what the folder holds.
    """
    found = kind_of_suffix(path.suffix)
    if found is None:
        raise Refused(415, f"{name} is no kind of file that handful learns from.")
    holds = listing.modality
    if holds is not None and listing.samples and found.name != holds.name:
        raise Refused(415, f"{name} is a {found.noun}, and this folder holds {holds.nouns}: "
                           "open another folder for it.")  # fmt: skip
    if kind and not listing.samples and found.name != kind:
        raise Refused(415, f"{name} is a {found.noun}, and most files beside it are not.")
    try:
        found.measure(path)
        found.show(path)  # decodes all of it: a header may promise what is not there
    except UnreadableError as error:
        raise Refused(422, f"{name} {error}.") from error
