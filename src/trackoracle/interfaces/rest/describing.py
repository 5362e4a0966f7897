"""The description of the service: what is asked and answered where, with examples that work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, TypeAdapter

from trackoracle.interfaces.rest.answers import Problem
from trackoracle.interfaces.rest.models import example_of
from trackoracle.interfaces.rest.problems import MEDIA_TYPE
from trackoracle.interfaces.rest.reading import Kind
from trackoracle.schema import Hit

if TYPE_CHECKING:
    from trackoracle.interfaces.rest.service import Served, Service

_REF = "#/components/schemas/"
_ABOUT = """\
Predicts how popular music tracks will be, says how sure it is and why, and what would change it.
Whatever is unknown of a track is left out; the answer is then less sure. Errors are
`application/problem+json`: what was expected, what was got, what to do, and the same as facts."""
_REFUSALS = {
    HTTPStatus.UNAUTHORIZED: "The token is missing or wrong, where one is asked for.",
    HTTPStatus.NOT_ACCEPTABLE: "None of the forms in Accept is answered.",
    HTTPStatus.REQUEST_TIMEOUT: "The body took too long to arrive.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large, or has too many tracks.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is of a form that is not read.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "What was sent cannot be meant.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "An error of the service's own.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too much at a time, or too long an answer: Retry-After.",
}
_TOLD = (HTTPStatus.UNAUTHORIZED, HTTPStatus.INTERNAL_SERVER_ERROR)


def asked(answers: Mapping[str, type[BaseModel]], *, lines: bool = False) -> dict[str, Any]:
    """Return how an endpoint that asks an oracle is described.

    Parameters
    ----------
    answers
        The models of its answer, one of which it is.
    lines
        Whether it also answers NDJSON and CSV.
    """
    refs = [{"$ref": _REF + model.__name__} for model in answers.values()]
    content: dict[str, Any] = {
        Kind.JSON.value: {"schema": refs[0] if len(refs) == 1 else {"oneOf": refs}}
    }
    if lines:
        content |= {kind.value: {"schema": {"type": "string"}} for kind in (Kind.LINES, Kind.CSV)}
    responses: dict[int | str, Any] = {200: {"description": "The answer.", "content": content}}
    left_out = () if lines else (HTTPStatus.NOT_ACCEPTABLE,)
    responses |= refusals(*(status for status in _REFUSALS if status not in left_out))
    return {"responses": responses}


def refusals(*statuses: HTTPStatus) -> dict[int | str, Any]:
    """Describe refusals; by default those that any address may answer with."""
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF + Problem.__name__}}}
    return {
        int(status): {"description": _REFUSALS[status], "content": content}
        for status in statuses or _TOLD
    }


def bodies(served: Served, what: str) -> dict[str, Any]:
    """Describe the body of an endpoint of one oracle, with examples from its contract."""
    track = example_of(served.oracle.contract)
    other = {name: value for i, (name, value) in enumerate(track.items()) if i % 2}
    one = {"$ref": f"{_REF}{served.name}-Track"}
    several = {"$ref": f"{_REF}{served.name}-Tracks"}
    album = {"tracks": [track, other]}
    told: dict[str, Any] = {
        "schema": {"oneOf": [one, several, _listed(one)]},
        "examples": {
            "one track": {"value": track},
            "several tracks": {"value": album},
            "a list": {"value": album["tracks"]},
        },
    }
    if what == "change":
        told = {
            "schema": {"$ref": f"{_REF}{served.name}-Change"},
            "examples": {"the best that can be": {"value": {"track": track, "goal": "best"}}},
        }
    elif what == "rank":
        told = {
            "schema": {
                "oneOf": [
                    {"$ref": f"{_REF}{served.name}-RankTracks"},
                    _listed({"$ref": f"{_REF}{served.name}-RankTrack"}),
                ]
            },
            "examples": {"two tracks": {"value": album}},
        }
    content = {Kind.JSON.value: told}
    if what == "predict":
        content |= {kind.value: _text(kind, track) for kind in (Kind.LINES, Kind.CSV)}
    return {"requestBody": {"required": True, "content": content}}


def _listed(one: dict[str, str]) -> dict[str, Any]:
    return {"type": "array", "items": one, "minItems": 1}


def describe(app: FastAPI, service: Service, *, has_token: bool) -> None:
    """Let an application describe itself, request models included."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app, service, has_token)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _described(app: FastAPI, service: Service, has_token: bool) -> dict[str, Any]:
    found = get_openapi(
        title="TrackOracle", version=app.version, description=_ABOUT, routes=app.routes
    )
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for served in service.served.values():
        for name, model in (*served.requests.items(), *served.answers.items()):
            schemas |= _schemas(name, model)
        if not isinstance(served.oracle.target, Hit):
            _leave_out(found, service, served, "base_rate")
    schemas |= _schemas(Problem.__name__, Problem)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    if has_token:
        found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"token": []}]
        for path in ("/health", "/ready"):
            found["paths"][path]["get"]["security"] = []
    return found


def _leave_out(found: dict[str, Any], service: Service, served: Served, option: str) -> None:
    """Take an option away from the description of one oracle's addresses."""
    for path, operations in found["paths"].items():
        own = path.startswith(f"/models/{served.name}/")
        if own or (served is service.default and not path.startswith("/models/")):
            for operation in operations.values():
                options = operation.get("parameters", [])
                options[:] = [one for one in options if one["name"] != option]


def _schemas(name: str, model: type[BaseModel] | TypeAdapter[Any]) -> dict[str, Any]:
    """Return the JSON schemas of a model and of those within."""
    template = _REF + "{model}"
    if isinstance(model, TypeAdapter):
        schema = model.json_schema(ref_template=template)
    else:
        schema = model.model_json_schema(ref_template=template)
    return {**schema.pop("$defs", {}), name: schema}


def _text(kind: Kind, track: dict[str, Any]) -> dict[str, Any]:
    """Describe a body of lines or of a table."""
    if kind is Kind.LINES:
        text = json.dumps(track) + "\n"
    else:
        cells = [";".join(v) if isinstance(v, list) else str(v) for v in track.values()]
        text = ",".join(track) + "\n" + ",".join(cells) + "\n"
    return {"schema": {"type": "string"}, "examples": {"one track": {"value": text}}}
