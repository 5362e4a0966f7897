"""Where answers are worked out: in threads, single tracks that come together in one batch."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl
from pydantic import BaseModel

from trackoracle.errors import RequestError
from trackoracle.interfaces.rest.limits import Limits
from trackoracle.interfaces.rest.models import TrackModel
from trackoracle.schema import TRACK_COLUMNS, typed

if TYPE_CHECKING:
    from trackoracle.oracle import Oracle

MOST_TOGETHER = 128
"""Single tracks in one batch; more wait for the next."""
_QUIET = 0.0005
"""Seconds without a new track, after which no more are waited for."""
_MOST_WAITED = 0.01
"""Seconds that a batch is waited for at most."""
Answer = TypeVar("Answer")
Wish = tuple[float, float | None]
"""Level and base rate: tracks of one wish are predicted together."""


class Workshop:
    """Threads for answers, with the time that one may take.

    Parameters
    ----------
    limits
        Of the service.
    n_threads
        Of long answers; single predictions have a thread of their own.
    """

    def __init__(self, limits: Limits, n_threads: int) -> None:
        self.limits = limits
        self.single = ThreadPoolExecutor(1, "single")
        self.long = ThreadPoolExecutor(n_threads, "long")

    async def answer(self, work: Callable[[], Answer]) -> Answer:
        """Do long work in a thread.

        Raises
        ------
        RequestError
            503, when it takes too long; what has not begun by then is not begun any more.
        """
        loop = asyncio.get_running_loop()
        return await self.within(loop.run_in_executor(self.long, work))

    async def within(self, answer: asyncio.Future[Answer]) -> Answer:
        """Wait for an answer as long as it may take."""
        try:
            return await asyncio.wait_for(answer, self.limits.answer_seconds)
        except TimeoutError:
            raise RequestError(
                f"answer: expected it within {self.limits.answer_seconds:g} s, got none yet. Ask "
                "for less at a time, or later.",
                status=int(HTTPStatus.SERVICE_UNAVAILABLE),
                retry_after=self.limits.answer_seconds,
            ) from None

    def close(self) -> None:
        """Finish what was begun."""
        self.single.shutdown()
        self.long.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Waiting:
    row: BaseModel
    wish: Wish
    answer: asyncio.Future[bytes]


class Together:
    """Single tracks that come while others are being predicted are predicted together next.

    One prediction costs little more than many at a time, and answers do not depend on which
    tracks are asked together.
    """

    def __init__(self, oracle: Oracle, model: TrackModel, workshop: Workshop) -> None:
        self._oracle = oracle
        self._model = model
        self._workshop = workshop
        self._waiting: deque[_Waiting] = deque()
        self._running: asyncio.Task[None] | None = None

    async def predict(self, row: BaseModel, wish: Wish) -> bytes:
        """Return the prediction of a track as JSON."""
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(row, wish, answer))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await self._workshop.within(answer)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        company = 1
        while self._waiting:
            await self._joined(company)
            asked = self._next()
            rows, wish = [one.row for one in asked], asked[0].wish
            try:
                found = await loop.run_in_executor(self._workshop.single, self._answers, rows, wish)
            except RuntimeError as error:  # the threads are closed
                found = [error for _ in asked]
            company = len(asked) + len(self._waiting)
            for one, answer in zip(asked, found, strict=True):
                if one.answer.done():  # the time is over
                    continue
                if isinstance(answer, Exception):
                    one.answer.set_exception(answer)
                else:
                    one.answer.set_result(answer)

    async def _joined(self, company: int) -> None:
        """Wait a moment for those who were just answered to ask again, while any does.

        Whoever asks alone never waits.
        """
        until = time.monotonic() + _MOST_WAITED
        while 1 < company > (n := len(self._waiting)) and time.monotonic() < until:
            await asyncio.sleep(_QUIET)
            if len(self._waiting) == n:
                break

    def _next(self) -> list[_Waiting]:
        """Take the tracks that are next: of one wish, in the order in which they came."""
        first = self._waiting.popleft()
        asked, later = [first], list[_Waiting]()
        while self._waiting and len(asked) < MOST_TOGETHER:
            one = self._waiting.popleft()
            if not one.answer.done():  # whose time is not over yet
                (asked if one.wish == first.wish else later).append(one)
        self._waiting.extendleft(reversed(later))
        return asked

    def _answers(self, rows: list[BaseModel], wish: Wish) -> list[bytes | Exception]:
        """Return the prediction of each track, or what is wrong with it."""
        try:
            return list(self._predicted(rows, wish))
        except Exception as error:  # of one row, whatever it is: the others have no part in it
            if len(rows) == 1:
                return [error]
        return [self._answers([row], wish)[0] for row in rows]

    def _predicted(self, rows: list[BaseModel], wish: Wish) -> list[bytes]:
        table = self._model.table(rows)
        nothing = pl.Series("track_id", [None] * len(rows), pl.String)
        given = table.get_column("track_id", default=nothing)
        # Each is the only track of its request: without an id it is number 1.
        ids = typed(given, TRACK_COLUMNS["track_id"]).values.fill_null("1")
        others = [column for column in table if column.name != "track_id"]
        table = pl.DataFrame([ids.alias("track_id"), *others])
        level, base_rate = wish
        answers = self._oracle.predict(
            table, level=level, base_rate=base_rate, refuse_extra=True
        ).to_dicts()
        return [json.dumps(answer, ensure_ascii=False).encode() for answer in answers]


def plain_json(facts: Any) -> bytes:
    """Write plain data as compact JSON; what is not a number becomes null."""
    from trackoracle.rendering import finite

    text = json.dumps(finite(facts), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()
