"""Tables of predictions that belong to a model, checked before anything is chosen by them."""

from __future__ import annotations

from handful.bundle import PREDICTIONS, Bundle
from handful.errors import BundleError
from handful.report.table import Table, read_table
from handful.sources import EXCLUSIVE


def table_of(bundle: Bundle, data: bytes, name: str) -> Table:
    """A table of what a model said.

    Raises
    ------
    InputError
        It is none, or says what no model says.
    """
    return read_table(data, name=name, exclusive=bundle.card["kind"] == EXCLUSIVE)


def own_table(bundle: Bundle) -> Table:
    """What a model said of its training samples when it was judged, all of them.

    Raises
    ------
    InputError
        The table is damaged, or rows are missing.
    """
    name = str(bundle.folder / PREDICTIONS)
    table = table_of(bundle, bundle.read(PREDICTIONS), name)
    if len(table.contents) != bundle.card["n"]:
        raise BundleError(
            f"{name} has {len(table.contents)} rows, but the model was judged on "
            f"{bundle.card['n']} samples: rows were lost or added, and nothing can be chosen by "
            "them. Copy the whole folder again, or train again."
        )
    return table
