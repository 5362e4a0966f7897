"""What stands before every request: its id, the token, how many are under way, and the log."""

from __future__ import annotations

import asyncio
import hmac
import re
import time
import uuid
from http import HTTPStatus
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trackoracle.errors import RequestError
from trackoracle.interfaces.rest.limits import Limits
from trackoracle.interfaces.rest.problems import problem_of
from trackoracle.interfaces.rest.telling import Counts, log, log_failure
from trackoracle.rendering import locked_page

OPEN = ("/health", "/ready", "/page.css", "/page.js")
"""What is told without a token."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Pages load nothing from elsewhere, run no script within, and stand in no frame."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
_SAFE_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


class State:
    """What the service holds at the moment.

    Parameters
    ----------
    limits
        Of the service.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.under_way = 0
        self.held_bytes = 0
        self.ready = False
        self.stopping = False

    def enter(self) -> None:
        """Count a request for an answer in, or raise that there are too many."""
        if self.under_way >= self.limits.requests:
            raise _too_many(f"at most {self.limits.requests:,} requests at a time")
        self.under_way += 1

    def hold(self, n_bytes: int) -> None:
        """Count a body in, or raise that too much is held."""
        if self.held_bytes + n_bytes > self.limits.held_bytes:
            raise _too_many(f"at most {self.limits.held_bytes:,} bytes of bodies at a time")
        self.held_bytes += n_bytes


def _too_many(expected: str) -> RequestError:
    return RequestError(
        f"service: expected {expected}, got more. Ask again in a second.",
        status=int(HTTPStatus.SERVICE_UNAVAILABLE),
        retry_after=1.0,
    )


class Guard:
    """The outermost layer of the service.

    Parameters
    ----------
    app
        What is behind it.
    state, counts
        Of the service.
    token
        What `Authorization: Bearer` must say; None asks for none.
    """

    def __init__(self, app: ASGIApp, state: State, counts: Counts, token: str | None) -> None:
        self.app = app
        self.state = state
        self.counts = counts
        self.token = None if token is None else token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever happens."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # as GET: the server itself leaves out the body
            scope = {**scope, "method": "GET"}
        headers = dict(reversed(scope["headers"]))
        request = _Request(self.state, send, _request_id(headers.get(b"x-request-id", b"")))
        scope.setdefault("state", {})["told"] = request.told
        is_asking = scope["method"] == "POST"
        try:
            self._admit(scope["path"], headers.get(b"authorization", b""))
            if is_asking:
                self.state.enter()
        except RequestError as error:
            refusal = problem_of(error)
            if scope["method"] == "GET" and b"text/html" in headers.get(b"accept", b""):
                refusal = _locked(scope["path"])
            await refusal(scope, receive, request.send)
            self._count(scope, request)
            return
        self.counts.under_way.inc()
        try:
            await self.app(scope, receive, request.send)
        except Exception as error:
            log_failure(error, request.id)
            if request.status is not None:  # too late for another status: the answer breaks off
                raise RuntimeError("an answer broke off") from None
            await problem_of(_FAILED)(scope, receive, request.send)
        finally:
            self.counts.under_way.dec()
            if is_asking:
                self.state.under_way -= 1
                self.state.held_bytes -= request.told.pop("held_bytes", 0)
            self._count(scope, request)

    def _admit(self, path: str, given: bytes) -> None:
        """Raise when a token is missing or wrong."""
        if self.token is None or path in OPEN:
            return
        kind, _, token = given.partition(b" ")
        fits = hmac.compare_digest(token.strip(), self.token)
        if kind.lower() != b"bearer" or not fits:
            raise RequestError(
                "token: expected the header 'Authorization: Bearer TOKEN' with the token of this "
                f"service, got {'another' if given else 'none'}. Ask whoever runs it.",
                status=int(HTTPStatus.UNAUTHORIZED),
            )

    def _count(self, scope: Scope, request: _Request) -> None:
        """Count and log a request that is over; the address as a pattern, not as it was sent."""
        route = getattr(scope.get("route"), "path", "unknown")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        seconds = time.perf_counter() - request.began
        status = request.status or 0
        self.counts.requests.labels(method, route, status).inc()
        self.counts.seconds.labels(route).observe(seconds)
        if status == HTTPStatus.OK and "n_tracks" in request.told:
            self.counts.tracks.labels(route, request.told["model"]).inc(request.told["n_tracks"])
        log(
            "request",
            request_id=request.id,
            method=method,
            route=route,
            status=status,
            ms=round(1000 * seconds, 2),
            bytes=request.n_bytes,
            **request.told,
        )


def _locked(path: str) -> Response:
    """Return the page that asks a browser for the token."""
    page = locked_page("../" * (path.count("/") - 1))
    return Response(page, HTTPStatus.UNAUTHORIZED, PAGE_HEADERS, "text/html")


_FAILED = RequestError(
    "service: expected to answer, got an error of its own. The log says where, by the request's "
    "id; please report it.",
    status=int(HTTPStatus.INTERNAL_SERVER_ERROR),
)


class _Request:
    """One request under way: what is sent passes here."""

    def __init__(self, state: State, send: Send, request_id: str) -> None:
        self.id = request_id
        self.began = time.perf_counter()
        self.status: int | None = None
        self.n_bytes = 0
        self.told: dict[str, Any] = {}
        self._state = state
        self._send = send

    async def send(self, message: Message) -> None:
        """Send, with the headers that all answers have."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            names = {name for name, _ in message["headers"]}
            own = [(name, value) for name, value in _SAFE_HEADERS if name not in names]
            own.append((b"x-request-id", self.id.encode()))
            if self._state.stopping:  # whoever goes on asking finds another server
                own.append((b"connection", b"close"))
            message = {**message, "headers": [*message["headers"], *own]}
        elif message["type"] == "http.response.body":
            self.n_bytes += len(message.get("body", b""))
        await self._send(message)


def _request_id(given: bytes) -> str:
    """Return the id that a request came with, if it is harmless, else a new one."""
    text = given.decode("latin-1")
    return text if _ID.fullmatch(text) else uuid.uuid4().hex


async def drained(state: State, seconds: float) -> None:
    """Say that the service stops, and let whoever is connected finish and leave."""
    state.stopping = True
    await asyncio.sleep(seconds)
