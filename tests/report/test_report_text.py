"""The summary in the terminal."""

from __future__ import annotations

import re

import pytest
from made_reports import HOSTILE, from_counts
from rich.cells import cell_len

from handful.report import report_text
from handful.report.several import several_lines

PLAIN = """\
Of 100 new photos like yours, expect about 90 right (between 68 and 99).
Always guessing the commonest tag gets 60 right.
The model is clearly better than that.

   0 % ······································▲·····━━━━━━━━━━━━━━●━━━━━· 100 %

Recipe       EfficientNet-Lite2 at 380 px: logistic regression on all stages
Right        18 of 20 (90 %, 95 % interval 68-99 %)
Guessing     60 % (▲, always the commonest tag)
Mixed up     cat taken for dog: 1 of 8 (13 %)
             dog taken for cat: 1 of 12 (8 %)
Near-copies  2 photos in 1 group, never split in judging
Unreadable   notes.jpg is a text file, not a picture
Warnings     With fewer than 30 photos of a tag little can be said of that tag
             alone.
Report       model/report.html
"""


def test_the_summary_says_what_matters(complete):
    assert report_text(complete, colour=False, path="model/report.html") == PLAIN


def test_colour_changes_nothing_but_colour(complete):
    coloured = report_text(complete, colour=True, path="model/report.html")
    assert "\x1b[" in coloured
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in bare.splitlines()] == PLAIN.splitlines()


@pytest.mark.parametrize("variable", ["NO_COLOR", "FORCE_COLOR", "COLUMNS"])
def test_the_environment_does_not_change_the_summary(complete, monkeypatch, variable):
    before = report_text(complete, colour=False)
    monkeypatch.setenv(variable, "1")
    assert report_text(complete, colour=False) == before


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(hostile, width):
    lines = report_text(hostile, colour=False, path="m/" + "r" * 150, width=width).splitlines()
    assert max(map(cell_len, lines)) <= width


def test_names_cannot_steer_the_terminal(hostile):
    text = report_text(hostile, colour=False)
    assert not set(text) & set("\x1b\x07\x08\u202e\u2066\udcff")
    assert "\ufffd[31m" in text
    text.encode("utf-8")


def test_names_are_not_read_as_markup():
    report = from_counts(["[red]a[/red]", ":smile:"], [[1, 2], [0, 3]])
    assert "[red]a[/red] taken for :smile:: 2 of 3 (67 %)" in report_text(report, colour=False)


def test_only_the_three_worst_confusions_are_named():
    counts = [[5, 4, 3], [2, 5, 6], [1, 0, 5]]
    text = report_text(from_counts(["a", "b", "c"], counts), colour=False)
    assert re.findall(r"(\w) taken for (\w): (\d)", text) == [
        ("b", "c", "6"), ("a", "b", "4"), ("a", "c", "3")]  # fmt: skip
    assert "and 3 other mistakes" in text


def test_long_tags_keep_both_ends():
    name = "card_payment_wrong_exchange_rate_2024"
    text = report_text(from_counts([name, "b"], [[1, 2], [0, 3]]), colour=False)
    assert "card_payment_…ange_rate_2024 taken for b" in text


def test_an_empty_report_still_has_a_summary():
    text = report_text({}, colour=False)
    assert text.startswith("How many new samples it gets right cannot be said.\n")
    assert "None" not in text


def test_hostile_tags_are_shown_as_they_are(hostile):
    assert HOSTILE[0] in report_text(hostile, colour=False)


def test_nothing_mixed_up_is_said_only_where_all_were_right():
    perfect = from_counts(["a", "b"], [[9, 0], [0, 9]])
    assert re.search(r"Mixed up +nothing", report_text(perfect, colour=False))


def test_guessing_is_marked_even_inside_the_interval():
    report = from_counts(["a", "b"], [[5, 5], [5, 5]])
    report["metrics"]["baseline_accuracy"]["value"] = 0.55
    text = report_text(report, colour=False)
    assert "The model cannot be told apart from guessing." in text
    assert re.search("━●━+▲━+·", text)


def test_several_tags_stand_in_the_order_of_the_model():
    def judged(shares):
        one = {"precision": {"value": 0.5}, "support": 9}
        per_tag = {tag: {**one, "recall": {"value": share}} for tag, share in shares.items()}
        return {"tags": list(shares), "per_tag": per_tag}

    few = several_lines(judged({"wind": 0.9, "hail": 0.1, "rain": 0.5}))
    assert [line.split()[0] for line in few] == ["wind", "hail", "rain"]
    many = several_lines(judged({f"t{n}": (n * 3 % 8) / 8 for n in range(8)}))
    assert [line.split()[0] for line in many[:-1]] == ["t0", "t1", "t3", "t4", "t6", "t7"]
    assert many[-1] == "and 2 more in the report"
