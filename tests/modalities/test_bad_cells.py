"""Bad cells and columns of tables, for every kind of tag: said plainly, nothing lost."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from doors import handful, report

KINDS = {
    "exclusive": ("tag",),
    "several": ("marks",),
    "several, a column each": ("wet", "cold"),
    "number": ("size",),
}
N = 60


def written(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


def made(n=N):
    """Rows whose numbers have to do with their tags, and what the tags are."""
    random = np.random.default_rng(0)
    rows, tags = [], []
    for i in range(n):
        hot, wet = bool(random.random() < 0.5), bool(random.random() < 0.5)
        level = random.normal(hot, 0.5)
        rows.append({"a": round(random.normal(hot), 3), "b": round(random.normal(wet), 3)})
        marks = "|".join(name for name, has in (("warm", hot), ("wet", wet)) if has)
        tags.append(
            {"tag": ["no", "yes"][hot], "marks": marks or "dry", "wet": int(wet),
             "cold": int(not hot), "size": round(level, 4)}
        )  # fmt: skip
        rows[-1]["city"] = f"city {i % (n - n // 5)}"
    return rows, tags


def train(tmp_path, rows, tags, kind):
    columns = KINDS[kind]
    joined = [
        row | {name: own[name] for name in columns} for row, own in zip(rows, tags, strict=True)
    ]
    asked = [word for name in columns for word in ("--tag", name)]
    path = written(tmp_path / "rows.csv", joined)
    return handful("train", path, *asked, "--to", tmp_path / "model", "--json")


@pytest.mark.parametrize("kind", KINDS)
def test_infinite_cells_disguises_and_names_are_said_for_every_kind(kind, tmp_path):
    rows, tags = made()
    bad = ["nan", "inf", "-inf", "1e400", "NaN", "many"]
    for i, row in enumerate(rows):
        own = tags[i]
        row["a"] = bad[i % 6] if i % 12 == 0 else row["a"]
        row["b"] = "inf" if i == 7 else row["b"]
        if kind == "number":
            row["copy"] = 2.54 * own["size"] + 1
        else:
            row["copy"] = f"{own[KINDS[kind][-1]]} again"
    run = train(tmp_path, rows, tags, kind)
    found = run.json()
    assert found["n"] == N
    assert found["kind"] == kind.partition(",")[0]
    (infinite,) = [w for w in found["warnings"] if "infinite" in w]
    assert "b (1, such as 'inf')" in infinite
    (disguise,) = [w for w in found["warnings"] if "disguise" in w]
    assert disguise.startswith("The tag can be read off copy alone:")
    (rare,) = [w for w in found["warnings"] if "Rare values" in w]
    assert "city (36 of its 48 values)" in rare


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_five_thousand_categories_neither_hang_nor_fill_the_memory(kind, tmp_path):
    rows, tags = made(6000)
    for i, row in enumerate(rows):
        row["city"] = f"city {i % 5000}"
    found = train(tmp_path, rows, tags, kind).json()
    assert found["n"] == 6000
    assert any("city (4,950 of its 5,000 values)" in w for w in found["warnings"])


def test_numbers_and_truths_that_are_none_are_named(tmp_path):
    rows, tags = made()
    for i, value in ((3, "inf"), (5, ""), (9, "many"), (11, "1e300")):
        tags[i]["size"] = value
    message = train(tmp_path, rows, tags, "number").message
    assert "no numbers that can be learnt: 1e300, inf, many." in message
    tags[4]["wet"] = 2
    message = train(tmp_path, rows, tags, "several, a column each").message
    assert "'wet' says '2' for line 6" in message
    assert not (tmp_path / "model").exists()


def test_a_tag_seen_once_is_refused_or_left_out_by_name(tmp_path):
    rows, tags = made()
    tags[-1] |= {"tag": "once", "marks": "warm|once", "size": 1e6}
    assert "'once' has 1 row" in train(tmp_path, rows, tags, "exclusive").message
    run = train(tmp_path, rows, tags, "several")
    assert any("does not know once" in w for w in run.json()["warnings"])
    assert "once" not in run.json()["tags"]


def test_a_column_of_yes_and_no_that_never_says_yes_is_named(tmp_path):
    rows, tags = made()
    for own in tags:
        own["cold"] = 0
    run = train(tmp_path, rows, tags, "several, a column each")
    assert run.json()["tags"] == ["wet"]
    assert any("does not know cold" in w for w in run.json()["warnings"])


def test_rows_without_a_tag_are_named(tmp_path):
    rows, tags = made()
    tags[3]["tag"] = tags[4]["tag"] = ""
    run = train(tmp_path, rows, tags, "exclusive")
    assert run.json()["n"] == N - 2
    assert any("no tag" in w and "(line 5, line 6)" in w for w in run.json()["warnings"])
    assert len(report(tmp_path / "model")["near_copies"]) == 0


def test_only_infinite_cells_are_nothing_to_learn_from(tmp_path):
    _, tags = made()
    rows = [{"a": ["inf", "-inf", "1e400"][i % 3], "b": "nan"} for i in range(N)]
    message = train(tmp_path, rows, tags, "exclusive").message
    assert "nothing to learn from" in message
    assert "are empty: a, b" in message
