"""A request, its answer and what may carry it: the small interface that everything here wraps.

Behaviour is added by composition, each layer a `Sender` around another:
HTTP, then the rate of a host, then retries, then the token, then the cache.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    """What is asked of a service.

    Parameters
    ----------
    service
        Its name, for people.
    url, query
        Where and with what.
    headers, form
        Besides; `form` is the body of a POST. Kept from logs and caches: they hold secrets.
    fresh_for
        Seconds for which an answer may be given again; 0 for never.
    """

    service: str
    url: str
    query: tuple[tuple[str, str], ...] = ()
    method: Literal["GET", "POST"] = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    fresh_for: float = 0.0

    @property
    def host(self) -> str:
        """Host and port, by which requests are counted."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True)
class Answer:
    """What a service said.

    Parameters
    ----------
    status, headers, body
        Header names in small letters.
    fetched
        When: UTC, to the second.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    fetched: str = field(default_factory=lambda: now().isoformat(timespec="seconds"))


class Sender(Protocol):
    """Whatever carries a request and brings the answer before a deadline."""

    def send(self, request: Request, deadline: Deadline) -> Answer:
        """Return the answer, or raise a ServiceError."""
        ...


class Deadline:
    """The moment by which all of a piece of work must be done.

    Examples
    --------
    >>> Deadline(60.0).allows(90.0)
    False
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds left, never less than 0."""
        return max(0.0, self._end - self._clock())

    def part(self, share: float) -> Deadline:
        """Return an earlier deadline, after a share of the time left."""
        return Deadline(share * self.left, self._clock)

    def allows(self, seconds: float) -> bool:
        """Tell whether there is more time left than that."""
        return seconds < self.left


def now() -> datetime:
    """Return the time of day, in UTC."""
    return datetime.now(UTC)
