"""Columns of a table as numbers: filled, squashed, one-hot.

What each column is (a number, a category, a date) and its usual values are seen from all rows
without their tags; nothing here knows a tag.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from handful.encoders.base import BOOSTED, LOGISTIC, NETWORKS
from handful.encoders.numerals import Numerals
from handful.encoders.runtimes import open_session
from handful.encoders.weights import WeightCard
from handful.graphs import TREES, Graph, GraphInput

SCALED, PLAIN = "scaled columns", "columns as they are"
_CLIP = 3.0  # robust standard deviations from which squashed numbers bend


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers, or one part of a column of dates.

    Attributes
    ----------
    name : str
    part : str
        "" for numbers; for dates which part of them.
    middle, spread : float
        Median and a robust standard deviation.
    gaps : bool
        Whether some rows lack it: that is then a feature of its own.
    numerals : Numerals or None
        How its numbers are written; None: plainly, such as 1200.5.
    """

    name: str
    part: str
    middle: float
    spread: float
    gaps: bool
    numerals: Numerals | None = None


@dataclass(frozen=True)
class CategoryColumn:
    """A column of categories; values seen rarely, or never, are one category together.

    Attributes
    ----------
    name : str
    values : tuple of str
    gaps : bool
        Whether some rows lack it.
    """

    name: str
    values: tuple[str, ...]
    gaps: bool


