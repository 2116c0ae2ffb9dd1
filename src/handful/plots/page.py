"""A page that stands alone: words and charts in the look of the reports, nothing loaded or run."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from handful.plots import chart as charts
from handful.plots.chart import Chart

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
_SHAPES = {
    charts.Line: "line", charts.Band: "band", charts.Spans: "spans", charts.Marks: "marks",
    charts.Picture: "picture",
}  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A heading, what to see, and a chart or a table.

    Attributes
    ----------
    heading, words : str
    chart : Chart, optional
    header, rows : sequence of str, sequence of sequences of str
        A table; the first column is text, the others numbers.
    """

    heading: str
    words: str = ""
    chart: Chart | None = None
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Page:
    """What a page says.

    Attributes
    ----------
    eyebrow : str
        Small line on top: which command, which file.
    headline : str
        The answer, in one sentence.
    lead : str
        What it rests on.
    warnings : sequence of str
        What to mind before believing it.
    sections : sequence of Section
    facts : mapping of str to str
        The small print: file, length, settings.
    """

    eyebrow: str
    headline: str
    lead: str = ""
    warnings: Sequence[str] = ()
    sections: Sequence[Section] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def page_html(page: Page) -> str:
    """A page as one self-contained HTML file, for light and dark screens, phones and paper."""
    css = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    html = (
        _environment()
        .get_template("page.html.j2")
        .render(page=page, css=css, css_hash=f"'sha256-{digest}'")
    )
    return html.encode("utf-8", "replace").decode("utf-8")


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        x_ticks=charts.x_ticks, y_ticks=charts.y_ticks, line=charts.path_of_line,
        band=charts.path_of_band, boxes=charts.boxes_of_spans, strokes=charts.path_of_marks,
        shape=lambda mark: _SHAPES[type(mark)],
    )  # fmt: skip
    return environment
