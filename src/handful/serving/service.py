"""What the routes share: models, limits, the line, counters; and how a request is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import Request, Response

from handful.serving.batching import Errand, Line, bad_samples
from handful.serving.bodies import Body, Budget
from handful.serving.counters import Counters
from handful.serving.keys import Keys
from handful.serving.limits import Limits
from handful.serving.models import Loaded, Served
from handful.serving.refusals import Refusal
from handful.serving.watching import Watch

_WATCH_EVERY_S = 1.0


class Service:
    """Everything that the routes share.

    Parameters
    ----------
    models : mapping of str to Served
        The first one answers at ``/predict``.
    limits : Limits
    keys : Keys
    n_threads : int
    """

    def __init__(
        self, models: Mapping[str, Served], *, limits: Limits, keys: Keys, n_threads: int
    ) -> None:
        self.models = dict(models)
        self.limits, self.keys = limits, keys
        self.counters = Counters()
        self.budget = Budget(limits.held_b)
        self.line = Line(n_threads, limits, self._on_batch)
        self.watch = Watch(self.models.values(), _WATCH_EVERY_S, self._on_change)
        self.stopping: Callable[[], bool] = lambda: False

    def model(self, name: str | None) -> Loaded:
        """The model that answers now.

        Raises
        ------
        Refusal
            404: there is none of this name.
        """
        if name is None:
            return next(iter(self.models.values())).now
        if name not in self.models:
            raise Refusal(404, f"there is no such model; there are {', '.join(self.models)}")
        return self.models[name].now

    async def predict(self, request: Request, name: str | None) -> Response:
        """The answer to one request."""
        model = self.model(name)
        self.line.check_room(model)
        body = Body(request, self.limits, self.budget)
        try:
            samples = await body.samples(model)
            request.scope["handful"].update(model=model.name, samples=len(samples))
            errand = self.line.submit(model, samples)
            await self._answered(request, errand)
        finally:
            body.close()
        names = [name for name, _ in samples]
        if bad := bad_samples(errand, names):
            self.counters.add("handful_refused_samples_total", len(bad), model=model.name)
            words = f"{len(bad)} of {len(samples)} samples cannot be read"
            raise Refusal(422, words, samples=bad)
        values = [answer.to_json() for answer in errand.answers]
        try:
            text = json.dumps({"predictions": values}, allow_nan=False)
        except ValueError as error:
            raise Refusal(422, "a sample gives no finite answer: are its numbers right?") from error
        self._count(model, values)
        return Response(text, media_type="application/json")

    async def _answered(self, request: Request, errand: Errand) -> None:
        """Wait until all samples are settled, the client is gone, or it takes too long."""
        gone = asyncio.ensure_future(_disconnected(request))
        try:
            wanted = {errand.done, gone}
            done, _ = await asyncio.wait(
                wanted, timeout=self.limits.timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            gone.cancel()
            errand.abandoned = not errand.done.done()
        if errand.done in done:
            return
        if gone in done:
            raise Refusal(400, "the client went away before it was answered")
        raise Refusal(
            429, f"no answer within {self.limits.timeout_s:g} s: ask again later, or for less",
            retry_after_s=max(1, int(self.limits.timeout_s)),
        )  # fmt: skip

    def _count(self, model: Loaded, values: Sequence[Mapping[str, Any]]) -> None:
        for value in values:
            tag = value.get("tag")
            for one in value.get("tags", ["" if tag is None else tag]):
                self.counters.add("handful_samples_total", model=model.name, tag=one)
            if not value["known"]:
                self.counters.add("handful_unknown_samples_total", model=model.name)

    def metrics(self) -> str:
        """All counters as text."""
        loaded = [served.now for served in self.models.values()]
        return self.counters.text(
            {
                "handful_waiting_samples": {(): self.line.waiting},
                "handful_held_bytes": {(): self.budget.held_b},
                "handful_model_info": {
                    (("model", one.name), ("version", one.version)): 1 for one in loaded
                },
            }
        )

    def _on_batch(self, model: Loaded, n_samples: int) -> None:
        self.counters.add("handful_batches_total", model=model.name)

    def _on_change(self, name: str, outcome: str) -> None:
        self.counters.add("handful_model_changes_total", model=name, outcome=outcome)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
