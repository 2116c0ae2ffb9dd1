"""What judging a finished model on new samples has in common, whatever the tags are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from handful.bundle import PREDICTIONS, Bundle
from handful.errors import BundleError, UnreadableError
from handful.loading import ordered_map, usable_cores
from handful.progress import Progress
from handful.report.table import read_contents
from handful.samples import Source
from handful.sources import Found
from handful.verbs.reading import Readable, refuse_nothing

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
