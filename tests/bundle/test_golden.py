"""Bundles that older versions wrote still open, and answer as they did when they were written."""

import json
import zipfile
from pathlib import Path

import pytest

import handful
from handful.bundle import open_bundle
from handful.bundle.layout import FORMAT

GOLDEN = sorted((Path(__file__).resolve().parents[1] / "golden").glob("*.zip"))
ENDS = {"tables": ".json", "series": ".csv", "texts": ".txt"}
CLOSE = 1e-3


@pytest.fixture(params=GOLDEN, ids=[path.stem for path in GOLDEN])
def golden(request, tmp_path):
    """The bundle's folder, and what was written beside it."""
    with zipfile.ZipFile(request.param) as packed:
        packed.extractall(tmp_path)
    return tmp_path / "model", json.loads((tmp_path / "expected.json").read_text())


def test_every_format_that_ever_was_has_a_bundle_here():
    formats = {int(path.name.split("-")[1]) for path in GOLDEN}
    assert formats == set(range(1, FORMAT + 1))


def asked(model, expected):
    """What the model says of the samples that were asked when it was written."""
    files = []
    for number, content in enumerate(expected["asked"]):
        files.append(model.parent / f"{number}{ENDS[expected['modality']]}")
        files[-1].write_text(content, encoding="utf-8")
    return handful.predict(model, files)


def test_it_answers_as_it_did(golden):
    model, expected = golden
    assert len(expected["answers"]) >= 6
    for one, answer in zip(asked(model, expected), expected["answers"], strict=True):
        if expected["kind"] == "number":
            assert one.value == pytest.approx(answer[0] if isinstance(answer, list) else answer,
                                              abs=CLOSE)  # fmt: skip
        else:
            shares = [one.probabilities[tag] for tag in expected["tags"]]
            assert shares == pytest.approx(answer, abs=CLOSE)


def test_it_can_be_exported_and_its_rule_changed(golden, tmp_path):
    model, expected = golden
    found = handful.export(model, tmp_path / "out" / "m.onnx")
    assert found.cost.n_same == found.cost.n > 0
    if expected["kind"] == "number":
        return
    before = asked(model, expected)
    handful.threshold(model, positive=expected["tags"][0], miss_costs=5, alarm_costs=1, set=True)
    assert open_bundle(model).card["format"] == FORMAT
    for one, other in zip(before, asked(model, expected), strict=True):
        assert other.probabilities == pytest.approx(one.probabilities, abs=1e-6)
