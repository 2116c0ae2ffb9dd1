"""How tags are written in a table: a column of names or numbers, or of yes and no for each tag."""

from __future__ import annotations

from collections.abc import Sequence

from handful.errors import SamplesError
from handful.rows import Table, Value, present
from handful.samples import BETWEEN
from handful.sources.found import NUMBER, SEVERAL, kind_of_tags

Columns = str | Sequence[str]
_YES = frozenset(("1", "1.0", "true", "yes", "y", "x"))
_NO = frozenset(("0", "0.0", "false", "no", "n", ""))


def columns_of(tag: Columns | None) -> tuple[str, ...]:
    """The columns that hold tags."""
    if tag is None:
        return ()
    return (tag,) if isinstance(tag, str) else tuple(tag)


def check_columns(table: Table, tag: Columns) -> None:
    """Refuse columns of tags that are not there, or that cannot be told apart later.

    Raises
    ------
    SamplesError
        Says which.
    """
    names = columns_of(tag)
    for name in names:
        table.column(name)
    if doubled := [name for i, name in enumerate(names) if name in names[:i]]:
        raise SamplesError(
            f"--tag names the column {doubled[0]!r} more than once: name each column of tags once."
        )
    strange = [name for name in columns_of(tag) if BETWEEN in name]
    if strange and not isinstance(tag, str):
        raise SamplesError(
            f"the column {strange[0]!r} has a {BETWEEN} in its name, which stands between tags: "
            "rename it."
        )


def without_gaps(tags: Sequence[str], kind: str | None, tag: Columns) -> tuple[list[str], str]:
    """Tags and what kind they are, where that is not known; words for a gap count as none.

    Among numbers NA is a gap; among names it, or none, is a name like any other.
    """
    if not isinstance(tag, str):
        return list(tags), kind or SEVERAL
    said = [text if present(text) is not None else "" for text in tags]
    seen = kind or kind_of_tags([text for text in said if text])
    return (said if seen == NUMBER else list(tags)), seen


def written(table: Table, row: int, tag: Columns) -> str:
    """The tag or tags of one row as text; "" where it has none.

    Raises
    ------
    SamplesError
        A cell of yes and no holds something else.
    """
    if isinstance(tag, str):
        return shown(table.rows[row][table.columns.index(tag)])
    return BETWEEN.join(name for name in tag if _is_yes(table, row, name))


def _is_yes(table: Table, row: int, name: str) -> bool:
    said = shown(present(table.rows[row][table.columns.index(name)])).strip().lower()
    if said not in _YES | _NO:
        raise SamplesError(
            f"the column {name!r} says {said[:40]!r} for {table.names[row]}: where each tag has a "
            "column of its own, it says 1 (yes) or 0 (no). For a column of names give only that "
            "one: --tag COLUMN."
        )
    return said in _YES


def shown(cell: Value) -> str:
    """A cell as text: 1.0 of a column of numbers with gaps is the tag 1."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
