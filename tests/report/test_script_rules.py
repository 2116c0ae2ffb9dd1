"""The script's own rules against the metrics, the published table, and a real shell."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from made_reports import HOSTILE

import handful.report
from handful.metrics import least_positives, most_misses

pytestmark = pytest.mark.browser

TIE = (0.5, 0.5)  # a risk that is exactly what is allowed is a matter of rounding
TEMPLATES = Path(handful.report.__file__).parent / "templates"


@pytest.fixture
def rules(browser):
    """The page's rules, callable: a function that runs an expression among them."""
    page, source = browser.new_page(), "".join(
        (TEMPLATES / name).read_text() for name in ("counting.js", "saying.js")
    )  # fmt: skip
    yield lambda expression, given: page.evaluate(f"g => {{{source}; return {expression}}}", given)
    page.close()


def test_the_promise_rule_is_that_of_the_metrics_over_a_grid(rules):
    sizes = (1, 2, 5, 21, 22, 37, 38, 45, 64, 65, 77, 229, 230, 531, 4000)
    recalls, confidences = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999), (0.5, 0.8, 0.9, 0.95, 0.99)
    grid = [(n, r, c) for n in sizes for r in recalls for c in confidences if (r, c) != TIE]
    given = [list(row) for row in grid]
    found = rules("g.map(([n, r, c]) => [mostMisses(n, r, c), leastPositives(r, c)])", given)
    for (n, r, c), (misses, need) in zip(grid, found, strict=True):
        assert misses == most_misses(n, recall=r, confidence=c), (n, r, c)
        assert need == least_positives(recall=r, confidence=c), (r, c)


def test_the_promise_rule_gives_the_published_table(rules):
    table = {(0.9, 0.9): (22, 38, 52, 65), (0.95, 0.9): (45, 77, 105, 132),
             (0.95, 0.95): (59, 93, 124, 153), (0.99, 0.9): (230, 388, 531, 667)}  # fmt: skip
    for (recall, sure), needed in table.items():
        for misses, n in enumerate(needed):
            found = rules("g.map(([n, r, c]) => mostMisses(n, r, c))",
                          [[n, recall, sure], [n - 1, recall, sure]])  # fmt: skip
            assert found == [misses, misses - 1 if misses else None]


def test_names_survive_the_shell(rules):
    names = [*HOSTILE, "it's", "-x", "--set", "a\nb", "\x1b[31m", "$(date)", "`x`", "!h", "a\\b",
             "''", "~", "#a", "*", "é", "😀\udcff\x7f", "\x85\u2028", "a\u202eb'c"]  # fmt: skip
    for name, word in zip(names, rules("g.map(quoted)", names), strict=True):
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", word)
        run = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True,
                             env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]})  # fmt: skip
        assert run.stdout == os.fsencode(name)
