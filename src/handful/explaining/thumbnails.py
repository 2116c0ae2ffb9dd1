"""Small pictures of samples, ready to stand in a page."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path

from handful.errors import UnreadableError
from handful.loading import ordered_map, usable_cores


def data_uris(paths: Mapping[str, Path], picture: Callable[[Path], bytes]) -> dict[str, str]:
    """A JPEG data URI for each name whose file can still be read.

    Parameters
    ----------
    paths : mapping of str to Path
        By sample name.
    picture : callable
        A small JPEG of one file.
    """

    def one(path: Path) -> str:
        try:
            return "data:image/jpeg;base64," + base64.b64encode(picture(path)).decode()
        except UnreadableError:
            return ""  # gone since it was learnt from: the page then shows its name

    shown = ordered_map(one, paths.values(), workers=usable_cores(), ahead=2)
    return {name: uri for name, uri in zip(paths, shown, strict=True) if uri}
