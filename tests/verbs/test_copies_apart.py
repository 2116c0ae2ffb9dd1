"""Random tags on copies of a few samples: nothing can be learnt, and the figures say so."""

import json

import numpy as np
import pytest

import handful

N_SOURCES = 24


def text(rng):
    words = ["".join(rng.choice(list("abcdefgh"), 5)) for _ in range(40)]
    return " ".join(words)


def of_texts(folder, rng):
    for number in range(N_SOURCES):
        tag, whole = "ab"[number % 2], text(rng)
        for copy in range(3):
            words = whole.split()
            words[int(rng.integers(40))] = "other"
            path = folder / tag / f"{number:02} {copy}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(" ".join(words).upper() if copy == 1 else " ".join(words))


def of_recordings(folder, rng):
    for number in range(N_SOURCES):
        tag, whole = "ab"[number % 2], np.cumsum(rng.normal(size=(150, 2)), axis=0)
        for copy in range(3):
            path = folder / tag / f"{number:02} {copy}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            cut = whole[4 * copy :] + 0.01 * copy
            np.savetxt(path, cut, delimiter=",", header="u,v", comments="", fmt="%.4f")


def groups(report):
    return {frozenset(name.rsplit(" ", 1)[0] for name in group["names"])
            for group in report["near_copies"]}  # fmt: skip


@pytest.mark.parametrize("make", [of_texts, of_recordings])
def test_copies_of_files_stand_together_when_training_and_when_judged_anew(make, tmp_path):
    make(tmp_path / "first", np.random.default_rng(0))
    make(tmp_path / "more", np.random.default_rng(1))
    trained = handful.train(tmp_path / "first", tmp_path / "model")
    found = trained.report["near_copies"]
    assert [len(group["names"]) for group in found] == [3] * N_SOURCES
    assert all(len(together) == 1 for together in groups(trained.report))
    assert trained.metrics["accuracy"]["low"] <= 0.5
    judged = handful.evaluate(tmp_path / "model", tmp_path / "more")
    assert [len(group["names"]) for group in judged.report["near_copies"]] == [3] * N_SOURCES
    assert all(len(together) == 1 for together in groups(judged.report))


def test_rows_with_jitter_stand_together(tmp_path):
    rng = np.random.default_rng(0)
    first = rng.normal(size=(N_SOURCES, 5))
    again = [[*row + 1e-9 * rng.normal(size=5), "ab"[number % 2]]
             for number, row in [*enumerate(first)] * 3]  # fmt: skip
    lines = [["a", "b", "c", "d", "e", "tag"], *again]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(",".join(map(str, line)) for line in lines))
    trained = handful.train(path, tmp_path / "model", tag="tag")
    report = json.loads((tmp_path / "model" / "report.json").read_text())
    assert [len(group["names"]) for group in report["near_copies"]] == [3] * N_SOURCES
    assert trained.metrics["accuracy"]["low"] <= 0.5
