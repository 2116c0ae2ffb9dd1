"""Addresses of training, of the report, of the threshold, and of what to take along."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI, Response
from fastapi.responses import HTMLResponse

from handful.browsing.refusals import Refused
from handful.browsing.training import RULE
from handful.browsing.workshop import Workshop

_Asked = Annotated[dict[str, Any], Body()]
_FORMATS = {"model.onnx", "model.fp16.onnx", "model.int8.onnx", "model.pt", "model.zip"}


def add_judged_routes(app: FastAPI, workshop: Workshop) -> None:
    """All of them."""
    _add_training(app, workshop)
    _add_groups(app, workshop)
    _add_report(app, workshop)
    _add_export(app, workshop)


def _add_training(app: FastAPI, workshop: Workshop) -> None:
    @app.post("/api/train")
    def train() -> dict[str, Any]:
        workshop.trainer.start(workshop.shelf.look())
        return {"started": True}

    @app.post("/api/cancel")
    def cancel() -> dict[str, Any]:
        workshop.trainer.cancel()
        return {"cancelled": True}


def _add_groups(app: FastAPI, workshop: Workshop) -> None:
    def tried(rule: str) -> dict[str, Any]:
        from handful.browsing.grouping import tried_rule

        return tried_rule(rule, [sample.name for sample in workshop.shelf.look().samples])

    @app.get("/api/groups")
    def groups() -> dict[str, Any]:
        """What the rule that is kept makes of the samples."""
        kept = workshop.ledger.setting(RULE)
        return tried(kept) | {"kept": kept}

    @app.post("/api/groups")
    def rule(asked: _Asked) -> dict[str, Any]:
        """What another rule would make of them; with `keep` it is kept."""
        if not isinstance(asked.get("rule"), str):
            raise Refused(422, "the request has no text 'rule'.")
        found = tried(asked["rule"])
        if asked.get("keep"):
            workshop.ledger.set(RULE, asked["rule"])
        return found | {"kept": workshop.ledger.setting(RULE)}


def _add_report(app: FastAPI, workshop: Workshop) -> None:
    @app.get("/report")
    def report() -> Response:
        return HTMLResponse(workshop.model.page())

    @app.get("/api/cell")
    def cell(actual: str, taken_for: str) -> dict[str, Any]:
        """The samples behind a cell of the confusion matrix."""
        rows = workshop.model.predictions()
        names = [row["file"] for row in rows
                 if row.get("tag") == actual and row.get("predicted") == taken_for]  # fmt: skip
        there = workshop.shelf.look().by_name
        return {"names": [name for name in names if name in there],
                "gone": [name for name in names if name not in there]}  # fmt: skip

    @app.post("/api/threshold")
    def threshold(asked: _Asked) -> dict[str, Any]:
        from handful.verbs.thresholding import threshold as verb

        workshop.model.bundle()
        if asked.get("reset"):
            chosen = verb(workshop.model.folder, reset=True)
        else:
            chosen = verb(
                workshop.model.folder,
                positive=asked.get("positive"),
                miss_costs=_number(asked, "miss_costs"),
                alarm_costs=_number(asked, "alarm_costs"),
                recall=_number(asked, "recall"),
                confidence=_number(asked, "confidence"),
                specificity=_number(asked, "specificity"),
                prevalence=_number(asked, "prevalence"),
                set=True,
            )
        workshop.events.tell()
        return {"sentence": chosen.sentence}


def _add_export(app: FastAPI, workshop: Workshop) -> None:
    @app.post("/api/export")
    def export(asked: _Asked) -> Response:
        from handful.verbs.exporting import export as verb

        name = asked.get("name")
        if name not in _FORMATS:
            raise Refused(422, f"give one of {', '.join(sorted(_FORMATS))}.")
        workshop.model.bundle()
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / name
            verb(workshop.model.folder, target, samples=workshop.place.folder)
            return Response(target.read_bytes(), media_type="application/octet-stream")


def _number(asked: dict[str, Any], name: str) -> float | None:
    value = asked.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(422, f"{name} is {value!r}: give a number.")
    return float(value)
