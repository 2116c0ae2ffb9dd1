"""What a kind of sample has to say of itself, and how the right kind is found for a folder."""

from __future__ import annotations

import importlib
import pkgutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Protocol

import numpy as np

from handful.encoders.base import Copies, Encoder, Fingerprint
from handful.encoders.whole import Whole
from handful.errors import SamplesError
from handful.folders import TaggedFiles, tagged_files
from handful.graphs import GraphInput
from handful.samples import Source

_NAMED = 5


@dataclass(frozen=True)
class Exhibit:
    """One sample, shown to a person.

    Attributes
    ----------
    picture : bytes
        A small JPEG.
    text : str
    sound : bytes
        A short WAV to be played.
    """

    picture: bytes = b""
    text: str = ""
    sound: bytes = b""


@dataclass(frozen=True)
class Comparing:
    """How near-copies are found.

    Attributes
    ----------
    read : callable
        Decodes one sample as `copies` takes it.
    copies : Copies
    """

    read: Callable[[Source], Any]
    copies: Copies


class Modality(Protocol):
    """One kind of sample: which files it accepts, how it reads, encodes and shows them.

    Attributes
    ----------
    name : str
        As in ``card.json``: ``images``.
    noun, nouns : str
        What a person calls one sample, and several.
    fingerprint : Fingerprint or None
        Finds near-copies and bursts. Without it `copies` finds near-copies, and samples that the
        first encoder can hardly tell apart are some as well.
    small : Encoder or None
        With a fingerprint: samples made small, which shows whether two agree to the last
        detail. One of `encoders`.
    repeats : bool
        Whether samples that are the same may rightly carry different tags, as rows may and
        photos may not.
    own_input : str or None
        What a network that the user brings may take of a sample: an input of the exported
        graph. None: there is no such.
    """

    name: str
    noun: str
    nouns: str
    fingerprint: Fingerprint | None
    small: Encoder | None
    repeats: bool
    own_input: str | None

    def accepts(self, path: Path) -> bool:
        """Whether a file's name is one of this kind."""
        ...

    def measure(self, data: Source) -> Any:
        """What can be said of a file from its header, for choosing encoders."""
        ...

    def encoders(self, measures: Sequence[Any], *, small: bool = False) -> tuple[Encoder, ...]:
        """The encoders that suit samples of these measures; `small` asks for quick ones."""
        ...

    def whole(self, measures: Sequence[Any]) -> Whole:
        """The samples themselves, for networks that learn from the first weight on."""
        ...

    def lower_part(self, measures: Sequence[Any]) -> Whole | None:
        """The frozen lower part of a pretrained network whose upper part can be fine-tuned."""
        ...

    def remarks(
        self, measures: Sequence[Any], tags: Sequence[str], names: Sequence[str] = ()
    ) -> list[str]:
        """Sentences on what was seen in the samples, for the report's warnings.

        `names` are the samples', where they are to be named.
        """
        ...

    def reading(self, encoders: Sequence[Encoder]) -> dict[str, Any]:
        """How samples are read for these encoders, as plain values for the card."""
        ...

    def read(self, source: Source, reading: Mapping[str, Any]) -> Any:
        """One sample, decoded."""
        ...

    def comparing(self, reading: Mapping[str, Any]) -> Comparing | None:
        """How near-copies are found; None where the fingerprint does it."""
        ...

    def inputs(self, reading: Mapping[str, Any]) -> tuple[GraphInput, ...]:
        """What the exported graph takes."""
        ...

    def as_input(self, sample: Any) -> dict[str, np.ndarray]:
        """A decoded sample as the exported graph takes it: a batch of one, by input."""
        ...

    def doubt(self, given: Mapping[str, np.ndarray], reading: Mapping[str, Any]) -> str:
        """What a sample, as the graph takes it, lacks though all training samples had it; or "".

        The words follow the sample's name, and the model calls it unknown.
        """
        ...

    def show(self, source: Source) -> Exhibit:
        """The sample as a person sees it in the report."""
        ...

    def strangers(self) -> Sequence[Any]:
        """Decoded samples that belong to no tag anyone would have: what to refuse."""
        ...

    def write_example(self, folder: Path, *, seed: int = 0) -> None:
        """Make a tiny tagged set to try things on."""
        ...

    def made(self, reading: Mapping[str, Any]) -> Sequence[Any]:
        """A few made-up samples, decoded, for trying a model that has none at hand."""
        ...


