"""Errors as application/problem+json: the sentence and the facts of the exceptions."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from trackoracle.errors import RequestError, TrackOracleError

MEDIA_TYPE = "application/problem+json"
UNUSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
_CUT_OFF = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
"""After these the rest of a body may still be on its way: nobody waits for it."""
_LONGEST = 200
_MOST = 50
"""Characters of a text and entries of a list that are given back: a body is not sent home whole."""


def problem(
    error: TrackOracleError, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error as a response.

    Parameters
    ----------
    error
        Its sentence becomes `detail`, its attributes `facts`.
    status
        Of the response; a `RequestError` has its own.
    """
    kind = type(error)
    title = (kind.__doc__ or kind.__name__).split("\n", 1)[0].rstrip(".")
    if kind is RequestError:
        title = HTTPStatus(status).phrase
    facts = {
        "type": f"urn:trackoracle:{kind.__name__}",
        "title": title,
        "status": status,
        "detail": _cut(error.message, 10 * _LONGEST),
        "facts": _plain(error.facts),
    }
    return Response(json.dumps(facts), status, dict(headers or {}), MEDIA_TYPE)


def problem_of(error: TrackOracleError) -> Response:
    """Return an exception as a response with the status and headers that it calls for."""
    if not isinstance(error, RequestError):
        return problem(error, UNUSABLE)
    retry_after = error.facts.get("retry_after")
    headers = {}
    if isinstance(retry_after, int | float):
        headers["Retry-After"] = str(math.ceil(retry_after))
    if error.status in _CUT_OFF:
        headers["Connection"] = "close"
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(error, error.status, headers)


def add_handlers(app: FastAPI) -> None:
    """Let an application answer every error as a problem."""

    async def of_ours(_: Request, error: Exception) -> Response:
        assert isinstance(error, TrackOracleError)
        return problem_of(error)

    async def of_options(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_of(_unfit_options(error))

    async def of_paths(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        sentence = _unfit_request(request, error)
        unfit = RequestError(sentence, status=error.status_code)
        return problem(unfit, error.status_code, error.headers)

    app.add_exception_handler(TrackOracleError, of_ours)
    app.add_exception_handler(RequestValidationError, of_options)
    app.add_exception_handler(HTTPException, of_paths)


def _unfit_request(request: Request, error: HTTPException) -> str:
    """Say which methods an address has, or which address is near to one that there is not."""
    path = request.url.path
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        methods = (error.headers or {}).get("Allow", "another method")
        return (
            f"method: expected {methods}, got {_cut(request.method)}. "
            f"Send {_cut(path)} with {methods}; see /docs for how."
        )
    if error.status_code == HTTPStatus.NOT_FOUND:
        known = [*request.app.openapi()["paths"], "/docs"]
        # A long one is cut: comparing costs the square of the length.
        near = difflib.get_close_matches(path[:_LONGEST], known, n=1)
        advice = f"Did you mean {near[0]!r}?" if near else "See /docs for what there is."
        return f"address: expected one of this service, got {_cut(path)!r}. {advice}"
    what = HTTPStatus(error.status_code).phrase.lower()
    return f"request: expected one for this service, got an error ({what}). See /docs."


def _unfit_options(error: RequestValidationError) -> RequestError:
    """Say which option of the address is wrong."""
    first = error.errors()[0]
    name = str(first["loc"][-1])
    if first["type"] == "extra_forbidden":
        sentence = f"options: expected those of this address, got {_cut(name)!r}. Leave it out."
    else:
        expected = first["msg"].lower().replace("input should be", "expected")
        sentence = f"{_cut(name)}: {expected}, got {_cut(repr(first['input']))}. Correct it."
    return RequestError(sentence, status=int(UNUSABLE), option=name)


def _plain(value: Any) -> Any:
    """Return facts as JSON can hold them, long ones cut."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in list(value.items())[:_MOST]}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(entry) for entry in list(value)[:_MOST]]
    if isinstance(value, str):
        return _cut(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) < 1e300 and math.isfinite(value):
        return value
    return _cut(str(value))


def _cut(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else text[:longest] + " ..."
