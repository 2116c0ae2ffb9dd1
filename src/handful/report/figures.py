"""The drawn parts of the page as values: interval bars, the shaded matrix, the table of tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handful.report.findings import Report, asked_of
from handful.report.words import of, percent, percent_range, plain_number

SHADES = 10
_FEW_TAGS = 10
_MANY_TAGS = 30
MOST_IN_MATRIX = 150  # tags; the page grows with their square: 1.5 MB here, 30 MB with 1,000
_LONG_NAME = 10


@dataclass(frozen=True)
class Bar:
    """Positions on a line from 0 to 100 %, ready for SVG."""

    value: str
    low: str
    width: str
    high: str

    @property
    def anchor(self) -> str:
        """On which side of the value its label has room."""
        at = float(self.value.rstrip("%"))
        return "start" if at < 12 else "end" if at > 88 else "middle"


@dataclass(frozen=True)
class Figure:
    """One figure of one tag: its value in words, the counts and the interval behind it."""

    key: str
    text: str
    counts: str
    span: str
    bar: Bar | None


@dataclass(frozen=True)
class TagRow:
    """One tag's line in the table of tags."""

    tag: str
    support: int | None
    figures: list[Figure]


@dataclass(frozen=True)
class Cell:
    """One cell of the confusion matrix; ``shade`` runs from 0 to 10 with the share of the row."""

    count: int
    shade: int
    share: str
    right: bool


@dataclass(frozen=True)
class MatrixRow:
    """The samples of one tag, by what they were taken for."""

    tag: str
    cells: list[Cell]
    asked: int
    total: int


@dataclass(frozen=True)
class Matrix:
    """The confusion matrix; ``size`` says how tightly it has to be set."""

    tags: list[str]
    rows: list[MatrixRow]
    totals: list[int]
    size: str
    upright: bool

    @property
    def asked(self) -> int:
        """Samples for which the rule asks a person; they have a column of their own."""
        return sum(row.asked for row in self.rows)

    @property
    def total(self) -> int:
        """All samples in it."""
        return sum(self.totals) + self.asked


FIGURES = ("recall", "precision", "specificity", "f1", "auc")


def bar(metric: Mapping[str, Any]) -> Bar | None:
    """Where value and interval lie on a line from 0 to 100 %; None where there is no interval."""
    value, low, high = (metric.get(key) for key in ("value", "low", "high"))
    if value is None:
        return None
    low, high = (value, value) if low is None or high is None else (low, high)
    return Bar(_place(value), _place(low), _place(high - low), _place(high))


def _place(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.2f}%"


def figure(key: str, metric: Mapping[str, Any] | None) -> Figure:
    """One figure in words; AUC is no share of anything that was counted, so it stays a number."""
    metric = metric or {}
    value, low, high = (metric.get(name) for name in ("value", "low", "high"))
    if key == "auc":
        text = plain_number(value)
        span = "" if low is None or high is None else f"{low:.2f}-{high:.2f}"
    else:
        text, span = percent(value), percent_range(low, high)
    return Figure(key, text, of(metric), span if value is not None else "", bar(metric))


def tag_rows(report: Report) -> list[TagRow]:
    """One line for every tag, the tags that are found least often first."""
    per_tag = report.get("per_tag") or {}
    order = [tag for tag in report.get("tags") or per_tag if tag in per_tag]
    return [_tag_row(tag, per_tag[tag]) for tag in sorted(order, key=lambda t: _found(per_tag[t]))]


def _tag_row(tag: str, values: Mapping[str, Any]) -> TagRow:
    return TagRow(tag, values.get("support"), [figure(key, values.get(key)) for key in FIGURES])


def _found(values: Mapping[str, Any]) -> float:
    value = (values.get("recall") or {}).get("value")
    return 2.0 if value is None else float(value)


def matrix(report: Report) -> Matrix | None:
    """Confusion matrix of the report, shaded by the share of each row."""
    table = report.get("confusion") or {}
    tags, counts = list(table.get("tags") or []), table.get("counts") or []
    if not tags or not counts or len(tags) > MOST_IN_MATRIX:
        return None
    rows = [_matrix_row(i, tags[i], row, asked_of(report, tags[i])) for i, row in enumerate(counts)]
    upright = len(tags) > _FEW_TAGS or max(map(len, tags)) > _LONG_NAME
    return Matrix(tags, rows, [sum(column) for column in zip(*counts, strict=True)],
                  _size(len(tags)), upright)  # fmt: skip


def _size(n: int) -> str:
    return "roomy" if n <= _FEW_TAGS else "tight" if n <= _MANY_TAGS else "dense"


def _matrix_row(i: int, tag: str, row: Sequence[int], asked: int) -> MatrixRow:
    total = sum(row) + asked
    cells = [_cell(count, total, j == i) for j, count in enumerate(row)]
    return MatrixRow(tag, cells, asked, total)


def _cell(count: int, total: int, right: bool) -> Cell:
    share = count / total if total else 0.0
    return Cell(count, -int(-share * SHADES // 1), percent(share), right)