def modalities() -> tuple[Modality, ...]:
    """Every kind of sample, found by its file in this folder."""
    import handful.modalities as room

    found = []
    for module in pkgutil.iter_modules(room.__path__):
        if module.name != "base":
            found.append(importlib.import_module(f"{room.__name__}.{module.name}").MODALITY)
    return tuple(found)


def by_name(name: str) -> Modality:
    """The kind of sample that a card names.

    Raises
    ------
    SamplesError
        No such kind: the model is of a newer handful.
    """
    for modality in modalities():
        if modality.name == name:
            return modality
    known = ", ".join(modality.name for modality in modalities())
    raise SamplesError(f"this handful knows {known}, not {name!r}. Update it.")


def detect(folder: Path) -> tuple[Modality, TaggedFiles]:
    """The kind of sample that a folder mostly holds, and those samples.

    Raises
    ------
    SamplesError
        Nothing in it fits, or no kind makes up more than half of it; the message says what was
        found and what would fit.
    """
    found = [(modality, tagged_files(folder, modality.accepts)) for modality in modalities()]
    modality, files = max(found, key=lambda pair: len(pair[1].paths))
    if files.paths:
        _refuse_mixed(folder, modality, files)
        return modality, files
    nouns = " or ".join(modality.nouns for modality in modalities())
    raise SamplesError(nothing_fits(folder, files, nouns))


def other_kinds(modality: Modality, files: TaggedFiles) -> dict[str, int]:
    """How many of the files passed over are samples of other kinds, by what these are called.

    What lies beside a sample under its name, as a photo's text may, belongs to it.
    """
    own = {str(PurePath(name).with_suffix("")) for name in files.names}
    alone = [PurePath(n) for n in files.ignored if str(PurePath(n).with_suffix("")) not in own]
    tagged = [Path(name) for name in alone if len(name.parts) > 1]
    others = [kind for kind in modalities() if kind.name != modality.name]
    counts = {kind.nouns: sum(map(kind.accepts, tagged)) for kind in others}
    return {nouns: n for nouns, n in counts.items() if n}


def _refuse_mixed(folder: Path, modality: Modality, files: TaggedFiles) -> None:
    others = other_kinds(modality, files)
    if len(files.paths) > sum(others.values()):
        return
    every = {modality.nouns: len(files.paths), **others}
    some = ", ".join(f"{n} {nouns}" for nouns, n in every.items())
    raise SamplesError(
        f"{folder} holds samples of several kinds, and none makes up more than half: {some}. A "
        "model learns from one kind: make a folder for each, with one sub-folder per tag."
    )


def made_examples(write: Callable[[Path], None], read: Callable[[Path], Any]) -> list[Any]:
    """Every third sample of what `write` makes in a folder, as `read` reads it."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        return [read(path) for path in paths[::3]]


def those(names: Sequence[str], concerned: Sequence[bool]) -> str:
    """The first few of the samples concerned, in brackets; "" where there are no names.

    Examples
    --------
    >>> those(["a.wav", "b.wav", "c.wav"], [True, False, True]), those([], [True])
    (' (a.wav, c.wav)', '')
    """
    found = [name for name, wanted in zip(names, concerned, strict=False) if wanted]
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f" ({', '.join(found[:_NAMED])}{more})" if found else ""


def nothing_fits(folder: Path, files: TaggedFiles, nouns: str) -> str:
    """What a folder without a single tagged sample holds instead, and what was wanted."""
    if files.untagged:
        return (
            f"{folder} holds {len(files.untagged)} {nouns} that have no tag: put each in a "
            f"sub-folder named after its tag, like {folder / 'cat' / files.untagged[0]}"
        )
    kinds = Counter(Path(name).suffix.lower() or name for name in files.ignored)
    others = ", ".join(f"{n} x {kind}" for kind, n in kinds.most_common(5)) or "no files at all"
    return (
        f"{folder} holds nothing that handful can learn from. Found: {others}. "
        f"Wanted: {nouns}, in one sub-folder per tag."
    )
