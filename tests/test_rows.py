"""Rows: the same table comes out of every format, and what is no table is said so."""

from __future__ import annotations

import json

import pyarrow
import pytest
from pyarrow import parquet

from handful.errors import SamplesError
from handful.rows import is_table, present, read_table

COLUMNS = ("name", "size", "note")
ROWS = (("Åse", "1.5", "a, b"), ("Bo", None, 'say "hi"'), ("Čapek", "-3", "two\nlines"))


def quoted(separator):
    cells = [COLUMNS, *((("" if c is None else f'"{c}"'.replace('"hi"', '""hi""')) for c in row)
                        for row in ROWS)]  # fmt: skip
    return "\n".join(separator.join(line) for line in cells) + "\n"


@pytest.mark.parametrize(
    ("name", "separator"), [("t.csv", ","), ("t.csv", ";"), ("t.csv", "|"), ("t.tsv", "\t")]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_separated_values(tmp_path, name, separator, encoding):
    path = tmp_path / name
    path.write_bytes(quoted(separator).encode(encoding))
    table = read_table(path)
    assert (table.columns, table.rows) == (COLUMNS, ROWS)
    assert table.names == ("line 2", "line 3", "line 4")


def test_json_lines_keep_their_types_and_may_leave_out_what_they_lack(tmp_path):
    path = tmp_path / "t.jsonl"
    lines = [{"a": 1, "b": "x"}, {"a": 2.5, "c": True}, {"a": None, "b": ["y"]}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    table = read_table(path)
    assert table.columns == ("a", "b", "c")
    assert table.rows == ((1, "x", None), (2.5, None, True), (None, '["y"]', None))


def test_parquet(tmp_path):
    path = tmp_path / "t.parquet"
    parquet.write_table(pyarrow.table({"n": [1, None, 3], "t": ["a", "b", ""]}), path)
    table = read_table(path)
    assert (table.columns, table.rows) == (("n", "t"), ((1, "a"), (None, "b"), (3, None)))


@pytest.mark.parametrize("word", ["", "NA", "n/a", "NaN", "null", "?", " "])
def test_what_means_nothing_is_missing(tmp_path, word):
    path = tmp_path / "t.csv"
    path.write_text(f"a,b\n1,{word}\n")
    ((first, second),) = read_table(path).rows
    assert (present(first), present(second)) == ("1", None)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"", "first line must name"),
        ("t.csv", b"a,b\n", "no rows"),
        ("t.csv", b"a,a\n1,2\n", "several columns called a"),
        ("t.csv", b"a,b,\n1,2,3\n", "column 3 has no name"),
        ("t.csv", b"a,b\n1,2\n1,2,3\n", "line 3 has 3 cells, the header has 2"),
        ("t.csv", "a,b\n1,2\n".encode("utf-16"), "UTF-16, not in UTF-8"),
        ("t.csv", b"a,b\n\xff,2\n", "not text in UTF-8: see line 2; perhaps it is Latin-1"),
        ("t.csv", "a,b\n\u00fc,2\n".encode() + b"\xfc,3\n", "mixes encodings: line 3 is not"),
        ("t.jsonl", b'{"a": 1}\n{"a": \n', "line 2 is not JSON"),
        ("t.jsonl", b"[1, 2]\n", "line 1 is no JSON object"),
        ("t.parquet", b"PAR1 no", "not a Parquet table"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SamplesError, match=message):
        read_table(path)


def test_a_missing_file_and_a_missing_column(tmp_path):
    with pytest.raises(SamplesError, match="cannot be opened"):
        read_table(tmp_path / "gone.csv")
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SamplesError, match=r"no column 'c'\. The table has a, b"):
        read_table(tmp_path / "t.csv").column("c")


def test_which_names_are_tables(tmp_path):
    assert all(is_table(tmp_path / f"x{end}") for end in (".CSV", ".tsv", ".jsonl", ".parquet"))
    assert not is_table(tmp_path / "x.txt")
