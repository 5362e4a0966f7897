"""Requests over HTTP: bounded in time, size and redirects."""

from __future__ import annotations

import ssl
import zlib
from contextlib import ExitStack
from functools import cache
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from trackoracle.errors import DeadlineError, ServiceError, ServiceUnreachableError
from trackoracle.optional import require
from trackoracle.providers.requests import Answer, Deadline, Request

MOST_BYTES = 5_000_000
"""The most that an answer may have, packed or unpacked."""
MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_AGENT = "TrackOracle/0.1 (music popularity research tool)"


class HttpSender:
    """Carries requests by httpx, in a thread of its own with an event loop.

    In an event loop the deadline cancels whatever is going on: a name that is not resolved, a
    server that drips its headers a byte a second. Waiting on a socket, each byte would begin the
    wait anew. Open it by `with`.
    """

    def __enter__(self) -> Self:
        require("httpx", extra="live")
        import httpx
        from anyio.from_thread import start_blocking_portal

        self._opened = ExitStack()
        self._portal = self._opened.enter_context(start_blocking_portal())
        self._client = httpx.AsyncClient(
            verify=certificates(),
            timeout=None,  # noqa: S113 (the deadline ends it)
            follow_redirects=False,
            headers={"User-Agent": _AGENT, "Accept-Encoding": "gzip"},
        )
        self._opened.callback(self._portal.call, self._client.aclose)
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.close()

    def send(self, request: Request, deadline: Deadline) -> Answer:
        """Return the answer, whatever its status.

        Raises
        ------
        DeadlineError
            When it was not there in time.
        ServiceUnreachableError
            When the connection was refused or cut.
        ServiceError
            When it is too large, or leads elsewhere.
        """
        return self._portal.call(self._send, request, deadline)

    async def _send(self, request: Request, deadline: Deadline) -> Answer:
        import anyio
        import httpx

        try:
            with anyio.fail_after(deadline.left):
                return await self._follow(request)
        except TimeoutError as error:
            raise late(request.service, deadline) from error
        except (httpx.HTTPError, httpx.InvalidURL, zlib.error) as error:
            got = "no connection" if isinstance(error, httpx.ConnectError) else "none"
            raise ServiceUnreachableError(
                f"{request.service}: expected an answer from {request.host}, got {got} "
                f"({type(error).__name__}: {str(error)[:200] or 'cut off'}). "
                "Check the connection, and try again.",
                service=request.service,
            ) from error

    async def _follow(self, request: Request) -> Answer:
        url = request.url
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._once(request, url)
            if answer.status not in _REDIRECTS:
                return answer
            url = _next_address(request, url, answer.headers.get("location", ""))
        raise ServiceError(
            f"{request.service}: expected an answer, got {MOST_REDIRECTS + 1} redirects one after "
            "another. Check the address of the service.",
            service=request.service,
        )

    async def _once(self, request: Request, url: str) -> Answer:
        asked: dict[str, Any] = {"params": request.query} if request.query else {}
        if request.form:
            asked["data"] = dict(request.form)
        async with self._client.stream(
            request.method, url, headers=dict(request.headers), **asked
        ) as response:
            packed = bytearray()
            async for chunk in response.aiter_raw():
                packed += chunk
                if len(packed) > MOST_BYTES:
                    raise _too_large(request)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, _unpacked(request, packed, headers), headers)


@cache
def certificates() -> ssl.SSLContext:
    """Return whom connections trust: read once, which takes longer than a request."""
    import httpx

    return httpx.create_ssl_context()


def late(service: str, deadline: Deadline) -> DeadlineError:
    """Say that a service did not answer in time."""
    return DeadlineError(
        f"{service}: expected the whole answer within {deadline.seconds:.3g} s, got too little in "
        "that time. Try again, or allow more by TRACKORACLE_DEADLINE.",
        service=service,
        seconds=deadline.seconds,
    )


def _too_large(request: Request) -> ServiceError:
    return ServiceError(
        f"{request.service}: expected at most {MOST_BYTES // 1_000_000} MB, got more from "
        f"{request.host}. Nothing was kept; check the address of the service.",
        service=request.service,
    )


def _unpacked(request: Request, packed: bytes | bytearray, headers: dict[str, str]) -> bytes:
    """Undo gzip within the limit, so that a small answer cannot become a large one."""
    if headers.get("content-encoding", "identity") in ("identity", ""):
        return bytes(packed)
    reader = zlib.decompressobj(wbits=31)
    unpacked = reader.decompress(bytes(packed), MOST_BYTES + 1)
    if len(unpacked) > MOST_BYTES:
        raise _too_large(request)
    if not reader.eof:
        raise zlib.error("cut off")
    return unpacked


def _next_address(request: Request, here: str, location: str) -> str:
    """Return where a redirect leads, which must be the same host: requests carry secrets."""
    there = urljoin(here, location)
    same = urlsplit(there)[:2] == urlsplit(here)[:2]
    if not location or not same or request.method != "GET":
        raise ServiceError(
            f"{request.service}: expected an answer, got a redirect to "
            f"{urlsplit(there).netloc or 'nowhere'}, which is not followed. "
            "Check the address of the service.",
            service=request.service,
        )
    return there
