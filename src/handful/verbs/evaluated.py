"""What judging a finished model on new samples has in common, whatever the tags are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from handful.bundle import PREDICTIONS, Bundle
from handful.caring.near_copies import Grouping, group_samples, same_value
from handful.caring.unknowns import ALPHA
from handful.errors import BundleError, SamplesError, UnreadableError
from handful.loading import ordered_map, usable_cores
from handful.metrics import clopper_pearson
from handful.progress import Progress
from handful.report.table import read_contents
from handful.samples import Source
from handful.sources import Found
from handful.verbs.gathering import copies_and_bursts
from handful.verbs.reading import Readable, refuse_nothing
from handful.verbs.running import Predictor, Seen

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True)
class Evaluated:
    """A finished model, judged on new samples.

    Attributes
    ----------
    report : dict
    files : Readable
        The samples that it was judged on.
    table : bytes or None
        Its predictions; None where nothing can be done with them.
    """

    report: dict[str, Any]
    files: Readable
    table: bytes | None


def answered(
    files: Readable, ask: Callable[[str, Source], AnswerT], progress: Progress
) -> tuple[Readable, list[AnswerT]]:
    """The files that can be decoded, and what the model file says of each.

    Raises
    ------
    SamplesError
        None can.
    """

    def one(sample: tuple[str, Source]) -> AnswerT | UnreadableError:
        try:
            return ask(*sample)
        except UnreadableError as error:
            return error

    lost: dict[str, str] = {}
    kept: list[int] = []
    answers: list[AnswerT] = []
    pairs = zip(files.names, files.paths, strict=True)
    for i, answer in enumerate(ordered_map(one, pairs, workers=usable_cores(), ahead=4)):
        if isinstance(answer, UnreadableError):
            lost[files.names[i]] = str(answer)
        else:
            kept.append(i)
            answers.append(answer)
        progress("looking", i + 1, len(files.paths))
    files = files.take(kept, lost)
    refuse_nothing(files)
    return files, answers


def groups_of(source: Found, files: Readable) -> list[str]:
    """What the column of groups says of each file; "" where it belongs to none."""
    grouped = dict(zip(source.files.names, source.groups, strict=True))
    return [grouped[name] for name in files.names]


def trained_on(bundle: Bundle) -> set[str]:
    """Contents of the samples that the model was trained on.

    Raises
    ------
    BundleError
        The list of them is missing or damaged: the model might be judged on its own samples.
    """
    contents = read_contents(bundle.read(PREDICTIONS))
    if len(contents) != bundle.card["n"]:
        raise BundleError(
            f"{bundle.folder / PREDICTIONS} is damaged: it does not list the {bundle.card['n']} "
            "samples of the training, which must be left out here. Copy the whole folder again, "
            "or train again."
        )
    return set(contents)


def met_before(files: Readable, bundle: Bundle, nouns: str) -> list[str]:
    """A sentence where samples that may repeat are the same as some of the training."""
    known = trained_on(bundle)
    met = sum(content in known for content in files.contents)
    if not met:
        return []
    return [
        f"{met} of {len(files.contents)} {nouns} are the same as some in the model's training: "
        "if they are those, any model looks good on them."
    ]


def fresh_ones(files: Readable, bundle: Bundle, *, repeats: bool) -> tuple[list[int], list[str]]:
    """Places of the files that were not in the model's training, and names of those that were.

    Raises
    ------
    SamplesError
        All of them were.
    """
    trained = set() if repeats else trained_on(bundle)
    fresh = [i for i, content in enumerate(files.contents) if content not in trained]
    seen = [name for name, c in zip(files.names, files.contents, strict=True) if c in trained]
    if not fresh:
        raise SamplesError(
            f"all {len(seen)} samples were in the model's training: judged on them any model "
            "looks good. Give samples that it has not seen; how it does on its own training "
            "samples, each predicted by a model without it, is in its report.html."
        )
    return fresh, seen


def grouping_of(
    predictor: Predictor[Any], source: Found, files: Readable, seen: Sequence[Seen]
) -> Grouping:
    """Samples that belong together: copies, bursts, and by the column of groups."""
    links = copies_and_bursts(
        predictor.modality,
        files,
        predictor.bundle.card["reading"],
        fingerprints=_stacked([one.fingerprint for one in seen]),
        small=_stacked([one.small for one in seen]),
        likeness=np.concatenate([one.likeness for one in seen]),
    )
    links.append(("your rule", same_value(groups_of(source, files))))
    return group_samples(len(files.names), links)


def _stacked(parts: list[np.ndarray | None]) -> np.ndarray | None:
    """All rows as one array; None for kinds of sample that have none."""
    found = [part for part in parts if part is not None]
    return np.concatenate(found) if found else None


def about_left_out(seen: Sequence[str], strange: Sequence[str], nouns: str) -> list[str]:
    """Sentences on samples of the training, and on tags that the model does not know."""
    sentences = []
    if seen:
        sentences.append(
            f"{len(seen)} {nouns} were in the model's training and were left out: on them any "
            "model looks good."
        )
    if strange:
        sentences.append(f"The model does not know these tags; left out: {', '.join(strange)}.")
    return sentences


def refused(known: Sequence[bool]) -> dict[str, Any]:
    """How many samples the model calls unlike everything it learned from."""
    n_refused = sum(not one for one in known)
    return {"refused": clopper_pearson(n_refused, len(known)).to_json(), "at_most": ALPHA}
