"""Plain sentences about the samples that a person should know before trusting a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from handful.caring.near_copies import Grouping

FEW = 30  # samples of a tag below which its own figures say little
_IMBALANCE = 5.0  # most samples of a tag to fewest
_NAMED = 5
_ENOUGH_STEPS = 0.9
_MORE = {
    False: "More would help most here.",
    True: "To know better, try the model on more of these; the model itself stays as it is.",
}


def about_counts(
    tags: Sequence[str], y: np.ndarray, nouns: str, *, tried: bool = False
) -> list[str]:
    """Tags with too few samples to say much about, and lopsided sets.

    `tried`: they are samples that a finished model is tried on, not those it learns from.
    """
    counts = np.bincount(y, minlength=len(tags))
    few = [f"{tag} ({n})" for tag, n in zip(tags, counts, strict=True) if n < FEW]
    sentences = []
    if few:
        sentences.append(
            f"Fewer than {FEW} {nouns} of {_some(few)}: what is said of a single tag with so few "
            f"may be far off; look at its interval, not at its figure. {_MORE[tried]}"
        )
    if counts.max() >= _IMBALANCE * counts.min():
        most, least = tags[int(counts.argmax())], tags[int(counts.argmin())]
        sentences.append(
            f"There are {counts.max()} {nouns} of {most!r} but {counts.min()} of {least!r}. "
            "Accuracy flatters the common tag: look at the balanced accuracy."
        )
    return sentences


def about_rare_tags(tags: Sequence[str], counts: Sequence[int], nouns: str) -> list[str]:
    """Tags, of several that a sample may have, that too few have to say much about."""
    few = [f"{tag} ({n})" for tag, n in zip(tags, counts, strict=True) if n < FEW]
    if not few:
        return []
    return [
        f"Fewer than {FEW} {nouns} have {_some(few)}: what is said of a single tag with so few may "
        "be far off; look at its interval, not at its figure."
    ]


def about_missing_tags(tags: Sequence[str], nouns: str) -> list[str]:
    """Tags, of several that a sample may have, that cannot be learnt and judged."""
    if not tags:
        return []
    return [
        f"The model does not know {_some(tags)}: learning and judging a tag needs at least 2 "
        f"independent {nouns} that have it and 2 that have it not."
    ]


def about_groups(
    grouping: Grouping, y: np.ndarray, tags: Sequence[str], names: Sequence[str]
) -> list[str]:
    """Copies that carry different tags, and tags that are hardly more than copies."""
    sentences = []
    mixed = [
        group for group in grouping.found
        if group.why != "your rule" and len(set(y[list(group.members)])) > 1
    ]  # fmt: skip
    if mixed:
        pairs = [" and ".join(names[m] for m in _one_of_each(group.members, y)) for group in mixed]
        sentences.append(
            f"These look the same but carry different tags; please check them: {_some(pairs)}."
        )
    for number, tag in enumerate(tags):
        n_samples, n_groups = int((y == number).sum()), len(np.unique(grouping.groups[y == number]))
        if n_samples >= 4 * n_groups:
            sentences.append(
                f"The {n_samples} samples of {tag!r} are really {n_groups} different ones; the "
                "rest are copies or taken together. They count as what they are."
            )
    return sentences


def _one_of_each(members: Sequence[int], y: np.ndarray) -> list[int]:
    """The first member of each of two tags."""
    first: dict[int, int] = {}
    for member in members:
        first.setdefault(int(y[member]), member)
    return list(first.values())[:2]


def about_files(
    two_tags: Sequence[Sequence[str]], untagged: Sequence[str], closed: Sequence[str], nouns: str
) -> list[str]:
    """Files that were left out, other than the unreadable."""
    sentences = []
    if two_tags:
        pairs = [" = ".join(same) for same in two_tags]
        sentences.append(
            f"The same file stands under several tags and was left out: {_some(pairs)}. "
            "Keep it under the right one."
        )
    if untagged:
        sentences.append(
            f"Left out, as {'it has' if len(untagged) == 1 else 'they have'} no tag (outside any "
            f"tag's sub-folder, or an empty cell): {_counted(len(untagged), nouns)} "
            f"({_some(untagged)})."
        )
    if closed:
        sentences.append(f"These folders could not be looked into: {_some(closed)}.")
    return sentences


def about_lost_tags(tags: Sequence[str], nouns: str) -> list[str]:
    """Tags that the model will not know."""
    if not tags:
        return []
    return [f"No {nouns} that can be used lie under {_some(tags)}: the model does not know it."]


def about_budget(steps_taken: float) -> list[str]:
    """Networks that had too little time to learn what they could: which share of their steps."""
    if steps_taken >= _ENOUGH_STEPS:
        return []
    share = f"only {steps_taken:.0%}" if steps_taken >= 0.01 else "hardly any"
    return [
        f"The budget was short: networks that learn from your samples went through {share} of "
        "their rounds, and any that got no time answers as if by chance. A longer --budget, or "
        "none, makes a better model."
    ]


def about_kinds(others: Mapping[str, int], nouns: str) -> list[str]:
    """Samples of other kinds, which were left out; `others` by what they are called."""
    if not others:
        return []
    some = " and ".join(_counted(n, name) for name, n in others.items())
    return [
        f"The samples are of several kinds, and a model learns from one: here from {nouns}. Left "
        f"out for that: {some}."
    ]


def about_ignored(names: Sequence[str], nouns: str) -> list[str]:
    """Files that were passed over for their names."""
    if not names:
        return []
    some = "1 file" if len(names) == 1 else f"{len(names)} files"
    return [f"Passed over, as not named like {nouns}: {some} ({_some(names)})."]


def _counted(n: int, nouns: str) -> str:
    return f"{n} {nouns.removesuffix('s') if n == 1 else nouns}"


def _some(values: Sequence[str]) -> str:
    more = f" and {len(values) - _NAMED} more" if len(values) > _NAMED else ""
    return ", ".join(values[:_NAMED]) + more
