"""How numbers are written in columns: by hand, and the same in the browser's page."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

import handful.formats
from handful.encoders.numerals import Numerals, is_ambiguous, numerals_of
from handful.encoders.schemas import kind_of, number

ROWS_JS = Path(handful.formats.__file__).parent / "page" / "rows.js"

CLEAR = [
    (["3,14", "2,7", "5", None], [3.14, 2.7, 5, math.nan]),
    (["0,123", "0,456"], [0.123, 0.456]),
    (["-0,5", "\u22121,25", "+2"], [-0.5, -1.25, 2]),
    (["1.200,50", "3,2", "1.300"], [1200.5, 3.2, 1300]),
    (["1,200.50", "1,200", "7"], [1200.5, 1200, 7]),
    (["1,234,567", "1,200"], [1234567, 1200]),
    (["€ 1.200,50", "3,20 €", "7"], [1200.5, 3.2, 7]),
    (["$1,200", "$3,450", "$950"], [1200, 3450, 950]),
    (["$1,200", "-$3.50"], [1200, -3.5]),
    (["£5", "£7", "£12.5"], [5, 7, 12.5]),
    (["1 200,5", "1\u00a0300,25"], [1200.5, 1300.25]),
    (["1'200.50", "3\u2019250.25"], [1200.5, 3250.25]),
    ([3.5, "4,5"], [3.5, 4.5]),
]
UNCLEAR = [
    ["1,200", "3,450"],  # 1.2 or 1200?
    ["€1.200", "€3.400"],
    ["1.200", "3,5"],  # a point and a comma, none of which must be a separator of thousands
    ["1,5", "1.5", "2,5", "2.5"],
    ["$5", "€5"],
]
OTHERS = [
    ["1.5", "2"],
    ["1.200", "3.400"],
    ["red", "blue"],
    ["12.03.2024", "13.04.2024"],
    ["030 123 456", "030 123 457"],
    ["1.2.3", "1.2.4"],
    ["10:30", "11:15"],
    [None],
    [],
]


@pytest.mark.parametrize(("cells", "values"), CLEAR)
def test_numbers_that_can_be_read_in_one_way_only(cells, values):
    numerals = numerals_of(cells)
    assert [number(cell, numerals) for cell in cells] == pytest.approx(values, nan_ok=True)
    assert not is_ambiguous(cells)
    assert kind_of(cells) == "number"


@pytest.mark.parametrize("cells", UNCLEAR)
def test_what_may_mean_two_things_is_no_number(cells):
    assert numerals_of(cells) is None
    assert is_ambiguous(cells)
    assert kind_of(cells) == "category"


@pytest.mark.parametrize("cells", OTHERS)
def test_plain_numbers_names_and_dates_stay_what_they_are(cells):
    assert numerals_of(cells) is None
    assert not is_ambiguous(cells)


def test_one_odd_cell_among_many_does_not_decide():
    cells = [f"{i},5" for i in range(99)]
    assert numerals_of([*cells, "many"]) == Numerals(",", False, "")
    assert numerals_of([*cells[:9], "many"]) is None


CELLS = ["3,14", "3.14", "1.200", "1.200,50", "$1,200", "1,200", "€ 5", "7", "-3,1", "", "x", "1e5",
         "1 200", "1,2,3", "12,", "€ -3,5", "-€3,5", "0.123", "1.20,5"]  # fmt: skip
WAYS = [Numerals(",", False, ""), Numerals(",", True, "€"), Numerals(".", True, "$"),
        Numerals(".", False, "€")]  # fmt: skip


def test_what_training_did_not_see_is_not_guessed():
    assert math.isnan(WAYS[0].read("3.140"))  # 3.14 of another table, or 3140?
    assert WAYS[1].read("3.140") == 3140
    assert math.isnan(WAYS[1].read("$3"))


@pytest.mark.parametrize("way", WAYS)
def test_the_page_reads_them_alike(way, tmp_path):
    if not (node := shutil.which("node")):
        pytest.skip("node is not installed: it runs the page's script")
    schema = {"numbers": [{"name": "a", "part": "", "numerals": asdict(way)}], "categories": []}
    script = tmp_path / "ask.mjs"
    script.write_text(
        f"import {{ decoded }} from {json.dumps(ROWS_JS.as_uri())};\n"
        f"const schema = {json.dumps(schema)};\n"
        f"const said = {json.dumps(CELLS)}.map(a => decoded({{ a }}, schema).numbers);\n"
        "console.log(JSON.stringify(said.flat()));",
        encoding="utf-8",
    )
    done = subprocess.run([node, script], capture_output=True, text=True, check=True)
    page = [math.nan if value is None else value for value in json.loads(done.stdout)]
    assert page == pytest.approx([way.read(cell or None) for cell in CELLS], nan_ok=True)
