"""The model as a web page that answers in the browser: nothing leaves the device."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from handful.errors import InputError
from handful.formats.base import EXACT, Inputs, Runner
from handful.formats.onnx_file import OnnxFile, onnx_runner, rule_words
from handful.formats.web_runtime import web_runtime
from handful.modalities.base import by_name
from handful.sources import EXCLUSIVE, NUMBER

_PAGE = Path(__file__).parent / "page"
_ALWAYS = ("style.css", "app.js", "answers.js")
_SCRIPTS = {  # by kind of sample: the first reads it, the others help
    "images": ("photos.js", "files.js", "pixels.js"),
    "sounds": (
        "sounds.js", "files.js", "mixing.js", "resampling.js", "soundfiles.js", "recorder.js",
    ),
    "texts": ("texts.js", "files.js", "ngrams.js", "wordpieces.js"),
    "tables": ("rows.js",),
    "series": ("recordings.js", "files.js"),
}  # fmt: skip
_NAMED_TAGS = 6  # more do not fit into a heading
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same model gives the same bytes
_TEXT = (".js", ".mjs", ".css", ".html", ".json", ".txt")


class WebPage:
    """A folder for any web server, packed: page, model and ONNX Runtime for browsers."""

    suffix = ".zip"
    words = "a web page that answers in the browser: photos and camera, sounds and microphone, ..."
    start = b"pk"
    bound = EXACT
    calibrated = False

    def write(self, model: bytes, card: Mapping[str, Any], tried: Sequence[Inputs]) -> bytes:
        """The page, packed.

        Raises
        ------
        InputError
            ONNX Runtime for browsers cannot be fetched, or the page cannot read such samples.
        """
        scripts = _SCRIPTS.get(card["modality"])
        if scripts is None:
            raise InputError(f"no page can read {card['modality']} yet. Export it to .onnx.")
        files = {"index.html": _index(card).encode(), "about.json": _about(card)}
        files |= {name: (_PAGE / name).read_bytes() for name in (*_ALWAYS, *scripts[1:])}
        files["samples.js"] = (_PAGE / scripts[0]).read_bytes()
        files["model.onnx"] = OnnxFile().write(model, card, tried)
        files |= {f"ort/{name}": content for name, content in web_runtime().items()}
        files["README.txt"] = (_PAGE / "README.txt").read_bytes()
        return _packed(files)

    def open(self, content: bytes) -> Runner:
        """ONNX Runtime, by the model that is packed in the page."""
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if damaged := packed.testzip():
                raise InputError(f"{damaged} was damaged while it was packed.")
            return onnx_runner(packed.read("model.onnx"))


def _packed(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.external_attr = 0o644 << 16
            entry.compress_type = (
                zipfile.ZIP_DEFLATED if name.endswith((*_TEXT, ".wasm")) else zipfile.ZIP_STORED
            )  # weights do not become smaller
            packed.writestr(entry, files[name])
    return out.getvalue()


def _about(card: Mapping[str, Any]) -> bytes:
    """What the page's scripts must know."""
    known = {name: card[name] for name in ("modality", "kind", "tags", "reading")}
    return json.dumps(known, ensure_ascii=False, sort_keys=True).encode()


def _index(card: Mapping[str, Any]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_PAGE), autoescape=True, undefined=StrictUndefined
    )
    modality = by_name(card["modality"])
    rule = rule_words(card)
    return environment.get_template("index.html.j2").render(
        title=_title(card),
        modality=card["modality"],
        fields=_fields(card["reading"].get("schema", {})),
        channels=_channels(card["reading"].get("channels", 0)),
        rule="" if rule == "the most probable tag" else rule,
        learned=f"Learned from {card['n']:,} {modality.nouns}, by handful {card['handful']}.",
    )


def _title(card: Mapping[str, Any]) -> str:
    tags, kind = card["tags"], card["kind"]
    if kind == NUMBER:
        column = card.get("columns", {}).get("tag")
        return f"What is its {column}?" if column else "How much is it?"
    if len(tags) > _NAMED_TAGS:
        return f"Which of these {len(tags)}?"
    return _listed(tags, "or" if kind == EXCLUSIVE else "and perhaps") + "?"


def _listed(words: Sequence[str], joint: str) -> str:
    *most, last = words
    return f"{', '.join(most)} {joint} {last}" if most else str(last)


def _channels(n: int) -> str:
    return "one column" if n == 1 else f"{n} columns"


def _fields(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the form asks for: each column once."""
    fields: dict[str, dict[str, Any]] = {}
    for column in schema.get("numbers", ()):
        name, part = column["name"], column["part"]
        field = fields.setdefault(
            name, {"name": name, "date": "", "like": f"{column['middle']:.4g}", "values": []}
        )
        if part:
            field["date"] = "datetime-local" if part == "hour" else field["date"] or "date"
    for column in schema.get("categories", ()):
        shown: Iterable[str] = (value for value in column["values"] if value)
        fields[column["name"]] = {
            "name": column["name"],
            "date": "",
            "like": "",
            "values": list(shown),
        }
    return list(fields.values())
