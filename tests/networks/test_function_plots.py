"""The drawn curve passes through the function's values."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from handful.errors import InputError
from handful.networks import plot_function, relu, sigmoid


def path(svg, kind):
    """Points of a curve, float (n_points, 2)."""
    (strokes,) = re.findall(rf'<path class="{kind}" d="([^"h]*)"', svg)
    return np.array([pair.split() for pair in re.split("[ML]", strokes)[1:]], float)


def test_value_and_slope_of_a_line_are_a_slanted_and_a_level_line():
    svg = plot_function(lambda x: 2 * x - 1, -1, 1, name="line")
    ElementTree.fromstring(svg)
    value, slope = path(svg, "value"), path(svg, "slope")
    assert np.ptp(slope[:, 1]) == 0
    fitted = np.polyfit(value[:, 0], value[:, 1], 1)
    assert np.abs(np.polyval(fitted, value[:, 0]) - value[:, 1]).max() < 0.11  # one decimal
    per_unit = (value[0, 1] - value[-1, 1]) / 4  # rises from -3 to 1
    assert (value[-1, 1] - slope[-1, 1]) / per_unit == pytest.approx(2 - 1, abs=0.01)


def test_a_gap_where_there_is_no_value():
    svg = plot_function(torch.log, -1, 1)
    (strokes,) = re.findall(r'<path class="value" d="([^"h]*)"', svg)
    assert strokes.count("M") == 1
    assert len(path(svg, "value")) == 200  # the right half


def test_slopes_that_grow_without_end_leave_room_for_the_curve():
    value = path(plot_function(torch.log, 0, 1), "value")
    assert np.ptp(value[:, 1]) > 60  # of 248 px; the slope at the first point is 399


def test_names_are_escaped_and_units_of_the_function_shown():
    assert "&lt;b&gt;" in plot_function(relu, 0, 1, name="<b>")
    assert "sigmoid" in plot_function(sigmoid, -3, 3)


def test_a_constant_is_drawn_too():
    assert path(plot_function(torch.ones_like, 0, 1), "value").shape == (400, 2)


@pytest.mark.parametrize(
    ("function", "low", "high", "says"),
    [(relu, 1, 1, "smaller"), (lambda x: x * math.nan, 0, 1, "no finite value")],
)
def test_what_cannot_be_drawn_is_refused(function, low, high, says):
    with pytest.raises(InputError, match=says):
        plot_function(function, low, high)
