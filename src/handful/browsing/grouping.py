"""Samples that belong together: the person's own rule, tried before it is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from handful.caring.near_copies import recorded_bursts
from handful.verbs.refusals import groups_by_rule

_SHOWN = 5


def tried_rule(rule: str, names: Sequence[str]) -> dict[str, Any]:
    """Which groups a rule makes of the samples' names.

    Parameters
    ----------
    rule : str
        A regular expression, as for `train --group`; "" is none.
    names : sequence of str

    Raises
    ------
    InputError
        It is no regular expression, or finds nothing.
    """
    found = Counter(value for value in groups_by_rule(rule or None, names) if value)
    bursts = {burst for burst in recorded_bursts(names) if burst}
    return {
        "rule": rule,
        "groups": len(found),
        "in_groups": sum(found.values()),
        "samples": len(names),
        "bursts": len(bursts),
        "largest": found.most_common(_SHOWN),
    }
