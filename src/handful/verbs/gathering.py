"""From a folder to tagged, readable, grouped samples with their features."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from handful.caring.near_copies import (
    Grouping,
    bursts,
    group_samples,
    near_copies,
    same_content,
    same_value,
)  # fmt: skip
from handful.encoders.base import Encoder
from handful.encoders.cache import FeatureCache, cache_folder
from handful.errors import InputError, SamplesError, UnreadableError
from handful.folders import TaggedFiles
from handful.loading import usable_cores
from handful.looking import Survey, look, survey
from handful.modalities.base import Modality
from handful.progress import Progress
from handful.samples import Samples

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

    paths: tuple[Path, ...]
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


@dataclass(frozen=True)
class Gathered:
    """Samples ready to be learnt from.

    Attributes
    ----------
    samples : Samples
        `items` are paths; `groups` hold near-copies, bursts and the user's own rule.
    files : Readable
    encoders : tuple of Encoder
    reading : dict
        How the modality decoded the files.
    features : dict of str to ndarray
        By encoder name, float32 (n_samples, n_features).
    grouping : Grouping
    """

    samples: Samples
    files: Readable
    encoders: tuple[Encoder, ...]
    reading: dict[str, Any]
    features: dict[str, np.ndarray]
    grouping: Grouping

    def tags_and_numbers(self) -> tuple[tuple[str, ...], np.ndarray]:
        """The tags in order, and each sample's number among them, int64 (n_samples,)."""
        tags, y = np.unique(self.samples.tags, return_inverse=True)
        return tuple(tags.tolist()), y

    def resemblance(self) -> np.ndarray:
        """Features in which alike samples are close, float32 (n_samples, n_features)."""
        first = self.encoders[0]
        return self.features[first.name][:, first.likeness]

    def data_sha256(self) -> str:
        """Hash of what was learnt from: every tag and content, in order."""
        rows = zip(self.files.tags, self.files.contents, strict=True)
        return hashlib.sha256("".join(f"{t}\0{c}\n" for t, c in rows).encode()).hexdigest()


def gather(
    modality: Modality,
    found: TaggedFiles,
    *,
    group: str | None,
    budget_s: float | None,
    progress: Progress,
) -> Gathered:
    """Read, look at and group every file.

    Parameters
    ----------
    modality : Modality
    found : TaggedFiles
    group : str, optional
        Regular expression: files in whose names it finds the same text belong together.
    budget_s : float, optional
        Seconds that looking may take; quick encoders are used where it would take longer.
    progress : Progress

    Raises
    ------
    SamplesError
        No file can be read.
    InputError
        `group` is not a regular expression.
    """
    rule = _rule(group)
    files = read_headers(modality, found, progress=progress)
    encoders = modality.encoders(files.measures)
    if budget_s is not None and _seconds_to_look(modality, files, encoders) > budget_s:
        encoders = modality.encoders(files.measures, small=True)
    reading = modality.reading(encoders)
    looked = look(
        files.paths,
        files.contents,
        [*encoders, modality.fingerprint],
        partial(modality.read, reading=reading),
        cache=FeatureCache(cache_folder()),
        progress=progress,
    )
    lost = {files.names[i]: why for i, why in looked.unreadable.items()}
    files = files.take(looked.readable.tolist(), lost)
    _refuse_nothing(files)
    *by_encoder, fingerprints = looked.features
    features = {e.name: X for e, X in zip(encoders, by_encoder, strict=True)}
    links = copies_and_bursts(
        modality,
        files,
        fingerprints=fingerprints,
        pixels=features[modality.small.name],
        likeness=features[encoders[0].name][:, encoders[0].likeness],
    )
    links.append(("your rule", same_value([rule(name) for name in files.names])))
    grouping = group_samples(len(files.paths), links)
    samples = Samples(files.paths, np.array(files.tags), files.names, grouping.groups)
    return Gathered(samples, files, encoders, reading, features, grouping)


def read_headers(modality: Modality, found: TaggedFiles, *, progress: Progress) -> Readable:
    """Hash and header of every file; what cannot be used is set aside by name.

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
    two_tags = _contradictions(every)
    out = set(unreadable).union(*two_tags)
    kept = [i for i, name in enumerate(found.names) if name not in out]
    files = replace(every.take(kept, unreadable), two_tags=two_tags)
    _refuse_nothing(files)
    return files


def _seconds_to_look(modality: Modality, files: Readable, encoders: Sequence[Encoder]) -> float:
    """How long these encoders would take over all files, from a try on the first."""
    try:
        sample = modality.read(files.paths[0], modality.reading(encoders))
    except UnreadableError:
        return 0.0
    for encoder in encoders:
        encoder.transform([sample])  # loads the weights
    started = time.perf_counter()
    for encoder in encoders:
        encoder.transform([sample])
    return (time.perf_counter() - started) * len(files.paths) / usable_cores()


def listed(problems: Sequence[str]) -> str:
    """Lines of a message, cut where nobody would read on."""
    more = [f"... and {len(problems) - _NAMED} more"] if len(problems) > _NAMED else []
    return "".join(f"\n  {line}" for line in [*problems[:_NAMED], *more])


def _refuse_nothing(files: Readable) -> None:
    if files.paths:
        return
    problems = [f"{name} {why}" for name, why in sorted(files.unreadable.items())]
    problems += [f"{' = '.join(names)} (same file, several tags)" for names in files.two_tags]
    raise SamplesError(f"none of the {len(problems)} files can be used:{listed(problems)}")


def _contradictions(files: Readable) -> tuple[tuple[str, ...], ...]:
    """Names of files with the same content under different tags."""
    seen: dict[str, list[int]] = {}
    for i, content in enumerate(files.contents):
        if content:
            seen.setdefault(content, []).append(i)
    return tuple(
        tuple(files.names[i] for i in same)
        for same in seen.values()
        if len({files.tags[i] for i in same}) > 1
    )


def copies_and_bursts(
    modality: Modality,
    files: Readable,
    *,
    fingerprints: np.ndarray,
    pixels: np.ndarray,
    likeness: np.ndarray,
) -> list[tuple[str, np.ndarray]]:
    """Pairs of samples that belong together by what they show and when they were taken."""
    look = modality.fingerprint
    y = np.unique(files.tags, return_inverse=True)[1]
    copies = near_copies(
        look.hash_bits(fingerprints), look.mirrored_bits(fingerprints), pixels, likeness
    )
    taken = bursts(look.taken_s(fingerprints), look.devices(fingerprints), y)
    return [
        ("same file", same_content(files.contents)),
        ("near-copies", copies),
        ("burst", taken),
    ]


def _rule(group: str | None) -> Callable[[str], str]:
    """What the user's expression finds in a name: its first bracket, or all of it."""
    if group is None:
        return lambda name: ""
    try:
        expression = re.compile(group)
    except re.error as error:
        raise InputError(
            f"--group {group!r} is not a regular expression: {error}. "
            "Example: --group '^[^/]*/(person[0-9]+)'"
        ) from error

    def found(name: str) -> str:
        match = expression.search(name)
        if match is None:
            return ""
        return match.group(1) or "" if expression.groups else match.group(0)

    return found
