"""Columns that give the tag away are seen; those that do so by chance are not."""

from __future__ import annotations

import numpy as np
import pytest

from handful.encoders.disguises import RANGE, VALUE, gives_away

TAGS = [["no", "yes"][i % 2] for i in range(60)]
NUMBERS = [f"{i * i / 7:.3f}" for i in range(60)]
SEVERAL = [["p", "q", "p|q", ""][i % 4] for i in range(60)]


@pytest.mark.parametrize(
    ("cells", "tags", "expected"),
    [
        (["N" if tag == "no" else "Y" for tag in TAGS], TAGS, VALUE),
        ([f"{tag} {i % 5}" for i, tag in enumerate(TAGS)], TAGS, VALUE),  # finer than the tag
        ([3 if tag == "no" else None for tag in TAGS], TAGS, VALUE),  # there or missing
        ([i / 9 + 100 * (tag == "no") for i, tag in enumerate(TAGS)], TAGS, RANGE),
        (["N" if tag == "no" or i == 9 else "Y" for i, tag in enumerate(TAGS)], TAGS, ""),
        ([f"row {i}" for i in range(60)], TAGS, ""),  # a name each tells all and nothing
        ([2.54 * float(n) + 1 for n in NUMBERS], NUMBERS, VALUE),
        ([-float(n) for n in NUMBERS], NUMBERS, VALUE),
        ([float(n) + (i == 30) * 99 for i, n in enumerate(NUMBERS)], NUMBERS, ""),
        (["on" if "q" in tags else "off" for tags in SEVERAL], SEVERAL, VALUE),
        (["on" if i % 3 else "off" for i in range(60)], SEVERAL, ""),
        (["a"] * 60, TAGS, ""),
    ],
)
def test_what_gives_the_tag_away(cells, tags, expected):
    assert gives_away(cells, tags, n_columns=10) == expected


@pytest.mark.parametrize("n_rows", [4, 8, 12, 16, 24])
def test_chance_is_not_taken_for_a_disguise(n_rows):
    """Of tables with 20 columns without any meaning at most one in a thousand is remarked."""
    random = np.random.default_rng(n_rows)
    flagged = 0
    for _ in range(1000):
        tags = random.permutation(["a"] * (n_rows // 2) + ["b"] * (n_rows - n_rows // 2)).tolist()
        columns = [random.integers(0, 2, n_rows).tolist() for _ in range(10)]
        columns += [random.normal(size=n_rows).tolist() for _ in range(10)]
        flagged += any(gives_away(cells, tags, n_columns=20) for cells in columns)
    assert flagged <= 4  # a thousandth, and three standard errors
