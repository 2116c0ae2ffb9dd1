"""The report as one page that stands alone: no network, every picture inside, one small script."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handful.explaining.exhibits import Exhibits
from handful.report.values import value_view
from handful.report.view import provenance, view
from handful.report.words import wordy

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
_STYLE_SHEETS = ("report.css", "tables.css", "weighing.css", "values.css", "print.css")
_SCRIPTS = ("counting.js", "saying.js", "drawing.js", "threshold.js")
_NARROW_SPACE = "\u202f"


def report_html(report: Mapping[str, Any], shown: Exhibits | None = None) -> str:
    """Report as one self-contained HTML file.

    Parameters
    ----------
    report : mapping
        The values of report.json.
    shown : Exhibits, optional
        Pictures and sounds as data URIs, and texts. A sample without any is shown by its name.

    Returns
    -------
    str
        A page that loads nothing and runs nothing but its own script, without which it says the
        same; it can be written as UTF-8 as it is, even where file names hold bytes that are not
        UTF-8.
    """
    shown = shown or Exhibits()
    of_numbers = report.get("kind") == "number"
    css, script = _joined(_STYLE_SHEETS), f"\n{_joined(_SCRIPTS)}"
    page = (
        _environment()
        .get_template("values.html.j2" if of_numbers else "report.html.j2")
        .render(
            value_view(report) if of_numbers else view(report),
            provenance=provenance(report),
            css=css,
            css_hash=_hash(css),
            script=script,
            script_hash=_hash(script),
            pictures=_inside(shown.pictures, "data:image/"),
            sounds=_inside(shown.sounds, "data:audio/"),
            texts=shown.texts,
        )
    )
    return page.encode("utf-8", "replace").decode("utf-8")


def _inside(uris: Mapping[str, str], kind: str) -> dict[str, str]:
    """Only what needs no network."""
    return {name: uri for name, uri in uris.items() if uri.startswith(kind)}


def _joined(names: Sequence[str]) -> str:
    return "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(typeset=typeset, glued=glued, wordy=wordy)
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return environment


def _hash(text: str) -> str:
    """Source expression by which the page's security policy lets this one text in."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def typeset(sentence: str) -> str:
    """Sentence with a dash in its ranges and a narrow space before each percent sign.

    Only for sentences without names of files or tags: those stay as they are.

    >>> typeset("31 %, 25-37 %") == "31\u202f%, 25–37\u202f%"
    True
    """
    sentence = re.sub(r"(?<=\d)-(?=\d)", "–", sentence)
    return glued(sentence)


def glued(sentence: str) -> str:
    """Sentence with its percent signs kept on the line of their numbers."""
    return re.sub(r"(?<=\d) %", f"{_NARROW_SPACE}%", sentence)
