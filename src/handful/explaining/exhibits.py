"""Samples as a person sees them, ready to stand in a page."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from handful.errors import UnreadableError
from handful.loading import ordered_map, usable_cores
from handful.modalities.base import Exhibit
from handful.samples import Source


@dataclass(frozen=True)
class Exhibits:
    """What a page shows of its samples, by name.

    Attributes
    ----------
    pictures, sounds : dict of str to str
        Data URIs.
    texts : dict of str to str
    """

    pictures: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    sounds: dict[str, str] = field(default_factory=dict)


def exhibits(sources: Mapping[str, Source], show: Callable[[Source], Exhibit]) -> Exhibits:
    """What each sample that can still be read looks and sounds like.

    Parameters
    ----------
    sources : mapping of str to Path or bytes
        By sample name.
    show : callable
        The modality's.
    """

    def one(source: Source) -> Exhibit:
        try:
            return show(source)
        except UnreadableError:
            return Exhibit()  # gone since it was learnt from: the page then shows its name

    shown = ordered_map(one, sources.values(), workers=usable_cores(), ahead=2)
    found = Exhibits()
    for name, exhibit in zip(sources, shown, strict=True):
        if exhibit.picture:
            found.pictures[name] = _data_uri("image/jpeg", exhibit.picture)
        if exhibit.text:
            found.texts[name] = exhibit.text
        if exhibit.sound:
            found.sounds[name] = _data_uri("audio/wav", exhibit.sound)
    return found


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
