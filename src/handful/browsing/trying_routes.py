"""Addresses of trying the model: what it says of one sample, what it looked at."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool

from handful.browsing.receiving import held
from handful.browsing.refusals import Refused
from handful.browsing.workshop import Workshop
from handful.errors import UnreadableError

_MOST_B = 32_000_000


def add_trying_routes(app: FastAPI, workshop: Workshop) -> None:
    """All of them."""

    @app.post("/api/try")
    async def ask(request: Request, name: str = "this") -> dict[str, Any]:
        data = await _body(request)
        return await run_in_threadpool(_asked, workshop, name, data)

    @app.post("/api/looked-at")
    async def looked_at(request: Request) -> dict[str, Any]:
        data = await _body(request)
        return await run_in_threadpool(_looked_at, workshop, data)

    @app.get("/api/model")
    def model() -> dict[str, Any]:
        card = workshop.model.bundle().card
        keys = ("modality", "kind", "tags", "n", "rule", "reading")
        return {key: card.get(key) for key in keys}


async def _body(request: Request) -> bytes:
    data = await held(request.stream(), _MOST_B)
    if not data:
        raise Refused(422, "it is empty.")
    return data


def _asked(workshop: Workshop, name: str, data: bytes) -> dict[str, Any]:
    try:
        return workshop.model.ask(name, data)
    except UnreadableError as error:
        raise Refused(422, f"{name} {error}.") from error


def _looked_at(workshop: Workshop, data: bytes) -> dict[str, Any]:
    from handful.explaining.occlusion import occlusion

    predictor = workshop.model.predictor()
    if predictor.modality.name != "images":
        raise Refused(422, "only of photos it can be shown what the model looked at.")
    try:
        found = predictor.input_of(data)
    except UnreadableError as error:
        raise Refused(422, f"it {error}.") from error
    said = predictor.answers(["it"], [found])[0].to_json()
    tag = said.get("tag") or max(said["probabilities"], key=said["probabilities"].get)

    def share(inputs: list[dict[str, Any]]) -> list[float]:
        answers = predictor.answers([""] * len(inputs), inputs)
        return [answer.to_json()["probabilities"][tag] for answer in answers]

    drops = occlusion(found["pixels"][0], share)
    return {"tag": tag, "probability": said["probabilities"][tag], "drops": drops.tolist()}
