"""Tables: trained, judged and asked as a person does it, and what is said of odd columns."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

import handful
from doors import handful as command
from handful.modalities.tables import MODALITY


def write_csv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def flowers(n, seed):
    """Two kinds apart in one number and in a colour; ids, a constant and the tag in disguise."""
    random = np.random.default_rng(seed)
    return [
        {
            "id": i + 1,
            "petal": round(random.normal(2 if i % 2 else 5, 1), 2) if i % 9 else "",
            "colour": str(random.choice(["white", "blue"] if i % 2 else ["yellow", "blue"])),
            "garden": "ours",
            "code": "X1" if i % 2 else "X2",
            "kind": "alpine" if i % 2 else "meadow",
        }
        for i in range(n)
    ]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    rows = [{k: v for k, v in row.items() if k != "code"} for row in flowers(60, 0)]
    path = write_csv(folder / "flowers.csv", rows)
    run = command("train", path, "--tag", "kind", "--to", folder / "model", "--json")
    return run.json(), folder / "model", folder


def test_a_table_is_learnt_from_the_command_line(trained):
    values, model, _ = trained
    assert (values["modality"], values["n"], values["tags"]) == ("tables", 60, ["alpine", "meadow"])
    assert values["metrics"]["accuracy"]["low"] > 0.75
    warnings = " ".join(values["warnings"])
    assert "only number the rows: id" in warnings
    assert "say the same in every row: garden" in warnings
    assert "disguise" not in warnings
    assert "petal: " in (model / "report.html").read_text(encoding="utf-8")


def test_new_rows_are_judged_and_predicted_alike(trained, tmp_path):
    _, model, _ = trained
    rows = [{k: v for k, v in row.items() if k not in ("code", "id")} for row in flowers(30, 1)]
    path = write_csv(tmp_path / "new.csv", rows)
    judged = handful.evaluate(model, path)
    assert judged.report["n"] == 30
    said = handful.predict(model, path)
    assert [one.file for one in said[:2]] == [f"{path}:line 2", f"{path}:line 3"]
    right = sum(one.tag == row["kind"] for one, row in zip(said, rows, strict=True))
    assert right == sum(judged.report["confusion"]["counts"][k][k] for k in (0, 1))


def test_one_row_comes_through_stdin_too(trained, tmp_path):
    _, model, _ = trained
    row = tmp_path / "one.json"
    row.write_text(json.dumps({"petal": 5.5, "colour": "yellow"}))
    assert handful.predict(model, row)[0].tag == "meadow"


def test_the_tag_in_disguise_is_named(tmp_path):
    path = write_csv(tmp_path / "t.csv", flowers(40, 0))
    result = handful.train(path, tmp_path / "model", tag="kind")
    said = [w for w in result.report["warnings"] if "disguise" in w]
    assert len(said) == 1
    assert said[0].startswith("The tag can be read off code alone:")


def test_rows_that_are_the_same_may_have_other_tags(tmp_path):
    rows = [{"a": i % 3, "b": "xy"[i % 2], "t": "uv"[(i // 6) % 2]} for i in range(48)]
    result = handful.train(write_csv(tmp_path / "t.csv", rows), tmp_path / "model", tag="t")
    assert result.report["n"] == 48
    low, high = (result.metrics["accuracy"][end] for end in ("low", "high"))
    assert low <= 0.5 <= high


def test_columns_that_tell_nothing_are_refused(tmp_path):
    rows = [{"id": i, "same": "x", "t": "uv"[i % 2]} for i in range(40)]
    path = write_csv(tmp_path / "t.csv", rows)
    message = command("train", path, "--tag", "t", "--to", tmp_path / "model").message
    assert "nothing to learn from" in message
    assert "only number the rows: id" in message


def test_groups_by_a_column(tmp_path):
    """Two rows a person with the person's tag drawn at random: only leaking would know it."""
    random = np.random.default_rng(3)
    rows = []
    for person in range(30):
        where, tag = random.normal(size=3), str(random.choice(["u", "v"]))
        rows += [
            {"who": f"p{person}", **{f"x{k}": where[k] + random.normal(0, 0.01) for k in range(3)},
             "t": tag}
            for _ in range(4)
        ]  # fmt: skip
    path = write_csv(tmp_path / "t.csv", rows)
    result = handful.train(path, tmp_path / "model", tag="t", group="who")
    assert result.metrics["balanced_accuracy"]["low"] <= 0.5
    assert len(result.report["near_copies"]) == 30


