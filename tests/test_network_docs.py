"""The examples of docs/networks.md run, and its figure is there."""

from __future__ import annotations

import doctest
from pathlib import Path
from xml.etree import ElementTree

import pytest

from handful.encoders.whole_samples import WholePhotos, WholeRecordings, WholeSounds, WholeTexts

DOCS = Path(__file__).parents[1] / "docs"


def test_the_examples_of_the_page_run():
    found = doctest.testfile(str(DOCS / "networks.md"), module_relative=False)
    assert found.attempted > 10
    assert found.failed == 0


@pytest.mark.parametrize(
    ("encoder", "words"),
    [
        (WholePhotos, "1,000 photos"),
        (WholeSounds, "1,000 photos, sounds"),
        (WholeRecordings, "500 recordings"),
        (WholeTexts, "20,000 texts"),
    ],
)
def test_the_page_names_the_number_from_which_auto_tries_networks(encoder, words):
    assert f"{encoder.enough:,}" in words
    assert words in (DOCS / "networks.md").read_text(encoding="utf-8")


def test_the_figure_is_small_and_whole():
    figure = DOCS / "from-scratch.svg"
    assert figure.stat().st_size < 200_000
    root = ElementTree.parse(figure).getroot()
    assert len(root.findall(".//{*}path")) == 9  # three ways in the key and in each panel
