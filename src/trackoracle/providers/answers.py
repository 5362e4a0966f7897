"""From the answer of a service to plain facts, or to the error that it is."""

from __future__ import annotations

import json
from typing import Any

from trackoracle.errors import ServiceAccessError, ServiceBusyError, ServiceError
from trackoracle.providers.requests import Answer, Request
from trackoracle.schema import json_kind

_MOST_SHOWN = 200
_REASONS = {
    401: "Check the credentials.",
    403: "Check what your account with the service is allowed.",
}


class NothingThereError(ServiceError):
    """A service that knows nothing under that id."""


def facts_of(request: Request, answer: Answer) -> dict[str, Any]:
    """Return the JSON object that an answer is.

    Raises
    ------
    NothingThereError
        On 404, and on 400, by which an id is refused that cannot be one.
    ServiceAccessError
        On 401 and 403.
    ServiceBusyError
        On 429.
    ServiceError
        On any other status, and on what is no JSON object.
    """
    if answer.status != 200:
        raise _error(request, answer)
    try:
        facts = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise _no_object(request, f"{len(answer.body):,} bytes that are no JSON") from error
    if not isinstance(facts, dict):
        raise _no_object(request, json_kind(facts))
    return facts


def _no_object(request: Request, got: str) -> ServiceError:
    return ServiceError(
        f"{request.service}: expected a JSON object from {request.url}, got {got}. Try again "
        "later; if it stays so, the service has changed.",
        service=request.service,
    )


def _error(request: Request, answer: Answer) -> ServiceError:
    reason = reason_of(answer)
    told = f"{answer.status}{f' ({reason})' if reason else ''}"
    facts: dict[str, object] = {"service": request.service, "status": answer.status}
    where = f"{request.service}: expected an answer from {request.url}, got {told}."
    match answer.status:
        case 400 | 404:
            return NothingThereError(f"{where} Check the link.", **facts)
        case 401 | 403:
            return ServiceAccessError(f"{where} {_REASONS[answer.status]}", **facts)
        case 429:
            return ServiceBusyError(f"{where} Come back later.", come_back=None, **facts)
        case _:
            return ServiceError(f"{where} Try again later.", **facts)


def reason_of(answer: Answer) -> str:
    """Return what a service says is wrong: of JSON the message, of plain text its first line.

    Examples
    --------
    >>> reason_of(Answer(403, b'{"error": {"status": 403}}'))
    ''
    >>> reason_of(Answer(403, b"Active premium subscription required", {}))
    'Active premium subscription required'
    """
    text = answer.body.decode(errors="replace").strip()
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        return "" if text.startswith("<") else _shown(text)
    if not isinstance(facts, dict):
        return ""
    error = facts.get("error")
    inner = error if isinstance(error, dict) else facts
    said = [inner.get("message"), inner.get("reason"), facts.get("error_description"), error]
    return _shown(next((text for text in said if isinstance(text, str) and text), ""))


def _shown(text: str) -> str:
    line = text.splitlines()[0] if text else ""
    return "".join(sign for sign in line if sign.isprintable())[:_MOST_SHOWN]
