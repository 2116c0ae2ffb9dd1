"""The page, and which address answers what."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.exceptions import HTTPException

from handful.browsing.guard import Guard
from handful.browsing.judged_routes import add_judged_routes
from handful.browsing.refusals import Refused
from handful.browsing.sample_routes import add_sample_routes
from handful.browsing.stream_routes import add_stream_routes
from handful.browsing.trying_routes import add_trying_routes
from handful.browsing.workshop import Workshop
from handful.errors import HandfulError, InputError

if TYPE_CHECKING:
    from jinja2 import Template

_HERE = Path(__file__).parent
_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# What the report and the exported page have already: one place for each.
_SHARED = {
    "report.css": _HERE.parent / "report" / "templates" / "report.css",
    "recorder.js": _HERE.parent / "formats" / "page" / "recorder.js",
}


def build_app(
    workshop: Workshop, *, hosts: tuple[str, ...], token: str, ending: Callable[[], bool]
) -> FastAPI:
    """The application.

    Parameters
    ----------
    workshop : Workshop
    hosts : tuple of str
        Names under which it may be asked.
    token : str
        "" where none is needed.
    ending : callable
        Whether the server is to end: streams then end too.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        workshop.open()
        threading.Thread(target=_template, daemon=True).start()  # while the browser opens
        yield
        workshop.close()

    app = FastAPI(title="handful studio", version=version("handful"), lifespan=lifespan,
                  openapi_url=None, docs_url=None, redoc_url=None)  # fmt: skip
    for kind in (Refused, HandfulError, HTTPException, OSError, sqlite3.Error):
        app.add_exception_handler(kind, _told)
    app.add_exception_handler(RequestValidationError, _not_understood)
    _add_page_routes(app, workshop, ending)
    add_sample_routes(app, workshop)
    add_judged_routes(app, workshop)
    add_trying_routes(app, workshop)
    add_stream_routes(app, workshop)
    app.add_middleware(Guard, hosts=hosts, token=token)
    return app


def _add_page_routes(app: FastAPI, workshop: Workshop, ending: Callable[[], bool]) -> None:
    @app.get("/")
    def page() -> Response:
        return HTMLResponse(_page(workshop))

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        return _static(name)

    @app.get("/api/events")
    async def events() -> Response:
        stream = workshop.events.stream(workshop.state, ending)
        return StreamingResponse(stream, media_type="text/event-stream")


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("page.html.j2")


def _page(workshop: Workshop) -> str:
    folder = workshop.place.folder
    return _template().render(
        folder=str(folder), folder_name=folder.resolve().name, model=str(workshop.model.folder),
        version=version("handful"),
    )  # fmt: skip


def _static(name: str) -> Response:
    suffix = Path(name).suffix
    file = _SHARED.get(name, _HERE / "static" / name)
    if suffix not in _KINDS or Path(name).name != name or not file.is_file():
        raise Refused(404, f"there is no {name}.")
    return Response(file.read_bytes(), media_type=_KINDS[suffix],
                    headers={"cache-control": "no-cache"})  # fmt: skip


async def _told(request: Request, error: Exception) -> Response:
    """What went wrong, as the page shows it."""
    status, reason = 500, str(error)
    if isinstance(error, Refused):
        status, reason = error.status, error.reason
    elif isinstance(error, HTTPException):
        status, reason = error.status_code, str(error.detail)
    elif isinstance(error, InputError):
        status = 422
    elif isinstance(error, OSError):
        reason = f"the disk refused: {error.strerror or error}."
    elif isinstance(error, sqlite3.Error):
        reason = f"the studio cannot write to its own file among the samples: {error}."
    return _reason(status, reason)


async def _not_understood(request: Request, error: Exception) -> Response:
    """A request that no page of the studio sends."""
    first = (
        error.errors()[0] if isinstance(error, RequestValidationError) else {"msg": "", "loc": ()}
    )
    where = ".".join(str(part) for part in first["loc"])
    return _reason(422, f"the request cannot be read: {first['msg']} ({where}).")


def _reason(status: int, reason: str) -> Response:
    body: dict[str, Any] = {"error": reason}
    return Response(json.dumps(body), status, media_type="application/json")
