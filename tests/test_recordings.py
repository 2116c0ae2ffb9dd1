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
