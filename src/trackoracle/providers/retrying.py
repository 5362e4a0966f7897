"""Another try after what may pass: a cut connection, a server's own error, a short wait asked for.

A wait that a service asks for is kept when it ends before the deadline. A longer one is an error
that says when to come back: hours were seen, and nobody waits for a program that long.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from trackoracle.errors import ServiceBusyError, ServiceUnreachableError
from trackoracle.providers.requests import Answer, Deadline, Request, Sender, now

TRIES = 4
BASE_SECONDS = 0.25
MOST_SECONDS = 4.0
_MAY_PASS = (429, 500, 502, 503, 504)
_MINUTE, _HOUR = 60, 3600
_LONGEST = 366 * 24 * _HOUR


class Retrying:
    """Sends again a few times, with waits that double and are drawn at random.

    Random waits keep many clients that failed together from coming back together.
    """

    def __init__(
        self,
        sender: Sender,
        *,
        tries: int = TRIES,
        base: float = BASE_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._sender, self._tries, self._base = sender, tries, base
        self._sleep, self._draw = sleep, draw

    def send(self, request: Request, deadline: Deadline) -> Answer:
        """Return the first answer that is not a passing error, else the last one.

        Raises
        ------
        ServiceBusyError
            When the service asks for a wait beyond the deadline.
        ServiceUnreachableError
            When the last try did not reach it.
        """
        for i in range(self._tries):
            last = i + 1 == self._tries
            wait = self._draw() * min(MOST_SECONDS, self._base * 2**i)
            try:
                answer = self._sender.send(request, deadline)
            except ServiceUnreachableError:
                if last or not deadline.allows(wait):
                    raise
            else:
                if answer.status not in _MAY_PASS:
                    return answer
                asked = asked_wait(answer.headers)
                if asked is not None and not deadline.allows(asked):
                    raise _come_back(request, answer, asked)
                wait = wait if asked is None else asked
                if last or not deadline.allows(wait):
                    return answer
            self._sleep(wait)
        raise AssertionError("the last try returns or raises")


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of Retry-After, which may also be a date; None where there are none."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        return min(max(0.0, float(text)), _LONGEST) if float(text) == float(text) else None
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - now()).total_seconds()), _LONGEST)


def _come_back(request: Request, answer: Answer, seconds: float) -> ServiceBusyError:
    moment = now() + timedelta(seconds=seconds)
    return ServiceBusyError(
        f"{request.service}: expected an answer, got {answer.status}, too many requests. "
        f"Come back at {_said(moment)} (in {duration(seconds)}).",
        service=request.service,
        seconds=seconds,
        come_back=moment.isoformat(timespec="seconds"),
    )


def _said(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{local:%Y-%m-%d %H:%M %Z}".strip()


def duration(seconds: float) -> str:
    """Say how long, as people do.

    Examples
    --------
    >>> duration(12_471), duration(2_484), duration(3)
    ('3 h 28 min', '42 min', '3 s')
    """
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    minutes = -(-int(seconds) // _MINUTE)
    return f"{minutes // 60} h {minutes % 60} min" if seconds >= _HOUR else f"{minutes} min"
