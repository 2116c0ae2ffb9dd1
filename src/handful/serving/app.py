"""The application: which address answers what."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from handful.serving import counters as counting
from handful.serving import shapes
from handful.serving.describing import described
from handful.serving.gate import Gate
from handful.serving.keys import HEADER, Keys
from handful.serving.models import Loaded
from handful.serving.refusals import Refusal
from handful.serving.service import Service

_JSON = "application/json"
# The page names hashes of its own style and script; a foreign one may do no more than this.
_REPORT_MAY = (
    "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_REASONS = {
    400: "The request breaks off or is not what its Content-Type says.",
    401: "A key is needed.",
    404: "There is no such model, or no such address.",
    408: "The request did not arrive in time.",
    413: "The request, or a sample in it, is too large.",
    415: "The model learned from another kind of sample.",
    422: "A sample cannot be read; all such samples are named.",
    429: "Too many samples are waiting; Retry-After says when to ask again.",
    503: "The server is ending.",
}


def build_app(service: Service, *, allow_origin: Sequence[str] = ()) -> FastAPI:
    """The application for a service.

    Parameters
    ----------
    service : Service
    allow_origin : sequence of str
        Web pages from there may ask from the browser.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.line.open()
        service.watch.start()
        yield
        service.watch.stop()
        service.line.close()

    app = FastAPI(
        title="handful", version=version("handful"), lifespan=lifespan, openapi_url=None,
        docs_url=None, redoc_url=None, redirect_slashes=False,
        description="What models learned from a handful of tagged samples say of new ones.",
    )  # fmt: skip
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _not_found)
    _add_open_routes(app, service)
    _add_routes(app, service)
    if allow_origin:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(allow_origin), allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "Authorization", HEADER],
            expose_headers=["Retry-After", "X-Request-Id"],
        )  # fmt: skip
    app.add_middleware(
        Gate, counters=service.counters, timeout_s=service.limits.timeout_s,
        stopping=lambda: service.stopping(),
    )  # fmt: skip
    return app


def _add_open_routes(app: FastAPI, service: Service) -> None:
    """What answers without a key."""

    @app.get("/health", summary="Whether the server is alive", response_model=shapes.HealthShape)
    async def health() -> Response:
        return Response('{"status": "ok"}', media_type=_JSON)

    @app.get(
        "/ready", summary="Whether requests are welcome", response_model=shapes.ReadyShape,
        responses=_responses(503),
    )  # fmt: skip
    async def ready() -> Response:
        if service.stopping():
            raise Refusal(503, "the server is ending", retry_after_s=1)
        return _json({"ready": True, "models": list(service.models)})

    @app.get("/", include_in_schema=False)
    async def start() -> Response:
        return RedirectResponse("/report")


def _add_routes(app: FastAPI, service: Service) -> None:
    """What answers with a key, where keys are asked for."""
    guarded: dict[str, Any] = {"dependencies": [Depends(_guard(service.keys))]}
    predicting: dict[str, Any] = {
        **guarded, "summary": "What a model says of samples",
        "response_model": shapes.PredictionsShape,
        "responses": _responses(400, 401, 404, 408, 413, 415, 422, 429, 503),
    }  # fmt: skip
    telling: dict[str, Any] = {**guarded, "responses": _responses(401, 404)}

    @app.post("/predict", **predicting)
    async def predict(request: Request) -> Response:
        return await service.predict(request, None)

    @app.post("/models/{name}/predict", **predicting)
    async def predict_by_name(request: Request, name: str) -> Response:
        return await service.predict(request, name)

    @app.get("/models", summary="All models", response_model=shapes.ModelsShape, **telling)
    async def models() -> Response:
        return _json({"models": [_summary(served.now) for served in service.models.values()]})

    @app.get("/card", summary="What the model is", response_model=dict[str, Any], **telling)
    async def card() -> Response:
        return Response(service.model(None).card, media_type=_JSON)

    @app.get(
        "/models/{name}/card", summary="What a model is", response_model=dict[str, Any], **telling
    )
    async def card_by_name(name: str) -> Response:
        return Response(service.model(name).card, media_type=_JSON)

    plain: dict[str, Any] = {**guarded, "responses": _refusals(401, 404)}
    page: dict[str, Any] = {**plain, "response_class": HtmlPage}

    @app.get("/report", summary="How good the model is, as a page", **page)
    async def report() -> Response:
        return _report(service.model(None))

    @app.get("/models/{name}/report", summary="How good a model is, as a page", **page)
    async def report_by_name(name: str) -> Response:
        return _report(service.model(name))

    @app.get("/metrics", summary="Counters for Prometheus", response_class=MetricsText, **plain)
    async def metrics() -> Response:
        return MetricsText(service.metrics())

    @app.get("/openapi.json", include_in_schema=False, **guarded)
    async def openapi() -> Response:
        return _json(described(app.openapi(), [one.now for one in service.models.values()]))


class HtmlPage(Response):
    """A report."""

    media_type = "text/html"


class MetricsText(Response):
    """Text for Prometheus."""

    media_type = counting.CONTENT_TYPE


async def _nobody_is_refused() -> None:
    """Without keys everybody may ask."""


def _guard(keys: Keys) -> Callable[..., Any]:
    """What checks a request's key, and says so in the description."""
    if not keys:
        return _nobody_is_refused
    by_header = APIKeyHeader(name=HEADER, auto_error=False)
    bearer = HTTPBearer(auto_error=False)

    async def guard(
        request: Request,
        key: Annotated[Any, Depends(by_header)],
        token: Annotated[Any, Depends(bearer)],
    ) -> None:
        keys.check(request.headers)

    guard.__annotations__.update(
        key=Annotated[Any, Depends(by_header)], token=Annotated[Any, Depends(bearer)]
    )

    return guard


def _responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {
        status: {"model": shapes.RefusalShape, "description": _REASONS[status]}
        for status in statuses
    }


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The same where the answer itself is no JSON, which FastAPI would say of refusals too."""
    shape = {"schema": {"$ref": f"#/components/schemas/{shapes.RefusalShape.__name__}"}}
    return {
        status: {"content": {_JSON: shape}, "description": _REASONS[status]} for status in statuses
    }


def _summary(model: Loaded) -> dict[str, Any]:
    card = model.predictor.bundle.card
    return {
        "name": model.name, "modality": card["modality"], "kind": card["kind"],
        "tags": card["tags"], "version": model.version,
    }  # fmt: skip


def _report(model: Loaded) -> Response:
    if model.report is None:
        raise Refusal(404, "this model's folder holds no report")
    return HtmlPage(model.report, headers={"Content-Security-Policy": _REPORT_MAY})


def _json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(value), status, headers, _JSON)


async def _refused(request: Request, error: Any) -> Response:
    return _json(error.to_json(), error.status, error.headers())


async def _not_found(request: Request, error: Any) -> Response:
    words = {404: "nothing answers at this address: /openapi.json says what does",
             405: "this address answers another method"}  # fmt: skip
    reason = words.get(error.status_code, str(error.detail))
    return _json({"error": reason, "files": []}, error.status_code, error.headers)
