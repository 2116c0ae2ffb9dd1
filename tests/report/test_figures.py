"""Drawn parts as values: where things lie and how dark they are."""

from __future__ import annotations

import pytest

from handful.report.figures import bar, figure, matrix, tag_rows


def test_a_bar_lies_where_its_interval_does():
    drawn = bar({"value": 0.25, "low": 0.2, "high": 0.4})
    assert (drawn.value, drawn.low, drawn.width, drawn.high) == (
        "25.00%", "20.00%", "20.00%", "40.00%")  # fmt: skip


def test_without_an_interval_the_bar_is_a_dot_and_without_a_value_nothing():
    assert bar({"value": 0.5}).width == "0.00%"
    assert bar({"value": None, "low": 0.0, "high": 1.0}) is None


@pytest.mark.parametrize(("value", "anchor"), [(0.0, "start"), (0.5, "middle"), (1.0, "end")])
def test_labels_stay_inside_the_scale(value, anchor):
    assert bar({"value": value}).anchor == anchor


def test_every_shade_follows_the_share_of_the_row(every_shade):
    drawn = matrix(every_shade)
    shades = [row.cells[i].shade for i, row in enumerate(drawn.rows)]
    assert shades == list(range(11))
    assert [row.cells[(i + 1) % 11].shade for i, row in enumerate(drawn.rows)] == shades[::-1]
    assert all(row.cells[i].right for i, row in enumerate(drawn.rows))


def test_one_of_a_thousand_is_still_seen():
    drawn = matrix({"confusion": {"tags": ["a", "b"], "counts": [[999, 1], [0, 1]]}})
    assert drawn.rows[0].cells[1].shade == 1
    assert drawn.rows[1].cells[0].shade == 0


def test_a_tag_without_samples_has_an_empty_row():
    drawn = matrix({"confusion": {"tags": ["a", "b"], "counts": [[2, 0], [0, 0]]}})
    assert drawn.rows[1].total == 0
    assert drawn.rows[1].cells[1].share == "0 %"
    assert (drawn.totals, drawn.total) == ([2, 0], 2)


@pytest.mark.parametrize(("n", "size"), [(2, "roomy"), (10, "roomy"), (30, "tight"), (77, "dense")])
def test_more_tags_are_set_more_tightly(of_tags, n, size):
    assert matrix(of_tags(n)).size == size


def test_tags_found_least_come_first_and_undefined_ones_last():
    found = {"a": 0.9, "b": None, "c": 0.1}
    report = {"per_tag": {t: {"recall": {"value": v}, "support": 1} for t, v in found.items()}}
    assert [row.tag for row in tag_rows(report)] == ["c", "a", "b"]


def test_a_figure_says_its_counts_and_interval():
    recall = figure("recall", {"value": 0.8, "low": 0.444, "high": 0.975, "k": 8, "n": 10})
    assert (recall.text, recall.counts, recall.span) == ("80 %", "8 of 10", "44-98 %")
    auc = figure("auc", {"value": 0.9712, "low": 0.93, "high": 0.991})
    assert (auc.text, auc.counts, auc.span) == ("0.97", "", "0.93-0.99")


def test_an_undefined_figure_is_not_zero():
    precision = figure("precision", {"value": None, "low": None, "high": None, "k": 0, "n": 0})
    assert (precision.text, precision.counts, precision.span) == ("undefined", "0 of 0", "")
    assert precision.bar is None
    assert figure("f1", None).text == "undefined"
