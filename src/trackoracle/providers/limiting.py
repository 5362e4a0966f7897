"""Politeness: so many requests a second to a host, and none before it wants to be asked again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from trackoracle.providers.requests import Answer, Deadline, Request, Sender
from trackoracle.providers.sending import late

PER_SECOND = 8.0


@dataclass
class Pace:
    """When each host may be asked next; one for the whole process, so that calls in a loop wait."""

    per_second: float = PER_SECOND
    clock: Callable[[], float] = time.monotonic
    _next: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, host: str) -> float:
        """Take the next free moment of a host; return the seconds until then."""
        with self._lock:
            here = self.clock()
            start = max(here, self._next.get(host, here))
            self._next[host] = start + 1 / self.per_second
            return start - here


PACE = Pace()


class Limited:
    """Sends no faster than the pace of a host."""

    def __init__(
        self, sender: Sender, pace: Pace = PACE, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._sender, self._pace, self._sleep = sender, pace, sleep

    def send(self, request: Request, deadline: Deadline) -> Answer:
        """Wait for the host's turn, then send.

        Raises
        ------
        DeadlineError
            When its turn is after the deadline.
        """
        wait = self._pace.reserve(request.host)
        if wait > 0:
            if not deadline.allows(wait):
                raise late(request.service, deadline)
            self._sleep(wait)
        return self._sender.send(request, deadline)
