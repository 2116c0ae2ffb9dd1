"""From a folder to tagged, readable, grouped samples with their features."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from handful.caring.near_copies import (
    Grouping,
    bursts,
    group_samples,
    hardly_apart,
    near_copies,
    recorded_bursts,
    same_content,
    same_value,
)  # fmt: skip
from handful.encoders.base import Encoder
from handful.encoders.cache import FeatureCache, cache_folder
from handful.encoders.own_encoder import OwnEncoder
from handful.encoders.own_networks import OwnNetwork
from handful.errors import UnreadableError
from handful.folders import TaggedFiles
from handful.heads.pace import Pace
from handful.loading import usable_cores
from handful.looking import look
from handful.modalities.base import Modality
from handful.progress import Progress
from handful.samples import Samples
from handful.sources import EXCLUSIVE, NUMBER
from handful.verbs.reading import Readable, read_headers, refuse_nothing, refuse_unjudgeable
from handful.verbs.recipes import AUTO, network_encoders, rivals
from handful.verbs.refusals import groups_by_rule


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
    rivals : tuple of Encoder
        Those whose heads are tried.
    pace : Pace
        Of the networks that are trained.
    """

    samples: Samples
    files: Readable
    encoders: tuple[Encoder, ...]
    reading: dict[str, Any]
    features: dict[str, np.ndarray]
    grouping: Grouping
    rivals: tuple[Encoder, ...]
    pace: Pace

    def tags_and_numbers(self) -> tuple[tuple[str, ...], np.ndarray]:
        """The tags in order, and each sample's number among them, int64 (n_samples,)."""
        tags, y = np.unique(self.samples.tags, return_inverse=True)
        return tuple(tags.tolist()), y

    def resemblance(self) -> np.ndarray:
        """Features in which alike samples are close, float32 (n_samples, n_features)."""
        first = self.encoders[0]
        return self.features[first.name][:, first.likeness]

    def reading_for(self, used: Collection[str]) -> dict[str, Any]:
        """The reading without what only encoders that are not used want, where it says which."""
        by_encoder = self.reading.get("by_encoder")
        if by_encoder is None:
            return self.reading
        wanted = {name: values for name, values in by_encoder.items() if name in used}
        return {**self.reading, "by_encoder": wanted}

    def data_sha256(self) -> str:
        """Hash of what was learnt from: every tag and content, in order."""
        rows = zip(self.files.tags, self.files.contents, strict=True)
        return hashlib.sha256("".join(f"{t}\0{c}\n" for t, c in rows).encode()).hexdigest()


