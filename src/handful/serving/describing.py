"""The OpenAPI description, with examples that the models being served really answer so."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from handful.serving.bodies import JSON_KEYS
from handful.serving.models import Loaded
from handful.serving.multipart import FIELD

_BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}
_FORM = {
    "schema": {
        "type": "object",
        "properties": {FIELD: {"type": "array", "items": _BINARY, "minItems": 1}},
        "required": [FIELD],
    }
}
_RAW = {"schema": {"type": "string", "format": "binary"}}
_JSON_ITEMS: dict[str, dict[str, Any]] = {
    "texts": {"type": "string", "minLength": 1},
    "tables": {"type": "object", "minProperties": 1},
}


def described(base: Mapping[str, Any], models: Sequence[Loaded]) -> dict[str, Any]:
    """The description of the routes, completed by what these models take and answer.

    Parameters
    ----------
    base : mapping
        As FastAPI writes it.
    models : sequence of Loaded
        The first one answers at ``/predict``.
    """
    document = copy.deepcopy(dict(base))
    paths = document["paths"]
    _describe(paths["/predict"]["post"], models[:1])
    _describe(paths["/models/{name}/predict"]["post"], models)
    names = [model.name for model in models]
    for path, operations in paths.items():
        for operation in operations.values() if "{name}" in path else ():
            for parameter in operation["parameters"]:
                parameter["schema"] = {"type": "string", "enum": names}
    return document


def _describe(operation: dict[str, Any], models: Sequence[Loaded]) -> None:
    content: dict[str, Any] = {"multipart/form-data": _FORM, "application/octet-stream": _RAW}
    json_body = _json_body(models)
    if json_body:
        content["application/json"] = json_body
    operation["requestBody"] = {"required": True, "content": content}
    answers = {m.name: {"value": {"predictions": [m.answer]}} for m in models if m.answer}
    if answers:
        operation["responses"]["200"]["content"]["application/json"]["examples"] = answers


def _json_body(models: Sequence[Loaded]) -> dict[str, Any]:
    """Texts and rows as JSON; {} where no model takes such."""
    schemas, examples = [], {}
    for kind, (one, many) in JSON_KEYS.items():
        fitting = [model for model in models if model.predictor.modality.name == kind]
        if fitting:
            item = _JSON_ITEMS[kind]
            schemas += [_object(one, item), _object(many, {"type": "array", "items": item,
                                                           "minItems": 1})]  # fmt: skip
        for model in fitting:
            if model.sample is not None:
                text = model.sample.decode()
                value = text if kind == "texts" else json.loads(text)
                examples[f"{model.name}, one"] = {"value": {one: value}}
                examples[f"{model.name}, many"] = {"value": {many: [value, value]}}
    if not schemas:
        return {}
    return {"schema": {"oneOf": schemas}, "examples": examples}


def _object(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: value},
        "required": [name],
        "additionalProperties": False,
    }
