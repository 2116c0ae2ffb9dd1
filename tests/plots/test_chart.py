"""Charts: every shape where its numbers say, with the words a person needs."""

import re

import numpy as np
import pytest

from handful.plots.chart import (
    Band,
    Chart,
    Line,
    Marks,
    Spans,
    boxes_of_spans,
    clock,
    nice_ticks,
    path_of_band,
    path_of_line,
    path_of_marks,
    thinned,
    x_ticks,
    y_ticks,
)


def chart(*marks, span=(0.0, 10.0), limits=(0.0, 4.0)):
    return Chart("a title", "what is to be seen", marks, span, limits, "size, cm")


def points(path):
    return [tuple(map(float, pair.split())) for pair in re.findall(r"[ML]([\d.-]+ [\d.-]+)", path)]


def test_a_line_runs_through_its_points_and_pauses_at_gaps():
    line = Line(np.array([0.0, 5, 7.5, 10]), np.array([0.0, 4, np.nan, 1]))
    path = path_of_line(chart(line), line)
    assert points(path) == [(0, 1000), (500, 0), (1000, 750)]
    assert re.findall("[ML]", path) == ["M", "L", "M"]


def test_a_band_goes_along_the_top_and_back_along_the_bottom():
    band = Band(np.array([0.0, 10]), np.array([1.0, 1]), np.array([3.0, 2]))
    path = path_of_band(chart(band), band)
    assert points(path) == [(0, 250), (1000, 500), (1000, 750), (0, 750)]
    assert path.endswith("Z")


def test_stretches_are_clipped_and_never_too_thin_to_see():
    spans = Spans([(2, 4), (5, 5), (9, 20)])
    assert boxes_of_spans(chart(spans), spans) == [(200, 200), (500, 1), (900, 100)]


def test_moments_outside_the_chart_are_left_out():
    marks = Marks([-1, 2.5, 11])
    assert points(path_of_marks(chart(marks), marks)) == [(250, 1000)]


def test_a_long_line_keeps_its_extremes_in_few_points():
    values = np.zeros(100_000)
    values[12_345], values[54_321] = 7, -3
    times, kept = thinned(np.arange(100_000.0), values)
    assert len(times) == len(kept) < 5000
    assert (kept.max(), kept.min()) == (7, -3)
    assert abs(times[kept.argmax()] - 12_345) < 100


@pytest.mark.parametrize("low", [-1e-3, 0.0, 3.7, 1e6])
@pytest.mark.parametrize("width", [1e-3, 0.7, 9.0, 4e4])
def test_ticks_lie_inside_at_even_steps_and_are_few(low, width):
    ticks = nice_ticks(low, low + width, wanted=5)
    assert 2 <= len(ticks) <= 11
    assert min(ticks) >= low - 1e-6 * width
    assert max(ticks) <= low + width * (1 + 1e-6)
    np.testing.assert_allclose(np.diff(ticks), ticks[1] - ticks[0], rtol=1e-4)


def test_times_read_as_a_person_writes_them():
    assert [tick.words for tick in x_ticks(chart(span=(0, 240)))][:3] == ["0:00", "0:30", "1:00"]
    assert clock(3725, 60, 4000) == "1:02:05"
    assert [t.words for t in x_ticks(chart(span=(0, 1)))][:2] == ["0.0 s", "0.1 s"]


def test_values_may_be_labelled_by_hand():
    labelled = Chart("", "", (), (0, 1), (0, 10), "", y_ticks=[(5, "half")])
    assert [(t.share, t.words) for t in y_ticks(labelled)] == [(0.5, "half")]
    assert [t.words for t in y_ticks(chart(limits=(-2, 2)))] == ["−2", "−1", "0", "1", "2"]


def test_a_chart_of_nothing_is_still_a_chart():
    line = Line(np.array([]), np.array([]))
    assert path_of_line(chart(line, span=(0, 0), limits=(0, 0)), line) == ""
    assert len(x_ticks(chart(span=(0, 0)))) == 1