@dataclass(frozen=True)
class Row:
    """One row, decoded.

    Attributes
    ----------
    numbers : ndarray of float32, shape (n_numbers,)
        NaN where missing.
    categories : tuple of str
        "" where missing.
    """

    numbers: np.ndarray
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Schema:
    """What the columns of a table are."""

    numbers: tuple[NumberColumn, ...] = field(default=())
    categories: tuple[CategoryColumn, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Plain values for the card."""
        return {
            "numbers": [asdict(column) for column in self.numbers],
            "categories": [asdict(c) | {"values": list(c.values)} for c in self.categories],
        }


def schema_from_json(values: Mapping[str, Any]) -> Schema:
    """The schema that a card holds.

    Raises
    ------
    ValueError, TypeError or LookupError
        It is none.
    """
    found = Schema(
        tuple(_number_column(**column) for column in values["numbers"]),
        tuple(_category_column(**column) for column in values["categories"]),
    )
    names = [name for c in found.numbers for name in (c.name, c.part)]
    names += [name for c in found.categories for name in (c.name, *c.values)]
    sizes = [size for c in found.numbers for size in (c.middle, c.spread)]
    if not all(isinstance(name, str) for name in names) or not all(map(math.isfinite, sizes)):
        raise ValueError("names that are no text, or sizes that are no numbers")
    return found


def _number_column(*, numerals: Mapping[str, Any] | None = None, **values: Any) -> NumberColumn:
    return NumberColumn(**values, numerals=Numerals(**numerals) if numerals else None)


def _category_column(name: str, values: Sequence[str], gaps: bool | None = None) -> CategoryColumn:
    """Older cards say nothing of gaps: there, one is known by having been seen twice."""
    return CategoryColumn(name, tuple(values), "" in values if gaps is None else gaps)


def inputs(schema: Schema) -> tuple[GraphInput, ...]:
    """What the exported graph takes: numbers, NaN where missing, and categories as text."""
    found: list[GraphInput] = []
    if schema.numbers:
        found.append(("numbers", np.float32, ["n", len(schema.numbers)]))
    if schema.categories:
        found.append(("categories", np.object_, ["n", len(schema.categories)]))
    return tuple(found)


def as_input(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """Rows as a batch, by input of the graph."""
    batch = {}
    if rows[0].numbers.size:
        batch["numbers"] = np.stack([row.numbers for row in rows])
    if rows[0].categories:
        batch["categories"] = np.array([row.categories for row in rows], object)
    return batch


def lacking(batch: Mapping[str, np.ndarray], schema: Schema) -> list[str]:
    """Columns in which a row, a batch of one as the graph takes it, has no value that can be
    used, though every training row had one.
    """  # noqa: D205
    numbers = [
        column.name
        for column, gone in zip(schema.numbers, np.isnan(batch["numbers"][0]), strict=True)
        if gone and not column.gaps
    ] if schema.numbers else []  # fmt: skip
    categories = [
        column.name
        for column, value in zip(schema.categories, batch["categories"][0], strict=True)
        if value == "" and not column.gaps
    ] if schema.categories else []  # fmt: skip
    return list(dict.fromkeys([*numbers, *categories]))


class Columns:
    """Features of rows: plain numbers, gaps, categories one-hot, squashed numbers, in this order.

    Parameters
    ----------
    schema : Schema
    """

    name = "columns"

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        text = json.dumps(schema.to_json(), sort_keys=True)
        self.key = f"columns-1-{hashlib.sha256(text.encode()).hexdigest()[:24]}"

    @property
    def width(self) -> int:
        """Number of features."""
        return 2 * len(self.schema.numbers) + self._n_flags

    @property
    def views(self) -> Mapping[str, slice]:
        """Squashed for what adds and multiplies, plain for what compares."""
        n = len(self.schema.numbers)
        return {
            SCALED: slice(n, self.width),
            PLAIN: slice(0, n + self._n_flags),
        }

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Weighted sums and networks on squashed numbers, trees on plain ones."""
        return {SCALED: (LOGISTIC, NETWORKS), PLAIN: (BOOSTED,)}

    @property
    def likeness(self) -> slice:
        """Squashed: one wild number does not hide all others."""
        return self.views[SCALED]

    def transform(self, batch: Sequence[Row]) -> np.ndarray:
        """Features of rows, float32 (n_samples, width)."""
        return np.asarray(self._session.run(None, as_input(batch))[0])

    def exact(self) -> Columns:
        """The same: these features are exact."""
        return self

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """None: nothing here was learnt."""
        return ()

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append filling, squashing and one-hot to `graph`."""
        parts, squashed = [], []
        if self.schema.numbers:
            plain, gaps = self._write_filled(graph, inputs["numbers"])
            parts += [plain, *gaps]
            squashed = [self._write_squashed(graph, plain)]
        if self.schema.categories:
            parts += self._write_categories(graph, inputs["categories"])
        return graph.add("Concat", [*parts, *squashed], axis=1)

    def write_whole(self, graph: Graph, inputs: Mapping[str, str]) -> str | None:
        """Append whether rows have a value wherever all training rows had one, bool (n,)."""
        counts = []
        if at := [i for i, column in enumerate(self.schema.numbers) if not column.gaps]:
            cells = graph.add("Gather", [inputs["numbers"], graph.constant(at, np.int64)], axis=1)
            counts.append(graph.add("Cast", [graph.add("IsNaN", [cells])], to=1))
        if at := [i for i, column in enumerate(self.schema.categories) if not column.gaps]:
            places = graph.constant(at, np.int64)
            cells = graph.add("Gather", [inputs["categories"], places], axis=1)
            counts.append(_write_empty(graph, cells))
        if not counts:
            return None
        every = counts[0] if len(counts) == 1 else graph.add("Concat", counts, axis=1)
        most = graph.add("ReduceMax", [every, graph.constant([1], np.int64)], keepdims=0)
        return graph.add("Less", [most, graph.constant(0.5)])

    @property
    def _n_flags(self) -> int:
        gaps = sum(column.gaps for column in self.schema.numbers)
        return gaps + sum(len(column.values) + 1 for column in self.schema.categories)

    def _write_filled(self, graph: Graph, numbers: str) -> tuple[str, list[str]]:
        missing = graph.add("IsNaN", [numbers])
        middles = graph.constant([[column.middle for column in self.schema.numbers]])
        plain = graph.add("Where", [missing, middles, numbers])
        at = [i for i, column in enumerate(self.schema.numbers) if column.gaps]
        if not at:
            return plain, []
        flags = graph.add("Cast", [missing], to=1)
        return plain, [graph.add("Gather", [flags, graph.constant(at, np.int64)], axis=1)]

    def _write_squashed(self, graph: Graph, plain: str) -> str:
        """X / sqrt(1 + (x / 3)^2) of robustly standardised numbers: bends, never beyond 3."""
        middles = graph.constant([[column.middle for column in self.schema.numbers]])
        scales = graph.constant([[1 / column.spread for column in self.schema.numbers]])
        x = graph.add("Mul", [graph.add("Sub", [plain, middles]), scales])
        x = graph.add("Clip", [x, graph.constant(-1e6), graph.constant(1e6)])
        bent = graph.add("Mul", [x, graph.constant(1 / _CLIP)])
        root = graph.add("Add", [graph.add("Mul", [bent, bent]), graph.constant(1.0)])
        return graph.add("Div", [x, graph.add("Sqrt", [root])])

    def _write_categories(self, graph: Graph, categories: str) -> list[str]:
        found = []
        for at, column in enumerate(self.schema.categories):
            cells = graph.add("Gather", [categories, graph.constant(at, np.int64)], axis=1)
            numbers = graph.add(
                "LabelEncoder",
                [cells],
                domain=TREES,
                keys_strings=list(column.values) or [""],
                values_int64s=list(range(len(column.values))) or [0],
                default_int64=len(column.values),
            )
            depth = graph.constant(len(column.values) + 1, np.int64)
            values = graph.constant([0.0, 1.0])
            found.append(graph.add("OneHot", [numbers, depth, values], axis=-1))
        return found

    @cached_property
    def _session(self) -> Any:
        graph = Graph("columns")
        declared = {one[0]: graph.input(*one) for one in inputs(self.schema)}
        graph.output(self.write(graph, declared), "features", np.float32, ["n", self.width])
        return open_session(graph.model().SerializeToString(), threads=1)


def _write_empty(graph: Graph, cells: str) -> str:
    """1 where a text is empty, else 0, float32 of the same shape."""
    return graph.add(
        "LabelEncoder",
        [cells],
        domain=TREES,
        keys_strings=[""],
        values_floats=[1.0],
        default_float=0.0,
    )