def gather(
    modality: Modality,
    found: TaggedFiles,
    *,
    grouped: Sequence[str],
    kind: str,
    group: str | None,
    budget_s: float | None,
    own: OwnNetwork | None = None,
    recipe: str = AUTO,
    pace: Pace | None = None,
    progress: Progress,
) -> Gathered:
    """Read, look at and group every file.

    Parameters
    ----------
    modality : Modality
    found : TaggedFiles
    grouped : sequence of str
        One entry a file: those with the same text belong together; "" belongs to none.
    kind : str
        What the tags are; numbers are judged otherwise.
    group : str, optional
        Regular expression: files in whose names it finds the same text belong together.
    budget_s : float, optional
        Seconds that looking may take; quick encoders are used where it would take longer.
    own : OwnNetwork, optional
        The user's, one more rival of the encoders that the modality chooses.
    recipe : str
        Whether networks learn from the samples themselves too, or they alone.
    pace : Pace, optional
        Of those networks.
    progress : Progress

    Raises
    ------
    SamplesError
        What can be read cannot be judged.
    InputError
        `group` is not a regular expression, or finds nothing.
    """
    groups_by_rule(group, found.names)  # refused before the long work, like the next
    files = read_headers(modality, found, kind=kind, training=kind == EXCLUSIVE, progress=progress)
    contents = np.unique(files.contents, return_inverse=True)[1]
    if kind == EXCLUSIVE:
        refuse_unjudgeable(found, files, contents, modality)
    encoders = _encoders(modality, files, own)
    if budget_s is not None and _seconds_to_look(modality, files, encoders) > budget_s:
        encoders = _encoders(modality, files, own, small=True)
    n_tags = 1 if kind == NUMBER else len(set(files.tags))
    networks = network_encoders(recipe, modality, files.measures, n_tags=n_tags)
    tried = rivals(recipe, encoders, networks)
    encoders = (*encoders, *networks)
    reading = modality.reading(encoders)
    fingerprint, small = modality.fingerprint, modality.small
    looked = look(
        files.paths,
        files.contents,
        [*encoders, *([fingerprint] if fingerprint else [])],
        partial(modality.read, reading=reading),
        cache=FeatureCache(cache_folder()),
        progress=progress,
    )
    lost = {files.names[i]: why for i, why in looked.unreadable.items()}
    files = files.take(looked.readable.tolist(), lost)
    refuse_nothing(files)
    features = {e.name: X for e, X in zip(encoders, looked.features, strict=False)}
    links = copies_and_bursts(
        modality,
        files,
        reading,
        fingerprints=looked.features[-1] if fingerprint else None,
        small=features[small.name] if small else None,
        likeness=features[encoders[0].name][:, encoders[0].likeness],
    )
    kept = dict(zip(found.names, grouped, strict=True))
    links.append(("your rule", same_value([kept[name] for name in files.names])))
    links.append(("your rule", same_value(groups_by_rule(group, files.names))))
    grouping = group_samples(len(files.paths), links)
    samples = Samples(files.paths, np.array(files.tags), files.names, grouping.groups)
    return Gathered(samples, files, encoders, reading, features, grouping, tried, pace or Pace())


def _encoders(
    modality: Modality, files: Readable, own: OwnNetwork | None, *, small: bool = False
) -> tuple[Encoder, ...]:
    """The modality's choice and, last, the user's network, for samples read as that wants them."""
    chosen = modality.encoders(files.measures, small=small)
    if own is None:
        return chosen
    reading = modality.reading(chosen)
    inputs, rate_hz = modality.inputs(reading), reading.get("rate_hz", 0)
    return (
        *chosen,
        OwnEncoder(own, inputs=inputs, as_input=modality.as_input, rate_hz=rate_hz),
    )


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


def copies_and_bursts(
    modality: Modality,
    files: Readable,
    reading: Mapping[str, Any],
    *,
    fingerprints: np.ndarray | None,
    small: np.ndarray | None,
    likeness: np.ndarray,
) -> list[tuple[str, np.ndarray]]:
    """Pairs of samples that belong together by what they show and when they were taken."""
    look = modality.fingerprint
    same = ("same file", same_content(files.contents))
    copies = near_copies_of(modality, files, reading)
    if modality.repeats:
        return [same, ("near-copies", copies)]
    recorded = ("burst", same_value(recorded_bursts(files.names)))
    if look is None or fingerprints is None or small is None:
        both = np.concatenate([copies, hardly_apart(likeness)])
        return [same, recorded, ("near-copies", both)]
    y = np.unique(files.tags, return_inverse=True)[1]
    copies = near_copies(
        look.hash_bits(fingerprints), look.mirrored_bits(fingerprints), small, likeness
    )
    taken = bursts(look.taken_s(fingerprints), look.devices(fingerprints), y)
    return [
        same,
        recorded,
        ("near-copies", copies),
        ("burst", taken),
    ]


def near_copies_of(modality: Modality, files: Readable, reading: Mapping[str, Any]) -> np.ndarray:
    """Pairs of samples that are copies by what the modality compares, int64 (n_pairs, 2)."""
    comparing = modality.comparing(reading)
    if comparing is None:
        return np.empty((0, 2), np.int64)
    looked = look(
        files.paths,
        files.contents,
        [comparing.copies],
        comparing.read,
        cache=FeatureCache(cache_folder()),
    )
    return np.asarray(looked.readable[comparing.copies.pairs(looked.features[0])])
