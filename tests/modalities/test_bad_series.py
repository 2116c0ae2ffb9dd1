"""Gaps, single steps and odd tables among recordings, for every kind of tag: said plainly."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from doors import handful, report
from handful.modalities.series import MODALITY

BAD = {
    "empty.csv": ("", "is empty"),
    "header.csv": ("time,x,y\n", "holds a header at most"),
    "missing.csv": ("time,x,y\n0,nan,\n1,inf,1e400\n", "all its cells are empty, infinite"),
    "words.csv": ("time,x,y\n0,big,small\n", "line 2 has no number"),
    "ragged.csv": ("time,x,y\n0,1,2\n1,2\n", "line 3 has another number of columns"),
    "third.csv": ("time,x,y,z\n" + "0,1,2,3\n" * 20, "has 3 channels, the others have 2"),
}


def test_bad_recordings_are_named_and_gaps_bridged(tmp_path):
    folder = tmp_path / "set"
    MODALITY.write_example(folder)
    for name, (content, _) in BAD.items():
        (folder / "rest" / name).write_text(content)
    (folder / "rest" / "wide.csv").write_text("time,x,y\n0,1,2\n", encoding="utf-16")
    (folder / "rest" / "one.csv").write_text("time,x,y\n0,1,2\n")
    (folder / "rest" / "gaps.csv").write_text("time,x,y\n" + "0,1,2\n" * 20 + "1,inf,nan\n2,3,4\n")
    run = handful("train", folder, "--to", tmp_path / "model", "--json")
    assert run.json()["n"] == 38
    listed = {bad["name"]: bad["why"] for bad in report(tmp_path / "model")["unreadable"]}
    assert set(listed) == {f"rest/{name}" for name in (*BAD, "wide.csv")}
    for name, (_, why) in BAD.items():
        assert why in listed[f"rest/{name}"]
    assert "UTF-16" in listed["rest/wide.csv"]
    said = " ".join(run.json()["warnings"])
    assert "1 recording has fewer than 9 steps" in said
    assert "1 recording has gaps (rest/gaps.csv): 2 cells in all" in said


@pytest.mark.parametrize(
    ("kind", "tag"),
    [
        ("exclusive", lambda i: "ab"[i % 2]),
        ("several", lambda i: ["p", "q", "p|q"][i % 3]),
        ("number", lambda i: i % 2 + i / 100),
    ],
)
def test_recordings_of_one_step_are_learnt_from_and_remarked(kind, tag, tmp_path):
    random = np.random.default_rng(0)
    with (tmp_path / "steps.csv").open("w", newline="") as file:
        rows = [
            (f"r{i}", *(f"{value:.3f}" for value in random.normal(i % 2, 0.5, 3)), tag(i))
            for i in range(40)
        ]
        csv.writer(file).writerows([("name", "x", "y", "z", "tag"), *rows])
    words = ("--tag", "tag", "--series", "name", "--to", tmp_path / "model", "--json")
    found = handful("train", tmp_path / "steps.csv", *words).json()
    assert (found["modality"], found["n"], found["kind"]) == ("series", 40, kind)
    assert any("40 recordings have fewer than 9 steps" in w for w in found["warnings"])
