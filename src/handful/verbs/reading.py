"""From files to those whose headers make sense, and plain words on those left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from handful.caring.warnings import about_ignored, about_lost_tags
from handful.errors import SamplesError, UnreadableError
from handful.folders import TaggedFiles
from handful.judging import check_judgeable
from handful.looking import Survey, survey
from handful.modalities.base import Modality
from handful.printing import printable
from handful.progress import Progress
from handful.samples import Source
from handful.sources import BETWEEN, EXCLUSIVE, SEVERAL

_NAMED = 20  # files that one message names


@dataclass(frozen=True)
class Readable:
    """The files whose headers make sense, and those left out.

    Attributes
    ----------
    paths, tags, names, contents, measures : tuple
        One entry a file; contents are SHA-256.
    unreadable : dict of str to str
        Why, by name.
    two_tags : tuple of tuple of str
        Names of the same file under several tags.
    """

    paths: tuple[Source, ...]
    tags: tuple[str, ...]
    names: tuple[str, ...]
    contents: tuple[str, ...]
    measures: tuple[Any, ...]
    unreadable: dict[str, str]
    two_tags: tuple[tuple[str, ...], ...]

    def take(self, kept: Sequence[int], unreadable: dict[str, str]) -> Readable:
        """Only the files at `kept`; more that could not be read are added to the others."""

        def some(values: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(values[i] for i in kept)

        return replace(
            self,
            paths=some(self.paths),
            tags=some(self.tags),
            names=some(self.names),
            contents=some(self.contents),
            measures=some(self.measures),
            unreadable=self.unreadable | unreadable,
        )


def read_headers(
    modality: Modality,
    found: TaggedFiles,
    *,
    kind: str = EXCLUSIVE,
    training: bool = False,
    progress: Progress,
) -> Readable:
    """Hash and header of every file; what cannot be used is set aside by name.

    The same file under several tags is a contradiction, but where samples may have several tags:
    there it has them all. `training`: what the tags are can still be said.

    Raises
    ------
    SamplesError
        Nothing is left.
    """
    surveyed = survey(found.paths, modality.measure, progress=progress)
    every = Readable(
        paths=found.paths,
        tags=found.tags,
        names=found.names,
        contents=tuple(s.content if isinstance(s, Survey) else "" for s in surveyed),
        measures=tuple(s.measure if isinstance(s, Survey) else None for s in surveyed),
        unreadable={},
        two_tags=(),
    )
    unreadable = {
        name: str(why)
        for name, why in zip(found.names, surveyed, strict=True)
        if isinstance(why, UnreadableError)
    }
    if kind == SEVERAL and not modality.repeats:
        every = _merged(every)
    two_tags = [] if modality.repeats or kind == SEVERAL else _contradictions(every)
    out = {i for i, content in enumerate(every.contents) if not content}.union(*two_tags)
    kept = [i for i in range(len(every.names)) if i not in out]
    names = tuple(tuple(found.names[i] for i in same) for same in two_tags)
    files = replace(every.take(kept, unreadable), two_tags=names)
    refuse_nothing(files, about_several(files, modality) if training else [])
    return files


def listed(problems: Sequence[str]) -> str:
    """Lines of a message, cut where nobody would read on."""
    lines = [printable(line) for line in problems[:_NAMED]]
    more = [f"... and {len(problems) - _NAMED} more"] if len(problems) > _NAMED else []
    return "".join(f"\n  {line}" for line in [*lines, *more])


def refuse_nothing(files: Readable, advice: Sequence[str] = ()) -> None:
    """Refuse to go on without a single file.

    Raises
    ------
    SamplesError
        Names them all.
    """
    if not files.paths:
        out = "".join([listed(left_out(files)), *(f"\n{sentence}" for sentence in advice)])
        raise SamplesError(f"none of the files can be used:{out}")


def about_several(files: Readable, modality: Modality) -> list[str]:
    """What to do where the same file stands under several tags because it has them all."""
    n = len(files.two_tags)
    if not n:
        return []
    some = f"1 {modality.noun} stands" if n == 1 else f"{n} {modality.nouns} stand"
    return [
        f"{some} under more than one tag: if a {modality.noun} may rightly have several tags, say "
        f"--kind {SEVERAL}."
    ]


def refuse_unjudgeable(
    found: TaggedFiles, files: Readable, groups: np.ndarray, modality: Modality
) -> None:
    """Refuse samples from which nothing could be learnt and judged.

    Raises
    ------
    SamplesError
        Says what is missing, and what was left out.
    """
    tags, y = np.unique(files.tags, return_inverse=True)
    with naming_left_out(found, files, modality):
        check_judgeable(y, groups, tags.tolist(), modality.nouns)


@contextmanager
def naming_left_out(found: TaggedFiles, files: Readable, modality: Modality) -> Iterator[None]:
    """Adds to a refusal what was left out and what was seen: often that is the reason.

    Raises
    ------
    SamplesError
        As it came, with more to read.
    """
    try:
        yield
    except SamplesError as error:
        nouns = modality.nouns
        out = [
            *about_lost_tags(lost_tags(found, files), nouns),
            *left_out(files),
            *about_ignored(found.ignored, nouns),
        ]
        more = f"\nLeft out:{listed(out)}" if out else ""
        seen = [
            *about_several(files, modality),
            *_about_deeper(files),
            *modality.remarks(files.measures, files.tags, files.names),
        ]
        more += f"\nSeen:{listed(seen)}" if seen else ""
        raise SamplesError(f"{error}{more}") from error


def _about_deeper(files: Readable) -> list[str]:
    """Where one folder holds all, whether its sub-folders may be what is meant by tags."""
    parts = [name.split("/") for name in files.names]
    deeper = sorted({part[1] for part in parts if len(part) > 2 and part[0] == files.tags[0]})
    if len(set(files.tags)) > 1 or len(deeper) < 2:
        return []
    return [
        f"{files.tags[0]} has sub-folders itself ({', '.join(deeper[:5])}): if those are the tags, "
        f"give the folder {files.tags[0]}."
    ]


def lost_tags(found: TaggedFiles, files: Readable) -> list[str]:
    """Tags of which no file can be used."""
    return sorted({*found.tags, *found.empty_tags} - set(files.tags))


def left_out(files: Readable) -> list[str]:
    """Every file that was left out, with the reason."""
    problems = [f"{name} {why}" for name, why in sorted(files.unreadable.items())]
    return problems + [
        f"{' = '.join(names)} (the same file under several tags: keep it under the right one)"
        for names in files.two_tags
    ]


def _contradictions(files: Readable) -> list[list[int]]:
    """Files with the same content under different tags."""
    seen: dict[str, list[int]] = {}
    for i, content in enumerate(files.contents):
        if content:
            seen.setdefault(content, []).append(i)
    return [same for same in seen.values() if len({files.tags[i] for i in same}) > 1]


def _merged(files: Readable) -> Readable:
    """Each file once, with all the tags that it stands under."""
    first: dict[str, int] = {}
    tags = list(files.tags)
    for i, content in enumerate(files.contents):
        at = first.setdefault(content or f"unreadable {i}", i)
        if at != i:
            tags[at] = BETWEEN.join((tags[at], tags[i]))
    return replace(files, tags=tuple(tags)).take(sorted(first.values()), {})
