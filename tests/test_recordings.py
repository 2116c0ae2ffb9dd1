"""Recordings: tables of numbers in many dialects, and .ts files."""

from __future__ import annotations

import numpy as np
import pytest

from handful.errors import SamplesError, UnreadableError
from handful.recordings import read_recording, read_ts


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "  "])
@pytest.mark.parametrize("header", [True, False])
def test_dialects(separator, header):
    lines = [["x", "y"]] * header + [["1", "-2.5"], ["3e2", "0"]]
    found = read_recording("\n".join(separator.join(line) for line in lines).encode())
    assert found.values.tolist() == [[1, 300], [-2.5, 0]]
    assert found.values.dtype == np.float32
    assert found.channels == (("x", "y") if header else ("channel 1", "channel 2"))


def test_one_column_is_one_channel():
    assert read_recording(b"1\n2\n4\n").values.tolist() == [[1, 2, 4]]


def test_a_column_of_times_is_left_out_and_gaps_are_bridged(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("Time,x,y\n0,1,\n1,,NA\n2,3,5\n3,nan,\n")
    found = read_recording(path)
    assert found.channels == ("x", "y")
    assert found.values.tolist() == [[1, 2, 3, 3], [5, 5, 5, 5]]


def test_a_channel_without_any_number_is_flat():
    assert read_recording(b"x,y\n1,\n2,\n").values.tolist() == [[1, 2], [0, 0]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"x,y\n", "no numbers"),
        (b"time\n1\n2\n", "times at most"),
        (b"1,2\n3,four\n", "line 2 has no number: 3,four"),
        (b"1,2\n3,4\n5\n", "line 3 has another number of columns"),
        (b"\xff\xfe1\x00", "in UTF-16"),
        (b"hello\nworld\n", "line 2 has no number"),
    ],
)
def test_what_is_no_recording(content, message):
    with pytest.raises(UnreadableError, match=message):
        read_recording(content)


def test_infinite_numbers_are_gaps():
    assert read_recording(b"1\ninf\n3\n1e30\n").values.tolist() == [[1, 2, 3, 3]]


def test_ts_files(tmp_path):
    path = tmp_path / "set.ts"
    path.write_text(
        "# a comment\n@problemName made\n@timestamps false\n@classLabel true a b\n@data\n"
        "1,2,3:4,5,?:a\n6,7:8,9:b\n"
    )
    (first, one, a), (second, other, b) = read_ts(path)
    assert (first, a, second, b) == ("line 6", "a", "line 7", "b")
    assert read_recording(one).values.tolist() == [[1, 2, 3], [4, 5, 5]]
    assert read_recording(other).values.tolist() == [[6, 7], [8, 9]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2:a\n", "no line @data"),
        ("@data\n", "holds no recordings"),
        ("@data\n1,2,3\n", "line 2 has no tag"),
        ("@timestamps true\n@data\n(0,1),(1,2):a\n", "time stamps"),
    ],
)
def test_what_is_no_ts_file(tmp_path, text, message):
    (tmp_path / "set.ts").write_text(text)
    with pytest.raises(SamplesError, match=message):
        read_ts(tmp_path / "set.ts")


@pytest.mark.parametrize(
    ("content", "channels", "values"),
    [
        ("Zeit;ax;ay\n0,000;-0,3;9,73\n0,020;1;10,5\n", ("ax", "ay"), [[-0.3, 1], [9.73, 10.5]]),
        ("ms;ax\n0;9,812\n20;9,799\n", ("ax",), [[9.812, 9.799]]),
        ("ax\tay\n1,5\t2\n2,25\t-3,5e-1\n", ("ax", "ay"), [[1.5, 2.25], [2, -0.35]]),
        ("0,5 1,5\n0,25 2\n", ("channel 1", "channel 2"), [[0.5, 0.25], [1.5, 2]]),
        ('"ax","ay"\n"1,5","2,5"\n"1,25","3"\n', ("ax", "ay"), [[1.5, 1.25], [2.5, 3]]),
        ("ax\n1,771\n-0,5\n", ("ax",), [[1.771, -0.5]]),
        ("1,771\n-1,032\n2,500\n", ("channel 1",), [[1.771, -1.032, 2.5]]),
        ("1,5\n-0,5\n", ("channel 1",), [[1.5, -0.5]]),
        ("1,5\n2\n2,25\n", ("channel 1",), [[1.5, 2, 2.25]]),
        ("x,y\n1,771\n0,501\n", ("x", "y"), [[1, 0], [771, 501]]),
        ("1,771\n0,501\n" * 50, ("channel 1", "channel 2"), [[1, 0] * 50, [771, 501] * 50]),
    ],
)  # fmt: skip
def test_decimal_commas_are_read_where_they_can_be_nothing_else(content, channels, values):
    found = read_recording(content.encode())
    assert found.channels == channels
    assert found.values == pytest.approx(np.array(values))
    assert found.otherwise is None


def test_two_whole_numbers_may_be_one_with_a_decimal_comma():
    found = read_recording(b"1,771\n0,501\n")
    assert found.values.tolist() == [[1, 0], [771, 501]]
    assert found.otherwise.values == pytest.approx(np.array([[1.771, 0.501]]))
    assert read_recording(b"1,771\n0,501\n", n_channels=1).channels == ("channel 1",)


@pytest.mark.parametrize(
    "content", ["x;y\n1,013;5\n999;6\n", "x\n1,013\n999\n", "x;y\n1.5;2\n2,5;3\n"]
)
def test_commas_that_may_mean_something_else_are_refused(content):
    with pytest.raises(UnreadableError, match="may be decimal commas or not"):
        read_recording(content.encode())


def test_a_line_that_does_not_fit_is_shown_as_it_stands():
    with pytest.raises(UnreadableError, match=r"line 3 has no number: x;2,5$"):
        read_recording(b"a;b\n1,5;2,5\nx;2,5\n")
    with pytest.raises(UnreadableError, match=r"line 2 has another number of columns.*semicolons"):
        read_recording(b"ax,ay\n1,071,2,330\n")


@pytest.mark.parametrize(
    "content",
    [
        "timestamp,x,y\n2026-01-01T00:00:00.000Z,1,2\n2026-01-01T00:00:00.020Z,3,4\n",
        "when,x,y\n2026-01-01 00:00:00,1,2\n2026-01-01 00:00:01,3,4\n",
        "Time [s];x;y\n0,00;1;2\n0,02;3;4\n",
        "x,y\nm/s2,m/s2\n1,2\n3,4\n",
        "time,x,y\nms,g,-\n0,1,2\n1,3,4\n",
        "# device 12\n# rate 50 Hz\nx,y\n1,2\n3,4\n",
        "# x,y\n1,2\n# a break\n3,4\n",
        "# x y\n1 2\n3 4\n",
    ],
)
def test_time_stamps_units_and_comments_are_no_channels(content):
    found = read_recording(content.encode())
    assert found.channels == ("x", "y")
    assert found.values.tolist() == [[1, 3], [2, 4]]


def test_time_stamps_without_a_header_are_no_channel():
    assert read_recording(b"12:00:00.5,1\n12:00:01.0,2\n").values.tolist() == [[1, 2]]
