"""Samples that belong together: the person's own rule, tried before it is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from handful.browsing.refusals import Refused
from handful.caring.near_copies import recorded_bursts
from handful.errors import InputError
from handful.verbs.refusals import groups_by_rule

_SHOWN = 5


def groups_of(rule: str, names: Sequence[str]) -> list[str]:
    """The group of each sample by a rule, "" where it is in none.

    Raises
    ------
    Refused
        The rule is no regular expression, or finds nothing.
    """
    try:
        return groups_by_rule(rule or None, names)
    except InputError as error:  # in the words of the page, where there is no --group
        reason = str(error).replace("--group ", "")
        raise Refused(422, f"the rule for samples that belong together: {reason}") from error


def tried_rule(rule: str, names: Sequence[str]) -> dict[str, Any]:
    """Which groups a rule makes of the samples' names.

    Parameters
    ----------
    rule : str
        A regular expression, as for `train --group`; "" is none.
    names : sequence of str

    Raises
    ------
    Refused
        It is no regular expression, or finds nothing.
    """
    found = Counter(value for value in groups_of(rule, names) if value)
    bursts = {burst for burst in recorded_bursts(names) if burst}
    return {
        "rule": rule,
        "groups": len(found),
        "in_groups": sum(found.values()),
        "samples": len(names),
        "bursts": len(bursts),
        "largest": found.most_common(_SHOWN),
    }
