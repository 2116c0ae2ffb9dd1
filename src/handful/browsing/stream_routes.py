"""Addresses of counting and listening: live from the page, or in a file that it sends."""

from __future__ import annotations

import asyncio
import json
import shutil
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from handful.browsing.moving import checked_name
from handful.browsing.receiving import held, received
from handful.browsing.refusals import Refused
from handful.browsing.workshop import Workshop
from handful.errors import HandfulError
from handful.progress import Progress

_Asked = Annotated[dict[str, Any], Body()]
_Work = Callable[[Path, Path, Progress], dict[str, Any]]
_MOST_B = 16_000_000  # at once: a few seconds of frames
_TELL_EVERY_S = 0.3


def add_stream_routes(app: FastAPI, workshop: Workshop) -> None:
    """All of them."""
    _add_live(app, workshop)
    _add_files(app, workshop)


def _add_live(app: FastAPI, workshop: Workshop) -> None:
    streams = workshop.streams

    @app.post("/api/watch")
    def watch(asked: _Asked) -> dict[str, Any]:
        from handful.browsing.live import Movement

        width_px, height_px = (_whole(asked, name) for name in ("width_px", "height_px"))
        return {"id": streams.open(Movement(width_px, height_px))}

    @app.post("/api/hear")
    def hear(asked: _Asked) -> dict[str, Any]:
        from handful.browsing.live import Hearing

        page = workshop.place.incoming / f"{uuid.uuid4().hex}.html"
        alarms = asked.get("false_alarms") or None
        stream = Hearing(_whole(asked, "rate_hz"), _whole(asked, "baseline"), alarms, page)
        return {"id": streams.open(stream)}

    @app.post("/api/stream/{name}")
    async def take(request: Request, name: str) -> dict[str, Any]:
        data = await held(request.stream(), _MOST_B)
        return await run_in_threadpool(streams.take, name, data)

    @app.post("/api/stream/{name}/end")
    def end(name: str) -> dict[str, Any]:
        return streams.end(name)

    @app.post("/api/stream/{name}/drop")
    def drop(name: str) -> dict[str, Any]:
        streams.drop(name)
        return {"dropped": True}

    @app.get("/seen/{name}")
    def seen(name: str) -> Response:
        return HTMLResponse(streams.page(name))


def _add_files(app: FastAPI, workshop: Workshop) -> None:
    async def answered(request: Request, name: str, work: _Work) -> Response:
        came = await received(workshop.place, name, request.stream(), workshop.request_mb)
        folder = workshop.place.incoming / uuid.uuid4().hex
        folder.mkdir()
        video = came.rename(folder / checked_name(name))

        def look(progress: Progress) -> dict[str, Any]:
            try:
                page = folder / "page.html"
                result = work(video, page, progress)
                kept = workshop.streams.keep(page.read_text(encoding="utf-8"))
                return {"result": result | {"file": name}, "page": kept}
            finally:
                shutil.rmtree(folder, ignore_errors=True)

        return StreamingResponse(told_lines(look, folder), media_type="application/x-ndjson")

    @app.post("/api/count-file")
    async def count_file(request: Request, name: str) -> Response:
        from handful.verbs.counting import count

        def work(video: Path, page: Path, progress: Progress) -> dict[str, Any]:
            return count(video, plot=page, progress=progress).to_json()

        return await answered(request, name, work)

    @app.post("/api/listen-file")
    async def listen_file(
        request: Request, name: str, baseline: float, false_alarms: str = ""
    ) -> Response:
        from handful.verbs.listening import listen

        def work(sound: Path, page: Path, progress: Progress) -> dict[str, Any]:
            return listen(
                sound, baseline=baseline, false_alarms=false_alarms or None, plot=page,
                progress=progress,
            ).to_json()  # fmt: skip

        return await answered(request, name, work)


class _GoneError(Exception):
    """Nobody waits for the answer any more."""


class _Told:
    """How far it is; ends the work when nobody waits for it."""

    def __init__(self) -> None:
        self.done, self.total, self.gone = 0, 0, False

    def __call__(self, stage: str, done: int, total: int, note: str = "") -> None:
        if self.gone:
            raise _GoneError
        self.done, self.total = done, total


async def told_lines(
    look: Callable[[Progress], dict[str, Any]], folder: Path
) -> AsyncIterator[str]:
    """How far it is, as lines of JSON; the last line is the answer, or why there is none."""
    told = _Told()
    task = asyncio.ensure_future(asyncio.to_thread(look, told))
    try:
        while not (await asyncio.wait({task}, timeout=_TELL_EVERY_S))[0]:
            yield json.dumps({"done": told.done, "total": told.total}) + "\n"
        yield json.dumps(_answer(task, folder)) + "\n"
    finally:
        told.gone = True
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())


def _answer(task: asyncio.Future[dict[str, Any]], folder: Path) -> dict[str, Any]:
    try:
        return task.result()
    except HandfulError as error:
        return {"error": str(error).replace(f"{folder}/", "")}


def _whole(asked: dict[str, Any], name: str) -> int:
    value = asked.get(name)
    if isinstance(value, int | float) and abs(value) < 1e9 and float(value).is_integer():
        return int(value)
    raise Refused(422, f"{name} is {value!r}: give a whole number.")
