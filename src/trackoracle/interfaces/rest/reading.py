"""Bodies of requests: received within bounds, and parsed without trust."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from typing import Any

import polars as pl
from fastapi import Request
from starlette.requests import ClientDisconnect

from trackoracle.errors import RequestError
from trackoracle.interfaces.rest.limits import Limits

_DISCARDED = 8
"""So many times the largest body is read and thrown away, so that its sender hears the answer."""
_LONGEST_HEADER = 20_000
"""Characters of the names of a CSV."""


class Kind(Enum):
    """A form in which tracks come and answers go."""

    JSON = "application/json"
    LINES = "application/x-ndjson"
    CSV = "text/csv"


def kind_of(request: Request, kinds: tuple[Kind, ...]) -> Kind:
    """Return the form of a body by its Content-Type; without one it is JSON.

    Raises
    ------
    RequestError
        415, of any other type and of compressed bodies.
    """
    given = request.headers.get("content-type", Kind.JSON.value)
    name, _, parameters = given.lower().partition(";")
    charset = parameters.partition("charset=")[2].strip(' "')
    listed = ", ".join(kind.value for kind in kinds)
    if charset not in ("", "utf-8", "utf8") or "content-encoding" in request.headers:
        raise _unfit("Content-Type", f"{listed} in UTF-8, not compressed", given, 415)
    for kind in kinds:
        if name.strip() == kind.value:
            return kind
    raise _unfit("Content-Type", listed, given, 415)


def kind_wanted(request: Request, sent: Kind) -> Kind:
    """Return the form that the sender wants by its Accept: by default that of the body.

    Raises
    ------
    RequestError
        406, when it takes none.
    """
    given = request.headers.get("accept", "*/*")
    for name in _by_weight(given):
        if name in ("*/*", sent.value, sent.value.partition("/")[0] + "/*"):
            return sent
        for kind in Kind:
            if name in (kind.value, kind.value.partition("/")[0] + "/*"):
                return kind
    raise _unfit("Accept", ", ".join(kind.value for kind in Kind), given, 406)


async def body_of(request: Request, limits: Limits, hold: Callable[[int], None]) -> bytes:
    """Receive a body.

    Parameters
    ----------
    hold
        Told how many bytes are held more; it may raise that there are too many.

    Raises
    ------
    RequestError
        413 when it is too large, 408 when it takes too long.
    """
    parts: list[bytes] = []
    size = 0
    too_large = int(request.headers.get("content-length", "0")) > limits.body_bytes
    try:
        async with asyncio.timeout(limits.upload_seconds):
            async for part in request.stream():
                size += len(part)
                too_large = too_large or size > limits.body_bytes
                if too_large:
                    parts.clear()
                    if size > _DISCARDED * limits.body_bytes:
                        break
                else:
                    hold(len(part))
                    parts.append(part)
    except TimeoutError:
        if not too_large:
            raise RequestError(
                f"body: expected it within {limits.upload_seconds:g} s, got {size:,} bytes of it "
                "in that time. Send it faster, or in parts.",
                status=int(HTTPStatus.REQUEST_TIMEOUT),
                n_bytes=size,
                most=limits.upload_seconds,
            ) from None
    except ClientDisconnect:  # nobody hears this but the log
        raise RequestError(
            f"body: expected all of it, got the end of the connection after {size:,} bytes. Send "
            "it again.",
            status=int(HTTPStatus.BAD_REQUEST),
        ) from None
    if too_large:
        raise RequestError(
            f"body: expected at most {limits.body_bytes:,} bytes, got more. Send fewer tracks "
            "at a time.",
            status=int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
            most=limits.body_bytes,
        )
    return b"".join(parts)


def parsed(raw: bytes, where: str = "body") -> Any:
    """Parse JSON: every name once, no NaN, not nested without end.

    Raises
    ------
    RequestError
        422, with what is wrong.

    Examples
    --------
    >>> parsed(b'{"tempo": 120}')
    {'tempo': 120}
    >>> parsed(b'{"tempo": 120, "tempo": 90}')
    Traceback (most recent call last):
    trackoracle.errors.RequestError: body: expected every name once, got 'tempo' twice. Leave one.
    """
    try:
        return _DECODER.decode(raw.decode("utf-8-sig"))
    except _FoundTwiceError as error:
        name = error.args[0]
        raise RequestError(
            f"{where}: expected every name once, got {name[:80]!r} twice. Leave one.", status=422
        ) from None
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else _reason(error)
        raise RequestError(
            f"{where}: expected JSON in UTF-8, got an error ({reason}). Correct it.", status=422
        ) from None


def parsed_lines(raw: bytes, most: int) -> list[Any]:
    """Parse a track a line; empty lines count nothing."""
    n_lines = raw.count(b"\n")
    if n_lines > 2 * most + 2:  # more than empty lines between explain
        check_number(n_lines, most)
    lines = [(i, line) for i, line in enumerate(raw.split(b"\n"), start=1) if line.strip()]
    check_number(len(lines), most)
    return [parsed(line, f"line {i}") for i, line in lines]


def parsed_csv(raw: bytes, most: int) -> pl.DataFrame:
    """Parse a table, all its values text: what they mean is told by the contract alone.

    Raises
    ------
    RequestError
        422 when it is no table, 413 when it has too many rows.
    """
    try:
        raw.decode("utf-8")
        header = raw.partition(b"\n")[0]
        if len(header) > _LONGEST_HEADER:
            raise ValueError(f"a first line of {len(header):,} characters")
        table = pl.read_csv(io.BytesIO(raw), infer_schema=False, raise_if_empty=True)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise RequestError(
            "body: expected a table with a line of names and a line a track, got an error "
            f"({_reason(error)}). Correct it.",
            status=422,
        ) from None
    check_number(len(table), most)
    return table


def check_number(n_tracks: int, most: int) -> None:
    """Raise when there are no tracks, or too many."""
    if n_tracks > most:
        raise RequestError(
            f"tracks: expected at most {most:,}, got {n_tracks:,}. Send them in parts.",
            status=int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
            most=most,
            n_tracks=n_tracks,
        )
    if not n_tracks:
        raise RequestError(
            'tracks: expected at least one, got none. Send one, as {"tempo": 120.0}.', status=422
        )


class _FoundTwiceError(Exception):
    """A name that stands twice in an object."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _FoundTwiceError(name)
            seen.add(name)
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number)


def _reason(error: Exception) -> str:
    """Return the first line of what a parser says, without what it read."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start:,} is not UTF-8"
    return str(error).split("\n", 1)[0][:120]


def _by_weight(accept: str) -> list[str]:
    """Return the media types of an Accept header, the most wanted first."""
    weighed: list[tuple[float, str]] = []
    for entry in accept.lower().split(",")[:50]:
        name, *parameters = (part.strip() for part in entry.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            weighed.append((float(weight), name))
        except ValueError:
            weighed.append((0.0, name))
    return [name for weight, name in sorted(weighed, key=lambda e: -e[0]) if weight > 0]


def _unfit(header: str, expected: str, given: str, status: int) -> RequestError:
    return RequestError(
        f"{header}: expected {expected}, got {given[:100]!r}. Correct it.", status=status
    )
