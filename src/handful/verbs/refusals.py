"""Calls that cannot work, refused before any work is done."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from pathlib import Path

from handful.errors import InputError
from handful.score_files import Columns
from handful.sources import EXCLUSIVE, KINDS, NUMBER, SEVERAL


def refuse_seed(seed: int) -> None:
    """Seeds count from 0.

    Raises
    ------
    InputError
        It is negative or no whole number.
    """
    if not isinstance(seed, int) or seed < 0:
        raise InputError(f"--seed is {seed}: give a whole number from 0, like --seed 1")


def refuse_budget(budget: float | None) -> None:
    """A budget is a time.

    Raises
    ------
    InputError
        It is negative or no number.
    """
    if budget is not None and (math.isnan(budget) or budget < 0):
        raise InputError(f"--budget is {budget}: give seconds from 0, like --budget 60")


def refuse_share(option: str, share: float | None, example: str, *, most: float = 0) -> None:
    """A share lies between 0 and 1; with `most` 1 it may be 1.

    Raises
    ------
    InputError
        It does not.
    """
    if share is not None and not (0 < share < 1 or share == most):
        raise InputError(f"{option} is {share:g}: give a share between 0 and 1, like {example}.")


def refuse_costs(miss_costs: float, alarm_costs: float) -> None:
    """What a mistake costs is more than nothing.

    Raises
    ------
    InputError
        One of them is not.
    """
    for option, cost in (("--miss-costs", miss_costs), ("--alarm-costs", alarm_costs)):
        if not 0 < cost < math.inf:
            raise InputError(f"{option} is {cost:g}: give a number above 0, like 10.")


def chosen_kind(kind: str | None) -> str | None:
    """What the user says the tags are.

    Raises
    ------
    InputError
        There is no such kind.
    """
    if kind is not None and kind not in KINDS:
        raise InputError(
            f"--kind is {kind!r}: give {EXCLUSIVE} (one tag a sample), {SEVERAL} (a sample may "
            f"have several, or none) or {NUMBER}."
        )
    return kind


def refuse_inside(folder: Path, target: Path) -> None:
    """A model among the samples would be taken for a tag.

    Raises
    ------
    InputError
        `target` is in `folder`, or is `folder`.
    """
    if Path(os.path.realpath(target)).is_relative_to(os.path.realpath(folder)):
        raise InputError(
            f"the model's folder {target} would lie among the samples in {folder} and be taken "
            "for a tag. Choose another folder with --to."
        )


def refuse_others(why: str, **given: object) -> None:
    """Options that would do nothing here.

    Raises
    ------
    InputError
        One was given.
    """
    much = [f"--{name}" for name, value in given.items() if value is not None]
    if much:
        raise InputError(f"{why}: leave {' and '.join(much)} out.")


def refuse_unclear_columns(
    model: object, samples: object, truth: str | None, score: str | None, positive: str | None
) -> Columns:
    """A table of scores needs its two columns and no model.

    Raises
    ------
    InputError
        Something is missing or too much.
    """
    if model is not None or samples is not None:
        raise InputError("--predictions judges scores that exist: give no model and no samples.")
    if truth is None or score is None:
        raise InputError("--predictions needs --truth COLUMN and --score COLUMN.")
    return Columns(truth, score, positive)


def groups_by_rule(group: str | None, names: Sequence[str]) -> list[str]:
    """What the user's expression finds in each name: its first bracket, or all of it.

    Raises
    ------
    InputError
        It is not a regular expression, or finds nothing in any name.
    """
    if group is None:
        return [""] * len(names)
    expression = _compiled(group)
    found = [_found(expression, name) for name in names]
    if names and not any(found):
        raise InputError(
            f"--group {group!r} finds nothing in any name, such as {names[0]!r}: no samples would "
            "be kept together. Mend the expression, or leave it out."
        )
    return found


def _compiled(group: str) -> re.Pattern[str]:
    try:
        return re.compile(group)
    except (re.error, OverflowError, RecursionError) as error:
        raise InputError(
            f"--group {group!r} is not a regular expression: {error}. "
            "Example: --group '^[^/]*/(person[0-9]+)'"
        ) from error


def _found(expression: re.Pattern[str], name: str) -> str:
    match = expression.search(name)
    if match is None:
        return ""
    return match.group(1) or "" if expression.groups else match.group(0)