def test_what_is_shown_of_a_wide_row_stays_short():
    row = json.dumps({f"column {i}": "x" * 300 for i in range(100)}).encode()
    text = MODALITY.show(row).text
    assert len(text) <= 2000


def prices(n, seed, write):
    random = np.random.default_rng(seed)
    for i in range(n):
        price = random.normal(2000 if i % 2 else 5000, 300)
        yield {"price": write(price), "kind": "cheap" if i % 2 else "dear"}


def in_euros(price):
    return f"€ {price:,.2f}".replace(",", "'").replace(".", ",").replace("'", ".")


def test_numbers_with_commas_and_money_are_read_said_and_read_again(tmp_path):
    path = write_csv(tmp_path / "t.csv", list(prices(60, 0, in_euros)))
    result = handful.train(path, tmp_path / "model", tag="kind")
    (said,) = [w for w in result.warnings if w.startswith("Read as numbers")]
    assert said.startswith("Read as numbers, in these rows and in all that come later: price ('€ ")
    same = write_csv(tmp_path / "plain.csv", list(prices(60, 0, lambda price: f"{price:.2f}")))
    plain = handful.train(same, tmp_path / "plain", tag="kind")
    assert result.metrics["accuracy"] == plain.metrics["accuracy"]
    new = write_csv(tmp_path / "new.csv", list(prices(10, 1, in_euros)))
    new_plain = write_csv(tmp_path / "new-plain.csv", list(prices(10, 1, lambda p: f"{p:.2f}")))
    one, other = (
        [answer.probabilities for answer in handful.predict(tmp_path / model, file)]
        for model, file in (("model", new), ("plain", new_plain))
    )
    assert one == other
    strange = handful.predict(tmp_path / "model", new_plain)  # points where commas are wanted
    assert not any(answer.known for answer in strange)
    assert "price" in strange[0].note


def test_numbers_that_may_mean_two_things_are_named(tmp_path):
    rows = [{"x": i % 7, "load": f"{i % 9 + 1},{200 + i}", "t": "uv"[i % 2]} for i in range(40)]
    result = handful.train(write_csv(tmp_path / "t.csv", rows), tmp_path / "model", tag="t")
    (said,) = [w for w in result.warnings if "may mean two things" in w]
    assert "load (such as '1,200')" in said


@pytest.mark.parametrize("name", ["id", "ID", "PassengerId", "customer_id", "id_customer", "nr"])
def test_whole_numbers_that_name_rows_are_left_out_and_said(name):
    rows = [{name: 3 * i + i % 2, "x": str(i % 3)} for i in range(40)]
    tags = ["a"] * 20 + ["b"] * 20
    (columns,) = MODALITY.encoders(rows)
    assert [column.name for column in columns.schema.numbers] == ["x"]
    assert f"only name the rows, by a whole number each: {name}." in " ".join(
        MODALITY.remarks(rows, tags)
    )


@pytest.mark.parametrize("cells", [[i % 30 for i in range(40)], [i / 2 for i in range(40)]])
def test_numbers_that_do_not_name_rows_are_learnt_from(cells):
    (columns,) = MODALITY.encoders([{"id": cell} for cell in cells])
    assert [column.name for column in columns.schema.numbers] == ["id"]
    (columns,) = MODALITY.encoders([{"width": 3 * i + i % 2} for i in range(40)])
    assert [column.name for column in columns.schema.numbers] == ["width"]


def test_a_column_that_nearly_gives_the_tag_away_is_warned_of_and_kept():
    rows = [{"leak": "AB"[i % 2], "x": i % 7} for i in range(200)]
    tags = ["yes" if i % 2 or i < 6 else "no" for i in range(200)]
    said = " ".join(MODALITY.remarks(rows, tags))
    assert "nearly every answer: leak (tells 98 % of the rows)" in said
    assert [c.name for c in MODALITY.encoders(rows)[0].schema.categories] == ["leak"]
