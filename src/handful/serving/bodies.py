"""From the body of a request to named samples, within limits of size and time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path, PurePosixPath
from typing import Any

from starlette.requests import ClientDisconnect, Request

from handful.errors import SamplesError
from handful.rows import OddJsonError, is_table, read_table, strict_json
from handful.serving.limits import Limits
from handful.serving.models import Loaded
from handful.serving.multipart import Multipart
from handful.serving.refusals import Refusal
from handful.sources.tables import ROWS, TEXTS, sources_of

Named = list[tuple[str, bytes]]
RAW = "-"  # what the command calls a sample that has no name
_FORM, _JSON = "multipart/form-data", "application/json"
_ANYTHING = "application/octet-stream"
_PARQUET = ".parquet"
_CURLS_OWN = "application/x-www-form-urlencoded"  # what curl says if nothing else is said
_MOST_PARSED_B = 8_000_000  # JSON of this size takes up to 0.3 GB while it is taken apart
_QUICK_B = 50_000  # what is taken apart within a millisecond or two
TABLES_BY_TYPE = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
}
_KINDS = {  # beginnings of the content types of a raw body
    "images": ("image/",),
    "sounds": ("audio/", "video/", "application/ogg"),
    "texts": ("text/",),
    "tables": tuple(TABLES_BY_TYPE),
    "series": ("text/csv", "text/plain", "text/tab-separated-values"),
}
JSON_KEYS = {"texts": ("text", "texts"), "tables": ("row", "rows")}  # one, many


class Budget:
    """Bytes of request bodies that are held at once."""

    def __init__(self, most_b: int) -> None:
        self.held_b = 0
        self._most_b = most_b

    def take(self, count_b: int) -> None:
        """Hold more.

        Raises
        ------
        Refusal
            Others hold so much that this does not fit.
        """
        if self.held_b + count_b > self._most_b:
            raise Refusal(429, "too many large requests at once: try again", retry_after_s=1)
        self.held_b += count_b

    def give_back(self, count_b: int) -> None:
        """Hold less."""
        self.held_b -= count_b


class Body:
    """A request's body as it arrives; `size_b` bytes of the budget are its own until `close`."""

    def __init__(self, request: Request, limits: Limits, budget: Budget) -> None:
        self.size_b = 0
        self._request, self._limits, self._budget = request, limits, budget

    async def samples(self, model: Loaded) -> Named:
        """Name and content of every sample in it.

        Raises
        ------
        Refusal
            With the status that fits.
        """
        media_type = self._request.headers.get("content-type", _ANYTHING)
        kind = media_type.partition(";")[0].strip().lower()
        _check_type(kind, model)
        self._check_declared()
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                named = await self._read(kind, media_type, model)
        except TimeoutError as error:
            raise Refusal(408, f"the request did not arrive within {self._limits.timeout_s:g} s") \
                from error  # fmt: skip
        except ClientDisconnect as error:
            raise Refusal(400, "the client went away before its request was complete") from error
        if len(named) > self._limits.waiting:
            raise Refusal(413, f"{len(named)} samples were sent; up to {self._limits.waiting} are "
                               "taken at once (--waiting)")  # fmt: skip
        return named

    def close(self) -> None:
        """Give its bytes back."""
        self._budget.give_back(self.size_b)
        self.size_b = 0

    async def _read(self, kind: str, media_type: str, model: Loaded) -> Named:
        if kind == _FORM:
            form = Multipart(media_type, self._limits.waiting)
            async for piece in self._pieces():
                form.feed(piece)
            files = form.finish()
            return [one for name, data in files for one in await _of_file(name, data, model)]
        data = b"".join([piece async for piece in self._pieces()])
        if kind == _JSON:
            return await _aside(_of_json, data, model)
        name = RAW + TABLES_BY_TYPE.get(kind, "")
        return await _of_file(name, data, model, raw=True)

    def _check_declared(self) -> None:
        declared = self._request.headers.get("content-length", "0")
        if int(declared) > self._limits.request_b:
            raise self._too_large()

    async def _pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._request.stream():
            if self.size_b + len(piece) > self._limits.request_b:
                raise self._too_large()
            self._budget.take(len(piece))
            self.size_b += len(piece)
            yield piece

    def _too_large(self) -> Refusal:
        return Refusal(413, f"the request is larger than {self._limits.request_mb:g} MB: send less "
                            "at once")  # fmt: skip


