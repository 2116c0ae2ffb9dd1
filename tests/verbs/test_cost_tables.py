"""Tables of costs as people and their programs write them."""

from __future__ import annotations

import pytest

from handful.errors import InputError
from handful.verbs.cost_tables import read_costs

TAGS = ("cat", "dog")


@pytest.fixture
def table(tmp_path):
    def write(content, tags=TAGS):
        path = tmp_path / "costs.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_costs(path, tags)

    return write


@pytest.mark.parametrize(
    "content",
    [
        "actual,cat,dog,ask\ncat,0,1,0.3\ndog,5,0,0.3\n",
        "\ufeffactual,cat,dog,ask\r\ncat,0,1,0.3\r\ndog,5,0,0.3\r\n",
        "actual;cat;dog;ask\ncat;0;1;0,3\ndog;5;0;0,3\n",
        "actual\tdog\task\tcat\ndog\t0\t0.3\t5\ncat\t1\t0.3\t0\n",
        '"actual","cat","dog","ask"\n"cat",0,1,0.3\n\n"dog",5,0,0.3\n',
    ],
)
def test_whatever_separates_the_cells(table, content):
    costs = table(content)
    assert costs.matrix.tolist() == [[0, 1], [5, 0]]
    assert costs.asking == 0.3


def test_tags_may_be_called_ask_and_actual(table):
    costs = table("actual,ask,actual\nask,0,2\nactual,3,0\n", ("ask", "actual"))
    assert costs.matrix.tolist() == [[0, 2], [3, 0]]
    assert costs.asking is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("actual,cat,dog,cow\ncat,0,1,1\ndog,1,0,1\n", "column 'cow', which is no tag"),
        ("actual,cat,dog\ncat,0,1\ndog,1,0\ncow,1,1\n", "row 'cow', which is no tag"),
        ("actual,cat,dog\ncat,0,1\n", "no row 'dog'"),
        ("actual,cat\ncat,0\ndog,1\n", "no column 'dog'"),
        ("actual,cat,dog,ask,ask\ncat,0,1,1,1\ndog,1,0,1,1\n", "more than one column 'ask'"),
        ("actual,cat,dog\ncat,0,-1\ndog,1,0\n", "'-1': a cost must be a finite number, 0"),
        ("actual,cat,dog\ncat,0,inf\ndog,1,0\n", "'inf': a cost must"),
        ("actual,cat,dog\ncat,0,much\ndog,1,0\n", "'much' where a cost"),
        ("actual,cat,dog\ncat,0\ndog,1,0\n", "another number of cells"),
        ("actual,cat,dog,ask\ncat,0,1,1\ndog,1,0,2\n", "several costs of asking"),
        ("cat,dog\n0,1\n", "does not begin with 'actual'"),
        ("", "does not begin with 'actual'"),
        (b"actual,cat,dog\n\xe9t\xe9,0,1\n", "not text in UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_wanted(table, content, said):
    with pytest.raises(InputError, match="Wanted: a first row 'actual,cat,dog'") as caught:
        table(content)
    assert said in str(caught.value)
    assert ".." not in str(caught.value)
