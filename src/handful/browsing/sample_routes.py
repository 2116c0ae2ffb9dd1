"""Addresses of the samples: listing, thumbnails, files, changes, what comes in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Body, FastAPI, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from handful.browsing.importing import table_from, take_table, take_texts
from handful.browsing.moving import Moved
from handful.browsing.receiving import check_fits, received
from handful.browsing.refusals import Refused
from handful.browsing.shelf import kind_of
from handful.browsing.thumbnails import PICTURE
from handful.browsing.workshop import Workshop
from handful.errors import UnreadableError

_FOREVER = {"cache-control": "private, max-age=31536000, immutable"}
_LARGE_PX = 1024
_Asked = Annotated[dict[str, Any], Body()]


def add_sample_routes(app: FastAPI, workshop: Workshop) -> None:
    """All of them."""
    _add_reading(app, workshop)
    _add_showing(app, workshop)
    _add_changing(app, workshop)
    _add_receiving(app, workshop)


def _add_reading(app: FastAPI, workshop: Workshop) -> None:
    @app.get("/api/samples")
    def samples() -> Response:
        return Response(json.dumps(workshop.listed()), media_type="application/json")

    @app.get("/api/flags")
    def flags() -> dict[str, Any]:
        return workshop.flags.find(workshop.shelf.last)


def _add_showing(app: FastAPI, workshop: Workshop) -> None:
    @app.get("/thumbnail/{name:path}")
    def thumbnail(name: str) -> Response:
        sample, modality = workshop.sample(name), workshop.shelf.last.modality
        if modality is None:
            raise Refused(404, f"{name} is no longer there.")
        try:
            made = workshop.thumbnails.get(sample, modality)
        except UnreadableError as error:
            raise Refused(422, f"{name} {error}.") from error
        kind = "image/jpeg" if made.kind == PICTURE else "text/plain; charset=utf-8"
        return Response(made.content, media_type=kind, headers=_FOREVER)

    @app.get("/large/{name:path}")
    def large(name: str) -> Response:
        from handful.pictures import thumbnail as shrunk

        sample = workshop.sample(name)
        try:
            content = shrunk(sample.path, side_px=_LARGE_PX)
        except UnreadableError as error:
            raise Refused(422, f"{name} {error}.") from error
        return Response(content, media_type="image/jpeg", headers=_FOREVER)

    @app.get("/sound/{name:path}")
    def sound(name: str) -> Response:
        sample, modality = workshop.sample(name), workshop.shelf.last.modality
        try:
            wav = modality.show(sample.path).sound if modality else b""
        except UnreadableError as error:
            raise Refused(422, f"{name} {error}.") from error
        return Response(wav, media_type="audio/wav", headers=_FOREVER)

    @app.get("/file/{name:path}")
    def file(name: str) -> Response:
        sample = workshop.sample(name)
        shown = quote(sample.path.name, errors="replace")
        return FileResponse(
            sample.path, media_type="application/octet-stream",
            headers={"content-disposition": f"attachment; filename*=UTF-8''{shown}"},
        )  # fmt: skip


def _add_changing(app: FastAPI, workshop: Workshop) -> None:
    mover = workshop.mover

    def done(moved: Moved) -> dict[str, Any]:
        workshop.changed()
        return {"id": moved.id, "what": moved.what, "n": moved.n, "gone": moved.gone}

    @app.post("/api/tag")
    def tag(asked: _Asked) -> dict[str, Any]:
        return done(mover.new_tag(_text(asked, "tag")))

    @app.post("/api/retag")
    def retag(asked: _Asked) -> dict[str, Any]:
        samples, gone = workshop.chosen(_names(asked))
        return done(mover.retag(samples, gone, _text(asked, "tag")))

    @app.post("/api/delete")
    def delete(asked: _Asked) -> dict[str, Any]:
        samples, gone = workshop.chosen(_names(asked))
        return done(mover.delete(samples, gone))

    @app.post("/api/rename-tag")
    def rename_tag(asked: _Asked) -> dict[str, Any]:
        listing = workshop.shelf.look()
        return done(mover.rename_tag(listing, _text(asked, "tag"), _text(asked, "to")))

    @app.post("/api/delete-tag")
    def delete_tag(asked: _Asked) -> dict[str, Any]:
        return done(mover.delete_tag(workshop.shelf.look(), _text(asked, "tag")))

    @app.post("/api/undo")
    def undo(asked: _Asked) -> dict[str, Any]:
        return done(mover.undo(_number(asked, "id")))

    @app.post("/api/accept")
    def accept(asked: _Asked) -> dict[str, Any]:
        samples, _ = workshop.chosen(_names(asked))
        workshop.ledger.accept({sample.name: sample.tag for sample in samples})
        return {"n": len(samples)}


def _add_receiving(app: FastAPI, workshop: Workshop) -> None:
    @app.post("/api/add")
    async def add(
        request: Request, tag: str, name: str, key: str, kind: str = ""
    ) -> dict[str, Any]:
        path = await received(workshop.place, name, request.stream(), workshop.request_mb)

        def take() -> Moved:
            try:
                check_fits(path, name, workshop.shelf.last, kind)
                return workshop.mover.add(path, tag, name, key)
            finally:
                path.unlink(missing_ok=True)

        taken = await run_in_threadpool(take)
        workshop.events.tell_later(workshop.changed)
        return {"name": taken.what, "id": taken.id}

    @app.post("/api/kind")
    def kind(asked: _Asked) -> dict[str, Any]:
        """What most files of an upload are, by their names."""
        found = kind_of([Path(name) for name in _names(asked)])
        return {"kind": found.name if found else ""}

    @app.post("/api/texts")
    def texts(asked: _Asked) -> dict[str, Any]:
        moved = take_texts(workshop, _text(asked, "tag"), asked.get("texts"))
        workshop.changed()
        return {"n": moved.n, "id": moved.id}

    @app.post("/api/table")
    async def table(request: Request, name: str) -> dict[str, Any]:
        path = await received(workshop.place, name, request.stream(), workshop.request_mb)
        return await run_in_threadpool(table_from, workshop, path, name)

    @app.post("/api/take-table")
    def take(asked: _Asked) -> dict[str, Any]:
        moved = take_table(workshop, _text(asked, "id"), _text(asked, "tag"))
        workshop.changed()
        return {"n": moved.n, "id": moved.id}


def _text(asked: dict[str, Any], key: str) -> str:
    value = asked.get(key)
    if not isinstance(value, str):
        raise Refused(422, f"the request has no text {key!r}.")
    return value


def _number(asked: dict[str, Any], key: str) -> int:
    value = asked.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(422, f"the request has no whole number {key!r}.")
    return value


def _names(asked: dict[str, Any]) -> list[str]:
    names = asked.get("names")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Refused(422, "the request has no list of names.")
    return names