def _check_type(kind: str, model: Loaded) -> None:
    modality = model.predictor.modality
    fits = _KINDS.get(modality.name, ())
    if kind in (_FORM, _ANYTHING) or kind.startswith(fits) or kind == _JSON in _json_of(model):
        return
    also = f", {_JSON}" if _json_of(model) else ""
    with_curl = "; with curl: -F files=@FILE" if kind == _CURLS_OWN else ""
    shown = ", ".join(f"{name}*" if name.endswith("/") else name for name in fits)
    raise Refusal(
        415,
        f"the body says it is {kind[:80]!r}; this model learned from {modality.nouns}: send "
        f"{_FORM} with the field 'files', or one {modality.noun} with the Content-Type "
        f"{_ANYTHING}{f', {shown}' if shown else ''}{also}{with_curl}",
    )


def _json_of(model: Loaded) -> tuple[str, ...]:
    return (_JSON,) if model.predictor.modality.name in JSON_KEYS else ()


async def _of_file(name: str, data: bytes, model: Loaded, *, raw: bool = False) -> Named:
    """One sample, or every row of a table where the model learned from a table."""
    modality, columns = model.predictor.modality, model.predictor.bundle.card.get("columns")
    if columns and modality.name in (ROWS, TEXTS) and is_table(Path(name)):
        return await _aside(_of_table, data, model, name)
    return [(RAW if raw else name, data)]


async def _aside(take_apart: Callable[..., Named], data: bytes, *others: Any) -> Named:
    """Take a body apart, a large one in a thread, so that other requests need not wait."""
    if len(data) > _MOST_PARSED_B:
        raise Refusal(413, f"JSON and tables may have {_MOST_PARSED_B / 1e6:.0f} MB here: send "
                           "less at once")  # fmt: skip
    if len(data) < _QUICK_B:
        return take_apart(data, *others)
    return await asyncio.to_thread(take_apart, data, *others)


def _of_table(data: bytes, model: Loaded, name: str) -> Named:
    path = Path("table").with_suffix(PurePosixPath(name).suffix.lower())
    if path.suffix == _PARQUET:  # a small one can hold more than there is memory
        raise Refusal(415, "tables are taken as CSV, TSV or JSON Lines, not as Parquet")
    modality, columns = model.predictor.modality, model.predictor.bundle.card["columns"]
    try:
        table = read_table(path, data)
        sources = sources_of(modality, table, path, columns)
    except SamplesError as error:
        raise Refusal(422, str(error)) from error
    found = zip(table.names, sources, strict=True)
    return [(f"{name}:{row}", source) for row, source in found if isinstance(source, bytes)]


def _of_json(data: bytes, model: Loaded) -> Named:
    one, many = JSON_KEYS[model.predictor.modality.name]
    try:
        value = strict_json(data)
    except OddJsonError as error:
        raise Refusal(422, f"the body cannot be used: {error}") from error
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "the body is not JSON, as its Content-Type says") from error
    wanted = f'{{"{one}": ...}} or {{"{many}": [...]}}'
    if not isinstance(value, dict) or len(value) != 1 or not {one, many} & value.keys():
        raise Refusal(422, f"the body is to be {wanted}")
    items = [value[one]] if one in value else value[many]
    if not isinstance(items, list) or not items:
        raise Refusal(422, f"{many!r} is to be a list with something in it: {wanted}")
    return [(f"{one} {i}", _item(item, one, i)) for i, item in enumerate(items, 1)]


def _item(item: Any, one: str, number: int) -> bytes:
    if not isinstance(item, str if one == "text" else dict):
        kind = "a text in quotes" if one == "text" else 'an object like {"column": value}'
        raise Refusal(422, f"{one} {number} is not {kind}")
    content = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
    try:
        return content.encode()
    except UnicodeEncodeError as error:
        raise Refusal(422, f"{one} {number} holds half a character (a lone surrogate)") from error
